import { flatten } from "../workflow/workflow_layout";

/**
 * Where participants are at each step, in the order of the workflow. What hangs on a branch is
 * compared with those who went that way.
 *
 * @param {import("../workflow/workflow_layout").TreeNode} tree
 * @param {Object} figures by id of the activity
 * @param {number} participants
 * @returns {{ node: Object, step: Object, figures: Object, done: number, ofPrevious: number }[]}
 *  ofPrevious is a share between 0 and 1
 */
export function getFunnel(tree, figures, participants) {
    const share = (part, whole) => (whole ? Math.min(part / whole, 1) : 0);
    const getDone = ({ step, branch }) =>
        branch ? branch.taken : step ? figures[step.resId]?.processed || 0 : participants;
    return flatten(tree)
        .filter(({ step }) => step)
        .map((node) => ({
            node,
            step: node.step,
            figures: figures[node.step.resId] || {},
            done: getDone(node),
            ofPrevious: share(getDone(node), getDone(node.parent)),
        }));
}
