import { onMounted, onPatched, onWillUnmount, reactive, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { isMacOS } from "@web/core/browser/feature_detection";
import { deepEqual } from "@web/core/utils/objects";
import { makeGlide } from "./glide";

const SCALES = { min: 0.1, max: 2 };
/** A press on a button. */
const STEP = 1.25;
/** Below this, the text of cards cannot be read: the drawing is scrolled instead. */
const READABLE = 0.67;
/** Pixels of the drawing that stay in sight however far one scrolls. */
const REST = 120;
/** Pixels around the drawing, below the toolbar. */
const MARGIN = { x: 16, y: 56 };
/** Milliseconds after the last movement until what has moved settles. */
const SETTLE = 150;
/** Pixels of a wheel that tells lines, or pages. */
const WHEEL_UNITS = [1, 25, 500];

/**
 * The part of the drawing that shows. Scrolling is the browser's own, so keyboard, touch and
 * screen readers work as everywhere; zooming is one transform a frame: only when it ends are
 * scroll bars and what tells the scale drawn anew. There is room around the drawing, so that any point of it can be anywhere.
 *
 * A camera says where the origin of the drawing is, in pixels from the corner of the viewport,
 * and its scale.
 *
 * @param {Object} refs
 * @param {{ el: HTMLElement }} refs.viewportRef what scrolls
 * @param {{ el: HTMLElement }} refs.canvasRef what is scrolled
 * @param {{ el: HTMLElement }} refs.stageRef the drawing
 * @param {Object} params
 * @param {() => { width: number, height: number }} params.getSize of the drawing at 100 %
 * @param {(key: string) => { x: number, y: number, width: number, height: number } | undefined}
 *  params.getBox of a node
 * @param {() => string} params.getAnchorKey the node that stays where it is when the drawing
 *  changes
 * @param {() => boolean} params.isActive
 * @param {() => void} params.onResize called when there is more, or less, room for it
 */
export function useViewport(
    { viewportRef, canvasRef, stageRef },
    { getSize, getBox, getAnchorKey, isActive, onResize }
) {
    /** To be observed: what shows, in coordinates of the drawing. */
    const view = reactive({ scale: 1, x: 0, y: 0, width: 0, height: 0, isLarger: false });
    const glide = makeGlide(() => stageRef.el);
    let room = { x: 0, y: 0 };
    let drawn = null;
    let camera = null;
    let frame = null;
    let settling = null;
    let pan = null;
    let resizing = null;
    let left = 0;

    const limit = (scale) => Math.min(Math.max(scale, SCALES.min), SCALES.max);

    function getCamera() {
        const { scrollLeft, scrollTop } = viewportRef.el;
        return { scale: view.scale, x: room.x - scrollLeft, y: room.y - scrollTop };
    }

    function measure() {
        if (camera) {
            return;
        }
        const { scale, x, y } = getCamera();
        const { clientWidth, clientHeight } = viewportRef.el;
        const { width, height } = getSize();
        Object.assign(view, {
            x: -x / scale,
            y: -y / scale,
            width: clientWidth / scale,
            height: clientHeight / scale,
            isLarger: width * scale > clientWidth || height * scale > clientHeight,
        });
    }

    function draw({ scale, x, y }) {
        const { clientWidth, clientHeight } = viewportRef.el;
        const { width, height } = getSize();
        room = { x: Math.max(clientWidth - REST, 0), y: Math.max(clientHeight - REST, 0) };
        Object.assign(canvasRef.el.style, {
            width: `${width * scale + 2 * room.x}px`,
            height: `${height * scale + 2 * room.y}px`,
        });
        Object.assign(stageRef.el.style, {
            width: `${width}px`,
            height: `${height}px`,
            // Not in the style sheet, which is mirrored for languages from right to left.
            transformOrigin: "0 0",
            transform: `translate(${room.x}px, ${room.y}px) scale(${scale})`,
        });
        camera = null;
        glide.end();
        view.scale = scale;
        viewportRef.el.scrollTo({ left: room.x - x, top: room.y - y, behavior: "instant" });
        measure();
    }

    /** However many events there are in a frame, it is drawn once. */
    function move(target) {
        camera = target;
        frame ??= browser.requestAnimationFrame(() => {
            frame = null;
            if (camera && viewportRef.el) {
                const { scrollLeft, scrollTop } = viewportRef.el;
                const { scale, x, y } = camera;
                glide.to(`translate(${x + scrollLeft}px, ${y + scrollTop}px) scale(${scale})`);
                browser.clearTimeout(settling);
                settling = browser.setTimeout(settle, SETTLE);
            }
        });
    }

    /** What has moved can be scrolled, and is drawn sharp. */
    function settle() {
        browser.clearTimeout(settling);
        if (camera && viewportRef.el) {
            draw(camera);
        }
    }

    /** @param {{ x: number, y: number }} point of the viewport that stays where it is */
    function zoomAt(scale, point) {
        const before = camera || getCamera();
        const to = limit(scale);
        const factor = to / before.scale;
        move({
            scale: to,
            x: point.x - (point.x - before.x) * factor,
            y: point.y - (point.y - before.y) * factor,
        });
    }

    function step(factor) {
        const { clientWidth, clientHeight } = viewportRef.el;
        const { scale } = camera || getCamera();
        zoomAt(scale * factor, { x: clientWidth / 2, y: clientHeight / 2 });
    }

    function getFit() {
        const { clientWidth, clientHeight } = viewportRef.el;
        const { width, height } = getSize();
        const room = { x: clientWidth - 2 * MARGIN.x, y: clientHeight - MARGIN.y - MARGIN.x };
        return limit(Math.min(1, room.x / width, room.y / height));
    }

    /** The drawing in the middle, or its start where that is too wide. */
    function getHome(scale) {
        const { clientWidth } = viewportRef.el;
        const { width } = getSize();
        const { x: left, width: startWidth } = getBox(getAnchorKey());
        const fits = width * scale <= clientWidth - 2 * MARGIN.x;
        const middle = fits ? width / 2 : left + startWidth / 2;
        return { scale, x: clientWidth / 2 - middle * scale, y: MARGIN.y };
    }

    /** Scroll no farther than it takes. */
    function reveal(box) {
        if (!viewportRef.el || !box) {
            return;
        }
        settle();
        const { scale, x, y } = getCamera();
        const { clientWidth, clientHeight } = viewportRef.el;
        const getShift = (start, length, from, to) =>
            start < from
                ? start - from
                : start + length > to
                  ? Math.min(start - from, start + length - to)
                  : 0;
        viewportRef.el.scrollBy({
            left: getShift(x + box.x * scale, box.width * scale, MARGIN.x, clientWidth - MARGIN.x),
            top: getShift(y + box.y * scale, box.height * scale, MARGIN.y, clientHeight - MARGIN.y),
            behavior: "smooth",
        });
    }

    /**
     * What stands beside takes room, or gives it: the drawing stays where it is in the window. With
     * more room the browser may have scrolled by itself: what showed before holds.
     */
    function resize() {
        const before = left;
        left = viewportRef.el.getBoundingClientRect().left;
        const shown = { scale: view.scale, x: -view.x * view.scale, y: -view.y * view.scale };
        const { scale, x, y } = camera || shown;
        draw({ scale, x: x + before - left, y });
    }

    function getDrawn() {
        const key = getAnchorKey();
        return { key, box: getBox(key), size: getSize() };
    }

    function onPointerDown(ev) {
        if (!isActive() || ev.pointerType === "touch" || !isBackground(ev)) {
            return;
        }
        settle();
        const { scrollLeft, scrollTop } = viewportRef.el;
        pan = { x: ev.clientX + scrollLeft, y: ev.clientY + scrollTop };
        viewportRef.el.classList.add("o_mwf_panning");
    }

    useExternalListener(window, "pointermove", (ev) => {
        if (pan) {
            viewportRef.el.scrollTo(pan.x - ev.clientX, pan.y - ev.clientY);
        }
    });
    useExternalListener(window, "pointerup", () => {
        pan = null;
        viewportRef.el?.classList.remove("o_mwf_panning");
    });

    onMounted(() => {
        if (!isActive()) {
            return;
        }
        drawn = getDrawn();
        left = viewportRef.el.getBoundingClientRect().left;
        draw(getHome(Math.max(READABLE, getFit())));
        resizing = new ResizeObserver(() => {
            if (viewportRef.el) {
                resize();
                onResize();
            }
        });
        resizing.observe(viewportRef.el);
    });
    onPatched(() => {
        if (!isActive() || !drawn) {
            return;
        }
        const { key, box, size } = drawn;
        const now = getBox(key) || box;
        drawn = getDrawn();
        if (!deepEqual([now, getSize()], [box, size])) {
            const { scale, x, y } = camera || getCamera();
            draw({ scale, x: x + (box.x - now.x) * scale, y: y + (box.y - now.y) * scale });
        }
    });
    onWillUnmount(() => {
        resizing?.disconnect();
        browser.clearTimeout(settling);
        browser.cancelAnimationFrame(frame);
    });

    return {
        view,
        reveal,
        onPointerDown,
        onScroll: () => isActive() && measure(),
        zoomIn: () => step(STEP),
        zoomOut: () => step(1 / STEP),
        fit: () => isActive() && move(getHome(getFit())),
        /** @param {{ x: number, y: number }} point of the drawing that comes to the middle */
        centerOn({ x, y }) {
            settle();
            viewportRef.el.scrollTo({
                left: room.x + x * view.scale - viewportRef.el.clientWidth / 2,
                top: room.y + y * view.scale - viewportRef.el.clientHeight / 2,
                behavior: "instant",
            });
        },
        /** @returns {{ x: number, y: number }} a point of the window, in the drawing */
        getPoint({ x, y }) {
            const { left, top } = stageRef.el.getBoundingClientRect();
            const { scale } = camera || getCamera();
            return { x: (x - left) / scale, y: (y - top) / scale };
        },
        onWheel(ev) {
            if (!isActive()) {
                return;
            }
            if (!(ev.ctrlKey || ev.metaKey)) {
                return settle();
            }
            ev.preventDefault();
            const { left, top } = viewportRef.el.getBoundingClientRect();
            // A pinch on the trackpad of a Mac tells small distances.
            const speed = 0.002 * WHEEL_UNITS[ev.deltaMode] * (isMacOS() && ev.ctrlKey ? 10 : 1);
            const { scale } = camera || getCamera();
            zoomAt(scale * 2 ** (-speed * ev.deltaY), {
                x: ev.clientX - left,
                y: ev.clientY - top,
            });
        },
    };
}

/** @returns {boolean} whether one presses between what is drawn */
export function isBackground({ target, button }) {
    return button === 0 && !target.closest("button, a, input, [role='treeitem']");
}
