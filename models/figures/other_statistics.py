"""What Email Marketing counts of campaigns in places of its own: no second set of numbers."""

from odoo import models

from .mailing_statistics import RATIOS, percentage


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    def _compute_statistics(self):
        """Mass mailing counts messages, those of tests and of earlier attempts, too."""
        res = super()._compute_statistics()
        if not self.env["marketing.activity"].has_access("read"):
            return res
        campaigns = self._get_marketing_campaigns().with_env(self.env)
        figures = campaigns.all_activity_ids._get_figures()
        for campaign in campaigns:
            totals = campaign.all_activity_ids._sum_figures(figures)
            shares = {name: percentage(**totals["rates"][key]) for name, key in RATIOS.items()}
            shares["received_ratio"] = percentage(totals["delivered"], totals["sent"])
            campaign.utm_campaign_id.update(shares)
        return res


class MailingTraceReport(models.Model):
    _inherit = "mailing.trace.report"

    def _report_get_request_where_items(self):
        """Without messages of campaigns: Marketing Automation reports on them."""
        items = super()._report_get_request_where_items()
        if self.env.context.get("marketing_uninstall"):
            return items
        return [*items, "mailing.use_in_marketing_automation IS NOT TRUE"]
