import { registry } from "@web/core/registry";
import { card } from "./tour_helpers";

// From an empty database to a campaign of one's own that was tested and runs: what is clicked and
// typed is counted by the test.
registry.category("web_tour.tours").add("marketing_automation_first_run", {
    steps: () => [
        {
            content: "Nothing is done yet",
            trigger: ".o_marketing_first_next [data-step='begin']",
        },
        { content: "Somebody to try it on", trigger: ".o_marketing_add_samples", run: "click" },
        { trigger: ".o_marketing_remove_samples" },
        {
            content: "What it would look like",
            trigger: ".o_marketing_template[data-template='welcome'] .o_marketing_picture_email",
        },
        { trigger: ".o_marketing_template[data-template='welcome']", run: "click" },
        { content: "In one's own words", trigger: card("Welcome email"), run: "click" },
        { trigger: ".o_mwf_side .o_marketing_edit", run: "click" },
        {
            trigger: ".modal [name='subject'] input",
            run: "edit Good to have you, from all of us",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_mwf_side_close", run: "click" },
        {
            trigger: "body:not(:has(.o_mwf_side)) button[name='action_launch_test']",
            run: "click",
        },
        {
            content: "A sample contact is picked already",
            trigger: ".modal [name='resource_ref'] input:value(Sample)",
        },
        { trigger: ".modal button[name='action_launch_test']", run: "click" },
        { trigger: `${card("Welcome email")} button[data-action='run']`, run: "click" },
        { trigger: `${card("Welcome email")}.o_mwf_tone_done` },
        { trigger: ".o_back_button, .breadcrumb-item:last", run: "click" },
        { trigger: `${card("Welcome email")}:contains(Good to have you)` },
        { trigger: "button[name='action_review']", run: "click" },
        { trigger: ".modal button[name='action_start']:enabled", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Running)" },
        { trigger: ".o_back_button, .breadcrumb-item:contains(Campaigns)", run: "click" },
        {
            content: "All is ticked",
            trigger:
                ".o_marketing_first_steps:has(li:eq(4).o_marketing_first_done):contains(5 of 5)",
        },
    ],
});
