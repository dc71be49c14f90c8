import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getDelayAfterChange, getType } from "../workflow_rules";
import { getBranchLabel, getTriggerSentence } from "../workflow_text";

/** When a step comes: what it waits for, how long after that, and at which time of the day. */
export class TimingPopover extends Component {
    static template = "marketing_automation.TimingPopover";
    static props = {
        rules: Object,
        step: Object,
        parentName: { type: String, optional: true },
        /** see `getPlaceChoices` */
        choices: Array,
        apply: Function,
        close: { type: Function, optional: true },
    };

    setup() {
        const { trigger, branchKey, delay, delayUnit, hour } = this.props.step;
        this.state = useState({ choice: branchKey || trigger, delay, delayUnit, hour });
    }

    get units() {
        return [
            ["minutes", _t("minutes")],
            ["hours", _t("hours")],
            ["days", _t("days")],
            ["weeks", _t("weeks")],
            ["months", _t("months")],
        ];
    }

    get choice() {
        return this.props.choices.find(({ key }) => key === this.state.choice);
    }

    /** Some have a time that says what they do, not when they come. */
    get hasTime() {
        return !getType(this.props.rules, this.props.step.type)?.has_time_of_its_own;
    }

    /** Hours since midnight, as an input takes them. */
    get time() {
        const minutes = Math.round(this.state.hour * 60);
        const parts = [Math.floor(minutes / 60), minutes % 60];
        return minutes ? parts.map((part) => `${part}`.padStart(2, "0")).join(":") : "";
    }

    get sentence() {
        const { rules, step, parentName } = this.props;
        const { delay, delayUnit, hour } = this.state;
        return getTriggerSentence(rules, {
            type: step.type,
            trigger: this.choice?.trigger || step.trigger,
            delay,
            delayUnit,
            hour,
            parentName,
            branchName: this.choice?.branch ? getBranchLabel(this.choice.branch) : "",
        });
    }

    /** A delay that nobody has set comes with the trigger. */
    onChoice(key) {
        const before = this.choice?.trigger || this.props.step.trigger;
        this.state.choice = key;
        const timing = { ...this.state, trigger: before };
        Object.assign(
            this.state,
            getDelayAfterChange(this.props.rules, timing, this.choice.trigger)
        );
    }

    onDelay(ev) {
        this.state.delay = Math.max(0, parseInt(ev.target.value) || 0);
    }

    onTime({ target: { value } }) {
        const [hours, minutes] = value.split(":").map(Number);
        this.state.hour = value ? hours + minutes / 60 : 0;
    }

    apply() {
        const { delay, delayUnit, hour } = this.state;
        this.props.close?.();
        return this.props.apply({
            choice: this.choice,
            delay,
            delayUnit,
            ...(this.hasTime && { hour }),
        });
    }
}
