import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

/** One of the ways into a campaign. */
export class EntryCard extends Component {
    static template = "marketing_automation.EntryCard";
    static components = { Dropdown, DropdownItem };
    static props = {
        entry: Object,
        entries: Array,
        types: Array,
        actions: Object,
        readonly: Boolean,
        style: String,
        tabIndex: Number,
        problems: { type: Array, optional: true },
    };

    get icon() {
        const type = this.props.types.find(({ key }) => key === this.props.entry.type);
        return type ? type.icon : "fa-question";
    }

    get title() {
        const { name, text } = this.props.entry;
        return name || text;
    }

    get count() {
        return formatInteger(this.props.entry.count);
    }

    get label() {
        const { isOpen } = this.props.entry;
        return isOpen
            ? _t("Entry: %s", this.title)
            : _t("Entry: %s. Closed: nobody comes in here.", this.title);
    }

    onClick(ev) {
        if (!ev.target.closest("button, a")) {
            this.props.actions.openEntry(this.props.entry);
        }
    }
}
