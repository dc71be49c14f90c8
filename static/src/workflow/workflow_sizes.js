/**
 * How large cards are, in pixels. Sizes are known before anything is drawn, so that
 * nothing jumps; the style sheet only fills them.
 */

import { START } from "./workflow_layout";
import { getBranchLabel } from "./workflow_text";

const WIDTH = 260;
const HEADER = 60;
const FIGURES = 124;
const RATES = 48;
const STATUS = 34;
const REASON = 38;
const NOTE = 24;
// Buttons are wrapped to the next row before they are cut.
const BUTTONS = { row: 32, rest: 10, width: 242, gap: 4, letter: 7, padding: 22 };
const STEERING_FIGURES = 30;
const SOURCES = 26;
const BRANCH = { height: 28, min: 96, max: 260, letter: 7, rest: 64 };

/**
 * @param {import("./workflow_layout").TreeNode} node
 * @param {{ hasFigures: boolean, isJourney: boolean, traces: Object, getButtons: Function,
 *  isSteering: Function, getSources: Function, getNotes: Function }} drawing
 * @returns {{ width: number, height: number }}
 */
export function getCardSize(node, drawing) {
    const { hasFigures, isJourney, traces, getButtons, isSteering, getSources, getNotes } = drawing;
    if (node.key === START) {
        return { width: isJourney ? 290 : 236, height: 44 };
    }
    if (node.branch) {
        const { height, min, max, letter, rest } = BRANCH;
        const width = getBranchLabel(node.branch).length * letter + rest;
        return { width: Math.min(Math.max(width, min), max), height };
    }
    let height = HEADER + (getSources(node.step).length ? SOURCES : 0);
    if (hasFigures && isSteering(node.step)) {
        height += STEERING_FIGURES;
    } else if (hasFigures) {
        height += FIGURES + (node.step.possibleEvents.length ? RATES : 0);
    }
    if (isJourney) {
        const trace = traces[node.step.resId];
        height += STATUS;
        height += isReason(trace) ? REASON : getNotes(trace).length ? NOTE : 0;
        height += getButtonsHeight(getButtons(node.step, trace));
    }
    return { width: WIDTH, height };
}

/** @returns {boolean} whether what is said of a step is a sentence that takes two lines */
export function isReason(trace) {
    return Boolean(trace?.reason || trace?.hold);
}

/**
 * @param {string[]} labels
 * @returns {number}
 */
function getButtonsHeight(labels) {
    const { row, rest, width, gap, letter, padding } = BUTTONS;
    let rows = 0;
    let left = 0;
    for (const { length } of labels) {
        const needed = length * letter + padding;
        if (needed > left) {
            rows += 1;
            left = width;
        }
        left -= needed + gap;
    }
    return rows ? rows * row + rest : 0;
}
