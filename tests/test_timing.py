"""Calendar arithmetic in SQL against plain Python, at each change of daylight saving time.

A moment that the clock of a time zone skips is as much later; of two that it shows twice, the
later one counts. That is PostgreSQL's rule.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..tools.timing import (
    at_time_sql,
    moment_sql,
    next_weekday_sql,
    shift_sql,
    shift_to_time_sql,
)

# Half an hour; abolished; a day that was skipped; a month a year without; never; each half of
# the world; changes at midnight, and at the end of a day.
ZONES = {
    "Australia/Lord_Howe": (1995, 2025),
    "America/Sao_Paulo": (1990, 2020),
    "Pacific/Apia": (2010, 2022),
    "Africa/Casablanca": (2008, 2025),
    "Asia/Kathmandu": (1985, 1987),
    "Europe/Brussels": (1995, 2025),
    "America/New_York": (1995, 2025),
    "Europe/Dublin": (1995, 2025),
    "Asia/Beirut": (1995, 2022),
    "America/Nuuk": (1995, 2025),
}
# Minutes from a change, with those of the day around it.
AROUND = (-1500, -170, -61, -30, -1, 0, 1, 29, 61, 170, 1500)
CALENDAR_SHIFTS = [
    (number, unit) for unit in ("days", "weeks", "months") for number in (0, 0, 1, 3, 40)
]
HOURS = (0.0, 0.5, 1.75, 2.5, 9.0, 23.5)
SHIFTS = [
    (number, unit)
    for unit in ("minutes", "hours", "days", "weeks", "months")
    for number in (-40, -1, 0, 1, 90)
]


def to_local(moment, zone):
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def to_utc(local, zone):
    return max(
        local.replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(tzinfo=None)
        for fold in (0, 1)
    )


def get_changes(zone, first_year, last_year):
    """The moments at which the clock was set, to the minute."""
    hour, moment = timedelta(hours=1), datetime(first_year, 1, 1)
    while moment.year <= last_year:
        begin, end = moment, moment + 24 * hour
        if offset(begin, zone) != offset(end, zone):
            while end - begin > timedelta(minutes=1):
                middle = begin + (end - begin) // 2
                middle = middle.replace(second=0, microsecond=0)
                if offset(begin, zone) == offset(middle, zone):
                    begin = middle
                else:
                    end = middle
            yield end
        moment += 24 * hour


def offset(moment, zone):
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()


def shift(moment, number, unit, zone):
    if unit in ("minutes", "hours") or not number:
        return moment + timedelta(**{unit: number} if unit != "months" else {})
    return to_utc(to_local(moment, zone) + relativedelta(**{unit: number}), zone)


def shift_to_time(moment, number, unit, hours, zone):
    """Of the day that is reached and the one behind it, the first such time that is not past."""
    if not hours:
        return shift(moment, number, unit, zone)
    day = midnight(moment, zone) + relativedelta(**{unit: number})
    times = [day + timedelta(days=later, hours=hours) for later in (0, 1)]
    return min(end for time in times if (end := to_utc(time, zone)) >= moment)


def at_time(moment, hours, zone):
    return to_utc(midnight(moment, zone) + timedelta(hours=hours), zone) if hours else moment


def count(value, number, unit, hours, zone):
    """The moment that a date, or a moment in UTC, stands for: the calendar is not left on the
    way."""
    is_day = not isinstance(value, datetime)
    wall = datetime.combine(value, datetime.min.time()) if is_day else to_local(value, zone)
    if unit in ("minutes", "hours") or not (number or is_day):
        value = to_utc(wall, zone) if is_day else value
        return at_time(shift(value, number, unit, zone), hours, zone)
    wall += relativedelta(**{unit: number})
    if hours:
        wall = datetime.combine(wall, datetime.min.time()) + timedelta(hours=hours)
    return to_utc(wall, zone)


def midnight(moment, zone):
    return to_local(moment, zone).replace(hour=0, minute=0, second=0, microsecond=0)


def next_weekday(moment, weekday, hours, zone):
    """Of all such moments from this day on, the first one behind."""
    days = [midnight(moment, zone) + timedelta(days=day, hours=hours) for day in range(10)]
    return min(
        end
        for day in days
        if weekday is None or day.weekday() == weekday
        for end in (to_utc(day, zone),)
        if end > moment
    )


@tagged("post_install", "-at_install")
class TestTiming(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.moments = [
            (change + timedelta(minutes=minutes), name)
            for name, years in ZONES.items()
            for change in get_changes(ZoneInfo(name), *years)
            for minutes in AROUND
        ]

    def compute(self, sql, cases):
        """What PostgreSQL says, all at once.

        :param SQL sql: of columns begin, zone, number, unit, hours, weekday
        :param list cases: tuples of these
        """
        columns = [list(column) for column in zip(*cases, strict=True)]
        types = ("timestamp", "text", "integer", "text", "float", "text")
        arrays = SQL(", ").join(
            SQL("%s::%s[]", column, SQL(kind)) for column, kind in zip(columns, types, strict=True)
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM unnest(%s) WITH ORDINALITY"
                " AS given (begin, zone, number, unit, hours, weekday, place) ORDER BY place",
                sql,
                arrays,
            )
        )
        return [value for (value,) in rows]

    def assertSame(self, sql, cases, expected):
        for case, found, right in zip(cases, self.compute(sql, cases), expected, strict=True):
            self.assertEqual(found, right, case)

    def test_all_changes_are_there(self):
        zones = [zone for _moment, zone in self.moments]
        changes = {zone: zones.count(zone) // len(AROUND) for zone in ZONES}
        self.assertEqual(changes["Europe/Brussels"], 62)
        self.assertEqual(changes["Asia/Kathmandu"], 1)
        self.assertGreater(min(changes.values()) + sum(changes.values()), 400)

    def test_shift(self):
        cases = [
            (moment, zone, *SHIFTS[place % len(SHIFTS)], 0.0, None)
            for place, (moment, zone) in enumerate(self.moments * 3)
        ]
        self.assertSame(
            shift_sql(SQL("given.begin"), SQL("number"), SQL("unit"), SQL("zone")),
            cases,
            [shift(case[0], case[2], case[3], ZoneInfo(case[1])) for case in cases],
        )

    def test_shift_to_a_time_of_day(self):
        cases = [
            (moment, zone, *CALENDAR_SHIFTS[place % len(CALENDAR_SHIFTS)], hours, None)
            for place, (moment, zone) in enumerate(self.moments)
            for hours in HOURS
        ]
        sql = shift_to_time_sql(
            SQL("given.begin"), SQL("number"), SQL("unit"), SQL("hours"), SQL("zone")
        )
        self.assertSame(
            sql,
            cases,
            [
                shift_to_time(begin, number, unit, hours, ZoneInfo(zone))
                for begin, zone, number, unit, hours, _weekday in cases
            ],
        )
        for case, end in zip(cases, self.compute(sql, cases), strict=True):
            self.assertGreaterEqual(end, case[0], case)

    def test_time_of_day(self):
        cases = [
            (moment, zone, 0, None, HOURS[place % len(HOURS)], None)
            for place, (moment, zone) in enumerate(self.moments)
        ]
        self.assertSame(
            at_time_sql(SQL("given.begin"), SQL("hours"), SQL("zone")),
            cases,
            [at_time(case[0], case[4], ZoneInfo(case[1])) for case in cases],
        )

    def test_moment_of_a_date(self):
        """Of a moment, and of a day: as each comes out, one step and one time of day."""
        cases = [
            (moment, zone, *SHIFTS[place % len(SHIFTS)], HOURS[place // 5 % len(HOURS)], None)
            for place, (moment, zone) in enumerate(self.moments * 3)
        ]
        rest = (SQL("number"), SQL("unit"), SQL("hours"), SQL("zone"))
        for is_day in (False, True):
            date = SQL("given.begin::date") if is_day else SQL("given.begin")
            expected = [
                count(moment.date() if is_day else moment, number, unit, hours, ZoneInfo(zone))
                for moment, zone, number, unit, hours, _weekday in cases
            ]
            self.assertSame(moment_sql(date, *rest, is_day=is_day), cases, expected)

    def test_a_day_that_a_clock_skips_can_be_counted_from(self):
        """In Apia there was no 30 December 2011; and no 0:00 on 29 March 2020 in Beirut."""
        cases = [
            (datetime(2011, 12, 30), "Pacific/Apia", -1, "days", 9.0, None),
            (datetime(2011, 12, 30), "Pacific/Apia", -1, "days", 0.0, None),
            (datetime(2011, 12, 30), "Pacific/Apia", 0, "days", 9.0, None),
            (datetime(2020, 3, 29), "Asia/Beirut", 1, "days", 0.0, None),
        ]
        self.assertSame(
            moment_sql(
                SQL("given.begin::date"),
                SQL("number"),
                SQL("unit"),
                SQL("hours"),
                SQL("zone"),
                is_day=True,
            ),
            cases,
            [
                datetime(2011, 12, 29, 19),
                datetime(2011, 12, 29, 10),
                datetime(2011, 12, 30, 19),  # 9:00 on the 31st
                datetime(2020, 3, 29, 21),
            ],
        )

    def test_next_weekday(self):
        weekdays = (None, *range(7))
        cases = [
            (moment, zone, 0, None, HOURS[place % len(HOURS)], weekdays[place % len(weekdays)])
            for place, (moment, zone) in enumerate(self.moments)
        ]
        texts = [(*case[:5], case[5] if case[5] is None else str(case[5])) for case in cases]
        sql = next_weekday_sql(SQL("given.begin"), SQL("weekday"), SQL("hours"), SQL("zone"))
        expected = [next_weekday(case[0], case[5], case[4], ZoneInfo(case[1])) for case in cases]
        self.assertSame(sql, texts, expected)
        for (moment, *_case), end in zip(cases, expected, strict=True):
            self.assertGreater(end, moment)

    def test_hours_that_a_clock_skips_or_shows_twice(self):
        """The rule, by two examples."""
        sql = at_time_sql(SQL("given.begin"), SQL("hours"), SQL("zone"))
        cases = [
            (datetime(2025, 3, 30, 12), "Europe/Brussels", 0, None, 2.5, None),
            (datetime(2025, 10, 26, 12), "Europe/Brussels", 0, None, 2.5, None),
            (datetime(2011, 12, 29, 12), "Pacific/Apia", 0, None, 9.0, None),
        ]
        self.assertSame(
            sql,
            cases,
            [
                datetime(2025, 3, 30, 1, 30),  # 3:30 in summer
                datetime(2025, 10, 26, 1, 30),  # 2:30 in winter
                datetime(2011, 12, 29, 19),
            ],
        )
