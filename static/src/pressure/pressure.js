import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { getDateText } from "../workflow/workflow_text";

/** How many messages addresses have got of late, who may get none now, and why. */
export class Pressure extends Component {
    static template = "marketing_automation.Pressure";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ pressure: null });
        this.formatInteger = formatInteger;
        this.getDateText = getDateText;
        this.periods = [
            { key: "week", label: _t("Last 7 days") },
            { key: "month", label: _t("Last 30 days") },
        ];
        onWillStart(async () => {
            this.state.pressure = await this.orm.call("marketing.message.log", "get_pressure");
        });
    }

    /** The types of which there is something to say: also that all is in the queue yet. */
    get types() {
        const { caps, received, full, senders } = this.state.pressure;
        return [
            { key: "mail", label: _t("Emails"), icon: "fa-envelope" },
            { key: "sms", label: _t("Text messages"), icon: "fa-mobile" },
        ]
            .filter(({ key }) => received[key] || full[key])
            .map((type) => ({
                ...type,
                cap: caps[type.key],
                rows: this.getRows(received[type.key] || [], caps[type.key]),
                full: full[type.key] || 0,
                senders: senders[type.key] || [],
            }));
    }

    getRows(received, cap) {
        const largest = Math.max(...received.flatMap(({ week, month }) => [week, month]), 1);
        return received.map((row, index) => ({
            ...row,
            label:
                received.length > 9 && index === received.length - 1
                    ? _t("%s or more", row.number)
                    : `${row.number}`,
            isFull: cap && row.number >= cap.number,
            widths: { week: (row.week / largest) * 100, month: (row.month / largest) * 100 },
        }));
    }

    getCapText({ key, cap }) {
        if (!cap) {
            return _t("There is no limit.");
        }
        const values = { number: cap.number, days: cap.days };
        return cap.skips
            ? _t("An address gets at most %(number)s in %(days)s days. More are skipped.", values)
            : _t("An address gets at most %(number)s in %(days)s days. More wait.", values);
    }

    openWaiting(campaign) {
        const capped = [
            ["state", "=", "scheduled"],
            ["state_reason", "=", "capped"],
        ];
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("%s: waiting for their addresses", campaign.name),
            res_model: "marketing.participant",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [
                ["campaign_id", "=", campaign.campaign_id],
                ["is_test", "=", false],
                ["trace_ids", "any", capped],
            ],
            context: { create: false },
        });
    }
}

registry.category("actions").add("marketing_automation.pressure", Pressure);
