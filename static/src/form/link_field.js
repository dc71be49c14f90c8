import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useSpecialData } from "@web/views/fields/relational_utils";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/** One of the links of the message of an activity, also before it was ever sent. */
export class LinkField extends SelectionField {
    setup() {
        // Without the parent's, which would load the links of all messages.
        this.type = this.props.record.fields[this.props.name].type;
        this.specialData = useSpecialData(async (orm, { record }) => {
            const activity = record.data.event_activity_id;
            return activity ? orm.call("marketing.activity", "get_links", [[activity.id]]) : [];
        });
    }

    get options() {
        const value = this.props.record.data[this.props.name];
        const links = this.specialData.data || [];
        return value && !links.some(([id]) => id === value.id)
            ? [...links, [value.id, value.display_name]]
            : links;
    }
}

registry.category("fields").add("marketing_link", {
    ...selectionField,
    component: LinkField,
    displayName: _t("Link of a message"),
    supportedTypes: ["many2one"],
    fieldDependencies: [{ name: "event_activity_id", type: "many2one" }],
});
