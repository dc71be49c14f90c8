from odoo import api, fields, models

from ..tools.rpc import on_one_record
from ..tools.states import RUNNING


class MarketingCampaignExit(models.TransientModel):
    """Dialog that ends the runs of records in a campaign."""

    _name = "marketing.campaign.exit"
    _inherit = ["marketing.records.mixin"]
    _description = "Remove Records from a Marketing Campaign"

    run_count = fields.Integer(
        "Runs Under Way", compute="_compute_run_count", help="How many runs will be ended."
    )

    @api.depends("campaign_id", "model_name", "record_domain")
    def _compute_run_count(self):
        for wizard in self:
            wizard.run_count = self.env["marketing.participant"].search_count(
                [
                    *wizard._get_runs_domain(),
                    ("campaign_id", "=", wizard.campaign_id._origin.id),
                ]
            )

    def _search_campaigns(self):
        """Those in which some of these records have runs under way."""
        runs = self.env["marketing.participant"]._read_group(
            self._get_runs_domain(), ["campaign_id"]
        )
        campaigns = self.env["marketing.campaign"].browse(campaign.id for (campaign,) in runs)
        return campaigns.filtered(lambda campaign: campaign._may_act_for_responsible())

    def _get_runs_domain(self):
        return [
            ("campaign_id.model_name", "=", self._get_target()),
            ("campaign_id.active", "=", True),
            ("res_id", "in", self._get_res_ids()),
            ("is_test", "=", False),
            ("state", "=", RUNNING),
        ]

    @on_one_record
    def action_exit(self):
        """End the runs of the records that are under way in the campaign."""
        count = self.campaign_id.exit_records(self._get_res_ids())
        return self._close(
            self.env._(
                "1 run of campaign “%(campaign)s” was ended.", campaign=self.campaign_id.name
            )
            if count == 1
            else self.env._(
                "%(count)s runs of campaign “%(campaign)s” were ended.",
                campaign=self.campaign_id.name,
                count=f"{count:,}",
            )
        )
