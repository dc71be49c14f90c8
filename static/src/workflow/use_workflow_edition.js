import { reactive, toRaw, useEffect } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { sortBy } from "@web/core/utils/arrays";
import { uuid } from "@web/core/utils/strings";
import { applyAll } from "./edits/apply";
import {
    addStep,
    changeTiming,
    insertStep,
    leaveFollowers,
    moveOntoLine,
    moveStep,
    takeOutStep,
    takeOutWay,
} from "./edits/compose";
import {
    getBranchOf,
    getDifference,
    getFollowersOnBranch,
    getPlaceKeys,
    getRoots,
} from "./edits/document";
import { EMPTY_HISTORY, record as recordEntry, redo, undo } from "./edits/history";
import {
    getBranchRecords,
    getDefaults,
    getFieldValues,
    getWayCommands,
    hasBranches,
    readDocument,
} from "./edits/record_values";
import { getChangeText, getMoveText, getWayText, nameSteps } from "./edits/words";
import { useStepCopies } from "./use_step_copies";
import { getRecordKey } from "./workflow_steps";

/** Milliseconds for which a notice offers to undo what it tells. */
const NOTICE = 6000;

/**
 * Changes of a workflow, as changes of the form that shows it: an edit changes the document, the
 * difference is brought to the records. Nothing is saved before the form is.
 *
 * @param {Object} params
 * @param {() => Object} params.getProps props of the field
 * @param {() => Object} params.getList its records
 * @param {() => import("./workflow_rules").Rules} params.getRules
 * @param {Object} params.panel in which a step opens
 * @returns {Object} functions for the view, and `history`, which tells it what can be undone
 */
