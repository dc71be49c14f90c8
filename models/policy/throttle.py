"""A campaign sends at most so many messages within an hour.

*Occupied* are the messages of a campaign that are queued, and those that have left within the last
hour. No more are queued than there are free places. So no hour has more: of those that leave in it,
each was queued, or had left within the hour before, when places were taken the last time.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.sending_pace import HOUR
from ...tools.states import PROCESSED, THROTTLED, Outcome
from ...tools.timing import shift_sql
from .gate import LONGEST_HOLD

# By so much the way back by months may differ from the way there.
SLACK = SQL("interval '4 days'")


class MarketingThrottle(models.Model):
    """The places of a campaign that are free: who takes some locks this row, and writes it.

    A transaction that began before others took theirs does not know of them: PostgreSQL fails it as
    soon as it locks the row, and it is tried again.
    """

    _name = "marketing.throttle"
    _description = "Marketing Automation: Places of a Campaign"
    _log_access = False

    campaign_id = fields.Many2one("marketing.campaign", required=True, ondelete="cascade")
    next_date = fields.Datetime(
        help="While more messages are due than may leave: when the next place is free, in UTC, as"
        " far as that is known."
    )

    _campaign = models.UniqueIndex("(campaign_id)")

    @api.model
    def _lock_of(self, campaign):
        """The row of a campaign, locked until the transaction ends; empty, if another transaction
        is at it."""
        self.env.flush_all()
        for statement in (
            SQL(
                "SELECT id FROM marketing_throttle WHERE campaign_id = %s"
                " FOR NO KEY UPDATE SKIP LOCKED",
                campaign.id,
            ),
            SQL(
                "INSERT INTO marketing_throttle (campaign_id) SELECT %(id)s WHERE NOT EXISTS"
                " (SELECT FROM marketing_throttle WHERE campaign_id = %(id)s)"
                " ON CONFLICT DO NOTHING RETURNING id",
                id=campaign.id,
            ),
        ):
            # Who is late is tried again: no error.
            self.env.cr.execute(statement, log_exceptions=False)
            if rows := self.env.cr.fetchall():
                return self.browse(rows[0])
        return self.browse()

    def _note(self, next_date):
        """Write the row, whether something changes or not: that keeps others from taking places
        without knowing of those that are taken now."""
        self.env.execute_query(
            SQL(
                "UPDATE marketing_throttle SET next_date = %s WHERE id = %s RETURNING id",
                next_date,
                self.id,
            )
        )
        self.invalidate_recordset(["next_date"])

    @api.model
    def _note_failures(self, trace_ids):
        """The messages of these traces do not leave: others may, where they wait for a place."""
        if self.env.execute_query(
            SQL(
                """
                SELECT FROM marketing_trace trace
                JOIN marketing_activity activity ON activity.id = trace.activity_id
                JOIN marketing_throttle throttle ON throttle.campaign_id = activity.campaign_id
                WHERE trace.id = ANY(%s) AND throttle.next_date IS NOT NULL
                LIMIT 1
                """,
                trace_ids,
            )
        ):
            self.env["marketing.campaign"]._wake_up()


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    hourly_limit = fields.Integer(
        "Messages an Hour",
        tracking=True,
        help="At most so many emails and text messages of this campaign go out within any 60"
        " minutes. 0: no limit.",
    )
    running_since = fields.Datetime(
        compute="_compute_running_since",
        store=True,
        help="When the campaign was started last; empty unless it runs.",
    )
    throttled_until = fields.Datetime(
        compute="_compute_throttled_until",
        help="While more messages are due than may leave within an hour: when the next one may.",
    )

    _check_hourly_limit = models.Constraint(
        "CHECK(hourly_limit >= 0)",
        "Messages an hour: enter 0 for no limit, or a positive number.",
    )

    @api.depends("state")
    def _compute_running_since(self):
        for campaign in self:
            since = campaign.running_since or fields.Datetime.now()
            campaign.running_since = campaign.state == "running" and since

    @api.depends("hourly_limit", "state")
    def _compute_throttled_until(self):
        limited = self.filtered(
            lambda campaign: campaign.hourly_limit and campaign.state == "running"
        )
        rows = self.env["marketing.throttle"].sudo().search([("campaign_id", "in", limited.ids)])
        dates = {row.campaign_id.id: row.next_date for row in rows}
        for campaign in self:
            campaign.throttled_until = dates.get(campaign._origin.id)

    def _adapt_to_limit(self):
        """The limit was changed: where more is queued by now than may leave, what no sender holds
        is taken back."""
        throttled = self.filtered("hourly_limit").filtered(
            lambda campaign: campaign._count_occupied()[0] > campaign.hourly_limit
        )
        if throttled:
            Trace = self.env["marketing.trace"]
            queued = SQL("campaign.id = ANY(%s) AND NOT trace.is_test", throttled.ids)
            Trace._schedule_again(Trace._lock_queued(queued))
        self._wake_up()

    def _take_places(self):
        """How many messages this transaction may queue, with the rest that waits for the next free
        place cancelled where its time is up.

        :return: their number, None where there is no limit; and how many are cancelled
        :rtype: tuple[int | None, int]
        """
        self.ensure_one()
        if not self.hourly_limit:
            return None, 0
        throttle = self.env["marketing.throttle"]._lock_of(self)
        if not throttle:
            # The other transaction looks at the same messages; should it not come to its end.
            self._wake_up(fields.Datetime.add(fields.Datetime.now(), minutes=1))
            return 0, 0
        occupied, next_date = self._count_occupied()
        free, canceled = max(self.hourly_limit - occupied, 0), 0
        if throttle.next_date or not free:
            canceled = self.marketing_activity_ids._cancel_throttled()
        throttle._note(None if free else next_date)
        if not free:
            self._wake_up(next_date)
        return free, canceled

    def _count_occupied(self):
        """How many places are occupied, and when the first of them is free, as far as is known:
        those of queued messages are for an hour at least.

        :rtype: tuple[int, datetime]
        """
        now = fields.Datetime.now()
        self.env.flush_all()
        [(queued, left, first)] = self.env.execute_query(
            SQL(
                """
                SELECT
                    (SELECT coalesce(sum(number), 0) FROM marketing_activity_figures
                        WHERE activity_id = ANY(%(ids)s) AND metric = 'queued'),
                    coalesce(sum(number), 0),
                    min(moment)
                FROM marketing_handover
                WHERE activity_id = ANY(%(ids)s) AND moment > %(since)s
                """,
                ids=self.all_activity_ids.ids,
                since=now - HOUR,
            )
        )
        return queued + left, (first or now) + HOUR


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _take_places(self):
        """As that of the campaign; there is no limit of what is no message."""
        if self._get_step_type().kind != "message":
            return None, 0
        return self.campaign_id._take_places()

    def _note_left(self, outcomes):
        """What a step of an addon sends without a queue has left, and occupies a place, too.

        :param list outcomes: of its run, tuples of the first values of an ``Outcome``
        """
        if self._get_step_type().kind != "message":
            return
        outcomes = [Outcome(*outcome) for outcome in outcomes]
        left = [one.trace_id for one in outcomes if one.state == PROCESSED and not one.is_queued]
        if left:
            self.env["marketing.handover"]._note(self.env["marketing.trace"].browse(left))

    def _cancel_throttled(self):
        """Cancel the messages of these activities that have waited for a place for too long: a
        week since they were due, or since the campaign was started, or until the step expires.

        :return: their number
        """
        number = 0
        for step in self.filtered(lambda step: step._get_step_type().kind == "message"):
            if is_over := step._waited_too_long_sql():
                condition = SQL(
                    "activity_id = %s AND is_test IS NOT TRUE AND state_reason IS NULL AND %s",
                    step.id,
                    is_over,
                )
                number += self.env["marketing.trace"]._cancel(condition, THROTTLED)
        return number

    def _waited_too_long_sql(self):
        """Whether the time of a due message is up, as a condition on its trace; None if that of
        none can be."""
        now, date = fields.Datetime.now(), SQL("schedule_date")
        if not self.validity_duration:
            long_ago = now - LONGEST_HOLD
            is_new = self.campaign_id.running_since > long_ago
            return None if is_new else SQL("schedule_date <= %s", long_ago)
        number, unit = self.validity_duration_number, SQL("%s", self.validity_duration_type)
        timezone = self.campaign_id._get_timezone()
        back = shift_sql(SQL("%s::timestamp", now), SQL("(-%s)", number), unit, timezone)
        return SQL(
            # The first by index, whatever is due.
            "schedule_date <= %s + %s AND %s < %s",
            back,
            SLACK,
            shift_sql(date, SQL("%s", number), unit, timezone),
            now,
        )


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    def _get_throttled_until(self):
        """Until when its message, which is due, waits for a free place; False where it does not."""
        until, date = self.campaign_id.throttled_until, self.schedule_date
        if not (until and date and date <= fields.Datetime.now()):
            return False
        return until if self.is_message and not self.is_test else False

    def _describe_throttle(self):
        return self.env._("The campaign has sent as many messages as it may within an hour")
