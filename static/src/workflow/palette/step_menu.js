import { Component, useRef, useState } from "@odoo/owl";
import { useNavigation } from "@web/core/navigation/navigation";
import { getStepGroups } from "./step_choices";

/** What can be added at a place: one choice, by group. When it comes can be chosen before. */
export class StepMenu extends Component {
    static template = "marketing_automation.StepMenu";
    static props = {
        rules: Object,
        title: String,
        /** see `getPlaceChoices`; the first one holds unless another one is chosen */
        choices: Array,
        isBetween: { type: Boolean, optional: true },
        add: Function,
        close: { type: Function, optional: true },
    };
    static defaultProps = { isBetween: false };

    setup() {
        this.ref = useRef("menu");
        this.state = useState({ key: this.props.choices[0]?.key });
        this.groups = getStepGroups(this.props.rules, { isBetween: this.props.isBetween });
        useNavigation(this.ref, {
            getItems: () => this.ref.el?.querySelectorAll(".o-navigable") || [],
            shouldFocusChildInput: false,
        });
    }

    add(type) {
        this.props.close?.();
        const choice = this.props.choices.find(({ key }) => key === this.state.key);
        return this.props.add(type, choice);
    }
}
