import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/** A text, as one of the options that the server gives for it. */
export class OptionField extends SelectionField {
    setup() {
        super.setup();
        this.type = "selection";
    }

    get options() {
        return this.props.record.data.action_options || [];
    }

    get string() {
        return this.options.find(([key]) => key === this.value)?.[1] || "";
    }
}

registry.category("fields").add("marketing_option", {
    ...selectionField,
    component: OptionField,
    displayName: _t("Value of a field that a marketing activity updates"),
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "action_options", type: "json" }],
});
