import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { getStepGroups } from "./step_choices";

const FOLDED_KEY = "marketing_automation.palette_folded";

/** Types of steps to drag onto the workflow, or to add by a click, at its left. */
export class WorkflowPalette extends Component {
    static template = "marketing_automation.WorkflowPalette";
    static props = { rules: Object, add: Function };

    setup() {
        this.state = useState({ isFolded: browser.localStorage.getItem(FOLDED_KEY) === "true" });
        this.groups = getStepGroups(this.props.rules);
    }

    get foldText() {
        return this.state.isFolded ? _t("Show the names") : _t("Show icons only");
    }

    toggle() {
        this.state.isFolded = !this.state.isFolded;
        browser.localStorage.setItem(FOLDED_KEY, this.state.isFolded);
    }

    getTooltip({ label }) {
        return _t("%s: drag it onto a line, a branch or a step, or click", label);
    }
}
