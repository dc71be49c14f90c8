/** What is drawn of a workflow, and where. */

import { groupBy, sortBy } from "@web/core/utils/arrays";
import { makeEntryNodes, placeEntries } from "../entries/entry_drawing";
import { canFollow } from "./drop_targets";
import { buildTree, flatten, getEdgePath, layoutTree, START } from "./workflow_layout";
import { getTrigger, isSteering } from "./workflow_rules";
import { getCardSize } from "./workflow_sizes";
import { getBranchText, getTraceNotes } from "./workflow_text";
import { getButtonLabels } from "./workflow_trace";

/** Lines share their first part: the way that was taken is drawn last, above the others. */
const TONE_ORDER = { "": 0, ahead: 0, planned: 2, done: 3 };

/** One and the same, so that cards with none are not drawn anew. */
const NONE = [];

/**
 * @param {Object} workflow
 * @param {Object[]} workflow.steps
 * @param {import("./workflow_rules").Rules} workflow.rules
 * @param {import("../entries/entry_drawing").Entry[] | undefined} workflow.entries
 * @param {boolean} workflow.canAdd whether entries can be added
 * @param {Object | null} workflow.traces of the participant whose journey is drawn
 * @param {boolean} workflow.canSimulate whether that is a test
 * @param {boolean} workflow.hasFigures
 * @param {boolean} workflow.isMirrored
 * @returns {{ nodes: Map, places: Map, cards: Object[], entries: Object | null, lines: Object[],
 *  boxes: Map, width: number, height: number }} `places` are all that the keyboard leads to
 */
export function drawWorkflow({
    steps,
    rules,
    entries,
    canAdd,
    traces,
    canSimulate,
    hasFigures,
    isMirrored,
}) {
    const tree = buildTree(steps);
    const nodes = flatten(tree);
    const jumps = getJumps(steps);
    const getSources = (step) => jumps[step.key] || NONE;
    const getSize = (node) =>
        getCardSize(node, {
            hasFigures,
            isJourney: Boolean(traces),
            traces: traces || {},
            isSteering: (step) => isSteering(rules, step.type),
            getSources,
            getNotes: getTraceNotes,
            getButtons: (step, trace) => getButtonLabels(rules, step, trace, canSimulate),
        });
    const layout = layoutTree(tree, getSize, { isMirrored });
    const { boxes } = layout;
    const head = entries ? placeEntries(layout, entries, { canAdd, isMirrored }) : null;
    const { width, height } = head || layout;
    const places = [...nodes, ...(entries ? makeEntryNodes(entries, tree) : [])];
    const cards = nodes.slice(1).map((node) => {
        const { key, step, branch, parent, depth } = node;
        return {
            key,
            step,
            branch,
            node,
            depth,
            position: parent.children.indexOf(node) + 1,
            siblings: parent.children.length,
            box: boxes.get(key),
            canFollow: canFollow(rules, node),
            tone: getTone(rules, node, traces),
            path: getEdgePath(boxes.get(parent.key), boxes.get(key)),
            ...(step && {
                trigger: getTrigger(rules, step.trigger),
                branchText: getBranchText(rules, step),
                sources: getSources(step),
                target: nodes.find((each) => each.step && each.key === step.gotoKey)?.step || null,
            }),
        };
    });
    return {
        nodes: new Map(nodes.map((node) => [node.key, node])),
        places: new Map(places.map((node) => [node.key, node])),
        cards,
        entries: head,
        lines: sortBy(cards, ({ tone }) => TONE_ORDER[tone] ?? 1),
        startBox: boxes.get(START),
        boxes,
        width,
        height,
    };
}

function getTone(rules, { step, branch, parent }, traces) {
    if (!traces) {
        return "";
    }
    if (branch) {
        const trace = traces[parent.step.resId];
        const visits = trace?.visits || [trace];
        return visits.some((visit) => branch.id && visit?.branch === branch.id) ? "done" : "ahead";
    }
    const trace = traces[step.resId];
    return trace ? rules.tones["marketing.trace"][trace.outcome] : "ahead";
}

/** The steps that go on at others, by the key of where they lead. */
function getJumps(steps) {
    return groupBy(
        steps.filter(({ gotoKey }) => gotoKey),
        "gotoKey"
    );
}
