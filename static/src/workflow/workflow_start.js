import { Component, useState } from "@odoo/owl";

/** Where every workflow begins, with the number of those who have come there. */
export class WorkflowStart extends Component {
    static template = "marketing_automation.WorkflowStart";
    static props = {
        nodeKey: String,
        marks: Object,
        text: String,
        style: String,
        participants: { type: Number, optional: true },
        openParticipants: Function,
    };

    setup() {
        this.mark = useState(this.props.marks.get(this.props.nodeKey));
    }

    get tabIndex() {
        return this.mark.isTabStop ? 0 : -1;
    }
}
