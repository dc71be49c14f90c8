"""People and programs hand records over."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from .entry_type import EntryType

_lt = LazyTranslate("marketing_automation")


class ManualEntry(EntryType):
    key = "manual"
    label = _lt("By hand")
    icon = "fa-hand-pointer-o"
    description = _lt("People choose records in a list or a form, or a program does.")
    is_single = True

    def describe(self, entry):
        return entry.env._("Records that are added by hand")


class MarketingCampaignEntry(models.Model):
    _inherit = "marketing.campaign.entry"

    @api.model
    def _get_entry_types(self):
        return {**super()._get_entry_types(), ManualEntry.key: ManualEntry()}
