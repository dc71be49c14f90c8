/**
 * Edits of a workflow, as data. Direct ones are applied; the others are lists of these (see
 * `compose.js`).
 *
 * @typedef {{ type: "add", step: import("./document").DocumentStep }
 *  | { type: "change", key: string, values: Object }
 *  | { type: "changeWays", key: string, ways: import("./document").Way[] }
 *  | { type: "place", key: string, place: import("./document").Place }
 *  | { type: "takeOut", key: string }} Edit
 */

import { _t } from "@web/core/l10n/translation";
import { getAllowedTriggers } from "../workflow_rules";
import { getBranch, getFollowers, isAbove, withWays } from "./document";

const APPLY = {
    add: (document, { step }) => document.set(step.key, step),
    change: (document, { key, values }) => {
        const step = document.get(key);
        document.set(key, { ...step, values: { ...step.values, ...values } });
    },
    changeWays: (document, { key, ways }) => document.set(key, withWays(document.get(key), ways)),
    place: (document, { key, place }) => document.set(key, { ...document.get(key), ...place }),
    takeOut: (document, { key }) => document.delete(key),
};

/**
 * @param {import("./document").WorkflowDocument} document it stays as it is
 * @param {Edit} edit
 * @returns {import("./document").WorkflowDocument}
 */
export function apply(document, edit) {
    const changed = new Map(document);
    APPLY[edit.type](changed, edit);
    return changed;
}

/**
 * Apply edits one after the other, all or none.
 *
 * @param {import("./document").WorkflowDocument} document
 * @param {Edit[]} edits
 * @param {import("../workflow_rules").Rules} rules
 * @returns {{ document: import("./document").WorkflowDocument | null, reason: string }} nothing
 *  where one of them is not allowed, and why
 */
export function applyAll(document, edits, rules) {
    for (const edit of edits) {
        const { allowed, reason } = canApply(document, edit, rules);
        if (!allowed) {
            return { document: null, reason };
        }
        document = apply(document, edit);
    }
    return { document, reason: "" };
}

const CHECKS = {
    add: (document, { step }, rules) =>
        document.has(step.key)
            ? _t("“%s” is in the workflow already.", step.values.name)
            : getPlaceProblem(document, step, step, rules),
    change: (document, { key }) => getMissingProblem(document, key),
    changeWays: (document, { key, ways }) =>
        getMissingProblem(document, key) ||
        getLeftProblem(document, withWays(document.get(key), ways)),
    place: (document, { key, place }, rules) =>
        getMissingProblem(document, key) ||
        getPlaceProblem(document, document.get(key), place, rules),
    takeOut: (document, { key }) =>
        getMissingProblem(document, key) ||
        (getFollowers(document, key).length
            ? _t(
                  "Something comes after “%s”: move or delete it first.",
                  document.get(key).values.name
              )
            : ""),
};

/**
 * @param {import("./document").WorkflowDocument} document
 * @param {Edit} edit
 * @param {import("../workflow_rules").Rules} rules
 * @returns {{ allowed: boolean, reason: string }}
 */
export function canApply(document, edit, rules) {
    const reason = CHECKS[edit.type](document, edit, rules);
    return { allowed: !reason, reason };
}

function getMissingProblem(document, key) {
    return document.has(key) ? "" : _t("The step is not in the workflow any more.");
}

/** @returns {string} what is left on a branch that a step would not have any more */
function getLeftProblem(document, step) {
    const left = getFollowers(document, step.key).find(
        ({ branchKey }) => branchKey && !getBranch(step, branchKey)
    );
    return left ? _t("“%s” comes on that branch: move or delete it first.", left.values.name) : "";
}

/** @returns {string} why a step cannot come to a place; empty if it can */
function getPlaceProblem(document, step, { parentKey, branchKey, trigger }, rules) {
    const { name } = step.values;
    if (!parentKey) {
        return trigger === "begin" ? "" : _t("“%s” has to come after a step.", name);
    }
    const parent = document.get(parentKey);
    if (!parent) {
        return getMissingProblem(document, parentKey);
    }
    const values = { name, parent: parent.values.name };
    if (isAbove(document, step.key, parentKey)) {
        return _t("“%s” cannot come after itself.", name);
    }
    const triggers = getAllowedTriggers(rules, { ...parent, type: parent.values.activity_type });
    if (!triggers.length) {
        return _t("Nothing can come after “%(parent)s”.", values);
    }
    if (!triggers.some(({ key }) => key === trigger)) {
        return _t("“%(name)s” waits for something that cannot happen to “%(parent)s”.", values);
    }
    if (trigger === "branch") {
        const branch = getBranch(parent, branchKey);
        if (!branch) {
            return _t("Choose the branch of “%(parent)s” that “%(name)s” comes on.", values);
        }
        if (branch.is_holdout) {
            return _t("Nothing can come on the control group of “%(parent)s”.", values);
        }
    }
    return "";
}
