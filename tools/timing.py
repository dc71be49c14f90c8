"""Calendar arithmetic in SQL.

A moment that a clock skips (2:30 as summer time begins) is as much later (3:30); of one that it
shows twice, the second counts: nothing is ever too early. That is PostgreSQL's rule.
"""

from odoo.tools import SQL

# Function in the database, see ``models/campaign/responsible.py``.
KNOWN_TIMEZONE = SQL.identifier("marketing_known_timezone")


def shift_sql(date, number, unit, timezone):
    """Move a UTC date on by a number of units, as SQL.

    Minutes and hours are just that. Days, weeks and months are steps of the calendar in the given
    time zone: 9:00 stays 9:00 across a change of daylight saving time, and one
    month after 31 January is the end of February. No step at all is no change, in the
    hour that a clock shows twice, too.

    :param SQL date: timestamp without time zone, in UTC
    :param SQL number: whole number of units; back, where it is negative
    :param SQL unit: one of minutes, hours, days, weeks, months
    :param timezone: name in the tz database, as text or SQL; one that PostgreSQL does not know
        stands for UTC
    """
    return SQL(
        """CASE
            WHEN %(unit)s = 'minutes' THEN %(date)s + make_interval(mins => %(number)s)
            WHEN %(unit)s = 'hours' OR %(number)s = 0
                THEN %(date)s + make_interval(hours => %(number)s)
            ELSE timezone('UTC', timezone(%(timezone)s,
                timezone(%(timezone)s, timezone('UTC', %(date)s)) + %(step)s))
        END""",
        date=date,
        number=number,
        unit=unit,
        step=_calendar_step_sql(number, unit),
        timezone=known_timezone_sql(timezone),
    )


def shift_to_time_sql(date, number, unit, hours, timezone):
    """Move a UTC date on by a number of units, to a time of the day that is reached, as SQL.

    Never before the date: 0 days on at 9:00 is tomorrow where it is past 9:00.

    :param SQL hours: hours since midnight, such as 9.5, for days, weeks and months only; 0 for no
        fixed time
    :param others: see :func:`shift_sql`
    """
    return SQL(
        """CASE
            WHEN coalesce(%(hours)s, 0) = 0 THEN %(shifted)s
            ELSE (
                SELECT min(moment)
                FROM generate_series(0, 1) AS day,
                    timezone('UTC', timezone(%(timezone)s,
                        date_trunc('day', timezone(%(timezone)s, timezone('UTC', %(date)s)))
                            + %(step)s
                            + make_interval(days => day, mins => round(%(hours)s * 60)::int)
                    )) AS moment
                WHERE moment >= %(date)s
            )
        END""",
        date=date,
        hours=hours,
        shifted=shift_sql(date, number, unit, timezone),
        step=_calendar_step_sql(number, unit),
        timezone=known_timezone_sql(timezone),
    )


def _calendar_step_sql(number, unit):
    """A number of days, weeks or months as an interval."""
    return SQL(
        """CASE %(unit)s
            WHEN 'days' THEN make_interval(days => %(number)s)
            WHEN 'weeks' THEN make_interval(weeks => %(number)s)
            ELSE make_interval(months => %(number)s)
        END""",
        number=number,
        unit=unit,
    )


def at_time_sql(date, hours, timezone):
    """The same day at a time of day, in the given time zone.

    :param SQL date: timestamp without time zone, in UTC
    :param SQL hours: hours since midnight, such as 9.5; 0 leaves the time as it is
    :param timezone: see :func:`shift_sql`
    """
    return SQL(
        """CASE
            WHEN coalesce(%(hours)s, 0) = 0 THEN %(date)s
            ELSE timezone('UTC', timezone(%(timezone)s, %(local)s))
        END""",
        date=date,
        hours=hours,
        timezone=known_timezone_sql(timezone),
        local=_set_time_sql(
            SQL("timezone(%s, timezone('UTC', %s))", known_timezone_sql(timezone), date), hours
        ),
    )


def moment_sql(date, number, unit, hours, timezone, is_day=False):
    """The moment that a date stands for: moved on by a number of units, then set to a time of day.

    The calendar is not left on the way: one day before 31 December is the 30th, be it that the
    clock skips all of it. Minutes and hours are counted as time passes.

    :param SQL date: timestamp without time zone, in UTC; or a date, which begins at 0:00
    :param SQL number: see :func:`shift_sql`
    :param SQL unit: see :func:`shift_sql`
    :param SQL hours: see :func:`at_time_sql`
    :param timezone: see :func:`shift_sql`
    :param bool is_day: whether ``date`` is a date
    """
    name = known_timezone_sql(timezone)
    local = SQL("timezone(%s, timezone('UTC', %s))", name, date)
    keeps_moment = SQL("%s = 0", number)
    if is_day:
        local, keeps_moment = SQL("%s::timestamp", date), SQL("FALSE")
        date = SQL("timezone('UTC', timezone(%s, %s))", name, local)
    return SQL(
        """CASE
            WHEN %(unit)s IN ('minutes', 'hours') OR %(keeps_moment)s THEN %(timed)s
            ELSE timezone('UTC', timezone(%(name)s, %(day)s))
        END""",
        unit=unit,
        keeps_moment=keeps_moment,
        timed=at_time_sql(shift_sql(date, number, unit, timezone), hours, timezone),
        name=name,
        day=_set_time_sql(SQL("%s + %s", local, _calendar_step_sql(number, unit)), hours),
    )


def next_weekday_sql(date, weekday, hours, timezone):
    """The first moment behind a date that is on a day of the week, at a time of day, in the
    given time zone.

    :param SQL date: timestamp without time zone, in UTC
    :param SQL weekday: text of 0 (Monday) to 6; NULL for any day
    :param SQL hours: hours since midnight, such as 9.5
    :param timezone: see :func:`shift_sql`
    """
    return SQL(
        """(
            SELECT min(moment)
            FROM generate_series(0, 8) AS day,
                timezone(%(timezone)s, timezone('UTC', %(date)s)) AS local,
                timezone('UTC', timezone(%(timezone)s,
                    date_trunc('day', local) + make_interval(
                        days => day, mins => round(coalesce(%(hours)s, 0) * 60)::int
                    )
                )) AS moment
            WHERE moment > %(date)s AND (
                %(weekday)s IS NULL
                OR extract(isodow FROM date_trunc('day', local) + make_interval(days => day))
                    = %(weekday)s::int + 1
            )
        )""",
        date=date,
        weekday=weekday,
        hours=hours,
        timezone=known_timezone_sql(timezone),
    )


def known_timezone_sql(timezone):
    """The name of a time zone if PostgreSQL knows it, else UTC."""
    return SQL("%s(%s)", KNOWN_TIMEZONE, timezone)


def _set_time_sql(local, hours):
    """What a clock shows, on the same day at a time of day; 0 leaves the time as it is."""
    return SQL(
        """CASE
            WHEN coalesce(%(hours)s, 0) = 0 THEN %(local)s
            ELSE date_trunc('day', %(local)s) + make_interval(mins => round(%(hours)s * 60)::int)
        END""",
        local=local,
        hours=hours,
    )
