"""A campaign sends at most so many messages within an hour."""

from odoo import fields, models


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    hourly_limit = fields.Integer(
        "Messages an Hour",
        tracking=True,
        help="At most so many emails and text messages of this campaign go out within any 60"
        " minutes. 0: no limit.",
    )

    _check_hourly_limit = models.Constraint(
        "CHECK(hourly_limit >= 0)",
        "Messages an hour: enter 0 for no limit, or a positive number.",
    )
