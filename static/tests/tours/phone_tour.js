import { registry } from "@web/core/registry";
import { addAfter, card, chooseType, closeActivity, nameActivity, saveForm } from "./tour_helpers";

registry.category("web_tour.tours").add("marketing_automation_phone", {
    steps: () => [
        { trigger: ".o_mwf_small" },
        ...addAfter(),
        nameActivity("Hello"),
        ...closeActivity("Hello"),
        ...addAfter("Hello", "Opened"),
        nameActivity("Reader"),
        ...chooseType("Exit"),
        ...closeActivity("Reader"),
        ...addAfter("Hello", "Not opened"),
        nameActivity("Silent"),
        ...closeActivity("Silent"),
        {
            content: "Steps stand below each other, what follows is indented",
            trigger: `${card("Hello")}[aria-level='2']`,
        },
        ...saveForm(),
        { content: "Edit", trigger: card("Reader"), run: "click" },
        nameActivity("Has read it"),
        ...closeActivity("Has read it"),
        ...saveForm(),
    ],
});
