import { Component, useState } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { LazyDropdown } from "../workflow/lazy_dropdown";

/** One of the ways into a campaign. */
export class EntryCard extends Component {
    static template = "marketing_automation.EntryCard";
    static components = { DropdownItem, LazyDropdown };
    static props = {
        nodeKey: String,
        marks: Object,
        entry: Object,
        position: Number,
        siblings: Number,
        types: Array,
        actions: Object,
        readonly: Boolean,
        style: String,
        problems: { type: Array, optional: true },
    };

    setup() {
        this.mark = useState(this.props.marks.get(this.props.nodeKey));
    }

    get tabIndex() {
        return this.mark.isTabStop ? 0 : -1;
    }

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
