"""Moments that are counted from a date of a record, such as “7 days before each birthday, at 9:00”.

The date is shifted in the calendar of the record's time zone, set to the time of day, and only
then brought to UTC, by the rule of :mod:`timing` for what a clock skips or shows twice. Months end
where the month ends; 29 February counts as 28 in other years.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL, groupby

from .sets import to_array
from .timing import known_timezone_sql

# How long a date comes back each year.
MOST_YEARS = 200
# How far clocks have been from UTC since 1900; and before, when each place had its own time, less
# than a day.
WEST, EAST = timedelta(hours=12), timedelta(hours=14)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Occurrences:
    """Which moments a date stands for.

    Hours are counted as time passes, and have no time of day. A date without a time begins
    at 0:00.
    """

    has_time: bool  # a datetime in UTC, not a date
    number: int = 0  # before the date, where it is negative
    unit: str = "days"  # hours, days, weeks, months
    is_yearly: bool = False  # each year from the date itself on
    hours: float = 0  # time of day, hours since midnight; 0 for no fixed time

    @property
    def time_of_day(self):
        """None where it is not fixed."""
        if self.unit == "hours" or not self.hours:
            return None
        return timedelta(minutes=round(self.hours * 60))

    def may_be_sql(self, column, begin, end):
        """Whether a column may hold a date with a moment in ``(begin, end]``, in any time zone.

        A plain index of the column answers it; without one it is one look at each row.

        :param SQL column: of type date, or timestamp without time zone
        :param datetime begin: in UTC
        :param datetime end: in UTC, at most some months later
        """
        days = sorted(self._get_values(begin, end))
        if len(days) > 1 and not self.has_time:
            # PostgreSQL hashes the days.
            return SQL("%s = ANY(%s::date[])", column, to_array(days))
        ranges = [(group[0], group[-1] + DAY) for group in _split_consecutive(days)]
        conditions = [
            SQL("(%s >= %s AND %s < %s)", column, first, column, last) for first, last in ranges
        ]
        if len(conditions) < 2:
            return conditions[0] if conditions else SQL("FALSE")
        return SQL(
            "(%s::date = ANY(%s::date[]) AND (%s))",
            column,
            to_array(days),
            SQL(" OR ").join(conditions),
        )

    def moments_sql(self, records, begin, end):
        """The moments in ``(begin, end]`` as ``SELECT id, moment``. A part of a second counts as
        one, so that none is too early. They are worked out once for all records with a date; and
        once only (``OFFSET 0``), not for each comparison.

        :param SQL records: ``SELECT ids, date, timezone`` of records whose date may have one, see
            :meth:`may_be_sql`
        :param datetime begin: in UTC
        :param datetime end: in UTC
        """
        years = {day.year for day in self._get_bases(begin, end)} or {begin.year}
        local = SQL("value")
        if self.has_time:
            local = SQL("timezone(zone.name, timezone('UTC', value))")
        return SQL(
            """
            WITH record AS MATERIALIZED (%(records)s),
            zone AS MATERIALIZED (
                SELECT timezone, %(name)s AS name
                FROM (SELECT DISTINCT timezone FROM record) AS distinct_zone
            )
            SELECT unnest(record.ids) AS id, shifted.moment
            FROM record
            JOIN zone ON zone.timezone = record.timezone
            CROSS JOIN LATERAL (
                SELECT value, %(local)s AS local
                FROM date_trunc('second', record.date + interval '999999 microseconds') AS value
            ) AS base
            CROSS JOIN LATERAL (%(numbers)s) AS year (number)
            CROSS JOIN LATERAL (SELECT %(moment)s AS moment OFFSET 0) AS shifted
            WHERE shifted.moment > %(begin)s AND shifted.moment <= %(end)s
            """,
            records=records,
            name=known_timezone_sql(SQL("timezone")),
            local=local,
            numbers=_years_sql(min(years), max(years)) if self.is_yearly else SQL("SELECT 0"),
            moment=self._moment_sql(),
            begin=begin,
            end=end,
        )

    def _moment_sql(self):
        """The moment of ``base.value``, which is ``base.local`` in the zone ``zone.name``, as
        many years later as ``year.number`` says."""
        later = SQL("make_interval(hours => %s)", self.number if self.unit == "hours" else 0)
        local = SQL("(base.local + make_interval(years => year.number))")
        if self.unit != "hours":
            local = SQL("(%s + %s)", local, SQL(f"make_interval({self.unit} => %s)", self.number))
        if self.time_of_day is not None:
            local = SQL("(date_trunc('day', %s) + %s)", local, self.time_of_day)
        moment = SQL("timezone('UTC', timezone(zone.name, %s)) + %s", local, later)
        if not self._keeps_moment():
            return moment
        return SQL("CASE WHEN year.number = 0 THEN base.value + %s ELSE %s END", later, moment)

    def _keeps_moment(self):
        """Whether the date is the moment itself, also in the hour that a clock shows twice."""
        is_moved = self.number and self.unit != "hours"
        return self.has_time and not is_moved and self.time_of_day is None

    # ------------------------------------------------------------
    # From moments back to dates
    # ------------------------------------------------------------

    def _get_values(self, begin, end):
        """The days on which a column may be, in UTC where it has a time.

        :rtype: set[date]
        """
        days = self._get_bases(begin, end)
        if self.is_yearly:
            days = {origin for day in days for origin in _get_anniversaries(day)}
        if self.has_time:
            days = {near for day in days for near in _get_neighbours(day)}
        return days

    def _get_bases(self, begin, end):
        """The local days that are shifted to one with a moment in ``(begin, end]``.

        :rtype: set[date]
        """
        if self.unit == "hours":
            begin, end = (moment - timedelta(hours=self.number) for moment in (begin, end))
        begin, end = begin - WEST, end + EAST
        if not self.has_time or self.time_of_day is not None:
            # One moment a day, behind the beginning.
            time = self.time_of_day or timedelta()
            begin, end = begin - time + DAY, end - time
        first, last = begin.date(), end.date()
        days = [first + place * DAY for place in range((last - first).days + 1)]
        return {base for day in days for base in self._shift_back(day)}

    def _shift_back(self, day):
        """The days that are shifted to this one."""
        if self.unit == "hours":
            return [day]
        shift = relativedelta(**{self.unit: self.number})
        try:
            base = day - shift
            if self.unit != "months":
                return [base]
            near = [base + place * DAY for place in range(4)]
            return [other for other in near if other + shift == day]
        except (OverflowError, ValueError):
            # No day of the calendar.
            return []


def _years_sql(first, last):
    """How many years after ``base.local`` its days in these years are."""
    return SQL(
        """
        SELECT year - extract(year FROM base.local)::int FROM generate_series(%s, %s) AS year
        WHERE year - extract(year FROM base.local) BETWEEN 0 AND %s
        """,
        first,
        last,
        MOST_YEARS,
    )


def _get_anniversaries(day):
    """The days that come back on this one.

    :rtype: Iterator[date]
    """
    years = range(max(day.year - MOST_YEARS, 1), day.year + 1)
    if (day.month, day.day) not in ((2, 28), (2, 29)):
        yield from (date(year, day.month, day.day) for year in years)
        return
    for year in years:
        if isleap(year) or day.day == 28:
            yield day.replace(year=year)
        if isleap(year) and not isleap(day.year) and (day.month, day.day) == (2, 28):
            yield date(year, 2, 29)


def _get_neighbours(day):
    """This day and those beside it."""
    return [day + place * DAY for place in (-1, 0, 1) if _is_day(day.toordinal() + place)]


def _is_day(ordinal):
    return date.min.toordinal() <= ordinal <= date.max.toordinal()


def _split_consecutive(days):
    """Sorted days in groups of consecutive ones.

    :rtype: list[list[date]]
    """
    groups = groupby(enumerate(days), lambda item: item[1].toordinal() - item[0])
    return [[day for _place, day in group] for _key, group in groups]
