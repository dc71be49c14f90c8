from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def write(self, vals):
        """Who cancels a queued email of a campaign cancels what it was to lead to."""
        if self._note_while_sent(vals):
            return True
        res = super().write(vals)
        self._count_fate(vals.get("state"))
        if vals.get("state") == "cancel":
            self._cancel_marketing_traces()
        return res

    def unlink(self):
        """A queued email of a campaign that is deleted will not arrive."""
        queued = self.filtered(lambda mail: mail.state == "outgoing")
        queued._count_fate("cancel")
        queued._cancel_deleted()
        return super().unlink()

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Each of the addresses of a participant gets an email of its own; none, if its hours have
        come to their end meanwhile."""
        if not self._begin_to_send():
            return []
        mail = self
        if self.mailing_id.use_in_marketing_automation:
            mail = self.with_context(marketing_message=self.mailing_trace_ids[:1].id)
        emails = super(MailMail, mail)._prepare_outgoing_list(mail_server, doc_to_followers)
        return mail._split_by_addresses(emails)

    def _cancel_deleted(self):
        """These queued emails are about to be deleted. Where a sender holds one, PostgreSQL waits
        for it, and the deletion is tried again."""
        of_campaigns = self.sudo().filtered("mailing_id.use_in_marketing_automation")
        of_campaigns.try_lock_for_update()._cancel_marketing_traces()

    def _cancel_marketing_traces(self):
        """Mass mailing leaves the traces of these emails waiting for ever."""
        self.sudo().mailing_trace_ids.filtered(
            lambda trace: trace.marketing_trace_id and trace.trace_status == "outgoing"
        ).set_canceled()
