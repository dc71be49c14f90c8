import { Component, onPatched, onWillRender, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { WorkflowAddMenu } from "./workflow_add_menu";
import { WorkflowCard } from "./workflow_card";
import { buildTree, flatten, getEdgePath, getKeyAt, layoutTree, START } from "./workflow_layout";
import { getNeighbour } from "./workflow_navigation";
import { getTrigger, getTriggerAfterMove } from "./workflow_rules";
import { getCardSize } from "./workflow_sizes";
import { getBranchText } from "./workflow_text";
import { getPastEvents, getTraceButtons } from "./workflow_trace";
import { useCardDrag } from "./use_card_drag";
import { useZoom } from "./use_zoom";

/** States of a trace, as the colours of the way that was taken. */
const TONES = {
    processed: "done",
    scheduled: "planned",
    rejected: "stopped",
    canceled: "stopped",
    error: "stopped",
};

/** Lines share their first part: the way that was taken is drawn last, above the others. */
const TONE_ORDER = { "": 0, ahead: 0, stopped: 1, planned: 2, done: 3 };

/**
 * Draws a workflow. What the cards show depends on what is given: figures, traces of a
 * participant, or neither. It changes nothing by itself: `actions` does.
 */
export class WorkflowView extends Component {
    static template = "marketing_automation.WorkflowView";
    static components = { WorkflowAddMenu, WorkflowCard };
    static props = {
        steps: Array,
        rules: Object,
        actions: Object,
        readonly: { type: Boolean, optional: true },
        figures: { type: [Object, { value: null }], optional: true },
        participants: { type: Number, optional: true },
        problems: { type: Object, optional: true },
        traces: { type: [Object, { value: null }], optional: true },
        canSimulate: { type: Boolean, optional: true },
        startText: { type: String, optional: true },
    };
    static defaultProps = { readonly: false, problems: {} };

    setup() {
        this.START = START;
        this.viewportRef = useRef("viewport");
        this.stageRef = useRef("stage");
        this.state = useState({ focusKey: null, isExpanded: false, showsFigures: true });
        this.isMirrored = localization.direction === "rtl";
        this.zoom = useZoom(this.viewportRef, () => this.stageSize);
        this.drag = useCardDrag(this.stageRef, {
            enable: () => !this.props.readonly && !this.env.isSmall,
            getKeyAt: (point) => this.getKeyAt(point),
            canDrop: (key, parentKey) => Boolean(this.getMove(key, parentKey)),
            drop: (key, parentKey) => this.moveTo(key, parentKey),
        });
        this.pendingFocus = null;
        onWillRender(() => this.prepare());
        onPatched(() => {
            if (this.pendingFocus) {
                this.focusCard(this.pendingFocus);
                this.pendingFocus = null;
            }
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

    /** Tree, boxes and lines. They stay while one zooms or drags, and so do the cards. */
    prepare() {
        const { steps, rules, traces, canSimulate } = this.props;
        const inputs = [steps, rules, traces, canSimulate, this.hasFigures];
        if (this.inputs && inputs.every((input, index) => input === this.inputs[index])) {
            return;
        }
        this.inputs = inputs;
        const tree = buildTree(steps);
        const nodes = flatten(tree);
        this.nodes = new Map(nodes.map((node) => [node.key, node]));
        this.drawing = layoutTree(
            tree,
            (node) =>
                getCardSize(node, {
                    hasFigures: this.hasFigures,
                    isJourney: this.isJourney,
                    traces: traces || {},
                    hasButtons: (step, trace) => this.hasButtons(step, trace),
                }),
            { isMirrored: this.isMirrored }
        );
        const { boxes } = this.drawing;
        this.cards = nodes.slice(1).map((node) => ({
            node,
            key: node.key,
            box: boxes.get(node.key),
            tone: this.getTone(node),
            trigger: getTrigger(rules, node.step.trigger),
            branchText: getBranchText(rules, node.step),
            path: getEdgePath(boxes.get(node.parent.key), boxes.get(node.key)),
        }));
        this.lines = [...this.cards].sort((a, b) => TONE_ORDER[a.tone] - TONE_ORDER[b.tone]);
        this.startBox = boxes.get(START);
    }

    getTone({ step }) {
        if (!this.isJourney) {
            return "";
        }
        const trace = this.props.traces[step.resId];
        return trace ? TONES[trace.state] : "ahead";
    }

    hasButtons(step, trace) {
        const { rules, canSimulate } = this.props;
        return Boolean(
            getPastEvents(rules, trace).length ||
            getTraceButtons(rules, step, trace, canSimulate).length
        );
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
        return { width, height: height + (this.cards.length ? 48 : 200) };
    }

    get startText() {
        return this.props.startText || _t("Joins the campaign");
    }

    get zoomText() {
        return `${Math.round(this.zoom.state.scale * 100)}%`;
    }

    // ------------------------------------------------------------------------
    // Moving
    // ------------------------------------------------------------------------

    /** @returns {string | null} the trigger after the move; null where it cannot go */
    getMove(key, parentKey) {
        const node = this.nodes.get(key);
        const parent = this.nodes.get(parentKey);
        if (!node || !parent || node.parent === parent) {
            return null;
        }
        for (let above = parent; above; above = above.parent) {
            if (above === node) {
                return null;
            }
        }
        return getTriggerAfterMove(
            this.props.rules,
            node.step.trigger,
            parent.step ? parent.step.type : null
        );
    }

    moveTo(key, parentKey) {
        const trigger = this.getMove(key, parentKey);
        this.pendingFocus = key;
        return this.props.actions.move(
            this.nodes.get(key).step,
            this.nodes.get(parentKey).step,
            trigger
        );
    }

    getDestinations(key) {
        return [...this.nodes.values()]
            .filter((node) => this.getMove(key, node.key))
            .map((node) => ({
                key: node.key,
                depth: node.depth,
                name: node.step ? node.step.name : this.startText,
                onSelected: () => this.moveTo(key, node.key),
            }));
    }

    getKeyAt({ x, y }) {
        const { left, top } = this.stageRef.el.getBoundingClientRect();
        const { scale } = this.zoom.state;
        return getKeyAt(this.drawing.boxes, { x: (x - left) / scale, y: (y - top) / scale }, 12);
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

    // ------------------------------------------------------------------------
    // Keyboard
    // ------------------------------------------------------------------------

    getTabIndex(key) {
        const focusKey = this.nodes.has(this.state.focusKey) ? this.state.focusKey : START;
        return key === focusKey ? 0 : -1;
    }

    focusCard(key) {
        this.state.focusKey = key;
        this.stageRef.el
            ?.querySelector(`[role="treeitem"][data-key="${CSS.escape(key)}"]`)
            ?.focus();
    }

    onFocusIn(ev) {
        const key = ev.target.closest("[role='treeitem']")?.dataset.key;
        if (key) {
            this.state.focusKey = key;
        }
    }

    onKeydown(ev) {
        if (ev.target.getAttribute("role") !== "treeitem") {
            return;
        }
        const node = this.nodes.get(ev.target.dataset.key);
        const neighbour = getNeighbour(node, ev.key, this.isMirrored);
        if (neighbour) {
            this.focusCard(neighbour.key);
        } else if (ev.key === "Home") {
            this.focusCard(START);
        } else if ((ev.key === "Enter" || ev.key === " ") && node.step) {
            this.props.actions.open(node.step);
        } else if (ev.key === "Delete" && node.step && !this.props.readonly) {
            this.props.actions.remove(node.step);
        } else if (["+", "Insert"].includes(ev.key) && !this.props.readonly) {
            this.stageRef.el
                .querySelector(`.o_mwf_add[data-key="${CSS.escape(node.key)}"]`)
                ?.click();
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }
}
