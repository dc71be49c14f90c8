import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getPossibleEvents } from "./workflow_rules";
import { getDateText, getTraceNotes, getTraceText, getVisitsText } from "./workflow_text";

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
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object | null} trace
 * @returns {Object[]} what the recipient did
 */
export function getPastEvents(rules, trace) {
    return trace ? rules.events.filter(({ key }) => key in trace.events) : [];
}

/** What became of a step for a participant, and what can be done now. */
export class WorkflowTrace extends Component {
    static template = "marketing_automation.WorkflowTrace";
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

    get events() {
        return getPastEvents(this.props.rules, this.props.trace);
    }

    getEventTitle(key) {
        return getDateText(this.props.trace.events[key]);
    }

    async press(button) {
        this.state.isBusy = true;
        try {
            if (button.event) {
                await this.props.actions.simulate(this.props.trace, button.event);
            } else {
                await this.props.actions.run(this.props.trace);
            }
        } finally {
            this.state.isBusy = false;
        }
    }
}
