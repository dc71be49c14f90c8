import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { getAllowedTriggers } from "./workflow_rules";

/** The "+" below a card: what can come next, and after what. */
export class WorkflowAddMenu extends Component {
    static template = "marketing_automation.WorkflowAddMenu";
    static components = { Dropdown, DropdownItem };
    static props = {
        nodeKey: String,
        parent: { type: [Object, { value: null }] },
        rules: Object,
        style: String,
        depth: { type: Number, optional: true },
        add: Function,
    };
    static defaultProps = { depth: 0 };

    get triggers() {
        const { rules, parent } = this.props;
        return getAllowedTriggers(rules, parent && parent.possibleEvents);
    }

    get title() {
        return this.props.parent
            ? _t("Add an activity after “%s”", this.props.parent.name)
            : _t("Add an activity at the start");
    }
}
