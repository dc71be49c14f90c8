/** Where what is dragged can be dropped, as pure functions: no DOM, no component. */

import { isBelow, isWithin, START } from "./workflow_layout";
import { getMove } from "./workflow_moves";
import { getAllowedTriggers, getType } from "./workflow_rules";

/** Pixels beside a card that still count as the card. */
const NEAR = 12;
/** The last part of a line, which belongs to one card only: where its trigger stands. */
const LINE = { top: 56, bottom: 8 };

/**
 * @typedef {{ id: string, isLine: boolean, key: string, box: import("./workflow_layout").Box
 *  }} DropTarget a node that something shall come after, or the line to a step
 * @typedef {{ key: string, isAlone?: boolean } | { type: string }} Dragged a step, with what
 *  follows it unless it goes alone, or a type of which there shall be a new one
 */

/**
 * @param {{ nodes: Map, boxes: Map }} drawing
 * @returns {DropTarget[]} lines first: cards reach a little further than they are drawn
 */
export function getDropTargets({ nodes, boxes }) {
    const all = [...nodes.values()].map(({ key, step }) => ({ key, step, box: boxes.get(key) }));
    return [
        ...all
            .filter(({ step }) => step)
            .map(({ key, box }) => ({
                id: `line:${key}`,
                isLine: true,
                key,
                box: { ...box, y: box.y - LINE.top, height: LINE.top - LINE.bottom },
            })),
        ...all.map(({ key, box }) => ({ id: key, isLine: false, key, box })),
    ];
}

/**
 * @param {DropTarget[]} targets in this order
 * @param {{ x: number, y: number }} point of the drawing
 * @returns {DropTarget | undefined}
 */
export function getDropTargetAt(targets, point) {
    return targets.find(({ isLine, box }) => isWithin(box, point, isLine ? 0 : NEAR));
}

/**
 * @param {import("./workflow_rules").Rules} rules
 * @param {Map<string, import("./workflow_layout").TreeNode>} nodes
 * @param {Dragged} dragged
 * @param {DropTarget} target
 * @returns {boolean}
 */
export function canDrop(rules, nodes, dragged, target) {
    const node = nodes.get(target.key);
    if (!node) {
        return false;
    }
    if (dragged.type) {
        return target.isLine ? canBeFollowed(rules, dragged.type) : canFollow(rules, node);
    }
    const moved = nodes.get(dragged.key);
    if (!moved?.step || node === moved) {
        return false;
    }
    if (target.isLine) {
        const comesAfter = getStepNode(node.parent) === moved;
        return (
            !comesAfter &&
            canBeFollowed(rules, moved.step.type) &&
            (dragged.isAlone || !isBelow(node, moved))
        );
    }
    if (isBelow(node, moved)) {
        // Its branches go with it.
        return Boolean(dragged.isAlone) && getStepNode(node) !== moved && canFollow(rules, node);
    }
    return Boolean(getMove(rules, moved, node));
}

const canBeFollowed = (rules, type) => getType(rules, type)?.can_be_followed !== false;

/**
 * @param {import("./workflow_rules").Rules} rules
 * @param {import("./workflow_layout").TreeNode} node
 * @returns {boolean} whether a step can come after it
 */
export function canFollow(rules, { key, step, branch }) {
    if (branch) {
        return !branch.is_holdout;
    }
    return getAllowedTriggers(rules, key === START ? null : step).length > 0;
}

/** The node of a step, also for its branches. */
const getStepNode = (node) => (node.branch ? node.parent : node);
