import re

from odoo import models
from odoo.http import request

from ...tools.robots import is_robot


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def is_a_bot(cls):
        """Whoever follows a link of a campaign is a robot only if its name is one: Odoo would not
        count the clicks of people whose browser has such a word in its name."""
        return super().is_a_bot() and not (
            cls._is_link_of_campaign() and not is_robot(request.httprequest.user_agent.string)
        )

    @classmethod
    def _is_link_of_campaign(cls):
        address = re.match(r"/r/(\w+)(/|$)", request.httprequest.path)
        if not address:
            return False
        code = request.env["link.tracker.code"].sudo().search([("code", "=", address[1])], limit=1)
        return code.link_id.mass_mailing_id.use_in_marketing_automation
