"""Sending hours by everybody's own clock, against the clocks themselves, read minute by minute.

By default one time zone stands for all that are set alike in one year; with
``MARKETING_ALL_ZONES=1`` it is each change of ten years of each zone of the tz database.
"""

import os
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import TransactionCase, tagged

from ..tools.openings import FORTNIGHT, Opening, Openings
from .test_timing import get_changes

ALL_ZONES = os.environ.get("MARKETING_ALL_ZONES")
YEARS = (2020, 2029) if ALL_ZONES else (2026, 2026)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Changed by half an hour; by a day; several times a year; never; at midnight; far east and west.
SPECIAL = {
    "Australia/Lord_Howe": (2020, 2025),
    "Pacific/Apia": (2010, 2013),
    "Africa/Casablanca": (2020, 2025),
    "Asia/Kathmandu": (2020, 2020),
    "America/Havana": (2020, 2025),
    "America/Nuuk": (2020, 2025),
    "Asia/Beirut": (2020, 2025),
    "Pacific/Kiritimati": (2020, 2020),
    "Etc/GMT+12": (2020, 2020),
}

WEEK = range(FORTNIGHT)
OFFICE = [(day, *hours) for day in WEEK if day % 7 < 5 for hours in ((8, 12), (13, 17))]
HOURS = {
    "always": [(day, 0, 24) for day in WEEK],
    "office": OFFICE,
    "night": [(day, *hours) for day in WEEK for hours in ((22, 24), (0, 6))],
    "ten minutes": [(day, 9, 9 + 1 / 6) for day in WEEK],
    "ten minutes of the change": [(day, 2.5, 2.5 + 1 / 6) for day in WEEK],
    "over the change": [(day, 1.5, 2.5) for day in WEEK],
    "before the change": [(day, 0, 1.5) for day in WEEK],
    "after the change": [(day, 2.25, 5) for day in WEEK],
    "around midnight": [(day, *hours) for day in WEEK for hours in ((23.5, 24), (0, 0.25))],
    "each second week": [(day, 10, 16) for day in range(7, 14)],
    "Sundays": [(day, 0, 24) for day in (6, 13)],
    "many": [(day, hour, hour + 1.75) for day in WEEK for hour in range(0, 24, 3)],
}


# ------------------------------------------------------------
# The oracle: clocks on a wall, read minute by minute
# ------------------------------------------------------------


class Hours:
    """Hours by the wall clock, told minute by minute."""

    def __init__(self, attendances, closings=()):
        self.attendances = attendances
        self.closings = closings
        self.days = {}

    def is_open(self, shown):
        """Whether it is open when a clock shows this."""
        if shown.date() not in self.days:
            self.days[shown.date()] = self._get_minutes(datetime.combine(shown, time()))
        return self.days[shown.date()][shown.hour * 60 + shown.minute]

    def _get_minutes(self, midnight):
        """Whether it is open in each minute of a day."""
        place = (midnight.toordinal() - 1) % FORTNIGHT
        rows = [
            (round(begin * 60), round(end * 60))
            for day, begin, end in self.attendances
            if day == place
        ]
        return [
            any(begin <= minute < end for begin, end in rows)
            and not any(
                begin < midnight + (minute + 1) * MINUTE and midnight + minute * MINUTE < end
                for begin, end in self.closings
            )
            for minute in range(1440)
        ]

    def lasts(self, first, last):
        """Whether it is open at all times from one to another."""
        minutes = (last - first) // MINUTE
        return all(self.is_open(first + minute * MINUTE) for minute in range(minutes + 1))

    def get_begin(self, shown, first):
        """Where what is open at this time began; ``first`` or earlier does not matter."""
        while shown > first and self.is_open(shown - MINUTE):
            shown -= MINUTE
        return shown


