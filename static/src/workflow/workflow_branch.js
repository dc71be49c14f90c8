import { Component } from "@odoo/owl";
import { formatInteger } from "@web/views/fields/formatters";
import { getBranchLabel, getBranchTitle } from "./workflow_text";

/** One of the ways out of a step that steers, with the number of those who went it. */
export class WorkflowBranch extends Component {
    static template = "marketing_automation.WorkflowBranch";
    static props = {
        node: Object,
        tone: String,
        style: String,
        dropClass: String,
        tabIndex: Number,
        showsCount: Boolean,
        open: Function,
    };

    get branch() {
        return this.props.node.branch;
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

    get siblings() {
        return this.props.node.parent.children;
    }
}
