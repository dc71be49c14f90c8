"""Scanners of mail servers follow all links of a message as soon as it arrives.

Nothing tells the first of these requests from a person's click. So a click shortly
after delivery counts at once, but what follows is held back for some seconds; if
another link of the message is followed in this time, nobody has clicked.
"""

import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import SQL

# How long after its delivery a message may be scanned, and how long it takes a scanner
# to go from one link to the next.
DELIVERY_WINDOW = timedelta(minutes=2)
SCAN_SPAN = timedelta(seconds=3)
# Stands for the last link while a scanner is at work: all others differ from it.
SCANNED = "*"


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    def _prepare_click_values_from_route(self, **route_values):
        values = super()._prepare_click_values_from_route(**route_values)
        trace = self.env["mailing.trace"].sudo().browse(values.get("mailing_trace_id") or [])
        if trace._follow(str(values["link_id"])):
            values["mailing_trace_id"] = False
        return values

    @api.model
    def add_click(self, code, **route_values):
        click = super().add_click(code, **route_values)
        if click:
            click.sudo().mailing_trace_id._hold_back()
        return click


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    followed_link = fields.Char(readonly=True, export_string_translation=False)
    followed_datetime = fields.Datetime(readonly=True, export_string_translation=False)

    def set_opened(self, domain=None):
        """A robot that loads the tracking pixel of a campaign's message opens nothing."""
        is_visit = request and request.httprequest.method in ("GET", "HEAD")
        if not (is_visit and self.env["link.tracker.click"]._is_automatic_request()):
            return super().set_opened(domain)
        plain = Domain("marketing_trace_id", "=", False)
        return super(MailingTrace, self.filtered_domain(plain)).set_opened(
            Domain(domain) & plain if domain else None
        )

    def _follow(self, link):
        """Take note that a visitor follows a link of these messages.

        :param str link: which one
        :return: whether the visitor is a scanner; what it has set off is undone
        :rtype: bool
        """
        fresh = self.filtered(lambda trace: trace.marketing_trace_id and trace._is_fresh())
        now = fields.Datetime.now()
        scanned = fresh.filtered(
            lambda trace: (
                trace.followed_link not in (False, link)
                and now - trace.followed_datetime <= SCAN_SPAN
            )
        )
        (fresh - scanned).write({"followed_link": link, "followed_datetime": now})
        scanned.write({"followed_link": SCANNED, "followed_datetime": now})
        scanned._forget_clicks(now - SCAN_SPAN)
        return bool(scanned)

    def _is_fresh(self):
        """Whether a visitor follows a link of a message that was delivered just now."""
        return bool(request) and (
            fields.Datetime.now() - (self.sent_datetime or self.create_date) <= DELIVERY_WINDOW
        )

    def _forget_clicks(self, since):
        """Undo what clicks on these messages have set off from a moment on."""
        for trace in self.filtered(lambda trace: trace.links_click_datetime):
            if trace.links_click_datetime < since:
                continue
            values = {"links_click_datetime": False}
            if trace.trace_status == "open" and trace.open_datetime >= since:
                values["open_datetime"] = False
                values["trace_status"] = (
                    "outgoing"
                    if not trace.sent_datetime
                    else "pending"
                    if trace.trace_type == "sms"
                    else "sent"
                )
            trace.write(values)
            self.env["link.tracker.click"].search(
                [("mailing_trace_id", "=", trace.id), ("create_date", ">=", since)]
            ).mailing_trace_id = False
            trace.marketing_trace_id._forget_click(since)

    def _hold_back(self):
        """Hold back what a click on a message that was delivered just now has set off."""
        fresh = self.filtered(lambda trace: trace.marketing_trace_id and trace._is_fresh())
        if fresh:
            fresh.marketing_trace_id._hold_children_back()


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _get_messages_to(self, res_id):
        """The traces of the messages to a record that campaigns have sent."""
        return (
            self.env["marketing.trace"]
            .sudo()
            .search(
                [
                    ("participant_id.res_id", "=", res_id),
                    ("activity_id", "in", self.sudo().marketing_activity_ids.ids),
                ]
            )
            .mailing_trace_ids
        )


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    held_until = fields.Datetime(
        readonly=True,
        help="It was set off by a click so soon after delivery that a scanner of the recipient's"
        " mail server may have made it. Until then the click can turn out to be none.",
    )

    _held = models.Index("(held_until) WHERE held_until IS NOT NULL")

    def _hold_children_back(self):
        self.env.flush_all()
        until = fields.Datetime.now() + SCAN_SPAN
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace SET held_until = %s
                WHERE parent_id = ANY(%s) AND state = 'scheduled' AND schedule_date <= %s
                RETURNING id
                """,
                until,
                self.ids,
                until,
            )
        )
        self.invalidate_model(["held_until"])

    def _forget_click(self, since):
        """Undo a click; the children are derived anew from what else has happened."""
        self.env.flush_all()
        undone = self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace
                SET links_click_datetime = NULL,
                    open_datetime = CASE WHEN open_datetime < %(since)s THEN open_datetime END
                WHERE id = ANY(%(ids)s) AND links_click_datetime >= %(since)s
                RETURNING id
                """,
                ids=self.ids,
                since=since,
            )
        )
        if not undone:
            return
        self.env.execute_query(
            SQL(
                """
                DELETE FROM marketing_trace
                WHERE parent_id = ANY(%s)
                    AND (state = 'scheduled' OR (state = 'canceled' AND state_reason = 'event'))
                RETURNING id
                """,
                self.ids,
            )
        )
        for activity in self.activity_id:
            self._schedule_children(activity.child_ids, SQL("parent.id = ANY(%s)", self.ids))
        self.env["marketing.participant"]._settle(SQL("id = ANY(%s)", self.participant_id.ids))

    @api.model
    def _release_held(self, condition):
        """Let what was held back be executed.

        :param SQL condition: on ``marketing_trace``
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace SET held_until = NULL
                WHERE id IN (
                    SELECT id FROM marketing_trace
                    WHERE held_until IS NOT NULL AND %s
                    FOR UPDATE SKIP LOCKED
                )
                RETURNING id
                """,
                condition,
            )
        )
        self.invalidate_model(["held_until"])


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def execute_activities(self):
        """Who asks for it by hand does not wait."""
        self._check_may_operate()
        self.env["marketing.trace"].sudo()._release_held(
            SQL("activity_id = ANY(%s)", self.marketing_activity_ids.ids)
        )
        return super().execute_activities()

    @api.model
    def _cron_execute_activities(self):
        """The job, which a click has woken, waits for the seconds that make it certain."""
        [(until,)] = self.env.execute_query(
            SQL("SELECT max(held_until) FROM marketing_trace WHERE held_until IS NOT NULL")
        )
        if until:
            # What happens in the meantime is seen by the next transaction only.
            self.env["ir.cron"]._commit_progress()
            wait = (until - fields.Datetime.now()).total_seconds()
            time.sleep(min(max(wait, 0), SCAN_SPAN.total_seconds()))
            self.env["marketing.trace"]._release_held(SQL("held_until <= %s", until))
        return super()._cron_execute_activities()
