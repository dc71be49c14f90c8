"""When messages may leave: the weekly hours of a working schedule, minus its holidays, by the wall
clock of whoever gets them.

The hours are the same for all by their own clocks, and are brought to UTC zone by zone. An opening
whose beginning the clock skips begins as much later; one whose beginning it shows twice, with the
second. It ends where the clock skips its end, and with the first of two moments that show it,
unless it has begun after that. So nothing is ever too early, nor too late.
"""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
FORTNIGHT = 14
# How far an opening is looked for: hours without any in a year have none.
MOST_DAYS = 366
# Until when a message may leave that does not keep to any hours.
AT_ANY_TIME = datetime(9999, 12, 31)
# When an opening ends that lasts longer is not looked for.
LONGEST = timedelta(days=8)


class Opening(NamedTuple):
    """Messages may leave from ``begin`` on, until right before ``end``; both in UTC.

    :param end: None, if that is more than a week ahead
    """

    begin: datetime
    end: datetime | None


class Openings:
    """The hours of a schedule.

    >>> hours = Openings([(day, 9, 17.5) for day in range(FORTNIGHT)])
    >>> hours.find(datetime(2026, 3, 28, 18), "Europe/Brussels").begin
    datetime.datetime(2026, 3, 29, 7, 0)
    """

    def __init__(self, attendances, closings=()):
        """
        :param attendances: tuples of a day (0 is the Monday of a first week, 13 the Sunday of a
            second one, see :func:`get_place`) and of the hours since midnight between which it is
            open
        :param closings: pairs of datetimes by the wall clock, between which it is closed; minutes
            that these cut are closed as a whole
        """
        days = [[] for _day in range(FORTNIGHT)]
        for day, hour_from, hour_to in attendances:
            days[day].append((_to_minutes(hour_from), _to_minutes(hour_to)))
        self.days = tuple(tuple(_merge(windows)) for windows in days)
        self.closings = tuple(_merge((_floor(begin), _ceil(end)) for begin, end in closings))
        self._known = {}

    def find(self, moment, timezone):
        """The opening at a moment, from then on, or else the next one.

        :param datetime moment: in UTC
        :param str timezone: name in the tz database; of an unknown one, UTC
        :return: None if there is none within a year
        :rtype: Opening | None
        """
        zone = get_zone(timezone)
        found = None
        for window in self._get_windows(to_local(moment, zone).date() - DAY):
            begin, end = _to_utc(window, zone)
            if end <= max(begin, moment):
                continue  # it is over, or the clock skips it
            if found and begin > found.end:
                break
            found = Opening(found.begin if found else max(begin, moment), end)
            if end - moment > LONGEST:
                return found._replace(end=None)
        return found

    def get_week(self, week):
        """The hours of each day of a week as people say them: what goes on at midnight belongs to
        the day on which it begins.

        >>> night = Openings([(0, 22, 24), (1, 0, 6), (8, 9, 17)])
        >>> [[(begin / 60, end / 60) for begin, end in day] for day in night.get_week(0)][:2]
        [[(22.0, 6.0)], []]

        :param int week: 0 for the first, 1 for the second
        :return: for each day, pairs of minutes since midnight
        :rtype: list[tuple]
        """
        return [tuple(self._get_hours_of(day)) for day in range(7 * week, 7 * week + 7)]

    def _get_hours_of(self, place):
        before, windows, after = (self.days[(place + step) % FORTNIGHT] for step in (-1, 0, 1))
        for begin, end in windows:
            if begin == 0 and before and _is_night(before[-1], (begin, end)):
                continue
            if after and _is_night((begin, end), after[0]):
                end = after[0][1]
            yield begin, end

    def get_holidays(self):
        """The holidays on which it would be open.

        :return: pairs of datetimes by the wall clock
        :rtype: list[tuple]
        """
        return [
            closing
            for closing in self.closings
            if any(
                window[0] < closing[1] and window[1] > closing[0]
                for number in range((closing[1] - closing[0]).days + 1)
                for window in self._get_weekly_windows(closing[0].date() + number * DAY)
            )
        ]

    def _get_windows(self, first_day):
        """The openings by the wall clock from a day on, for a year; adjacent ones as one, up to
        the longest."""
        current = None
        for number in range(MOST_DAYS):
            for begin, end in self._get_windows_of(first_day + number * DAY):
                if current and begin == current[1] and end - current[0] <= LONGEST:
                    current = current[0], end
                    continue
                if current:
                    yield current
                current = begin, end
        if current:
            yield current

    def _get_windows_of(self, day):
        if day not in self._known:
            windows = self._get_weekly_windows(day)
            for closing in self.closings:
                windows = [part for window in windows for part in _subtract(window, closing)]
            self._known[day] = windows
        return self._known[day]

    def _get_weekly_windows(self, day):
        """Those of a day, as if it were no holiday."""
        midnight = datetime.combine(day, time())
        return [
            (midnight + begin * MINUTE, midnight + end * MINUTE)
            for begin, end in self.days[get_place(day)]
        ]


def get_place(day):
    """Where a day is in its fortnight, as Odoo counts weeks.

    >>> get_place(datetime(2026, 3, 30)), get_place(datetime(2026, 4, 6))
    (0, 7)
    """
    return (day.toordinal() - 1) % FORTNIGHT


@cache
def get_zone(name):
    """A time zone by its name; UTC where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return ZoneInfo("UTC")


def _is_night(evening, morning):
    """Whether two windows, of a day and of the next one, are one, and shorter than a day."""
    return evening[1] == 24 * 60 and morning[0] == 0 and morning[1] < evening[0]


def _merge(windows):
    """Windows in their order, without empty ones; those that touch or overlap as one."""
    merged = []
    for begin, end in sorted(window for window in windows if window[0] < window[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


def _subtract(window, closing):
    """What is left of a window."""
    parts = (window[0], min(window[1], closing[0])), (max(window[0], closing[1]), window[1])
    return [part for part in parts if part[0] < part[1]]


def _to_minutes(hours):
    return round(hours * 60)


def _floor(moment):
    return moment.replace(second=0, microsecond=0)


def _ceil(moment):
    return _floor(moment + MINUTE - datetime.resolution)


def to_local(moment, zone):
    """What a clock of a zone shows at a moment in UTC."""
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _to_utc(window, zone):
    """A window by the wall clock in UTC; it ends before it begins where the clock skips it."""
    begin = _get_readings(window[0], zone)[1]
    first, second = _get_readings(window[1], zone)
    if to_local(second, zone) != window[1]:
        return begin, _get_change(first, second, zone)
    return begin, first if first > begin else second


def _get_readings(local, zone):
    """The first and the second moment at which a clock shows a time; of one that it skips, as much
    before the skip and behind it."""
    moments = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return sorted(moment.replace(tzinfo=None) for moment in moments)


def _get_change(before, after, zone):
    """The moment in ``(before, after]`` at which a clock is set.

    >>> _get_change(datetime(2026, 3, 29), datetime(2026, 3, 29, 3), get_zone("Europe/Brussels"))
    datetime.datetime(2026, 3, 29, 1, 0)
    """
    offset = to_local(before, zone) - before
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if to_local(middle, zone) - middle == offset:
            before = middle
        else:
            after = middle
    return after
