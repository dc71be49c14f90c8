import { registry } from "@web/core/registry";
import { pick, saveForm, startCampaign } from "./tour_helpers";

const tours = registry.category("web_tour.tours");

tours.add("marketing_automation_entries", {
    steps: () => [
        {
            content: "Without an entry nobody comes in",
            trigger: ".o_mwf_nobody:contains(Nobody comes in)",
        },
        { trigger: ".o_mwf_nobody .o_mwf_add_entry", run: "click" },
        { trigger: ".dropdown-item[data-type='manual']", run: "click" },
        {
            content: "It is said in words",
            trigger:
                ".o_mwf_side [name='name'] input[placeholder='Records that are added by hand']",
        },
        { trigger: ".o_mwf_side [name='name'] input", run: "edit Trade fair" },
        { trigger: ".o_mwf_side_close", run: "click" },
        {
            content: "It stands above the start",
            trigger: "body:not(:has(.o_mwf_side)) .o_mwf_entry:contains(Trade fair)",
        },
        { trigger: ".o_marketing_section_button[name='entries']:contains(By hand)", run: "click" },
        { trigger: ".o_marketing_section [name='reentry'] input", run: "click" },
        { trigger: ".o_select_menu_item:contains(Again after the last run ended)", run: "click" },
        { trigger: "[name='reentry_delay_number'] input", run: "edit 2 && press Tab" },
        ...saveForm(),
        { trigger: ".o_mwf_entry:contains(Trade fair)", run: "click" },
        {
            content: "It opens with the campaign that was saved",
            trigger: ".o_mwf_side .o_marketing_entry_form:contains(Add to a Campaign)",
        },
        { trigger: ".o_mwf_side_close", run: "click" },
        { trigger: "body:not(:has(.o_mwf_side))" },
        ...startCampaign(),
        { trigger: ".o_arrow_button_current:contains(Running)" },
    ],
});

tours.add("marketing_automation_add_by_hand", {
    steps: () => [
        { trigger: ".o_cp_action_menus .dropdown-toggle", run: "click" },
        { trigger: ".o-dropdown--menu .o_menu_item:contains(Add to a Campaign)", run: "click" },
        {
            content: "What will become of it is said before",
            trigger: ".modal:contains(1 of 1):contains(will be taken in)",
        },
        { trigger: ".modal button[name='action_enrol']:contains(Add 1 record)", run: "click" },
        { trigger: ".o_notification:contains(Added to campaign)" },
        { trigger: "body:not(:has(.modal)) .o_cp_action_menus .dropdown-toggle", run: "click" },
        { trigger: ".o-dropdown--menu .o_menu_item:contains(Add to a Campaign)", run: "click" },
        {
            content: "Why it is not taken in again",
            trigger: ".modal [name='refusals']:contains(It takes part already)",
        },
        { trigger: ".modal button:contains(Discard)", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});

/** Say what a value of the last call is for. */
function use(place, choice) {
    return [
        {
            content: `Click on ${place}`,
            trigger: `.o_mwf_side .o_marketing_payload_value[data-place='${place}']`,
            run: "click",
        },
        { trigger: `.o-dropdown-item:contains(${choice})`, run: "click" },
    ];
}

tours.add("marketing_automation_webhook", {
    steps: () => [
        { trigger: ".o_mwf_entry:contains(Shop)", run: "click" },
        ...use("/order/buyer/mail", "Find the record by it"),
        {
            content: "What it is used for stands at the value",
            trigger: ".o_marketing_payload div:contains(ada) > .badge:contains(Found by)",
        },
        ...use("/order/number", "It is the key of the run"),
        { trigger: ".o_marketing_payload div:contains(SO-1) > .badge:contains(Key)" },
        { trigger: ".o_mwf_side [name='is_creating'] input", run: "click" },
        ...use("/order/buyer/job", "Write it to a field"),
        ...pick("field_id", "Job Position"),
        { trigger: ".o_mwf_side_close", run: "click" },
        { trigger: "body:not(:has(.o_mwf_side))" },
        ...saveForm(),
    ],
});
