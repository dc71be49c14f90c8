import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { getPayloadLines } from "./payload_tree";

/** The last call of a webhook: a click on a value says what it is for. */
export class PayloadField extends Component {
    static template = "marketing_automation.PayloadField";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data;
    }

    get lines() {
        return getPayloadLines(this.data[this.props.name]);
    }

    get mapping() {
        return this.data.mapping_ids.records;
    }

    /** What the value at a place is used for, in words. */
    getUses(place) {
        const uses = this.mapping
            .filter(({ data }) => data.place === place)
            .map(({ data }) => data.field_id?.display_name || _t("Choose a field below"));
        if (this.data.find_place === place) {
            uses.push(_t("Found by"));
        }
        if (this.data.key_place === place) {
            uses.push(_t("Key"));
        }
        return uses;
    }

    /** The text of a place or, where it is chosen anew, nothing. */
    choose(name, place) {
        const isChosen = this.data[name] === place;
        return this.props.record.update({ [name]: isChosen ? false : place });
    }

    addValue(place) {
        return this.data.mapping_ids.addNewRecord({
            position: "bottom",
            mode: "edit",
            context: { default_place: place },
        });
    }
}

registry.category("fields").add("marketing_payload", {
    component: PayloadField,
    displayName: _t("Example of a call of a webhook"),
    supportedTypes: ["json"],
    fieldDependencies: [
        { name: "find_place", type: "char" },
        { name: "key_place", type: "char" },
    ],
});
