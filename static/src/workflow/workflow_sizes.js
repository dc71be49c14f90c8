/**
 * How large cards are, in pixels. Sizes are known before anything is drawn, so that
 * nothing jumps; the style sheet only fills them.
 */

import { START } from "./workflow_layout";

const WIDTH = 260;
const HEADER = 60;
const FIGURES = 124;
const RATES = 48;
const STATUS = 34;
const REASON = 38;
const BUTTONS = 42;

/**
 * @param {import("./workflow_layout").TreeNode} node
 * @param {{ hasFigures: boolean, isJourney: boolean, traces: Object, hasButtons: Function }} drawing
 * @returns {{ width: number, height: number }}
 */
export function getCardSize(node, { hasFigures, isJourney, traces, hasButtons }) {
    if (node.key === START) {
        return { width: 236, height: 44 };
    }
    let height = HEADER;
    if (hasFigures) {
        height += FIGURES + (node.step.possibleEvents.length ? RATES : 0);
    }
    if (isJourney) {
        const trace = traces[node.step.resId];
        height += STATUS;
        height += trace?.reason ? REASON : 0;
        height += hasButtons(node.step, trace) ? BUTTONS : 0;
    }
    return { width: WIDTH, height };
}
