"""What is queued and has not been handed over is taken back: a campaign stops, a record or a step
is gone."""

import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.queues import QUEUES
from ...tools.states import PROCESSED, RECORD_GONE, STATES, STEP_REMOVED, UNLINKED

_logger = logging.getLogger(__name__)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _take_back_queued(self):
        """These campaigns stop. What a sender holds at this moment goes out, or comes back to
        the queue, where the enrolment job finds it."""
        try:
            with self.env.cr.savepoint():
                self.env["marketing.trace"]._take_back_queued(self.ids)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Queued messages of campaigns %s are taken back later", self.ids)
        self._enrol_soon()


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    @api.model
    def _take_back_queued(self, campaign_ids=None):
        """Schedule again what stopped campaigns have queued and what has not been handed over.

        :param list campaign_ids: of these campaigns only
        """
        queued = self._lock_queued(
            SQL(
                "campaign.state = 'stopped' AND activity.active AND NOT trace.is_test"
                " AND (%s OR campaign.id = ANY(%s))",
                campaign_ids is None,
                campaign_ids or [],
            )
        )
        self._schedule_again(queued)

    @api.model
    def _schedule_again(self, queued, is_held=False):
        """Take locked messages back: they are scheduled again, for their date; what was to follow
        comes to be anew.

        :param list queued: what :meth:`_lock_queued` returned
        :param bool is_held: whether the time goes on that they wait at most
        """
        trace_ids = self._cancel_queued(queued)
        if not trace_ids:
            return
        [(participant_ids,)] = self.env.execute_query(
            SQL(
                """
                WITH taken_back AS (
                    UPDATE marketing_trace
                    SET state = %(scheduled)s, execution_date = NULL, write_date = %(now)s,
                        hold_end = CASE WHEN %(is_held)s THEN hold_end END
                    WHERE id = ANY(%(ids)s) AND state = %(processed)s
                    RETURNING participant_id
                ), underived AS (
                    DELETE FROM marketing_trace
                    WHERE parent_id = ANY(%(ids)s) AND %(underived)s
                )
                SELECT ARRAY(SELECT participant_id FROM taken_back)
                """,
                ids=trace_ids,
                is_held=is_held,
                underived=self._underived_sql(SQL.identifier("marketing_trace")),
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        self.invalidate_model()
        self.env["marketing.participant"]._settle(SQL("id = ANY(%s)", participant_ids))

    @api.model
    def _cancel_queued_of(self, activities):
        """These steps are taken out of their workflow: what they have queued does not leave."""
        queued = self._lock_queued(SQL("trace.activity_id = ANY(%s)", activities.ids))
        trace_ids = self._cancel_queued(queued)
        self._settle_failures([(trace_id, *STEP_REMOVED, None) for trace_id in trace_ids])

    @api.model
    def _cancel_of_gone(self, participant_ids):
        """The records of these participants are gone: what is queued for them does not leave."""
        condition = SQL("trace.participant_id = ANY(%s)", participant_ids)
        queued = self._lock_queued(condition)
        self._cancel_queued(queued)
        for queue, rows in zip(QUEUES, queued, strict=True):
            self.env[queue.model].sudo().browse(queue_id for queue_id, *_ids in rows).unlink()
        # Odoo has deleted emails with their record.
        left = SQL(" UNION ALL ").join(
            SQL("SELECT trace.id %s", self._queued_sql(queue, condition)) for queue in QUEUES
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM marketing_trace trace WHERE %s AND state = %s"
                " AND sent_datetime IS NULL AND id NOT IN (%s)",
                condition,
                PROCESSED,
                left,
            )
        )
        trace_ids = [trace_id for (trace_id,) in rows]
        self._settle_failures([(trace_id, *RECORD_GONE, None) for trace_id in trace_ids])
        queued = [("marketing_trace_id", "in", trace_ids), ("trace_status", "=", "outgoing")]
        self.env["mailing.trace"].sudo().search(queued).set_canceled()

    @api.model
    def _recall_put_back(self, queue, message_ids):
        """What a sender held when its campaign stopped, or its record or step went, and then put
        back into the queue, does not leave after all.

        :param list message_ids: queued emails, or text messages
        :return: whether there were any
        """
        [(campaign_ids, participant_ids, removed_ids)] = self.env.execute_query(
            SQL(
                """
                SELECT
                    array_agg(DISTINCT campaign.id)
                        FILTER (WHERE campaign.state = 'stopped' AND NOT trace.is_test),
                    array_agg(participant.id) FILTER (WHERE participant.state = %s),
                    array_agg(DISTINCT activity.id) FILTER (WHERE NOT activity.active)
                FROM mailing_trace message
                JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                JOIN marketing_participant participant ON participant.id = trace.participant_id
                JOIN marketing_campaign campaign ON campaign.id = participant.campaign_id
                JOIN marketing_activity activity ON activity.id = trace.activity_id
                WHERE %s = ANY(%s)
                """,
                UNLINKED,
                SQL.identifier("message", queue.link),
                message_ids,
            )
        )
        if campaign_ids:
            self._take_back_queued(campaign_ids)
        if participant_ids:
            self._cancel_of_gone(participant_ids)
        if removed_ids:
            self._cancel_queued_of(self.env["marketing.activity"].browse(removed_ids))
        return bool(campaign_ids or participant_ids or removed_ids)

    @api.model
    def _lock_queued(self, condition):
        """Lock queued messages, except those that a sender holds, or has sent.

        :param SQL condition: on the marketing traces, which have the alias ``trace``, on
            ``activity`` and on ``campaign``
        :return: by queue, tuples of the ids of the message in the queue, the mailing trace, and
            the marketing trace
        """
        self.env.flush_all()
        return [self._lock_in_queue(queue, condition) for queue in QUEUES]

    @api.model
    def _lock_in_queue(self, queue, condition):
        rows = self.env.execute_query(
            SQL(
                "SELECT queue.id, message.id, trace.id %s FOR NO KEY UPDATE OF queue SKIP LOCKED",
                self._queued_sql(queue, condition),
            )
        )
        if not rows:
            return rows
        # As in a sender: of a transaction that began after they were locked.
        with self.env.registry.cursor() as cr:
            marks = self.env[queue.mark].with_env(self.env(cr=cr, context={}))
            out = set(marks._get_marked([queue_id for queue_id, *_ids in rows]))
        return [row for row in rows if row[0] not in out]

    @api.model
    def _queued_sql(self, queue, condition):
        """``FROM`` of messages that are still in a queue."""
        return SQL(
            """
            FROM marketing_campaign campaign
            JOIN mailing_mailing mailing ON mailing.campaign_id = campaign.utm_campaign_id
                OR mailing.id IN (
                    SELECT mass_mailing_id FROM marketing_activity WHERE campaign_id = campaign.id
                )
            JOIN %(queue)s queue ON queue.mailing_id = mailing.id AND queue.state = 'outgoing'
            JOIN mailing_trace message ON %(link)s = queue.id
            JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
            JOIN marketing_activity activity ON activity.id = trace.activity_id
                AND activity.campaign_id = campaign.id
            WHERE trace.state = %(processed)s AND trace.sent_datetime IS NULL AND (%(condition)s)
            """,
            queue=SQL.identifier(self.env[queue.model]._table),
            link=SQL.identifier("message", queue.link),
            condition=condition,
            **STATES,
        )

    @api.model
    def _cancel_queued(self, queued):
        """Cancel locked messages; their marketing traces are the caller's.

        :param list queued: what :meth:`_lock_queued` returned
        :return: ids of their marketing traces
        """
        trace_ids = []
        for queue, rows in zip(QUEUES, queued, strict=True):
            if not rows:
                continue
            queue_ids, message_ids, ids = (list(column) for column in zip(*rows, strict=True))
            trace_ids += ids
            self.env["marketing.message.log"]._remove(message_ids)
            # In sets: there may be as many as there are participants.
            for table, field, value, changed in (
                (self.env[queue.model], "state", queue.canceled, queue_ids),
                (self.env["mailing.trace"], "trace_status", "cancel", message_ids),
            ):
                self.env.execute_query(
                    SQL(
                        "UPDATE %s SET %s = %s, write_date = %s WHERE id = ANY(%s) RETURNING id",
                        SQL.identifier(table._table),
                        SQL.identifier(field),
                        value,
                        fields.Datetime.now(),
                        changed,
                    )
                )
                table.invalidate_model([field, "write_date"])
        return trace_ids
