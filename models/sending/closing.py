"""What is still queued when its sending hours are over does not leave: it is taken back, and goes
out in the next ones."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.queues import QUEUES

HELP = (
    "When the sending hours of its campaign are over, in UTC: it does not leave from then on, and"
    " is taken back. Empty: it may leave at any time."
)


class MailMail(models.Model):
    _inherit = "mail.mail"

    marketing_send_until = fields.Datetime("Leaves Until", readonly=True, copy=False, help=HELP)

    _marketing_send_until = models.Index(
        "(marketing_send_until) WHERE state = 'outgoing' AND marketing_send_until IS NOT NULL"
    )


class SmsSms(models.Model):
    _inherit = "sms.sms"

    marketing_send_until = fields.Datetime("Leaves Until", readonly=True, copy=False, help=HELP)

    _marketing_send_until = models.Index(
        "(marketing_send_until) WHERE state = 'outgoing' AND marketing_send_until IS NOT NULL"
    )


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    @api.model
    def _take_back_closed(self):
        """Schedule again, for now, what is queued and may not leave any more."""
        now = fields.Datetime.now()
        closed = SQL(" UNION ALL ").join(
            SQL(
                "(SELECT id FROM %s WHERE state = 'outgoing' AND marketing_send_until <= %s"
                " LIMIT 1)",
                SQL.identifier(self.env[queue.model]._table),
                now,
            )
            for queue in QUEUES
        )
        self.env.flush_all()
        if not self.env.execute_query(closed):
            return
        queued = self._lock_queued(SQL("queue.marketing_send_until <= %s", now))
        self._schedule_again(queued, is_held=True)
        self.env["marketing.campaign"]._wake_up()
