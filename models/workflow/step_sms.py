"""Steps that send a text message."""

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ...tools.triggers import Event, Trigger
from .step_mailing import (
    BOUNCED,
    CLICKED,
    HAS_BOUNCED,
    HAS_NOT_BOUNCED,
    NOT_CLICKED,
    OF_MESSAGES,
    WAS_CLICKED,
    WAS_NOT_CLICKED,
    MailingStep,
)

_lt = LazyTranslate("marketing_automation")


class SmsStep(MailingStep):
    key = "sms"
    label = _lt("SMS")
    icon = "fa-mobile"
    missing = _lt("“%(activity)s”: write its text message.")
    mailing_type = "sms"
    queue_method = "_queue_sms"
    refusal_method = "_find_refused_texts"
    described_by = ("sms_text",)
    events = {
        "sms_click": Event(
            "sms",
            "links_click_datetime",
            _lt("Clicked"),
            "click",
            "clicked",
            OF_MESSAGES,
            happened=WAS_CLICKED,
            not_happened=WAS_NOT_CLICKED,
        ),
        "sms_bounce": Event(
            "sms",
            "bounce_datetime",
            _lt("Bounced"),
            "bounce",
            "bounced",
            OF_MESSAGES,
            ends=True,
            happened=HAS_BOUNCED,
            not_happened=HAS_NOT_BOUNCED,
        ),
    }
    triggers = {
        "sms_click": Trigger(
            _lt("SMS: clicked"),
            _lt("Clicked"),
            "fa-hand-pointer-o",
            "sms",
            "sms_click",
            **CLICKED,
        ),
        "sms_not_click": Trigger(
            _lt("SMS: not clicked"),
            _lt("Not clicked"),
            "fa-hand-pointer-o",
            "sms",
            "sms_click",
            negative=True,
            **NOT_CLICKED,
        ),
        "sms_bounce": Trigger(
            _lt("SMS: bounced"),
            _lt("Bounced"),
            "fa-exclamation-circle",
            "sms",
            "sms_bounce",
            **BOUNCED,
        ),
    }

    def get_problems(self, activity):
        mailing, _ = activity.mass_mailing_id, activity.env._
        if not mailing or not mailing.active:
            return [_("“%(activity)s”: choose a text message.", activity=activity.name)]
        if not (mailing.body_plaintext or "").strip():
            return [self.get_missing_problem(activity)]
        return activity._get_placeholder_problems(
            mailing._has_unsafe_expression_template_inline_template(
                mailing.body_plaintext, activity.model_name
            )
        )

    def describe(self, activity):
        """What it says, in one line."""
        return " ".join((activity.sudo().sms_text or "").split())


class MarketingActivity(models.Model):
    """The text message of an activity, written where the activity is edited."""

    _inherit = "marketing.activity"

    sms_text = fields.Text(
        "Text Message",
        compute="_compute_sms",
        inverse="_inverse_sms",
        help="What the recipients read. A change is a change of the message that was picked."
        " {{ source.name }} stands for the name of what the run is about, such as an order.",
    )
    sms_allow_unsubscribe = fields.Boolean(
        "Include opt-out link", compute="_compute_sms", inverse="_inverse_sms"
    )

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), SmsStep.key: SmsStep()}

    @api.depends(
        "activity_type",
        "mass_mailing_id.mailing_type",
        "mass_mailing_id.body_plaintext",
        "mass_mailing_id.sms_allow_unsubscribe",
    )
    def _compute_sms(self):
        for activity in self:
            mailing = activity.mass_mailing_id.filtered(lambda m: m.mailing_type == "sms")
            activity.sms_text = mailing.body_plaintext
            activity.sms_allow_unsubscribe = mailing.sms_allow_unsubscribe

    def _inverse_sms(self):
        for activity in self.filtered(lambda activity: activity.activity_type == "sms"):
            values = {
                "body_plaintext": activity.sms_text,
                "sms_allow_unsubscribe": activity.sms_allow_unsubscribe,
            }
            mailing = activity.mass_mailing_id
            if not mailing:
                if activity.sms_text:
                    activity.mass_mailing_id = mailing.create(activity._prepare_sms_values(values))
            elif changes := {key: val for key, val in values.items() if mailing[key] != val}:
                mailing.write(changes)

    def _prepare_sms_values(self, values):
        """Values of the mailing that a text written in an activity becomes."""
        return {
            "subject": self.name,
            "mailing_type": "sms",
            "mailing_model_id": self.model_id.id,
            "use_in_marketing_automation": True,
            **values,
        }
