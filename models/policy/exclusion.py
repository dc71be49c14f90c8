"""Who does not want messages any more gets none that a campaign has queued or prepared.

Odoo asks the exclusion lists when it composes a message; what waits in a queue at that
moment, and what server actions send, would still go out.
"""

from odoo import api, models, tools
from odoo.fields import Domain

QUEUED = Domain("state", "=", "outgoing") & Domain(
    "mailing_id.use_in_marketing_automation", "=", True
)
EXCLUDABLE = QUEUED & Domain("mailing_id.use_exclusion_list", "=", True)
SEVERAL_ADDRESSES = Domain("email_to", "=like", "%@%@%") | Domain(
    "recipient_ids.email", "=like", "%@%@%"
)


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _split_by_addresses(self, emails):
        """Emails to single addresses, which each can unsubscribe from; those that are
        blacklisted by now get none.

        :param list emails: as ``_prepare_outgoing_list`` returns them
        :rtype: list[dict]
        """
        if not self.mailing_id.use_in_marketing_automation:
            return emails
        return [email for values in emails for email in self._split_by_address(values)]

    def _split_by_address(self, values):
        """Emails to the single addresses of an email that is to be sent.

        :param dict values: as ``_prepare_outgoing_list`` returns them
        :rtype: list[dict]
        """
        if len(values["email_to"]) + len(values["email_cc"]) < 2:
            return [values]
        recipients, copies = (
            {tools.email_normalize(text, strict=False): text for text in values[name]}
            for name in ("email_to", "email_cc")
        )
        refused = set()
        if self.mailing_id.use_exclusion_list:
            refused = self.env["mail.blacklist"]._get_listed({*recipients, *copies})
        linked = next(iter(recipients), None)
        emails = []
        for address in recipients:
            if address in refused:
                continue
            # The first one carries the copies.
            with_copies = [] if emails else [key for key in copies if key not in refused]
            emails.append(
                {
                    **self._address_links_to(values, linked, address),
                    "email_to": [recipients[address]],
                    "email_to_normalized": [*filter(None, [address, *with_copies])],
                    "email_cc": [copies[key] for key in with_copies],
                }
            )
        return emails

    def _address_links_to(self, values, old, new):
        """The email with the links for one address in place of those for another."""
        if old == new:
            return values
        body = values["body"]
        for link in self.mailing_id._get_unsubscribe_url, self.mailing_id._get_view_url:
            body = body.replace(link(old, self.res_id), link(new, self.res_id))
        one_click = self.mailing_id._get_unsubscribe_oneclick_url(new, self.res_id)
        headers = {**values["headers"], "List-Unsubscribe": f"<{one_click}>"}
        return {**values, "body": body, "headers": headers}

    def _get_addresses(self):
        """The normalised addresses that this email goes to."""
        texts = [self.email_to, *self.recipient_ids.mapped("email")]
        return {address for text in texts for address in tools.email_normalize_all(text or "")}

    def _search_queued_to(self, contacts):
        """Queued emails of campaigns to these records."""
        return self.search(
            QUEUED & Domain("model", "=", contacts._name) & Domain("res_id", "in", contacts.ids)
        )

    def _cancel_unwanted(self, failure_type):
        """Take queued emails of campaigns back, with the reason."""
        if self:
            self.mailing_trace_ids.write({"trace_status": "cancel", "failure_type": failure_type})
            self.cancel()


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _search_queued_to(self, contacts):
        """Queued text messages of campaigns to these records."""
        return self.search(
            QUEUED
            & Domain("mailing_trace_ids.model", "=", contacts._name)
            & Domain("mailing_trace_ids.res_id", "in", contacts.ids)
        )

    def _cancel_unwanted(self, failure_type):
        """Take queued text messages of campaigns back, with the reason."""
        self._update_sms_state_and_trackers("canceled", failure_type=failure_type)


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _cancel_queued(self):
        """Take back what waits in the queues of these mailings."""
        queued = Domain("state", "=", "outgoing") & Domain("mailing_id", "in", self.ids)
        for model_name in ("mail.mail", "sms.sms"):
            self.env[model_name].sudo().search(queued)._cancel_unwanted(False)


