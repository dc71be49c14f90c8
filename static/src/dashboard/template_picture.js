import { Component } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { drawWorkflow } from "../workflow/workflow_drawing";
import { getType, isSteering } from "../workflow/workflow_rules";
import { getBranchLabel } from "../workflow/workflow_text";

/** Room around the drawing, in its pixels, for what stands out of cards. */
const MARGIN = 12;

/** The workflow of a template as the canvas draws it, from afar: it only shows. */
export class TemplatePicture extends Component {
    static template = "marketing_automation.TemplatePicture";
    static props = { steps: Array, rules: Object };

    setup() {
        this.margin = MARGIN;
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

    get viewBox() {
        const { width, height } = this.drawing;
        return `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`;
    }

    get label() {
        const names = this.props.steps.map(({ name }) => name).join(", ");
        return _t("Workflow: %s", names);
    }

    getIcon({ type }) {
        return getType(this.props.rules, type)?.icon;
    }

    isSteering({ type }) {
        return isSteering(this.props.rules, type);
    }

    getBranchLabel(branch) {
        return getBranchLabel(branch);
    }
}
