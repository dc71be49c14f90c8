from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def unlink(self):
        """PostgreSQL deletes the emails of deleted messages, and tells nobody.

        Where records are deleted with their messages, their journeys end for that reason.
        """
        if not self.env.context.get("marketing_deletion"):
            queued = [("mail_message_id", "in", self.ids), ("state", "=", "outgoing")]
            self.env["mail.mail"].sudo().search(queued)._cancel_deleted()
        return super().unlink()
