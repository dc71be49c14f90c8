import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { LazyDropdown } from "./lazy_dropdown";
import { WorkflowFigures } from "./workflow_figures";
import { WorkflowTrace } from "./workflow_trace";
import { getType, isSteering } from "./workflow_rules";
import { getCardLabel } from "./workflow_text";

/** One step of the workflow. */
export class WorkflowCard extends Component {
    static template = "marketing_automation.WorkflowCard";
    static components = {
        Dropdown,
        DropdownItem,
        LazyDropdown,
        WorkflowFigures,
        WorkflowTrace,
    };
    static props = {
        marks: Object,
        step: Object,
        depth: Number,
        position: Number,
        siblings: Number,
        rules: Object,
        actions: Object,
        tone: String,
        readonly: Boolean,
        style: String,
        figures: { type: [Object, { value: null }] },
        showsFigures: Boolean,
        problems: { type: Array, optional: true },
        trace: { type: [Object, { value: null }] },
        sources: Array,
        target: { type: [Object, { value: null }] },
        jump: Function,
        press: Function,
        /** what is done to a step that is selected is done to all that are */
        getSelected: Function,
        isJourney: Boolean,
        canSimulate: Boolean,
        getDestinations: Function,
    };

    setup() {
        this.mark = useState(this.props.marks.get(this.props.step.key));
    }

    get tabIndex() {
        return this.mark.isTabStop ? 0 : -1;
    }

    get type() {
        return getType(this.props.rules, this.props.step.type);
    }

    get isSteering() {
        return isSteering(this.props.rules, this.props.step.type);
    }

    get label() {
        const { rules, step, trace, isJourney } = this.props;
        return getCardLabel(rules, step, { trace, isJourney });
    }

    get expiryText() {
        return _t("Expires after %s", this.props.step.expiry);
    }

    onClick(ev) {
        if (!ev.target.closest("button, a, .o_mwf_no_open")) {
            this.props.press(this.props.step, ev);
        }
    }
}
