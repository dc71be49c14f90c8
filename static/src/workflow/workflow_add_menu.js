import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { getAllowedTriggers } from "./workflow_rules";
import { getBranchLabel } from "./workflow_text";

/** The "+" below a card or a branch: what can come next, and after what. */
export class WorkflowAddMenu extends Component {
    static template = "marketing_automation.WorkflowAddMenu";
    static components = { Dropdown, DropdownItem };
    static props = {
        nodeKey: String,
        parent: { type: [Object, { value: null }] },
        branch: { type: [Object, { value: null }], optional: true },
        rules: Object,
        style: String,
        depth: { type: Number, optional: true },
        add: Function,
    };
    static defaultProps = { depth: 0, branch: null };

    /** @returns {{ key: string, trigger: string, branch?: Object, icon: string, label: string }[]} */
    get choices() {
        const { rules, parent, branch } = this.props;
        const triggers = getAllowedTriggers(rules, parent);
        const plain = triggers.filter(({ key }) => key !== "branch");
        const way = triggers.find(({ key }) => key === "branch");
        if (!way) {
            return plain.map((trigger) => this.getChoice(trigger));
        }
        const ways = (branch ? [branch] : parent.branches)
            .filter((each) => !each.is_holdout)
            .map((each) => ({
                ...this.getChoice(way),
                key: each.key,
                branch: each,
                label: getBranchLabel(each),
            }));
        return branch
            ? ways
            : [
                  ...ways,
                  ...plain.map((trigger) => ({
                      ...this.getChoice(trigger),
                      label: _t("Whatever the branch"),
                  })),
              ];
    }

    getChoice({ key, icon, short_label: label }) {
        return { key, trigger: key, icon, label };
    }

    get header() {
        return this.props.parent?.branches?.length
            ? _t("On which branch?")
            : _t("What does it wait for?");
    }

    get title() {
        const { parent, branch } = this.props;
        if (branch) {
            return _t("Add a step on branch “%s”", getBranchLabel(branch));
        }
        return parent ? _t("Add a step after “%s”", parent.name) : _t("Add a step at the start");
    }

    add({ trigger, branch }) {
        this.props.add(this.props.parent, trigger, ...(branch ? [branch] : []));
    }
}
