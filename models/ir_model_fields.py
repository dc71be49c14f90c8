from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    # Marketing users choose a field to be unique on by its name. The formulas of fields that were
    # made here are for those who write them.
    compute = fields.Text(groups="base.group_erp_manager")
    depends = fields.Char(groups="base.group_erp_manager")

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Fields that tell records apart come first where a campaign asks for one: its target is
        the ``marketing_target`` of the context."""
        model = self.env.get(str(self.env.context.get("marketing_target")))
        if model is None:
            return super().name_search(name, domain, operator, limit)
        names = self.env["marketing.campaign"]._get_identifying_fields(model)
        is_first = Domain("name", "in", names)
        domain = Domain(domain or Domain.TRUE)
        first = super().name_search(name, domain & is_first, operator, limit)
        order = {field.id: names.index(field.name) for field in self.browse(dict(first)).sudo()}
        first.sort(key=lambda pair: order[pair[0]])
        if limit and len(first) >= limit:
            return first
        left = limit and limit - len(first)
        return first + super().name_search(name, domain & ~is_first, operator, left)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_unique_in_campaign(self):
        """Without its unicity field a campaign would enrol the same people again."""
        campaign = self.env["marketing.campaign"].search(
            [("unique_field_id", "in", self.ids)], limit=1
        )
        if campaign:
            raise UserError(
                self.env._(
                    "Campaign “%(campaign)s” is unique on “%(field)s”: change that before you"
                    " delete the field.",
                    campaign=campaign.name,
                    field=campaign.unique_field_id.field_description,
                )
            )

    def _drop_column(self):
        """An addon goes, with what it has added to traces: the database counts without it."""
        names = self.filtered(lambda field: field.model == "marketing.trace").mapped("name")
        figures = self.env.get("marketing.activity.figures")
        if names and figures is not None and figures._is_counting():
            figures._count_in_database(without=names)
        return super()._drop_column()
