from odoo import Command, models


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    def write(self, vals):
        """Automation rules hear of what is written to contacts, so their new tags are."""
        for tag in self if "partner_ids" in vals else ():
            after = self.new({"partner_ids": vals["partner_ids"]}, origin=tag).partner_ids
            new = after._origin - tag.partner_ids
            # Who may write a tag need not be allowed to write contacts.
            new.sudo().write({"category_id": [Command.link(tag.id)]})
        return super().write(vals)
