"""Steps that go one way or another, by filters on the record or by what was done before."""

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .step_steering import SteeringStep

_lt = LazyTranslate("marketing_automation")


class ConditionStep(SteeringStep):
    key = "condition"
    label = _lt("Condition")
    icon = "fa-code-fork"
    does = _lt("Checks")
    branch_types = ("filter", "event", "otherwise")
    described_by = ("branch_ids.display_name", "branch_ids.sequence")

    def get_first_branches(self, env):
        return [{"branch_type": "filter"}, {"branch_type": "otherwise"}]

    def get_tests(self, activity):
        return {
            _get_test_name(branch): activity._find(branch.filter_user_id, branch._get_domain())
            for branch in activity.branch_ids
            if branch.branch_type == "filter"
        }

    def branch_sql(self, activity):
        """The first branch whose test holds."""
        tests = [
            SQL("WHEN %s THEN %s", self._test_sql(activity, branch), branch.id)
            for branch in activity.branch_ids
            if branch.branch_type != "otherwise"
        ]
        last = activity.branch_ids.filtered(lambda branch: branch.branch_type == "otherwise")
        return SQL("CASE WHEN FALSE THEN NULL %s ELSE %s END", SQL(" ").join(tests), last.id)

    def _test_sql(self, activity, branch):
        if branch.branch_type == "filter":
            return SQL("%s IS NOT NULL", SQL.identifier(_get_test_name(branch), "id"))
        happened = activity._happened_sql(
            branch.event_activity_id, branch.event, branch.event_link_id
        )
        return SQL("NOT %s", happened) if branch.event_negative else happened

    def get_filters(self, activity):
        return activity.branch_ids.filtered(lambda branch: branch.branch_type == "filter").mapped(
            "domain"
        )

    def get_problems(self, activity):
        tests = activity.branch_ids.filtered(lambda branch: branch.branch_type != "otherwise")
        problems = [problem for branch in tests for problem in branch._get_problems()]
        if not tests:
            problems.append(
                activity.env._("“%(activity)s”: add a branch with a test.", activity=activity.name)
            )
        return problems

    def get_way_problems(self, activity, ways):
        return [
            problem for branch in activity.branch_ids for problem in branch._get_way_problems(ways)
        ]

    def describe(self, activity):
        tests = activity.branch_ids.filtered(lambda branch: branch.branch_type != "otherwise")
        return activity.env._("If %(tests)s", tests=", ".join(tests.mapped("display_name")))

    def explain(self, trace):
        branch, _ = trace.branch_id, trace.env._
        if branch.branch_type == "otherwise":
            return _("No other branch held")
        if branch.branch_type == "filter":
            return _("The record matches “%(filter)s”", filter=branch.display_name)
        return branch._describe()


def _get_test_name(branch):
    return f"branch_{branch.id}"


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), ConditionStep.key: ConditionStep()}
