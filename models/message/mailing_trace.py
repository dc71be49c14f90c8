import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL
from odoo.tools.mail import email_normalize_all

from ...tools.run import GATEWAY, GATEWAYS, MACHINE, STRANGER
from ...tools.states import CANCELED, DONE, ERROR, STATES
from ..engine.settle import RECOVERABLE_STATES
from .signed_links import EMAIL

_logger = logging.getLogger(__name__)

# By these Odoo recognises reports on a message: who knows them can make one.
IDENTIFIERS = ("message_id", "sms_code")
# State of the marketing trace whose message has this status.
FAILED_STATES = {"cancel": CANCELED, "error": ERROR}
# A message with such a status has left the house; the first three say so when it does: the mail
# server has taken it, or the provider of text messages.
HANDED_OVER_STATUSES = ("sent", "pending", "process")
LEFT_STATUSES = (*HANDED_OVER_STATUSES, "open", "reply")
# Others are found by the next run of the job.
DELETED_AT_ONCE = 10_000


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

    # What the enrolment job puts right is of late.
    _recent = models.Index("(write_date) WHERE marketing_trace_id IS NOT NULL")
    # So are queued emails that somebody has deleted.
    _deleted = models.Index(
        "(id) WHERE trace_type = 'mail' AND trace_status = 'outgoing' AND mail_mail_id IS NULL"
        " AND marketing_trace_id IS NOT NULL"
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
        res = super().write(self._with_departure(vals))
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
        status = vals.get("trace_status")
        for trace_type in set(self.mapped("trace_type")):
            if events := self._get_marketing_events(trace_type, vals):
                traces = self.filtered(lambda trace, kind=trace_type: trace.trace_type == kind)
                # That an older message came back says nothing of a newer one.
                traces = traces._get_newest() if status == "bounce" else traces
                traces.marketing_trace_id._settle_events(events)
        if status not in HANDED_OVER_STATUSES and status not in FAILED_STATES:
            return
        # Who meets another transaction in what was just written is told so.
        self.env.flush_all()
        news = self._get_news(status)
        if not news:
            return
        try:
            with self.env.cr.savepoint():
                news._settle_delivery(vals)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, psycopg2.DataError):
            # The mail queue must not fail now, whatever is wrong with the campaign: it would send
            # again what it has just sent. The enrolment job settles what is left over.
            _logger.info("Mailing traces %s are settled later", self.ids)
            self.env["marketing.campaign"]._enrol_soon()

    def _get_news(self, status):
        """Those of these messages whose new status says something of their marketing traces."""
        if status in FAILED_STATES:
            return self._get_newest()
        return self._get_newest(
            SQL(
                "trace.state = ANY(%s) OR trace.sent_datetime IS NULL",
                list(RECOVERABLE_STATES),
            )
        )

    def _settle_delivery(self, vals):
        traces = self.marketing_trace_id
        traces.fetch(["state"])
        if vals.get("trace_status") in FAILED_STATES:
            fate = self._get_marketing_fate(
                vals["trace_status"], vals.get("failure_type"), vals.get("failure_reason")
            )
            traces._settle_failures([(trace_id, *fate) for trace_id in traces.ids])
        else:
            traces._settle_sent()

    @api.model
    def _settle_left_over(self):
        """Settle failures, recoveries from them, and messages that left the queue, of late, that
        could not be settled when they became known."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT trace.id, message.trace_status, message.failure_type,
                    message.failure_reason
                FROM mailing_trace message
                JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                WHERE message.write_date > %(since)s AND (
                        message.trace_status = ANY(%(failed)s) AND trace.state = %(processed)s
                        OR message.trace_status = ANY(%(left)s) AND (
                            trace.state = ANY(%(open)s)
                            OR trace.state = %(processed)s AND trace.sent_datetime IS NULL
                        )
                    ) AND NOT EXISTS (
                        SELECT FROM mailing_trace newer
                        WHERE newer.marketing_trace_id = trace.id AND newer.id > message.id
                    )
                """,
                since=self.env["marketing.campaign"]._get_repair_start(),
                failed=list(FAILED_STATES),
                left=list(LEFT_STATUSES),
                open=list(RECOVERABLE_STATES),
                **STATES,
            )
        )
        Trace = self.env["marketing.trace"]
        Trace._settle_failures(
            [
                (trace_id, *self._get_marketing_fate(*fate))
                for trace_id, *fate in rows
                if fate[0] in FAILED_STATES
            ]
        )
        Trace.browse(
            trace_id for trace_id, status, *_reason in rows if status not in FAILED_STATES
        )._settle_sent()

    @api.model
    def _cancel_without_email(self):
        """These were queued when their emails were deleted, of which nobody was told."""
        self.search(
            [
                ("trace_type", "=", "mail"),
                ("trace_status", "=", "outgoing"),
                ("mail_mail_id", "=", False),
                ("marketing_trace_id", "!=", False),
            ],
            limit=DELETED_AT_ONCE,
        ).set_canceled()

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
        for trace_id, *fate in rows:
            fates[trace_id] = self._get_marketing_fate(*fate)
        return fates

    @api.model
    def _get_marketing_fate(self, status, failure_type, failure_reason):
        """What the status of a message means for its marketing trace.

        :return: state, reason and detail
        :rtype: tuple
        """
        if status not in FAILED_STATES:
            return *DONE, None
        # Nothing but people cancels a message without saying why.
        reason = failure_type or ("user" if status == "cancel" else "unknown")
        return FAILED_STATES[status], reason, failure_reason or None

    def _get_newest(self, condition=None):
        """Those of these messages that are the last ones of their marketing traces, or belong
        to none. An older message never overrules a newer one.

        :param SQL condition: further one, on the marketing trace, with the alias ``trace``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.id FROM mailing_trace message
                LEFT JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                WHERE message.id = ANY(%s) AND (%s) AND NOT EXISTS (
                    SELECT FROM mailing_trace newer
                    WHERE newer.marketing_trace_id = message.marketing_trace_id
                        AND newer.id > message.id
                )
                """,
                self.ids,
                condition or SQL("TRUE"),
            )
        )
        return self.browse(trace_id for (trace_id,) in rows)

    @api.model
    def _get_left(self, marketing_trace_ids):
        """Marketing traces whose last message has left.

        :rtype: set[int]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT marketing_trace_id FROM (
                    SELECT DISTINCT ON (marketing_trace_id) marketing_trace_id, trace_status
                    FROM mailing_trace
                    WHERE marketing_trace_id = ANY(%s)
                    ORDER BY marketing_trace_id, id DESC
                ) AS message
                WHERE trace_status = ANY(%s)
                """,
                marketing_trace_ids,
                list(LEFT_STATUSES),
            )
        )
        return {trace_id for (trace_id,) in rows}

    @api.model
    def _get_unsent(self, marketing_traces):
        """Emails and text messages of marketing traces that have not left.

        :param SQL marketing_traces: query of their ids
        :rtype: tuple of mail.mail and sms.sms, as superuser
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mail.id, sms.id
                FROM mailing_trace message
                LEFT JOIN mail_mail mail ON mail.id = message.mail_mail_id_int
                    AND mail.state IN ('outgoing', 'exception')
                LEFT JOIN sms_sms sms ON sms.id = message.sms_id_int
                    AND sms.state IN ('outgoing', 'error')
                WHERE message.marketing_trace_id IN (%s)
                    AND (mail.id IS NOT NULL OR sms.id IS NOT NULL)
                """,
                marketing_traces,
            )
        )
        return tuple(
            self.env[model].sudo().browse(filter(None, column))
            for model, column in zip(
                ("mail.mail", "sms.sms"), zip(*rows, strict=True) if rows else ((), ()), strict=True
            )
        )

    @api.model
    def _cancel_unsent(self, marketing_traces):
        """Take back what has not left, since another message is to take its place.

        :param SQL marketing_traces: query of the ids of marketing traces
        """
        mails, messages = self._get_unsent(marketing_traces)
        if mails or messages:
            self._set_unsent_canceled(mails, messages)
            mails.cancel()
            messages.state = "canceled"

    @api.model
    def _delete_unsent(self, marketing_traces):
        """Delete what has not left, with the addresses that it would have gone to.

        :param SQL marketing_traces: query of the ids of marketing traces
        """
        mails, messages = self._get_unsent(marketing_traces)
        if mails or messages:
            self._set_unsent_canceled(mails, messages)
            mails.unlink()
            messages.unlink()

    @api.model
    def _set_unsent_canceled(self, mails, messages):
        """Those that had failed stay failed."""
        queued = [
            ("trace_status", "=", "outgoing"),
            "|",
            ("mail_mail_id_int", "in", mails.ids),
            ("sms_id_int", "in", messages.ids),
        ]
        self.sudo().search(queued).set_canceled()
