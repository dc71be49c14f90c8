import { registry } from "@web/core/registry";
import { card, closeActivity, nameActivity, saveForm } from "./tour_helpers";

const item = (type) => `.o_mwf_palette_item[data-type='${type}']`;
const pill = (name) => `.o_mwf_join:has(.o_mwf_insert[aria-label*='${name}']) .o_mwf_branch`;

/** A workflow that is built with the palette, on lines and by what is selected. */
registry.category("web_tour.tours").add("marketing_automation_building", {
    steps: () => [
        {
            content: "A click adds after the last step",
            trigger: item("action"),
            run: "click",
        },
        nameActivity("Second"),
        ...closeActivity("Second"),
        { content: "It lacks an action", trigger: `${card("Second")} .fa-exclamation-triangle` },
        {
            content: "Drag a new one onto the line to it",
            trigger: item("wait"),
            run: `drag_and_drop ${pill("Second")}`,
        },
        nameActivity("Between"),
        ...closeActivity("Between"),
        {
            content: "What was below follows it",
            trigger: `${card("Second")}[aria-level='4']`,
        },
        {
            content: "The + of a line does the same",
            trigger: ".o_mwf_insert[aria-label*='Between']",
            run: "click",
        },
        { trigger: ".o_mwf_step_menu [data-type='sms']", run: "click" },
        nameActivity("Text"),
        ...closeActivity("Text"),
        { trigger: `${card("Second")}[aria-level='5']` },
        { content: "Change when it comes", trigger: pill("Text"), run: "click" },
        { trigger: ".o_mwf_timing_delay", run: "edit 2" },
        { trigger: ".o_mwf_timing_unit", run: "select days" },
        { trigger: ".o_mwf_timing button[type='submit']", run: "click" },
        { trigger: `${pill("Text")}:contains(2 days later)` },
        { content: "Bring the start into sight", trigger: ".o_mwf_fit", run: "click" },
        {
            content: "Put it back to the start, with all that follows",
            trigger: card("Between"),
            run: "drag_and_drop .o_mwf_start",
        },
        { trigger: `${card("Between")}[aria-level='2']` },
        { content: "Undo", trigger: ".o_mwf_undo:enabled", run: "click" },
        { trigger: `${card("Between")}[aria-level='4']` },
        ...saveForm(),
    ],
});
