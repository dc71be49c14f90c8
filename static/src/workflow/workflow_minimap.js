import { Component, useRef, useState } from "@odoo/owl";

/** In pixels. */
const SIZE = { width: 180, height: 120 };
const SMALLEST = { width: 4, height: 2 };

/** The part of the drawing that shows, on the small map. */
export class WorkflowMinimapFrame extends Component {
    static template = "marketing_automation.WorkflowMinimapFrame";
    static props = { view: Object, scale: Number, size: Object };

    setup() {
        this.view = useState(this.props.view);
    }

    get rectangle() {
        const { scale } = this.props;
        const { x, y, width, height } = this.view;
        const left = Math.max(x, 0);
        const top = Math.max(y, 0);
        const { size } = this.props;
        return {
            x: left * scale,
            y: top * scale,
            width: Math.max(Math.min(x + width, size.width) - left, 0) * scale,
            height: Math.max(Math.min(y + height, size.height) - top, 0) * scale,
        };
    }
}

/** The whole drawing in a corner, where it is larger than what shows: a click leads there. */
export class WorkflowMinimap extends Component {
    static template = "marketing_automation.WorkflowMinimap";
    static components = { WorkflowMinimapFrame };
    static props = { view: Object, drawing: Object, size: Object, centerOn: Function };

    setup() {
        const view = useState(this.props.view);
        this.isShown = () => view.isLarger;
        this.svgRef = useRef("svg");
    }

    get scale() {
        const { width, height } = this.props.size;
        return Math.min(SIZE.width / width, SIZE.height / height);
    }

    get size() {
        const { width, height } = this.props.size;
        return { width: width * this.scale, height: height * this.scale };
    }

    get rectangles() {
        const { drawing } = this.props;
        const { scale } = this;
        const entries = drawing.entries?.cards || [];
        return [...drawing.cards, ...entries].map(({ key, box, node }) => ({
            key,
            type: node?.step ? node.step.type : "plain",
            x: box.x * scale,
            y: box.y * scale,
            width: Math.max(box.width * scale, SMALLEST.width),
            height: Math.max(box.height * scale, SMALLEST.height),
        }));
    }

    onPointerDown(ev) {
        this.svgRef.el.setPointerCapture(ev.pointerId);
        this.follow(ev);
    }

    onPointerMove(ev) {
        if (ev.buttons) {
            this.follow(ev);
        }
    }

    follow({ clientX, clientY }) {
        const { left, top } = this.svgRef.el.getBoundingClientRect();
        this.props.centerOn({
            x: (clientX - left) / this.scale,
            y: (clientY - top) / this.scale,
        });
    }
}
