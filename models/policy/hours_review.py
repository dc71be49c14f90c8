"""Sending hours are others while messages wait for them, or are queued: since a schedule, a
holiday, a setting, or the time zone of a record has changed.

One query over what waits says whether anything has; only then it is written.
"""

from odoo import fields, models
from odoo.tools import SQL

from ...tools.openings import AT_ANY_TIME
from ...tools.queues import QUEUES
from ...tools.states import OUTSIDE_HOURS, SCHEDULED


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    # What waits for its sending hours.
    _outside_hours = models.Index(
        "(activity_id, res_id) WHERE state = 'scheduled' AND state_reason = 'hours'"
    )


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _filtered_bound_to_hours(self):
        """Those of these steps with messages that wait for sending hours, or are queued and have
        to leave in them, or had to."""
        queued = SQL(" OR ").join(
            SQL(
                "EXISTS (SELECT FROM %s queue WHERE queue.mailing_id = activity.mass_mailing_id"
                " AND queue.state = 'outgoing' AND (campaign.sending_calendar_id IS NOT NULL"
                " OR queue.marketing_send_until IS NOT NULL))",
                SQL.identifier(self.env[queue.model]._table),
            )
            for queue in QUEUES
        )
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.id
                FROM marketing_activity activity
                JOIN marketing_campaign campaign ON campaign.id = activity.campaign_id
                WHERE activity.id = ANY(%s) AND (%s OR EXISTS (
                    SELECT FROM marketing_trace trace
                    WHERE trace.activity_id = activity.id AND %s
                ))
                """,
                self.ids,
                queued,
                self._outside_hours_sql(),
            )
        )
        return self.browse(activity_id for (activity_id,) in rows)

    def _review_hours(self):
        """Bring what waits at this step, and what it has queued, in line with its sending hours."""
        self.ensure_one()
        campaign = self.campaign_id.with_context(lang=self.campaign_id.user_id.lang)
        self.campaign_id._notify_problems(campaign._get_hours_problems())
        self._review_held()
        for queue in QUEUES:
            self._review_queued(queue)

    def _review_held(self):
        """What waits is asked again when its hours begin, or at once where it need not wait."""
        now = fields.Datetime.now()
        held = SQL(
            "FROM marketing_trace trace %s WHERE trace.activity_id = %s AND %s"
            " AND trace.schedule_date > %s",
            self._zone_join_sql(),
            self.id,
            self._outside_hours_sql(),
            now,
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT %s, schedule_date, schedule_date = hold_end %s",
                self._zone_sql(),
                held,
            )
        )
        dates = self._get_next_looks({zone for zone, *_date in rows}, now)
        # What is cancelled before its hours begin waits for that.
        if all(
            dates[zone] == date or (is_end and dates[zone] > date) for zone, date, is_end in rows
        ):
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace
                SET schedule_date = held.date, write_date = %(now)s
                FROM (
                    SELECT trace.id, least(look.date, trace.hold_end) AS date
                    FROM (SELECT trace.id, trace.hold_end, %(zone)s AS zone %(held)s) AS trace
                    JOIN unnest(%(zones)s, %(dates)s::timestamp[]) AS look (zone, date)
                        ON look.zone = trace.zone
                ) AS held
                WHERE marketing_trace.id = held.id AND schedule_date != held.date
                RETURNING marketing_trace.id
                """,
                zone=self._zone_sql(),
                held=held,
                zones=list(dates),
                dates=list(dates.values()),
                now=now,
            )
        )
        self.env["marketing.trace"].invalidate_model(["schedule_date", "write_date"])

    def _get_next_looks(self, zones, now):
        """When a message that waits is asked again, by the time zone of its recipient; whatever is
        not to wait, now.

        :rtype: dict[str, datetime]
        """
        if not self._keeps_to_hours() or self.campaign_id.outside_hours == "skip":
            return dict.fromkeys(zones, now)
        hours = self.campaign_id._get_openings()
        openings = {zone: hours.find(now, zone) for zone in zones}
        return {
            zone: opening.begin if opening else AT_ANY_TIME for zone, opening in openings.items()
        }

    def _review_queued(self, queue):
        """What is queued leaves until its hours are over, by what they are now.

        Of what a sender holds at this moment it is said the next time.
        """
        now = fields.Datetime.now()
        queued = SQL(
            """
            FROM %s queue
            JOIN mailing_trace message ON %s = queue.id
            JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                AND trace.activity_id = %s AND trace.is_test IS NOT TRUE
            %s
            WHERE queue.mailing_id = %s AND queue.state = 'outgoing'
                AND queue.marketing_send_until IS DISTINCT FROM %s
            """,
            SQL.identifier(self.env[queue.model]._table),
            SQL.identifier("message", queue.link),
            self.id,
            self._zone_join_sql(),
            self.mass_mailing_id.id,
            AT_ANY_TIME,
        )
        rows = self.env.execute_query(
            SQL("SELECT DISTINCT %s, queue.marketing_send_until %s", self._zone_sql(), queued)
        )
        closings = self._get_closings({zone for zone, _closing in rows}, now)
        if all(closing == closings[zone] for zone, closing in rows):
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE %(table)s
                SET marketing_send_until = closing.date
                FROM (
                    SELECT queue.id, %(zone)s AS zone %(queued)s
                    FOR NO KEY UPDATE OF queue SKIP LOCKED
                ) AS queued
                JOIN unnest(%(zones)s, %(dates)s::timestamp[]) AS closing (zone, date)
                    ON closing.zone = queued.zone
                WHERE %(table)s.id = queued.id
                    AND marketing_send_until IS DISTINCT FROM closing.date
                RETURNING %(table)s.id
                """,
                table=SQL.identifier(self.env[queue.model]._table),
                zone=self._zone_sql(),
                queued=queued,
                zones=list(closings),
                dates=list(closings.values()),
            )
        )
        self.env[queue.model].invalidate_model(["marketing_send_until"])

    def _get_closings(self, zones, now):
        """Until when a queued message may leave, by the time zone of its recipient; None: at any
        time.

        :rtype: dict[str, datetime | None]
        """
        if not self._keeps_to_hours():
            return dict.fromkeys(zones)
        hours = self.campaign_id._get_openings()
        openings = {zone: hours.find(now, zone) for zone in zones}
        return {
            zone: opening.end if opening and opening.begin <= now else now
            for zone, opening in openings.items()
        }

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _outside_hours_sql(self):
        """Whether ``trace`` waits for sending hours."""
        return SQL("trace.state = %s AND trace.state_reason = %s", SCHEDULED, OUTSIDE_HOURS)

    def _zone_sql(self):
        """By whose clock the hours of ``trace`` go, see :meth:`_zone_join_sql`."""
        zone = SQL("%s::text", self.campaign_id._get_timezone())
        if self.campaign_id.sending_timezone != "recipient":
            return zone
        return SQL("coalesce(record.zone, %s)", zone)

    def _zone_join_sql(self):
        """``JOIN`` of the record of ``trace``."""
        if self.campaign_id.sending_timezone != "recipient":
            return SQL()
        records = self.campaign_id._sending_zones_sql([])
        return SQL("LEFT JOIN (%s) AS record ON record.id = trace.res_id", records)