class MailBlacklist(models.Model):
    _inherit = "mail.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        blacklisted = super().create(vals_list)
        blacklisted._cancel_queued()
        return blacklisted

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active"):
            self._cancel_queued()
        return res

    @api.model
    def _get_listed(self, addresses):
        """Those of these normalised addresses that are blacklisted.

        :rtype: set[str]
        """
        domain = [("email", "in", [*filter(None, addresses)])]
        return set(self.sudo().search(domain).mapped("email"))

    def _cancel_queued(self):
        """Take back the emails of campaigns that have nobody left to go to."""
        addresses = self.filtered("active").mapped("email")
        if not addresses:
            return
        mails = self.env["mail.mail"].sudo()
        mails = mails.search(
            EXCLUDABLE & (Domain("mailing_trace_ids.email", "in", addresses) | SEVERAL_ADDRESSES)
        )
        recipients = {mail: mail._get_addresses() for mail in mails}
        refused = self._get_listed(set().union(*recipients.values()))
        mails.filtered(
            lambda mail: recipients[mail] and recipients[mail] <= refused
        )._cancel_unwanted("mail_bl")


class PhoneBlacklist(models.Model):
    _inherit = "phone.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        blacklisted = super().create(vals_list)
        blacklisted._cancel_queued()
        return blacklisted

    def write(self, vals):
        res = super().write(vals)
        if vals.get("active"):
            self._cancel_queued()
        return res

    def _cancel_queued(self):
        numbers = self.filtered("active").mapped("number")
        messages = self.env["sms.sms"].sudo()
        messages.search(EXCLUDABLE & Domain("number", "in", numbers))._cancel_unwanted(
            "sms_blacklist"
        )


class MailingSubscription(models.Model):
    _inherit = "mailing.subscription"

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        if leaving := subscriptions.filtered("opt_out"):
            leaving.contact_id._cancel_queued()
        return subscriptions

    def write(self, vals):
        contacts = self.contact_id
        res = super().write(vals)
        # Odoo adds the opt-out to the values where its date or reason are written.
        if vals.get("opt_out") or not {"contact_id", "list_id"}.isdisjoint(vals):
            (contacts | self.contact_id)._cancel_queued()
        return res

    def unlink(self):
        contacts = self.contact_id
        res = super().unlink()
        contacts._cancel_queued()
        return res


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    def _get_refusals(self, records):
        """Records to which the action must not write, since they are on an exclusion list.

        :return: failure type of mailing traces, by id of the record
        :rtype: dict[int, str]
        """
        actions = self._get_all_actions()
        records = records.sudo()
        refused, silent = records.browse(), records.browse()
        if any(action.mail_post_method == "email" for action in actions):
            refused = self._get_blacklisted(records)
        if "phone_blacklisted" in records._fields and any(
            action.state == "sms" for action in actions
        ):
            silent = records.filtered("phone_blacklisted")
        return dict.fromkeys(refused.ids, "mail_bl") | dict.fromkeys(silent.ids, "sms_blacklist")

    @api.model
    def _get_blacklisted(self, records):
        """Those of these records with a blacklisted address: an action writes to all
        addresses of a record at once."""
        addresses = {}
        for res_id, recipients in records._message_add_default_recipients().items():
            texts = recipients["email_to_lst"] or recipients["partners"].mapped("email")
            addresses[res_id] = {
                address for text in texts for address in tools.email_normalize_all(text or "")
            }
        listed = self.env["mail.blacklist"]._get_listed(set().union(*addresses.values()))
        return records.filtered(lambda record: not addresses[record.id].isdisjoint(listed))
