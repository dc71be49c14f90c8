from odoo import models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def write(self, vals):
        """Steps whose server action sends it may have been paused for it."""
        res = super().write(vals)
        actions = self.env["ir.actions.server"].sudo()
        actions.search([("template_id", "in", self.ids)])._tell_activities()
        return res
