"""What may not go out yet is held: before a batch of messages is composed, each policy is asked.

A message that is held stays scheduled, for the next moment at which it may go out as far as is
known, with the reason. It is asked again then; when its time is up it is cancelled, with the
reason. Tests, and what somebody executes by hand, are not held.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL, format_datetime

from ...tools.states import CANCELED, CAPPED, EXPIRED, OUTSIDE_HOURS, SCHEDULED

# How long a message waits whose step does not expire.
LONGEST_HOLD = timedelta(days=7)
# So much later it may go out yet: the job is late, or what its address has got has left a little
# later than this one was held.
GRACE = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class Hold(NamedTuple):
    """Why a message may not go out now.

    :param reason: one of ``tools.states.REASONS``; None: it is only looked at a moment later
    :param until: when it is asked again, in UTC; None: it is skipped
    """

    reason: str | None
    until: datetime | None

    def is_over(self, end, last, now):
        """Whether the message never goes out.

        :param datetime end: until when it waits, in UTC
        :param datetime last: until when it may go out yet
        :param datetime now: the present moment
        """
        if self.until is None:
            return True
        return bool(self.reason) and end <= now and self.until >= self._get_limit(end, last)

    def get_next_look(self, end, last):
        """When the message is asked again."""
        return self.until if self.until <= self._get_limit(end, last) else end

    def _get_limit(self, end, last):
        return last if self.reason == CAPPED else end


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _pass_gate(self, claims, places=None):
        """Hold those of these claimed traces whose message may not go out now.

        :param list claims: due, and matching the filter
        :param int places: how many may go out; None: all
        :return: those that may go out, and the outcomes of those that never will
        :rtype: tuple[list, list]
        """
        if not claims or self._get_step_type().kind != "message":
            return claims, []
        now = fields.Datetime.now()
        grace = self._get_grace()
        ends = {claim.trace_id: (claim.end, claim.end + grace) for claim in claims}
        # One without a reason has been in the queue meanwhile, and was taken back.
        holds = {
            claim.trace_id: Hold(claim.held or EXPIRED[1], None)
            for claim in claims
            if ends[claim.trace_id][1] < now
        }
        openings = self._find_openings(claims, now)
        closings = {trace_id: opening.end for trace_id, opening in openings.items() if opening}
        for find_holds in (
            partial(self._find_outside_hours, openings),
            partial(self._find_capped, places),
        ):
            if asked := [claim for claim in claims if claim.trace_id not in holds]:
                holds |= find_holds(asked, now)
        over = {trace_id for trace_id, hold in holds.items() if hold.is_over(*ends[trace_id], now)}
        self.env["marketing.trace"]._hold(
            [
                (
                    trace_id,
                    hold.reason,
                    max(hold.get_next_look(*ends[trace_id]), now + SECOND),
                    ends[trace_id][0],
                )
                for trace_id, hold in holds.items()
                if trace_id not in over
            ]
        )
        ready = [
            claim._replace(send_until=closings.get(claim.trace_id))
            for claim in claims
            if claim.trace_id not in holds
        ]
        return ready[:places], [(trace_id, CANCELED, holds[trace_id].reason) for trace_id in over]

    def _get_grace(self):
        """How long a message that is held may go out yet when its time is up. That of a step that
        expires is worth nothing then."""
        return timedelta() if self.validity_duration else GRACE

    def _hold_end_sql(self):
        """Until when the message of ``trace`` waits at most."""
        end = self._expiry_sql() if self.validity_duration else fields.Datetime.now() + LONGEST_HOLD
        return SQL("coalesce(trace.hold_end, %s)", end)


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    def _is_held(self):
        """Whether its message may not go out yet."""
        return bool(self.state == SCHEDULED and self.hold_end and self.state_reason)

    def _describe_hold(self):
        """For what a message waits, in a sentence."""
        if self.state_reason == OUTSIDE_HOURS:
            return self._describe_wait_for_hours()
        return self._describe_cap() if self.state_reason == CAPPED else ""

    def _describe_hold_end(self):
        """Until when its message waits at most, by the reader's clock."""
        return format_datetime(self.env, self.hold_end, dt_format="d MMMM H:mm")

    def _hold(self, holds):
        """Have these traces asked again later.

        :param list holds: tuples of the id, the reason, when it is asked again, and until when it
            waits at most
        """
        if not holds:
            return
        ids, reasons, dates, ends = (list(column) for column in zip(*holds, strict=True))
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace trace
                SET schedule_date = hold.date, state_reason = coalesce(hold.reason, state_reason),
                    hold_end = CASE WHEN hold.reason IS NULL THEN hold_end ELSE hold.end END,
                    write_date = %s
                FROM unnest(%s, %s::varchar[], %s::timestamp[], %s::timestamp[])
                    AS hold (id, reason, date, "end")
                WHERE trace.id = hold.id AND trace.state = %s
                RETURNING trace.id
                """,
                fields.Datetime.now(),
                ids,
                reasons,
                dates,
                ends,
                SCHEDULED,
            )
        )
        self.invalidate_model(["schedule_date", "state_reason", "hold_end", "write_date"])
