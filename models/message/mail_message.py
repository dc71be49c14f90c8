from odoo import models

# In the context where messages are deleted with their records; clients cannot put it there.
OF_RECORDS = object()


class MailMessage(models.Model):
    _inherit = "mail.message"

    def unlink(self):
        """PostgreSQL deletes the emails of deleted messages, and tells nobody.

        Where records are deleted with their messages, their journeys end for that reason.
        """
        if self.env.context.get("marketing_deletion") is not OF_RECORDS:
            queued = [("mail_message_id", "in", self.ids), ("state", "=", "outgoing")]
            self.env["mail.mail"].sudo().search(queued)._cancel_deleted()
        return super().unlink()
