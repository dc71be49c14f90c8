"""What a sender knows beyond the transaction in which it sends: one short commit for each email."""

from odoo import api, fields, models
from odoo.tools import SQL


class MarketingMailMark(models.Model):
    """An email that a mail server has taken.

    It is committed at once, on a connection of its own, while the transaction of the sender
    keeps the email locked. When that transaction comes to its end, all is written and the
    mark goes. When it does not, whoever claims the email next finds the mark.
    """

    _name = "marketing.mail.mark"
    _description = "Marketing Automation: Email Taken by the Mail Server"
    _log_access = False

    mail_id = fields.Integer(
        required=True,
        help="Id of the email; no reference, since that is locked or deleted meanwhile.",
    )

    _mail = models.UniqueIndex("(mail_id)")

    @api.model
    def _set(self, mail_id):
        """Remember, and commit: nothing else happens on this connection."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO marketing_mail_mark (mail_id) VALUES (%s) ON CONFLICT DO NOTHING",
                mail_id,
            )
        )
        self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _get_marked(self, mail_ids):
        """Those of these emails that are out already.

        Of a transaction that began after they were locked, or it would not see the last mark.
        """
        return [
            mail_id
            for (mail_id,) in self.env.execute_query(
                SQL("SELECT mail_id FROM marketing_mail_mark WHERE mail_id = ANY(%s)", mail_ids)
            )
        ]

    @api.model
    def _forget(self, mail_ids):
        """Remove the marks of emails of which all is written."""
        self.env.cr.execute(
            SQL("DELETE FROM marketing_mail_mark WHERE mail_id = ANY(%s)", mail_ids)
        )

    @api.model
    def _forget_settled(self):
        """Remove the marks of emails that are not in the queue any more."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM marketing_mail_mark mark
                WHERE NOT EXISTS (
                    SELECT FROM mail_mail WHERE id = mark.mail_id AND state = 'outgoing'
                )
                """
            )
        )
