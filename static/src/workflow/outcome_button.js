import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

/**
 * Where those who have reached a step are: the numbers add up.
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object | null} figures of the step
 * @returns {Object[]} figures with `count`, and with `reasons`, the most frequent first
 */
export function getOutcomes(rules, figures) {
    return rules.outcomes.map((outcome) => ({
        ...outcome,
        count: figures?.[outcome.key] || 0,
        reasons: figures?.reasons?.[outcome.key] || [],
    }));
}

/** A number, or what stands for it, that opens those behind it; reason by reason, where there
 *  are several. */
export class OutcomeButton extends Component {
    static template = "marketing_automation.OutcomeButton";
    static components = { Dropdown, DropdownItem };
    static props = {
        outcome: Object,
        className: String,
        tabIndex: { type: Number, optional: true },
        /** called with the key of the figure, and perhaps with that of a reason */
        open: Function,
        slots: { type: Object, optional: true },
    };

    setup() {
        this.formatInteger = formatInteger;
    }

    get title() {
        const { label, count, help, reasons } = this.props.outcome;
        return _t("%(label)s: %(count)s. %(help)s", {
            label,
            count: formatInteger(count),
            help: reasons.length === 1 ? reasons[0].label : help,
        });
    }
}
