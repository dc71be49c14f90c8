"""A message as a record would get it, sent to who tries it: nothing of it is counted."""

from odoo import models
from odoo.exceptions import UserError

# Of what the composer makes of an email, what does not depend on its recipient.
SAMPLE_VALUES = ("attachment_ids", "body_html", "email_from", "mail_server_id", "reply_to")
# States of emails and text messages that were not sent.
FAILED = ("exception", "error", "canceled")


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _send_sample(self, record):
        """Send this mailing to the user who asks, filled in with what that user reads of a record.

        It belongs to no campaign any more: no opening, click or answer of it is counted, and the
        links of its footer lead nowhere.

        :return: the address or number that it was sent to
        :rtype: str
        :raise UserError: if it could not be sent
        """
        self.ensure_one()
        is_text = self.mailing_type == "sms"
        message, recipient = (
            self._create_sample_text(record) if is_text else self._create_sample_email(record)
        )
        message.send()
        left = message.exists()
        # What waits for its mail server is Odoo's queue's.
        if left.state in FAILED:
            raise UserError(
                self.env._(
                    "“%(mailing)s” could not be sent to %(recipient)s: %(failure)s",
                    mailing=self.subject,
                    recipient=recipient,
                    failure=self._get_failure_of_sample(left),
                )
            )
        return recipient

    def _create_sample_email(self, record):
        user = self.env.user
        if not user.email_normalized:
            raise UserError(self.env._("Enter your email address in your preferences first."))
        composer = (
            self.env["mail.compose.message"]
            .with_context(default_composition_mode="mass_mail", active_ids=record.ids)
            .create(self._get_email_composer_values())
        )
        values = composer._prepare_mail_values(record.ids)[record.id]
        email = {
            **{name: values[name] for name in SAMPLE_VALUES if name in values},
            "subject": self.env._("[TEST] %(subject)s", subject=values["subject"]),
            "email_to": user.email_formatted,
            "auto_delete": True,
        }
        return self.env["mail.mail"].sudo().create(email), user.email_normalized

    def _create_sample_text(self, record):
        number = self.env.user.partner_id._phone_format(fname="phone")
        if not number:
            raise UserError(self.env._("Enter your phone number in your preferences first."))
        render = self.env["mail.render.mixin"]._render_template
        body = render(self.body_plaintext, record._name, record.ids)[record.id]
        if self.sms_allow_unsubscribe:
            composer = self.env["sms.composer"]
            url = composer._get_unsubscribe_url(self.id, self.env._("test"))
            body = f"{body}\n{composer._get_unsubscribe_info(url)}"
        return self.env["sms.sms"].sudo().create({"number": number, "body": body}), number

    def _get_failure_of_sample(self, message):
        """Why a message was not sent, in words."""
        label = dict(message._fields["failure_type"]._description_selection(self.env))
        reason = message.failure_reason if message._name == "mail.mail" else ""
        return reason or label.get(message.failure_type) or self.env._("it was not taken")
