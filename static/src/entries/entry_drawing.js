/** The ways into a campaign, in a row above the start of its workflow: as pure functions. */

import { getEdgePath, START } from "../workflow/workflow_layout";

/** In pixels; as wide as the start, so that a single one stands straight above it. */
const CARD = { width: 236, height: 60 };
const ADD = { width: 100, height: 60 };
const NOBODY = { width: 340, height: 172 };
const GAP = { x: 20, y: 60 };

/**
 * @typedef {{ key: string, resId: number | false, name: string, text: string, type: string,
 *  count: number, isOpen: boolean }} Entry
 */

/**
 * @param {import("@web/model/relational_model/record").Record} record
 * @returns {Entry}
 */
export function getEntryOfRecord(record) {
    const { data, resId, id } = record;
    return {
        key: `entry_${resId || id}`,
        resId: resId || false,
        name: data.name || "",
        text: data.description || "",
        type: data.entry_type,
        count: data.participant_count || 0,
        isOpen: data.active,
    };
}

/**
 * Make room above the start, and place the entries there; where there is none, what says so.
 *
 * @param {{ boxes: Map, width: number, height: number }} layout of the workflow; its boxes move
 * @param {Entry[]} entries
 * @param {{ canAdd: boolean, isMirrored: boolean }} options
 * @returns {{ cards: Object[], addBox: Object | null, nobodyBox: Object | null, width: number,
 *  height: number }}
 */
export function placeEntries({ boxes, width, height }, entries, { canAdd, isMirrored }) {
    const size = entries.length ? CARD : NOBODY;
    const count = entries.length || 1;
    const rowWidth = count * (size.width + GAP.x) - GAP.x;
    const besides = entries.length && canAdd ? GAP.x + ADD.width : 0;
    const start = boxes.get(START);
    const left = start.x + start.width / 2 - rowWidth / 2;
    const before = isMirrored ? besides : 0;
    const shift = Math.max(0, before - left);
    for (const box of boxes.values()) {
        box.x += shift;
        box.y += size.height + GAP.y;
    }
    const placed = entries.map((entry, index) => {
        const place = isMirrored ? count - 1 - index : index;
        const box = { x: left + shift + place * (CARD.width + GAP.x), y: 0, ...CARD };
        return { key: entry.key, entry, box, path: getEdgePath(box, start) };
    });
    const end = left + shift + rowWidth;
    return {
        cards: placed,
        addBox: besides
            ? { x: isMirrored ? left + shift - besides : end + GAP.x, y: 0, ...ADD }
            : null,
        nobodyBox: entries.length ? null : { x: left + shift, y: 0, ...size },
        width: Math.max(width + shift, end + (isMirrored ? 0 : besides)),
        height: height + size.height + GAP.y,
    };
}

/**
 * The entries as neighbours of the start, for the keyboard.
 *
 * @param {Entry[]} entries
 * @param {import("../workflow/workflow_layout").TreeNode} start
 * @returns {Object[]}
 */
export function makeEntryNodes(entries, start) {
    const nodes = entries.map((entry) => ({
        key: entry.key,
        entry,
        parent: null,
        children: [start],
    }));
    for (const node of nodes) {
        node.siblings = nodes;
    }
    start.entries = nodes;
    return nodes;
}

/**
 * The types of which another entry can be added.
 *
 * @param {Object[]} types
 * @param {Entry[]} entries
 * @returns {Object[]}
 */
export function getAddableTypes(types, entries) {
    const open = new Set(entries.filter(({ isOpen }) => isOpen).map(({ type }) => type));
    return types.filter(({ key, is_single: isSingle }) => !(isSingle && open.has(key)));
}
