/** The settings of a campaign in a few words, for the bar above its canvas. */

import { _t } from "@web/core/l10n/translation";
import { formatList } from "@web/core/l10n/utils";
import { constructTreeFromDomain } from "@web/core/tree_editor/construct_tree_from_domain";
import { introduceVirtualOperators } from "@web/core/tree_editor/virtual_operators";
import { formatInteger } from "@web/views/fields/formatters";
import { introduceLast } from "../filter/relative_dates";

/** Joins what is there. */
const join = (parts) => parts.filter(Boolean).join(", ");

const SUMMARIES = {
    audience: getAudienceSummary,
    entries: getEntriesSummary,
    sending: getSendingSummary,
    options: getOptionsSummary,
};

/**
 * @param {string} name of the section
 * @param {Object} data of the campaign
 * @param {{ audience: Object, rules: import("../workflow/workflow_rules").Rules }} context what is
 *  known beside: how many records match, and the types of entries
 * @returns {string} nothing for a section that says nothing about itself
 */
export function getSummary(name, data, context) {
    return SUMMARIES[name]?.(data, context) || "";
}

function getAudienceSummary(data, { audience: { count, isLimited } }) {
    return join([
        data.model_id?.display_name,
        getConditionsText(data.domain),
        count !== null && getCountText(count, isLimited),
    ]);
}

function getConditionsText(text) {
    const count = getConditionCount(text);
    if (count === 1) {
        return _t("1 condition");
    }
    return count ? _t("%s conditions", count) : "";
}

/**
 * @returns {number} how many conditions a domain has in its editor, where a period is one; 0 for a
 *  domain that cannot be read
 */
export function getConditionCount(text) {
    try {
        const tree = constructTreeFromDomain(text || "[]");
        // What is from here to there is a period, whatever the field: nothing is asked of the server.
        return countLeaves(
            introduceLast(introduceVirtualOperators(tree, { getFieldDef: getDate }))
        );
    } catch {
        return 0;
    }
}

const getDate = () => ({ type: "date" });

const countLeaves = ({ type, children }) =>
    type === "condition" ? 1 : children.reduce((count, child) => count + countLeaves(child), 0);

function getCountText(count, isLimited) {
    const number = formatInteger(count);
    if (isLimited) {
        return _t("%s+ records", number);
    }
    return count === 1 ? _t("1 record") : _t("%s records", number);
}

function getEntriesSummary({ entry_ids: entries }, { rules }) {
    const open = new Set(
        (entries?.records || [])
            .filter(({ data }) => data.active)
            .map(({ data }) => data.entry_type)
    );
    const labels = (rules.entries || [])
        .filter(({ key }) => open.has(key))
        .map(({ label }) => label);
    return labels.length ? formatList(labels) : _t("Nobody");
}

function getSendingSummary(data) {
    const { sending_calendar_id: calendar, hourly_limit: limit } = data;
    return join([
        calendar ? data.sending_hours_text || calendar.display_name : _t("At any time"),
        limit && _t("at most %s an hour", formatInteger(limit)),
    ]);
}

function getOptionsSummary({ user_id: user }) {
    return user?.display_name || "";
}
