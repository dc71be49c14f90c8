import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { CampaignTemplateCards } from "./campaign_template_cards";

/** What shows where there is no campaign: templates, or an empty one. */
export class CampaignActionHelper extends Component {
    static template = "marketing_automation.CampaignActionHelper";
    static components = { CampaignTemplateCards };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    startFromScratch() {
        return this.action.switchView("form", { resId: false });
    }
}
