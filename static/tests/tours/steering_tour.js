import { registry } from "@web/core/registry";
import {
    addAfter,
    addOnWay,
    card,
    chooseType,
    closeActivity,
    nameActivity,
    pick,
    saveForm,
    select,
} from "./tour_helpers";

registry.category("web_tour.tours").add("marketing_automation_steering", {
    steps: () => [
        // 1: go on by what was done with the email
        ...addAfter("Hello", "Then"),
        ...chooseType("Condition"),
        {
            content: "Its type is name enough",
            trigger: ".o_mwf_side [name='name'] input:value(Condition)",
        },
        {
            content: "All others go on, too",
            trigger: ".o_mwf_side .o_marketing_otherwise",
        },
        nameActivity("Read it"),
        {
            content: "Open the way that is there",
            trigger: ".o_mwf_side [name='branch_ids'] .o_data_row:first .o_data_cell[name='name']",
            run: "click",
        },
        {
            trigger: ".o_marketing_branch_form [name='branch_type'] label:contains(Event)",
            run: "click",
        },
        {
            content: "The message before is proposed, and that it was opened",
            trigger: ".o_marketing_branch_form [name='event_activity_id'] input:value(Hello)",
        },
        {
            content: "Its test in words stands for its name",
            trigger: ".o_marketing_branch_form [name='name'] input[placeholder*='opened']",
        },
        { trigger: ".modal:has(.o_marketing_branch_form) .o_form_button_save", run: "click" },
        {
            trigger:
                "body:not(:has(.o_marketing_branch_form)) .o_mwf_side .o_data_row:contains(“Hello” was opened)",
        },
        ...closeActivity("Read it"),
        // 2: on a way that was never saved
        ...addOnWay("“Hello” was opened"),
        ...chooseType("Split"),
        nameActivity("Which one"),
        {
            content: "It comes on that way",
            trigger: ".o_mwf_side .o_marketing_sentence:contains(on branch ““Hello” was opened”)",
        },
        {
            trigger: ".o_mwf_side [name='branch_ids'] .o_data_row:last .o_data_cell[name='weight']",
            run: "click",
        },
        { trigger: ".o_mwf_side [name='weight'] input", run: "edit 150 && press Tab" },
        {
            content: "The share follows",
            trigger:
                ".o_mwf_side [name='branch_ids'] .o_data_row:last [name='share']:contains(75%)",
        },
        ...closeActivity("Which one"),
        // 3: wait, for those who did not open it
        ...addOnWay("Otherwise"),
        ...chooseType("Wait"),
        nameActivity("Patience"),
        {
            content: "It waits for the message before",
            trigger: ".o_mwf_side [name='wait_activity_id'] input:value(Hello)",
        },
        ...select("wait_event", "Clicked"),
        ...closeActivity("Patience"),
        // 4: end, or begin anew
        ...addOnWay("Met"),
        ...chooseType("Exit"),
        nameActivity("Enough"),
        ...closeActivity("Enough"),
        ...addOnWay("Time's up"),
        ...chooseType("Go To"),
        nameActivity("Again"),
        ...pick("goto_activity_id", "Hello"),
        {
            content: "What it means is said",
            trigger: ".o_mwf_side div:contains(Branches merge there)",
        },
        ...closeActivity("Again"),
        // A jump is followed with one click.
        { trigger: `${card("Again")} .o_mwf_jump:contains(Hello)`, run: "click" },
        { trigger: `.o_mwf_flash:has(.o_mwf_name:contains(Hello)) .o_mwf_sources:contains(Again)` },
        ...saveForm(),
    ],
});
