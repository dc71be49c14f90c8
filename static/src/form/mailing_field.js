import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useOwnedDialogs } from "@web/core/utils/hooks";
import { Many2One, computeM2OProps } from "@web/views/fields/many2one/many2one";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { MailingPreview } from "./mailing_preview";

/** The message of an activity: an email is seen and edited from here; both can be picked. */
export class MailingField extends Component {
    static template = "marketing_automation.MailingField";
    static components = { MailingPreview, Many2One };
    static props = { ...Many2OneField.props };

    setup() {
        this.addDialog = useOwnedDialogs();
    }

    get m2oProps() {
        return {
            ...computeM2OProps(this.props),
            canOpen: false,
            placeholder: this.isEmail
                ? _t("Write one, or pick an existing one")
                : _t("Write one below, or pick an existing one"),
        };
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get isEmail() {
        return this.props.record.data.activity_type === "email";
    }

    edit() {
        const props = {
            resModel: "mailing.mailing",
            resId: this.value ? this.value.id : false,
            context: this.props.context,
            title: this.value ? _t("Edit the Email") : _t("Write an Email"),
            size: "xl",
            readonly: this.props.readonly,
            onRecordSaved: ({ resId: id, data }) =>
                this.choose({ id, display_name: data.subject || data.display_name }),
        };
        // Its buttons save it, too.
        this.addDialog(FormViewDialog, props, {
            onClose: () => this.env.reloadContents?.(this.props.name),
        });
    }

    /** Where the message was only edited, nothing of the step has changed. */
    async choose(value) {
        const { record, name } = this.props;
        const isEdited = Boolean(this.env.reloadContents) && this.value?.id === value.id;
        if (!isEdited || !record.resId || (await record.isDirty())) {
            await record.update({ [name]: value });
        }
    }
}

registry.category("fields").add("marketing_mailing", {
    ...buildM2OFieldDescription(MailingField),
    displayName: _t("Message of a marketing activity"),
});
