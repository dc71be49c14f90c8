"""Last step of the engine: what became of a trace, and what follows from it.

All ways in which an outcome becomes known end here: the run itself, the mail and SMS
queues, and buttons. What people then do with a message is in ``events``.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.failures import get_delivery_cause, shorten
from ...tools.sets import to_array, traces_sql
from ...tools.states import CANCELED, DONE, ERROR, SCHEDULED, STATES, Outcome
from ...tools.triggers import following

SETTLED_FIELDS = [
    "state",
    "state_reason",
    "state_detail",
    "error_cause",
    "schedule_date",
    "execution_date",
    "sent_datetime",
    "write_date",
]

TRUE = SQL("TRUE")
# What has got a date.
DUE = SQL("due")

# States of traces whose message did not arrive, or was to be sent once more.
RECOVERABLE_STATES = (ERROR, CANCELED, SCHEDULED)


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    def _settle_outcomes(self, outcomes):
        """Write what became of executed traces of one activity, and schedule what follows.

        :param list outcomes: tuples of the first values of an ``Outcome``
        """
        if not outcomes:
            return
        self.env.flush_all()
        ids, states, reasons, details, causes, are_queued = (
            list(column)
            for column in zip(*(Outcome(*outcome) for outcome in outcomes), strict=True)
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace trace
                SET state = outcome.state, state_reason = outcome.reason,
                    state_detail = outcome.detail, error_cause = outcome.cause,
                    execution_date = %(now)s, write_date = %(now)s,
                    -- What is queued may be taken back: its time goes on.
                    hold_end = CASE WHEN outcome.is_queued THEN hold_end END,
                    sent_datetime = CASE
                        WHEN outcome.state = %(processed)s AND NOT outcome.is_queued
                        THEN %(now)s::timestamp
                    END
                FROM unnest(
                    %(ids)s::integer[], %(states)s::varchar[], %(reasons)s::varchar[],
                    %(details)s::text[], %(causes)s::varchar[], %(are_queued)s::boolean[]
                ) AS outcome (id, state, reason, detail, cause, is_queued)
                WHERE trace.id = outcome.id AND trace.state = ANY(%(expected)s)
                RETURNING trace.id
                """,
                ids=to_array(ids),
                states=to_array(states),
                reasons=to_array(reasons),
                details=to_array([detail and shorten(detail) for detail in details]),
                causes=to_array(causes),
                are_queued=to_array(are_queued),
                expected=list(RECOVERABLE_STATES),
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        self.invalidate_model()
        traces = self.browse(ids)
        self._schedule_children(traces[:1].activity_id.child_ids, traces_sql(ids))
        self.env["marketing.participant"]._settle_those_of(ids)

    @api.model
    def _settle_failures(self, outcomes):
        """Messages were not delivered after all: nothing follows them.

        :param list outcomes: tuples of trace id, state (error or canceled), reason (failure
            type of the mailing trace), detail or None
        """
        if not outcomes:
            return
        self.env.flush_all()
        ids, states, reasons, details = (list(column) for column in zip(*outcomes, strict=True))
        now = fields.Datetime.now()
        [(participant_ids, test_ids)] = self.env.execute_query(
            SQL(
                """
                WITH parent AS (
                    UPDATE marketing_trace trace
                    SET state = outcome.state, state_reason = outcome.reason,
                        state_detail = outcome.detail, error_cause = outcome.cause,
                        execution_date = %(now)s, write_date = %(now)s
                    FROM unnest(
                        %(ids)s, %(states)s::varchar[], %(reasons)s::varchar[], %(details)s::text[],
                        %(causes)s::varchar[]
                    ) AS outcome (id, state, reason, detail, cause)
                    WHERE trace.id = outcome.id AND trace.state = %(processed)s
                    RETURNING trace.id, trace.participant_id, trace.is_test
                ), follow_up AS (%(cancel)s)
                SELECT ARRAY(SELECT participant_id FROM parent),
                    ARRAY(SELECT participant_id FROM parent WHERE is_test)
                """,
                ids=ids,
                states=states,
                reasons=reasons,
                details=[shorten(detail) or None for detail in details],
                causes=[get_delivery_cause(detail) for detail in details],
                now=now,
                cancel=self._cancel_children_sql(
                    SQL("SELECT id FROM parent"),
                    list(self.env["marketing.activity"]._get_triggers()),
                    "parent",
                    now,
                ),
                **STATES,
            )
        )
        self._after_settling(participant_ids)
        self.env["marketing.throttle"]._note_failures(ids)
        self.env["marketing.participant"].browse(test_ids)._tell_testers()

    def _settle_sent(self):
        """The messages of these traces were handed over: what follows counts from now."""
        self.env["marketing.handover"]._note(self)
        failed = self.filtered(lambda trace: trace.state in RECOVERABLE_STATES)
        failed._settle_recovery()
        if left := self - failed:
            left._settle_left_queue()

    def _settle_recovery(self):
        """The message of these traces was sent after a failure: all goes on from now.

        One that is scheduled for another try needs none.
        """
        if not self:
            return
        for traces in self.grouped("activity_id").values():
            traces._settle_outcomes([(trace.id, *DONE) for trace in traces])
        self.env["marketing.campaign"]._wake_up_when_due()

    def _settle_left_queue(self):
        """The messages of these traces left the queue: what waited for it gets its date."""
        self.env.flush_all()
        now = fields.Datetime.now()
        [(next_date, test_ids)] = self.env.execute_query(
            SQL(
                """
                WITH parent AS (
                    UPDATE marketing_trace trace
                    SET write_date = %(now)s, sent_datetime = coalesce((
                        SELECT sent_datetime FROM mailing_trace
                        WHERE marketing_trace_id = trace.id ORDER BY id DESC LIMIT 1
                    ), %(now)s)
                    WHERE id = ANY(%(ids)s) AND state = %(processed)s AND sent_datetime IS NULL
                    RETURNING id, sent_datetime, participant_id, is_test
                ), due AS (%(date_children)s)
                SELECT (%(next_date)s),
                    ARRAY(SELECT participant_id FROM parent WHERE is_test)
                """,
                ids=self.ids,
                now=now,
                next_date=self._next_date_sql(),
                date_children=self._date_children_sql(
                    SQL("parent.sent_datetime"),
                    following(self.env["marketing.activity"]._get_triggers()),
                    now,
                ),
                **STATES,
            )
        )
        self._after_settling([], next_date)
        self.env["marketing.participant"].browse(test_ids)._tell_testers()

    @api.model
    def _cancel(self, condition, reason):
        """Cancel traces, where they are scheduled.

        :param SQL condition: on ``marketing_trace``
        :return: their number
        """
        self.env.flush_all()
        [(participant_ids,)] = self.env.execute_query(
            SQL(
                """
                WITH canceled AS (
                    UPDATE marketing_trace
                    SET state = %(canceled)s, state_reason = %(reason)s,
                        execution_date = %(now)s, write_date = %(now)s
                    WHERE (%(condition)s) AND state = %(scheduled)s
                    RETURNING participant_id
                )
                SELECT ARRAY(SELECT participant_id FROM canceled)
                """,
                condition=condition,
                reason=reason,
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        self._after_settling(participant_ids)
        return len(participant_ids)

    def _after_settling(self, participant_ids, next_date=None):
        """Complete the participants for whom nothing is left, and wake the job.

        :param datetime next_date: earliest date on which something became due, if the job may
            not run until then
        """
        # No more than what was written: the caller goes on with the mailing traces.
        events = self.env["marketing.activity"]._get_events().values()
        self.invalidate_model([*SETTLED_FIELDS, *{event.date_field for event in events}])
        if participant_ids:
            self.env["marketing.participant"]._settle(
                SQL("id = ANY(%s)", to_array(participant_ids))
            )
        if next_date:
            self.env["marketing.campaign"]._wake_up(next_date)

    def _date_children_sql(self, date, trigger_types, now):
        """``UPDATE`` that gives children of the rows of ``parent`` their date that have none yet;
        who waits at a step, without end, has come there already.

        :param SQL date: from which their intervals count
        :param trigger_types: of those that waited
        :param now: the present moment
        """
        return SQL(
            """
            UPDATE marketing_trace child
            SET schedule_date = %(schedule_date)s, write_date = %(now)s
            FROM parent, marketing_activity activity
            JOIN marketing_campaign campaign ON campaign.id = activity.campaign_id
            WHERE child.parent_id = parent.id AND activity.id = child.activity_id
                AND child.state = %(scheduled)s AND child.schedule_date IS NULL
                AND child.wait_since IS NULL
                AND activity.trigger_type = ANY(%(trigger_types)s)
            RETURNING child.schedule_date
            """,
            schedule_date=self._interval_sql(date),
            trigger_types=trigger_types,
            now=now,
            **STATES,
        )

    def _next_date_sql(self, dated=DUE):
        """When the first of these rows is, if the job does not run until then anyhow: seen on
        the way, for visitors wait.

        :param SQL dated: the rows, with their ``schedule_date``
        """
        wakes_up = self.env["marketing.campaign"]._wakes_up_sql(SQL("min(schedule_date)"))
        return SQL("SELECT min(schedule_date) FROM %s HAVING NOT %s", dated, wakes_up)

    def _cancel_children_sql(self, parents, trigger_types, reason, now, condition=TRUE):
        """``UPDATE`` that cancels scheduled children.

        A child that a job is executing at this moment is too late to cancel; it is
        passed over instead of waited for.

        :param SQL parents: query of the ids of the parents
        :param trigger_types: of those that are cancelled
        :param now: the present moment
        :param SQL condition: on ``child`` and its ``activity``
        """
        return SQL(
            """
            UPDATE marketing_trace
            SET state = %(canceled)s, state_reason = %(reason)s,
                execution_date = %(now)s, write_date = %(now)s
            WHERE id IN (
                SELECT child.id
                FROM marketing_trace child
                JOIN marketing_activity activity ON activity.id = child.activity_id
                WHERE child.parent_id IN (%(parents)s) AND child.state = %(scheduled)s
                    AND activity.trigger_type = ANY(%(trigger_types)s) AND %(condition)s
                FOR UPDATE OF child SKIP LOCKED
            )
            RETURNING id, participant_id
            """,
            parents=parents,
            trigger_types=trigger_types,
            condition=condition,
            reason=reason,
            now=now,
            **STATES,
        )
