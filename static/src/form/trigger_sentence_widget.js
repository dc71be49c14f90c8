import { Component, onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { getTriggerSentence } from "../workflow/workflow_text";

/** When the activity runs, as a sentence. */
export class TriggerSentenceWidget extends Component {
    static template = "marketing_automation.TriggerSentenceWidget";
    static props = { ...standardWidgetProps };

    setup() {
        const rulesService = useService("marketing_workflow_rules");
        onWillStart(async () => {
            this.rules = await rulesService.load();
        });
    }

    get sentence() {
        const { data } = this.props.record;
        return getTriggerSentence(this.rules, {
            type: data.activity_type,
            trigger: data.trigger_type,
            delay: data.interval_number,
            delayUnit: data.interval_type,
            hour: data.due_hour,
            parentName: data.parent_id?.display_name,
            branchName: data.branch_id?.display_name,
        });
    }
}

registry.category("view_widgets").add("marketing_trigger_sentence", {
    component: TriggerSentenceWidget,
});
