"""Messages go out in the sending hours of their campaign only."""

from odoo import fields, models


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    sending_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Sending Hours",
        ondelete="restrict",
        tracking=True,
        help="Emails and text messages go out in these hours only, and not on public holidays."
        " Empty: at any time.",
    )
    sending_timezone = fields.Selection(
        [("recipient", "Recipient's time"), ("responsible", "Responsible's time")],
        default="recipient",
        required=True,
        tracking=True,
        help="By whose clock the sending hours go. The time zone of a recipient is the record's"
        " own, else the only one of its country, else that of its company.",
    )
    outside_hours = fields.Selection(
        [("wait", "Wait for the next opening"), ("skip", "Skip the message")],
        default="wait",
        required=True,
        tracking=True,
        help="What becomes of a message that is due outside the sending hours. It waits a week at"
        " most, or until its step expires.",
    )


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    ignore_sending_hours = fields.Boolean(
        help="This message goes out at its date, whatever the sending hours of the campaign."
    )

    def _find_outside_hours(self, claims, now):
        """Which of these messages may not go out, since it is outside the sending hours.

        :param list claims: claimed traces
        :param datetime now: the present moment
        :rtype: dict[int, Hold]
        """
        return {}
