"""What became of a campaign's message in its queue: it has left, or failed."""

import logging

import psycopg2

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.states import CANCELED, DONE, ERROR, STATES
from ..engine.settle import RECOVERABLE_STATES

_logger = logging.getLogger(__name__)

# State of the marketing trace whose message has this status.
FAILED_STATES = {"cancel": CANCELED, "error": ERROR}
# A message with such a status has left the house; the first three say so when it does: the mail
# server has taken it, or the provider of text messages.
HANDED_OVER_STATUSES = ("sent", "pending", "process")
LEFT_STATUSES = (*HANDED_OVER_STATUSES, "open", "reply")
# Others are found by the next run of the job.
DELETED_AT_ONCE = 10_000


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # What the enrolment job puts right is of late.
    _recent = models.Index("(write_date) WHERE marketing_trace_id IS NOT NULL")
    # So are queued emails that somebody has deleted.
    _deleted = models.Index(
        "(id) WHERE trace_type = 'mail' AND trace_status = 'outgoing' AND mail_mail_id IS NULL"
        " AND marketing_trace_id IS NOT NULL"
    )

    # ------------------------------------------------------------
    # SETTLE
    # ------------------------------------------------------------

    def _settle_status(self, vals):
        """Pass on to the campaign that these messages, just written, have left or failed."""
        status = vals.get("trace_status")
        if status not in HANDED_OVER_STATUSES and status not in FAILED_STATES:
            return
        # Who meets another transaction in what was just written is told so.
        self.env.flush_all()
        news = self._get_news(status)
        if not news:
            return
        try:
            with self.env.cr.savepoint():
                news._settle_delivery(vals)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, psycopg2.DataError):
            # The mail queue must not fail now, whatever is wrong with the campaign: it would send
            # again what it has just sent. The enrolment job settles what is left over.
            _logger.info("Mailing traces %s are settled later", self.ids)
            self.env["marketing.campaign"]._enrol_soon()

    def _get_news(self, status):
        """Those of these messages whose new status says something of their marketing traces."""
        if status in FAILED_STATES:
            return self._get_newest()
        return self._get_newest(
            SQL(
                "trace.state = ANY(%s) OR trace.sent_datetime IS NULL",
                list(RECOVERABLE_STATES),
            )
        )

    def _settle_delivery(self, vals):
        traces = self.marketing_trace_id
        traces.fetch(["state"])
        if vals.get("trace_status") in FAILED_STATES:
            fate = self._get_marketing_fate(
                vals["trace_status"], vals.get("failure_type"), vals.get("failure_reason")
            )
            traces._settle_failures([(trace_id, *fate) for trace_id in traces.ids])
        else:
            traces._settle_sent()

    @api.model
    def _settle_left_over(self):
        """Settle failures, recoveries from them, and messages that left the queue, of late, that
        could not be settled when they became known."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT trace.id, message.trace_status, message.failure_type,
                    message.failure_reason
                FROM mailing_trace message
                JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                WHERE message.write_date > %(since)s AND (
                        message.trace_status = ANY(%(failed)s) AND trace.state = %(processed)s
                        OR message.trace_status = ANY(%(left)s) AND (
                            trace.state = ANY(%(open)s)
                            OR trace.state = %(processed)s AND trace.sent_datetime IS NULL
                        )
                    ) AND NOT EXISTS (
                        SELECT FROM mailing_trace newer
                        WHERE newer.marketing_trace_id = trace.id AND newer.id > message.id
                    )
                """,
                since=self.env["marketing.campaign"]._get_repair_start(),
                failed=list(FAILED_STATES),
                left=list(LEFT_STATUSES),
                open=list(RECOVERABLE_STATES),
                **STATES,
            )
        )
        Trace = self.env["marketing.trace"]
        Trace._settle_failures(
            [
                (trace_id, *self._get_marketing_fate(*fate))
                for trace_id, *fate in rows
                if fate[0] in FAILED_STATES
            ]
        )
        Trace.browse(
            trace_id for trace_id, status, *_reason in rows if status not in FAILED_STATES
        )._settle_sent()

    @api.model
    def _cancel_without_email(self):
        """These were queued when their emails were deleted, of which nobody was told."""
        self.search(
            [
                ("trace_type", "=", "mail"),
                ("trace_status", "=", "outgoing"),
                ("mail_mail_id", "=", False),
                ("marketing_trace_id", "!=", False),
            ],
            limit=DELETED_AT_ONCE,
        ).set_canceled()

    # ------------------------------------------------------------
    # FATES
    # ------------------------------------------------------------

    @api.model
    def _get_marketing_fates(self, marketing_trace_ids):
        """What became of the messages that were just composed for marketing traces.

        :return: state, reason and detail by id of the marketing trace
        :rtype: dict[int, tuple]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (marketing_trace_id)
                    marketing_trace_id, trace_status, failure_type, failure_reason
                FROM mailing_trace
                WHERE marketing_trace_id = ANY(%s)
                ORDER BY marketing_trace_id, id DESC
                """,
                marketing_trace_ids,
            )
        )
        fates = dict.fromkeys(marketing_trace_ids, ("error", "unknown", None))
        for trace_id, *fate in rows:
            fates[trace_id] = self._get_marketing_fate(*fate)
        return fates

    @api.model
    def _get_marketing_fate(self, status, failure_type, failure_reason):
        """What the status of a message means for its marketing trace.

        :return: state, reason and detail
        :rtype: tuple
        """
        if status not in FAILED_STATES:
            return *DONE, None
        # Nothing but people cancels a message without saying why.
        reason = failure_type or ("user" if status == "cancel" else "unknown")
        return FAILED_STATES[status], reason, failure_reason or None

    def _get_newest(self, condition=None):
        """Those of these messages that are the last ones of their marketing traces, or belong
        to none. An older message never overrules a newer one.

        :param SQL condition: further one, on the marketing trace, with the alias ``trace``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.id FROM mailing_trace message
                LEFT JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                WHERE message.id = ANY(%s) AND (%s) AND NOT EXISTS (
                    SELECT FROM mailing_trace newer
                    WHERE newer.marketing_trace_id = message.marketing_trace_id
                        AND newer.id > message.id
                )
                """,
                self.ids,
                condition or SQL("TRUE"),
            )
        )
        return self.browse(trace_id for (trace_id,) in rows)

    @api.model
    def _get_left(self, marketing_trace_ids):
        """Marketing traces whose last message has left.

        :rtype: set[int]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT marketing_trace_id FROM (
                    SELECT DISTINCT ON (marketing_trace_id) marketing_trace_id, trace_status
                    FROM mailing_trace
                    WHERE marketing_trace_id = ANY(%s)
                    ORDER BY marketing_trace_id, id DESC
                ) AS message
                WHERE trace_status = ANY(%s)
                """,
                marketing_trace_ids,
                list(LEFT_STATUSES),
            )
        )
        return {trace_id for (trace_id,) in rows}
