import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import {
    getEndText,
    getHoldText,
    getPaceText,
    getProgressText,
    getPutOffText,
    getRetryText,
} from "./sending_text";
import { useFreshFigures } from "./use_fresh_figures";
import { usePoll } from "./use_poll";

/** Seconds between two looks: while something is queued, and while it may come to be. */
const SECONDS = 5;
const SECONDS_IDLE = 30;
/** After so many looks the figures of the workflow are loaded again. */
const LOOKS_PER_FIGURES = 6;

const APPEARANCES = {
    waiting: { tone: "info", icon: "fa-clock-o", title: _t("Waiting to be sent") },
    sending: { tone: "info", icon: "fa-paper-plane-o", title: _t("Sending") },
    put_off: { tone: "info", icon: "fa-clock-o", title: _t("Waiting to try again") },
    held: { tone: "warning", icon: "fa-pause", title: _t("Sending is held") },
    done: { tone: "success", icon: "fa-check", title: _t("Nothing is queued any more") },
};
const IDLE = { state: "idle" };

/** What of a campaign is queued, how fast it leaves, and which mail server takes nothing. */
export class SendingWidget extends Component {
    static template = "marketing_automation.SendingWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ sending: IDLE });
        this.planLook = usePoll(
            () => this.look(),
            () => this.secondsToLook
        );
        this.followStart = useFreshFigures(
            () => this.props.record,
            () => this.env.bus.trigger("MARKETING_SENDING:PROGRESS")
        );
        useRecordObserver(({ resId, data }) => this.begin(resId, data));
        Object.assign(this, { getHoldText, getProgressText, getPutOffText, getRetryText });
    }

    // ------------------------------------------------------------------------
    // Data
    // ------------------------------------------------------------------------

    /** Another campaign is shown, or it was started or stopped. */
    begin(resId, { state: campaignState, sending }) {
        if (resId === this.resId && campaignState === this.campaignState) {
            return; // it was only saved
        }
        const isStarted = resId === this.resId && campaignState === "running";
        // The form has brought the first look.
        Object.assign(this, { resId, campaignState, looks: 1 });
        this.state.sending = sending || IDLE;
        this.planLook();
        if (isStarted) {
            this.followStart();
        }
    }

    async look() {
        const { resId } = this;
        let sending;
        try {
            sending = await this.orm.silent.call("marketing.campaign", "get_sending", [[resId]]);
        } catch {
            return; // Odoo says who is offline; the next look may succeed.
        }
        if (resId === this.resId) {
            this.show(sending);
        }
    }

    show(sending) {
        const before = this.state.sending;
        if (sending.state !== "idle") {
            this.state.sending = sending;
        } else if (this.isQueued) {
            this.state.sending = { ...before, state: "done" };
        }
        this.looks++;
        const isOther = this.state.sending.state !== before.state;
        if (isOther || (this.isQueued && this.looks % LOOKS_PER_FIGURES === 0)) {
            this.env.bus.trigger("MARKETING_SENDING:PROGRESS");
        }
    }

    get isQueued() {
        return !["idle", "done"].includes(this.state.sending.state);
    }

    get secondsToLook() {
        if (!this.resId) {
            return 0;
        }
        if (this.isQueued) {
            return SECONDS;
        }
        return this.campaignState === "running" ? SECONDS_IDLE : 0;
    }

    // ------------------------------------------------------------------------
    // Text
    // ------------------------------------------------------------------------

    get appearance() {
        return APPEARANCES[this.state.sending.state];
    }

    /** Percent of the messages that have left. */
    get share() {
        const { sent, total } = this.state.sending;
        return Math.floor((sent / total) * 100);
    }

    get speedText() {
        const { sending } = this.state;
        const isSending = sending.state === "sending";
        const texts = isSending ? [getPaceText(sending.pace), getEndText(sending)] : [];
        return texts.filter(Boolean).join(" · ");
    }

    // ------------------------------------------------------------------------
    // Actions
    // ------------------------------------------------------------------------

    async tryNow() {
        await this.orm.call("marketing.campaign", "action_try_now", [[this.resId]]);
        await this.look();
        this.planLook();
    }
}

registry.category("view_widgets").add("marketing_sending", {
    component: SendingWidget,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "sending", type: "json" },
    ],
});
