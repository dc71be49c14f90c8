from odoo import api, models
from odoo.api import NewId
from odoo.exceptions import UserError, ValidationError

from ..tools.values import check_vals, is_id


class MarketingInputMixin(models.AbstractModel):
    """Refuses what clients cannot mean, with a message that names the field.

    It is inherited last, so that it comes before all that the models do themselves.
    """

    _name = "marketing.input.mixin"
    _description = "Checks of What Clients Write"

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    @api.private
    def browse(self, ids=()):
        """What clients call begins here, with the ids that they give."""
        records = super().browse(ids)
        for res_id in records._ids:
            if not (is_id(res_id) or res_id is False or isinstance(res_id, NewId)):
                raise ValidationError(
                    self.env._(
                        "“%(id)s” is no id of a “%(document)s”.",
                        id=str(res_id)[:80],
                        document=self._get_document_name(),
                    )
                )
        return records

    @api.private
    def ensure_one(self):
        """What is for one record may be called with none or with several."""
        try:
            return super().ensure_one()
        except ValueError as error:
            raise UserError(
                self.env._("Choose one “%(document)s”.", document=self._get_document_name())
            ) from error

    def _get_document_name(self):
        return self.env["ir.model"]._get(self._name).sudo().name

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_vals(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        check_vals(self, vals)
        return super().write(vals)

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


class MarketingParticipant(models.Model):
    _name = "marketing.participant"
    _inherit = ["marketing.input.mixin", "marketing.participant"]


class MarketingTrace(models.Model):
    _name = "marketing.trace"
    _inherit = ["marketing.input.mixin", "marketing.trace"]
