import { Component, useState } from "@odoo/owl";

/** The buttons that zoom, with the scale of now. */
export class WorkflowZoom extends Component {
    static template = "marketing_automation.WorkflowZoom";
    static props = { viewport: Object };

    setup() {
        this.view = useState(this.props.viewport.view);
    }

    get text() {
        return `${Math.round(this.view.scale * 100)}%`;
    }
}
