import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { makeGlide } from "./glide";

/** What is dragged, at the pointer. */
export class WorkflowGhost extends Component {
    static template = "marketing_automation.WorkflowGhost";
    static props = { drag: Object };

    setup() {
        this.drag = useState(this.props.drag);
        const ref = useRef("ghost");
        const glide = makeGlide(() => ref.el);
        useEffect(
            (ghost, x, y) => (ghost ? glide.to(`translate(${x}px, ${y}px)`) : glide.end()),
            () => [this.drag.ghost, this.drag.x, this.drag.y]
        );
    }
}

/** Where it can be dropped, and where not: drawn over the cards, which stay as they are. */
export class WorkflowDropPlaces extends Component {
    static template = "marketing_automation.WorkflowDropPlaces";
    static props = { drag: Object, getStyle: Function };

    setup() {
        this.drag = useState(this.props.drag);
    }

    /** A line that nothing can come onto is left as it is. */
    get targets() {
        return this.drag.targets.filter(({ isLine, isAllowed }) => isAllowed || !isLine);
    }

    getClass({ id, isLine, isAllowed }) {
        if (id === this.drag.overId) {
            return "o_mwf_drop_here";
        }
        if (!isAllowed) {
            return "o_mwf_drop_refused";
        }
        return isLine ? "o_mwf_drop_line" : "o_mwf_drop_allowed";
    }
}
