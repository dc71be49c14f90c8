import { Component, onWillStart } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/** The campaigns that one can begin with: a click creates one and opens it. */
export class CampaignTemplateCards extends Component {
    static template = "marketing_automation.CampaignTemplateCards";
    static props = { onChosen: { type: Function, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.isLoading = false;
        onWillStart(async () => {
            const info = await this.orm.call(
                "marketing.campaign",
                "get_campaign_templates_info",
                []
            );
            this.templates = Object.entries(info).map(([key, template]) => ({ key, ...template }));
        });
    }

    async choose(key) {
        if (this.isLoading) {
            return;
        }
        this.isLoading = true;
        try {
            const action = await this.orm.call(
                "marketing.campaign",
                "get_action_marketing_campaign_from_template",
                [key]
            );
            this.props.onChosen?.();
            await this.action.doAction(action);
        } finally {
            this.isLoading = false;
        }
    }
}
