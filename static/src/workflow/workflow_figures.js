import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { LineChart } from "../chart/line_chart";
import { getOutcomes, OutcomeButton } from "./outcome_button";
import { WorkflowFilter } from "./workflow_filter";
import { isSteering } from "./workflow_rules";

/** Outcomes that are always shown; the others where there are any. */
const ALWAYS = ["processed", "rejected"];

/** The figures of a step; each number opens what is behind it. */
export class WorkflowFigures extends Component {
    static template = "marketing_automation.WorkflowFigures";
    static components = { LineChart, OutcomeButton, WorkflowFilter };
    static props = {
        tabIndex: Number,
        step: Object,
        rules: Object,
        figures: { type: [Object, { value: null }] },
        actions: Object,
    };

    setup() {
        this.state = useState({ tab: "graph" });
        this.series = ["processed", "rejected"].map((key) => {
            const { label, tone } = this.getRule(key);
            return { label, tone };
        });
        this.formatInteger = formatInteger;
        this.formatShort = (value) => formatInteger(value, { humanReadable: value > 9999 });
    }

    /** Steps that steer send nothing: their branches say the rest. */
    get isCompact() {
        return isSteering(this.props.rules, this.props.step.type);
    }

    get history() {
        return this.props.figures?.history || [];
    }

    /** What the shares are of: they go with that number. */
    get bases() {
        const keys = this.rateRules.map(({ base }) => base);
        return this.props.rules.bases.filter(({ key }) => keys.includes(key));
    }

    get rateRules() {
        const { rules, step } = this.props;
        const rates = step.possibleEvents.length ? rules.rates : [];
        return rates.filter(({ types }) => types.includes(step.type));
    }

    get outcomes() {
        return getOutcomes(this.props.rules, this.props.figures).filter(
            ({ key, count }) => count || ALWAYS.includes(key)
        );
    }

    get rates() {
        return this.rateRules.map(({ key, label, help }) => {
            const { count, base } = this.props.figures?.rates[key] || { count: 0, base: 0 };
            const numbers = _t("%(count)s of %(base)s", {
                count: formatInteger(count),
                base: formatInteger(base),
            });
            return {
                key,
                label,
                text: formatPercentage(base ? count / base : 0, { digits: [16, 0] }),
                title: _t("%(numbers)s. %(help)s", { numbers, help }),
            };
        });
    }

    getCount(key) {
        return this.props.figures?.[key] || 0;
    }

    getRule(key) {
        return this.props.rules.outcomes.find((outcome) => outcome.key === key);
    }

    /** Nothing is wrong, or done, where there are none. */
    getColor({ tone, count }) {
        return count ? `o_marketing_tone_${tone}` : "text-muted";
    }

    /** @param {string[]} reason where there are several, the one that is looked at */
    open(figure, ...reason) {
        this.props.actions.openFigure(this.props.step, figure, ...reason);
    }
}
