import { Component, onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { getStepOfData } from "../workflow/workflow_steps";
import { TemplatePicture } from "./template_picture";
import { TemplatePreviewDialog } from "./template_preview_dialog";

/** The campaigns that one can begin with: a click creates one and opens it. */
export class CampaignTemplateCards extends Component {
    static template = "marketing_automation.CampaignTemplateCards";
    static components = { TemplatePicture };
    static props = { onChosen: { type: Function, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.rulesService = useService("marketing_workflow_rules");
        this.isLoading = false;
        onWillStart(async () => {
            const [info, rules] = await Promise.all([
                this.orm.call("marketing.campaign", "get_campaign_templates_info", []),
                this.rulesService.load(),
            ]);
            this.rules = rules;
            this.templates = Object.entries(info).map(([key, template]) => ({
                ...template,
                key,
                steps: template.steps.map(getStepOfData),
            }));
        });
    }

    getLookLabel({ title }) {
        return _t("Look closer at “%s”", title);
    }

    look(template) {
        this.dialog.add(TemplatePreviewDialog, {
            template,
            rules: this.rules,
            use: () => this.choose(template.key),
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
