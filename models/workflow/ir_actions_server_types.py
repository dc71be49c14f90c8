"""Types of server actions that this addon adds, for automation rules and lists as well."""

from odoo import api, fields, models
from odoo.tools import plaintext2html

LIST_STATES = ("mailing_list_add", "mailing_list_remove")
CAMPAIGN_STATES = ("marketing_enrol", "marketing_exit")


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[
            ("mailing_list_add", "Add to Mailing List"),
            ("mailing_list_remove", "Remove from Mailing List"),
            ("marketing_enrol", "Add to Campaign"),
            ("marketing_exit", "Remove from Campaign"),
            ("marketing_note", "Log Note"),
            ("code",),
        ],
        ondelete={
            "mailing_list_add": "cascade",
            "mailing_list_remove": "cascade",
            "marketing_enrol": "cascade",
            "marketing_exit": "cascade",
            "marketing_note": "cascade",
        },
    )
    marketing_list_id = fields.Many2one(
        "mailing.list",
        string="Mailing List",
        ondelete="set null",
        index="btree_not_null",
        help="Who has opted out of it is not opted in again; records without an email address are"
        " left out.",
    )
    marketing_campaign_id = fields.Many2one(
        "marketing.campaign",
        string="Campaign",
        domain="[('model_id', '=', model_id)]",
        ondelete="set null",
        index="btree_not_null",
        help="Who takes part in it from now on, or whose runs in it end. It is run by automation"
        " rules; by campaigns whose responsible may change this one; and by people who may, or"
        " whom a group is named for.",
    )
    marketing_note = fields.Text(
        "Logged Note",
        groups="base.group_system",
        help="What is logged on each record, as it is written.",
    )

    def _name_depends(self):
        return [*super()._name_depends(), "marketing_campaign_id", "marketing_list_id"]

    def _generate_action_name(self):
        self.ensure_one()
        if self.marketing_list_id and self.state == "mailing_list_add":
            return self.env._("Add to %(list)s", list=self.marketing_list_id.name)
        if self.marketing_list_id and self.state == "mailing_list_remove":
            return self.env._("Remove from %(list)s", list=self.marketing_list_id.name)
        if self.marketing_campaign_id and self.state == "marketing_enrol":
            return self.env._("Add to %(campaign)s", campaign=self.marketing_campaign_id.name)
        if self.marketing_campaign_id and self.state == "marketing_exit":
            return self.env._("Remove from %(campaign)s", campaign=self.marketing_campaign_id.name)
        return super()._generate_action_name()

    @api.model
    def _warning_depends(self):
        return [
            *super()._warning_depends(),
            "marketing_campaign_id.active",
            "marketing_campaign_id.model_id",
            "marketing_list_id.active",
        ]

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state in LIST_STATES and not self.marketing_list_id.active:
            warnings.append(
                self.env._("Choose a mailing list: it has none, or one that is gone or archived.")
            )
        if self.state in CAMPAIGN_STATES and (warning := self._get_campaign_warning()):
            warnings.append(warning)
        if self.state == "marketing_note" and self.model_id and not self.model_id.is_mail_thread:
            warnings.append(self.env._("Notes can only be logged on records with a chatter."))
        return warnings

    def _run_action_mailing_list_add_multi(self, eval_context=None):
        self.marketing_list_id._add_records(self._get_run_records(eval_context))

    def _run_action_mailing_list_remove_multi(self, eval_context=None):
        self.marketing_list_id._remove_records(self._get_run_records(eval_context))

    def _run_action_marketing_note_multi(self, eval_context=None):
        records = self._get_run_records(eval_context)
        if self.marketing_note:
            note = plaintext2html(self.marketing_note)
            records._message_log_batch(bodies=dict.fromkeys(records.ids, note))

    def _get_run_records(self, eval_context):
        """The records that the action runs on, in the environment of who runs it."""
        records = eval_context.get("records") or eval_context.get("record")
        # A rule may run on a record that is not saved yet.
        return eval_context["model"].browse(records.ids if records else [])
