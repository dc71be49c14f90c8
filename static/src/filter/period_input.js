import { Component } from "@odoo/owl";
import { Select } from "@web/core/tree_editor/tree_editor_components";
import { getPeriodUnits } from "./relative_dates";

/** How far back "in the last" goes: a number and a unit. */
export class PeriodInput extends Component {
    static template = "marketing_automation.PeriodInput";
    static components = { Select };
    static props = { value: Array, update: Function };

    get units() {
        return getPeriodUnits();
    }

    updateNumber(text) {
        const number = Math.max(parseInt(text) || 1, 1);
        this.props.update([number, this.props.value[1]]);
    }

    updateUnit(unit) {
        this.props.update([this.props.value[0], unit]);
    }
}
