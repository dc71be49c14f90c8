import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { uniqueId } from "@web/core/utils/functions";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a step does without code, as buttons with icons. */
export class ActionKindField extends Component {
    static template = "marketing_automation.ActionKindField";
    static props = { ...standardFieldProps };

    setup() {
        this.id = uniqueId("o_marketing_action_kind_");
    }

    get choices() {
        return this.props.record.data.action_kinds || [];
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    choose(kind) {
        return this.props.record.update({ [this.props.name]: kind });
    }
}

registry.category("fields").add("marketing_action_kind", {
    component: ActionKindField,
    displayName: _t("What a marketing activity does without code"),
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "action_kinds", type: "json" }],
});
