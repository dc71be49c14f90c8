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
import { WorkflowAddMenu } from "./workflow_add_menu";
import { WorkflowBranch } from "./workflow_branch";
import { WorkflowCard } from "./workflow_card";
import { WorkflowDropPlaces, WorkflowGhost } from "./workflow_drag";
import { WorkflowHistory } from "./workflow_history";
import { getKeyAt, START } from "./workflow_layout";
import { drawWorkflow } from "./workflow_drawing";
import { WorkflowMinimap } from "./workflow_minimap";
import { getMove } from "./workflow_moves";
import { WorkflowSearch } from "./workflow_search";
import { WorkflowStart } from "./workflow_start";
import { getBranchLabel } from "./workflow_text";
import { WorkflowZoom } from "./workflow_zoom";
import { useCardDrag } from "./use_card_drag";
import { useStepClipboard } from "./use_step_clipboard";
import { NodeMarks } from "./node_marks";
import { useTreeKeyboard } from "./use_tree_keyboard";
import { useViewport } from "./use_viewport";

/** Milliseconds for which a step is highlighted that one has jumped to. */
const FLASH = 1500;
/** Pixels beside a card that still count as the card. */
const NEAR = 12;

/**
 * Draws a workflow. What the cards show depends on what is given: figures, traces of a
 * participant, or neither. It changes nothing by itself: `actions` does. What is open stands in
 * the slot `panel`, beside the canvas.
 *
 * It is drawn anew when the workflow changes. Zoom, selection and dragging are not its own:
 * see `useViewport`, `NodeMarks` and `useCardDrag`.
 */
export class WorkflowView extends Component {
    static template = "marketing_automation.WorkflowView";
    static components = {
        EntryAddMenu,
        EntryCard,
        WorkflowAddMenu,
        WorkflowBranch,
        WorkflowCard,
        WorkflowDropPlaces,
        WorkflowGhost,
        WorkflowHistory,
        WorkflowMinimap,
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
        this.state = useState({ isExpanded: false, isSearching: false, showsFigures: true });
        this.marks = new NodeMarks();
        this.isMirrored = localization.direction === "rtl";
        this.viewport = useViewport(this, {
            getSize: () => this.stageSize,
            getBox: (key) => this.getBox(key),
            getAnchorKey: () => this.anchorKey,
            isActive: () => !this.env.isSmall,
            // The panel has taken its width.
            onResize: () => this.props.selectedKey && this.reveal(this.props.selectedKey),
        });
        this.drag = useCardDrag(this.stageRef, {
            enable: () => !this.props.readonly && !this.env.isSmall,
            getKeyAt: (point) => this.getKeyAt(point),
            canDrop: (key, parentKey) => Boolean(this.getMove(key, parentKey)),
            drop: (key, parentKey) => this.moveTo(key, parentKey),
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

    /** Where the panel was left, one goes on at the card. */
    onSelected(key) {
        if (key) {
            this.reveal(key);
        } else if (this.lastSelected && document.activeElement === document.body) {
            this.keyboard.focus(this.lastSelected);
        }
        this.lastSelected = key;
    }

    onExpanded(isExpanded) {
        if (isExpanded) {
            this.viewport.fit();
        }
    }

    onKeydown(ev) {
        if (ev.key.toLowerCase() === "f" && (ev.ctrlKey || ev.metaKey) && !ev.altKey) {
            ev.preventDefault();
            this.state.isSearching = true;
        }
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
    // Moving
    // ------------------------------------------------------------------------

    /** Only what nobody came in by is deleted. */
    remove(entry, step) {
        if (step) {
            this.props.actions.remove(step);
        } else if (!entry.count) {
            this.props.actions.removeEntry(entry);
        }
    }

    getMove(key, parentKey) {
        const { nodes } = this.drawing;
        return getMove(this.props.rules, nodes.get(key), nodes.get(parentKey));
    }

    moveTo(key, targetKey) {
        const { nodes } = this.drawing;
        const trigger = this.getMove(key, targetKey);
        const { step, branch, parent } = nodes.get(targetKey);
        const place = branch ? [parent.step, trigger, branch] : [step, trigger];
        this.pendingFocus = key;
        return this.props.actions.move(nodes.get(key).step, ...place);
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

    getName(key) {
        return this.drawing.nodes.get(key)?.step?.name;
    }

    getKeyAt(point) {
        return getKeyAt(this.drawing.boxes, this.viewport.getPoint(point), NEAR);
    }

    /** Where a step can be dropped, and where not. */
    getDropPlaces(key) {
        return [...this.drawing.boxes]
            .filter(([place]) => place !== key)
            .map(([place, box]) => ({
                key: place,
                isAllowed: Boolean(this.getMove(key, place)),
                style: this.getBoxStyle(box),
            }));
    }
}
