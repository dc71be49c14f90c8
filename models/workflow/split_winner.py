"""Splits that look for the branch on which people react best, and let everybody take it."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ...tools.rpc import by_text, on_one_record
from ...tools.significance import compare_best, get_share
from .marketing_activity import INTERVAL_TYPES

# By which a split decides; where one changes, it looks anew.
WINNER_FIELDS = {
    "split_winner",
    "split_winner_after_number",
    "split_winner_after_type",
    "split_winner_min_runs",
    "split_fallback",
}


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    split_winner = fields.Selection(
        [
            ("none", "None: go on splitting"),
            ("open", "Most opened"),
            ("click", "Most clicked"),
            ("reply", "Most replied"),
        ],
        string="Winner by",
        default="none",
        required=True,
        help="Of each branch, the share of the runs for which it happens to a message below it.",
    )
    split_winner_after_number = fields.Integer(
        "Time to React",
        default=2,
        help="Only runs that have had this time since they took their branch are compared, and"
        " what happens later does not count.",
    )
    split_winner_after_type = fields.Selection(
        INTERVAL_TYPES, string="Time to React Type", default="days", required=True
    )
    split_winner_min_runs = fields.Integer(
        "Runs at Least",
        default=100,
        help="So many runs must have had their time before the branches are compared; with few of"
        " them a comparison says little.",
    )
    split_fallback = fields.Selection(
        [("split", "Go on splitting"), ("best", "Take the best")],
        string="If There Is No Clear Winner",
        default="split",
        required=True,
        help="What is done if the difference is not significant (95 %) when so many runs have had"
        " their time. If it goes on splitting, it goes on comparing.",
    )
    winner_branch_id = fields.Many2one(
        "marketing.activity.branch",
        string="Winner",
        ondelete="set null",
        copy=False,
        domain="[('activity_id', '=', id), ('is_holdout', '=', False)]",
        help="The branch that everybody takes from now on.",
    )
    winner_date = fields.Datetime(
        "Winner Since", copy=False, readonly=True, help="Since when everybody takes the winner."
    )
    split_since = fields.Datetime(
        "Compared Since",
        copy=False,
        readonly=True,
        help="When a winner was taken back: only those who came later are compared.",
    )
    split_look_date = fields.Datetime(
        "Next Comparison",
        copy=False,
        readonly=True,
        help="When another run will have had its time; empty: at once.",
    )
    split_counts = fields.Json(
        "Runs Compared",
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="By id of the branch the runs that have had their time, and those of them that have"
        " reacted, when it was last looked.",
    )
    split_verdict = fields.Char(
        "Comparison",
        compute="_compute_split_verdict",
        help="How the branches compare so far, and whether the difference is significant. Runs of"
        " all companies are compared, so the numbers are shown to those who see all of them.",
    )

    _check_split_winner_after_number = models.Constraint(
        "CHECK(split_winner_after_number BETWEEN 0 AND 10000)",
        "The time to react cannot be negative, nor more than 10,000.",
    )
    _check_split_winner_min_runs = models.Constraint(
        "CHECK(split_winner_min_runs >= 0)", "The number of runs cannot be negative."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("winner_branch_id")
    def _check_winner_branch_id(self):
        for activity in self.filtered("winner_branch_id"):
            if activity.winner_branch_id not in activity._get_contestants():
                raise ValidationError(
                    self.env._(
                        "“%(branch)s” cannot be the winner of “%(activity)s” in campaign"
                        " “%(campaign)s”: choose a branch of that split that is no control group.",
                        branch=activity.winner_branch_id.display_name,
                        activity=activity.name,
                        campaign=activity.campaign_id.name,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "split_winner",
        "split_counts",
        "split_winner_min_runs",
        "winner_branch_id",
        "branch_ids.name",
        "branch_ids.is_holdout",
    )
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_split_verdict(self):
        for activity in self:
            activity.split_verdict = activity._describe_comparison()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_one_record
    def action_clear_winner(self):
        """Split again. Those who come from now on are compared anew: those who have taken the
        winner were not split."""
        self.campaign_id._check_may_operate()
        self.winner_branch_id = False
        return True

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _looks_for_winner(self):
        """Whether there is something new to compare."""
        if self.winner_branch_id or self.split_winner in (False, "none"):
            return False
        return not self.split_look_date or self.split_look_date <= fields.Datetime.now()

    def _look_for_winner(self):
        """Compare the branches, and let everybody take the best one, if it is time to."""
        self.ensure_one()
        counts, next_date = self._count_reactions(self._get_compared(), self._get_reactions())
        vals = {"split_counts": by_text(counts), "split_look_date": next_date}
        if winner_id := self._decide(counts):
            vals["winner_branch_id"] = winner_id
        self.write(vals)

    def _decide(self, counts):
        """The id of the branch that everybody takes, False to go on splitting.

        :param dict counts: the numbers of runs and of successes by id of the branch
        """
        if not self._are_enough(counts):
            return False
        comparison = compare_best(counts)
        is_decided = comparison.is_significant or self.split_fallback == "best"
        return comparison.best if is_decided else False

    def _are_enough(self, counts):
        """Whether enough runs have had their time on these branches, at least one on each."""
        runs = [number for number, _successes in counts.values()]
        return len(runs) > 1 and all(runs) and sum(runs) >= self.split_winner_min_runs

    def _get_contestants(self):
        """The branches of which one can be the winner: nothing follows the control group."""
        return self.branch_ids.filtered(
            lambda branch: branch.branch_type == "random" and not branch.is_holdout
        )

    def _get_compared(self):
        """The branches that somebody takes as long as there is no winner."""
        return self._get_contestants().filtered("weight")

    def _get_reactions(self):
        """The events by which the winner is decided.

        :rtype: list[Event]
        """
        return self._get_events_by_figure().get(self.split_winner, [])

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _get_winner_problems(self, ways):
        """What is missing for a winner to be found.

        :param Ways ways: through the whole workflow
        """
        _, values = self.env._, {"activity": self.name}
        if self.split_winner in (False, "none") or self.winner_branch_id:
            return []
        if not self.split_winner_after_number:
            return [
                _(
                    "“%(activity)s”: give people time to react before its branches are compared.",
                    **values,
                )
            ]
        if not self.split_winner_min_runs:
            return [
                _(
                    "“%(activity)s”: set of how many runs at least its branches are compared.",
                    **values,
                )
            ]
        if len(self._get_compared()) < 2:
            return [
                _(
                    "“%(activity)s”: a winner needs two branches with a weight that are no control"
                    " group.",
                    **values,
                )
            ]
        behind = ways.get_behind(self._get_compared()._get_followers().ids)
        possible = {key for step_id in behind for key in ways.steps[step_id]._get_possible_events()}
        events = self._get_events()
        if self.split_winner not in {events[key].figure for key in possible}:
            return [
                _(
                    "“%(activity)s”: nothing can be %(event)s on its branches: add a message, or"
                    " choose another way to find the winner.",
                    event=_(self._get_reactions()[0].label).lower(),
                    **values,
                )
            ]
        return []

    def _describe_comparison(self):
        """The shares of the branches in words, and what they prove; False without numbers."""
        _, branches, known = self.env._, self._get_compared(), self.sudo().split_counts
        if not known or not branches:
            return False
        counts = {branch.id: tuple(known.get(str(branch.id), (0, 0))) for branch in branches}
        conclusion = self._conclude(counts)
        if not self._sees_all_companies():
            return conclusion
        shares = ", ".join(
            _(
                "%(branch)s %(share)s %% of %(runs)s",
                branch=branch.display_name,
                share=formatLang(self.env, 100 * get_share(*counts[branch.id]), digits=1),
                runs=formatLang(self.env, counts[branch.id][0], digits=0),
            )
            for branch in branches
        )
        return _("%(shares)s: %(conclusion)s", shares=shares, conclusion=conclusion)

    def _conclude(self, counts):
        """What the numbers of runs and of successes prove, in words."""
        _ = self.env._
        if not self._are_enough(counts):
            return _(
                "too few so far, at least %(number)s must have had their time",
                number=formatLang(self.env, self.split_winner_min_runs, digits=0),
            )
        comparison = compare_best(counts)
        p_value = self._describe_p_value(comparison.p_value)
        if comparison.is_significant:
            best = self.branch_ids.browse(comparison.best).display_name
            return _("“%(best)s” is better (%(p)s)", best=best, p=p_value)
        if self.winner_branch_id:
            return _("not significant (%(p)s)", p=p_value)
        return _("not significant yet (%(p)s)", p=p_value)

    @api.model
    def _sees_all_companies(self):
        return self.env["res.company"].sudo().search_count([]) <= len(self.env.companies)

    def _describe_p_value(self, p_value):
        if p_value < 0.001:
            return f"p < {formatLang(self.env, 0.001, digits=3)}"
        return f"p = {formatLang(self.env, p_value, digits=2 if p_value >= 0.1 else 3)}"

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _reconsider_winner(self):
        """The branches of these steps were changed: one that is gone does not win, and others are
        compared."""
        steps = self.sudo()
        steps.filtered(
            lambda step: step.winner_branch_id - step._get_contestants()
        ).winner_branch_id = False
        steps.filtered("split_look_date").split_look_date = False

    def _note_winner(self, vals):
        """These values were written: note since when there is a winner, or none, and look anew."""
        if "winner_branch_id" in vals:
            now = fields.Datetime.now()
            for split in self.sudo():
                if split.winner_branch_id:
                    split.winner_date = now
                    split._tell_winner()
                elif split.winner_date:
                    split.write({"winner_date": False, "split_since": now, "split_counts": False})
        if not WINNER_FIELDS.isdisjoint(vals):
            self.sudo().split_look_date = False

    def _tell_winner(self):
        """The campaign's notes say who wins, and by which numbers."""
        campaign = self.campaign_id
        activity = self.with_context(lang=campaign.user_id.lang) if self.env.su else self
        body = activity.env._(
            "“%(activity)s”: from now on everybody takes “%(branch)s”. %(verdict)s",
            activity=activity.name,
            branch=activity.winner_branch_id.display_name,
            verdict=activity.split_verdict or "",
        )
        campaign._message_log(body=body)


class MarketingActivityBranch(models.Model):
    _inherit = "marketing.activity.branch"

    @on_one_record
    def action_take_for_all(self):
        """Let everybody who comes to the split take this branch from now on.

        :raise ValidationError: if it is a control group, or no branch of a split
        """
        self.campaign_id._check_may_operate()
        self.activity_id.winner_branch_id = self
        return True
