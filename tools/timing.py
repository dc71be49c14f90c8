"""Calendar arithmetic in SQL."""

from odoo.tools import SQL

# Function in the database, see ``models/campaign/responsible.py``.
KNOWN_TIMEZONE = SQL.identifier("marketing_known_timezone")


def shift_sql(date, number, unit, timezone):
    """Move a UTC date on by a number of units, as SQL.

    Hours are hours. Days, weeks and months are steps of the calendar in the given
    time zone: 9:00 stays 9:00 across a change of daylight saving time, and one
    month after 31 January is the end of February. No step at all is no change, in the
    hour that a clock shows twice, too.

    :param SQL date: timestamp without time zone, in UTC
    :param SQL number: whole number of units
    :param SQL unit: one of hours, days, weeks, months
    :param timezone: name in the tz database, as text or SQL; one that PostgreSQL does not know
        stands for UTC
    """
    return SQL(
        """CASE
            WHEN %(unit)s = 'hours' OR %(number)s = 0
                THEN %(date)s + make_interval(hours => %(number)s)
            ELSE timezone('UTC', timezone(%(timezone)s,
                timezone(%(timezone)s, timezone('UTC', %(date)s)) + CASE %(unit)s
                    WHEN 'days' THEN make_interval(days => %(number)s)
                    WHEN 'weeks' THEN make_interval(weeks => %(number)s)
                    ELSE make_interval(months => %(number)s)
                END))
        END""",
        date=date,
        number=number,
        unit=unit,
        timezone=known_timezone_sql(timezone),
    )


def known_timezone_sql(timezone):
    """The name of a time zone if PostgreSQL knows it, else UTC."""
    return SQL("%s(%s)", KNOWN_TIMEZONE, timezone)
