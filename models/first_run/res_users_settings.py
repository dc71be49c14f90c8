from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    marketing_first_steps_hidden = fields.Boolean(
        "First Steps Hidden", help="The user wants no list of what a first campaign needs."
    )
