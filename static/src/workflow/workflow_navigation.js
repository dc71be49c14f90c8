/**
 * Where an arrow key leads in a tree that is drawn top down; above its start are the entries.
 *
 * @param {import("./workflow_layout").TreeNode} node
 * @param {string} key name of the pressed key
 * @param {boolean} isMirrored whether the first child is on the right
 * @returns {import("./workflow_layout").TreeNode | null}
 */
export function getNeighbour(node, key, isMirrored = false) {
    switch (key) {
        case "ArrowUp":
            return node.parent || node.entries?.[0] || null;
        case "ArrowDown":
            return node.children[0] || null;
        case "ArrowLeft":
            return getOnSameLevel(node, isMirrored ? 1 : -1);
        case "ArrowRight":
            return getOnSameLevel(node, isMirrored ? -1 : 1);
        default:
            return null;
    }
}

function getOnSameLevel(node, offset) {
    if (node.siblings) {
        return node.siblings[node.siblings.indexOf(node) + offset] || null;
    }
    let root = node;
    while (root.parent) {
        root = root.parent;
    }
    const level = getLevel(root, node.depth);
    return level[level.indexOf(node) + offset] || null;
}

function getLevel(node, depth) {
    return node.depth === depth ? [node] : node.children.flatMap((child) => getLevel(child, depth));
}
