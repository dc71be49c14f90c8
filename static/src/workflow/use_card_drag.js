import { reactive } from "@odoo/owl";
import { makeDraggableHook } from "@web/core/utils/draggable_hook_builder_owl";
import { pick } from "@web/core/utils/objects";

const useDraggableCard = makeDraggableHook({
    name: "useDraggableCard",
    onComputeParams({ ctx }) {
        // Cards are in a scaled drawing: a ghost follows the pointer instead.
        ctx.followCursor = false;
    },
    onDragStart: ({ ctx }) => ({ ...pick(ctx.current, "element"), ...ctx.pointer }),
    onDrag: ({ ctx }) => ({ ...pick(ctx.current, "element"), ...ctx.pointer }),
    onDragEnd: ({ ctx }) => pick(ctx.current, "element"),
    onDrop: ({ ctx }) => ({ ...pick(ctx.current, "element"), ...ctx.pointer }),
});

/**
 * Drag a card onto the card that it shall come after.
 *
 * @param {{ el: HTMLElement }} ref
 * @param {Object} params
 * @param {() => boolean} params.enable
 * @param {(point: { x: number, y: number }) => string | null} params.getKeyAt
 * @param {(key: string, parentKey: string) => boolean} params.canDrop
 * @param {(key: string, parentKey: string) => void} params.drop
 * @returns {{ key: string | null, overKey: string | null, x: number, y: number }} to be observed
 *  by what is drawn while one drags: the workflow itself is not drawn anew
 */
export function useCardDrag(ref, { enable, getKeyAt, canDrop, drop }) {
    const state = reactive({ key: null, overKey: null, x: 0, y: 0 });
    const reset = () => Object.assign(state, { key: null, overKey: null });
    const getTarget = (point) => {
        const key = getKeyAt(point);
        return key && canDrop(state.key, key) ? key : null;
    };
    useDraggableCard({
        ref,
        enable,
        elements: ".o_mwf_card",
        ignore: "button, a, canvas, input",
        cursor: "grabbing",
        edgeScrolling: { speed: 20, threshold: 50 },
        onDragStart({ element, x, y }) {
            Object.assign(state, { key: element.dataset.key, x, y });
        },
        onDrag({ x, y }) {
            Object.assign(state, { overKey: getTarget({ x, y }), x, y });
        },
        onDrop({ x, y }) {
            const target = getTarget({ x, y });
            if (target) {
                drop(state.key, target);
            }
        },
        onDragEnd: reset,
    });
    return state;
}
