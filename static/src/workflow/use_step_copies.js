import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { pick } from "@web/core/utils/objects";
import { uuid } from "@web/core/utils/strings";
import { session } from "@web/session";
import { readSteps, writeSteps } from "./edits/clipboard";
import { pasteCut, pasteSteps, takeOutStep } from "./edits/compose";
import { getBranchOf, getPlaceKeys, getRoots } from "./edits/document";
import { nameSteps } from "./edits/words";

/**
 * Copies of steps by the clipboard, also to other campaigns and tabs, and beside the originals.
 *
 * @param {Object} params
 * @param {() => Object} params.getProps props of the field
 * @param {() => import("./edits/document").WorkflowDocument} params.getDocument
 * @param {() => import("./workflow_rules").Rules} params.getRules
 * @param {(key: string) => boolean} params.isChanged whether a step has changes that are not saved
 * @param {Function} params.perform see `useWorkflowEdition`
 * @returns {Object} functions for the view: what is done to steps is done to all that follows them,
 *  too. `copy` and `cut` answer what goes to the clipboard
 */
export function useStepCopies({ getProps, getDocument, getRules, isChanged, perform }) {
    const orm = useService("orm");
    const notification = useService("notification");
    // Steps that were cut here: they are put back, with all that has happened in them.
    let cutSteps = new Map();

    const warn = (text) => notification.add(text, { type: "warning" });

    /** @returns {{ document: Object, roots: string[], keys: string[] }} with what follows them */
    function getForest(steps) {
        const document = getDocument();
        const roots = getRoots(
            document,
            steps.map(({ key }) => key)
        );
        return { document, roots, keys: roots.flatMap((key) => getBranchOf(document, key)) };
    }

    function getText(steps, isCut) {
        const { document, keys } = getForest(steps);
        return writeSteps({
            database: getDatabase(),
            isCut,
            steps: keys.map((key) => ({ key, id: document.get(key).resId })),
        });
    }

    /** @returns {boolean} whether these can be copied by the server; else it is said */
    function canCopy(steps) {
        const { document, roots, keys } = getForest(steps);
        const what = nameSteps(document, roots);
        if (keys.some((each) => !document.get(each).resId)) {
            warn(_t("Save the campaign first: %s, or what follows, is not saved yet.", what));
            return false;
        }
        if (keys.some(isChanged)) {
            warn(_t("Changes of %s that are not saved yet are not copied.", what));
        }
        return true;
    }

    function copy(steps) {
        return canCopy(steps) ? getText(steps, false) : "";
    }

    function cut(steps) {
        const text = getText(steps, true);
        const { document, roots, keys } = getForest(steps);
        cutSteps = new Map(keys.map((key) => [key, document.get(key)]));
        perform(
            (current) => roots.flatMap((key) => takeOutStep(current, key)),
            () => _t("Cut %s", nameSteps(document, roots))
        );
        return text;
    }

    /** @returns {Promise<boolean>} whether the text was one of steps, and they are there now */
    async function paste(text, parent, branch = null) {
        const copied = readSteps(text);
        if (!copied) {
            return false;
        }
        const place = getPlaceKeys(parent, branch);
        const keys = copied.steps.map(({ key }) => key);
        const document = getDocument();
        if (copied.isCut && keys.every((key) => cutSteps.has(key) && !document.has(key))) {
            return perform(
                (current) =>
                    pasteCut(current, getRules(), { steps: [...cutSteps.values()], ...place }),
                () => _t("Pasted %s", nameSteps(cutSteps, getRoots(cutSteps, keys)))
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
            () => place,
            (what) => _t("Pasted %s", what)
        );
    }

    /**
     * @param {number[]} ids
     * @param {(id: number) => { parentKey: string | false, branchKey: string | false }} getTarget
     *  where the copy of one that follows none of these comes
     * @param {(what: string) => string} getLabel
     */
    async function pasteCopies(ids, getTarget, getLabel) {
        const { data, resId } = getProps().record;
        const { steps: copies, left_out: leftOut } = await orm.call(
            "marketing.activity",
            "get_copies",
            [ids, data.model_id?.id, resId]
        );
        const paste = `k${uuid()}`;
        const isDone = await perform(
            (document) => pasteSteps(document, getRules(), { copies, paste, getTarget }),
            () => getLabel(getCopiesText(copies))
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
        async copyToClipboard(steps, { isCut = false } = {}) {
            const text = isCut ? cut(steps) : copy(steps);
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
        /** Copies, with what follows, beside the originals. */
        async duplicate(steps) {
            if (!canCopy(steps)) {
                return;
            }
            const { document, keys } = getForest(steps);
            const originals = new Map(
                keys.map((key) => [document.get(key).resId, document.get(key)])
            );
            return pasteCopies(
                [...originals.keys()],
                (id) => pick(originals.get(id), "parentKey", "branchKey"),
                (what) => _t("Duplicated %s", what)
            );
        },
    };
}

/** What was copied, in words: those that follow none of the others. */
function getCopiesText(copies) {
    const roots = copies.filter((copy) => !copy.parent_id);
    return roots.length === 1 ? _t("“%s”", roots[0].name) : _t("%s steps", roots.length);
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
