/** The words of the workflow view, as pure functions. */

import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { sprintf } from "@web/core/utils/strings";
import { formatFloatTime } from "@web/views/fields/formatters";
import { getTrigger, getType } from "./workflow_rules";

/**
 * @param {number} number
 * @param {string} unit minutes, hours, days, weeks or months
 * @returns {string} for instance "2 days"
 */
export function getDurationText(number, unit) {
    const texts = {
        minutes: [_t("1 minute"), _t("%s minutes", number)],
        hours: [_t("1 hour"), _t("%s hours", number)],
        days: [_t("1 day"), _t("%s days", number)],
        weeks: [_t("1 week"), _t("%s weeks", number)],
        months: [_t("1 month"), _t("%s months", number)],
    };
    const [one, many] = texts[unit] || texts.hours;
    return number === 1 ? one : many;
}

/**
 * @param {number} hour hours since midnight
 * @returns {string} for instance "9:30"
 */
function getTimeText(hour) {
    return formatFloatTime(hour, { noLeadingZeroHour: true });
}

/**
 * @param {import("./workflow_steps").Branch} branch
 * @returns {string} its name, or its test in words
 */
export function getBranchLabel({ name, description, is_holdout: isHoldout }) {
    return name || (isHoldout ? _t("Control group") : description);
}

/**
 * When a step comes: "Opened, 2 days later", "Not opened within 2 days".
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object} step
 * @returns {string}
 */
export function getBranchText(rules, step) {
    const trigger = getTrigger(rules, step.trigger);
    const delay = getDelayText(step);
    if (step.branchKey) {
        // The branch stands above it.
        return delay ? delay[0].toUpperCase() + delay.slice(1) : _t("At once");
    }
    const label = trigger ? trigger.short_label : step.trigger;
    if (!delay) {
        return trigger?.negative ? label : _t("%s, at once", label);
    }
    if (trigger?.negative && !step.hour) {
        const time = getDurationText(step.delay, step.delayUnit);
        return _t("%(trigger)s within %(time)s", { trigger: label, time });
    }
    return _t("%(trigger)s, %(delay)s", { trigger: label, delay });
}

/**
 * @param {Object} step
 * @returns {string} for instance "3 days later, at 9:00"; nothing if it comes at once
 */
function getDelayText({ delay: number, delayUnit, hour }) {
    const delay = getDurationText(number, delayUnit);
    if (!hour) {
        return number ? _t("%s later", delay) : "";
    }
    const time = getTimeText(hour);
    return number
        ? _t("%(delay)s later, at %(time)s", { delay, time })
        : _t("at the next %s", time);
}

/**
 * The same as whole sentences, for the form of an activity.
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {{ type: string, trigger: string, delay: number, delayUnit: string, hour?: number,
 *  parentName?: string, branchName?: string }} step
 * @returns {string} nothing if the addon of its trigger is gone
 */
export function getTriggerSentence(rules, step) {
    const trigger = getTrigger(rules, step.trigger);
    if (!trigger) {
        return "";
    }
    const sentence = sprintf(step.delay ? trigger.sentence : trigger.at_once, {
        does: getType(rules, step.type)?.does || _t("Runs"),
        delay: getDurationText(step.delay, step.delayUnit),
        parent: step.parentName || "…",
        branch: step.branchName || "…",
    });
    if (!step.hour) {
        return sentence;
    }
    const time = getTimeText(step.hour);
    return step.delay
        ? _t("%(sentence)s On that day it waits for %(time)s.", { sentence, time })
        : _t("%(sentence)s It waits for the next %(time)s.", { sentence, time });
}

/**
 * @param {string | false} value date and time as the server sends it
 * @returns {string}
 */
export function getDateText(value) {
    return value ? toLocaleDateTimeString(deserializeDateTime(value), { showSeconds: false }) : "";
}

/**
 * What became of a step for a participant.
 *
 * @param {Object | undefined} trace
 * @returns {string}
 */
export function getTraceText(trace) {
    if (!trace) {
        return _t("Not reached");
    }
    if (trace.state !== "scheduled") {
        return `${trace.label}, ${getDateText(trace.execution_date)}`;
    }
    if (trace.waiting && !trace.wait_since) {
        return trace.waiting;
    }
    return trace.schedule_date
        ? _t("Waits until %s", getDateText(trace.schedule_date))
        : _t("Waits, without a time limit");
}

/**
 * What there is to say beside that.
 *
 * @param {Object | undefined} trace
 * @returns {string[]}
 */
export function getTraceNotes(trace) {
    if (!trace) {
        return [];
    }
    const notes = [];
    if (trace.reason) {
        notes.push(trace.reason);
    }
    if (trace.hold) {
        notes.push(trace.hold);
    }
    if (trace.awaited) {
        notes.push(trace.awaited);
    }
    if (trace.branch) {
        notes.push(
            _t("%(way)s: %(reason)s", { way: trace.branch_name, reason: trace.branch_reason })
        );
    }
    return notes;
}

/**
 * All visits of a step, a line each.
 *
 * @param {Object} trace
 * @returns {string}
 */
export function getVisitsText({ visits = [] }) {
    return visits
        .map((visit) => {
            const text = _t("%(number)s. %(state)s", {
                number: visit.visit,
                state: getTraceText(visit),
            });
            return visit.branch ? `${text}, ${visit.branch_name}` : text;
        })
        .join("\n");
}

/**
 * What a screen reader says of a branch.
 *
 * @param {import("./workflow_steps").Branch} branch
 * @returns {string}
 */
export function getBranchTitle(branch) {
    const parts = [_t("Branch: %s", getBranchLabel(branch))];
    if (branch.name && branch.description) {
        parts.push(branch.description);
    }
    if (branch.is_holdout) {
        parts.push(_t("Control group: nothing follows it"));
    }
    if (branch.is_winner) {
        parts.push(_t("The winner: everybody takes it"));
    }
    parts.push(_t("%s took this branch", branch.taken));
    return parts.join(", ");
}

/**
 * What a screen reader says of a card.
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object} step
 * @param {Object} [details]
 * @returns {string}
 */
export function getCardLabel(rules, step, { trace, isJourney } = {}) {
    const type = rules.types.find(({ key }) => key === step.type);
    const parts = [step.name, type?.label, getBranchText(rules, step)];
    if (step.isRemoved) {
        parts.push(_t("removed from the workflow"));
    }
    if (step.hasFilter) {
        parts.push(_t("has a filter"));
    }
    if (step.expiry) {
        parts.push(_t("expires after %s", step.expiry));
    }
    if (step.isExempt) {
        parts.push(_t("goes out at any time"));
    }
    if (isJourney) {
        parts.push(getTraceText(trace), ...getTraceNotes(trace));
    }
    return parts.filter(Boolean).join(", ");
}
