import { getTriggerAfterMove } from "./workflow_rules";

/**
 * @param {import("./workflow_rules").Rules} rules
 * @param {import("./workflow_layout").TreeNode} [node]
 * @param {import("./workflow_layout").TreeNode} [parent]
 * @returns {string | null} the trigger after a move below the parent; null where it cannot go
 */
export function getMove(rules, node, parent) {
    if (!node || !parent || node.parent === parent) {
        return null;
    }
    for (let above = parent; above; above = above.parent) {
        if (above === node) {
            return null;
        }
    }
    return getTriggerAfterMove(rules, node.step.trigger, parent.step?.possibleEvents || null);
}
