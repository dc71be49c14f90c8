import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/** The events that can happen to an activity: their keys are in another field. */
export class EventField extends SelectionField {
    static props = { ...SelectionField.props, keysField: String };

    get options() {
        const keys = this.props.record.data[this.props.keysField] || [];
        const value = this.props.record.data[this.props.name];
        return super.options.filter(([key]) => key === value || keys.includes(key));
    }
}

registry.category("fields").add("marketing_event", {
    ...selectionField,
    component: EventField,
    displayName: _t("Event of a marketing activity"),
    supportedTypes: ["selection"],
    extractProps: ({ options, ...info }, dynamicInfo) => ({
        ...selectionField.extractProps({ options, ...info }, dynamicInfo),
        keysField: options.keys_field,
    }),
});
