from odoo import api, models
from odoo.exceptions import UserError


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    def write(self, vals):
        """All users may write UTM campaigns, but not say for whom a marketing campaign runs."""
        campaigns = self._get_marketing_campaigns() if "user_id" in vals else None
        if campaigns:
            campaigns._track_prepare(["user_id"])
        res = super().write(vals)
        if campaigns and not self.env.su:
            campaigns.with_env(self.env)._check_may_operate()
        return res

    @api.constrains("user_id")
    def _check_timezone_of_responsible(self):
        self._get_marketing_campaigns()._check_timezone()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_marketing_campaign(self):
        campaign = self._get_marketing_campaigns()[:1]
        if campaign:
            raise UserError(
                self.env._(
                    "“%(campaign)s” is a marketing campaign: delete that one first.",
                    campaign=campaign.name,
                )
            )

    def _get_marketing_campaigns(self):
        """The marketing campaigns that these are the UTM campaigns of, as superuser."""
        return (
            self.env["marketing.campaign"]
            .sudo()
            .with_context(active_test=False)
            .search([("utm_campaign_id", "in", self.ids)])
        )
