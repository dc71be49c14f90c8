"""Another program hands records over."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from .entry_type import EntryType

_lt = LazyTranslate("marketing_automation")


class WebhookEntry(EntryType):
    key = "webhook"
    label = _lt("Webhook")
    icon = "fa-plug"
    description = _lt("Another program hands records over.")


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), WebhookEntry.key: WebhookEntry()}
