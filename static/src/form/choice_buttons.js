import { Component } from "@odoo/owl";

let nextId = 0;

/** One of several choices, as buttons with icons. */
export class ChoiceButtons extends Component {
    static template = "marketing_automation.ChoiceButtons";
    static props = {
        /** each with a key, a label, the class of an icon, and the heading of a group if it is
         * the first of one */
        choices: Array,
        value: { type: [String, Boolean], optional: true },
        label: { type: String },
        size: { type: String, optional: true },
        readonly: { type: Boolean, optional: true },
        choose: Function,
    };

    setup() {
        this.name = `o_marketing_choice_${nextId++}`;
    }
}
