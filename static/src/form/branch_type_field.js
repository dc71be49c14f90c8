import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/** By what a branch of a condition goes: "Otherwise" is there already. */
export class BranchTypeField extends RadioField {
    get items() {
        return super.items.filter(([key]) => ["filter", "event"].includes(key));
    }
}

registry.category("fields").add("marketing_branch_type", {
    ...radioField,
    component: BranchTypeField,
    displayName: _t("Test of a branch"),
    supportedTypes: ["selection"],
    extractProps: (info, dynamicInfo) => ({
        ...radioField.extractProps(info, dynamicInfo),
        orientation: "horizontal",
    }),
});
