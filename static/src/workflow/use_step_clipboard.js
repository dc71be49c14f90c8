import { useExternalListener } from "@odoo/owl";

/**
 * Copy, cut and paste by keys: of the step that has the focus, or of all that are selected with it, unless a text is selected.
 *
 * @param {{ el: HTMLElement }} ref
 * @param {Object} params
 * @param {(key: string) => Object | undefined} params.getNode what is drawn, by key
 * @param {(step: Object) => Object[]} params.getSelected
 * @param {() => Object} params.getActions see `useStepCopies`; without these, nothing happens
 * @param {() => boolean} params.isReadonly
 */
export function useStepClipboard(ref, { getNode, getSelected, getActions, isReadonly }) {
    function getFocused() {
        const { activeElement } = document;
        const isOnCanvas =
            activeElement?.getAttribute("role") === "treeitem" && ref.el?.contains(activeElement);
        return isOnCanvas && getActions().paste ? getNode(activeElement.dataset.key) : null;
    }

    function write(ev, getText) {
        const step = getFocused()?.step;
        const text = step && document.getSelection().isCollapsed && getText(getSelected(step));
        if (text) {
            ev.clipboardData.setData("text/plain", text);
            ev.preventDefault();
        }
    }

    useExternalListener(document, "copy", (ev) => write(ev, (steps) => getActions().copy(steps)));
    useExternalListener(document, "cut", (ev) =>
        write(ev, (steps) => !isReadonly() && getActions().cut(steps))
    );
    useExternalListener(document, "paste", (ev) => {
        const node = !isReadonly() && getFocused();
        if (node && !node.entry) {
            const { step, branch, parent } = node;
            const text = ev.clipboardData.getData("text/plain");
            getActions().paste(text, branch ? parent.step : step, branch);
            ev.preventDefault();
        }
    });
}
