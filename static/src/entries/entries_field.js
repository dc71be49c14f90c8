import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The entries of a campaign: the workflow draws them, here they are only loaded with the form. */
export class EntriesField extends Component {
    static template = xml`<t/>`;
    static props = { ...standardFieldProps };
}

registry.category("fields").add("marketing_entries", {
    component: EntriesField,
    displayName: _t("Entries of a marketing campaign"),
    supportedTypes: ["one2many"],
    useSubView: true,
});
