import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { getPossibleEvents } from "./workflow_rules";
import { isReason } from "./workflow_sizes";
import {
    getBranchLabel,
    getDateText,
    getTraceNotes,
    getTraceText,
    getVisitsText,
} from "./workflow_text";

/**
 * What can be done with a step of a journey; nothing where it was taken out of the workflow.
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object} step
 * @param {Object | null} trace
 * @param {boolean} canSimulate whether it is a test
 * @returns {{ key: string, label: string, icon?: string, event?: string,
 *  tooltip?: string }[]}
 */
export function getTraceButtons(rules, step, trace, canSimulate) {
    if (!trace || step.isRemoved) {
        return [];
    }
    if (trace.state === "error") {
        return [{ key: "run", label: _t("Try Again"), icon: "fa-repeat" }];
    }
    if (!canSimulate) {
        return [];
    }
    if (trace.state === "scheduled" && trace.schedule_date) {
        return [{ key: "run", label: _t("Run"), icon: "fa-play" }];
    }
    if (trace.state !== "processed") {
        return [];
    }
    return getPossibleEvents(rules, step.possibleEvents, trace.events).map((event) => ({
        key: event.key,
        event: event.key,
        label: event.label,
        tooltip: _t("Simulate that this has happened"),
    }));
}

/**
 * The other ways that can be taken out of a step that steers.
 *
 * @param {Object} step
 * @param {Object | null} trace
 * @param {boolean} canSimulate whether it is a test
 * @returns {import("./workflow_steps").Branch[]}
 */
export function getOtherWays(step, trace, canSimulate) {
    return canSimulate && ["scheduled", "processed", "error"].includes(trace?.state)
        ? step.branches.filter(({ id }) => id !== trace.branch)
        : [];
}

/**
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object | null} trace
 * @returns {Object[]} what the recipient did
 */
export function getPastEvents(rules, trace) {
    return trace ? rules.events.filter(({ key }) => key in trace.events) : [];
}

function getOtherWayLabel(trace) {
    return trace.branch ? _t("Another Branch") : _t("Choose the Branch");
}

/**
 * What stands at the foot of a card: what has happened, and what can be done.
 *
 * @returns {string[]}
 */
export function getButtonLabels(rules, step, trace, canSimulate) {
    const hasWays = getOtherWays(step, trace, canSimulate).length;
    return [
        ...getPastEvents(rules, trace).map(({ label }) => label),
        ...getTraceButtons(rules, step, trace, canSimulate).map(({ label }) => label),
        ...(hasWays ? [getOtherWayLabel(trace)] : []),
    ];
}

/** What became of a step for a participant, and what can be done now. */
export class WorkflowTrace extends Component {
    static template = "marketing_automation.WorkflowTrace";
    static components = { Dropdown, DropdownItem };
    static props = {
        step: Object,
        trace: { type: [Object, { value: null }] },
        rules: Object,
        actions: Object,
        canSimulate: Boolean,
    };

    setup() {
        this.state = useState({ isBusy: false });
    }

    get text() {
        return getTraceText(this.props.trace);
    }

    get notes() {
        return getTraceNotes(this.props.trace).join(" · ");
    }

    get isReason() {
        return isReason(this.props.trace);
    }

    get visitsLabel() {
        return _t("%s visits", this.props.trace.visits.length);
    }

    get visitsText() {
        return getVisitsText(this.props.trace);
    }

    get buttons() {
        const { rules, step, trace, canSimulate } = this.props;
        return getTraceButtons(rules, step, trace, canSimulate);
    }

    get ways() {
        const { step, trace, canSimulate } = this.props;
        return getOtherWays(step, trace, canSimulate).map((branch) => ({
            key: branch.key,
            branch,
            label: getBranchLabel(branch),
        }));
    }

    get otherWayLabel() {
        return getOtherWayLabel(this.props.trace);
    }

    get events() {
        return getPastEvents(this.props.rules, this.props.trace);
    }

    getEventTitle(key) {
        return getDateText(this.props.trace.events[key]);
    }

    async press(button) {
        this.state.isBusy = true;
        try {
            if (button.branch) {
                await this.props.actions.takeWay(this.props.trace, button.branch);
            } else if (button.event) {
                await this.props.actions.simulate(this.props.trace, button.event);
            } else {
                await this.props.actions.run(this.props.trace);
            }
        } finally {
            this.state.isBusy = false;
        }
    }
}
