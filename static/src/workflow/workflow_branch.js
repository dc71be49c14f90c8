import { Component, useState } from "@odoo/owl";
import { formatInteger } from "@web/views/fields/formatters";
import { getBranchLabel, getBranchTitle } from "./workflow_text";

/** One of the ways out of a step that steers, with the number of those who went it. */
export class WorkflowBranch extends Component {
    static template = "marketing_automation.WorkflowBranch";
    static props = {
        nodeKey: String,
        marks: Object,
        branch: Object,
        /** the step that it leads out of */
        step: Object,
        depth: Number,
        position: Number,
        siblings: Number,
        tone: String,
        style: String,
        showsCount: Boolean,
        open: Function,
    };

    setup() {
        this.mark = useState(this.props.marks.get(this.props.nodeKey));
    }

    get branch() {
        return this.props.branch;
    }

    get label() {
        return getBranchLabel(this.branch);
    }

    get title() {
        return getBranchTitle(this.branch);
    }

    get count() {
        return formatInteger(this.branch.taken, { humanReadable: this.branch.taken > 99999 });
    }
}
