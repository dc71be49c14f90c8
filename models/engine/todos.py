"""To-dos that steps have created: when they are done, late or cancelled."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.timing import known_timezone_sql

LATE_BATCH_SIZE = 10_000


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    activity_created_datetime = fields.Datetime(
        "To-Do Created On",
        readonly=True,
        help="When the step has created an activity of Odoo for somebody, such as a call.",
    )
    activity_deadline = fields.Datetime(
        "To-Do Due Until",
        readonly=True,
        help="The end of the day on which the to-do is due, where the user is whom it is assigned"
        " to; the first of several. Empty once it is done, late or cancelled.",
    )
    activity_done_datetime = fields.Datetime("To-Do Done On", readonly=True)
    activity_overdue_datetime = fields.Datetime("To-Do Late Since", readonly=True)
    activity_canceled_datetime = fields.Datetime("To-Do Cancelled On", readonly=True)

    # What the job looks for: those that will be late first.
    _todo = models.Index("(activity_deadline) WHERE activity_deadline IS NOT NULL")

    def _link_todos(self, created):
        """An executed step has created to-dos.

        Those that somebody has closed in the same moment are looked at by the job.

        :param list created: tuples of a to-do's id and its trace's
        """
        if created:
            self.env.flush_all()
            activity_ids, trace_ids = (list(ids) for ids in zip(*created, strict=True))
            self.env.execute_query(
                SQL(
                    """
                    UPDATE mail_activity activity SET marketing_trace_id = created.trace_id
                    FROM unnest(%s, %s) AS created (activity_id, trace_id)
                    WHERE activity.id = created.activity_id
                    RETURNING activity.id
                    """,
                    activity_ids,
                    trace_ids,
                )
            )
            self.env["mail.activity"].invalidate_model(["marketing_trace_id"])
            self.browse(set(trace_ids))._note_todos()

    def _note_todos(self):
        """These traces have to-dos from now on."""
        dates = self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace trace
                SET activity_created_datetime = %(now)s,
                    activity_deadline = coalesce(todo.deadline, %(now)s)
                FROM (%(todos)s) AS todo
                WHERE trace.id = todo.trace_id
                RETURNING trace.activity_deadline
                """,
                todos=self._todos_sql(),
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model(["activity_created_datetime", "activity_deadline"])
        self.env["marketing.campaign"]._wake_up(min(date for (date,) in dates))

    def _settle_todos(self):
        """The to-dos of these traces were moved, done, removed, or their time is up."""
        if not self:
            return
        self.env.flush_all()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace trace
                SET activity_deadline = CASE
                    WHEN todo.deadline > %(now)s AND coalesce(
                        trace.activity_done_datetime, trace.activity_overdue_datetime,
                        trace.activity_canceled_datetime
                    ) IS NULL
                    THEN todo.deadline
                END
                FROM (%(todos)s) AS todo
                WHERE trace.id = todo.trace_id AND trace.activity_created_datetime IS NOT NULL
                RETURNING trace.id, trace.activity_deadline, CASE
                    WHEN todo.deadline <= %(now)s THEN 'activity_overdue'
                    WHEN todo.deadline IS NOT NULL THEN NULL
                    WHEN todo.is_done THEN 'activity_done'
                    ELSE 'activity_canceled'
                END
                """,
                todos=self._todos_sql(),
                now=now,
            )
        )
        self.invalidate_model(["activity_deadline"])
        by_event, dates = {}, []
        for trace_id, deadline, event in rows:
            by_event.setdefault(event, []).append(trace_id)
            dates += [deadline] if deadline else []
        for event, ids in by_event.items():
            if event:
                self.browse(ids)._settle_events([event])
        if dates:
            self.env["marketing.campaign"]._wake_up(min(dates))

    @api.model
    def _forget_todos(self, traces):
        """Whatever becomes of the to-dos of these traces, it is theirs no more.

        :param SQL traces: query of their ids
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                WITH kept AS (
                    UPDATE marketing_trace SET activity_deadline = NULL
                    WHERE id IN (%(traces)s) AND activity_deadline IS NOT NULL
                )
                UPDATE mail_activity SET marketing_trace_id = NULL
                WHERE marketing_trace_id IN (%(traces)s)
                RETURNING id
                """,
                traces=traces,
            )
        )
        self.invalidate_model(["activity_deadline"])
        self.env["mail.activity"].invalidate_model(["marketing_trace_id"])

    @api.model
    def _settle_late_todos(self):
        """Take note of the to-dos that nobody has done in time.

        :return: whether there were any whose time was up
        :rtype: bool
        """
        is_any = False
        while ids := self._lock_late_todos():
            self.browse(ids)._settle_todos()
            is_any = True
        return is_any

    @api.model
    def _lock_late_todos(self):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM marketing_trace WHERE activity_deadline <= %s"
                " ORDER BY activity_deadline LIMIT %s FOR UPDATE SKIP LOCKED",
                fields.Datetime.now(),
                LATE_BATCH_SIZE,
            )
        )
        return [trace_id for (trace_id,) in rows]

    def _todos_sql(self):
        """Query of what has become of the to-dos of these traces: ``trace_id``; ``deadline``,
        the end of the day on which the first open one is due; ``is_done``, whether one
        was done. Days end where the user is to whom it is assigned; of those that are assigned to
        nobody, or who has no time zone, where the responsible of the campaign is.
        """
        return SQL(
            """
            SELECT trace.id AS trace_id,
                min(timezone('UTC', timezone(
                    %(timezone)s, (activity.date_deadline + 1)::timestamp
                ))) FILTER (WHERE activity.active) AS deadline,
                bool_or(NOT activity.active) AS is_done
            FROM marketing_trace trace
            JOIN marketing_participant participant ON participant.id = trace.participant_id
            JOIN marketing_campaign campaign ON campaign.id = participant.campaign_id
            LEFT JOIN mail_activity activity ON activity.marketing_trace_id = trace.id
            WHERE trace.id = ANY(%(ids)s)
            GROUP BY trace.id
            """,
            timezone=known_timezone_sql(SQL("coalesce(activity.user_tz, campaign.timezone)")),
            ids=self.ids,
        )
