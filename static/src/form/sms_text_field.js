import { onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useDebounced } from "@web/core/utils/timing";
import { SmsWidget, smsWidget } from "@sms/components/sms_widget/fields_sms_widget";

/** Milliseconds without typing after which the form knows the text: each change asks the server. */
const PAUSE = 300;

/** The text message of an activity; its length counts links as they are sent, as in a mailing. */
export class SmsTextField extends SmsWidget {
    static template = "marketing_automation.SmsTextField";

    setup() {
        super.setup();
        this.onInput = useDebounced(this.followTyping, PAUSE);
        onWillStart(async () => {
            this.linkReplacementsPlaceholders = await this.orm.call(
                "mailing.mailing",
                "get_sms_link_replacements_placeholders",
                [this.props.record.data.mass_mailing_id?.id || []],
                { context: { default_use_in_marketing_automation: true } }
            );
        });
    }

    /** The length, and the card, follow what is typed. */
    async followTyping() {
        const { name, record } = this.props;
        const text = this.textareaRef.el.value;
        if (text !== record.data[name]) {
            await record.update({ [name]: text });
        }
    }
}

registry.category("fields").add("marketing_sms_text", {
    ...smsWidget,
    component: SmsTextField,
    displayName: _t("Text message of a marketing activity"),
});
