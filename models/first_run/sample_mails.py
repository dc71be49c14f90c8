"""No mail server gets to know of an email to sample contacts."""

from odoo import models
from odoo.tools import email_normalize_all

from ...tools.samples import SAMPLE_DOMAIN, is_sample


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _settle_samples(self):
        """Take those of these emails that go to nobody but sample contacts for sent.

        It holds for every email, of a campaign or not: this is where they all come by.

        :return: the others
        """
        samples = self.filtered(lambda mail: mail.state == "outgoing" and mail._is_to_samples())
        samples._settle_as_sent()
        return self - samples

    def _is_to_samples(self):
        texts = [self.email_to or "", self.email_cc or ""]
        texts += self.recipient_ids.mapped(lambda partner: partner.email or "")
        if not any(SAMPLE_DOMAIN in text for text in texts):
            return False
        return all(is_sample(address) for text in texts for address in email_normalize_all(text))
