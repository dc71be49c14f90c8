/** What was done to a workflow, in words. */

import { _t } from "@web/core/l10n/translation";
import { getTrigger } from "../workflow_rules";
import { getBranchLabel, getDurationText } from "../workflow_text";
import { getBranch } from "./document";

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
