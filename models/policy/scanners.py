"""Scanners of mail servers follow all links of a message as soon as it arrives.

Nothing tells the first of these requests from a person's click. So a click shortly
after delivery counts at once, but what follows is held back for some seconds; if
the next requests show a scanner, nobody has clicked. What is undone so counts
again with the next click.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL

from ...tools.sets import traces_sql
from ...tools.states import SCHEDULED

# How long after its delivery a message may be scanned, and how long it takes a scanner
# to go from one link to the next.
DELIVERY_WINDOW = timedelta(minutes=2)
SCAN_SPAN = timedelta(seconds=3)
# How long after its last request a scanner that was recognised may go on: requests of one
# moment are tried again, one after the other.
SCANNER_REST = timedelta(seconds=10)
# In seconds: a visitor may have locked what is to be released.
SHORTEST_WAIT = 0.1
# So many different links no person opens in this time.
SCANNED_LINKS = 3
# Stands for what was followed while a scanner is at work.
SCANNED = "*"


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # Of the present series of visits shortly after delivery
    followed_link = fields.Char(
        readonly=True,
        export_string_translation=False,
        help="Numbers of the links and names of the pages of the footer, with commas.",
    )
    followed_since = fields.Datetime(readonly=True, export_string_translation=False)
    followed_datetime = fields.Datetime(
        readonly=True, export_string_translation=False, help="Of the last visit."
    )

    def _follow(self, link):
        """Take note that a visitor follows a link of these messages.

        :param str link: number of a link, or name of a page of the footer
        :return: whether the visitor is a scanner; what it has set off is undone
        :rtype: bool
        """
        scanned = self.browse()
        now = fields.Datetime.now()
        for trace in self.filtered(lambda trace: trace.marketing_trace_id and trace._is_fresh()):
            span = SCANNER_REST if trace.followed_link == SCANNED else SCAN_SPAN
            goes_on = trace.followed_datetime and now - trace.followed_datetime <= span
            followed = trace.followed_link.split(",") if goes_on else []
            followed += [link] if link not in followed else []
            if SCANNED in followed or self._are_scanned(followed):
                scanned += trace
                followed = [SCANNED]
            trace.write(
                {
                    "followed_link": ",".join(followed),
                    "followed_since": (goes_on and trace.followed_since) or now,
                    "followed_datetime": now,
                }
            )
        scanned._forget_clicks()
        return bool(scanned)

    def _are_scanned(self, followed):
        """Whether no person follows these links and pages within seconds.

        Two links in two tabs are a person's. A page of the footer beside a link, or many
        links, are a scanner's.

        :param list followed: as ``_follow`` notes them
        """
        return len(followed) >= SCANNED_LINKS or (
            len(followed) > 1 and not all(map(str.isdigit, followed))
        )

    def _is_fresh(self):
        """Whether a visitor follows a link of a message that was delivered just now."""
        return bool(request) and (
            fields.Datetime.now() - (self.sent_datetime or self.create_date) <= DELIVERY_WINDOW
        )

    def _forget_clicks(self):
        """Undo what clicks on these messages have set off in the present series of visits."""
        for trace in self.filtered(lambda trace: trace.links_click_datetime):
            since = trace.followed_since
            if trace.links_click_datetime < since:
                continue
            # The campaign keeps the first click; mass mailing has the last one.
            first = trace.marketing_trace_id.links_click_datetime
            values = {"links_click_datetime": first and first < since and first}
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
            fresh.marketing_trace_id._hold_back()


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    held_until = fields.Datetime(
        readonly=True,
        help="It was set off by a click so soon after delivery that a scanner of the recipient's"
        " mail server may have made it. Until then the click can turn out to be none.",
    )

    _held = models.Index("(held_until) WHERE held_until IS NOT NULL")

    def _hold_back(self):
        """Hold back what follows the messages of these traces, and what runs do at steps that look
        at them, as far as it is due."""
        self.env.flush_all()
        until = fields.Datetime.now() + SCAN_SPAN
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace SET held_until = %(until)s
                WHERE id IN (
                    SELECT id FROM marketing_trace
                    WHERE id IN (
                        SELECT id FROM marketing_trace WHERE parent_id = ANY(%(ids)s)
                        UNION ALL %(looking)s
                    ) AND state = %(scheduled)s AND schedule_date <= %(until)s
                    FOR UPDATE SKIP LOCKED
                )
                RETURNING id
                """,
                until=until,
                ids=self.ids,
                looking=self._looking_sql(),
                scheduled=SCHEDULED,
            )
        )
        self.invalidate_model(["held_until"])

    def _looking_sql(self):
        """Traces of the same runs at steps that look at what was done with these messages."""
        return SQL(
            """
            SELECT looking.id
            FROM marketing_trace message
            JOIN marketing_trace looking ON looking.participant_id = message.participant_id
            JOIN marketing_activity activity ON activity.id = looking.activity_id
            WHERE message.id = ANY(%s) AND (
                activity.wait_activity_id = message.activity_id
                OR EXISTS (
                    SELECT FROM marketing_activity_branch branch
                    WHERE branch.activity_id = activity.id
                        AND branch.event_activity_id = message.activity_id
                )
            )
            """,
            self.ids,
        )

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
                WHERE parent_id = ANY(%s) AND %s
                RETURNING id
                """,
                self.ids,
                self._underived_sql(SQL.identifier("marketing_trace"), ["event"]),
            )
        )
        for activity in self.activity_id:
            self._schedule_children(activity.child_ids, traces_sql(self.ids))
        self.env["marketing.participant"]._settle(SQL("id = ANY(%s)", self.participant_id.ids))

    @api.model
    def _get_next_release(self):
        """When the first of what is held back may be executed; None if nothing is."""
        [(until,)] = self.env.execute_query(
            SQL("SELECT min(held_until) FROM marketing_trace WHERE held_until IS NOT NULL")
        )
        return until

    @api.model
    def _get_pause_before(self, release):
        """Seconds until a release, never more than what can be held back.

        :param datetime release: in UTC
        """
        wait = (release - fields.Datetime.now()).total_seconds()
        return min(max(wait, SHORTEST_WAIT), SCAN_SPAN.total_seconds())

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
