"""Records come in by a date of theirs."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from .entry_type import EntryType

_lt = LazyTranslate("marketing_automation")


class DateEntry(EntryType):
    key = "date"
    label = _lt("Date")
    icon = "fa-calendar"
    description = _lt("Records come in some time before or after a date of theirs.")


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), DateEntry.key: DateEntry()}
