import { Component } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { drawWorkflow } from "../workflow/workflow_drawing";
import { getType, isSteering } from "../workflow/workflow_rules";
import { getBranchLabel } from "../workflow/workflow_text";

/** Room around the drawing, in its pixels, for what stands out of cards. */
const MARGIN = 12;

/** About the room that there is for a picture, and the scale from which on one can read it. */
const ROOM = { width: 240, height: 170 };
const SMALLEST = { width: 480, height: 340 };
const READABLE_SCALE = 0.32;

/** The workflow of a template as the canvas draws it, from afar: it only shows. */
export class TemplatePicture extends Component {
    static template = "marketing_automation.TemplatePicture";
    static props = { steps: Array, rules: Object };

    setup() {
        this.drawing = drawWorkflow({
            steps: this.props.steps,
            rules: this.props.rules,
            entries: undefined,
            canAdd: false,
            traces: null,
            canSimulate: false,
            hasFigures: false,
            isMirrored: localization.direction === "rtl",
        });
    }

    /** A short workflow is not drawn larger than others. */
    get viewBox() {
        const { width, height } = this.drawing;
        const shown = {
            width: Math.max(width + 2 * MARGIN, SMALLEST.width),
            height: Math.max(height + 2 * MARGIN, SMALLEST.height),
        };
        return [(width - shown.width) / 2, -MARGIN, shown.width, shown.height].join(" ");
    }

    get showsNames() {
        const { width, height } = this.drawing;
        return Math.min(ROOM.width / width, ROOM.height / height) >= READABLE_SCALE;
    }

    get label() {
        const names = this.props.steps.map(({ name }) => name).join(", ");
        return _t("Workflow: %s", names);
    }

    getIcon({ type }) {
        return getType(this.props.rules, type)?.icon;
    }

    getTypeClass({ type }) {
        return `o_marketing_picture_${isSteering(this.props.rules, type) ? "steering" : type}`;
    }

    /** What the step waits for, where that is more than the one before. */
    showsTrigger({ node: { step }, trigger }) {
        return Boolean(step && trigger && !step.branchKey && trigger.event);
    }

    getBranchLabel(branch) {
        return getBranchLabel(branch);
    }
}
