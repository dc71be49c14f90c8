from odoo import api, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "marketing.participant.mixin"]

    @api.constrains("tz")
    def _check_timezone_of_campaigns(self):
        """Their campaigns count days in it, in the database."""
        campaigns = self.env["marketing.campaign"].sudo()
        campaigns.search([("user_id.partner_id", "in", self.ids)])._check_timezone()
