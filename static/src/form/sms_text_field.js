import { onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SmsWidget, smsWidget } from "@sms/components/sms_widget/fields_sms_widget";

/** The text message of an activity; its length counts links as they are sent, as in a mailing. */
export class SmsTextField extends SmsWidget {
    static template = "marketing_automation.SmsTextField";

    setup() {
        super.setup();
        onWillStart(async () => {
            this.linkReplacementsPlaceholders = await this.orm.call(
                "mailing.mailing",
                "get_sms_link_replacements_placeholders",
                [this.props.record.data.mass_mailing_id?.id || []],
                { context: { default_use_in_marketing_automation: true } }
            );
        });
    }

    /** The length follows what is typed. */
    async onInput() {
        await this.props.record.update({ [this.props.name]: this.textareaRef.el.value });
    }
}

registry.category("fields").add("marketing_sms_text", {
    ...smsWidget,
    component: SmsTextField,
    displayName: _t("Text message of a marketing activity"),
});
