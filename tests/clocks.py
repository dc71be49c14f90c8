"""What clocks on walls show, and moments counted by them, in plain Python: for the reference model.

Moments are naive datetimes in UTC, as Odoo stores them.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta


def shift(moment, delay, timezone):
    """Move a moment on by a delay such as ``(2, "days")``.

    Hours are hours. Days, weeks and months are steps of the calendar in the time zone:
    the clock on the wall shows the same time, the last day of a month stays the last.
    Nothing is early: of two moments with the same local time the later one counts, and
    a local time that does not exist is the one that the clock shows instead of it.
    """
    number, unit = delay
    if not number:
        return moment
    if unit in ("minutes", "hours"):
        return moment + timedelta(**{unit: number})
    zone = ZoneInfo(timezone)
    return on_clock(to_wall(moment, zone) + relativedelta(**{unit: number}), zone)


def shift_to_time(moment, delay, hour, timezone):
    """The same, at a time of the day that is reached; of the next day, where that is past
    already. 0 for no fixed time; minutes and hours have none."""
    number, unit = delay
    if not hour or unit in ("minutes", "hours"):
        return shift(moment, delay, timezone)
    zone = ZoneInfo(timezone)
    day = to_wall(moment, zone).date() + relativedelta(**{unit: number})
    if (due := on_clock(at_hour(day, hour), zone)) >= moment:
        return due
    return on_clock(at_hour(day + timedelta(days=1), hour), zone)


def to_wall(moment, zone):
    """What the clock on the wall of a time zone shows at a moment in UTC."""
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def at_time(moment, hour, timezone):
    """The same day at a time of day; 0 for no fixed time."""
    if not hour:
        return moment
    zone = ZoneInfo(timezone)
    return on_clock(at_hour(to_wall(moment, zone).date(), hour), zone)


def get_moment(value, offset, hour, timezone):
    """The moment that a date, or a moment, stands for: so long after, or before, it, at a time of
    day; None if it is empty. The calendar is not left on the way: one day before 31 December is
    the 30th, be it that the clock skips all of it."""
    number, unit = offset
    zone = ZoneInfo(timezone)
    is_day = not isinstance(value, datetime)
    if not value:
        return None
    if unit in ("minutes", "hours") or not (number or is_day):
        value = on_clock(at_hour(value, 0), zone) if is_day else value
        return at_time(shift(value, offset, timezone), hour, timezone)
    wall = at_hour(value, 0) if is_day else to_wall(value, zone)
    wall += relativedelta(**{unit: number})
    return on_clock(at_hour(wall.date(), hour) if hour else wall, zone)


def next_weekday(moment, weekday, hour, timezone):
    """The first moment behind another that is on a day of the week, None for any, at a time."""
    zone = ZoneInfo(timezone)
    today = to_wall(moment, zone).date()
    days = [today + timedelta(days=number) for number in range(9)]
    moments = [
        on_clock(at_hour(day, hour), zone) for day in days if weekday in (None, day.weekday())
    ]
    return min(other for other in moments if other > moment)


def at_hour(day, hour):
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)


def on_clock(wall, zone):
    """The moment, in UTC, at which the clock on the wall of a time zone shows a time."""
    readings = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(readings).replace(tzinfo=None)


def off_clock(wall, zone):
    """The first moment at which the clock shows a time; as much before it, where it is skipped."""
    readings = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(readings).replace(tzinfo=None)
