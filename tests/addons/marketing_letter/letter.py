"""A channel of its own, with an event of its own: all there is to a type of steps."""

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.marketing_automation.models.workflow.step_type import StepType
from odoo.addons.marketing_automation.tools.triggers import Event, Trigger

_lt = LazyTranslate("marketing_letter")


class LetterStep(StepType):
    key = "letter"
    label = _lt("Letter")
    icon = "fa-file-text-o"
    does = _lt("Prints")
    kind = "message"
    content_field = "letter_text"
    form_fields = ("letter_text",)
    events = {
        "letter_return": Event(
            "letter",
            "return_datetime",
            _lt("Returned"),
            "return",
            "returned",
            _lt("Share of the sent letters."),
            ends=True,
        )
    }
    triggers = {
        "letter_return": Trigger(
            _lt("Letter: returned"),
            _lt("Returned"),
            "fa-undo",
            "letter",
            "letter_return",
            sentence=_lt("%(does)s %(delay)s after “%(parent)s” was returned."),
            at_once=_lt("%(does)s as soon as “%(parent)s” is returned."),
        ),
        "letter_not_return": Trigger(
            _lt("Letter: not returned"),
            _lt("Not returned"),
            "fa-check",
            "letter",
            "letter_return",
            True,
        ),
    }

    def run(self, activity, claims):
        """Print a letter to each record: here a note is made of it."""
        env = activity.campaign_id._responsible_env()
        records = env[activity.model_name].browse([claim.res_id for claim in claims])
        for record in records:
            record.message_post(body=activity.letter_text)
        return [(claim.trace_id, "processed") for claim in claims]

    def get_problems(self, activity):
        if activity.letter_text:
            return []
        return [activity.env._("“%(activity)s”: write its letter.", activity=activity.name)]


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    letter_text = fields.Text("Letter")

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), LetterStep.key: LetterStep()}


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    return_datetime = fields.Datetime("Returned On", readonly=True)
