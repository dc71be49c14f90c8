"""A mail server, or a provider of text messages, that takes nothing is left alone for a while."""

import logging
import re

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, email_normalize

from ...tools.queues import QUEUES

_logger = logging.getLogger(__name__)

LONGEST_MINUTES = 15
# Whatever may be an address: rather too much is left out than too little.
ADDRESS = re.compile(r"[^\s@<>()\[\]{}'\",:;]+@[^\s@<>()\[\]{}'\",:;]+")


class MarketingMailingHold(models.Model):
    """The messages of a mailing wait, since its mail server, or the provider, has taken none."""

    _name = "marketing.mailing.hold"
    _description = "Marketing Automation: Mailing on Hold"
    _log_access = False

    mailing_id = fields.Many2one("mailing.mailing", required=True, ondelete="cascade")
    until = fields.Datetime(required=True, help="When the next try is, in UTC.")
    failures = fields.Integer(required=True, help="How often in a row it has taken nothing.")
    reason = fields.Text(
        help="What the mail server or the provider, or the connection to it, has answered, without"
        " addresses of recipients."
    )

    _mailing = models.UniqueIndex("(mailing_id)")


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _hold(self, reason):
        """Let the messages of these mailings wait, twice as long each time: 1, 2, 4... minutes."""
        self._write_hold(
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
                reason=self._without_recipients(reason),
            )
        )

    def _release(self):
        """They are sent again."""
        self._write_hold(
            SQL("DELETE FROM marketing_mailing_hold WHERE mailing_id = ANY(%s)", self.ids)
        )

    def _write_hold(self, statement):
        """Where another sender says something of the same mailing at this moment, that holds: what
        became of a batch must not be lost for it."""
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(statement, log_exceptions=False)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Another sender holds or releases mailings %s", self.ids)

    def _end_hold(self):
        """Have them tried again at once; how often they failed is remembered."""
        self.env.cr.execute(
            SQL(
                "UPDATE marketing_mailing_hold SET until = %s WHERE mailing_id = ANY(%s)",
                fields.Datetime.now(),
                self.ids,
            )
        )

    def _get_holds(self):
        """Those of these mailings that are on hold, and have messages in a queue.

        :return: tuples of the mailing, when it is tried again, and the reason
        """
        first_queued = SQL(" UNION ALL ").join(
            SQL(
                # By index, whatever is queued.
                "(SELECT FROM %s WHERE mailing_id = hold.mailing_id AND state = 'outgoing'"
                " ORDER BY id LIMIT 1)",
                SQL.identifier(self.env[queue.model]._table),
            )
            for queue in QUEUES
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT hold.mailing_id, hold.until, hold.reason
                FROM marketing_mailing_hold hold
                CROSS JOIN LATERAL (%s) queued
                WHERE hold.mailing_id = ANY(%s)
                ORDER BY hold.until
                """,
                first_queued,
                self.ids,
            )
        )
        return [(self.browse(mailing_id), *values) for mailing_id, *values in rows]

    def _without_recipients(self, text):
        """What a mail server says names recipients, whom not everybody may see who sees the
        campaign; addresses of senders stay."""
        domains = self.sudo().user_id.company_id.alias_domain_id
        own = {email_normalize(address) for address in self.mapped("email_from")}
        own |= {*domains.mapped("bounce_email"), *domains.mapped("default_from_email")}
        return ADDRESS.sub(lambda found: found[0] if found[0].lower() in own else "…", text or "")