class Clock:
    """A clock on a wall."""

    def __init__(self, zone, first_year, last_year):
        self.zone = ZoneInfo(zone)
        # One that is never set is set to what it shows.
        self.changes = [
            (change, self.offset(change - MINUTE), self.offset(change))
            for change in [*get_changes(self.zone, first_year, last_year)]
            or [datetime(first_year, 7, 1)]
        ]

    def offset(self, moment):
        return moment.replace(tzinfo=UTC).astimezone(self.zone).utcoffset()

    def get_openings(self, hours, begin, end, changes):
        """All moments in ``[begin, end)`` at which messages may leave, as pairs."""
        found = []
        for minute in range((end - begin) // MINUTE):
            moment = begin + minute * MINUTE
            if not self.is_open(hours, moment, changes):
                continue
            if found and found[-1][1] == moment:
                found[-1][1] = moment + MINUTE
            else:
                found.append([moment, moment + MINUTE])
        return [tuple(opening) for opening in found]

    def is_open(self, hours, moment, changes):
        """By what the clock shows, has skipped, and shows twice in these changes."""
        change, before, after = max(
            (known for known in changes if known[0] <= moment), default=changes[0]
        )
        shown = moment + (after if moment >= change else before)
        if not hours.is_open(shown):
            return False
        return all(
            self._skips(hours, shown, *known) and self._repeats(hours, moment, shown, *known)
            for known in changes
        )

    def _skips(self, hours, shown, change, before, after):
        """Not so soon after a skip that what it has skipped of an opening is not over."""
        first, last = change + before, change + after
        if not last <= shown < last + (after - before):
            return True
        begin = hours.get_begin(shown, first - MINUTE)
        return not (first <= begin < last and shown < begin + (after - before))

    def _repeats(self, hours, moment, shown, change, before, after):
        """What is shown twice is open the first time if it was before, and the second time if it
        was not, or goes on behind it."""
        first, last = change + after, change + before
        if not first <= shown < last:
            return True
        began_before = hours.lasts(first - MINUTE, shown)
        if moment < change:
            return began_before
        return not began_before or hours.lasts(shown, last - MINUTE)


@cache
def get_clocks():
    """Clocks with the years to look at: one of all that are set alike, or all."""
    clocks = {name: Clock(name, *years) for name, years in SPECIAL.items()}
    known = set()
    for name in sorted(available_timezones() - {"localtime", "Factory", *clocks}):
        clock = Clock(name, *YEARS)
        if ALL_ZONES or tuple(clock.changes) not in known:
            clocks[name] = clock
            known.add(tuple(clock.changes))
    return list(clocks.values())


@tagged("post_install", "-at_install")
class TestOpenings(TransactionCase):
    def check(self, clock, hours, openings, around):
        """All that is open around each change of a clock, minute by minute."""
        for change, *_offsets in clock.changes:
            begin, end = change - around, change + around
            near = [known for known in clock.changes if abs(known[0] - change) < 5 * DAY]
            expected = clock.get_openings(hours, begin, end, near)
            moment, found = begin, []
            while moment < end and (opening := openings.find(moment, clock.zone.key)):
                moment = opening.end or end
                if opening.begin < end:
                    found.append((opening.begin, min(moment, end)))
            self.assertEqual(found, expected, f"{clock.zone.key}, {change}")

    def test_each_change_of_each_clock(self):
        for name, attendances in HOURS.items():
            hours, openings = Hours(attendances), Openings(attendances)
            for clock in get_clocks():
                around = 30 * HOUR if clock.zone.key in SPECIAL else 8 * HOUR
                with self.subTest(hours=name, zone=clock.zone.key):
                    self.check(clock, hours, openings, around)

    @given(
        attendances=st.lists(
            st.tuples(st.integers(0, 13), st.integers(0, 96), st.integers(0, 96)).map(
                lambda row: (row[0], row[1] / 4, row[2] / 4)
            ),
            min_size=1,
            max_size=8,
        ),
        closings=st.lists(
            st.tuples(st.integers(-1500, 1500), st.integers(1, 2880), st.integers(0, 59)),
            max_size=3,
        ),
        place=st.integers(0, 10_000),
        minutes=st.integers(-1500, 1500),
        seconds=st.integers(0, 59),
    )
    @settings(max_examples=150, deadline=None)
    def test_any_hours_and_holidays(self, attendances, closings, place, minutes, seconds):
        clock = get_clocks()[place % len(get_clocks())]
        change = clock.changes[place % len(clock.changes)][0]
        closings = [
            (change + begin * MINUTE, change + (begin + length) * MINUTE - second * SECOND)
            for begin, length, second in closings
        ]
        moment = change + minutes * MINUTE + seconds * SECOND
        minute = moment.replace(second=0)
        near = [known for known in clock.changes if abs(known[0] - change) < 9 * DAY]
        hours = Hours(attendances, closings)
        expected = clock.get_openings(hours, minute, minute + 2 * DAY, near)
        found = Openings(attendances, closings).find(moment, clock.zone.key)
        if expected:
            begin, end = expected[0]
            self.assertEqual(found.begin, max(begin, moment))
            self.assertEqual(min(found.end or end, minute + 2 * DAY), end)
        elif found:
            self.assertGreaterEqual(found.begin, minute + 2 * DAY)

    def test_what_is_never_open(self):
        for attendances, closings in (
            ([], []),
            ([(0, 9, 9), (1, 17, 9)], []),
            (OFFICE, [(datetime(2025, 1, 1), datetime(2035, 1, 1))]),
            # Every Monday is a holiday.
            (
                [(0, 9, 17), (7, 9, 17)],
                [
                    (monday, monday + DAY)
                    for week in range(60)
                    for monday in [datetime(2026, 3, 2) + 7 * week * DAY]
                ],
            ),
        ):
            with self.subTest(attendances=attendances):
                openings = Openings(attendances, closings)
                self.assertIsNone(openings.find(datetime(2026, 3, 4), "Asia/Tokyo"))

    def test_it_is_looked_for_a_year_ahead(self):
        holidays = [(datetime(2026, 3, 5), datetime(2027, 2, 20))]
        found = Openings(OFFICE, holidays).find(datetime(2026, 3, 4, 20), "UTC")
        self.assertEqual(found.begin, datetime(2027, 2, 22, 8))

    def test_what_is_open_all_the_time(self):
        moment = datetime(2026, 3, 27, 12, 0, 30)
        found = Openings(HOURS["always"]).find(moment, "Europe/Brussels")
        self.assertEqual(found, Opening(moment, None))

    def test_a_day_ends_at_midnight(self):
        for hour_to in (24, 23.999):
            with self.subTest(hour_to=hour_to):
                openings = Openings([(0, 22, hour_to), (1, 0, 6)])
                self.assertEqual(
                    openings.find(datetime(2026, 3, 30, 23, 59, 59), "UTC"),
                    Opening(datetime(2026, 3, 30, 23, 59, 59), datetime(2026, 3, 31, 6)),
                )

    def test_a_holiday_is_one_by_each_clock(self):
        """It ends at 23:59:59, as Odoo writes it: not a second is left of the day."""
        christmas = (datetime(2026, 12, 25), datetime(2026, 12, 25, 23, 59, 59))
        openings = Openings(HOURS["always"], [christmas])
        for zone, begin in (
            ("Asia/Tokyo", datetime(2026, 12, 25, 15)),
            ("America/New_York", datetime(2026, 12, 26, 5)),
        ):
            with self.subTest(zone=zone):
                eve = begin - 25 * HOUR
                self.assertEqual(openings.find(eve, zone), Opening(eve, begin - DAY))
                self.assertEqual(openings.find(begin - SECOND, zone).begin, begin)

    def test_weeks_are_counted_as_odoo_does(self):
        openings = Openings(HOURS["each second week"])
        for monday in (datetime(2026, 12, 28), datetime(2027, 1, 4)):
            week_type = self.env["resource.calendar.attendance"].get_week_type(monday)
            found = openings.find(monday, "UTC").begin
            self.assertEqual(found, monday + (1 - week_type) * 7 * DAY + 10 * HOUR)

    def test_an_unknown_zone_is_utc(self):
        for name in ("Middle/Earth", "", "../../etc/passwd", "Europe"):
            with self.subTest(name=name):
                found = Openings(OFFICE).find(datetime(2026, 3, 28), name)
                self.assertEqual(found.begin, datetime(2026, 3, 30, 8))
