import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useOwnedDialogs, useService } from "@web/core/utils/hooks";
import { getFieldContext } from "@web/model/relational_model/utils";
import { Many2One, computeM2OProps } from "@web/views/fields/many2one/many2one";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { MailingPreview } from "./mailing_preview";

/** Tells of each time that its record is saved: its buttons do so, too, and leave it open. */
class MailingDialog extends FormViewDialog {
    static props = { ...FormViewDialog.props, onSave: Function };

    setup() {
        super.setup();
        this.viewProps.onSave = this.props.onSave;
    }
}

/** The message of an activity: an email is seen and edited from here; both can be picked. */
export class MailingField extends Component {
    static template = "marketing_automation.MailingField";
    static components = { MailingPreview, Many2One };
    static props = { ...Many2OneField.props };

    setup() {
        this.orm = useService("orm");
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

    /** Whether it is the one of the step that this one is a copy of, until it is saved. */
    get isOfOriginal() {
        const { copied_mailing_id: copied } = this.props.record.data;
        return Boolean(this.value && copied && copied.id === this.value.id);
    }

    async edit() {
        await this.props.record.isDirty(); // takes over what is just typed: the subject begins with it
        if (this.isOfOriginal && !this.props.readonly) {
            const { id, display_name } = this.value;
            const copyId = await this.orm.call("mailing.mailing", "copy_for_step", [[id]]);
            await this.choose({ id: copyId, display_name });
        }
        this.openDialog();
    }

    openDialog() {
        const { record, name } = this.props;
        const props = {
            resModel: "mailing.mailing",
            resId: this.value ? this.value.id : false,
            context: getFieldContext(record, name),
            title: this.value ? _t("Edit the Email") : _t("Write an Email"),
            size: "xl",
            readonly: this.props.readonly,
            onSave: ({ resId: id, data }) =>
                this.choose({ id, display_name: data.subject || data.display_name }),
        };
        this.addDialog(MailingDialog, props, {
            onClose: () => this.env.reloadContents?.(name),
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
