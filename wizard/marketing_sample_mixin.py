from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ..tools.domains import check_domain, is_searchable


class MarketingSampleMixin(models.AbstractModel):
    """For dialogs in which a campaign is tried with one record of its target."""

    _name = "marketing.sample.mixin"
    _inherit = ["marketing.input.mixin"]
    _description = "A Record to Try a Campaign With"

    campaign_id = fields.Many2one("marketing.campaign", required=True, ondelete="cascade")
    model_id = fields.Many2one(related="campaign_id.model_id")
    model_name = fields.Char(related="campaign_id.model_name")
    res_id = fields.Many2oneReference(
        "Record ID",
        model_field="model_name",
        compute="_compute_res_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    resource_ref = fields.Reference(
        selection="_selection_target_model",
        string="Record",
        compute="_compute_resource_ref",
        inverse="_inverse_resource_ref",
    )

    @api.model
    def _selection_target_model(self):
        return [(model.model, model.name) for model in self.env["ir.model"].sudo().search([])]

    @api.depends("campaign_id")
    def _compute_res_id(self):
        for wizard in self:
            wizard.res_id = wizard._get_first_record()

    @api.depends("res_id", "model_name")
    def _compute_resource_ref(self):
        for wizard in self:
            wizard.resource_ref = (
                f"{wizard.model_name},{wizard.res_id or 0}"
                if wizard.model_name in self.env
                else False
            )

    def _inverse_resource_ref(self):
        for wizard in self:
            wizard.res_id = wizard.resource_ref.id if wizard.resource_ref else False

    def _get_first_record(self):
        """Id of the user's own record, else of the first one, that matches the filter; if none
        does, of any. Each as the user who asks finds them."""
        model = self.campaign_id._get_model() if self.campaign_id else None
        if model is None:
            return False
        # Odoo computes what is stored as superuser: the record would tell what the filter asks.
        model = model.sudo(False)
        if not model.has_access("read"):
            return False
        own = self._get_own_domain(model)
        try:
            matching = check_domain(model, self.campaign_id.domain)
            found = model.search(matching & own, limit=1) or model.search(matching, limit=1)
        except ValueError:
            # Nothing is told of what they may not read, and a filter can be broken.
            found = model
        return (found or model.search(own, limit=1) or model.search([], limit=1)).id

    def _get_own_domain(self, model):
        """What finds the user themselves among the records of the target: a test that goes out by
        mistake reaches nobody else."""
        user = self.env.user
        address = user.email_normalized
        if model._name == user.partner_id._name:
            own = Domain("id", "=", user.partner_id.id)
        elif address and "email_normalized" in model._fields:
            own = Domain("email_normalized", "=", address)
        elif address and (name := model._mail_get_primary_email_field()):
            own = Domain(name, "=ilike", escape_psql(address))
        else:
            return Domain.FALSE
        return own if is_searchable(model, own) else Domain.FALSE

    def _get_record(self):
        """The record that was picked.

        :raise UserError: if none was
        """
        model = self.campaign_id._get_model()
        record = model.browse(self.res_id).exists() if model is not None and self.res_id else None
        if not record or self.resource_ref._name != self.model_name:
            raise UserError(
                self.env._(
                    "Pick a record to test campaign “%(campaign)s” with.",
                    campaign=self.campaign_id.name,
                )
            )
        record.check_access("read")
        return record
