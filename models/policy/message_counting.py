"""Messages of Email and SMS Marketing are counted by address as they are queued, leave or fail."""

import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools.addresses import split_addresses
from .message_log import FAILED_STATUSES

_logger = logging.getLogger(__name__)

# It is queued (again), fails, or leaves; what is done with it later is told in a visitor's request.
COUNTED_STATUSES = ("outgoing", *FAILED_STATUSES, "process", "pending", "sent")


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        queued = messages.filtered(lambda message: message.trace_status == "outgoing")
        queued._get_message_log()._add(queued._get_counted_addresses())
        return messages

    def _count_fate(self, vals):
        """These values are about to be written."""
        status = vals.get("trace_status")
        if not (status in COUNTED_STATUSES or vals.get("sent_datetime")):
            return
        try:
            with self.env.cr.savepoint(flush=False):
                self._count_status(status, vals.get("sent_datetime") or fields.Datetime.now())
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # A sender must not fail now: it would send again what it has just sent. The clean-up
            # finds what is not counted as it should be.
            _logger.info("Messages %s are counted later", self.ids)

    def _count_status(self, status, date):
        log = self._get_message_log()
        if status in FAILED_STATUSES:
            log._remove(self.ids)
        elif status == "outgoing":
            log._add(self._get_failed()._get_counted_addresses())
        elif leaving := self.filtered(lambda message: not message.sent_datetime) | (
            self._get_failed()
        ):
            known = log._set_left(leaving.ids, date)
            # Those had failed, or were queued when nobody counted.
            others = leaving.filtered(lambda message: message.id not in known)
            log._add(others._get_counted_addresses(), date)

    def _get_failed(self):
        return self.filtered(lambda message: message.trace_status in FAILED_STATUSES)

    def _get_counted_addresses(self):
        """Pairs of the id and each address of each of these messages; none of tests."""
        return [
            (message.id, address)
            for message in self
            if not message.is_test_trace
            for address in (
                filter(None, [message.sms_number])
                if message.trace_type == "sms"
                else split_addresses(message.email)
            )
        ]

    def _get_message_log(self):
        return self.env["marketing.message.log"].sudo()


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        """A mailing trace knows just one of the addresses that its email goes to."""
        mails = super().create(vals_list)
        mails.filtered("mailing_id")._count_all_addresses()
        return mails

    def _count_fate(self, state):
        """These emails are cancelled or deleted, or are queued again: mass mailing does not tell
        their mailing traces."""
        if state not in ("cancel", "outgoing"):
            return
        messages = self.sudo().filtered("mailing_id").mailing_trace_ids
        if state == "cancel":
            messages._get_message_log()._remove(messages.ids)
        else:
            messages._get_message_log()._add(messages._get_failed()._get_counted_addresses())

    def _count_all_addresses(self):
        several = self.filtered(lambda mail: mail._may_have_several_addresses())
        self.env["marketing.message.log"].sudo()._add(
            [
                (message.id, address)
                for mail in several
                for message in mail.mailing_trace_ids
                if message.trace_status == "outgoing" and not message.is_test_trace
                for address in mail._get_addresses()
            ]
        )

    def _may_have_several_addresses(self):
        """Whether to parse what it goes to."""
        texts = [self.email_to, *self.recipient_ids.mapped("email")]
        return sum(text.count("@") for text in texts if text) > 1
