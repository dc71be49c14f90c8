"""Steps at which a run ends, whatever else it has scheduled."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from .step_steering import SteeringStep

_lt = LazyTranslate("marketing_automation")


class ExitStep(SteeringStep):
    key = "exit"
    label = _lt("Exit")
    icon = "fa-sign-out"
    does = _lt("Ends the run")
    can_be_followed = False

    def follow(self, activity, trace_ids):
        participants = activity.env["marketing.participant"]
        participants._exit(participants._of_traces_sql(trace_ids), "step")
        return set(trace_ids)

    def describe(self, activity):
        return activity.env._("The run ends here")


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), ExitStep.key: ExitStep()}
