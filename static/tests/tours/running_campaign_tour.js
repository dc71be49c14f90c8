import { registry } from "@web/core/registry";
import {
    addAfter,
    card,
    chooseAction,
    chooseType,
    closeActivity,
    nameActivity,
    pick,
    saveForm,
} from "./tour_helpers";

registry.category("web_tour.tours").add("marketing_automation_update", {
    steps: () => [
        { content: "Figures show", trigger: `${card("Touch")} .o_mwf_number:contains(2)` },
        ...addAfter("Touch", ""),
        nameActivity("Touch again"),
        ...chooseType("Server Action"),
        chooseAction("Existing Action"),
        ...pick("server_action_id", "Mark as hot"),
        ...closeActivity("Touch again"),
        ...saveForm(),
        {
            content: "It says that an update is needed, and where",
            trigger: ".alert:contains(Update applies the changes)",
        },
        { trigger: `${card("Touch again")} .o_mwf_signs .fa-refresh` },
        { trigger: ".o_form_statusbar button[name='action_update_participants']", run: "click" },
        { trigger: "body:not(:has(.alert:contains(Update applies the changes)))" },
        { trigger: `${card("Touch again")} .o_mwf_number:contains(2)` },
        {
            content: "A number opens what is behind it",
            trigger: `${card("Touch again")} [data-figure=scheduled]`,
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:eq(1)" },
        { trigger: ".o_back_button", run: "click" },
        {
            content: "Delete says what goes with it",
            trigger: `${card("Touch again")} .o_mwf_menu`,
            run: "click",
        },
        { trigger: ".o-dropdown--menu .dropdown-item:contains(Delete)", run: "click" },
        { trigger: ".modal-body:contains(2 scheduled steps are cancelled)" },
        { trigger: ".modal-footer .btn-danger", run: "click" },
        ...saveForm(),
        { trigger: `.o_marketing_workflow:not(:has(.o_mwf_card:eq(1))) ${card("Touch")}` },
    ],
});

registry.category("web_tour.tours").add("marketing_automation_journey", {
    steps: () => [
        { trigger: "button[name='action_view_marketing_participants']", run: "click" },
        {
            content: "The way taken",
            trigger: `${card("Touch")}.o_mwf_tone_done .o_mwf_status:contains(Done)`,
        },
        { trigger: `${card("Later")}.o_mwf_tone_planned .o_mwf_status:contains(Waits until)` },
        { trigger: card("Touch"), run: "click" },
        {
            content: "A step shows its trace",
            trigger: ".modal [name='activity_id']:contains(Touch)",
        },
        { trigger: ".modal .btn-close", run: "click" },
        { trigger: "body:not(:has(.modal)) button[name='action_open_record']", run: "click" },
        { trigger: ".o_form_view [name='category_id']" },
    ],
});

registry.category("web_tour.tours").add("marketing_automation_reports", {
    steps: () => [
        ...[
            ["marketing_automation.marketing_trace_menu", ".o_graph_renderer canvas"],
            ["marketing_automation.marketing_participant_menu", ".o_graph_renderer canvas"],
            ["marketing_automation.link_tracker_menu", ".o_graph_renderer canvas"],
        ].flatMap(([menu, content]) => [
            {
                trigger:
                    "[data-menu-xmlid='marketing_automation.marketing_automation_menu_reporting']",
                run: "click",
            },
            { trigger: `[data-menu-xmlid='${menu}']`, run: "click" },
            { trigger: content },
            { trigger: ".o_switch_view.o_pivot", run: "click" },
            { trigger: ".o_pivot table" },
            { trigger: ".o_switch_view.o_list", run: "click" },
            { trigger: ".o_list_view" },
        ]),
        {
            trigger: "[data-menu-xmlid='marketing_automation.marketing_automation_menu_reporting']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='marketing_automation.marketing_campaign_menu_overview']",
            run: "click",
        },
        { trigger: ".o_data_row [name='name']:contains(Running campaign)", run: "click" },
        { trigger: ".o_marketing_funnel tr:contains(Touch) td:contains(100%)" },
        { trigger: ".o_marketing_overview canvas" },
        { trigger: `${card("Touch")} .o_mwf_figures` },
    ],
});

registry.category("web_tour.tours").add("marketing_automation_held", {
    steps: () => [
        {
            content: "The page says how far it has come",
            trigger: ".o_marketing_sending.alert-warning:contains(0 of 2 sent)",
        },
        { trigger: ".o_marketing_sending [role=progressbar][aria-valuenow='0']" },
        { trigger: ".o_marketing_hold:contains(“Hello”):contains(451 4.7.1 Too much mail)" },
        { trigger: ".o_marketing_hold:contains(Ask your administrator)" },
        { trigger: `${card("Hello")} [data-figure=queued]:contains(2 queued)` },
        { trigger: ".o_marketing_try_now", run: "click" },
        { trigger: ".o_marketing_hold:contains(It is being tried again)" },
    ],
});
