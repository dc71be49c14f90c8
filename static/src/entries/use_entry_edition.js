import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { getEntryOfRecord } from "./entry_drawing";

/**
 * Changes of the entries of a campaign, as changes of the form that shows them.
 *
 * @param {Object} params
 * @param {() => Object} params.getList their records
 * @param {Object} params.panel in which an entry opens
 * @returns {{ openEntry: Function, addEntry: Function, toggleEntry: Function,
 *  removeEntry: Function, openEntryParticipants: Function }}
 */
export function useEntryEdition({ getList, panel }) {
    const orm = useService("orm");
    const action = useService("action");
    const dialog = useService("dialog");

    function getRecord(entry) {
        return getList().records.find((record) => getEntryOfRecord(record).key === entry.key);
    }

    return {
        openEntry: (entry, options) => panel.open("entry", getRecord(entry), options),
        addEntry: (type) => panel.add("entry", { default_entry_type: type }),
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
