import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";

/** Adds another way into a campaign: what can let people in. */
export class EntryAddMenu extends Component {
    static template = "marketing_automation.EntryAddMenu";
    static components = { Dropdown, DropdownItem };
    static props = {
        types: Array,
        add: Function,
        className: String,
        style: { type: String, optional: true },
        slots: Object,
    };
    static defaultProps = { style: "" };
}
