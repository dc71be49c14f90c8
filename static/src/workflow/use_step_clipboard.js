import { useExternalListener } from "@odoo/owl";

/**
 * Copy, cut and paste by keys: of the step that has the focus, unless a text is selected.
 *
 * @param {{ el: HTMLElement }} ref
 * @param {Object} params
 * @param {(key: string) => Object | undefined} params.getNode what is drawn, by key
 * @param {() => Object} params.getActions see `useStepCopies`; without these, nothing happens
 * @param {() => boolean} params.isReadonly
 */
export function useStepClipboard(ref, { getNode, getActions, isReadonly }) {
    function getFocused() {
        const { activeElement } = document;
        const isOnCanvas =
            activeElement?.getAttribute("role") === "treeitem" && ref.el?.contains(activeElement);
        return isOnCanvas && getActions().paste ? getNode(activeElement.dataset.key) : null;
    }

    function write(ev, getText) {
        const step = getFocused()?.step;
        const text = step && document.getSelection().isCollapsed && getText(step);
        if (text) {
            ev.clipboardData.setData("text/plain", text);
            ev.preventDefault();
        }
    }

    useExternalListener(document, "copy", (ev) => write(ev, (step) => getActions().copy(step)));
    useExternalListener(document, "cut", (ev) =>
        write(ev, (step) => !isReadonly() && getActions().cut(step))
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
