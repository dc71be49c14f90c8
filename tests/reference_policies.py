"""When messages may go out, in plain Python: sending hours, by everybody's own clock; and how many
an address gets.

A message that may not go out is held up, and asked again; its wait has an end.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .clocks import at_hour, off_clock, on_clock, shift, to_wall

LONGEST_HOLD = timedelta(days=7)
HOUR = timedelta(hours=1)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass(eq=False)
class Hours:
    """In which hours messages go out.

    :param windows: tuples of a day of the week, and from and to which hour
    :param holidays: from and to when it is closed
    :param by_recipient: whether by the clock of the recipient, or else of the responsible
    :param skips: whether what is due outside the hours does not go out at all
    """

    windows: list[tuple[int, float, float]]
    holidays: list[tuple[datetime, datetime]] = field(default_factory=list)
    by_recipient: bool = True
    skips: bool = False

    def find(self, moment, timezone):
        """The opening at a moment, or else the next one: from then on, and until when, in UTC;
        None if there is none within a year."""
        zone, found = ZoneInfo(timezone), None
        first = to_wall(moment, zone).date() - DAY
        for number in range(367):
            for wall in self._get_windows_of(first + number * DAY):
                begin, end = on_clock(wall[0], zone), off_clock(wall[1], zone)
                if end <= max(begin, moment):
                    continue
                if found and begin > found[1]:
                    return found
                found = (found[0] if found else max(begin, moment), end)
        return found

    def _get_windows_of(self, day):
        """By the wall clock, without holidays."""
        windows = [
            (at_hour(day, begin), at_hour(day, end))
            for weekday, begin, end in self.windows
            if weekday == day.weekday()
        ]
        for closed, opened in self.holidays:
            windows = [
                part
                for begin, end in windows
                for part in ((begin, min(end, closed)), (max(begin, opened), end))
                if part[0] < part[1]
            ]
        return sorted(windows)


@dataclass
class Cap:
    """How many messages an address gets.

    :param numbers: by kind of messages; 0 for any number
    :param days: in so many days
    :param skips: whether what is too much does not go out at all
    """

    numbers: dict[str, int]
    days: int = 7
    skips: bool = False


@dataclass(eq=False)
class Message:
    """What addresses get, of whomever.

    :param date: when it has left, None while it is queued
    """

    kind: str
    addresses: frozenset[str]
    date: datetime | None = None


class Gate:
    """What a message meets that is about to go out: a part of the reference model.

    ``hours`` are the sending hours of the campaign, None for any time; ``cap`` is that of all
    campaigns, ``messages`` are those that count; ``places`` is how many more messages may go out
    in this turn of an activity, None for any number.
    """

    hours = None
    cap = None
    is_transactional = False
    places = None

    def hold_up(self, trace, now):
        """Hold up a message that may not go out now, or cancel it. It takes one of the places that
        are free if it may.

        :return: whether it may not
        """
        end = trace.hold_end or self._get_hold_end(trace, now)
        # It may be late, and what its address has got may have left later than it was held up.
        last = end if trace.activity.expiry else end + HOUR
        if trace.hold_end and last < now:
            self._refuse(trace, trace.reason or "expired", now)
            return True
        reason, until = self._ask_hours(trace, now)
        if not reason and self.places == 0:
            return True  # and stays due
        if not reason:
            reason, until = self._ask_cap(trace, now)
        if not reason:
            self.places = self.places and self.places - 1
            return False
        limit = last if reason == "capped" else end
        if not until or (end <= now and until >= limit):
            self._refuse(trace, reason, now)
        else:
            trace.reason, trace.hold_end = reason, end
            trace.date = max(until if until <= limit else end, now + SECOND)
        return True

    def _get_hold_end(self, trace, now):
        expiry = trace.activity.expiry
        return shift(trace.date, expiry, self.timezone) if expiry else now + LONGEST_HOLD

    # ------------------------------------------------------------
    # Sending hours
    # ------------------------------------------------------------

    def _ask_hours(self, trace, now):
        """Why a message may not go out now, and when it is asked again; None if it never is."""
        if not self._has_hours(trace):
            return None, None
        opening = self._get_opening(trace, now)
        if opening and opening[0] <= now:
            return None, None
        return "hours", None if self.hours.skips else self._get_next_look(trace, now)

    def _has_hours(self, trace):
        return self.hours and trace.activity.keeps_hours

    def _get_opening(self, trace, now):
        record = trace.participant.record
        zone = self.zone_of(record) if self.hours.by_recipient else self.timezone
        return self.hours.find(now, zone)

    def _get_next_look(self, trace, now):
        if not self._has_hours(trace) or self.hours.skips:
            return now
        opening = self._get_opening(trace, now)
        return opening[0] if opening else datetime.max

    def get_closing(self, trace, now):
        """When the hours are over of a message that goes out now; None where it has none."""
        if not self._has_hours(trace):
            return None
        opening = self._get_opening(trace, now)
        return opening[1] if opening and opening[0] <= now else now

    def review_hours(self, now):
        """The hours may be others than they were when it was held up, or queued."""
        for trace in self.traces():
            if trace.activity in self.past:
                continue
            if trace.state == "scheduled" and trace.reason == "hours" and trace.date > now:
                trace.date = min(self._get_next_look(trace, now), trace.hold_end)
            elif trace.is_queued and trace.leaves_until != datetime.max:
                trace.leaves_until = self.get_closing(trace, now)

    # ------------------------------------------------------------
    # Frequency cap
    # ------------------------------------------------------------

    def _ask_cap(self, trace, now):
        """Whether one of the addresses has got too many, and when it may get one more."""
        kind = trace.activity.kind
        number = self.cap.numbers[kind] if self.cap else 0
        if not number or self.is_transactional:
            return None, None
        period, waits = timedelta(days=self.cap.days), []
        for address in trace.participant.record.addresses[kind]:
            # What is queued counts as if it left now; it may do so later.
            dates = sorted(
                message.date or now
                for message in self.messages
                if message.kind == kind and address in message.addresses
            )
            counted = [date for date in dates if date > now - period]
            if len(counted) >= number:
                waits.append(counted[-number] + period)
        if not waits:
            return None, None
        return "capped", None if self.cap.skips else max(waits)

    def count(self, trace):
        """Its message is queued."""
        kind = trace.activity.kind
        trace.message = Message(kind, trace.participant.record.addresses[kind])
        self.messages.append(trace.message)

    def count_not(self, trace):
        """Its message does not leave, or is not known any more."""
        if trace.message in self.messages:
            self.messages.remove(trace.message)

    def ask_capped_again(self, now):
        """The cap is another one."""
        for trace in self.traces():
            if trace.state == "scheduled" and trace.reason == "capped" and trace.date > now:
                trace.date = now


class Throttle:
    """So many messages an hour: a part of the reference model.

    ``hourly_limit`` is the number of places, 0 for any. Each message takes one while it is queued,
    and for an hour when it has left. ``is_short`` is whether there was none the last time.
    """

    hourly_limit = 0
    is_short = False

    def take_places(self, activity, now):
        """How many messages of an activity may go out now, None for any number. Where others wait,
        those are cancelled whose time is up."""
        if not self.hourly_limit or not activity.is_message:
            return None
        free = max(self.hourly_limit - self._count_occupied(now), 0)
        if self.is_short or not free:
            for trace in self._due(now):
                if self._has_waited_too_long(trace, now):
                    self._refuse(trace, "throttled", now)
        self.is_short = not free
        return free

    def set_limit(self, number, now):
        """Where more are queued by now than may leave, they are taken back."""
        self.hourly_limit = number
        if number and self._count_occupied(now) > number:
            self.take_back_queued()

    def _count_occupied(self, now):
        queued = [
            trace
            for trace in self.traces()
            if trace.activity.is_message and trace.state == "processed" and not trace.sent
        ]
        # Moments are noted in full seconds: nothing is too early.
        return len(queued) + sum(moment >= now - HOUR for moment in self.departures)

    def _has_waited_too_long(self, trace, now):
        """For a place; a week, since it was due, or since the campaign runs."""
        activity = trace.activity
        if trace.reason or not activity.is_message or activity in self.past:
            return False
        if activity.expiry:
            return shift(trace.date, activity.expiry, self.timezone) < now
        return max(trace.date, self.running_since) <= now - LONGEST_HOLD
