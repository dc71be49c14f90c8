import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** What stands on the line to a step: when it comes, and a "+" for another one before it. */
export class WorkflowJoin extends Component {
    static template = "marketing_automation.WorkflowJoin";
    static props = {
        marks: Object,
        step: Object,
        text: String,
        icon: { type: String, optional: true },
        isNegative: { type: Boolean, optional: true },
        tone: String,
        readonly: Boolean,
        depth: Number,
        style: String,
        openTiming: Function,
        openInsert: Function,
    };

    setup() {
        this.mark = useState(this.props.marks.get(this.props.step.key));
    }

    get tabIndex() {
        return this.mark.isTabStop ? 0 : -1;
    }

    get timingTitle() {
        return _t("When “%(name)s” comes: %(text)s", {
            name: this.props.step.name,
            text: this.props.text,
        });
    }

    get insertTitle() {
        return _t("Add a step before “%s”", this.props.step.name);
    }
}
