import { DomainSelector } from "@web/core/domain_selector/domain_selector";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { TreeEditor } from "@web/core/tree_editor/tree_editor";
import { DomainField, domainField } from "@web/views/fields/domain/domain_field";
import { PeriodInput } from "./period_input";
import {
    DEFAULT_PERIOD,
    eliminateLast,
    getRelativeText,
    isRelative,
    LAST,
    withRelativeDates,
} from "./relative_dates";

const isDate = (fieldDef) => ["date", "datetime"].includes(fieldDef?.type);

export class FilterEditor extends TreeEditor {
    setup() {
        super.setup();
        this.treeProcessor = withRelativeDates(this.treeProcessor);
    }

    _updateLeafOperator(node, operator, negate) {
        super._updateLeafOperator(node, operator, negate);
        if (operator === LAST) {
            node.value = DEFAULT_PERIOD;
        }
    }

    getValueEditorInfo(node) {
        const info = super.getValueEditorInfo(node);
        if (node.operator === LAST) {
            return {
                ...info,
                component: PeriodInput,
                extractProps: ({ value, update }) => ({ value, update }),
                isSupported: Array.isArray,
                defaultValue: () => DEFAULT_PERIOD,
            };
        }
        if (isRelative(node.value) && isDate(this.getFieldDef(node.path))) {
            return {
                ...info,
                isSupported: () => false,
                stringify: getRelativeText,
                message: _t("It counts from the day on which the filter is used."),
            };
        }
        return info;
    }
}
FilterEditor.components = { ...TreeEditor.components, TreeEditor: FilterEditor };

export class FilterSelector extends DomainSelector {
    static components = { ...DomainSelector.components, TreeEditor: FilterEditor };

    setup() {
        super.setup();
        this.treeProcessor = withRelativeDates(this.treeProcessor);
    }

    /** A campaign has a field for that, which holds for all its filters. */
    getShowArchivedCheckBox() {
        return false;
    }

    getOperatorEditorInfo(fieldDef) {
        const info = super.getOperatorEditorInfo(fieldDef);
        if (!isDate(fieldDef)) {
            return info;
        }
        return {
            ...info,
            isSupported: ([operator]) => operator === LAST || info.isSupported([operator]),
            extractProps: ({ update, value }) => {
                const isLast = value[0] === LAST;
                const props = info.extractProps({
                    update,
                    value: isLast ? [info.defaultValue(), false] : value,
                });
                return {
                    ...props,
                    value: isLast ? LAST : props.value,
                    options: [...props.options, [LAST, _t("is in the last")]],
                    update: (key) => (key === LAST ? update(LAST, false) : props.update(key)),
                };
            },
        };
    }

    update(tree) {
        super.update(tree && eliminateLast(tree));
    }
}

/** A filter of a campaign. */
export class FilterField extends DomainField {
    static components = { ...DomainField.components, DomainSelector: FilterSelector };

    setup() {
        super.setup();
        this.treeProcessor = withRelativeDates(this.treeProcessor);
    }
}

registry.category("fields").add("marketing_filter", {
    ...domainField,
    component: FilterField,
    displayName: _t("Filter of a marketing campaign"),
    additionalClasses: ["o_field_domain", "o_marketing_filter"],
});
