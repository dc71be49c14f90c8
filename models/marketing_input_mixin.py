from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.values import check_vals, is_id


class MarketingInputMixin(models.AbstractModel):
    """Refuses what clients cannot mean, with a message that names the field.

    It is inherited last, so that it comes before all that the models do themselves.
    """

    _name = "marketing.input.mixin"
    _description = "Checks of What Clients Write"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_vals(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        check_vals(self, vals)
        self._check_ids()
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        """Defaults may come from clients too, in the context."""
        values = super().default_get(fields)
        check_vals(self, values)
        return values

    def fetch(self, field_names=None):
        """Whatever clients call on records, it reads them or checks the access to them."""
        self._check_ids()
        return super().fetch(field_names)

    def _check_access(self, operation):
        self._check_ids()
        return super()._check_access(operation)

    def _check_ids(self):
        # Ids of new records are false.
        if not all(is_id(res_id) for res_id in self._ids if res_id):
            raise ValidationError(
                self.env._(
                    "Ids of “%(document)s” records are whole numbers.",
                    document=self.env["ir.model"]._get(self._name).sudo().name,
                )
            )


class MarketingCampaign(models.Model):
    _name = "marketing.campaign"
    _inherit = ["marketing.input.mixin", "marketing.campaign"]


class MarketingActivity(models.Model):
    _name = "marketing.activity"
    _inherit = ["marketing.input.mixin", "marketing.activity"]


class MarketingParticipant(models.Model):
    _name = "marketing.participant"
    _inherit = ["marketing.input.mixin", "marketing.participant"]


class MarketingTrace(models.Model):
    _name = "marketing.trace"
    _inherit = ["marketing.input.mixin", "marketing.trace"]
