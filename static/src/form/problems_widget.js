import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What keeps a campaign from running; each problem of an activity opens it. */
export class ProblemsWidget extends Component {
    static template = "marketing_automation.ProblemsWidget";
    static props = { ...standardWidgetProps };

    get problems() {
        return this.props.record.data.problem_list || [];
    }

    get isRunning() {
        return this.props.record.data.state === "running";
    }

    open({ activity_id: resId }) {
        this.env.bus.trigger("MARKETING_WORKFLOW:OPEN", { resId });
    }
}

registry.category("view_widgets").add("marketing_problems", {
    component: ProblemsWidget,
    fieldDependencies: [
        { name: "problem_list", type: "json" },
        { name: "state", type: "selection" },
    ],
});
