import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What keeps a campaign from running, or its messages from leaving; each leads to where it
 * is mended. */
export class ProblemsWidget extends Component {
    static template = "marketing_automation.ProblemsWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
    }

    get problems() {
        return this.props.record.data.problem_list || [];
    }

    get warnings() {
        return this.props.record.data.delivery_warnings || [];
    }

    get isRunning() {
        return this.props.record.data.state === "running";
    }

    open({ activity_id: resId, entry_id: entryId }) {
        this.env.bus.trigger("MARKETING_WORKFLOW:OPEN", { resId, entryId });
    }
}

registry.category("view_widgets").add("marketing_problems", {
    component: ProblemsWidget,
    fieldDependencies: [
        { name: "problem_list", type: "json" },
        { name: "delivery_warnings", type: "json" },
        { name: "state", type: "selection" },
    ],
});
