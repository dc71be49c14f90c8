"""Moments counted from dates, in SQL against plain Python: in ten time zones, at each change of
daylight saving time, in leap years, and whatever somebody has written into a date."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..tools.occurrences import MOST_YEARS, Occurrences
from .test_timing import ZONES, get_changes, to_local, to_utc

DAY = timedelta(days=1)
UNITS = ("hours", "days", "weeks", "months")
YEARS = {"hours": 1 / 8766, "days": 1 / 365.25, "weeks": 7 / 365.25, "months": 1 / 12}
HOURS = (0.0, 0.5, 2.5, 9.0, 23.5)

rules = st.builds(
    Occurrences,
    has_time=st.booleans(),
    number=st.one_of(st.integers(-3, 3), st.integers(-60, 60), st.sampled_from([-10_000, 10_000])),
    unit=st.sampled_from(UNITS),
    is_yearly=st.booleans(),
    hours=st.sampled_from(HOURS),
)
moments = st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30)).map(
    lambda moment: moment.replace(microsecond=0)
)
zones = st.sampled_from(list(ZONES))


def get_moment(rule, value, zone, years=0):
    """The rule in plain Python, for the date itself or one of the years after it."""
    zone = ZoneInfo(zone)
    hours = rule.number if rule.unit == "hours" else 0
    is_moved = rule.number and not hours
    has_hours = rule.hours and rule.unit != "hours"
    if rule.has_time and not years and not is_moved and not has_hours:
        return value + timedelta(hours=hours)
    local = to_local(value, zone) if rule.has_time else datetime.combine(value, datetime.min.time())
    local += relativedelta(years=years)
    if rule.unit != "hours":
        local += relativedelta(**{rule.unit: rule.number})
    if has_hours:
        local = datetime.combine(local, datetime.min.time()) + timedelta(hours=rule.hours)
    return to_utc(local, zone) + timedelta(hours=hours)


def get_moments(rule, value, zone, begin, end):
    """All moments in ``(begin, end]``, looked for year by year, but in those that are far off.

    :return: set of datetimes
    """
    found = set()
    distance = round(rule.number * YEARS[rule.unit]) + value.year
    first, last = begin.year - distance - 2, end.year - distance + 2
    for years in range(max(first, 0), min(last, MOST_YEARS) + 1) if rule.is_yearly else (0,):
        try:
            moment = get_moment(rule, value, zone, years)
        except (OverflowError, ValueError):
            continue  # no day of the calendar
        if begin < moment <= end:
            found.add(moment)
    return found


class OccurrencesCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute("SET LOCAL jit = off")

    def find(self, rule, rows, begin, end):
        """What PostgreSQL finds, among rows that are looked up by their date.

        :param list rows: tuples of a date and a time zone
        :return: set of the number of a row and a moment
        """
        values, names = ([*column] for column in zip(*rows, strict=True))
        column = SQL("given.date")
        records = SQL(
            """
            SELECT ARRAY[place] AS ids, date, timezone
            FROM unnest(%s::%s[], %s) WITH ORDINALITY AS given (date, timezone, place)
            WHERE %s
            """,
            values,
            SQL("timestamp" if rule.has_time else "date"),
            names,
            rule.may_be_sql(column, begin, end),
        )
        found = self.env.execute_query(rule.moments_sql(records, begin, end))
        self.assertEqual(len(found), len(set(found)), "a moment twice")
        return set(found)

    def assertFinds(self, rule, rows, begin, end):
        expected = {
            (place, moment)
            for place, (value, zone) in enumerate(rows, 1)
            for moment in get_moments(rule, value, zone, begin, end)
        }
        self.assertEqual(self.find(rule, rows, begin, end), expected, (rule, begin, end))
        return expected


def check(test):
    return settings(
        max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )(test)


@tagged("post_install", "-at_install")
class TestOccurrences(OccurrencesCase):
    def near(self, rule, moment, zone, years, minutes):
        """A date whose moment is near the given one, some years ago."""
        try:
            base = moment - timedelta(hours=rule.number) if rule.unit == "hours" else moment
            if rule.unit != "hours":
                base -= relativedelta(**{rule.unit: rule.number})
            if rule.is_yearly:
                base -= relativedelta(years=years)
            base += timedelta(minutes=minutes)
        except (OverflowError, ValueError):
            base = moment
        return base if rule.has_time else to_local(base, ZoneInfo(zone)).date()

    def test_random(self):
        near = st.tuples(zones, st.integers(0, MOST_YEARS), st.integers(-6000, 6000))
        lengths = st.sampled_from([5, 60, 60 * 24, 60 * 24 * 40])

        @check
        @given(rules, moments, lengths, st.lists(near, min_size=4, max_size=12))
        def test(rule, begin, minutes, cases):
            end = begin + timedelta(minutes=minutes)
            rows = [(self.near(rule, end, *case[:1], *case[1:]), case[0]) for case in cases]
            self.assertFinds(rule, rows, begin, end)

        test()

    def test_changes_of_clocks(self):
        """Each hour around each of them: every moment is in just one of the looks."""
        number = 0
        for name, (first, last) in ZONES.items():
            zone = ZoneInfo(name)
            for place, change in enumerate(get_changes(zone, max(first, last - 9), last)):
                rule = Occurrences(
                    has_time=bool(place % 3),
                    number=place % 5 - 2,
                    unit=UNITS[place % 4],
                    is_yearly=place % 2 == 0,
                    hours=HOURS[place % 5],
                )
                values = [
                    self.near(rule, change, name, years, minutes)
                    for years in (0, 1, 4)
                    for minutes in range(-2160, 2161, 90)
                ]
                rows = [(value, name) for value in values]
                begin = change - 2 * DAY
                found = self.assertFinds(rule, rows, begin, begin + 4 * DAY)
                number += len(found)
                looks = [begin + timedelta(minutes=797 * step) for step in range(8)]
                looks = [*looks, begin + 4 * DAY]
                parts = [self.find(rule, rows, *pair) for pair in pairwise(looks)]
                self.assertEqual(set().union(*parts), found)
                self.assertEqual(sum(map(len, parts)), len(found))
        self.assertGreater(number, 1000)

    def test_a_server_that_was_away(self):
        for has_time in (False, True):
            rule = Occurrences(has_time, -7, is_yearly=True, hours=9)
            values = [datetime(1990, 1, 1) + 37 * day * DAY for day in range(20)]
            rows = [(value if has_time else value.date(), "America/Nuuk") for value in values]
            begin = datetime(2020, 2, 3)
            self.assertFinds(rule, rows, begin, begin + 500 * DAY)

    def test_leap_days(self):
        """29 February counts as 28 in other years."""
        rule = Occurrences(has_time=False, is_yearly=True, hours=9)
        rows = [(date(2004, 2, 29), "UTC"), (date(2004, 2, 28), "UTC"), (date(2004, 3, 1), "UTC")]
        for year, days in ((2023, (28, 28)), (2024, (29, 28)), (1905 + 200, (28, 28))):
            begin, end = datetime(year, 2, 1), datetime(year, 3, 31)
            expected = {
                *((place, datetime(year, 2, day, 9)) for place, day in enumerate(days, 1)),
                (3, datetime(year, 3, 1, 9)),
            }
            self.assertEqual(self.assertFinds(rule, rows, begin, end), expected)
        rows = [(value, zone) for value, _zone in rows for zone in ZONES]
        for year in range(2020, 2030):
            for day in range(-2, 3):
                begin = datetime(year, 3, 1) + day * DAY
                for number in (-1, 0, 1):
                    rule = Occurrences(has_time=False, number=number, is_yearly=True, hours=9)
                    self.assertFinds(rule, rows, begin, begin + DAY)

    def test_a_shift_ends_where_the_month_ends(self):
        rule = Occurrences(has_time=False, number=1, unit="months", hours=8)
        rows = [(date(2025, 1, day), "Europe/Brussels") for day in range(27, 32)]
        found = self.assertFinds(rule, rows, datetime(2025, 2, 28), datetime(2025, 3, 1))
        self.assertEqual(found, {(place, datetime(2025, 2, 28, 7)) for place in range(2, 6)})

    def test_the_calendar_is_not_left_on_the_way(self):
        """A day that a clock has skipped can be counted from."""
        rule = Occurrences(has_time=False, number=-1, hours=9)
        rows = [(date(2011, 12, 30), "Pacific/Apia")]
        found = self.assertFinds(rule, rows, datetime(2011, 12, 20), datetime(2012, 1, 10))
        self.assertEqual(found, {(1, datetime(2011, 12, 29, 19))})

    def test_one_date_in_two_places(self):
        """9:00 comes a day later in the far west."""
        rule = Occurrences(has_time=False, hours=9)
        rows = [(date(2025, 5, 1), zone) for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "None")]
        begin = datetime(2025, 4, 30)
        found = {
            (1, datetime(2025, 4, 30, 19)),
            (2, datetime(2025, 5, 1, 21)),
            (3, datetime(2025, 5, 1, 9)),  # no such zone: UTC
        }
        self.assertEqual(self.find(rule, rows, begin, begin + 3 * DAY), found)

    def test_hostile_dates(self):
        """Nothing that a column may hold ends the look, or the reading of what it finds."""
        texts = [
            "infinity",
            "-infinity",
            "4713-01-01 BC",
            "0001-01-01",
            "0044-03-15 BC",
            "9999-12-31",
            "294276-12-31",
            "1825-02-28",
        ]
        looks = [
            (datetime(2025, 2, 28), datetime(2025, 3, 1)),
            (datetime(1900, 1, 1), datetime(1900, 1, 2)),
            (datetime(2099, 12, 31), datetime(2100, 1, 1)),
            (datetime(2020, 1, 1), datetime(2022, 1, 1)),
        ]
        for has_time in (False, True):
            for unit in UNITS:
                for number in (-10_000, 0, 10_000):
                    for is_yearly in (False, True):
                        rule = Occurrences(has_time, number, unit, is_yearly, 9)
                        for begin, end in looks:
                            kind = SQL("timestamp" if has_time else "date")
                            records = SQL(
                                "SELECT ARRAY[place] AS ids, text::%s AS date,"
                                " 'Asia/Tokyo' AS timezone"
                                " FROM unnest(%s) WITH ORDINALITY AS given (text, place) WHERE %s",
                                kind,
                                texts,
                                rule.may_be_sql(SQL("text::%s", kind), begin, end),
                            )
                            rows = self.env.execute_query(rule.moments_sql(records, begin, end))
                            for _id, moment in rows:
                                self.assertTrue(begin < moment <= end)

    def test_a_date_is_remembered_for_so_many_years(self):
        rule = Occurrences(has_time=False, is_yearly=True, hours=9)
        rows = [(date(1900, 6, 1), "UTC")]
        for year, number in ((1899, 0), (1900, 1), (2100, 1), (2101, 0)):
            found = self.find(rule, rows, datetime(year, 5, 31), datetime(year, 6, 2))
            self.assertEqual(len(found), number)

    @check
    @example(Occurrences(False, is_yearly=True, hours=9), datetime(2100, 12, 30))
    @given(rules, moments)
    def test_nothing_is_looked_at_in_vain(self, rule, begin):
        """A look of an hour reads the dates of some days of each year, no more."""
        days = rule._get_values(begin, begin + timedelta(hours=1))
        self.assertLessEqual(len(days), 9 * (MOST_YEARS + 1 if rule.is_yearly else 1))
        if rule == Occurrences(False, rule.number, "days", True, rule.hours):
            self.assertLessEqual(len(days), 2 * (MOST_YEARS + 51))


@tagged("post_install", "-at_install")
class TestIndexOfDates(OccurrencesCase):
    """An index of the column finds the dates; without one there is one look at the table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.cr.execute(
            """
            CREATE TEMPORARY TABLE dates AS
            SELECT id, date '1940-01-01' + id % 25000 AS day,
                timestamp '1940-01-01 12:34' + make_interval(hours => id % 600000) AS moment
            FROM generate_series(1, 100000) AS id
            """
        )

    def plan(self, rule):
        column = SQL.identifier("moment" if rule.has_time else "day")
        begin = datetime(2025, 5, 1, 9)
        rows = self.env.execute_query(
            SQL(
                "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT id FROM dates WHERE %s",
                rule.may_be_sql(column, begin, begin + timedelta(hours=1)),
            )
        )
        return "\n".join(line for (line,) in rows)

    def test_plans(self):
        for unindexed in (True, False):
            if not unindexed:
                self.env.cr.execute("CREATE INDEX ON dates (day); CREATE INDEX ON dates (moment)")
            self.env.cr.execute("ANALYZE dates")
            for has_time in (False, True):
                for is_yearly in (False, True):
                    for unit in UNITS:
                        rule = Occurrences(has_time, -3, unit, is_yearly, 9)
                        with self.subTest(rule=rule, unindexed=unindexed):
                            plan = self.plan(rule)
                            self.assertEqual("Seq Scan" in plan, unindexed, plan)
                            self.assertNotIn("Nested Loop", plan)
