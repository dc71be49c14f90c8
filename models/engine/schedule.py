"""Second step of the engine: participants get traces, with their dates."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.sets import traces_sql
from ...tools.states import DERIVED_REASONS, FORGOTTEN, SCHEDULED, STATES
from ...tools.timing import shift_to_time_sql
from ...tools.triggers import following

# Of the row with the alias ``campaign``.
TIMEZONE = SQL("campaign.timezone")


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    def _first_traces_sql(self, campaign, participants):
        """``INSERT`` of the traces with which participants begin, who have none yet.

        :param SQL participants: query of columns id, res_id, company_id, is_test, create_date
        """
        return SQL(
            """
            INSERT INTO marketing_trace (
                participant_id, activity_id, res_id, company_id, is_test, visit, state,
                schedule_date, create_date, write_date
            )
            SELECT participant.id, activity.id, participant.res_id, participant.company_id,
                participant.is_test, 1, %(scheduled)s, %(schedule_date)s, %(now)s, %(now)s
            FROM (%(participants)s) AS participant
            JOIN marketing_activity activity ON activity.campaign_id = %(campaign_id)s
            WHERE activity.trigger_type = 'begin' AND activity.active
            """,
            participants=participants,
            campaign_id=campaign.id,
            schedule_date=self._interval_sql(
                SQL("participant.create_date"), campaign._get_timezone()
            ),
            now=fields.Datetime.now(),
            **STATES,
        )

    def _schedule_first(self, campaign, condition):
        """Create the first traces of participants that do not have them.

        :param SQL condition: on the participants, which have the alias ``participant``
        """
        participants = SQL(
            "SELECT id, res_id, company_id, is_test, create_date"
            " FROM marketing_participant participant"
            " WHERE campaign_id = %(campaign_id)s AND state NOT IN (%(unlinked)s, %(exited)s)"
            " AND res_id != %(forgotten)s AND has_deleted_traces IS NOT TRUE AND %(condition)s",
            campaign_id=campaign.id,
            forgotten=FORGOTTEN,
            condition=condition,
            **STATES,
        )
        self.env.flush_all()
        first_traces = self._first_traces_sql(campaign, participants)
        self.env.cr.execute(SQL("%s ON CONFLICT DO NOTHING", first_traces))
        self.invalidate_model()

    def _schedule_children(self, activities, parents):
        """Create the traces of activities below executed traces that do not have them, unless
        the record is gone or forgotten, or in a control group.

        What happened to the parents' messages in the meantime counts, as if the
        activities had been there when the parents were executed. Children that were
        cancelled since their parent failed begin anew, once it did not fail any more.

        :param activities: activities of one campaign
        :param SQL parents: ``SELECT *`` of the parent traces
        :return: ids of the parents below which something is scheduled now
        :rtype: set[int]
        """
        if not activities:
            return set()
        self.env.flush_all()
        query = SQL(
            """
            INSERT INTO marketing_trace (
                participant_id, activity_id, parent_id, res_id, company_id, is_test, visit, state,
                state_reason, schedule_date, execution_date, create_date, write_date
            )
            SELECT parent.participant_id, activity.id, parent.id, parent.res_id,
                parent.company_id, parent.is_test, parent.visit,
                CASE WHEN %(ruled_out)s THEN %(canceled)s ELSE %(scheduled)s END,
                CASE WHEN %(ruled_out)s THEN %(event)s END,
                %(schedule_date)s,
                CASE WHEN %(ruled_out)s THEN %(now)s::timestamp END,
                %(now)s, %(now)s
            FROM (%(parents)s) AS parent
            JOIN marketing_activity activity ON activity.parent_id = parent.activity_id
                AND (activity.trigger_type != 'branch' OR activity.branch_id = parent.branch_id)
            -- One by one, as in ``traces_sql``.
            CROSS JOIN LATERAL (
                SELECT * FROM marketing_participant WHERE id = parent.participant_id OFFSET 0
            ) AS participant
            LEFT JOIN marketing_activity_branch way ON way.id = parent.branch_id
            WHERE activity.id = ANY(%(activity_ids)s) AND parent.state = %(processed)s
                AND way.is_holdout IS NOT TRUE
                AND participant.state NOT IN (%(unlinked)s, %(exited)s)
                AND participant.res_id != %(forgotten)s
            ON CONFLICT (participant_id, activity_id, visit) DO UPDATE
            SET parent_id = EXCLUDED.parent_id, state = EXCLUDED.state,
                state_reason = EXCLUDED.state_reason, schedule_date = EXCLUDED.schedule_date,
                execution_date = EXCLUDED.execution_date, wait_since = NULL,
                hold_end = NULL, write_date = EXCLUDED.write_date
            WHERE marketing_trace.state = %(canceled)s AND marketing_trace.state_reason = %(parent)s
            RETURNING parent_id, state
            """,
            activity_ids=activities.ids,
            ruled_out=self._ruled_out_sql(activities),
            schedule_date=self._interval_sql(
                self._base_date_sql(activities), activities.campaign_id._get_timezone()
            ),
            parents=parents,
            forgotten=FORGOTTEN,
            now=fields.Datetime.now(),
            **STATES,
        )
        rows = self.env.execute_query(query)
        self.invalidate_model()
        return {parent_id for parent_id, state in rows if state == SCHEDULED}

    @api.model
    def _jump(self, campaign, trace_ids):
        """Schedule the targets of steps that go on elsewhere.

        Who waits for something else to lead there comes now instead, and who went another way has
        not been there. Where others jump there in the same moment, one of the transactions is tried
        again.

        :param list trace_ids: ids of their executed traces, in this campaign
        :return: ids of those of them that really lead somewhere
        :rtype: set[int]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO marketing_trace (
                    participant_id, activity_id, parent_id, res_id, company_id, is_test, visit,
                    is_jump, state, schedule_date, create_date, write_date
                )
                SELECT participant_id, activity_id, parent_id, res_id, company_id, is_test, visit,
                    TRUE, %(scheduled)s, schedule_date, %(now)s, %(now)s
                FROM (
                    SELECT parent.participant_id, activity.id AS activity_id,
                        parent.id AS parent_id, parent.res_id, parent.company_id, parent.is_test,
                        step.max_visits, %(schedule_date)s AS schedule_date,
                        coalesce(known.visit, 0) + number AS visit,
                        coalesce(known.passes, 0) + number AS passes
                    FROM (
                        SELECT *, row_number() OVER (
                            PARTITION BY participant_id ORDER BY id
                        ) AS number
                        FROM (%(parents)s) AS executed
                    ) AS parent
                    JOIN marketing_activity step ON step.id = parent.activity_id
                    JOIN marketing_activity activity ON activity.id = step.goto_activity_id
                        AND activity.campaign_id = step.campaign_id
                    LEFT JOIN (
                        SELECT trace.participant_id, trace.activity_id, max(trace.visit) AS visit,
                            count(*) FILTER (
                                WHERE trace.state != %(canceled)s
                                    OR trace.state_reason IS DISTINCT FROM %(event)s
                            ) AS passes
                        FROM marketing_trace trace
                        WHERE NOT %(awaits)s AND (trace.participant_id, trace.activity_id) IN (
                            SELECT parent.participant_id, step.goto_activity_id
                            FROM (%(parents)s) AS parent
                            JOIN marketing_activity step ON step.id = parent.activity_id
                        )
                        GROUP BY 1, 2
                    ) AS known
                        ON known.participant_id = parent.participant_id
                            AND known.activity_id = activity.id
                ) AS jump
                WHERE passes <= max_visits
                ON CONFLICT (participant_id, activity_id, visit) DO UPDATE
                SET parent_id = EXCLUDED.parent_id, is_jump = TRUE,
                    schedule_date = EXCLUDED.schedule_date, write_date = EXCLUDED.write_date
                WHERE %(awaited)s
                RETURNING parent_id
                """,
                parents=traces_sql(trace_ids),
                awaits=self._unreached_sql(SQL("trace")),
                awaited=self._unreached_sql(SQL("marketing_trace")),
                schedule_date=self._interval_sql(
                    SQL("parent.sent_datetime"), campaign._get_timezone()
                ),
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        self.invalidate_model()
        return {parent_id for (parent_id,) in rows}

    def _reschedule(self, activities, after_id, last_id):
        """Derive anew what these activities of one campaign have not executed yet.

        Traces that were executed, or tried, stay as they are, and so do those of people who
        are gone or forgotten. Where a "go to" led here, just the date is another; who waits here
        has come here, and it is decided anew whether they go on.

        :param int after_id: only for participants behind this one
        :param int last_id: and up to this one
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                DELETE FROM marketing_trace trace
                USING marketing_participant participant
                WHERE trace.activity_id = ANY(%(ids)s) AND NOT trace.is_test
                    AND trace.is_jump IS NOT TRUE AND trace.wait_since IS NULL
                    AND trace.participant_id > %(after_id)s
                    AND trace.participant_id <= %(last_id)s
                    AND participant.id = trace.participant_id
                    AND participant.state NOT IN (%(unlinked)s, %(exited)s)
                    AND participant.res_id != %(forgotten)s AND %(underived)s
                RETURNING trace.id
                """,
                ids=activities.ids,
                after_id=after_id,
                last_id=last_id,
                forgotten=FORGOTTEN,
                underived=self._underived_sql(SQL.identifier("trace")),
                **STATES,
            )
        )
        self._reschedule_jumps(activities, after_id, last_id)
        self._reschedule_waiting(activities, after_id, last_id)
        campaign = activities.campaign_id
        if "begin" in activities.mapped("trigger_type"):
            self._schedule_first(
                campaign,
                SQL(
                    "NOT participant.is_test AND participant.id > %s AND participant.id <= %s",
                    after_id,
                    last_id,
                ),
            )
        self._schedule_children(
            activities,
            SQL(
                "SELECT * FROM marketing_trace"
                " WHERE NOT is_test AND participant_id > %s AND participant_id <= %s",
                after_id,
                last_id,
            ),
        )

    def _reschedule_jumps(self, activities, after_id, last_id):
        """The same of those whom a "go to" led here: that is not undone."""
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace trace
                SET schedule_date = %(schedule_date)s, state_reason = NULL, hold_end = NULL,
                    write_date = %(now)s
                FROM marketing_trace parent, marketing_activity activity
                WHERE trace.activity_id = ANY(%(ids)s) AND NOT trace.is_test AND trace.is_jump
                    AND trace.wait_since IS NULL
                    AND trace.participant_id > %(after_id)s
                    AND trace.participant_id <= %(last_id)s AND trace.state = %(scheduled)s
                    AND parent.id = trace.parent_id AND activity.id = trace.activity_id
                RETURNING trace.id
                """,
                ids=activities.ids,
                after_id=after_id,
                last_id=last_id,
                schedule_date=self._interval_sql(
                    SQL("parent.sent_datetime"), activities.campaign_id._get_timezone()
                ),
                now=fields.Datetime.now(),
                **STATES,
            )
        )

    def _reschedule_waiting(self, activities, after_id, last_id):
        """The same of those who wait: they are looked at now."""
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace SET schedule_date = %(now)s, write_date = %(now)s
                WHERE activity_id = ANY(%(ids)s) AND NOT is_test
                    AND wait_since IS NOT NULL AND state = %(scheduled)s
                    AND participant_id > %(after_id)s AND participant_id <= %(last_id)s
                RETURNING id
                """,
                ids=activities.ids,
                after_id=after_id,
                last_id=last_id,
                now=fields.Datetime.now(),
                **STATES,
            )
        )

    @api.model
    def _unreached_sql(self, trace):
        """Whether a trace only says that something may lead to its step one day.

        :param SQL trace: its table, or alias
        """
        return SQL(
            "(%(trace)s.state = %(scheduled)s AND %(trace)s.schedule_date IS NULL"
            " AND %(trace)s.wait_since IS NULL)",
            trace=trace,
            **STATES,
        )

    @api.model
    def _underived_sql(self, trace, reasons=DERIVED_REASONS):
        """Whether a trace says no more than what follows from the one before it: it may be
        deleted, and derived anew, unless its step was taken out of the workflow.

        :param SQL trace: its table, or alias
        :param reasons: of those who went elsewhere
        """
        return SQL(
            "((%(trace)s.state = %(scheduled)s"
            " OR %(trace)s.state = %(canceled)s AND %(trace)s.state_reason = ANY(%(reasons)s))"
            " AND EXISTS (SELECT FROM marketing_activity"
            " WHERE id = %(trace)s.activity_id AND active))",
            trace=trace,
            reasons=list(reasons),
            **STATES,
        )

    def _base_date_sql(self, activities):
        """The moment from which the interval of ``activity`` below ``parent`` counts;
        NULL while its event is waited for, or the message of ``parent`` is queued, or the addon
        that knows the trigger is gone."""
        events, triggers = activities._get_events(), activities._get_triggers()
        cases = [
            SQL("WHEN %s THEN %s", key, SQL.identifier("parent", events[trigger.event].date_field))
            for key, trigger in triggers.items()
            if trigger.event and not trigger.negative
        ]
        cases += [SQL("WHEN %s THEN parent.sent_datetime", key) for key in following(triggers)]
        return SQL("CASE activity.trigger_type %s END", SQL(" ").join(cases))

    def _ruled_out_sql(self, activities):
        """Whether ``activity`` can no longer happen below ``parent``: the event that it
        should be spared by has happened, or one that excludes what it waits for, or ends the
        life of the message; or there is nothing to which it could happen."""
        triggers, events = activities._get_triggers(), activities._get_events()
        conditions = [
            SQL(
                "(activity.trigger_type = %s AND %s IS NOT NULL)",
                key,
                SQL.identifier("parent", events[trigger.event].date_field),
            )
            for key, trigger in triggers.items()
            if trigger.negative
        ]
        for date_field in {event.date_field for event in events.values() if event.ends}:
            endings = [key for key, event in events.items() if event.date_field == date_field]
            conditions.append(
                SQL(
                    "(activity.trigger_type != ALL(%s) AND %s IS NOT NULL)",
                    [key for key, trigger in triggers.items() if trigger.event in endings],
                    SQL.identifier("parent", date_field),
                )
            )
        for event in filter(lambda event: event.excludes, events.values()):
            conditions.append(
                SQL(
                    "(activity.trigger_type = ANY(%s) AND %s IS NOT NULL)",
                    [key for key, trigger in triggers.items() if trigger.event in event.excludes],
                    SQL.identifier("parent", event.date_field),
                )
            )
        for needed in {event.needs for event in events.values() if event.needs}:
            possible = [key for key, event in events.items() if event.needs == needed]
            conditions.append(
                SQL(
                    "(activity.trigger_type = ANY(%s) AND %s IS NULL)",
                    [key for key, trigger in triggers.items() if trigger.event in possible],
                    SQL.identifier("parent", needed),
                )
            )
        return SQL("(%s)", SQL(" OR ").join(conditions))

    def _interval_sql(self, date, timezone=TIMEZONE):
        """The schedule date of ``activity``, counted from a date.

        :param timezone: by default that of ``campaign``
        """
        return shift_to_time_sql(
            date,
            SQL("activity.interval_number"),
            SQL("activity.interval_type"),
            SQL("activity.due_hour"),
            timezone,
        )
