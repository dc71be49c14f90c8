import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useLineDialog } from "../workflow/use_line_dialog";
import { getEntryOfRecord } from "./entry_drawing";

/**
 * Changes of the entries of a campaign, as changes of the form that shows them.
 *
 * @param {Object} params
 * @param {() => Object} params.getProps props of the field that draws them
 * @param {() => Object} params.getList their records
 * @returns {{ openEntry: Function, addEntry: Function, toggleEntry: Function,
 *  removeEntry: Function, openEntryParticipants: Function }}
 */
export function useEntryEdition({ getProps, getList }) {
    const orm = useService("orm");
    const action = useService("action");
    const dialog = useService("dialog");
    const openDialog = useLineDialog({
        getProps,
        getList,
        activeField: { fields: {}, views: {}, viewMode: "list", string: _t("Entry") },
    });

    function getRecord(entry) {
        return getList().records.find((record) => getEntryOfRecord(record).key === entry.key);
    }

    return {
        openEntry: (entry) =>
            openDialog({ record: getRecord(entry), title: entry.name || entry.text }),
        addEntry: (type) =>
            openDialog({ context: { default_entry_type: type }, title: _t("New Entry") }),
        toggleEntry: (entry) => getRecord(entry)?.update({ active: !entry.isOpen }),
        removeEntry(entry) {
            const record = getRecord(entry);
            dialog.add(ConfirmationDialog, {
                title: _t("Delete “%s”?", entry.name || entry.text),
                body: _t("Nobody has come in by this entry: it is deleted for good."),
                confirmLabel: _t("Delete"),
                confirmClass: "btn-danger",
                confirm: () => getList().applyCommands([[2, record.resId || record._virtualId]]),
                cancel: () => {},
            });
        },
        async openEntryParticipants({ resId }) {
            const method = "action_view_participants";
            return action.doAction(await orm.call("marketing.campaign.entry", method, [[resId]]));
        },
    };
}
