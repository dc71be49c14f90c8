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
    startCampaign,
} from "./tour_helpers";

registry.category("web_tour.tours").add("marketing_automation_campaign", {
    url: "/odoo/marketing-automation",
    steps: () => [
        {
            content: "Templates show where there is no campaign",
            trigger: ".o_marketing_template[data-template='double_optin']",
        },
        { content: "Begin from scratch", trigger: ".o_marketing_scratch", run: "click" },
        {
            trigger: ".o_marketing_name input",
            run: "edit Three levels",
        },
        // 1: an email that exists
        ...addAfter(),
        nameActivity("Hello"),
        ...pick("mass_mailing_id", "Ready email"),
        ...closeActivity("Hello"),
        // 2: a text message that is written here; the email before it is not saved yet
        ...addAfter("Hello", "Not opened"),
        {
            content: "The parent is filled in",
            trigger: ".o_mwf_side [name='parent_name']:contains(Hello)",
        },
        nameActivity("Text"),
        { trigger: ".o_mwf_side [name='interval_number'] input", run: "edit 2 && press Tab" },
        {
            content: "The trigger is put in words",
            trigger:
                ".o_mwf_side .o_marketing_sentence:contains(Sends 2 days after “Hello”, unless it was opened by then)",
        },
        ...chooseType("SMS"),
        {
            trigger: ".o_mwf_side .o_field_widget[name='sms_text'] textarea",
            run: "edit See https://www.example.com",
        },
        {
            content: "Its length is counted as it is sent",
            trigger: ".o_mwf_side .o_sms_count:contains(including link trackers)",
        },
        {
            content: "Its card shows it",
            trigger: `${card("Text")} .o_mwf_content:contains(https://www.example.com)`,
        },
        ...closeActivity("Text"),
        // 3: a server action
        ...addAfter("Text", "Clicked"),
        nameActivity("Mark"),
        ...chooseType("Server Action"),
        chooseAction("Existing Action"),
        ...pick("server_action_id", "Mark as hot"),
        ...closeActivity("Mark"),
        // 4: without code, in two clicks; what it does is proposed as its name
        ...addAfter("Mark", ""),
        ...chooseType("Server Action"),
        chooseAction("Add a Tag"),
        ...pick("action_record", "VIP"),
        { trigger: ".o_mwf_side [name='name'] input:value(Add tag VIP)" },
        ...closeActivity("Add tag VIP"),
        ...saveForm(),
        {
            content: "Three levels are drawn",
            trigger: `.o_mwf_card[aria-level='4']:has(.o_mwf_name:contains(Mark))`,
        },
        ...startCampaign(),
        { trigger: ".o_arrow_button_current:contains(Running)" },
        // The branch is copied with its messages
        { trigger: `${card("Text")} .o_mwf_menu`, run: "click" },
        { trigger: ".o-dropdown--menu .dropdown-item:contains(Duplicate)", run: "click" },
        { trigger: ".o_marketing_workflow:has(.o_mwf_card:eq(6))" },
        ...saveForm(),
    ],
});

registry.category("web_tour.tours").add("marketing_automation_template", {
    url: "/odoo/marketing-automation",
    steps: () => [
        { trigger: ".o_kanban_record:contains(Existing)" },
        { trigger: ".o_marketing_new_menu", run: "click" },
        { trigger: ".o-dropdown--menu .dropdown-item:contains(Load a template)", run: "click" },
        { trigger: ".modal .o_marketing_template[data-template='hot_contacts']", run: "click" },
        { trigger: ".o_form_view .o_mwf_card" },
        { trigger: ".breadcrumb-item:contains(Campaigns), .o_back_button", run: "click" },
        { trigger: ".o_kanban_record:contains(Existing)" },
    ],
});

// A running, tested campaign in ten clicks at most: the test counts them here.
registry.category("web_tour.tours").add("marketing_automation_ten_clicks", {
    steps: () => [
        { trigger: ".o_marketing_template[data-template='hot_contacts']", run: "click" },
        { trigger: "button[name='action_launch_test']", run: "click" },
        {
            content: "A record of the audience is picked already",
            trigger: ".modal [name='resource_ref'] input:value(0 comes first)",
        },
        { trigger: ".modal button[name='action_launch_test']", run: "click" },
        { trigger: `${card("Welcome email")} button[data-action='run']`, run: "click" },
        { trigger: `${card("Welcome email")} button[data-action='mail_click']`, run: "click" },
        { trigger: `${card("Tag as hot contact")} button[data-action='run']`, run: "click" },
        { trigger: ".alert:contains(This test is completed)" },
        { trigger: ".o_back_button, .breadcrumb-item:last", run: "click" },
        { trigger: "button[name='action_review']", run: "click" },
        {
            content: "What will happen is said before",
            trigger: ".modal .o_marketing_review_audience:contains(enter now)",
        },
        { trigger: ".modal button[name='action_start']:enabled", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Running)" },
    ],
});
