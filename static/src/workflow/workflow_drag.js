import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { makeGlide } from "./glide";

/** What is dragged, at the pointer. */
export class WorkflowGhost extends Component {
    static template = "marketing_automation.WorkflowGhost";
    static props = { drag: Object, getName: Function };

    setup() {
        this.drag = useState(this.props.drag);
        const ref = useRef("ghost");
        const glide = makeGlide(() => ref.el);
        useEffect(
            (key, x, y) => (key ? glide.to(`translate(${x}px, ${y}px)`) : glide.end()),
            () => [this.drag.key, this.drag.x, this.drag.y]
        );
    }
}

/** Where it can be dropped, and where not: drawn over the cards, which stay as they are. */
export class WorkflowDropPlaces extends Component {
    static template = "marketing_automation.WorkflowDropPlaces";
    static props = { drag: Object, getPlaces: Function };

    setup() {
        this.drag = useState(this.props.drag);
        this.places = { key: null, all: [] };
    }

    /** They stay the same while one drags. */
    getPlaces() {
        const { key } = this.drag;
        if (this.places.key !== key) {
            this.places = { key, all: this.props.getPlaces(key) };
        }
        return this.places.all;
    }

    getClass({ key, isAllowed }) {
        if (key === this.drag.overKey) {
            return "o_mwf_drop_here";
        }
        return isAllowed ? "o_mwf_drop_allowed" : "o_mwf_drop_refused";
    }
}
