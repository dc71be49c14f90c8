"""All that match come in, now and later."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from .entry_type import EntryType

_lt = LazyTranslate("marketing_automation")


class FilterEntry(EntryType):
    key = "filter"
    label = _lt("Filter")
    icon = "fa-filter"
    description = _lt("All records that match the campaign's filter come in.")
    form_fields = ("only_new",)
    is_single = True

    def start(self, entry):
        entry.env["marketing.campaign"]._enrol_soon()

    def describe(self, entry):
        if entry.only_new:
            return entry.env._("New records that match the filter")
        return entry.env._("Everybody who matches the filter")


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), FilterEntry.key: FilterEntry()}
