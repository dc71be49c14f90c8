"""The links of a step's message, which a branch can look at."""

from odoo import models

from ...tools.rpc import on_one_record


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @on_one_record
    def get_links(self):
        """The links of this activity's message. They come to be here, where it was never sent:
        sending it finds them again.

        :return: list of [id of the ``link.tracker``, its address]
        :rtype: list
        """
        self.check_access("write")
        self.campaign_id._check_may_act_for()
        mailing = self.mass_mailing_id.sudo()
        mailing.convert_links()
        links = self.env["link.tracker"].sudo().search([("mass_mailing_id", "in", mailing.ids)])
        return [[link.id, link.label or link.url] for link in links.sorted("id")]
