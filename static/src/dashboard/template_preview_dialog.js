import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { WorkflowView } from "../workflow/workflow_view";

/** The workflow of a template at full size, before it is made. */
export class TemplatePreviewDialog extends Component {
    static template = "marketing_automation.TemplatePreviewDialog";
    static components = { Dialog, WorkflowView };
    static props = { template: Object, rules: Object, use: Function, close: Function };

    setup() {
        // There is nothing to open yet.
        this.actions = { open: () => {} };
    }

    use() {
        this.props.close();
        return this.props.use();
    }
}
