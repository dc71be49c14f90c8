from odoo import models


class SmsTemplate(models.Model):
    _inherit = "sms.template"

    def write(self, vals):
        """Steps whose server action sends it may have been paused for it."""
        res = super().write(vals)
        actions = self.env["ir.actions.server"].sudo()
        actions.search([("sms_template_id", "in", self.ids)])._tell_activities()
        return res
