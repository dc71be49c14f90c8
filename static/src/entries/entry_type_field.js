import { Component, onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What lets people in at an entry, in words: it was chosen when the entry was added. */
export class EntryTypeField extends Component {
    static template = "marketing_automation.EntryTypeField";
    static props = { ...standardFieldProps };

    setup() {
        const rulesService = useService("marketing_workflow_rules");
        onWillStart(async () => {
            this.rules = await rulesService.load();
        });
    }

    get type() {
        const value = this.props.record.data[this.props.name];
        return this.rules.entries.find(({ key }) => key === value);
    }
}

registry.category("fields").add("marketing_entry_type", {
    component: EntryTypeField,
    displayName: _t("Type of an entry of a marketing campaign"),
    supportedTypes: ["selection"],
});
