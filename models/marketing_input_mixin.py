from odoo import api, models

from ..tools.rpc import on_records
from ..tools.values import check_vals


class MarketingInputMixin(models.AbstractModel):
    """Refuses what clients cannot mean, with a message that names the field.

    It is inherited last, so that it comes before all that the models do themselves.
    """

    _name = "marketing.input.mixin"
    _description = "Checks of What Clients Write"

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    @on_records
    def read(self, fields=None, load="_classic_read"):
        return super().read(fields, load)

    @on_records
    def action_archive(self):
        return super().action_archive()

    @on_records
    def action_unarchive(self):
        return super().action_unarchive()

    @on_records
    def unlink(self):
        return super().unlink()

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_vals(self, vals)
        return super().create(vals_list)

    @on_records
    def write(self, vals):
        check_vals(self, vals)
        return super().write(vals)

    @on_records
    def copy_data(self, default=None):
        check_vals(self, default or {})
        return super().copy_data(default)

    @api.model
    def default_get(self, fields):
        """Defaults may be of clients, too: in the context, or kept for a user."""
        given = {name: self.env.context.get(f"default_{name}") for name in fields}
        check_vals(self, {name: value for name, value in given.items() if value})
        values = super().default_get(fields)
        check_vals(self, values)
        return values


class MarketingCampaign(models.Model):
    _name = "marketing.campaign"
    _inherit = ["marketing.input.mixin", "marketing.campaign"]


class MarketingActivity(models.Model):
    _name = "marketing.activity"
    _inherit = ["marketing.input.mixin", "marketing.activity"]


class MarketingActivityBranch(models.Model):
    _name = "marketing.activity.branch"
    _inherit = ["marketing.input.mixin", "marketing.activity.branch"]


class MarketingCampaignEntry(models.Model):
    _name = "marketing.campaign.entry"
    _inherit = ["marketing.input.mixin", "marketing.campaign.entry"]


class MarketingCampaignEntryMapping(models.Model):
    _name = "marketing.campaign.entry.mapping"
    _inherit = ["marketing.input.mixin", "marketing.campaign.entry.mapping"]


class MarketingParticipant(models.Model):
    _name = "marketing.participant"
    _inherit = ["marketing.input.mixin", "marketing.participant"]


class MarketingTrace(models.Model):
    _name = "marketing.trace"
    _inherit = ["marketing.input.mixin", "marketing.trace"]
