import {
    Component,
    onPatched,
    onWillRender,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { EntryAddMenu } from "../entries/entry_add_menu";
import { EntryCard } from "../entries/entry_card";
import { getAddableTypes } from "../entries/entry_drawing";
import { WorkflowPalette } from "./palette/workflow_palette";
import { SelectionBar, SelectionRectangle } from "./selection/selection_bar";
import { useSelection } from "./selection/use_selection";
import { WorkflowJoin } from "./timing/workflow_join";
import { WorkflowBranch } from "./workflow_branch";
import { WorkflowCard } from "./workflow_card";
import { WorkflowDropPlaces, WorkflowGhost } from "./workflow_drag";
import { WorkflowHistory } from "./workflow_history";
import { START } from "./workflow_layout";
import { drawWorkflow } from "./workflow_drawing";
import { WorkflowMinimap } from "./workflow_minimap";
import { getMove } from "./workflow_moves";
import { getTriggerAfterMove } from "./workflow_rules";
import { WorkflowSearch } from "./workflow_search";
import { WorkflowStart } from "./workflow_start";
import { getBranchLabel } from "./workflow_text";
import { WorkflowZoom } from "./workflow_zoom";
import { useBuilding } from "./use_building";
import { useStepClipboard } from "./use_step_clipboard";
import { NodeMarks } from "./node_marks";
import { useTreeKeyboard } from "./use_tree_keyboard";
import { isBackground, useViewport } from "./use_viewport";
import { useWorkflowDrag } from "./use_workflow_drag";

/** Milliseconds for which a step is highlighted that one has jumped to. */
const FLASH = 1500;

/** Pixels for the palette and the canvas: with fewer, the palette is narrow and there is no map. */
const WIDE = 960;

/**
 * Draws a workflow. What the cards show depends on what is given: figures, traces of a
 * participant, or neither. It changes nothing by itself: `actions` does. What is open stands in
 * the slot `panel`, beside the canvas.
 *
 * It is drawn anew when the workflow changes. Zoom, selection and dragging are not its own:
 * see `useViewport`, `NodeMarks`, `useSelection` and `useWorkflowDrag`.
 */
export class WorkflowView extends Component {
    static template = "marketing_automation.WorkflowView";
    static components = {
        EntryAddMenu,
        EntryCard,
        SelectionBar,
        SelectionRectangle,
        WorkflowBranch,
        WorkflowCard,
        WorkflowDropPlaces,
        WorkflowGhost,
        WorkflowHistory,
        WorkflowJoin,
        WorkflowMinimap,
        WorkflowPalette,
        WorkflowSearch,
        WorkflowStart,
        WorkflowZoom,
    };
    static props = {
        steps: Array,
        rules: Object,
        actions: Object,
        readonly: { type: Boolean, optional: true },
        entries: { type: [Array, { value: undefined }], optional: true },
        figures: { type: [Object, { value: null }], optional: true },
        participants: { type: Number, optional: true },
        problems: { type: Object, optional: true },
        entryProblems: { type: Object, optional: true },
        traces: { type: [Object, { value: null }], optional: true },
        canSimulate: { type: Boolean, optional: true },
        startText: { type: String, optional: true },
        /** what is open in the panel */
        selectedKey: { type: [String, { value: null }], optional: true },
        slots: { type: Object, optional: true },
    };
    static defaultProps = { readonly: false, problems: {}, entryProblems: {}, selectedKey: null };

    setup() {
        this.START = START;
        this.rootRef = useRef("root");
        this.viewportRef = useRef("viewport");
        this.canvasRef = useRef("canvas");
        this.stageRef = useRef("stage");
        this.state = useState({
            isExpanded: false,
            isSearching: false,
            isNarrow: false,
            showsFigures: true,
        });
        this.marks = new NodeMarks();
        this.isMirrored = localization.direction === "rtl";
        this.viewport = useViewport(this, {
            getSize: () => this.stageSize,
            getBox: (key) => this.getBox(key),
            getAnchorKey: () => this.anchorKey,
            isActive: () => !this.env.isSmall,
            onResize: () => this.onResize(),
        });
        this.building = useBuilding({
            getProps: () => this.props,
            getDrawing: () => this.drawing,
            getSelectedKey: () => this.currentKey,
            move: (...args) => this.moveTo(...args),
        });
        this.drag = useWorkflowDrag(this.rootRef, {
            enable: () => !this.props.readonly && !this.env.isSmall,
            getViewport: () => this.viewportRef.el,
            getPoint: this.viewport.getPoint,
            describe: this.building.describe,
            getTargets: this.building.getTargets,
            drop: this.building.drop,
        });
        this.selection = useSelection({
            marks: this.marks,
            getDrawing: () => this.drawing,
            getPoint: this.viewport.getPoint,
            // So that keys act on them.
            onDrawn: ([key]) => key && this.keyboard.focus(key),
        });
        this.keyboard = useTreeKeyboard(this.stageRef, {
            getNodes: () => this.drawing.places,
            marks: this.marks,
            isReadonly: () => this.props.readonly,
            isMirrored: this.isMirrored,
            reveal: (key) => this.reveal(key),
            open: ({ entry, step, parent }) =>
                entry
                    ? this.props.actions.openEntry(entry, { focus: true })
                    : this.props.actions.open(step || parent.step, { focus: true }),
            remove: ({ entry, step }) => this.remove(entry, step),
        });
        useStepClipboard(this.stageRef, {
            getNode: (key) => this.drawing.places.get(key),
            getSelected: (step) => this.getSelected(step),
            getActions: () => this.props.actions,
            isReadonly: () => this.props.readonly,
        });
        this.pendingFocus = null;
        onWillRender(() => {
            this.draw();
            this.marks.set("isSelected", this.props.selectedKey);
        });
        onPatched(() => {
            if (this.pendingFocus) {
                this.keyboard.focus(this.pendingFocus);
                this.pendingFocus = null;
            }
        });
        onWillUnmount(() => browser.clearTimeout(this.flashEnd));
        useEffect(
            (key) => this.onSelected(key),
            () => [this.props.selectedKey]
        );
        useEffect(
            (isExpanded) => this.onExpanded(isExpanded),
            () => [this.state.isExpanded]
        );
        useHotkey("escape", () => (this.state.isExpanded = false), {
            isAvailable: () => this.state.isExpanded,
            bypassEditableProtection: true,
        });
    }

    // ------------------------------------------------------------------------
    // Drawing
    // ------------------------------------------------------------------------

    get isJourney() {
        return Boolean(this.props.traces);
    }

    get hasFigures() {
        return Boolean(this.props.figures) && this.state.showsFigures;
    }

    draw() {
        const { steps, rules, entries, readonly, traces, canSimulate } = this.props;
        const inputs = [steps, rules, entries, readonly, traces, canSimulate, this.hasFigures];
        if (this.inputs && inputs.every((input, index) => input === this.inputs[index])) {
            return;
        }
        this.inputs = inputs;
        const { hasFigures, isMirrored } = this;
        this.drawing = drawWorkflow({
            steps,
            rules,
            entries,
            canAdd: !readonly,
            traces,
            canSimulate,
            hasFigures,
            isMirrored,
        });
        this.keyboard.keepTabStop();
        this.selection.keep();
    }

    /** @returns {string} ids of the entries, the start, the steps and their branches */
    get treeItems() {
        return [...this.drawing.places.keys()].map((key) => this.marks.getId(key)).join(" ");
    }

    // Positions are inline and count from the left: style sheets are mirrored for languages
    // from right to left, the drawing already is.

    getBoxStyle({ x, y, width, height }) {
        return this.env.isSmall
            ? ""
            : `left: ${x}px; top: ${y}px; width: ${width}px; height: ${height}px;`;
    }

    getCenteredStyle({ x, width }, y) {
        return this.env.isSmall
            ? ""
            : `left: ${x + width / 2}px; top: ${y}px; transform: translateX(-50%);`;
    }

    /** The drawing, with room for what is below the last cards. */
    get stageSize() {
        const { width, height } = this.drawing;
        return { width, height: height + (this.drawing.cards.length ? 48 : 200) };
    }

    /** A canvas that has no height of its own is as high as its drawing, within limits. */
    get heightStyle() {
        return this.env.isSmall ? "" : `--mwf-height: ${this.stageSize.height + 80}px;`;
    }

    get startText() {
        return this.props.startText || _t("Joins the campaign");
    }

    get entryTypes() {
        return this.props.rules.entries || [];
    }

    get addableTypes() {
        return getAddableTypes(this.entryTypes, this.props.entries);
    }

    // ------------------------------------------------------------------------
    // Viewport
    // ------------------------------------------------------------------------

    getBox(key) {
        const { boxes, entries } = this.drawing;
        return boxes.get(key) || entries?.cards.find((card) => card.key === key)?.box;
    }

    /** What one works on stays where it is while the drawing grows around it. */
    get anchorKey() {
        const { selectedKey } = this.props;
        return this.getBox(selectedKey) ? selectedKey : START;
    }

    reveal(key) {
        if (this.env.isSmall) {
            const element = this.stageRef.el.querySelector(`[data-key="${CSS.escape(key)}"]`);
            element?.scrollIntoView({ block: "nearest", behavior: "smooth" });
        } else {
            this.viewport.reveal(this.getBox(key));
        }
    }

    /** Where the panel was left, one goes on at the card, or at what that came after. */
    onSelected(key) {
        if (key) {
            this.marks.set("isTabStop", key);
            this.reveal(key);
        } else if (this.lastSelected && document.activeElement === document.body) {
            this.keyboard.focus(this.lastSelected);
        }
        this.lastSelected = key;
    }

    /** The panel has taken its width, or given it back. */
    onResize() {
        const panel = this.rootRef.el.querySelector(".o_mwf_side");
        this.state.isNarrow = this.rootRef.el.clientWidth - (panel?.offsetWidth || 0) < WIDE;
        if (this.props.selectedKey) {
            this.reveal(this.props.selectedKey);
        }
    }

    onExpanded(isExpanded) {
        if (isExpanded) {
            this.viewport.fit();
        }
    }

    onKeydown(ev) {
        if (this.pressKey(ev)) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    /** @returns {boolean} whether the key means something here */
    pressKey(ev) {
        const isCommand = (ev.ctrlKey || ev.metaKey) && !ev.altKey;
        if (isCommand && ev.key.toLowerCase() === "f") {
            this.state.isSearching = true;
        } else if (
            isCommand &&
            ev.key.toLowerCase() === "a" &&
            !this.props.readonly &&
            this.stageRef.el.contains(ev.target)
        ) {
            this.selection.selectAll();
        } else if (ev.key === "Escape" && this.selection.state.keys.length) {
            this.selection.clear();
        } else {
            return false;
        }
        return true;
    }

    /** Show a step that one looks for, or that a “go to” leads to. */
    flash(key) {
        this.reveal(key);
        this.marks.set("isFlashing", key);
        browser.clearTimeout(this.flashEnd);
        this.flashEnd = browser.setTimeout(() => this.marks.set("isFlashing", null), FLASH);
    }

    jump(key) {
        this.keyboard.focus(key);
        this.flash(key);
    }

    closeSearch(key) {
        this.state.isSearching = false;
        if (key) {
            this.keyboard.focus(key);
        }
    }

    // ------------------------------------------------------------------------
    // Selection
    // ------------------------------------------------------------------------

    /** The step or the branch that one is at. */
    get currentKey() {
        const tabStop = this.marks.getKey("isTabStop");
        return (
            this.selection.state.keys.at(-1) ||
            this.props.selectedKey ||
            (tabStop === START ? null : tabStop)
        );
    }

    press(step, ev) {
        // A press may begin to drag, and takes the focus nowhere: what keys do is done here.
        this.keyboard.focus(step.key, { isRevealed: false });
        if (!this.props.readonly && (ev.shiftKey || ev.ctrlKey || ev.metaKey)) {
            this.selection.toggle(step.key, this.props.selectedKey);
        } else {
            this.selection.clear();
            this.props.actions.open(step);
        }
    }

    onPointerDown(ev) {
        if (isBackground(ev) && !this.props.readonly && ev.shiftKey) {
            this.selection.start(ev);
            return;
        }
        if (isBackground(ev)) {
            this.selection.clear();
        }
        this.viewport.onPointerDown(ev);
    }

    /** All that are selected, if the step is one of them; else the step alone. */
    getSelected(step) {
        const { keys } = this.selection.state;
        return keys.includes(step.key) ? this.selectedSteps : [step];
    }

    get selectedSteps() {
        return this.selection.state.keys.map((key) => this.drawing.nodes.get(key).step);
    }

    // ------------------------------------------------------------------------
    // Moving
    // ------------------------------------------------------------------------

    /** Only what nobody came in by is deleted. */
    remove(entry, step) {
        if (step) {
            this.props.actions.remove(this.getSelected(step));
        } else if (!entry.count) {
            this.props.actions.removeEntry(entry);
        }
    }

    getMove(key, parentKey) {
        const { nodes } = this.drawing;
        return getMove(this.props.rules, nodes.get(key), nodes.get(parentKey));
    }

    moveTo(key, targetKey, options) {
        const { nodes } = this.drawing;
        const { step } = nodes.get(key);
        const { step: parent, branch, parent: above } = nodes.get(targetKey);
        const trigger = getTriggerAfterMove(this.props.rules, step.trigger, parent);
        const place = branch ? [above.step, "branch", branch] : [parent, trigger, undefined];
        this.pendingFocus = key;
        return this.props.actions.move(step, ...place, options);
    }

    getDestinations(key) {
        return [...this.drawing.nodes.values()]
            .filter((node) => this.getMove(key, node.key))
            .map((node) => ({
                key: node.key,
                depth: node.depth,
                name: this.getPlaceName(node),
                onSelected: () => this.moveTo(key, node.key),
            }));
    }

    getPlaceName({ step, branch, parent }) {
        if (branch) {
            return `${parent.step.name}: ${getBranchLabel(branch)}`;
        }
        return step ? step.name : this.startText;
    }
}
