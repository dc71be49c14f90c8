import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { uuid } from "@web/core/utils/strings";
import { session } from "@web/session";
import { readSteps, writeSteps } from "./edits/clipboard";
import { pasteCut, pasteSteps, takeOutStep } from "./edits/compose";
import { getBranchOf } from "./edits/document";

/**
 * Copies of steps by the clipboard, also to other campaigns and tabs, and beside the originals.
 *
 * @param {Object} params
 * @param {() => Object} params.getProps props of the field
 * @param {() => import("./edits/document").WorkflowDocument} params.getDocument
 * @param {() => import("./workflow_rules").Rules} params.getRules
 * @param {(key: string) => boolean} params.isChanged whether a step has changes that are not saved
 * @param {Function} params.perform see `useWorkflowEdition`
 * @returns {Object} functions for the view. `copy` and `cut` answer what goes to the clipboard
 */
export function useStepCopies({ getProps, getDocument, getRules, isChanged, perform }) {
    const orm = useService("orm");
    const notification = useService("notification");
    // Steps that were cut here: they are put back, with all that has happened in them.
    let cutSteps = new Map();

    const warn = (text) => notification.add(text, { type: "warning" });

    function getText({ key }, isCut) {
        const document = getDocument();
        const steps = getBranchOf(document, key).map((each) => document.get(each));
        return writeSteps({
            database: getDatabase(),
            isCut,
            steps: steps.map((step) => ({ key: step.key, id: step.resId })),
        });
    }

    /** @returns {boolean} whether these can be copied by the server; else it is said */
    function canCopy({ key, name }) {
        const document = getDocument();
        const keys = getBranchOf(document, key);
        if (keys.some((each) => !document.get(each).resId)) {
            warn(_t("Save the campaign first: “%s”, or what follows it, is not saved yet.", name));
            return false;
        }
        if (keys.some(isChanged)) {
            warn(_t("Changes of “%s” that are not saved yet are not copied.", name));
        }
        return true;
    }

    function copy(step) {
        return canCopy(step) ? getText(step, false) : "";
    }

    function cut(step) {
        const text = getText(step, true);
        const document = getDocument();
        cutSteps = new Map(getBranchOf(document, step.key).map((key) => [key, document.get(key)]));
        perform(
            (current) => takeOutStep(current, step.key),
            () => _t("Cut “%s”", step.name)
        );
        return text;
    }

    /** @returns {Promise<boolean>} whether the text was one of steps, and they are there now */
    async function paste(text, parent, branch = null) {
        const copied = readSteps(text);
        if (!copied) {
            return false;
        }
        const place = {
            parentKey: parent ? parent.key : false,
            branchKey: branch ? branch.key : false,
        };
        const keys = copied.steps.map(({ key }) => key);
        const document = getDocument();
        if (copied.isCut && keys.every((key) => cutSteps.has(key) && !document.has(key))) {
            return perform(
                (current) =>
                    pasteCut(current, getRules(), { steps: [...cutSteps.values()], ...place }),
                () => _t("Pasted “%s”", cutSteps.get(keys[0]).values.name)
            );
        }
        if (copied.database !== getDatabase()) {
            warn(_t("This was copied in another database: it can be pasted there only."));
            return false;
        }
        if (copied.steps.some(({ id }) => !id)) {
            warn(_t("This was never saved: save it where it is, then copy it again."));
            return false;
        }
        return pasteCopies(
            copied.steps.map(({ id }) => id),
            place,
            (name) => _t("Pasted “%s”", name)
        );
    }

    async function pasteCopies(ids, place, getLabel) {
        const { data, resId } = getProps().record;
        const { steps: copies, left_out: leftOut } = await orm.call(
            "marketing.activity",
            "get_copies",
            [ids, data.model_id?.id, resId]
        );
        const paste = `k${uuid()}`;
        const isDone = await perform(
            (document) => pasteSteps(document, getRules(), { copies, paste, ...place }),
            () => getLabel(copies[0].name)
        );
        if (isDone && leftOut.length) {
            notification.add(leftOut.join("\n"), { type: "warning", sticky: true });
        }
        return isDone;
    }

    return {
        copy,
        cut,
        paste,
        /** The same, from a menu: there the browser may have to be asked. */
        async copyToClipboard(step, { isCut = false } = {}) {
            const text = isCut ? cut(step) : copy(step);
            if (text) {
                await browser.navigator.clipboard?.writeText(text);
            }
        },
        async pasteFromClipboard(parent) {
            const text = await readClipboard();
            if (text === null) {
                return warn(_t("The browser does not allow it here: press Ctrl+V on the card."));
            }
            return readSteps(text) ? paste(text, parent) : warn(_t("No step was copied or cut."));
        },
        /** A copy, with what follows, beside the original. */
        async duplicate(step) {
            if (!canCopy(step)) {
                return;
            }
            const document = getDocument();
            const ids = getBranchOf(document, step.key).map((key) => document.get(key).resId);
            const { parentKey, branchKey } = document.get(step.key);
            return pasteCopies(ids, { parentKey, branchKey }, (name) =>
                _t("Duplicated “%s”", name)
            );
        },
    };
}

/** @returns {Promise<string | null>} null where the browser does not give it */
async function readClipboard() {
    try {
        return await browser.navigator.clipboard.readText();
    } catch {
        return null;
    }
}

/** Ids mean something in one database only. */
function getDatabase() {
    return `${browser.location.origin}/${session.db}`;
}
