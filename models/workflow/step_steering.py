"""What steps have in common that steer: they send nothing, but decide where a run goes on."""

from odoo.tools import SQL

from .step_type import StepType

# The moment at which a run came to this step.
ARRIVAL = SQL("coalesce(trace.wait_since, trace.schedule_date)")


class SteeringStep(StepType):
    """A step that decides for tens of thousands of runs in one SQL statement.

    It reads a row ``trace`` with columns id, participant_id, res_id, schedule_date and wait_since.
    """

    kind = "steering"

    def propose(self, activity):
        """Its type is name enough."""
        return activity._propose_name(self)

    def get_tests(self, activity):
        """Which records of the target to find, by the alias that they have in the SQL of this
        step, where ``id`` is NULL if the record is not found.

        :return: the model, the query and, if wanted, a date field, see ``_select_sql``
        :rtype: dict[str, tuple]
        """
        return {}

    def branch_sql(self, activity):
        """The branch that a run takes, NULL if none."""
        return SQL("NULL::integer")

    def limit_sql(self, activity):
        """Until when a run waits that takes no branch yet; None for steps that do not wait.
        NULL: without end."""
        return

    def follow(self, activity, trace_ids):
        """What else is done for runs that have just passed this step.

        :param list trace_ids: ids of their traces
        :return: ids of those whose runs certainly go on, or have been ended
        :rtype: set[int]
        """
        return set()

    def explain(self, trace):
        """Why a run has taken its way out of this step, in a few words.

        :param trace: the executed trace, with its branch
        """
        return trace.branch_id._describe()
