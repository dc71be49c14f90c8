from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.rpc import on_one_record
from ..tools.states import ADMISSION_REASONS


class MarketingCampaignEnrol(models.TransientModel):
    """Dialog that adds records to a campaign, and says before what will become of each."""

    _name = "marketing.campaign.enrol"
    _inherit = ["marketing.records.mixin"]
    _description = "Add Records to a Marketing Campaign"

    admitted_count = fields.Integer(
        "Taken In", compute="_compute_preview", help="How many will be taken in."
    )
    admitted_text = fields.Char(compute="_compute_preview")
    refusals = fields.Json(
        compute="_compute_preview",
        help="Why others will not: the reason in words and their number, the most frequent first.",
    )
    obstacle = fields.Char(
        compute="_compute_preview", help="Why nobody can be taken in at the moment."
    )

    @api.depends("campaign_id", "model_name", "record_domain")
    @api.depends_context("uid", "lang")
    def _compute_preview(self):
        for wizard in self:
            answers, wizard.obstacle = [], False
            if wizard.campaign_id:
                try:
                    answers = wizard._enrol(dry_run=True)
                except UserError as error:
                    wizard.obstacle = str(error)
            counts = Counter(answer["reason"] for answer in answers)
            wizard.admitted_count = counts.pop("", 0)
            wizard.admitted_text = wizard._count_text(wizard.admitted_count)
            wizard.refusals = [
                {"text": self.env._(ADMISSION_REASONS[reason]), "count": count}
                for reason, count in counts.most_common()
            ]

    def _search_campaigns(self):
        return self.env["marketing.campaign"]._search_open_by_hand(self.model_name)

    def _enrol(self, dry_run=False):
        campaign = self.campaign_id._origin
        campaign._check_may_operate()
        if not campaign._get_open_entry("manual"):
            raise UserError(
                self.env._(
                    "Campaign “%(campaign)s” lets nobody in by hand: open an entry of that type.",
                    campaign=campaign.name,
                )
            )
        return campaign._enrol_records(self._get_res_ids(), dry_run=dry_run)

    @on_one_record
    def action_enrol(self):
        """Add the records to the campaign.

        :raise UserError: if none is taken in, or the campaign lets nobody in by hand
        """
        count = sum(answer["created"] for answer in self._enrol())
        if not count:
            raise UserError(
                self.env._(
                    "Campaign “%(campaign)s” takes in none of these records.",
                    campaign=self.campaign_id.name,
                )
            )
        return self._close(
            self.env._(
                "Added to campaign “%(campaign)s”: %(records)s.",
                campaign=self.campaign_id.name,
                records=self._count_text(count),
            )
        )
