import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { LineChart } from "../chart/line_chart";
import { WorkflowFilter } from "./workflow_filter";

const NONE = {
    processed: 0,
    rejected: 0,
    scheduled: 0,
    sent: 0,
    open: 0,
    click: 0,
    reply: 0,
    bounce: 0,
    history: [],
};

/** The figures of a step; each number opens what is behind it. */
export class WorkflowFigures extends Component {
    static template = "marketing_automation.WorkflowFigures";
    static components = { LineChart, WorkflowFilter };
    static props = {
        tabIndex: Number,
        step: Object,
        figures: { type: [Object, { value: null }] },
        actions: Object,
    };

    setup() {
        this.state = useState({ tab: "graph" });
        this.series = [
            { label: _t("Success"), color: "--mwf-done" },
            { label: _t("Rejected"), color: "--mwf-stopped" },
        ];
        this.formatInteger = (value) => formatInteger(value, { humanReadable: value > 99999 });
    }

    get figures() {
        return this.props.figures || NONE;
    }

    get isMessage() {
        return this.props.step.type !== "action";
    }

    get rates() {
        const names = {
            open: _t("Opened"),
            click: _t("Clicked"),
            reply: _t("Replied"),
            bounce: _t("Bounced"),
        };
        const keys = this.props.step.type === "sms" ? ["click", "bounce"] : Object.keys(names);
        const { sent } = this.figures;
        return keys.map((key) => ({
            key,
            name: names[key],
            count: this.figures[key],
            text: formatPercentage(sent ? this.figures[key] / sent : 0, { digits: [16, 0] }),
        }));
    }

    open(figure) {
        this.props.actions.openFigure(this.props.step, figure);
    }
}
