"""Records come in by a date of theirs: none is missed, whatever the rhythm of the looks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from ..tools.occurrences import Occurrences
from .entry_date_case import DateEntryCase
from .test_occurrences import get_moments
from .test_timing import ZONES, get_changes


@tagged("post_install", "-at_install")
class TestRhythmOfLooks(DateEntryCase):
    """Whatever the rhythm, and whatever becomes of the dates: as the rule says, in plain Python."""

    def test_random(self):
        zones = ["Europe/Brussels", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]
        dates = st.one_of(st.none(), st.dates(date(2023, 10, 20), date(2024, 11, 12)))
        times = st.one_of(st.none(), st.datetimes(datetime(2023, 10, 20), datetime(2024, 11, 12)))
        rules = st.fixed_dictionaries(
            {
                "date_number": st.integers(-3, 3),
                "date_type": st.sampled_from(["hours", "days", "weeks", "months"]),
                "is_yearly": st.booleans(),
                "time_of_day": st.sampled_from([0.0, 2.5, 9.0]),
            }
        )
        steps = st.lists(
            st.tuples(
                st.sampled_from([7, 300, 1440, 30_000, 300_000]),
                st.lists(st.tuples(st.integers(0, 3), dates, times), max_size=2),
            ),
            min_size=2,
            max_size=6,
        )
        contacts = self.create_contacts(4)
        for contact, zone in zip(contacts, zones, strict=True):
            contact.tz = zone

        @settings(
            max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(st.booleans(), rules, st.tuples(*[dates] * 4), st.tuples(*[times] * 4), steps)
        def check(has_time, rule, days, moments, steps):
            with self.env.cr.savepoint() as savepoint:
                self.tell(contacts, has_time, rule, (days, moments), steps)
                savepoint.rollback()
            self.env.invalidate_all()

        check()

    def test_changes_of_clocks(self):
        """Each of ten years in ten zones: dates come, are moved and emptied around it."""
        changes = sorted(
            (change, name)
            for name, (first, last) in ZONES.items()
            for change in get_changes(ZoneInfo(name), max(first, last - 9), last)
        )
        self.assertGreater(len(changes), 150)
        for has_time in (False, True):
            self.live_through(changes[has_time::2], has_time)

    def live_through(self, changes, has_time):
        """One campaign that meets all these changes, with contacts who move from zone to zone.

        :param list changes: tuples of the moment and the time zone, in their order
        """
        contacts = self.create_contacts(4)
        name = "x_meeting" if has_time else "x_birthday"
        begin = changes[0][0] - timedelta(days=9)
        campaign = self.start(contacts, reentry="always", name=name, at=begin)
        entry, expected = campaign.entry_ids, []
        for number, (change, zone) in enumerate(changes):
            vals = {
                "date_number": number % 3 - 1,
                "date_type": ("days", "hours", "weeks")[number % 4 % 3],
                "time_of_day": (0, 2.5, 23.5)[number % 5 % 3],
            }
            entry.write(vals)
            rule = Occurrences(
                has_time, vals["date_number"], vals["date_type"], hours=vals["time_of_day"]
            )
            shift = timedelta(**{vals["date_type"]: vals["date_number"]})

            def put(contact, minutes, change=change, shift=shift):
                value = minutes is not None and change - shift + timedelta(minutes=minutes)
                contact[name] = value if has_time else value and value.date()

            contacts.tz = zone
            for place, contact in enumerate(contacts):
                put(contact, (place - 2) * 47 - number)
            for minutes in (-95, 25, 130):
                now = change + timedelta(minutes=minutes)
                now = max(begin, now)  # several clocks change at almost the same moment
                expected += [
                    (contact.id, moment)
                    for contact in contacts
                    if contact[name]
                    for moment in get_moments(rule, contact[name], zone, begin, now)
                ]
                begin = now
                self.look(campaign, now)
                # The next look finds them elsewhere: behind the clock's change, before, nowhere.
                for place, to in enumerate((minutes + 80, minutes - 80, None)):
                    put(contacts[(number + place + minutes) % 4], to)
            with self.subTest(change=change, zone=zone, **vals):
                self.assertEqual(self.runs(campaign), sorted(expected))
            campaign.participant_ids.unlink()
            expected = []

    def tell(self, contacts, has_time, vals, values, steps):
        """One story: time passes, somebody changes a date, the server looks.

        :param dict vals: of the entry
        :param tuple values: dates, and moments, of the contacts
        :param list steps: minutes that pass, and changes
        """
        now = datetime(2024, 2, 20, 10, 7)
        name = "x_meeting" if has_time else "x_birthday"
        rule = Occurrences(
            has_time, vals["date_number"], vals["date_type"], vals["is_yearly"], vals["time_of_day"]
        )
        current = [
            value and value.replace(microsecond=0) if has_time else value
            for value in values[has_time]
        ]
        for contact, value in zip(contacts, current, strict=True):
            contact[name] = value or False
        campaign = self.start(contacts, reentry="always", name=name, at=now, **vals)
        expected = []
        for minutes, changes in steps:
            begin, now = now, now + timedelta(minutes=minutes)
            expected += [
                (contact.id, moment)
                for contact, value in zip(contacts, current, strict=True)
                if value
                for moment in get_moments(rule, value, contact.tz, begin, now)
            ]
            self.look(campaign, now)
            self.assertEqual(self.runs(campaign), sorted(expected), vals)
            for place, *new in changes:
                value = new[has_time]
                current[place] = value and value.replace(microsecond=0) if has_time else value
                contacts[place][name] = current[place] or False
