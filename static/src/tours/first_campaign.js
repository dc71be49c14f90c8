import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const TEMPLATE = ".o_marketing_template[data-template='hot_contacts']";

// A marketer's first campaign, from a template to the review before its start, which stays theirs:
// it writes to people. Where there are campaigns, the third step points beside the menu that leads to
// the templates: a click in the menu itself would end the step, and what hangs below it must not
// cover the menu.
registry.category("web_tour.tours").add("marketing_automation_first_campaign", {
    url: "/odoo",
    steps: () => [
        {
            isActive: ["community", "desktop"],
            trigger: ".o_navbar_apps_menu button:enabled",
            content: _t("Your apps are here."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_app[data-menu-xmlid='marketing_automation.marketing_automation_menu']",
            content: _t("Let's build a campaign that writes to your contacts by itself."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            isActive: ["auto"],
            trigger: TEMPLATE,
            run: "click",
        },
        {
            isActive: ["manual"],
            trigger: `${TEMPLATE}, .o_control_panel:has(.o_marketing_new_menu) .o_breadcrumb`,
            content: _t(
                "Load the template “Tag Hot Contacts”. If you have campaigns already, the arrow next to New leads to it."
            ),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_marketing_workflow .o_mwf_card",
            content: _t("This is the workflow, step by step. Open the first one."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: ".o_mwf_side:has(.o_marketing_activity_form) .o_mwf_side_close",
            content: _t("Here you write what is sent, and say when. Close it when you are done."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name='action_launch_test']",
            content: _t("Try the campaign with one contact before you start it."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".modal button[name='action_launch_test']",
            content: _t(
                "It is picked already: yourself, or the first contact that matches. What you run in the test really happens to it. Launch."
            ),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: ".o_mwf_card button[data-action='run']",
            content: _t("Nothing runs by itself in a test. Run the first step now."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".breadcrumb-item:last, .o_back_button",
            content: _t("It works. Back to the campaign."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button[name='action_review']",
            content: _t("Before it starts, you see whom it reaches, and what looks wrong."),
            tooltipPosition: "bottom",
            run: "click",
        },
    ],
});
