from odoo import api, fields, models


class MarketingActivity(models.Model):
    """The text message of an activity, written where the activity is edited."""

    _inherit = "marketing.activity"

    sms_text = fields.Text(
        "Text Message",
        compute="_compute_sms",
        inverse="_inverse_sms",
        help="What the recipients read. A change is a change of the message that was picked.",
    )
    sms_allow_unsubscribe = fields.Boolean(
        "Include opt-out link", compute="_compute_sms", inverse="_inverse_sms"
    )

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
