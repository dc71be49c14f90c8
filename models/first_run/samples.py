"""Contacts to try campaigns on. What is sent to them is taken for sent, and goes nowhere."""

from odoo import Command, api, models

from ...tools.samples import SAMPLE_DOMAIN

SAMPLE_LIST = "marketing_automation.mailing_list_samples"
# First and last names, company.
PEOPLE = (
    ("Ada", "Sample", "Azure Interior"),
    ("Bruno", "Sample", "Bakery on the Corner"),
    ("Chiara", "Sample", "Cycle Works"),
    ("Dario", "Sample", "Delta Printing"),
    ("Emma", "Sample", "Evergreen Gardens"),
    ("Farid", "Sample", "Fjord Travel"),
)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def create_sample_contacts(self):
        """Make a mailing list with a few contacts, unless there are some.

        :return: how many sample contacts there are
        :rtype: int
        """
        self.check_access("create")
        known = self._search_sample_contacts()
        if known:
            return len(known)
        sample_list = self._get_template_record(
            SAMPLE_LIST,
            "mailing.list",
            {"name": self.env._("Sample contacts (no email leaves)")},
        )
        contacts = self.env["mailing.contact"].create(
            [
                {
                    "first_name": first,
                    "last_name": last,
                    "company_name": company,
                    "email": f"{first.lower()}@{SAMPLE_DOMAIN}",
                    "list_ids": [Command.link(sample_list.id)],
                }
                for first, last, company in PEOPLE
            ]
        )
        return len(contacts)

    @api.model
    def remove_sample_contacts(self):
        """Delete the sample contacts and their mailing list; their runs end as those of other
        deleted records do.

        :return: how many contacts were deleted
        :rtype: int
        """
        self.check_access("create")
        contacts = self._search_sample_contacts()
        number = len(contacts)
        contacts.unlink()
        self._find_template_record(SAMPLE_LIST, "mailing.list").unlink()
        return number

    @api.model
    def _search_sample_contacts(self):
        return self.env["mailing.contact"].search(
            [("email_normalized", "=like", f"%@{SAMPLE_DOMAIN}")]
        )
