import { flatten } from "../workflow/workflow_layout";

/**
 * How many participants came to each step, in the order of the workflow.
 *
 * @param {import("../workflow/workflow_layout").TreeNode} tree
 * @param {Object} figures by id of the activity
 * @param {number} participants
 * @returns {{ node: Object, step: Object, reached: number, ofAll: number, ofPrevious: number }[]}
 *  shares are between 0 and 1
 */
export function getFunnel(tree, figures, participants) {
    const share = (part, whole) => (whole ? Math.min(part / whole, 1) : 0);
    const getReached = (node) =>
        node.step ? figures[node.step.resId]?.processed || 0 : participants;
    return flatten(tree)
        .slice(1)
        .map((node) => ({
            node,
            step: node.step,
            reached: getReached(node),
            ofAll: share(getReached(node), participants),
            ofPrevious: share(getReached(node), getReached(node.parent)),
        }));
}
