/**
 * Dates that count from the day on which somebody looks, as filters have them ("today -7d"): in
 * words, and as a condition that can be edited. Odoo's editor knows some pairs of them only.
 */

import { _t } from "@web/core/l10n/translation";
import {
    condition,
    connector,
    Expression,
    operate,
    rewriteNConsecutiveChildren,
} from "@web/core/tree_editor/condition_tree";
import { getDurationText } from "../workflow/workflow_text";

/** Operator of "in the last 7 days", today included; its value is a number and a unit. */
export const LAST = "in the last";

export const DEFAULT_PERIOD = [7, "d"];

const RELATIVE = /^(today|now)( [-+=]\w+)*$/;
const DISTANCE = /^(?:today|now) ([-+])(\d+)([mwdHM])$/;
const SINCE = /^today -(\d+)([mwd])$/;
const TOMORROW = "today +1d";
const UNITS = { M: "minutes", H: "hours", d: "days", w: "weeks", m: "months" };

/** @returns {[string, string][]} units of periods, with labels */
export const getPeriodUnits = () => [
    ["d", _t("days")],
    ["w", _t("weeks")],
    ["m", _t("months")],
];

const getPeriodText = (number, unit) => getDurationText(number, UNITS[unit]);

/** @returns {boolean} whether a value of a filter is such a date */
export const isRelative = (value) => typeof value === "string" && RELATIVE.test(value);

/**
 * @param {string} value a relative date
 * @returns {string} for instance "7 days ago"; what has no plain words stays as it is
 */
export function getRelativeText(value) {
    if (value === "today") {
        return _t("today");
    }
    if (value === "now") {
        return _t("now");
    }
    const [, sign, number, unit] = value.match(DISTANCE) || [];
    if (!sign) {
        return value;
    }
    const period = getPeriodText(Number(number), unit);
    return sign === "-" ? _t("%s ago", period) : _t("in %s", period);
}

/**
 * Read "since 7 days ago, before tomorrow" as "in the last 7 days".
 *
 * @param {import("@web/core/tree_editor/condition_tree").Tree} tree
 */
export function introduceLast(tree) {
    const introduce = ({ value, children: [from, to] }) => {
        const [, number, unit] = String(from.value).match(SINCE) || [];
        const isPeriod =
            number &&
            value === "&" &&
            [from, to].every(({ type, negate }) => type === "condition" && !negate) &&
            from.path === to.path &&
            from.operator === ">=" &&
            to.operator === "<" &&
            to.value === TOMORROW;
        return isPeriod ? condition(from.path, LAST, [Number(number), unit]) : null;
    };
    return operate(rewriteNConsecutiveChildren(introduce), tree, {}, "connector");
}

/**
 * The other way round, as Odoo searches.
 *
 * @param {import("@web/core/tree_editor/condition_tree").Tree} tree
 */
export function eliminateLast(tree) {
    const eliminate = ({ path, operator, value, negate }) => {
        if (operator !== LAST) {
            return null;
        }
        const [number, unit] = value;
        const since = condition(path, ">=", `today -${number}${unit}`);
        return connector("&", [since, condition(path, "<", TOMORROW)], negate);
    };
    return operate(eliminate, tree);
}

/** Something that Odoo shows as it stands, where it would read a date. */
const makeWords = (text) => new Expression({ type: 5 /* a name */, value: text });

const getOperatorWords = (operator) =>
    ({ ">=": makeWords(_t("since")), "<=": makeWords(_t("until")) })[operator] || operator;

/** The tree with words in place of what Odoo cannot put in words. */
function putInWords(tree) {
    return operate(({ path, operator, value, negate }) => {
        if (operator === LAST) {
            const period = makeWords(getPeriodText(...value));
            return condition(path, makeWords(_t("in the last")), period, negate);
        }
        return isRelative(value)
            ? condition(path, getOperatorWords(operator), makeWords(getRelativeText(value)), negate)
            : null;
    }, tree);
}

/**
 * Odoo's processor of filters, which reads and describes relative dates, too.
 *
 * @param {Object} processor the service "tree_processor"
 */
export function withRelativeDates(processor) {
    return {
        ...processor,
        treeFromDomain: async (...args) => introduceLast(await processor.treeFromDomain(...args)),
        getDomainTreeDescription: (resModel, tree, ...rest) =>
            processor.getDomainTreeDescription(resModel, putInWords(tree), ...rest),
        makeGetConditionDescription: async (resModel, tree, ...rest) => {
            const describe = await processor.makeGetConditionDescription(resModel, tree, ...rest);
            return (node) => describe(putInWords(node));
        },
    };
}