export function useWorkflowEdition({ getProps, getList, getRules, panel }) {
    const orm = useService("orm");
    const dialog = useService("dialog");
    const notification = useService("notification");
    // Other forms than that of campaigns may show the field, too.
    const mutex = getProps().record.model.edits || new Mutex();
    const state = reactive({ undoLabel: "", redoLabel: "" });
    const lost = new Map();
    let history = EMPTY_HISTORY;
    let noted = null;
    let isBusy = false;
    let closeNotice = () => {};

    function getRecord({ key }) {
        return getList().records.find((record) => getRecordKey(record) === key);
    }

    // ------------------------------------------------------------------------
    // What is known
    // ------------------------------------------------------------------------

    const getDocument = () => readDocument(getList().records, lost);

    function look() {
        const { record } = getProps();
        return {
            list: toRaw(getList()),
            resId: record.resId,
            isDirty: record.dirty,
            document: getDocument(),
        };
    }

    function setHistory(newHistory) {
        history = newHistory;
        state.undoLabel = history.past.at(-1)?.label || "";
        state.redoLabel = history.future.at(-1)?.label || "";
    }

    /** Whether the form shows what it showed before, though it was saved or loaded since. */
    function isSameWorkflow(now) {
        const wasTakenOut = noted.list.records.some(
            (record) =>
                record.data.is_taken_out ||
                getBranchRecords(record).some(({ data, resId }) => resId && data.is_taken_out)
        );
        const isSame = noted.resId
            ? noted.resId === now.resId
            : [...now.document.keys()].some((key) => noted.document.has(key));
        return isSame && !wasTakenOut;
    }

    /** Take in what has changed beside the edits: what was typed, a save, another record. */
    function note() {
        if (isBusy || isBranchOpen()) {
            return;
        }
        const now = look();
        if (!noted) {
            setHistory(EMPTY_HISTORY);
        } else if (now.list !== noted.list) {
            lost.clear();
            setHistory(isSameWorkflow(now) ? history : EMPTY_HISTORY);
        } else if (noted.isDirty && !now.isDirty) {
            lost.clear();
            setHistory(EMPTY_HISTORY);
        } else {
            const label = getChangeText(noted.document, now.document);
            setHistory(recordEntry(history, label, noted.document, now.document));
        }
        noted = now;
    }

    /** Its dialog may still be left without a change. */
    function isBranchOpen() {
        return getList().records.some((record) =>
            getBranchRecords(record).some((branch) => branch._noUpdateParent)
        );
    }

    useEffect(note);

    // ------------------------------------------------------------------------
    // Edits
    // ------------------------------------------------------------------------

    /** One after the other, each after what is being typed. */
    async function inTurn(callback) {
        await getProps().record.isDirty();
        return mutex.exec(async () => {
            note();
            isBusy = true;
            try {
                return await callback(noted.document);
            } finally {
                isBusy = false;
                note();
            }
        });
    }

    /**
     * @param {(document: import("./edits/document").WorkflowDocument) =>
     *  import("./edits/apply").Edit[]} compose
     * @param {(before: import("./edits/document").WorkflowDocument,
     *  after: import("./edits/document").WorkflowDocument) => string} getLabel
     * @param {{ isTold?: boolean }} [options] whether a notice tells it and offers to undo it
     * @returns {Promise<boolean>} whether it is done
     */
    function perform(compose, getLabel, { isTold = true } = {}) {
        return inTurn(async (before) => {
            const { document, reason } = applyAll(before, compose(before), getRules());
            if (!document) {
                notification.add(reason, { type: "warning" });
                return false;
            }
            const label = getLabel(before, document);
            await bring(document);
            noted = look();
            setHistory(recordEntry(history, label, before, noted.document));
            if (isTold) {
                tell(label);
            }
            return true;
        });
    }

    function tell(label) {
        closeNotice();
        closeNotice = notification.add(label, {
            type: "info",
            autocloseDelay: NOTICE,
            buttons: [
                {
                    name: _t("Undo"),
                    onClick: () => {
                        closeNotice();
                        return goBack();
                    },
                },
            ],
        });
    }

    const goBack = () => goInHistory(undo, (label) => _t("Undone: %s", label));
    const goForward = () => goInHistory(redo, (label) => _t("Done again: %s", label));

    function goInHistory(direction, getText) {
        closeNotice();
        return inTurn(async (document) => {
            const done = direction(history, document);
            if (!done) {
                return false;
            }
            await bring(done.document);
            noted = look();
            setHistory(done.history);
            closeNotice = notification.add(getText(done.label), { type: "info" });
            return true;
        });
    }

    // ------------------------------------------------------------------------
    // To the records
    // ------------------------------------------------------------------------

    /** Let the records of the form be as the document says. */
    async function bring(target) {
        for (const step of target.values()) {
            if (!getRecord(step)) {
                await panel.create("step", getDefaults(step, target));
            }
        }
        await takeOutOrPutBack(target);
        const current = getDocument();
        const hasOtherWays = (step) => Boolean(getDifference(current.get(step.key), step).ways);
        // Branches come before what comes on them.
        for (const step of sortBy(target.values(), (each) => (hasOtherWays(each) ? 0 : 1))) {
            lost.set(step.key, step.lost);
            const values = getFieldValues(current.get(step.key), step, target);
            if (Object.keys(values).length) {
                await getRecord(step).update(values);
            }
            await bringWays(step);
        }
        if (!getProps().record.dirty) {
            // A line that is open elsewhere tells the form nothing.
            await getList().applyCommands([]);
        }
    }

    async function bringWays({ key, ways }) {
        const record = getRecord({ key });
        if (ways && !hasBranches(record)) {
            await panel.load("step", record);
        }
        if (!ways || !getWayCommands(getBranchRecords(record), ways).length) {
            return;
        }
        const { branch_ids: list } = record.data;
        await list.leaveEditMode();
        await list.applyCommands(getWayCommands(list.records, ways), { sort: true });
    }

    async function takeOutOrPutBack(target) {
        const commands = getList()
            .records.filter(
                (record) => Boolean(record.data.is_taken_out) === target.has(getRecordKey(record))
            )
            .map((record) => [
                1,
                record.resId || record._virtualId,
                { is_taken_out: !record.data.is_taken_out },
            ]);
        if (commands.length) {
            await getList().applyCommands(commands);
        }
    }

    // ------------------------------------------------------------------------
    // For the view
    // ------------------------------------------------------------------------

    async function addAndOpen(compose) {
        // Never a number: steps of before have their ids as keys.
        const key = `k${uuid()}`;
        const getLabel = (_before, after) => _t("Added “%s”", after.get(key).values.name);
        const isAdded = await perform((document) => compose(document, key), getLabel, {
            isTold: false,
        });
        return isAdded && panel.open("step", getRecord({ key }), { focus: "name" });
    }

    /**
     * @param {import("./edits/document").WorkflowDocument} document
     * @param {{ what: string, count: number, followers: number, keys: string[],
     *  compose: Function }} params in words what is deleted, how much that is, and how many steps
     *  follow; the keys of all steps that go
     */
    async function takeOut(document, { what, count, followers, keys, compose }) {
        const resIds = keys.map((key) => document.get(key).resId).filter(Boolean);
        const removal = resIds.length
            ? await orm.call("marketing.activity", "get_removal", [resIds])
            : {};
        const confirm = () => perform(compose, () => _t("Deleted %s", what));
        if (!(removal.kept || removal.scheduled || removal.queued)) {
            return confirm();
        }
        dialog.add(ConfirmationDialog, {
            title: _t("Delete %s?", what),
            body: getRemovalText(count, followers, removal),
            confirmLabel: _t("Delete"),
            confirmClass: "btn-danger",
            confirm,
            cancel: () => {},
        });
    }

    const copies = useStepCopies({
        getProps,
        getDocument,
        getRules,
        isChanged: (key) => getRecord({ key }).dirty,
        perform,
    });

    return {
        ...copies,
        history: state,
        undo: goBack,
        redo: goForward,
        open: (step, options) => panel.open("step", getRecord(step), options),
        /** A new step after another one, or on a branch of it; it is opened. */
        add: (parent, trigger, branch = null, { type = "email" } = {}) =>
            addAndOpen((document, key) => {
                const place = { ...getPlaceKeys(parent, branch), trigger };
                return addStep(document, getRules(), { key, type, place });
            }),
        /** A new step on the line to another one; it is opened. */
        insert: ({ key: childKey }, { type = "email" } = {}) =>
            addAndOpen((document, key) =>
                insertStep(document, getRules(), { key, type, childKey })
            ),
        /** With what follows it, unless it goes alone. */
        move: ({ key }, parent, _trigger, branch, { isAlone = false } = {}) =>
            perform(
                (document) => [
                    ...(isAlone ? leaveFollowers(document, getRules(), key) : []),
                    ...moveStep(document, getRules(), { key, ...getPlaceKeys(parent, branch) }),
                ],
                (before, after) => getMoveText(getRules(), before, after, key)
            ),
        /** The same, onto the line to another step. */
        moveOntoLine: ({ key }, { key: childKey }, { isAlone = false } = {}) =>
            perform(
                (document) => [
                    ...(isAlone ? leaveFollowers(document, getRules(), key) : []),
                    ...moveOntoLine(document, getRules(), { key, childKey }),
                ],
                (before, after) => getMoveText(getRules(), before, after, key)
            ),
        /** When a step comes; see `changeTiming` of the edits. */
        changeTiming: ({ key, name }, values) =>
            perform(
                (document) => changeTiming(document, { key, ...values }),
                () => _t("Changed when “%s” comes", name),
                { isTold: false }
            ),
        /** With all that follows them; asks first where somebody is there. */
        remove(steps) {
            const document = getDocument();
            const roots = getRoots(
                document,
                steps.map(({ key }) => key)
            );
            const keys = roots.flatMap((key) => getBranchOf(document, key));
            return takeOut(document, {
                what: nameSteps(document, roots),
                count: roots.length,
                followers: keys.length - roots.length,
                keys,
                compose: (current) => roots.flatMap((key) => takeOutStep(current, key)),
            });
        },
        /** The same of a branch of a step, by its key in that. */
        removeWay({ key }, wayKey) {
            const document = getDocument();
            const keys = getFollowersOnBranch(document, key, wayKey).flatMap((step) =>
                getBranchOf(document, step.key)
            );
            return takeOut(document, {
                what: getWayText(document.get(key), wayKey),
                count: 1,
                followers: keys.length,
                keys,
                compose: (current) => takeOutWay(current, key, wayKey),
            });
        },
    };
}

/**
 * @param {number} count of steps that are deleted
 * @param {number} followers how many below these go, too
 * @param {{ kept?: number, deleted?: number, scheduled?: number, queued?: number }} removal
 * @returns {string} what goes, what is not done any more, and what stays
 */
function getRemovalText(count, followers, { kept, deleted, scheduled, queued }) {
    const parts = [];
    if (count > 1 && followers) {
        parts.push(_t("What follows them goes, too: %s steps in all.", count + followers));
    } else if (followers === 1) {
        parts.push(_t("The step that follows it goes, too."));
    } else if (followers) {
        parts.push(_t("The %s steps that follow it go, too.", followers));
    }
    if (scheduled === 1) {
        parts.push(_t("1 scheduled step is cancelled."));
    } else if (scheduled) {
        parts.push(_t("%s scheduled steps are cancelled.", scheduled));
    } else {
        parts.push(count > 1 ? _t("Nothing is scheduled.") : _t("Nothing is scheduled for it."));
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
        parts.push(
            count > 1
                ? _t("Nobody has come there: they are deleted for good.")
                : _t("Nobody has come to it: it is deleted for good.")
        );
    }
    return parts.join(" ");
}
