"""Which fields tell that two records are the same person: they are offered first."""

from odoo import api, models

# After addresses and numbers.
IDENTIFYING = (
    "partner_id",
    "vat",
    "ref",
    "barcode",
    "company_registry",
    "name",
    "contact_name",
    "partner_name",
)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def _get_identifying_fields(self, model):
        """Names of fields, the best ones first: addresses, phone numbers, other keys.

        :param model: empty recordset of the target
        :rtype: list[str]
        """
        names = (
            model._mail_get_primary_email_field(),
            "email",
            "email_from",
            *model._phone_get_number_fields(),
            *IDENTIFYING,
        )
        return [name for name in dict.fromkeys(names) if name in model._fields]
