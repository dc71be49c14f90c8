import { onPatched } from "@odoo/owl";
import { useBus, useService } from "@web/core/utils/hooks";
import { START } from "./workflow_layout";
import { getNeighbour } from "./workflow_navigation";

/**
 * Arrow keys lead from card to card; the Tab key stops at one card only, and then at what is
 * in it. What is gone leaves its place, and the focus, to what it came after.
 *
 * @param {{ el: HTMLElement }} ref
 * @param {Object} params
 * @param {() => Map} params.getNodes nodes by key
 * @param {import("./node_marks").NodeMarks} params.marks
 * @param {() => boolean} params.isReadonly
 * @param {boolean} params.isMirrored
 * @param {(key: string) => void} params.reveal scroll to a node
 * @param {(node: Object) => void} params.open
 * @param {(node: Object) => void} params.remove
 */
export function useTreeKeyboard(
    ref,
    { getNodes, marks, isReadonly, isMirrored, reveal, open, remove }
) {
    const ui = useService("ui");
    /** Of what is gone, by key: the key of what it came after. */
    const heirs = new Map();
    let drawn = new Map();
    let isLost = false;

    /** @returns {string} the node with a key or, where it is gone, what it came after */
    function find(key) {
        let found = key;
        while (!drawn.has(found)) {
            found = heirs.get(found) || START;
        }
        return found;
    }

    /** Where the Tab key stops, unless a key is given; what one points at need not be revealed. */
    function focus(wanted = marks.getKey("isTabStop"), { isRevealed = true } = {}) {
        const key = find(wanted);
        marks.set("isTabStop", key);
        const element = ref.el?.querySelector(`[role="treeitem"][data-key="${CSS.escape(key)}"]`);
        if (element) {
            element.focus({ preventScroll: true });
            if (isRevealed) {
                reveal(key);
            }
        }
    }

    /** A dialog keeps the focus until it closes. */
    function recover() {
        if (isLost && ui.activeElement.contains(ref.el)) {
            isLost = false;
            if (document.activeElement === document.body) {
                focus();
            }
        }
    }

    onPatched(recover);
    // It gives the focus back to where it was, after it has told so.
    useBus(ui.bus, "active-element-changed", () => Promise.resolve().then(recover));

    /** @returns {boolean} whether the key means something here */
    function press(key, node) {
        const neighbour = getNeighbour(node, key, isMirrored);
        if (neighbour) {
            focus(neighbour.key);
        } else if (key === "Home") {
            focus(START);
        } else if (["Enter", " "].includes(key) && node.key !== START) {
            open(node);
        } else if (key === "Delete" && (node.step || node.entry) && !isReadonly()) {
            remove(node);
        } else if (["+", "Insert"].includes(key) && !isReadonly()) {
            const add = `.o_mwf_add[data-key="${CSS.escape(node.key)}"]`;
            ref.el.querySelector(node.entry ? ".o_mwf_add_entry" : add)?.click();
        } else {
            return false;
        }
        return true;
    }

    return {
        focus,
        /** Called when it is drawn anew: the node where the Tab key stops may be gone. */
        keepTabStop() {
            const before = drawn;
            drawn = getNodes();
            for (const [key, { parent }] of before) {
                if (!drawn.has(key)) {
                    heirs.set(key, parent?.key);
                }
            }
            const key = marks.getKey("isTabStop");
            if (!drawn.has(key)) {
                isLost = Boolean(key);
                marks.set("isTabStop", find(key));
            }
        },
        onFocusIn(ev) {
            const key = ev.target.closest("[role='treeitem']")?.dataset.key;
            if (key) {
                marks.set("isTabStop", key);
            }
        },
        onKeydown(ev) {
            const { target } = ev;
            if (
                target.getAttribute("role") === "treeitem" &&
                press(ev.key, getNodes().get(target.dataset.key))
            ) {
                ev.preventDefault();
                ev.stopPropagation();
            }
        },
    };
}
