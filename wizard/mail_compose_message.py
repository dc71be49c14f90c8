from odoo import models
from odoo.tools import email_normalize_all

from ..tools.run import FileCopies, MarketingRun


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    @property
    def _batch_size(self):
        """A batch of the engine is one of the composer."""
        return len(MarketingRun.of(self.env).traces) or super()._batch_size

    def _prepare_mail_values_dynamic(self, res_ids):
        """The files of all emails are copied at once; each leaves in its hours."""
        composer = self
        run = MarketingRun.of(self.env)
        if run.traces:
            default = {"res_model": self._name, "res_id": self.id}
            copies = FileCopies(self.attachment_ids, default, len(res_ids))
            composer = self.with_context(marketing_files=copies)
        values_all = super(MailComposeMessage, composer)._prepare_mail_values_dynamic(res_ids)
        for res_id in run.closings.keys() & values_all.keys():
            values_all[res_id]["marketing_send_until"] = run.closings[res_id]
        return values_all

    def _prepare_mail_values_mailing_traces(self, mail_values_all):
        values_all = super()._prepare_mail_values_mailing_traces(mail_values_all)
        run = MarketingRun.of(self.env)
        # Odoo notes the campaign by another statement, if it is not said at once.
        campaign_id = self.mass_mailing_id.campaign_id.id
        for res_id, trace_id in run.traces.items():
            if res_id in values_all:
                values_all[res_id].update(
                    marketing_trace_id=trace_id, is_test_trace=run.is_test, campaign_id=campaign_id
                )
        return values_all

    def _process_mail_values_state(self, mail_values_dict):
        """Being in a campaign twice on purpose is no duplicate."""
        mail_values_dict = super()._process_mail_values_state(mail_values_dict)
        if self._is_marketing_automation():
            for mail_values in mail_values_dict.values():
                if mail_values.get("failure_type") == "mail_dup":
                    del mail_values["state"], mail_values["failure_type"]
        return mail_values_dict

    def _get_done_emails(self, mail_values_dict):
        """A campaign knows its participants: past traces are not read."""
        if self._is_marketing_automation():
            return []
        return super()._get_done_emails(mail_values_dict)

    def _get_optout_emails(self, mail_values_dict):
        emails = super()._get_optout_emails(mail_values_dict)
        if self._is_marketing_automation() and self.model == "mailing.contact":
            contacts = self.env[self.model].browse(mail_values_dict)
            for contact in contacts._get_opted_out(self.mass_mailing_id):
                emails += email_normalize_all(contact.email or "")
        return emails

    def _get_blacklist_record_ids(self, mail_values_dict, recipients_info=None):
        """Of the addresses of a record, those that are not blacklisted get the message."""
        refused = super()._get_blacklist_record_ids(mail_values_dict, recipients_info)
        if not (self._is_marketing_automation() and self.use_exclusion_list and recipients_info):
            return refused
        several = {}
        for res_id, info in recipients_info.items():
            addresses = {
                address for text in info["mail_to"] for address in email_normalize_all(text or "")
            }
            if len(addresses) > 1:
                several[res_id] = addresses
        listed = self.env["mail.blacklist"]._get_listed(set().union(*several.values()))
        return refused - several.keys() | {
            res_id for res_id, addresses in several.items() if addresses <= listed
        }

    def _is_marketing_automation(self):
        return self.mass_mailing_id.use_in_marketing_automation
