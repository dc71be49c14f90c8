import { onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/** The type of an activity, with icons: it was chosen when the step was added. */
export class ActivityTypeField extends SelectionField {
    static template = "marketing_automation.ActivityTypeField";

    setup() {
        super.setup();
        const rulesService = useService("marketing_workflow_rules");
        onWillStart(async () => {
            this.rules = await rulesService.load();
        });
    }

    /** Those that steer are a group of their own. */
    get groups() {
        const choices = this.rules.types.map(({ key, label, icon, kind }) => ({
            value: key,
            label,
            icon,
            isSteering: kind === "steering",
        }));
        return [
            { choices: choices.filter(({ isSteering }) => !isSteering) },
            {
                label: _t("Or steer where participants go on"),
                choices: choices.filter(({ isSteering }) => isSteering),
            },
        ];
    }
}

registry.category("fields").add("marketing_activity_type", {
    ...selectionField,
    component: ActivityTypeField,
    displayName: _t("Type of a marketing activity"),
    supportedTypes: ["selection"],
});
