"""The middle of the engine for steps that steer: one statement decides for a batch."""

from odoo import fields, models
from odoo.tools import SQL

from ...tools.sets import to_array, traces_sql
from ...tools.states import (
    BY_HAND,
    EXPIRED,
    FILTERED_OUT,
    FORGOTTEN,
    PARENT_FAILED,
    REACTED_OTHERWISE,
    RECORD_GONE,
    RUN_ENDED,
    STATES,
)
from ..workflow.step_steering import ARRIVAL

STEER_BATCH_SIZE = 50_000
# Not joined: PostgreSQL takes the number of rows for the square of what it is. With a limit, which
# they never reach, it knows that it can hash them.
MATCHES = SQL("(trace.res_id IN (SELECT id FROM matching LIMIT %s))", STEER_BATCH_SIZE)
# Why nobody decides for a run, the first that holds; see ``_get_refusals_sql`` and ``_steer_sql``.
REFUSALS = {
    "is_forgotten": BY_HAND,
    "is_over": RUN_ENDED,
    "is_orphan": PARENT_FAILED,
    "is_ruled_out": REACTED_OTHERWISE,
    "is_expired": EXPIRED,
    "is_gone": RECORD_GONE,
    "is_filtered_out": FILTERED_OUT,
}


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _steer(self, trace_ids=None, branch=None):
        """Decide for the next due runs at this step, those that another worker has passed over.

        :param list trace_ids: for these, whether they are due or not, instead
        :param branch: the way that they take, whatever the step would decide
        :return: the number of runs that were looked at
        """
        self.ensure_one()
        self.env.flush_all()
        # To compile the statement takes PostgreSQL longer than to execute it.
        self.env.cr.execute("SET LOCAL jit = off")
        due = self._lock_due(trace_ids)
        if not due:
            return 0
        with self.campaign_id._limited_search():
            [(done_ids, settled_ids, missing)] = self.env.execute_query(
                self._steer_sql(due, trace_ids is not None, branch)
            )
        traces = self.env["marketing.trace"]
        traces.invalidate_model()
        known_ids = set()
        if done_ids:
            known_ids = self._get_step_type().follow(self, done_ids)
            known_ids |= traces._schedule_children(self.child_ids, traces_sql(done_ids))
        if unknown_ids := list(set(settled_ids) - known_ids):
            self.env["marketing.participant"]._settle_those_of(unknown_ids)
        if missing:
            self.env["marketing.participant"]._unlink_records(self.model_name, missing)
        return len(due)

    def _lock_due(self, trace_ids):
        """Lock the next due traces of this step, or these.

        :return: tuples of the ids of the trace and its record
        :rtype: list[tuple]
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT trace.id, trace.res_id FROM marketing_trace trace
                WHERE trace.activity_id = %s AND %s
                ORDER BY trace.schedule_date, trace.id
                LIMIT %s
                FOR UPDATE SKIP LOCKED
                """,
                self.id,
                self._claimable_sql(trace_ids),
                STEER_BATCH_SIZE,
            )
        )

    def _steer_sql(self, due, is_asked_for, chosen_branch):
        """Decides, and notes: ``SELECT`` of the ids of traces that have passed, of those that do
        not wait, and of records that are gone.

        :param list due: what :meth:`_lock_due` has returned. PostgreSQL is told the ids: how many
            they are, and that it can hash them, makes its plans good ones
        :param bool is_asked_for: whether somebody has asked for them
        """
        due_ids, res_ids = (list(column) for column in zip(*due, strict=True))
        kind = self._get_step_type()
        tests = kind.get_tests(self)
        limit = kind.limit_sql(self)
        branch = SQL("NULL::integer") if chosen_branch else kind.branch_sql(self)
        if is_asked_for and limit is not None and not chosen_branch:
            chosen_branch = self._get_impatient_branch()
        refusals = {
            "is_forgotten": SQL("(trace.res_id = %s)", FORGOTTEN),
            **self._get_refusals_sql(is_asked_for),
            "is_gone": SQL(
                "(NOT %s AND (SELECT TRUE FROM %s record WHERE record.id = trace.res_id) IS NULL)",
                MATCHES,
                SQL.identifier(self.env[self.model_name]._table),
            ),
            "is_filtered_out": SQL("(NOT %s)", MATCHES),
        }
        return SQL(
            """
            WITH due AS MATERIALIZED (%(due)s),
            matching AS MATERIALIZED (%(matching)s) %(tests)s, looked_at AS MATERIALIZED (
                SELECT trace.id, trace.res_id, CASE %(refusals)s END AS refusal,
                    %(branch)s AS branch_id, %(until)s AS until,
                    %(arrival)s AS arrival
                FROM due AS trace
                JOIN marketing_activity activity ON activity.id = trace.activity_id
                -- One by one: PostgreSQL would read the whole tables for them.
                CROSS JOIN LATERAL (
                    SELECT * FROM marketing_participant WHERE id = trace.participant_id OFFSET 0
                ) AS participant
                LEFT JOIN LATERAL (
                    SELECT * FROM marketing_trace WHERE id = trace.parent_id OFFSET 0
                ) AS parent ON TRUE
                %(joins)s
            ), decided AS MATERIALIZED (
                SELECT *, coalesce(branch_id, %(chosen_id)s) AS way_id, CASE
                    WHEN refusal IS NOT NULL THEN refusal
                    WHEN %(may_wait)s AND branch_id IS NULL AND %(chosen_id)s IS NULL THEN 'waits'
                    ELSE 'passes'
                END AS fate
                FROM looked_at
            ), noted AS (
                UPDATE marketing_trace trace
                SET state = CASE fate
                        WHEN 'waits' THEN %(scheduled)s
                        WHEN 'passes' THEN %(processed)s
                        %(states)s
                    END,
                    state_reason = CASE fate %(reasons)s END,
                    branch_id = CASE fate WHEN 'passes' THEN way_id END,
                    is_chosen = fate = 'passes' AND way_id IS DISTINCT FROM decided.branch_id,
                    wait_since = CASE WHEN %(may_wait)s AND refusal IS NULL THEN arrival END,
                    schedule_date = CASE fate WHEN 'waits' THEN until ELSE trace.schedule_date END,
                    execution_date = CASE WHEN fate != 'waits' THEN %(now)s::timestamp END,
                    sent_datetime = CASE fate WHEN 'passes' THEN %(now)s::timestamp END,
                    state_detail = NULL, error_cause = NULL, write_date = %(now)s
                FROM decided
                WHERE trace.id = decided.id
                    AND trace.id BETWEEN %(first_id)s AND %(last_id)s
                RETURNING trace.id, trace.state, trace.res_id, fate
            )
            SELECT ARRAY(SELECT id FROM noted WHERE state = %(processed)s),
                ARRAY(SELECT id FROM noted WHERE state != %(scheduled)s),
                ARRAY(SELECT res_id FROM noted WHERE fate = 'is_gone')
            """,
            due=traces_sql(due_ids),
            first_id=min(due_ids),
            last_id=max(due_ids),
            matching=self._matching_sql(res_ids),
            tests=SQL().join(
                SQL(
                    ", %s AS MATERIALIZED (%s)",
                    SQL.identifier(name),
                    self._among_sql(res_ids, *query),
                )
                for name, query in tests.items()
            ),
            # They are all in ``due``. Unlike a left join, this is never a loop in a loop, however
            # few rows PostgreSQL expects.
            joins=SQL(" ").join(
                SQL("FULL JOIN %(name)s ON %(name)s.id = trace.res_id", name=SQL.identifier(name))
                for name in tests
            ),
            refusals=SQL(" ").join(SQL("WHEN %s THEN %s", refusals[key], key) for key in REFUSALS),
            states=SQL(" ").join(
                SQL("WHEN %s THEN %s", key, state) for key, (state, _reason) in REFUSALS.items()
            ),
            reasons=SQL(" ").join(
                SQL("WHEN %s THEN %s", key, reason) for key, (_state, reason) in REFUSALS.items()
            ),
            branch=branch,
            arrival=ARRIVAL,
            chosen_id=SQL("%s::integer", chosen_branch.id if chosen_branch else None),
            until=SQL("NULL::timestamp") if limit is None else limit,
            may_wait=limit is not None,
            now=fields.Datetime.now(),
            **STATES,
        )

    def _get_impatient_branch(self):
        """Where a run goes on whom somebody does not let wait any longer."""
        branches = {branch.branch_type: branch for branch in self.branch_ids}
        return branches["timeout" if self.wait_limit else "met"]

    # ------------------------------------------------------------
    # TESTS
    # ------------------------------------------------------------

    def _matching_sql(self, res_ids):
        """Which of these records match the applied filter."""
        model = self.campaign_id._get_audience_model()
        return self._among_sql(res_ids, model, model._search(self._get_searched_domain()))

    def _find(self, author, domain):
        """Search for the records that match a test, for the responsible and for its author.

        :param author: user who wrote the test
        :param Domain domain: the test
        :return: the model and the query
        """
        model = self.campaign_id._get_audience_model()
        return model, model._search(self.campaign_id._as_seen_by(author, domain))

    def _among_sql(self, res_ids, model, query, date_field=None):
        """Those of the records that are among these, see :meth:`_select_sql`."""
        query.add_where(SQL("%s = ANY(%s)", SQL.identifier(query.table, "id"), to_array(res_ids)))
        return self._select_sql(model, query, date_field)

    def _select_sql(self, model, query, date_field=None):
        """``SELECT`` of the ids of records and, if it is given, of a field as ``date``."""
        columns = [SQL("%s AS id", SQL.identifier(query.table, "id"))]
        if date_field:
            # What is counted from it has to stay within the years that can be read.
            date = model._field_to_sql(query.table, date_field, query)
            columns.append(SQL("greatest(least(%s, '9000-12-31'), '1000-01-01') AS date", date))
        return query.select(*columns)

    def _happened_sql(self, activity, event, link=None):
        """Whether an event of an earlier step has happened to the run of ``trace``, at any visit.

        :param activity: the earlier step
        :param str event: key of the event
        :param link: for clicks, the link; any, if it is empty
        """
        known = self._get_events().get(event)
        if not (activity and known):
            return SQL("FALSE")
        return SQL(
            """EXISTS (
                SELECT FROM marketing_trace earlier
                WHERE earlier.participant_id = trace.participant_id
                    AND earlier.activity_id = %s AND earlier.%s IS NOT NULL %s
            )""",
            activity.id,
            SQL.identifier(known.date_field),
            self._clicked_sql(link) if link else SQL(),
        )

    def _clicked_sql(self, link):
        """Whether this link, or one with its address, was clicked in the message of ``earlier``:
        each mailing has links of its own."""
        return SQL(
            """
            AND EXISTS (
                SELECT FROM mailing_trace message
                JOIN link_tracker_click click ON click.mailing_trace_id = message.id
                JOIN link_tracker link ON link.id = click.link_id
                WHERE message.marketing_trace_id = earlier.id AND link.url = %s
            )
            """,
            link.url,
        )
