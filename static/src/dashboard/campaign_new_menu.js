import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useService } from "@web/core/utils/hooks";
import { CampaignTemplateDialog } from "./campaign_template_dialog";

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
