import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** So long before or after a date: one number, negative for before, with its unit. */
export class DistanceField extends Component {
    static template = "marketing_automation.DistanceField";
    static props = { ...standardFieldProps, unitField: String };

    setup() {
        this.state = useState({ isBefore: this.value < 0 });
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get isBefore() {
        return this.value ? this.value < 0 : this.state.isBefore;
    }

    get units() {
        return this.props.record.fields[this.props.unitField].selection;
    }

    get unit() {
        return this.props.record.data[this.props.unitField];
    }

    update(number, isBefore) {
        this.state.isBefore = isBefore;
        return this.props.record.update({ [this.props.name]: isBefore ? -number : number });
    }

    onNumberChange(ev) {
        const number = Math.abs(parseInt(ev.target.value) || 0);
        ev.target.value = number;
        return this.update(number, this.isBefore);
    }

    onSideChange(ev) {
        return this.update(Math.abs(this.value), ev.target.value === "before");
    }

    onUnitChange(ev) {
        return this.props.record.update({ [this.props.unitField]: ev.target.value });
    }
}

registry.category("fields").add("marketing_distance", {
    component: DistanceField,
    displayName: _t("Distance from a date"),
    supportedTypes: ["integer"],
    extractProps: ({ options }) => ({ unitField: options.unit_field }),
});
