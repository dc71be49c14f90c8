import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { buildTree, flatten } from "./workflow_layout";
import { getStepOfRecord } from "./workflow_steps";
import { getBranchLabel } from "./workflow_text";

/**
 * Changes of a workflow, as changes of the form that shows it.
 *
 * @param {Object} params
 * @param {() => Object} params.getProps props of the field
 * @param {() => Object} params.getList its records
 * @param {() => Object[]} params.getSteps
 * @param {Object} params.panel in which a step opens
 * @returns {{ open: Function, add: Function, move: Function, duplicate: Function,
 *  remove: Function }}
 */
export function useWorkflowEdition({ getProps, getList, getSteps, panel }) {
    const orm = useService("orm");
    const dialog = useService("dialog");

    function getRecord(step) {
        return getList().records.find((record) => getStepOfRecord(record).key === step.key);
    }

    /**
     * Save the form, since a line cannot refer to one that was never saved.
     *
     * @param {Object} step
     * @returns {Promise<Object | null>} the step with its id; null if the form cannot be saved
     */
    async function saveStep(step) {
        const unsaved = getList().records.filter((record) => !record.resId);
        const index = unsaved.indexOf(getRecord(step));
        const known = new Set(getList().resIds);
        if (!(await getProps().record.save())) {
            return null;
        }
        // The server creates lines in the order in which they were added.
        const created = getList()
            .resIds.filter((id) => !known.has(id))
            .sort((a, b) => a - b);
        const savedId = step.resId || created[index];
        return getSteps().find(({ resId }) => resId === savedId) || null;
    }

    /**
     * @param {Object | null} parent null for the start
     * @param {Object | undefined} branch one of its branches, if any
     * @param {(place: Object) => Promise} callback called with the parent and the branch, unless
     *  the form cannot be saved
     */
    async function withSavedPlace(parent, branch, callback) {
        if (parent && !(parent.resId && (!branch || branch.id))) {
            const index = parent.branches.indexOf(branch);
            parent = await saveStep(parent);
            if (!parent) {
                return;
            }
            branch = parent.branches[index];
        }
        return callback({ parent, branch });
    }

    return {
        open: (step, options) => panel.open("step", getRecord(step), options),
        add: (newParent, trigger, newBranch) =>
            withSavedPlace(newParent, newBranch, ({ parent, branch }) =>
                panel.add("step", {
                    default_trigger_type: trigger,
                    default_parent_id: parent ? parent.resId : false,
                    default_branch_id: branch ? branch.id : false,
                })
            ),
        move: (step, newParent, trigger, newBranch) =>
            withSavedPlace(newParent, newBranch, ({ parent, branch }) =>
                getRecord(step)?.update({
                    trigger_type: trigger,
                    parent_id: parent ? { id: parent.resId, display_name: parent.name } : false,
                    branch_id: branch
                        ? { id: branch.id, display_name: getBranchLabel(branch) }
                        : false,
                })
            ),
        async duplicate(step) {
            const saved = await saveStep(step);
            if (saved) {
                await orm.call("marketing.activity", "duplicate_branch", [[saved.resId]]);
                await getProps().record.load();
            }
        },
        async remove(step) {
            const node = flatten(buildTree(getSteps())).find(({ key }) => key === step.key);
            const steps = flatten(node)
                .map((below) => below.step)
                .filter(Boolean);
            const resIds = steps.map(({ resId }) => resId).filter(Boolean);
            const removal = resIds.length
                ? await orm.call("marketing.activity", "get_removal", [resIds])
                : {};
            dialog.add(ConfirmationDialog, {
                title: _t("Delete “%s”?", step.name),
                body: getRemovalText(steps.length - 1, removal),
                confirmLabel: _t("Delete"),
                confirmClass: "btn-danger",
                confirm: () =>
                    getList().applyCommands(
                        steps
                            .map((below) => getRecord(below))
                            .map((record) => [2, record.resId || record._virtualId])
                    ),
                cancel: () => {},
            });
        },
    };
}

/**
 * @param {number} followers how many activities below it go, too
 * @param {{ kept?: number, deleted?: number, scheduled?: number, queued?: number }} removal
 * @returns {string} what goes, what is not done any more, and what stays
 */
function getRemovalText(followers, { kept, deleted, scheduled, queued }) {
    const parts = [];
    if (followers === 1) {
        parts.push(_t("The step that follows it goes, too."));
    } else if (followers) {
        parts.push(_t("The %s steps that follow it go, too.", followers));
    }
    if (scheduled === 1) {
        parts.push(_t("1 scheduled step is cancelled."));
    } else if (scheduled) {
        parts.push(_t("%s scheduled steps are cancelled.", scheduled));
    } else {
        parts.push(_t("Nothing is scheduled for it."));
    }
    if (queued === 1) {
        parts.push(_t("1 queued message is not sent."));
    } else if (queued) {
        parts.push(_t("%s queued messages are not sent.", queued));
    }
    if (kept) {
        parts.push(_t("What has happened stays in journeys, figures and reports."));
    }
    if (kept && deleted) {
        parts.push(_t("What nobody has come to is deleted for good."));
    } else if (!kept) {
        parts.push(_t("Nobody has come to it: it is deleted for good."));
    }
    return parts.join(" ");
}
