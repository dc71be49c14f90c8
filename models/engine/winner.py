"""What runs have done on each branch of a split, in the time that they have to react."""

from odoo import fields, models
from odoo.tools import SQL

from ...tools.states import STATES
from ...tools.timing import shift_sql
from ...tools.triggers import event_columns
from ...tools.ways import Ways


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _count_reactions(self, branches, events):
        """Count the runs that have had their full time since they took one of the branches, and
        those of them for which one of the events has happened in it, to a message below the
        branch.

        Of a run that has come here several times, the first time counts; whom somebody has sent
        this way does not, nor do tests.

        :param branches: of this step
        :param events: list of ``Event``
        :return: the numbers by id of the branch; and the moment before which no other run will
            have had its time
        :rtype: tuple[dict[int, tuple[int, int]], datetime]
        """
        # What was sent by a step that is no longer in the workflow counts.
        steps = self.campaign_id.all_activity_ids
        ways = Ways(steps)
        followers = {
            branch.id: steps.filtered(lambda step, branch=branch: step.branch_id == branch).ids
            for branch in branches
        }
        self.env.flush_all()
        [(rows, next_date)] = self.env.execute_query(
            SQL(
                """
                WITH run AS (
                    SELECT trace.id, trace.participant_id, trace.branch_id, trace.execution_date,
                        %(until)s AS until
                    FROM marketing_trace trace
                    JOIN marketing_activity activity ON activity.id = trace.activity_id
                    WHERE trace.activity_id = %(activity_id)s AND trace.state = %(processed)s
                        AND trace.branch_id = ANY(%(branch_ids)s)
                        AND trace.is_test IS NOT TRUE AND trace.is_chosen IS NOT TRUE
                        AND trace.execution_date > %(since)s
                        AND (trace.visit = 1 OR NOT EXISTS (
                            SELECT FROM marketing_trace earlier
                            WHERE earlier.participant_id = trace.participant_id
                                AND earlier.activity_id = trace.activity_id
                                AND earlier.visit < trace.visit
                        ))
                ), counted AS (
                    SELECT run.branch_id, count(*) AS runs, count(*) FILTER (WHERE EXISTS (
                        SELECT FROM marketing_trace message
                        WHERE message.participant_id = run.participant_id
                            AND message.activity_id = ANY(%(behind)s) AND (%(happened)s)
                            AND (message.activity_id = ANY(%(only_behind)s) OR EXISTS (
                                WITH RECURSIVE above AS (
                                    SELECT message.parent_id AS id
                                    UNION
                                    SELECT step.parent_id
                                    FROM above JOIN marketing_trace step ON step.id = above.id
                                )
                                SELECT FROM above WHERE id = run.id
                            ))
                    )) AS successes
                    FROM run WHERE until <= %(now)s GROUP BY run.branch_id
                )
                SELECT ARRAY(SELECT jsonb_build_array(branch_id, runs, successes) FROM counted),
                    coalesce((SELECT min(until) FROM run WHERE until > %(now)s), (
                        SELECT %(until_of_next)s FROM marketing_activity activity
                        WHERE id = %(activity_id)s
                    ))
                """,
                activity_id=self.id,
                branch_ids=branches.ids,
                until=self._reaction_end_sql(SQL("trace.execution_date")),
                until_of_next=self._reaction_end_sql(SQL("%s::timestamp", fields.Datetime.now())),
                since=self.split_since or fields.Datetime.to_datetime("1970-01-01 00:00:00"),
                behind=_by_branch_sql(followers, ways.get_behind),
                # Where a "go to" leads, it depends on the way whether the run came through here.
                only_behind=_by_branch_sql(followers, ways.get_only_behind),
                happened=SQL(" OR ").join(
                    SQL("message.%s BETWEEN run.execution_date AND run.until", column)
                    for column in event_columns(events)
                ),
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        counts = {branch_id: (runs, successes) for branch_id, runs, successes in rows}
        return {branch.id: counts.get(branch.id, (0, 0)) for branch in branches}, next_date

    def _reaction_end_sql(self, date):
        """Until when a run can react that has taken its branch at a date."""
        return shift_sql(
            date,
            SQL("activity.split_winner_after_number"),
            SQL("activity.split_winner_after_type"),
            self.campaign_id._get_timezone(),
        )


def _by_branch_sql(followers, get_behind):
    """The steps behind the branch of ``run``, as an array.

    :param dict followers: by id of the branch the ids of the steps that hang on it
    :param get_behind: function that tells what comes behind these
    """
    cases = [
        SQL("WHEN %s THEN %s::integer[]", branch_id, sorted(get_behind(step_ids)))
        for branch_id, step_ids in followers.items()
    ]
    return SQL("CASE run.branch_id %s END", SQL(" ").join(cases))
