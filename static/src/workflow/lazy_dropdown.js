import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";

/** A menu of which there are many: it comes to be when it is opened for the first time. */
export class LazyDropdown extends Component {
    static template = "marketing_automation.LazyDropdown";
    static components = { Dropdown };
    static props = { position: String, slots: Object };

    setup() {
        this.menu = useDropdownState();
        this.state = useState({ isUsed: false });
    }

    /** From then on the menu opens by itself. */
    open() {
        if (!this.state.isUsed) {
            this.state.isUsed = true;
            this.menu.open();
        }
    }
}
