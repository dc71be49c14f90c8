/**
 * What was done to a workflow, so that it can be undone: values before and after, never an inverse
 * that is written by hand.
 *
 * @typedef {{ label: string, changes: Map<string, { before: Part, after: Part }> }} Entry
 * @typedef {import("./document").DocumentStep | { place: import("./document").Place | null,
 *  values: Object, ways: import("./document").Way[] | null,
 *  branches: import("../workflow_steps").Branch[] | null } | null} Part of a step: the whole of it, what of it is changed, or null where
 *  it is not in the workflow
 * @typedef {{ past: Entry[], future: Entry[] }} History the newest last
 */

import { getDifference, isNothing, withWays } from "./document";

/** So many entries are kept. */
const LIMIT = 200;

/** @type {History} */
export const EMPTY_HISTORY = { past: [], future: [] };

/**
 * @param {import("./document").WorkflowDocument} before
 * @param {import("./document").WorkflowDocument} after
 * @returns {Map<string, { before: Part, after: Part }>} by key of the step
 */
export function getChanges(before, after) {
    const changes = new Map();
    for (const key of new Set([...before.keys(), ...after.keys()])) {
        const [from, to] = [before.get(key) || null, after.get(key) || null];
        if (!from || !to) {
            changes.set(key, { before: from, after: to });
        } else if (from !== to) {
            const forward = getDifference(from, to);
            if (!isNothing(forward)) {
                changes.set(key, { before: getDifference(to, from), after: forward });
            }
        }
    }
    return changes;
}

/**
 * @param {History} history
 * @param {string} label what was done, in words
 * @param {import("./document").WorkflowDocument} before
 * @param {import("./document").WorkflowDocument} after
 * @returns {History} the same where nothing has changed
 */
export function record(history, label, before, after) {
    const changes = getChanges(before, after);
    if (!changes.size) {
        return history;
    }
    return { past: [...history.past, { label, changes }].slice(-LIMIT), future: [] };
}

/**
 * @param {import("./document").WorkflowDocument} document
 * @param {Entry} entry
 * @param {"before" | "after"} side
 * @returns {import("./document").WorkflowDocument}
 */
function restore(document, { changes }, side) {
    const restored = new Map(document);
    for (const [key, { [side]: part }] of changes) {
        const step = document.get(key);
        if (!part) {
            restored.delete(key);
        } else if ("key" in part) {
            restored.set(key, part);
        } else if (step) {
            const values = { ...step.values, ...part.values };
            const branches = part.branches || step.branches;
            restored.set(key, withWays({ ...step, ...part.place, values, branches }, part.ways));
        }
    }
    return restored;
}

/**
 * @param {History} history
 * @param {import("./document").WorkflowDocument} document
 * @returns {{ history: History, document: import("./document").WorkflowDocument,
 *  label: string } | null} null where there is nothing to undo
 */
export function undo({ past, future }, document) {
    const entry = past.at(-1);
    return (
        entry && {
            history: { past: past.slice(0, -1), future: [...future, entry] },
            document: restore(document, entry, "before"),
            label: entry.label,
        }
    );
}

/** The same, forward. */
export function redo({ past, future }, document) {
    const entry = future.at(-1);
    return (
        entry && {
            history: { past: [...past, entry], future: future.slice(0, -1) },
            document: restore(document, entry, "after"),
            label: entry.label,
        }
    );
}
