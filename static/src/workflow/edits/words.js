/** What was done to a workflow, in words. */

import { _t } from "@web/core/l10n/translation";
import { getTrigger } from "../workflow_rules";
import { getBranchLabel, getDurationText } from "../workflow_text";
import { getBranchKey } from "../workflow_steps";
import { getBranch, getOtherValues } from "./document";
import { getChanges } from "./history";

/**
 * @param {import("../workflow_rules").Rules} rules
 * @param {import("./document").WorkflowDocument} before
 * @param {import("./document").WorkflowDocument} after
 * @param {string} key of the step that was moved
 * @returns {string} where it is, and what became of what it waited for
 */
export function getMoveText(rules, before, after, key) {
    const parts = [getPlaceText(after, after.get(key))];
    const text = getMeaningText(rules, before.get(key), after.get(key));
    return [...parts, ...(text ? [text] : [])].join(". ");
}

/**
 * @param {import("./document").WorkflowDocument} document
 * @param {string[]} keys of steps
 * @returns {string} the name of one step, or how many there are
 */
export function nameSteps(document, keys) {
    return keys.length === 1
        ? _t("“%s”", document.get(keys[0]).values.name)
        : _t("%s steps", keys.length);
}

/**
 * @param {import("./document").DocumentStep} step
 * @param {string} wayKey of one of its branches
 * @returns {string} which branch it is
 */
export function getWayText(step, wayKey) {
    const branch = getBranch(step, getBranchKey(step.key, wayKey));
    const name = step.ways.find(({ key }) => key === wayKey)?.values.name;
    const values = { way: name || (branch && getBranchLabel(branch)), step: step.values.name };
    return values.way
        ? _t("the branch “%(way)s” of “%(step)s”", values)
        : _t("a branch of “%s”", values.step);
}

/**
 * @param {import("./document").WorkflowDocument} before
 * @param {import("./document").WorkflowDocument} after
 * @returns {string} what was changed in a form, rather than on the canvas
 */
export function getChangeText(before, after) {
    const changes = [...getChanges(before, after)];
    const [key, { after: part } = {}] = changes[0] || [];
    const step = changes.length === 1 && after.get(key);
    if (!step) {
        return _t("Changed the workflow");
    }
    return part.ways && !part.place && !Object.keys(part.values).length
        ? getWaysText(before.get(key), step)
        : _t("Changed “%s”", step.values.name);
}

/** @returns {string} how the branches of a step were changed */
function getWaysText(from, to) {
    const [old, now] = [from, to].map(
        ({ ways }) => new Map(ways.map(({ key, values }) => [key, values]))
    );
    const added = to.ways.filter(({ key }) => !old.has(key));
    const gone = from.ways.filter(({ key }) => !now.has(key));
    const changed = to.ways
        .filter(({ key }) => old.has(key))
        .map(({ key, values }) => [key, Object.keys(getOtherValues(old.get(key), values))])
        .filter(([, names]) => names.length);
    const others = changed.filter(([, names]) => names.some((name) => name !== "sequence"));
    if (added.length === 1 && !gone.length && !others.length) {
        return _t("Added %s", getWayText(to, added[0].key));
    }
    if (gone.length === 1 && !added.length && !others.length) {
        return _t("Deleted %s", getWayText(from, gone[0].key));
    }
    if (added.length || gone.length || others.length > 1) {
        return _t("Changed the branches of “%s”", to.values.name);
    }
    return others.length
        ? _t("Changed %s", getWayText(to, others[0][0]))
        : _t("Changed the order of the branches of “%s”", to.values.name);
}

function getPlaceText(document, { parentKey, branchKey }) {
    const parent = document.get(parentKey);
    if (!parent) {
        return _t("Moved to the start");
    }
    const branch = branchKey && getBranch(parent, branchKey);
    return branch
        ? _t("Moved to the branch “%(way)s” of “%(parent)s”", {
              way: getBranchLabel(branch),
              parent: parent.values.name,
          })
        : _t("Moved under “%s”", parent.values.name);
}

/** @returns {string} what has become of the trigger; empty if it means the same */
function getMeaningText(rules, from, to) {
    const [old, now] = [from, to].map(({ trigger }) => getTrigger(rules, trigger));
    const values = { old: old?.label, now: now?.label };
    if (old?.event && old !== now) {
        if (now.event) {
            return _t("It waits for “%(now)s” instead of “%(old)s”", values);
        }
        const { interval_number: number, interval_type: unit } = to.values;
        return number
            ? _t("It comes %(delay)s later, whether or not: “%(old)s”", {
                  ...values,
                  delay: getDurationText(number, unit),
              })
            : _t("It comes at once, whether or not: “%(old)s”", values);
    }
    return now?.event && from.lost ? _t("It waits for “%(now)s” again", values) : "";
}
