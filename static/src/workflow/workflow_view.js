import { Component, onPatched, onWillRender, onWillUnmount, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { browser } from "@web/core/browser/browser";
import { EntryAddMenu } from "../entries/entry_add_menu";
import { EntryCard } from "../entries/entry_card";
import { getAddableTypes } from "../entries/entry_drawing";
import { WorkflowAddMenu } from "./workflow_add_menu";
import { WorkflowBranch } from "./workflow_branch";
import { WorkflowCard } from "./workflow_card";
import { getKeyAt, START } from "./workflow_layout";
import { drawWorkflow } from "./workflow_drawing";
import { getMove } from "./workflow_moves";
import { getBranchLabel } from "./workflow_text";
import { useCardDrag } from "./use_card_drag";
import { useTreeKeyboard } from "./use_tree_keyboard";
import { useZoom } from "./use_zoom";

/** Milliseconds for which a step is highlighted that one has jumped to. */
const FLASH = 1500;

/**
 * Draws a workflow. What the cards show depends on what is given: figures, traces of a
 * participant, or neither. It changes nothing by itself: `actions` does.
 */
export class WorkflowView extends Component {
    static template = "marketing_automation.WorkflowView";
    static components = { EntryAddMenu, EntryCard, WorkflowAddMenu, WorkflowBranch, WorkflowCard };
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
    };
    static defaultProps = { readonly: false, problems: {}, entryProblems: {} };

    setup() {
        this.START = START;
        this.viewportRef = useRef("viewport");
        this.stageRef = useRef("stage");
        this.state = useState({ isExpanded: false, showsFigures: true, flashKey: null });
        this.isMirrored = localization.direction === "rtl";
        this.zoom = useZoom(this.viewportRef, () => this.stageSize);
        this.drag = useCardDrag(this.stageRef, {
            enable: () => !this.props.readonly && !this.env.isSmall,
            getKeyAt: (point) => this.getKeyAt(point),
            canDrop: (key, parentKey) => Boolean(this.getMove(key, parentKey)),
            drop: (key, parentKey) => this.moveTo(key, parentKey),
        });
        this.keyboard = useTreeKeyboard(this.stageRef, {
            getNodes: () => this.drawing.places,
            isReadonly: () => this.props.readonly,
            isMirrored: this.isMirrored,
            open: ({ entry, step, parent }) =>
                entry
                    ? this.props.actions.openEntry(entry)
                    : this.props.actions.open(step || parent.step),
            remove: ({ entry, step }) => this.remove(entry, step),
        });
        this.pendingFocus = null;
        onWillRender(() => this.draw());
        onPatched(() => {
            if (this.pendingFocus) {
                this.keyboard.focus(this.pendingFocus);
                this.pendingFocus = null;
            }
        });
        onWillUnmount(() => browser.clearTimeout(this.flashEnd));
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

    /** The drawing stays while one zooms or drags, and so do the cards. */
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

    get canvasStyle() {
        const { scale } = this.zoom.state;
        const { width, height } = this.stageSize;
        return this.env.isSmall ? "" : `width: ${width * scale}px; height: ${height * scale}px;`;
    }

    get stageStyle() {
        const { width, height } = this.stageSize;
        const { scale } = this.zoom.state;
        return this.env.isSmall
            ? ""
            : `width: ${width}px; height: ${height}px; transform: scale(${scale}); transform-origin: 0 0;`;
    }

    /** The drawing, with room for what is below the last cards. */
    get stageSize() {
        const { width, height } = this.drawing;
        return { width, height: height + (this.drawing.cards.length ? 48 : 200) };
    }

    get startText() {
        return this.props.startText || _t("Joins the campaign");
    }

    get zoomText() {
        return `${Math.round(this.zoom.state.scale * 100)}%`;
    }

    get entryTypes() {
        return this.props.rules.entries || [];
    }

    get addableTypes() {
        return getAddableTypes(this.entryTypes, this.props.entries);
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

    /** Show the step that a “go to” leads to, or comes from. */
    jump(key) {
        this.keyboard.focus(key);
        this.state.flashKey = key;
        browser.clearTimeout(this.flashEnd);
        this.flashEnd = browser.setTimeout(() => (this.state.flashKey = null), FLASH);
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

    getKeyAt({ x, y }) {
        const { left, top } = this.stageRef.el.getBoundingClientRect();
        const { scale } = this.zoom.state;
        return getKeyAt(this.drawing.boxes, { x: (x - left) / scale, y: (y - top) / scale }, 12);
    }

    getMarkClass(key) {
        return this.state.flashKey === key ? "o_mwf_flash" : this.getDropClass(key);
    }

    getDropClass(key) {
        if (!this.drag.key || this.drag.key === key) {
            return "";
        }
        if (this.drag.overKey === key) {
            return "o_mwf_drop_here";
        }
        return this.getMove(this.drag.key, key) ? "o_mwf_drop_allowed" : "o_mwf_drop_refused";
    }
}
