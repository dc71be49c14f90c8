import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { LineChart } from "../chart/line_chart";
import { buildTree } from "../workflow/workflow_layout";
import { getOutcomes, OutcomeButton } from "../workflow/outcome_button";
import { getStepOfData } from "../workflow/workflow_steps";
import { getBranchLabel, getBranchText } from "../workflow/workflow_text";
import { getFunnel } from "./funnel";

/** A campaign at a glance: totals, trend, and how far participants came. */
export class OverviewWidget extends Component {
    static template = "marketing_automation.OverviewWidget";
    static components = { LineChart, OutcomeButton };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.rulesService = useService("marketing_workflow_rules");
        this.state = useState({ overview: null });
        this.series = [
            { label: _t("New participants"), tone: "active" },
            { label: _t("Steps done"), tone: "done" },
        ];
        this.formatInteger = formatInteger;
        this.formatShare = (share) => formatPercentage(share, { digits: [16, 0] });
        onWillStart(async () => {
            [this.rules, this.state.overview] = await Promise.all([
                this.rulesService.load(),
                this.orm.call("marketing.campaign", "get_overview", [[this.props.record.resId]]),
            ]);
        });
    }

    get totals() {
        const { participants, running, completed, exited, removed, messages } = this.state.overview;
        return [
            {
                key: "participants",
                label: _t("Participants"),
                value: formatInteger(participants),
                title: _t("All who joined: running, completed, exited and removed"),
            },
            { key: "running", label: _t("Running"), value: formatInteger(running) },
            { key: "completed", label: _t("Completed"), value: formatInteger(completed) },
            ...(exited
                ? [
                      {
                          key: "exited",
                          label: _t("Exited"),
                          value: formatInteger(exited),
                          title: _t("Their run ended before its last step"),
                      },
                  ]
                : []),
            {
                key: "removed",
                label: _t("Removed"),
                value: formatInteger(removed),
                title: _t("Their record was deleted"),
            },
            { key: "sent", label: _t("Messages sent"), value: formatInteger(messages.sent) },
            ...(messages.queued
                ? [{ key: "queued", label: _t("Queued"), value: formatInteger(messages.queued) }]
                : []),
            ...this.rates.map(({ key, long_label: label, help }) => {
                const { count, base } = messages.rates[key];
                return {
                    key,
                    label,
                    value: this.formatShare(base ? count / base : 0),
                    title: _t("%(count)s of %(base)s. %(help)s", {
                        count: formatInteger(count),
                        base: formatInteger(base),
                        help,
                    }),
                };
            }),
        ];
    }

    /** Those of messages always, others where there is what they are a share of. */
    get rates() {
        const { rates } = this.state.overview.messages;
        return this.rules.rates.filter(({ key, base }) => base === "sent" || rates[key].base);
    }

    /** The columns: outcomes that some step has. */
    get outcomes() {
        const figures = Object.values(this.state.overview.activities);
        return this.rules.outcomes.filter(
            ({ key }) => key === "processed" || figures.some((values) => values[key])
        );
    }

    /** Of a row of the funnel, for these columns. */
    getOutcomes({ figures }) {
        const keys = this.outcomes.map(({ key }) => key);
        return getOutcomes(this.rules, figures).filter(({ key }) => keys.includes(key));
    }

    get funnel() {
        const { steps, activities, participants } = this.state.overview;
        return getFunnel(buildTree(steps.map(getStepOfData)), activities, participants);
    }

    getBranchText({ step, node: { parent } }) {
        const text = getBranchText(this.rules, step);
        return parent.branch ? `${getBranchLabel(parent.branch)}, ${text}` : text;
    }

    getIcon(step) {
        return this.rules.types.find(({ key }) => key === step.type)?.icon;
    }

    /** Of all participants, in percent. */
    getWidth(number) {
        const { participants } = this.state.overview;
        return participants ? Math.min((number / participants) * 100, 100) : 0;
    }

    /** @param {string | false} [reason] where there are several, the one that is looked at */
    async openFigure(step, figure, reason = null) {
        const values = [[step.resId], figure, reason];
        this.action.doAction(
            await this.orm.call("marketing.activity", "action_view_figure", values)
        );
    }
}

registry.category("view_widgets").add("marketing_overview", { component: OverviewWidget });
