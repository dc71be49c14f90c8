import { START } from "./workflow_layout";
import { getNeighbour } from "./workflow_navigation";

/**
 * Arrow keys lead from card to card; the Tab key stops at one card only, and then at what is
 * in it.
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
    function focus(key) {
        marks.set("isTabStop", key);
        const element = ref.el?.querySelector(`[role="treeitem"][data-key="${CSS.escape(key)}"]`);
        if (element) {
            element.focus({ preventScroll: true });
            reveal(key);
        }
    }

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
        /** The node where the Tab key stops may be gone. */
        keepTabStop() {
            if (!getNodes().has(marks.getKey("isTabStop"))) {
                marks.set("isTabStop", START);
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
