"""Links of campaigns prove to whom they were sent.

Odoo's addresses name the message by a number: who counts on would click for somebody else.
"""

import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import consteq, hmac

PARAMETER = "k"
# Short, since a text message pays for each character: 32 bits, to be guessed for each message.
SIGNATURE_SIZE = 8
# Moment, in UTC, at which the update to signed links was made; written by the migration.
SIGNED_SINCE = "marketing_automation.links_signed_since"
# How long after it what was sent before counts without.
UNSIGNED_GRACE = timedelta(days=60)
EMAIL, SMS = "m", "s"  # how Odoo's addresses begin the number of a message
ADDRESS = re.compile(rf"/r/\w+/({EMAIL}|{SMS})/(\d+)(?![\w/?])")


class LinkTracker(models.Model):
    _inherit = "link.tracker"

    @api.model
    def _sign_links(self, body, kind, number):
        """Sign the tracked links in the body of one message.

        :param str kind: EMAIL or SMS
        :param int number: that its addresses have
        """
        signature = self._get_link_signature(kind, number)

        def sign(address):
            is_own = address.groups() == (kind, str(number))
            return f"{address[0]}?{PARAMETER}={signature}" if is_own else address[0]

        return body.__class__(ADDRESS.sub(sign, str(body)))

    @api.model
    def _is_signed_request(self):
        """Whether the address that is being visited was sent so; nobody visits one without a
        request."""
        if not request:
            return True
        address = re.search(r"/r/\w+/([ms])/(\d+)$", request.httprequest.path)
        if not address:
            return False
        signature = self._get_link_signature(*address.groups())
        # Texts are compared only if they are ASCII; visitors send anything.
        return consteq(signature.encode(), request.httprequest.args.get(PARAMETER, "").encode())

    @api.model
    def _get_signed_numbers(self, text, kind):
        """Numbers of the messages whose own links are in a copy of them.

        :param str text: the copy, as it is or quoted-printable
        :param str kind: EMAIL or SMS
        """
        plain = re.sub(r"=\r?\n", "", text).replace("=3D", "=")
        return [
            int(number)
            for number, signature in re.findall(
                rf"/r/\w+/{kind}/(\d{{1,9}})\?{PARAMETER}=([0-9a-f]{{{SIGNATURE_SIZE}}})", plain
            )
            if consteq(signature, self._get_link_signature(kind, number))
        ]

    @api.model
    def _get_link_signature(self, kind, number):
        scope = f"marketing_automation-link-{kind}"
        return hmac(self.env(su=True), scope, str(number))[:SIGNATURE_SIZE]


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    def _is_visited_as_before(self):
        """Whether this message was sent before links were signed, not long ago, and its link is
        visited without a signature."""
        if not request or PARAMETER in request.httprequest.args:
            return False
        parameter = self.env["ir.config_parameter"].sudo().get_param(SIGNED_SINCE)
        if not parameter:
            return False
        since = fields.Datetime.to_datetime(parameter)
        sent = self.sent_datetime or self.create_date
        return sent < since and fields.Datetime.now() < since + UNSIGNED_GRACE


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_body(self):
        body = super()._prepare_outgoing_body()
        if body and self.mailing_id.use_in_marketing_automation:
            for trace in self.mailing_trace_ids[:1]:
                body = self.env["link.tracker"]._sign_links(body, EMAIL, trace.id)
        return body


class SmsSms(models.Model):
    _inherit = "sms.sms"

    def _update_body_short_links(self):
        bodies = super()._update_body_short_links()
        for sms in self.filtered("mailing_id.use_in_marketing_automation"):
            bodies[sms.id] = self.env["link.tracker"]._sign_links(bodies[sms.id], SMS, sms.id)
        return bodies


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def get_sms_link_replacements_placeholders(self):
        placeholders = super().get_sms_link_replacements_placeholders()
        is_new = not self and self.env.context.get("default_use_in_marketing_automation")
        if is_new or self.use_in_marketing_automation:
            placeholders["link"] += f"?{PARAMETER}={'x' * SIGNATURE_SIZE}"
        return placeholders
