from odoo import models


class MailingContact(models.Model):
    _inherit = "mailing.contact"

    def _get_opted_out(self, mailing):
        """Those of these contacts who do not want what a campaign sends.

        What counts are the mailing lists that the campaign's filter names, or all lists
        of the contact where it names none: who has opted out of one of them, and is
        subscribed to no other of them, is left alone.

        :param mailing: the mailing of an activity
        """
        domain = [("contact_id", "in", self.ids)]
        if list_ids := mailing.sudo().marketing_activity_ids.campaign_id._get_mailing_list_ids():
            domain.append(("list_id", "in", list_ids))
        groups = (
            self.env["mailing.subscription"]
            .sudo()
            ._read_group(domain, ["contact_id"], ["opt_out:bool_and"])
        )
        return self.browse([contact.id for contact, is_out_of_all in groups if is_out_of_all])
