"""Who does not want messages any more gets none that a campaign has queued or prepared.

Odoo asks the exclusion lists when it composes a message; what waits in a queue at that
moment, and what server actions send, would still go out.
"""

from odoo import api, models
from odoo.fields import Domain

QUEUED = Domain("state", "=", "outgoing") & Domain(
    "mailing_id.use_in_marketing_automation", "=", True
)
EXCLUDABLE = QUEUED & Domain("mailing_id.use_exclusion_list", "=", True)


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _cancel_unwanted(self, failure_type):
        """Take queued emails of campaigns back, with the reason."""
        if self:
            self.mailing_trace_ids.write({"trace_status": "cancel", "failure_type": failure_type})
            self.cancel()


class MailBlacklist(models.Model):
    _inherit = "mail.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        blacklisted = super().create(vals_list)
        blacklisted._cancel_queued()
        return blacklisted

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active"):
            self._cancel_queued()
        return res

    def _cancel_queued(self):
        addresses = self.filtered("active").mapped("email")
        domain = EXCLUDABLE & Domain("mailing_trace_ids.email", "in", addresses)
        self.env["mail.mail"].sudo().search(domain)._cancel_unwanted("mail_bl")


class PhoneBlacklist(models.Model):
    _inherit = "phone.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        blacklisted = super().create(vals_list)
        blacklisted._cancel_queued()
        return blacklisted

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active"):
            self._cancel_queued()
        return res

    def _cancel_queued(self):
        numbers = self.filtered("active").mapped("number")
        messages = self.env["sms.sms"].sudo()
        messages = messages.search(EXCLUDABLE & Domain("number", "in", numbers))
        messages._update_sms_state_and_trackers("canceled", failure_type="sms_blacklist")


class MailingSubscription(models.Model):
    _inherit = "mailing.subscription"

    def write(self, vals):
        res = super().write(vals)
        if vals.get("opt_out"):
            self._cancel_queued()
        return res

    def _cancel_queued(self):
        """Take back what campaigns may no longer send to those who have opted out."""
        contacts = self.contact_id
        mails = self.env["mail.mail"].sudo()
        mails = mails.search(
            QUEUED & Domain("model", "=", contacts._name) & Domain("res_id", "in", contacts.ids)
        )
        for mailing, group in mails.grouped("mailing_id").items():
            refusing = contacts._get_opted_out(mailing).ids
            group.filtered_domain([("res_id", "in", refusing)])._cancel_unwanted("mail_optout")
        messages = self.env["sms.sms"].sudo()
        messages = messages.search(
            QUEUED & Domain("number", "in", [*filter(None, contacts.mapped("phone_sanitized"))])
        )
        for mailing, group in messages.grouped("mailing_id").items():
            refusing = contacts._get_opted_out(mailing).mapped("phone_sanitized")
            group.filtered_domain([("number", "in", refusing)])._update_sms_state_and_trackers(
                "canceled", failure_type="sms_optout"
            )


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    def _get_refusals(self, records):
        """Records to which the action must not write, since they are on an exclusion list.

        :return: failure type of mailing traces, by id of the record
        :rtype: dict[int, str]
        """
        actions = self._get_all_actions()
        refusals = {}
        for field, failure_type, sends in (
            ("is_blacklisted", "mail_bl", lambda action: action.mail_post_method == "email"),
            ("phone_blacklisted", "sms_blacklist", lambda action: action.state == "sms"),
        ):
            if field in records._fields and any(sends(action) for action in actions):
                refused = records.sudo().filtered(field)
                refusals.update(dict.fromkeys(refused.ids, failure_type))
        return refusals
