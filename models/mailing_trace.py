import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL
from odoo.tools.mail import email_normalize_all

from ..tools.run import GATEWAY, GATEWAYS, MACHINE, STRANGER
from .signed_links import EMAIL

_logger = logging.getLogger(__name__)

# By these Odoo recognises reports on a message: who knows them can make one.
IDENTIFIERS = ("message_id", "sms_code")
# State of the marketing trace whose message has this status.
FAILED_STATES = {"cancel": "canceled", "error": "error"}


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    marketing_trace_id = fields.Many2one(
        "marketing.trace",
        index="btree_not_null",
        groups="marketing_automation.group_marketing_automation_user",
        # What was sent stays counted when a workflow loses the activity.
        ondelete="set null",
    )

    message_id = fields.Char(
        groups="base.group_system",
        help="RFC 2392. Replies and reports of mail servers name the message by it.",
    )
    sms_code = fields.Char(
        groups="base.group_system", help="In the link by which the recipient unsubscribes."
    )

    _failed = models.Index(
        "(marketing_trace_id) WHERE trace_status IN ('error', 'cancel') AND marketing_trace_id IS"
        " NOT NULL"
    )

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    def _has_field_access(self, field, operation):
        """Only the engine says which message belongs to a campaign, and who may report on it."""
        if field.name == "marketing_trace_id" and operation == "write" and not self.env.su:
            return False
        if field.name in IDENTIFIERS and (
            # Odoo's wizards give the numbers out as the user; its gateway searches by them.
            operation == "write" or self.env.context.get("marketing_gateway") in GATEWAYS
        ):
            return True
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """A default in the context of a client does not say it either."""
        values = super().default_get(fields)
        values.pop("marketing_trace_id", None)
        return values

    def write(self, vals):
        """All changes of a message's fate pass here; the campaign is told of them."""
        self._check_may_change()
        res = super().write(vals)
        if not {"trace_status", "links_click_datetime"}.isdisjoint(vals) and (
            automated := self.sudo().filtered("marketing_trace_id")
        ):
            automated._settle_marketing(vals)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_if_may_change(self):
        self._check_may_change()

    def _check_may_change(self):
        """What became of a message of a campaign is said by Odoo itself, as superuser or in its
        mail gateway, and by those who may change the campaign.

        :raise AccessError: if the user is none of them
        """
        if self.env.su or self.env.context.get("marketing_gateway") is GATEWAY:
            return
        for campaign in self.sudo().marketing_trace_id.campaign_id:
            if not campaign.with_env(self.env)._may_act_for_responsible():
                raise AccessError(
                    self.env._(
                        "Only those who may change campaign “%(campaign)s” change what became of"
                        " its messages.",
                        campaign=campaign.name,
                    )
                )

    def set_opened(self, domain=None):
        """A robot that loads the tracking pixel of a campaign's message, or answers to it, opens
        nothing."""
        traces, domain = self._reached_by_person(domain)
        return super(MailingTrace, traces).set_opened(domain)

    def set_replied(self, domain=None):
        """What a machine writes is no reply to a campaign."""
        traces, domain = self._reached_by_person(domain)
        return super(MailingTrace, traces).set_replied(domain)

    def set_bounced(self, domain=None, bounce_message=False):
        """What a stranger hands over is no bounce of a campaign."""
        traces, domain = self._without_strangers(domain)
        return super(MailingTrace, traces).set_bounced(domain, bounce_message)

    def set_clicked(self, domain=None):
        """In a campaign, another click within a minute says nothing new: people who click
        at the same moment, or twice, need not wait for each other."""
        traces = self + (self.search(domain) if domain else self.browse())
        just_before = fields.Datetime.subtract(fields.Datetime.now(), minutes=1)
        known = traces.sudo().filtered(
            lambda trace: (
                trace.marketing_trace_id
                and trace.links_click_datetime
                and trace.links_click_datetime > just_before
            )
        )
        super(MailingTrace, traces - known).set_clicked()
        return traces

    def _reached_by_person(self, domain):
        """What is left of these messages, and of a domain of messages, for an event: those of
        campaigns only if a person has caused it."""
        is_visit = request and request.httprequest.method in ("GET", "HEAD")
        if self.env.context.get("marketing_gateway") is MACHINE or (
            is_visit and self.env["link.tracker.click"]._is_automatic_request()
        ):
            return self._without_campaigns(domain), None
        return self._without_strangers(domain)

    def _without_strangers(self, domain):
        """The same if somebody else than the mail gateway hands over a message: none of
        campaigns."""
        if self.env.context.get("marketing_gateway") is not STRANGER:
            return self, domain
        return self._without_campaigns(domain), None

    def _without_campaigns(self, domain):
        """Those of these messages, and of a domain of messages, that no campaign has sent."""
        # Searched as the user of the mail gateway, who need not know of campaigns.
        traces = self + (self.search(domain) if domain else self.browse())
        plain = traces.sudo().filtered(lambda trace: not trace.marketing_trace_id)
        return plain.with_env(self.env)

    @api.model
    def _get_reported(self, report, is_bounce):
        """Messages of campaigns that a report is about.

        :param Report report:
        :param bool is_bounce: whether it has come to where bounces come
        """
        automated = Domain("marketing_trace_id", "!=", False) & Domain("trace_type", "=", "mail")
        traces = self.browse()
        if report.message_ids:
            traces = self.search(automated & Domain("message_id", "in", report.message_ids))
        if not traces and is_bounce:
            # A copy without its headers: the links that it was sent with prove it.
            numbers = self.env["link.tracker"]._get_signed_numbers(report.text, EMAIL)
            traces = self.search(automated & Domain("id", "in", numbers))
        return traces

    def _get_addresses(self):
        """Normalised addresses to which these messages were sent."""
        return [address for trace in self for address in email_normalize_all(trace.email)]

    def _settle_marketing(self, vals):
        """Pass on to the campaign what these values, just written, mean."""
        for trace_type, traces in self.grouped("trace_type").items():
            if events := self._get_marketing_events(trace_type, vals):
                traces.marketing_trace_id._settle_events(events)
        status = vals.get("trace_status")
        if status not in (*FAILED_STATES, "sent", "pending"):
            return
        failed = self.marketing_trace_id.filtered(
            lambda trace: trace.state in ("error", "canceled")
        )
        if status not in FAILED_STATES and not failed:
            return
        try:
            with self.env.cr.savepoint():
                self._settle_delivery(vals)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, psycopg2.DataError):
            # The mail queue must not fail now, whatever is wrong with the campaign: it would send
            # again what it has just sent. The enrolment job settles what is left over.
            _logger.info("Mailing traces %s are settled later", self.ids)

    def _settle_delivery(self, vals):
        status = vals.get("trace_status")
        if status in FAILED_STATES:
            self.marketing_trace_id._settle_failure(
                FAILED_STATES[status],
                # Nothing else cancels a message that was queued.
                vals.get("failure_type") or ("user" if status == "cancel" else "unknown"),
                vals.get("failure_reason"),
            )
        else:
            self.marketing_trace_id._settle_recovery()

    @api.model
    def _settle_left_over(self):
        """Settle failures that could not be settled when they became known."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mailing_trace.id
                FROM mailing_trace
                JOIN marketing_trace ON marketing_trace.id = mailing_trace.marketing_trace_id
                WHERE mailing_trace.trace_status IN ('error', 'cancel')
                    AND marketing_trace.state = 'processed'
                    AND NOT EXISTS (
                        SELECT FROM mailing_trace newer
                        WHERE newer.marketing_trace_id = marketing_trace.id
                            AND newer.id > mailing_trace.id
                    )
                """
            )
        )
        for trace in self.browse([trace_id for (trace_id,) in rows]):
            trace._settle_delivery(
                {
                    "trace_status": trace.trace_status,
                    "failure_type": trace.failure_type,
                    "failure_reason": trace.failure_reason,
                }
            )

    @api.model
    def _get_marketing_events(self, trace_type, vals):
        """Events of the workflow that these values of a trace stand for."""
        names = [
            name
            for name, happened in (
                ("click", vals.get("links_click_datetime")),
                ("reply", vals.get("trace_status") == "reply"),
                # A click implies it, and follows at once.
                (
                    "open",
                    vals.get("trace_status") == "open"
                    and not self.env.context.get("marketing_click"),
                ),
                ("bounce", vals.get("trace_status") == "bounce"),
            )
            if happened
        ]
        known = self.env["marketing.activity"]._get_events()
        return [key for name in names if (key := f"{trace_type}_{name}") in known]

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    @api.model
    def _get_marketing_fates(self, marketing_trace_ids):
        """What became of the messages that were just composed for marketing traces.

        :return: state, reason and detail by id of the marketing trace
        :rtype: dict[int, tuple]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (marketing_trace_id)
                    marketing_trace_id, trace_status, failure_type, failure_reason
                FROM mailing_trace
                WHERE marketing_trace_id = ANY(%s)
                ORDER BY marketing_trace_id, id DESC
                """,
                marketing_trace_ids,
            )
        )
        fates = dict.fromkeys(marketing_trace_ids, ("error", "unknown", None))
        for trace_id, status, failure_type, failure_reason in rows:
            fates[trace_id] = (
                (FAILED_STATES[status], failure_type or "unknown", failure_reason)
                if status in FAILED_STATES
                else ("processed", None, None)
            )
        return fates
