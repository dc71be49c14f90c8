/** What can be added to a workflow, and when it can come there, as pure functions. */

import { _t } from "@web/core/l10n/translation";
import { getAllowedTriggers } from "../workflow_rules";
import { getBranchLabel } from "../workflow_text";

/** Kinds of types of steps, in the order in which they are offered. */
const KINDS = ["message", "action", "steering"];

const getKindLabel = (kind) =>
    ({ message: _t("Messages"), action: _t("Actions"), steering: _t("Steering") })[kind];

/**
 * @param {import("../workflow_rules").Rules} rules
 * @param {{ isBetween?: boolean }} [options] whether something comes after what is added
 * @returns {{ key: string, label: string, types: Object[] }[]} without groups that have none
 */
export function getStepGroups(rules, { isBetween = false } = {}) {
    return KINDS.map((kind) => ({
        key: kind,
        label: getKindLabel(kind),
        types: rules.types.filter(
            (type) => type.kind === kind && !(isBetween && type.can_be_followed === false)
        ),
    })).filter(({ types }) => types.length);
}

/**
 * When a step can come at a place: the triggers there, or the branches of what it comes after.
 * The first one is what people mean most of the time.
 *
 * @param {import("../workflow_rules").Rules} rules
 * @param {Object | null} parent the step that it comes after; null for the start
 * @param {Object | null} [branch] the branch of it that it comes on, where that is given
 * @returns {{ key: string, trigger: string, branch: Object | null, icon: string, label: string
 *  }[]}
 */
export function getPlaceChoices(rules, parent, branch = null) {
    const triggers = getAllowedTriggers(rules, parent);
    const way = triggers.find(({ key }) => key === "branch");
    const plain = triggers.filter((trigger) => trigger !== way).map((each) => getChoice(each));
    if (!way) {
        return plain;
    }
    const ways = (branch ? [branch] : parent.branches)
        .filter((each) => !each.is_holdout)
        .map((each) => ({
            ...getChoice(way),
            key: each.key,
            branch: each,
            label: getBranchLabel(each),
        }));
    const others = plain.map((choice) => ({ ...choice, label: _t("Whatever the branch") }));
    return branch ? ways : [...ways, ...others];
}

function getChoice({ key, icon, short_label: label }) {
    return { key, trigger: key, branch: null, icon, label };
}
