import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ListRenderer } from "@web/views/list/list_renderer";

/** "Otherwise" stands below the list; what is taken out may be put back until it is saved. */
const isShown = ({ data }) => data.branch_type !== "otherwise" && !data.is_taken_out;

/** Where the keyboard goes from a row. */
const DIRECTIONS = { tab: 1, enter: 1, "shift+tab": -1 };

/** The branches of a step in order. "Otherwise" is always the last one: it stands below the list. */
export class BranchListRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
    }

    getRowClass(record) {
        return `${super.getRowClass(record)} ${isShown(record) ? "" : "d-none"}`;
    }

    /** The keyboard passes rows that are not shown. */
    onCellKeydownEditMode(hotkey, cell, group, record) {
        const direction = DIRECTIONS[hotkey];
        if (!direction) {
            return super.onCellKeydownEditMode(hotkey, cell, group, record);
        }
        if (this.applyCellKeydownEditModeStayOnRow(hotkey, cell, group, record)) {
            return true;
        }
        const { records } = this.props.list;
        let index = records.indexOf(record);
        while (records[index + direction] && !isShown(records[index + direction])) {
            index += direction;
        }
        return super.onCellKeydownEditMode(hotkey, cell, group, records[index]);
    }

    /**
     * On the canvas, what follows a branch goes with it, and comes back with it. In a form alone,
     * it is told at once, not when everything is saved.
     */
    async onDeleteRecord(record) {
        if (this.env.removeBranch) {
            return this.env.removeBranch(record);
        }
        const followers = record.resId
            ? await this.orm.searchRead(
                  "marketing.activity",
                  [["branch_id", "=", record.resId]],
                  ["name"]
              )
            : [];
        if (!followers.length) {
            return super.onDeleteRecord(record);
        }
        this.env.services.dialog.add(AlertDialog, {
            title: _t("Something follows this branch"),
            body: _t(
                "“%(branch)s” is followed by %(followers)s. Move or delete that first, and save.",
                {
                    branch: record.data.name || record.data.description,
                    followers: followers.map(({ name }) => name).join(", "),
                }
            ),
        });
    }
}

export class BranchesField extends X2ManyField {
    static template = "marketing_automation.BranchesField";
    static components = { ...X2ManyField.components, ListRenderer: BranchListRenderer };

    setup() {
        super.setup();
        const open = this._openRecord;
        this._openRecord = ({ record, ...params }) =>
            open({
                ...params,
                record,
                title: record ? record.data.name || record.data.description : _t("New Branch"),
            });
    }

    get hasOtherwise() {
        return this.list.records.some(
            ({ data }) => data.branch_type === "otherwise" && !data.is_taken_out
        );
    }
}

registry.category("fields").add("marketing_branches", {
    ...x2ManyField,
    component: BranchesField,
    displayName: _t("Branches of a marketing activity"),
    additionalClasses: [...(x2ManyField.additionalClasses || []), "o_field_one2many"],
});
