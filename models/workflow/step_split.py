"""Steps that split runs at random, by weights."""

import hashlib

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from .step_steering import SteeringStep

_lt = LazyTranslate("marketing_automation")

# So many places there are on the scale on which runs are put.
SCALE = 2**32


def get_place(participant_id, activity_id):
    """Where on the scale from 0 to ``SCALE`` a run is for a step: the same each time."""
    text = f"{participant_id}/{activity_id}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def place_sql(participant_id, activity_id):
    """The same in SQL."""
    text = SQL("%s || '/' || %s", participant_id, activity_id)
    return SQL(
        "('x' || left(encode(sha256(convert_to(%s, 'UTF8')), 'hex'), 8))::bit(32)::bigint", text
    )


class SplitStep(SteeringStep):
    key = "split"
    label = _lt("Split")
    icon = "fa-random"
    does = _lt("Splits")
    branch_types = ("random",)
    described_by = ("branch_ids.weight", "branch_ids.sequence", "winner_branch_id")

    def get_first_branches(self, env):
        return [
            {"branch_type": "random", "name": name, "sequence": sequence}
            for sequence, name in enumerate(("A", "B"), 1)
        ]

    def branch_sql(self, activity):
        """The branch on whose part of the scale the run is; the winner, once there is one."""
        if activity.winner_branch_id:
            return SQL("%s", activity.winner_branch_id.id)
        total = sum(activity.branch_ids.mapped("weight"))
        cases, until = [], 0
        for branch in activity.branch_ids:
            until += branch.weight
            cases.append(SQL("WHEN place * %s < %s THEN %s", total, until * SCALE, branch.id))
        # Without OFFSET PostgreSQL would hash anew for each branch.
        return SQL(
            "(SELECT CASE WHEN FALSE THEN NULL %s END FROM (SELECT %s AS place OFFSET 0) AS run)",
            SQL(" ").join(cases),
            place_sql(SQL("trace.participant_id"), activity.id),
        )

    def get_problems(self, activity):
        _ = activity.env._
        if not any(activity.branch_ids.mapped("weight")):
            return [
                _(
                    "“%(activity)s”: give at least one of its branches a weight.",
                    activity=activity.name,
                )
            ]
        return []

    def get_way_problems(self, activity, ways):
        return activity._get_winner_problems(ways)

    def describe(self, activity):
        if winner := activity.winner_branch_id:
            return activity.env._("All: %(branch)s", branch=winner.display_name)
        return " / ".join(str(branch.weight) for branch in activity.branch_ids)

    def explain(self, trace):
        _, split = trace.env._, trace.activity_id
        is_winner = split.winner_branch_id and trace.branch_id == split.winner_branch_id
        if is_winner and split.winner_date <= trace.execution_date:
            return _("Everybody takes it: it is the winner")
        return _("At random: %(share)s", share=trace.branch_id._describe())

    def is_polled(self, activity):
        return activity._looks_for_winner()

    def poll(self, activity):
        activity._look_for_winner()
        return 0


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), SplitStep.key: SplitStep()}
