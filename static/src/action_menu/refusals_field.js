import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Why some of the selected records are not taken in, with their numbers. */
export class RefusalsField extends Component {
    static template = "marketing_automation.RefusalsField";
    static props = { ...standardFieldProps };

    get refusals() {
        return (this.props.record.data[this.props.name] || []).map(({ text, count }) => ({
            text,
            count: formatInteger(count),
        }));
    }
}

registry.category("fields").add("marketing_refusals", {
    component: RefusalsField,
    displayName: _t("Why records are not taken in"),
    supportedTypes: ["json"],
});
