import { Component, onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { getBranchLabel, getTriggerSentence } from "../workflow/workflow_text";

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
            parentName: this.parentName,
            branchName: this.branchName,
        });
    }

    /** As the step before is called on the canvas, where the form is beside one. */
    get parentName() {
        const { parent_name: name, parent_id: parent } = this.props.record.data;
        const drawn = this.env.getStepBefore?.(this.props.record);
        return drawn?.name || name || parent?.display_name;
    }

    /** Also of a branch that is not saved yet. */
    get branchName() {
        const {
            branch_id: branch,
            branch_key: key,
            parent_branches: branches,
        } = this.props.record.data;
        const drawn = (branches || []).find((each) =>
            key ? each.key === key : each.id === branch?.id
        );
        return drawn ? getBranchLabel(drawn) : branch?.display_name;
    }
}

registry.category("view_widgets").add("marketing_trigger_sentence", {
    component: TriggerSentenceWidget,
});
