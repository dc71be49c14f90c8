/**
 * Where the cards of a workflow go, as pure functions: no DOM, no component.
 *
 * A workflow is drawn as a tree, top down in time: what follows an activity is
 * below it, alternatives stand side by side. The branches of a step that steers are nodes, too,
 * between it and what hangs on them. Subtrees are moved together until
 * their cards would touch (not their bounding boxes), so that wide branches use
 * the room beside short ones.
 */

/** Key of the node at which every workflow starts. */
export const START = "start";

/** Room between cards, in pixels: below a card are its "+" and its children's labels. */
export const GAP = { x: 20, y: 92 };

/** Room above a branch: it has no label of its own. */
const BRANCH_GAP = 60;

/**
 * @typedef {{ key: string, parentKey?: string | false, sort?: number, branchKey?: string | false,
 *  branches?: import("./workflow_steps").Branch[] }} Step
 * @typedef {{ key: string, step: Step | null, branch: Object | null, depth: number,
 *  children: TreeNode[], parent: TreeNode | null, size: number }} TreeNode of a step, of a branch
 *  or, with neither, of the start; `size` counts the steps in the subtree
 * @typedef {{ x: number, y: number, width: number, height: number }} Box
 */

function makeNode(key, values) {
    return {
        key,
        step: null,
        branch: null,
        depth: 0,
        children: [],
        parent: null,
        size: 0,
        ...values,
    };
}

/**
 * Arrange steps as a tree below the start. A step whose branch is not there is attached to its
 * parent, and one whose parent is not there to the start, so that nothing ever disappears from
 * the drawing.
 *
 * @param {Step[]} steps
 * @returns {TreeNode}
 */
export function buildTree(steps) {
    const root = makeNode(START);
    const nodes = new Map([[START, root]]);
    for (const step of steps) {
        const node = makeNode(step.key, { step, size: 1 });
        nodes.set(step.key, node);
        for (const branch of step.branches || []) {
            const way = makeNode(branch.key, { branch, parent: node });
            nodes.set(branch.key, way);
            node.children.push(way);
        }
    }
    for (const step of steps) {
        const node = nodes.get(step.key);
        const parent = nodes.get(step.branchKey) || nodes.get(step.parentKey) || root;
        node.parent = isBelow(parent, node) ? root : parent;
        node.parent.children.push(node);
    }
    const finish = (node, depth) => {
        node.depth = depth;
        node.children.sort((a, b) => getSort(a) - getSort(b));
        for (const child of node.children) {
            node.size += finish(child, depth + 1);
        }
        return node.size;
    };
    finish(root, 0);
    return root;
}

/**
 * @param {TreeNode} node
 * @param {TreeNode} above
 * @returns {boolean} whether a node is another one, or comes after it
 */
export function isBelow(node, above) {
    for (let each = node; each; each = each.parent) {
        if (each === above) {
            return true;
        }
    }
    return false;
}

/** Branches come first, in their own order. */
function getSort({ step }) {
    return step ? step.sort || 0 : -1;
}

/**
 * All nodes, each before its children.
 *
 * @param {TreeNode} root
 * @returns {TreeNode[]}
 */
export function flatten(root) {
    return [root, ...root.children.flatMap(flatten)];
}

/**
 * How far a subtree must move to the right so that none of its cards touches the others.
 *
 * @param {Box[]} placed
 * @param {Box[]} boxes
 * @returns {number}
 */
function getShift(placed, boxes) {
    let shift = -Infinity;
    for (const left of placed) {
        for (const right of boxes) {
            const overlaps =
                left.y < right.y + right.height + GAP.y && right.y < left.y + left.height + GAP.y;
            if (overlaps) {
                shift = Math.max(shift, left.x + left.width + GAP.x - right.x);
            }
        }
    }
    return shift;
}

/**
 * Boxes of a subtree whose root is centred on x = 0.
 *
 * @param {TreeNode} node
 * @param {number} y top of the root
 * @param {(node: TreeNode) => { width: number, height: number }} sizeOf
 * @returns {{ root: Box, all: Box[], byKey: Map<string, Box> }}
 */
function placeSubtree(node, y, sizeOf) {
    const { width, height } = sizeOf(node);
    const root = { x: -width / 2, y, width, height };
    const byKey = new Map([[node.key, root]]);
    const all = [];
    const roots = [];
    for (const child of node.children) {
        const gap = child.branch ? BRANCH_GAP : GAP.y;
        const subtree = placeSubtree(child, y + height + gap, sizeOf);
        const shift = roots.length ? getShift(all, subtree.all) : 0;
        for (const box of subtree.all) {
            box.x += shift;
        }
        roots.push(subtree.root);
        all.push(...subtree.all);
        for (const [key, box] of subtree.byKey) {
            byKey.set(key, box);
        }
    }
    if (roots.length) {
        const first = roots[0];
        const last = roots.at(-1);
        const center = (first.x + first.width / 2 + last.x + last.width / 2) / 2;
        for (const box of all) {
            box.x -= center;
        }
    }
    all.push(root);
    return { root, all, byKey };
}

/**
 * @param {TreeNode} tree
 * @param {(node: TreeNode) => { width: number, height: number }} sizeOf
 * @param {{ isMirrored?: boolean }} [options] mirrored for languages from right to left
 * @returns {{ width: number, height: number, boxes: Map<string, Box> }}
 */
export function layoutTree(tree, sizeOf, { isMirrored = false } = {}) {
    const { all, byKey } = placeSubtree(tree, 0, sizeOf);
    const left = Math.min(...all.map((box) => box.x));
    const width = Math.max(...all.map((box) => box.x + box.width)) - left;
    const height = Math.max(...all.map((box) => box.y + box.height));
    for (const box of all) {
        box.x -= left;
        if (isMirrored) {
            box.x = width - box.x - box.width;
        }
    }
    return { width, height, boxes: byKey };
}

/**
 * Path of a line from a card to one of its children, with round corners.
 *
 * @param {Box} parent
 * @param {Box} child
 * @returns {string} the `d` of an SVG path
 */
export function getEdgePath(parent, child) {
    const startX = parent.x + parent.width / 2;
    const startY = parent.y + parent.height;
    const endX = child.x + child.width / 2;
    const turnY = startY + 40;
    const distance = Math.abs(endX - startX);
    if (distance < 1) {
        return `M ${startX} ${startY} V ${child.y}`;
    }
    const radius = Math.min(10, distance / 2);
    const direction = endX > startX ? 1 : -1;
    const sweep = endX > startX ? 0 : 1;
    return [
        `M ${startX} ${startY}`,
        `V ${turnY - radius}`,
        `A ${radius} ${radius} 0 0 ${sweep} ${startX + direction * radius} ${turnY}`,
        `H ${endX - direction * radius}`,
        `A ${radius} ${radius} 0 0 ${1 - sweep} ${endX} ${turnY + radius}`,
        `V ${child.y}`,
    ].join(" ");
}

/**
 * @param {Box} box
 * @param {{ x: number, y: number }} point
 * @param {number} [margin=0] pixels around it that count as the box
 * @returns {boolean} whether the point is in it
 */
export function isWithin(box, { x, y }, margin = 0) {
    return (
        x >= box.x - margin &&
        x <= box.x + box.width + margin &&
        y >= box.y - margin &&
        y <= box.y + box.height + margin
    );
}
