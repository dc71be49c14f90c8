import { onMounted, useExternalListener, useState } from "@odoo/owl";

const STEPS = [0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.25, 1.5];
/** Below this, the text of cards cannot be read: the drawing is scrolled instead. */
const READABLE = 0.67;

/**
 * Zoom by buttons and Ctrl + wheel; pan by dragging the background. Scrolling is the
 * browser's own, so keyboard, touch and screen readers work as everywhere.
 *
 * @param {{ el: HTMLElement }} viewportRef
 * @param {() => { width: number, height: number }} getSize size of the drawing at 100%
 */
export function useZoom(viewportRef, getSize) {
    const state = useState({ scale: 1, isPanning: false });
    let pan = null;

    function setScale(scale, point = null) {
        const el = viewportRef.el;
        const factor = scale / state.scale;
        if (!el || factor === 1) {
            return;
        }
        const { left, top } = el.getBoundingClientRect();
        const x = point ? point.x - left : el.clientWidth / 2;
        const y = point ? point.y - top : Math.min(el.clientHeight, 400) / 2;
        const scroll = {
            left: (el.scrollLeft + x) * factor - x,
            top: (el.scrollTop + y) * factor - y,
        };
        state.scale = scale;
        requestAnimationFrame(() => el.scrollTo(scroll));
    }

    function step(direction, point) {
        const index = STEPS.findIndex((value) => value >= state.scale - 0.001);
        const isBetween = STEPS[index] > state.scale + 0.001;
        const next = index + (direction > 0 ? (isBetween ? 0 : 1) : -1);
        setScale(STEPS[Math.min(Math.max(next, 0), STEPS.length - 1)], point);
    }

    function getFit() {
        const el = viewportRef.el;
        const { width, height } = getSize();
        const isBounded = el.scrollHeight > el.clientHeight + 1;
        const byHeight = isBounded ? (el.clientHeight - 24) / height : 1;
        return Math.max(0.2, Math.min(1, (el.clientWidth - 24) / width, byHeight));
    }

    function center() {
        const el = viewportRef.el;
        el.scrollLeft = (el.scrollWidth - el.clientWidth) / 2;
    }

    function onPointerDown(ev) {
        const isBackground = !ev.target.closest("button, a, input, [role='treeitem']");
        if (ev.button !== 0 || ev.pointerType === "touch" || !isBackground) {
            return;
        }
        const el = viewportRef.el;
        pan = { x: ev.clientX + el.scrollLeft, y: ev.clientY + el.scrollTop };
        state.isPanning = true;
    }

    useExternalListener(window, "pointermove", (ev) => {
        if (pan) {
            viewportRef.el.scrollTo({ left: pan.x - ev.clientX, top: pan.y - ev.clientY });
        }
    });
    useExternalListener(window, "pointerup", () => {
        pan = null;
        state.isPanning = false;
    });

    onMounted(() => {
        if (viewportRef.el) {
            state.scale = Math.max(READABLE, getFit());
            requestAnimationFrame(() => viewportRef.el && center());
        }
    });

    return {
        state,
        onPointerDown,
        zoomIn: () => step(1),
        zoomOut: () => step(-1),
        fit: () => {
            setScale(getFit());
            requestAnimationFrame(center);
        },
        onWheel(ev) {
            if (ev.ctrlKey || ev.metaKey) {
                ev.preventDefault();
                step(ev.deltaY < 0 ? 1 : -1, { x: ev.clientX, y: ev.clientY });
            }
        },
    };
}
