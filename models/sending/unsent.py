"""Messages of campaigns that have not left make room for others, or are deleted."""

from odoo import api, models
from odoo.tools import SQL


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    @api.model
    def _get_unsent(self, marketing_traces):
        """Emails and text messages of marketing traces that have not left.

        :param SQL marketing_traces: query of their ids
        :rtype: tuple of mail.mail and sms.sms, as superuser
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mail.id, sms.id
                FROM mailing_trace message
                LEFT JOIN mail_mail mail ON mail.id = message.mail_mail_id_int
                    AND mail.state IN ('outgoing', 'exception')
                LEFT JOIN sms_sms sms ON sms.id = message.sms_id_int
                    AND sms.state IN ('outgoing', 'error')
                WHERE message.marketing_trace_id IN (%s)
                    AND (mail.id IS NOT NULL OR sms.id IS NOT NULL)
                """,
                marketing_traces,
            )
        )
        return tuple(
            self.env[model].sudo().browse(filter(None, column))
            for model, column in zip(
                ("mail.mail", "sms.sms"), zip(*rows, strict=True) if rows else ((), ()), strict=True
            )
        )

    @api.model
    def _cancel_unsent(self, marketing_traces):
        """Take back what has not left, since another message is to take its place.

        :param SQL marketing_traces: query of the ids of marketing traces
        """
        mails, messages = self._get_unsent(marketing_traces)
        if mails or messages:
            self._set_unsent_canceled(mails, messages)
            mails.cancel()
            messages.state = "canceled"

    @api.model
    def _delete_unsent(self, marketing_traces):
        """Delete what has not left, with the addresses that it would have gone to.

        :param SQL marketing_traces: query of the ids of marketing traces
        """
        mails, messages = self._get_unsent(marketing_traces)
        if mails or messages:
            self._set_unsent_canceled(mails, messages)
            mails.unlink()
            messages.unlink()

    @api.model
    def _set_unsent_canceled(self, mails, messages):
        """Those that had failed stay failed."""
        queued = [
            ("trace_status", "=", "outgoing"),
            "|",
            ("mail_mail_id_int", "in", mails.ids),
            ("sms_id_int", "in", messages.ids),
        ]
        self.sudo().search(queued).set_canceled()
