import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useService } from "@web/core/utils/hooks";
import { CampaignTemplateCards } from "./campaign_template_cards";

export class CampaignTemplateDialog extends Component {
    static template = "marketing_automation.CampaignTemplateDialog";
    static components = { CampaignTemplateCards, Dialog };
    static props = { close: Function };
}

/** What else than an empty campaign the New button can make. */
export class CampaignNewMenu extends Component {
    static template = "marketing_automation.CampaignNewMenu";
    static components = { Dropdown, DropdownItem };
    static props = {};

    setup() {
        this.dialog = useService("dialog");
    }

    loadTemplate() {
        this.dialog.add(CampaignTemplateDialog);
    }
}
