from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL


class MailMail(models.Model):
    _inherit = "mail.mail"

    def write(self, vals):
        """Who cancels a queued email of a campaign cancels what it was to lead to."""
        res = super().write(vals)
        if vals.get("state") == "cancel":
            self._cancel_marketing_traces()
        return res

    def unlink(self):
        """A queued email of a campaign that is deleted will not arrive."""
        self.filtered(lambda mail: mail.state == "outgoing")._cancel_marketing_traces()
        return super().unlink()

    def _cancel_marketing_traces(self):
        """Mass mailing leaves the traces of these emails waiting for ever."""
        self.sudo().mailing_trace_ids.filtered(
            lambda trace: trace.marketing_trace_id and trace.trace_status == "outgoing"
        ).set_canceled()

    # ------------------------------------------------------------
    # SEND
    # ------------------------------------------------------------

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        """An email of a campaign is sent by the connection that has locked it.

        Odoo reads which emails are to be sent once for all, and does not see when another
        connection sends them too: somebody who presses "Send Now", or a second run of the
        queue after the first one has lost the connection with which it locks its job.
        """
        automated = self.browse(self.sudo().filtered("mailing_id.use_in_marketing_automation").ids)
        options = {
            "auto_commit": auto_commit,
            "raise_exception": raise_exception,
            "smtp_session": smtp_session,
            "alias_domain_id": alias_domain_id,
            "mail_server": mail_server,
            "post_send_callback": post_send_callback,
        }
        if plain := self - automated:
            super(MailMail, plain)._send(**options)
        passed_over = self.browse()
        for mail in automated:
            if mail._lock_to_send():
                super(MailMail, mail)._send(**options)
            else:
                passed_over += mail
        if passed_over:
            # Should the other connection not come to its end.
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger(
                fields.Datetime.add(fields.Datetime.now(), minutes=1)
            )
            if post_send_callback:
                post_send_callback(passed_over.ids)
        return True

    def _lock_to_send(self):
        """Lock this email, if it is still to be sent, until the transaction ends.

        :return: whether it is, and no other connection is at it
        :rtype: bool
        """
        self.flush_recordset(["state"])
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(
                    SQL(
                        "SELECT FROM mail_mail WHERE id = %s AND state = 'outgoing'"
                        " FOR NO KEY UPDATE SKIP LOCKED",
                        self.id,
                    ),
                    log_exceptions=False,
                )
                return bool(self.env.cr.rowcount)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Changed since this transaction began.
            return False
