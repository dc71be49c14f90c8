import { Component, onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ChoiceButtons } from "./choice_buttons";

/** The type of an activity, as buttons with icons. */
export class ActivityTypeField extends Component {
    static template = "marketing_automation.ActivityTypeField";
    static components = { ChoiceButtons };
    static props = { ...standardFieldProps };

    setup() {
        this.label = _t("Activity type");
        const rulesService = useService("marketing_workflow_rules");
        onWillStart(async () => {
            this.rules = await rulesService.load();
        });
    }

    /** Those that steer are a group of their own. */
    get choices() {
        const { types } = this.rules;
        const steering = types.filter(({ kind }) => kind === "steering");
        const others = types.filter((type) => !steering.includes(type));
        const [first, ...rest] = steering;
        return first
            ? [...others, { ...first, heading: _t("Or steer where participants go on") }, ...rest]
            : others;
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    choose(type) {
        return this.props.record.update({ [this.props.name]: type });
    }
}

registry.category("fields").add("marketing_activity_type", {
    component: ActivityTypeField,
    displayName: _t("Type of a marketing activity"),
    supportedTypes: ["selection"],
});
