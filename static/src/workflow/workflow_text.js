/** The words of the workflow view, as pure functions. */

import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { getTrigger } from "./workflow_rules";

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
 * @param {import("./workflow_steps").Branch} branch
 * @returns {string} its name, or its test in words
 */
export function getBranchLabel({ name, description, is_holdout: isHoldout }) {
    return name || (isHoldout ? _t("Control group") : description);
}

/**
 * When a step comes: "Not opened, 2 days later".
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {Object} step
 * @returns {string}
 */
export function getBranchText(rules, step) {
    const trigger = getTrigger(rules, step.trigger);
    if (step.branchKey) {
        // The branch stands above it.
        return step.delay
            ? _t("%s later", getDurationText(step.delay, step.delayUnit))
            : _t("At once");
    }
    const label = trigger ? trigger.short_label : step.trigger;
    if (!step.delay) {
        return trigger?.negative ? label : _t("%s, at once", label);
    }
    const delay = getDurationText(step.delay, step.delayUnit);
    return _t("%(trigger)s, %(delay)s later", { trigger: label, delay });
}

/**
 * The same as a whole sentence, for the form of an activity.
 *
 * @param {import("./workflow_rules").Rules} rules
 * @param {{ trigger: string, delay: number, delayUnit: string, parentName?: string,
 *  branchName?: string }} step
 * @returns {string}
 */
export function getTriggerSentence(rules, step) {
    const { trigger: key, delay, delayUnit, parentName, branchName } = step;
    const trigger = getTrigger(rules, key);
    const values = {
        delay: getDurationText(delay, delayUnit),
        parent: parentName || "…",
        branch: branchName || "…",
        event: rules.events.find((event) => event.key === trigger?.event)?.label,
    };
    if (key === "begin") {
        return delay
            ? _t("Runs %(delay)s after the participant joins the campaign.", values)
            : _t("Runs as soon as the participant joins the campaign.");
    }
    if (key === "branch") {
        return delay
            ? _t(
                  "Runs %(delay)s after “%(parent)s”, for those who go the way “%(branch)s”.",
                  values
              )
            : _t("Runs right after “%(parent)s”, for those who go the way “%(branch)s”.", values);
    }
    if (!values.event) {
        return delay
            ? _t("Runs %(delay)s after “%(parent)s”.", values)
            : _t("Runs right after “%(parent)s”.", values);
    }
    if (trigger.negative) {
        return _t(
            "Runs %(delay)s after “%(parent)s”, unless this happened to it by then: %(event)s.",
            values
        );
    }
    return delay
        ? _t("Runs %(delay)s after this happens to “%(parent)s”: %(event)s.", values)
        : _t("Runs as soon as this happens to “%(parent)s”: %(event)s.", values);
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
    if (trace.wait_since) {
        return trace.schedule_date
            ? _t("Waits until %s", getDateText(trace.schedule_date))
            : _t("Waits, without a time limit");
    }
    return trace.schedule_date
        ? _t("Scheduled for %s", getDateText(trace.schedule_date))
        : trace.waiting;
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
    const parts = [_t("Way: %s", getBranchLabel(branch))];
    if (branch.name && branch.description) {
        parts.push(branch.description);
    }
    if (branch.is_holdout) {
        parts.push(_t("Control group: nothing follows it"));
    }
    if (branch.is_winner) {
        parts.push(_t("The winner: everybody takes it"));
    }
    parts.push(_t("%s went this way", branch.taken));
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
    if (isJourney) {
        parts.push(getTraceText(trace), ...getTraceNotes(trace));
    }
    return parts.filter(Boolean).join(", ");
}
