import { useEnv } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { canDrop, canFollow, getDropTargets } from "./drop_targets";
import { getPlaceChoices } from "./palette/step_choices";
import { StepMenu } from "./palette/step_menu";
import { TimingPopover } from "./timing/timing_popover";
import { getType } from "./workflow_rules";
import { getBranchLabel } from "./workflow_text";

/**
 * How steps are added to the workflow and come to other places: by the menus of each "+", by the
 * palette, and by what is dragged. `actions` does it.
 *
 * @param {Object} params
 * @param {() => Object} params.getProps props of the view
 * @param {() => { nodes: Map, boxes: Map, cards: Object[] }} params.getDrawing
 * @param {() => string | null} params.getSelectedKey
 * @param {(key: string, targetKey: string, options: Object) => any} params.move
 */
export function useBuilding({ getProps, getDrawing, getSelectedKey, move }) {
    const { isSmall } = useEnv();
    const look = { position: "bottom-middle", useBottomSheet: isSmall };
    const menu = usePopover(StepMenu, { ...look, arrow: false });
    const timing = usePopover(TimingPopover, look);

    const getRules = () => getProps().rules;
    const getNode = (key) => getDrawing().nodes.get(key);

    /** The step that what is at a node comes after, and the branch of it. */
    function getPlace({ step, branch, parent }) {
        return branch ? { after: parent.step, branch } : { after: step, branch: null };
    }

    function getChoices(node) {
        const { after, branch } = getPlace(node);
        return getPlaceChoices(getRules(), after, branch);
    }

    function add(node, type, { trigger, branch }) {
        const { after } = getPlace(node);
        return getProps().actions.add(after, trigger, branch, { type });
    }

    function addAt(key, type) {
        const node = getNode(key);
        return add(node, type, getChoices(node)[0]);
    }

    function insert(step, type) {
        return getProps().actions.insert(step, { type });
    }

    function getAddTitle(node) {
        const { after, branch } = getPlace(node);
        if (branch) {
            return _t("Add a step on the branch “%s”", getBranchLabel(branch));
        }
        return after ? _t("Add a step after “%s”", after.name) : _t("Add a step at the start");
    }

    /** The last one in the drawing that something can follow, where none is selected. */
    function getPlaceToAdd() {
        let node = getNode(getSelectedKey());
        while (node && !canFollow(getRules(), node)) {
            node = node.parent;
        }
        return node?.key || [...getDrawing().nodes.values()].findLast(isOpen).key;
    }

    const isOpen = (node) => !node.branch && canFollow(getRules(), node);

    return {
        getAddTitle: (key) => getAddTitle(getNode(key)),
        /** The menu of a "+" below a card or a branch, or at the start. */
        openAdd(target, key) {
            const node = getNode(key);
            menu.open(target, {
                rules: getRules(),
                title: getAddTitle(node),
                choices: getChoices(node),
                add: (type, choice) => add(node, type, choice),
            });
        },
        /** The menu of a "+" on the line to a step. */
        openInsert(target, step) {
            menu.open(target, {
                rules: getRules(),
                title: _t("Add a step before “%s”", step.name),
                choices: [],
                isBetween: true,
                add: (type) => insert(step, type),
            });
        },
        /** When a step comes. */
        openTiming(target, step) {
            const { parent } = getNode(step.key);
            const { after } = getPlace(parent);
            timing.open(target, {
                rules: getRules(),
                step,
                parentName: after?.name || "",
                choices: getPlaceChoices(getRules(), after),
                apply: (values) => getProps().actions.changeTiming(step, values),
            });
        },
        /** By a click in the palette. */
        addAfterSelected: (type) => addAt(getPlaceToAdd(), type),
        /** @param {import("./drop_targets").Dragged} dragged */
        getTargets: (dragged) =>
            getDropTargets(getDrawing()).map((target) => ({
                ...target,
                isAllowed: canDrop(getRules(), getDrawing().nodes, dragged, target),
            })),
        drop(dragged, target) {
            const { nodes } = getDrawing();
            if (!canDrop(getRules(), nodes, dragged, target)) {
                // The workflow has changed meanwhile.
                return;
            }
            const { key, isLine } = target;
            const { step } = nodes.get(key);
            if (dragged.type) {
                return isLine ? insert(step, dragged.type) : addAt(key, dragged.type);
            }
            const options = { isAlone: Boolean(dragged.isAlone) };
            return isLine
                ? getProps().actions.moveOntoLine(getNode(dragged.key).step, step, options)
                : move(dragged.key, key, options);
        },
        /** What is dragged, in words. */
        describe(dragged) {
            if (dragged.type) {
                const { label, icon } = getType(getRules(), dragged.type);
                return { name: label, icon, note: "" };
            }
            const { step, size } = getNode(dragged.key);
            return { name: step.name, icon: "fa-arrows", note: getNote(size - 1, dragged) };
        },
    };
}

function getNote(followers, { isAlone }) {
    if (!followers) {
        return "";
    }
    if (isAlone) {
        return _t("Alone: what follows it stays");
    }
    return followers === 1
        ? _t("With the step below it (Alt: alone)")
        : _t("With the %s steps below it (Alt: alone)", followers);
}
