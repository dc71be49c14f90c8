from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools.mail import email_normalize_all

from ...tools.run import GATEWAY, GATEWAYS, MACHINE, STRANGER
from .signed_links import EMAIL

# By these Odoo recognises reports on a message: who knows them can make one.
IDENTIFIERS = ("message_id", "sms_code")


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
        vals = self._with_departure(vals)
        self._count_fate(vals)
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
        status = vals.get("trace_status")
        for trace_type in set(self.mapped("trace_type")):
            if events := self._get_marketing_events(trace_type, vals):
                traces = self.filtered(lambda trace, kind=trace_type: trace.trace_type == kind)
                # That an older message came back says nothing of a newer one.
                traces = traces._get_newest() if status == "bounce" else traces
                traces.marketing_trace_id._settle_events(events)
        self._settle_status(vals)

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
