/** What a rectangle selects, as pure functions. */

/**
 * @param {{ x: number, y: number }} from a corner, in the drawing
 * @param {{ x: number, y: number }} to the opposite one
 * @returns {import("../workflow_layout").Box}
 */
export function getRectangle(from, to) {
    return {
        x: Math.min(from.x, to.x),
        y: Math.min(from.y, to.y),
        width: Math.abs(from.x - to.x),
        height: Math.abs(from.y - to.y),
    };
}

/**
 * @param {{ nodes: Map, boxes: Map }} drawing
 * @param {import("../workflow_layout").Box} rectangle
 * @returns {string[]} keys of the steps that it touches
 */
export function getStepsIn({ nodes, boxes }, rectangle) {
    return [...nodes.values()]
        .filter(({ key, step }) => step && isTouching(boxes.get(key), rectangle))
        .map(({ key }) => key);
}

function isTouching(a, b) {
    return (
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
    );
}
