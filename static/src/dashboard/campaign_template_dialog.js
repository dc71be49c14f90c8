import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { CampaignTemplateCards } from "./campaign_template_cards";

export class CampaignTemplateDialog extends Component {
    static template = "marketing_automation.CampaignTemplateDialog";
    static components = { CampaignTemplateCards, Dialog };
    static props = { close: Function };
}
