import { isBelow } from "./workflow_layout";
import { getTriggerAfterMove } from "./workflow_rules";

/**
 * @param {import("./workflow_rules").Rules} rules
 * @param {import("./workflow_layout").TreeNode} [node]
 * @param {import("./workflow_layout").TreeNode} [parent]
 *  of the step or the branch that it goes to
 * @returns {string | null} the trigger after a move below the parent; null where it cannot go
 */
export function getMove(rules, node, parent) {
    if (!node?.step || !parent || node.parent === parent || isBelow(parent, node)) {
        return null;
    }
    if (parent.branch) {
        return parent.branch.is_holdout ? null : "branch";
    }
    return getTriggerAfterMove(rules, node.step.trigger, parent.step);
}
