import { onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";
import { getAllowedTriggers, getDelayAfterChange } from "../workflow/workflow_rules";

/** The triggers that the chosen parent allows; all of them while there is none. */
export class TriggerField extends SelectionField {
    setup() {
        super.setup();
        const rulesService = useService("marketing_workflow_rules");
        onWillStart(async () => {
            this.rules = await rulesService.load();
        });
    }

    get options() {
        const {
            parent_id: parent,
            parent_key: parentKey,
            parent_events: events,
            parent_branches: branches,
            [this.props.name]: value,
        } = this.props.record.data;
        if (!parent && !parentKey) {
            return super.options;
        }
        const allowed = getAllowedTriggers(this.rules, {
            possibleEvents: events || [],
            // Which one is chosen on the canvas, where they are not saved yet.
            branches: (parent && branches) || [],
        }).map(({ key }) => key);
        return super.options.filter(([key]) => ["begin", value, ...allowed].includes(key));
    }

    /** A delay that nobody has set comes with the trigger. */
    onChange(trigger) {
        const { record, name } = this.props;
        const { interval_number: delay, interval_type: delayUnit, [name]: before } = record.data;
        const after = getDelayAfterChange(
            this.rules,
            { trigger: before, delay, delayUnit },
            trigger
        );
        return record.update({
            [name]: trigger,
            interval_number: after.delay,
            interval_type: after.delayUnit,
        });
    }
}

registry.category("fields").add("marketing_trigger", {
    ...selectionField,
    component: TriggerField,
    displayName: _t("Trigger of a marketing activity"),
    supportedTypes: ["selection"],
    fieldDependencies: [
        { name: "parent_id", type: "many2one" },
        { name: "parent_key", type: "char" },
        { name: "parent_events", type: "json" },
        { name: "parent_branches", type: "json" },
        { name: "interval_number", type: "integer" },
        { name: "interval_type", type: "selection" },
    ],
});
