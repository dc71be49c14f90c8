"""What happens to messages and to-dos once they are out, and what follows from it.

All ways in which an event becomes known end here: the tracking pixel, links, replies, bounces,
and what is done with a to-do.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.states import STATES
from ...tools.triggers import event_columns, following, ruled_out_by, waiting_for

# What has got a date, or need not wait any longer.
DUE_AND_RELEASED = SQL("(TABLE due UNION ALL TABLE released) AS dated")


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    def _settle_events(self, keys):
        """Take note of events of the messages of these traces.

        Children that waited for them get their date, those that they rule out are
        cancelled. What happens to a message was handed over. The same event again changes
        nothing.

        :param list keys: events that happened at this moment, of the messages' type
        :return: the traces for which at least one of the events was new
        """
        if not self:
            return self
        Activity = self.env["marketing.activity"]
        events, triggers = Activity._get_events(), Activity._get_triggers()
        happened = set(keys).union(*(events[key].implies for key in keys))
        excluded = {other for key in happened for other in events[key].excludes}
        self.env.flush_all()
        now = fields.Datetime.now()
        ends = any(events[key].ends for key in keys)
        ruled_out = ruled_out_by(triggers, happened, ends, excluded)
        # Of the participants, those who may have come to their end: mostly nobody.
        [(ids, next_date, participant_ids, test_ids)] = self.env.execute_query(
            SQL(
                """
                WITH parent AS (
                    UPDATE marketing_trace trace
                    SET %(marks)s
                    FROM marketing_trace before
                    WHERE before.id = trace.id AND trace.id = ANY(%(ids)s)
                        AND trace.state = %(processed)s AND (%(is_new)s)
                    RETURNING trace.id, trace.participant_id, trace.activity_id, trace.company_id,
                        trace.is_test, before.sent_datetime
                ), handover AS (%(note_left)s), due AS (%(date_children)s),
                    released AS (%(release)s), ruled_out AS (%(cancel_children)s)
                SELECT ARRAY(SELECT id FROM parent), (%(next_date)s),
                    ARRAY(
                        SELECT participant_id FROM ruled_out
                        WHERE NOT EXISTS (
                            SELECT FROM marketing_trace other
                            WHERE other.participant_id = ruled_out.participant_id
                                AND other.state = %(scheduled)s
                                AND other.id NOT IN (SELECT id FROM ruled_out)
                        )
                    ),
                    ARRAY(SELECT participant_id FROM parent WHERE is_test)
                """,
                ids=self.ids,
                now=now,
                marks=SQL(", ").join(
                    SQL("%(field)s = coalesce(trace.%(field)s, %(now)s)", field=field, now=now)
                    for field in (
                        SQL.identifier("sent_datetime"),
                        *event_columns(events[key] for key in happened),
                    )
                ),
                note_left=self.env["marketing.handover"]._note_sql(SQL("SELECT * FROM parent")),
                is_new=SQL(" OR ").join(self._may_happen_sql(events, key) for key in keys),
                next_date=self._next_date_sql(DUE_AND_RELEASED),
                release=self._release_sql(happened, now),
                date_children=self._date_children_sql(
                    SQL("%s::timestamp", now),
                    [
                        *waiting_for(triggers, happened),
                        *(key for key in following(triggers) if key not in ruled_out),
                    ],
                    now,
                ),
                cancel_children=self._cancel_children_sql(
                    SQL("SELECT id FROM parent"),
                    ruled_out,
                    "event",
                    now,
                    self._gives_up_sql(happened, ends),
                ),
                **STATES,
            )
        )
        self._after_settling(participant_ids, next_date)
        self.env["marketing.participant"].browse(test_ids)._tell_testers()
        return self.browse(ids)

    @api.model
    def _settle_missed_events(self):
        """Give a date to what waits for an event that has happened, and cancel what an event
        rules out, where an update has just made it.

        An update does not see the events of the same moment, nor they what it schedules.
        """
        Activity = self.env["marketing.activity"]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH missed AS (
                    SELECT child.id, %(ruled_out)s AS is_ruled_out,
                        %(schedule_date)s AS schedule_date
                    FROM marketing_activity activity
                    JOIN marketing_campaign campaign ON campaign.id = activity.campaign_id
                    JOIN marketing_trace child ON child.activity_id = activity.id
                    JOIN marketing_trace parent ON parent.id = child.parent_id
                    WHERE activity.update_date > %(since)s AND child.state = %(scheduled)s
                        AND child.wait_since IS NULL
                        AND child.is_test IS NOT TRUE AND child.is_jump IS NOT TRUE
                        AND parent.state = %(processed)s
                        AND (%(ruled_out)s OR (
                            child.schedule_date IS NULL AND child.wait_since IS NULL
                            AND %(base_date)s IS NOT NULL
                        ))
                    FOR UPDATE OF child SKIP LOCKED
                )
                UPDATE marketing_trace trace
                SET state = CASE WHEN missed.is_ruled_out THEN %(canceled)s ELSE trace.state END,
                    state_reason = CASE WHEN missed.is_ruled_out THEN %(event)s END,
                    execution_date = CASE WHEN missed.is_ruled_out THEN %(now)s::timestamp END,
                    schedule_date = coalesce(trace.schedule_date, missed.schedule_date),
                    write_date = %(now)s
                FROM missed
                WHERE trace.id = missed.id
                RETURNING trace.participant_id
                """,
                ruled_out=self._ruled_out_sql(Activity),
                base_date=self._base_date_sql(Activity),
                schedule_date=self._interval_sql(self._base_date_sql(Activity)),
                since=self.env["marketing.campaign"]._get_repair_start(),
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        self._after_settling([participant_id for (participant_id,) in rows])

    def _release_sql(self, events, now):
        """``UPDATE`` that ends the waiting of runs at steps that wait for one of these events
        of the rows of ``parent``, and whose time is not up anyhow.

        Those at which somebody looks at this moment are passed over instead of waited for: the
        poll comes by them.

        :param events: keys of the events
        :param now: the present moment
        """
        return SQL(
            """
            UPDATE marketing_trace
            SET schedule_date = %(now)s, write_date = %(now)s
            WHERE id IN (
                SELECT waiting.id
                FROM parent
                JOIN marketing_trace waiting ON waiting.participant_id = parent.participant_id
                JOIN marketing_activity activity ON activity.id = waiting.activity_id
                WHERE waiting.state = %(scheduled)s AND waiting.wait_since IS NOT NULL
                    AND (waiting.schedule_date IS NULL OR waiting.schedule_date > %(now)s)
                    AND activity.wait_type = 'event'
                    AND activity.wait_activity_id = parent.activity_id
                    AND activity.wait_event = ANY(%(events)s)
                FOR UPDATE OF waiting SKIP LOCKED
            )
            RETURNING schedule_date
            """,
            events=list(events),
            now=now,
            **STATES,
        )

    def _gives_up_sql(self, events, ends):
        """Whether an event can cancel ``child``: who waits at a step has come there already, and
        goes on waiting, unless the message has not arrived, and it is not this that is waited for.

        :param events: keys of the events
        :param bool ends: whether one of them ends the life of the message
        """
        return SQL(
            """(
                child.wait_since IS NULL OR %s AND NOT (
                    activity.wait_type = 'event' AND activity.wait_event = ANY(%s)
                    AND activity.wait_activity_id = activity.parent_id
                )
            )""",
            ends,
            list(events),
        )

    def _may_happen_sql(self, events, key):
        """Whether an event is new to ``trace``, and can happen to it."""
        before = [key, *(other for other, event in events.items() if key in event.excludes)]
        columns = event_columns(events[key] for key in before)
        conditions = [SQL("trace.%s IS NULL", column) for column in columns]
        if events[key].needs:
            conditions.append(SQL("trace.%s IS NOT NULL", SQL.identifier(events[key].needs)))
        return SQL("(%s)", SQL(" AND ").join(conditions))
