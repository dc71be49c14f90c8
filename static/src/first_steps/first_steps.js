import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { CampaignTemplateDialog } from "../dashboard/campaign_template_dialog";

/** What is left to do until a first campaign runs; it ticks itself off, and can be hidden. */
export class FirstSteps extends Component {
    static template = "marketing_automation.FirstSteps";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.state = useState({ progress: null });
        this.texts = getTexts();
        onWillStart(() => this.load());
    }

    async load() {
        this.state.progress = await this.orm.call("marketing.campaign", "get_first_steps", []);
    }

    get steps() {
        const { steps } = this.state.progress;
        const next = steps.find(({ done }) => !done);
        return steps.map((step) => ({ ...step, ...this.texts[step.key], isNext: step === next }));
    }

    get doneCount() {
        return this.steps.filter(({ done }) => done).length;
    }

    get title() {
        const { campaign } = this.state.progress;
        if (this.doneCount === this.steps.length) {
            return _t("“%s” runs. Well done!", campaign.name);
        }
        return campaign ? _t("Your first campaign: %s", campaign.name) : _t("Your first campaign");
    }

    /** Only what can be done now is a button: all but the first needs a campaign. */
    isOpen({ key }) {
        return key === "begin" || Boolean(this.state.progress.campaign);
    }

    async go({ key }) {
        const { campaign } = this.state.progress;
        if (!campaign) {
            this.dialog.add(CampaignTemplateDialog);
        } else if (key === "test") {
            const action = await this.orm.call("marketing.campaign", "action_launch_test", [
                [campaign.id],
            ]);
            await this.action.doAction(action);
        } else {
            await this.action.switchView("form", { resId: campaign.id });
        }
    }

    async addSamples() {
        const number = await this.orm.call("marketing.campaign", "create_sample_contacts", []);
        this.notification.add(
            _t(
                "%s sample contacts are in a mailing list of their own. No email to them leaves.",
                number
            ),
            { type: "success" }
        );
        await this.load();
    }

    async removeSamples() {
        await this.orm.call("marketing.campaign", "remove_sample_contacts", []);
        this.notification.add(_t("The sample contacts are gone."), { type: "success" });
        await this.load();
    }

    hide() {
        this.state.progress = null;
        return user.setUserSettings("marketing_first_steps_hidden", true);
    }
}

const getTexts = () => ({
    begin: {
        icon: "fa-magic",
        label: _t("Begin"),
        help: _t("Choose a template, or make your own."),
    },
    audience: {
        icon: "fa-users",
        label: _t("Look at the audience"),
        help: _t("Who takes part? Somebody has to match."),
    },
    messages: {
        icon: "fa-pencil",
        label: _t("Write the messages"),
        help: _t("In your own words: open a step."),
    },
    test: {
        icon: "fa-flask",
        label: _t("Test it"),
        help: _t("With yourself, or a sample contact."),
    },
    start: {
        icon: "fa-play",
        label: _t("Start it"),
        help: _t("Look it through, and let it run."),
    },
});
