import { reactive, useExternalListener } from "@odoo/owl";
import { makeDraggableHook } from "@web/core/utils/draggable_hook_builder_owl";
import { pick } from "@web/core/utils/objects";
import { getDropTargetAt } from "./drop_targets";

/** Pixels from the edge of the canvas in which it goes on by itself, and how far in a frame. */
const EDGE = { threshold: 50, speed: 20 };

const getDragged = ({ ctx }) => ({ ...pick(ctx.current, "element"), ...ctx.pointer });

const useDraggableStep = makeDraggableHook({
    name: "useDraggableStep",
    acceptedParams: { getViewport: [Function] },
    onComputeParams({ ctx, params }) {
        // Cards are in a scaled drawing: a ghost follows the pointer instead.
        ctx.followCursor = false;
        ctx.getViewport = params.getViewport;
        // A step that is gone since it was pressed is not dragged.
        ctx.enable = () =>
            params.enable() && (ctx.dragging || ctx.current.element?.isConnected !== false);
    },
    /** What comes from the palette is over the canvas only later: that is what goes on at its
     * edges, and not before one has been inside. */
    onWillStartDrag({ ctx }) {
        ctx.current.container = ctx.getViewport().firstElementChild;
        ctx.edgeScrolling.enabled = true;
    },
    onDragStart({ ctx }) {
        followEdges(ctx);
        return getDragged({ ctx });
    },
    onDrag({ ctx }) {
        followEdges(ctx);
        return getDragged({ ctx });
    },
    onDragEnd: ({ ctx }) => pick(ctx.current, "element"),
    onDrop: getDragged,
});

function followEdges(ctx) {
    const isWithin = (margin) => {
        const { left, right, top, bottom } = ctx.getViewport().getBoundingClientRect();
        const { x, y } = ctx.pointer;
        return x > left + margin && x < right - margin && y > top + margin && y < bottom - margin;
    };
    ctx.current.hasBeenInside ||= isWithin(EDGE.threshold);
    ctx.edgeScrolling.enabled = ctx.current.hasBeenInside && isWithin(0);
}

/**
 * Drag a step, or a new one from the palette, to where it shall come. Escape lets it be.
 *
 * @param {{ el: HTMLElement }} ref of what holds the palette and the canvas
 * @param {Object} params
 * @param {() => boolean} params.enable
 * @param {() => HTMLElement} params.getViewport
 * @param {(dragged: import("./drop_targets").Dragged) => { name: string, icon: string,
 *  note: string }} params.describe
 * @param {(dragged: import("./drop_targets").Dragged) => (import("./drop_targets").DropTarget &
 *  { isAllowed: boolean })[]} params.getTargets
 * @param {(point: { x: number, y: number }) => { x: number, y: number }} params.getPoint a point
 *  of the window, in the drawing
 * @param {(dragged: import("./drop_targets").Dragged,
 *  target: import("./drop_targets").DropTarget) => void} params.drop
 * @returns {{ dragged: import("./drop_targets").Dragged | null, ghost: Object | null,
 *  targets: Object[], overId: string | null, x: number, y: number }} to be observed by what is drawn while one
 *  drags: the workflow itself is not drawn anew
 */
export function useWorkflowDrag(
    ref,
    { enable, getViewport, describe, getTargets, getPoint, drop }
) {
    const nothing = { dragged: null, ghost: null, targets: [], overId: null };
    const state = reactive({ ...nothing, x: 0, y: 0 });
    let isAlone = false;

    function setDragged(dragged) {
        Object.assign(state, {
            dragged,
            ghost: describe(dragged),
            targets: getTargets(dragged),
        });
    }

    function getTarget(point) {
        const { left, right, top, bottom } = getViewport().getBoundingClientRect();
        const isOutside = point.x < left || point.x > right || point.y < top || point.y > bottom;
        const target = isOutside ? null : getDropTargetAt(state.targets, getPoint(point));
        return target?.isAllowed ? target : null;
    }

    /** With Alt, a step goes without what follows it; it can be pressed meanwhile. */
    function followAlt(ev) {
        isAlone = ev.altKey;
        const { dragged } = state;
        if (dragged?.key && dragged.isAlone !== isAlone) {
            setDragged({ key: dragged.key, isAlone });
            state.overId = getTarget(state)?.id || null;
        }
        if (dragged && ev.key === "Alt") {
            // Else the browser goes to its menu.
            ev.preventDefault();
        }
    }

    for (const name of ["pointerdown", "pointermove", "keydown", "keyup"]) {
        useExternalListener(window, name, followAlt, { capture: true });
    }
    useDraggableStep({
        ref,
        enable,
        getViewport,
        elements: ".o_mwf_card, .o_mwf_palette_item",
        ignore: ".o_mwf_card :is(button, a, canvas, input)",
        cursor: "grabbing",
        edgeScrolling: EDGE,
        onDragStart({ element, x, y }) {
            const { key, type } = element.dataset;
            Object.assign(state, { x, y });
            setDragged(type ? { type } : { key, isAlone });
        },
        onDrag({ x, y }) {
            Object.assign(state, { overId: getTarget({ x, y })?.id || null, x, y });
        },
        onDrop({ x, y }) {
            const target = getTarget({ x, y });
            if (target) {
                drop(state.dragged, target);
            }
        },
        onDragEnd: () => Object.assign(state, nothing),
    });
    return state;
}
