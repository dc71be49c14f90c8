import { reactive, useExternalListener } from "@odoo/owl";
import { getRectangle, getStepsIn } from "./rectangle";

/**
 * Steps that are selected, to do something with all of them: by Shift or Ctrl and a click, by a
 * rectangle that is drawn with Shift, or all.
 *
 * @param {Object} params
 * @param {import("../node_marks").NodeMarks} params.marks
 * @param {() => { nodes: Map, boxes: Map }} params.getDrawing
 * @param {(point: { x: number, y: number }) => { x: number, y: number }} params.getPoint a point
 *  of the window, in the drawing
 * @param {(keys: string[]) => void} params.onDrawn called when a rectangle is drawn
 * @returns {Object} `state` is to be observed: the keys, and the rectangle in the drawing
 */
export function useSelection({ marks, getDrawing, getPoint, onDrawn }) {
    const state = reactive({ keys: [], rectangle: null });
    let corner = null;
    let before = [];

    function set(keys) {
        state.keys = [...new Set(keys)];
        marks.setAll("isPicked", state.keys);
    }

    useExternalListener(window, "pointermove", (ev) => {
        if (corner) {
            state.rectangle = getRectangle(corner, getPoint({ x: ev.clientX, y: ev.clientY }));
            set([...before, ...getStepsIn(getDrawing(), state.rectangle)]);
        }
    });
    useExternalListener(window, "pointerup", () => {
        if (corner) {
            corner = null;
            state.rectangle = null;
            onDrawn(state.keys);
        }
    });

    return {
        state,
        clear: () => set([]),
        /** @param {string | null} openKey the step that one has open counts as selected */
        toggle(key, openKey) {
            const keys = state.keys.length || !openKey ? state.keys : [openKey];
            set(keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key]);
        },
        selectAll: () =>
            set([...getDrawing().nodes.values()].filter(({ step }) => step).map(({ key }) => key)),
        /** Steps that are gone are not selected any more. */
        keep: () => set(state.keys.filter((key) => getDrawing().nodes.get(key)?.step)),
        /** Begin a rectangle. */
        start(ev) {
            ev.preventDefault();
            corner = getPoint({ x: ev.clientX, y: ev.clientY });
            before = state.keys;
        },
    };
}
