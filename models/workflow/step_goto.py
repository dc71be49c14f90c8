"""Steps that go on at another step of the campaign."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from .step_steering import SteeringStep

_lt = LazyTranslate("marketing_automation")


class GotoStep(SteeringStep):
    key = "goto"
    label = _lt("Go To")
    icon = "fa-share"
    does = _lt("Goes on")
    missing = _lt("“%(activity)s”: choose the step to go on at.")
    content_field = "goto_activity_id"
    can_be_followed = False
    described_by = ("goto_activity_id.name", "max_visits")

    def follow(self, activity, trace_ids):
        """The run goes on at the other step, unless it has been there often enough."""
        return activity.env["marketing.trace"]._jump(activity.campaign_id, trace_ids)

    def get_problems(self, activity):
        _, target = activity.env._, activity.goto_activity_id
        if not target:
            return [self.get_missing_problem(activity)]
        if target == activity:
            return [
                _(
                    "“%(activity)s”: it cannot go on at itself, choose another step.",
                    activity=activity.name,
                )
            ]
        return []

    def get_way_problems(self, activity, ways):
        circle = ways.get_circle(activity)
        if not circle or circle == [activity]:
            return []
        return [
            activity.env._(
                "“%(activity)s” leads in a circle in which nothing takes time: give one of these a"
                " delay: %(circle)s.",
                activity=activity.name,
                circle=", ".join(f"“{step.name}”" for step in circle),
            )
        ]

    def describe(self, activity):
        _, target = activity.env._, activity.goto_activity_id
        if not target:
            return ""
        if activity.max_visits == 1:
            return _("Go to “%(activity)s”", activity=target.name)
        return _(
            "Go to “%(activity)s”, at most %(number)s visits",
            activity=target.name,
            number=activity.max_visits,
        )


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    goto_activity_id = fields.Many2one(
        "marketing.activity",
        string="Go On At",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('campaign_id', '=', campaign_id), ('id', '!=', id)]",
        help="Its own delay counts from here; what it would otherwise wait for does not matter. One"
        " that is not saved yet can be chosen once the campaign is saved.",
    )
    max_visits = fields.Integer(
        "Visits at Most",
        default=1,
        help="So often a run may come to that step in all. With 1, branches merge there: who"
        " was there already ends here.",
    )

    _check_max_visits = models.Constraint(
        "CHECK(max_visits BETWEEN 1 AND 1000)",
        "A step can be visited 1 to 1,000 times.",
    )

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), GotoStep.key: GotoStep()}

    @api.constrains("goto_activity_id", "campaign_id")
    def _check_goto_activity_id(self):
        for activity in self.filtered("goto_activity_id"):
            if activity.goto_activity_id.campaign_id != activity.campaign_id:
                raise ValidationError(
                    self.env._(
                        "“%(activity)s” of campaign “%(campaign)s” cannot go on at a step of"
                        " another campaign.",
                        activity=activity.name,
                        campaign=activity.campaign_id.name,
                    )
                )
