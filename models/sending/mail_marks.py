"""One short commit for each email: it is out."""

from odoo import api, fields, models
from odoo.tools import SQL


class MarketingMailMark(models.Model):
    """An email that a mail server has taken."""

    _name = "marketing.mail.mark"
    _inherit = "marketing.mark"
    _description = "Marketing Automation: Email Taken by the Mail Server"

    mail_id = fields.Integer(
        required=True,
        help="Id of the email; no reference, since that is locked or deleted meanwhile.",
    )

    _mail = models.UniqueIndex("(mail_id)")

    @api.model
    def _messages_sql(self):
        return SQL("SELECT mark.mail_id")

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
    def _forget(self, mail_ids):
        """Remove the marks of emails of which all is written."""
        self._delete(SQL("mail_id = ANY(%s)", mail_ids))
