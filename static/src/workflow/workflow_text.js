/** The words of the workflow view, as pure functions. */

import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { getTrigger } from "./workflow_rules";

/**
 * @param {number} number
 * @param {string} unit hours, days, weeks or months
 * @returns {string} for instance "2 days"
 */
export function getDurationText(number, unit) {
    const texts = {
        hours: [_t("1 hour"), _t("%s hours", number)],
        days: [_t("1 day"), _t("%s days", number)],
        weeks: [_t("1 week"), _t("%s weeks", number)],
        months: [_t("1 month"), _t("%s months", number)],
    };
    const [one, many] = texts[unit] || texts.hours;
    return number === 1 ? one : many;
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
 * @param {{ trigger: string, delay: number, delayUnit: string, parentName?: string }} step
 * @returns {string}
 */
export function getTriggerSentence(rules, { trigger: key, delay, delayUnit, parentName }) {
    const trigger = getTrigger(rules, key);
    const values = {
        delay: getDurationText(delay, delayUnit),
        parent: parentName || "…",
        event: rules.events.find((event) => event.key === trigger?.event)?.label,
    };
    if (key === "begin") {
        return delay
            ? _t("Runs %(delay)s after the participant joins the campaign.", values)
            : _t("Runs as soon as the participant joins the campaign.");
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
    return trace.schedule_date
        ? _t("Scheduled for %s", getDateText(trace.schedule_date))
        : trace.waiting;
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
        parts.push(getTraceText(trace));
    }
    return parts.filter(Boolean).join(", ");
}
