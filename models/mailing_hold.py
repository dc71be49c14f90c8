"""A mail server that takes no mail is left alone for a while."""

from odoo import fields, models
from odoo.tools import SQL

LONGEST_MINUTES = 15


class MarketingMailingHold(models.Model):
    """The emails of a mailing wait, since its mail server has taken none."""

    _name = "marketing.mailing.hold"
    _description = "Marketing Automation: Mailing on Hold"
    _log_access = False

    mailing_id = fields.Many2one("mailing.mailing", required=True, ondelete="cascade")
    until = fields.Datetime(required=True, help="When the mail server is tried again, in UTC.")
    failures = fields.Integer(required=True, help="How often in a row it has taken nothing.")
    reason = fields.Text(help="What the mail server, or the connection to it, has answered.")

    _mailing = models.UniqueIndex("(mailing_id)")


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _hold(self, reason):
        """Let the emails of these mailings wait, twice as long each time: 1, 2, 4... minutes."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_mailing_hold AS hold (mailing_id, until, failures, reason)
                SELECT id, %(now)s + interval '1 minute', 1, %(reason)s
                FROM unnest(%(ids)s) AS id
                ON CONFLICT (mailing_id) DO UPDATE SET
                    failures = hold.failures + 1,
                    until = %(now)s
                        + make_interval(mins => least(2 ^ hold.failures, %(longest)s)::int),
                    reason = %(reason)s
                """,
                ids=self.ids,
                now=fields.Datetime.now(),
                longest=LONGEST_MINUTES,
                reason=reason,
            )
        )

    def _release(self):
        """Their mail servers take mail again."""
        self.env.cr.execute(
            SQL("DELETE FROM marketing_mailing_hold WHERE mailing_id = ANY(%s)", self.ids)
        )
