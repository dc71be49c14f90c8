"""Records come in when something happens to them."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from .entry_type import EntryType

_lt = LazyTranslate("marketing_automation")


class EventEntry(EntryType):
    key = "event"
    label = _lt("Event")
    icon = "fa-bolt"
    description = _lt("Records come in when something happens to them.")


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), EventEntry.key: EventEntry()}
