import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..tools.run import GATEWAY

_logger = logging.getLogger(__name__)

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

    _failed = models.Index(
        "(marketing_trace_id) WHERE trace_status IN ('error', 'cancel') AND marketing_trace_id IS"
        " NOT NULL"
    )

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    def _has_field_access(self, field, operation):
        """Only the engine says which message belongs to a campaign."""
        if field.name == "marketing_trace_id" and operation == "write" and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """A default in the context of a client does not say it either."""
        values = super().default_get(fields)
        values.pop("marketing_trace_id", None)
        return values

    def write(self, vals):
        """All changes of a message's fate pass here; the campaign is told of them."""
        watched = not {"trace_status", "links_click_datetime"}.isdisjoint(vals)
        automated = self._get_automated() if watched else self.browse()
        res = super().write(vals)
        if automated:
            automated._settle_marketing(vals)
        return res

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

    def _get_automated(self):
        """Those of these messages whose campaign is to know what is written, as superuser.

        Odoo tells of events as superuser, or in its mail gateway. All users of Email
        Marketing may write statuses: that sets off no campaign that they may not change.
        """
        automated = self.sudo().filtered("marketing_trace_id")
        if self.env.su or self.env.context.get("marketing_gateway") is GATEWAY:
            return automated
        return automated.filtered(
            lambda trace: trace.marketing_trace_id.campaign_id.with_env(
                self.env
            )._may_act_for_responsible()
        )

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
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # The mail queue must not fail now: it would send again what it has just sent.
            # The enrolment job settles what is left over.
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
