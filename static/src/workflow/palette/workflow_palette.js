import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { getStepGroups } from "./step_choices";

const FOLDED_KEY = "marketing_automation.palette_folded";

/**
 * Types of steps to drag onto the workflow, or to add by a click, at its side. Where there is little
 * room it shows icons only, until there is more again; what one chooses meanwhile is not kept.
 */
export class WorkflowPalette extends Component {
    static template = "marketing_automation.WorkflowPalette";
    static props = { rules: Object, isNarrow: Boolean, add: Function };

    setup() {
        this.state = useState({
            isFolded: browser.localStorage.getItem(FOLDED_KEY) === "true",
            isFoldedMeanwhile: true,
        });
        this.groups = getStepGroups(this.props.rules);
        onWillUpdateProps(({ isNarrow }) => {
            if (isNarrow && !this.props.isNarrow) {
                this.state.isFoldedMeanwhile = true;
            }
        });
    }

    get isFolded() {
        return this.props.isNarrow ? this.state.isFoldedMeanwhile : this.state.isFolded;
    }

    get foldText() {
        return this.isFolded ? _t("Show the names") : _t("Show icons only");
    }

    toggle() {
        if (this.props.isNarrow) {
            this.state.isFoldedMeanwhile = !this.state.isFoldedMeanwhile;
        } else {
            this.state.isFolded = !this.state.isFolded;
            browser.localStorage.setItem(FOLDED_KEY, this.state.isFolded);
        }
    }

    getTooltip({ label }) {
        return _t("%s: drag it onto a line, a branch or a step, or click", label);
    }
}
