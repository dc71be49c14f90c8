import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatList } from "@web/core/l10n/utils";
import { formatInteger } from "@web/views/fields/formatters";

/** What is said of a sending, see `get_sending` of `marketing.campaign`. */

const { DateTime } = luxon;

/**
 * @param {string} moment as the server gives it
 * @returns {string} as one says it now
 */
export function getMomentText(moment) {
    const date = deserializeDateTime(moment);
    const isToday = date.hasSame(DateTime.now(), "day");
    return toLocaleDateTimeString(date, { showDate: !isToday, showTime: true });
}

export function getProgressText({ sent, total }) {
    return _t("%(sent)s of %(total)s sent", {
        sent: formatInteger(sent),
        total: formatInteger(total),
    });
}

/** @param {number} pace messages a second */
export function getPaceText(pace) {
    if (pace >= 1) {
        return _t("%s a second", formatInteger(Math.round(pace)));
    }
    const perMinute = Math.round(pace * 60);
    return perMinute ? _t("%s a minute", formatInteger(perMinute)) : "";
}

export function getEndText({ end }) {
    if (!end) {
        return "";
    }
    if (deserializeDateTime(end) < DateTime.now().plus({ minutes: 1 })) {
        return _t("done in less than a minute");
    }
    return _t("done about %s", getMomentText(end));
}

export function getPutOffText({ put_off: count, put_off_until: until }) {
    return _t("%(count)s put off until %(time)s", {
        count: formatInteger(count),
        time: getMomentText(until),
    });
}

/** @returns {string} why the messages of activities wait */
export function getHoldText({ activities, reason, type }) {
    const values = { activities: formatList(activities.map((name) => `“${name}”`)), reason };
    return type === "sms"
        ? _t("%(activities)s: the provider takes no text message (%(reason)s).", values)
        : _t("%(activities)s: the mail server takes no email (%(reason)s).", values);
}

/** @returns {string} when a mail server that takes nothing is tried again */
export function getRetryText({ until }) {
    return deserializeDateTime(until) > DateTime.now()
        ? _t("Next try at %s.", getMomentText(until))
        : _t("It is being tried again.");
}
