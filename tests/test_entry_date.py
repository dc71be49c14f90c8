"""Records come in by a date of theirs: each once for each moment, none missed, whatever the rhythm
in which the server looks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.entry import entry_date
from ..models.policy.timezones import get_only_timezones
from ..tools.occurrences import Occurrences
from .common import MarketingAutomationCase
from .test_occurrences import get_moments
from .test_timing import ZONES, get_changes

START = datetime(2025, 3, 1, 8)


class DateEntryCase(MarketingAutomationCase):
    """Contacts have a birthday (a date), and a meeting (with its time)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_field("x_birthday", "date")
        cls.create_field("x_meeting", "datetime")
        cls.contacts = cls.create_contacts(3, tz="UTC")

    @classmethod
    def create_field(cls, name, kind):
        return cls.env["ir.model.fields"].create(
            {
                "name": name,
                "field_description": name[2:].capitalize(),
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "ttype": kind,
            }
        )

    @classmethod
    def get_field(cls, name, model_name="res.partner"):
        return cls.env["ir.model.fields"]._get(model_name, name)

    def create_entry(self, campaign, name="x_birthday", **vals):
        return self.env["marketing.campaign.entry"].create(
            {
                "campaign_id": campaign.id,
                "entry_type": "date",
                "date_field_id": self.get_field(name).id,
                **vals,
            }
        )

    def start(self, records=None, reentry="never", name="x_birthday", at=START, **vals):
        """A running campaign with one date entry."""
        campaign = self.create_campaign(
            self.contacts if records is None else records, entry_ids=[], reentry=reentry
        )
        self.create_activity(campaign, "action", delay="1 days")
        self.create_entry(campaign, name, **vals)
        with self.at(at):
            campaign.action_start_campaign()
        return campaign

    def look(self, campaign, *moments):
        for moment in moments:
            with self.at(moment):
                self.assertTrue(campaign.entry_ids._filtered_polled())
                for entry in campaign.entry_ids:
                    entry._look()

    def runs(self, campaign):
        """What came in, as tuples of the record and the moment."""
        campaign.invalidate_recordset()
        return sorted((run.res_id, run.create_date) for run in campaign.participant_ids)


@tagged("post_install", "-at_install")
class TestDateEntry(DateEntryCase):
    def test_days_before_at_a_time_in_the_zone_of_each(self):
        for contact, zone in zip(
            self.contacts, ("Europe/Brussels", "America/New_York", "Asia/Tokyo"), strict=True
        ):
            contact.write({"tz": zone, "x_birthday": date(2025, 3, 10)})
        campaign = self.start(date_number=-7, time_of_day=9)
        with self.at("2025-03-03 23:00:00"):
            self.run_cron("ir_cron_poll")
        brussels, new_york, tokyo = self.contacts.ids
        self.assertEqual(
            self.runs(campaign),
            [
                (brussels, datetime(2025, 3, 3, 8)),
                (new_york, datetime(2025, 3, 3, 14)),
                (tokyo, datetime(2025, 3, 3)),
            ],
        )
        run = campaign.participant_ids.filtered(lambda run: run.res_id == brussels)
        self.assertEqual(run.trace_ids.schedule_date, datetime(2025, 3, 4, 8))
        self.assertEqual(run.entry_id, campaign.entry_ids)
        self.assertEqual(campaign.entry_ids.participant_count, 3)

    def test_moments_before_the_start_are_not_made_up_for(self):
        for contact, day in zip(self.contacts, (28, 1, 2), strict=True):
            contact.x_birthday = date(2025, 2 if day == 28 else 3, day)
        campaign = self.start(time_of_day=7.5)
        self.look(campaign, "2025-03-10 00:00:00")
        self.assertEqual(
            self.runs(campaign), [(self.contacts[2].id, datetime(2025, 3, 2, 7, 30))]
        )

    def test_people_with_two_records(self):
        """They count as one: a run for each moment, be it one look or several that find them."""
        email = self.env["ir.model.fields"]._get("res.partner", "email")
        self.contacts.email = "ann@example.com"
        for looks in (["2025-03-06"], ["2025-03-04", "2025-03-05", "2025-03-06"]):
            for policy, number in (("always", 2), ("never", 1), ("after_end", 1)):
                with self.subTest(policy=policy, looks=looks):
                    for contact, day in zip(self.contacts, (3, 3, 5), strict=True):
                        contact.x_birthday = date(2025, 3, day)
                    campaign = self.create_campaign(
                        self.contacts, entry_ids=[], reentry=policy, unique_field_id=email.id
                    )
                    self.create_activity(campaign, "action", delay="9 days")
                    self.create_entry(campaign)
                    with self.at(START):
                        campaign.action_start_campaign()
                    self.look(campaign, *looks)
                    first, _second, third = self.contacts.ids
                    expected = [(first, datetime(2025, 3, 3)), (third, datetime(2025, 3, 5))]
                    self.assertEqual(self.runs(campaign), expected[:number])

    def test_started_twice(self):
        """As by two people who look at the same form: what has come since the last look comes."""
        self.contacts.x_birthday = date(2025, 3, 2)
        campaign = self.start(time_of_day=9)
        with self.at("2025-03-02 09:03:00"):
            campaign.action_start_campaign()
        self.look(campaign, "2025-03-02 09:05:00")
        self.assertEqual(len(self.runs(campaign)), 3)

    def test_a_stop_or_a_closed_entry_is_not_made_up_for(self):
        for contact, day in zip(self.contacts, (2, 5, 9), strict=True):
            contact.x_birthday = date(2025, 3, day)
        campaign = self.start(time_of_day=9)
        campaign.action_stop_campaign()
        with self.at("2025-03-04 00:00:00"):
            self.run_cron("ir_cron_poll")
            campaign.action_start_campaign()
        campaign.entry_ids.active = False
        with self.at("2025-03-06 00:00:00"):
            self.run_cron("ir_cron_poll")
            campaign.entry_ids.active = True
        self.look(campaign, "2025-03-10 00:00:00")
        self.assertEqual(self.runs(campaign), [(self.contacts[2].id, datetime(2025, 3, 9, 9))])

    def test_entry_of_a_running_campaign(self):
        """It begins with itself."""
        for contact, day in zip(self.contacts, (1, 2, 3), strict=True):
            contact.x_birthday = date(2025, 3, day)
        campaign = self.start(self.contacts, name="x_meeting")
        with self.at("2025-03-02 12:00:00"):
            self.create_entry(campaign, time_of_day=9)
        self.look(campaign, "2025-03-05 00:00:00")
        self.assertEqual(self.runs(campaign), [(self.contacts[2].id, datetime(2025, 3, 3, 9))])

    def test_entry_that_becomes_one_of_a_date(self):
        self.contacts.x_birthday = date(2025, 3, 3)
        campaign = self.start()
        entry = campaign.entry_ids
        with self.at("2025-03-02 00:00:00"):
            entry.entry_type = "manual"
        self.contacts[0].x_birthday = date(2025, 3, 5)
        with self.at("2025-03-04 00:00:00"):
            entry.entry_type = "date"
        self.look(campaign, "2025-03-06 00:00:00")
        self.assertEqual(self.runs(campaign), [(self.contacts[0].id, datetime(2025, 3, 5))])

    def test_a_server_that_was_away(self):
        """What has come meanwhile comes in, as of its moment."""
        for place, contact in enumerate(self.contacts):
            contact.x_meeting = datetime(2025, 3, 5 + place, 12, 34, 56)
        campaign = self.start(name="x_meeting", date_number=3, date_type="hours")
        self.look(campaign, "2025-03-20 00:00:00")
        self.assertEqual(
            self.runs(campaign),
            [
                (contact.id, datetime(2025, 3, 5 + place, 15, 34, 56))
                for place, contact in enumerate(self.contacts)
            ],
        )

    def test_moved_and_emptied(self):
        """A date that is moved before its moment moves the run; who has begun goes on."""
        self.contacts.x_birthday = date(2025, 3, 5)
        campaign = self.start(time_of_day=9)
        moved, emptied, begun = self.contacts
        moved.x_birthday, emptied.x_birthday = date(2025, 3, 8), False
        self.look(campaign, "2025-03-05 09:00:00")
        self.assertEqual(self.runs(campaign), [(begun.id, datetime(2025, 3, 5, 9))])
        begun.x_birthday = date(2025, 3, 9)
        self.look(campaign, "2025-03-08 08:55:00", "2025-03-08 09:05:00", "2025-03-12 00:00:00")
        self.assertEqual(
            self.runs(campaign),
            [(moved.id, datetime(2025, 3, 8, 9)), (begun.id, datetime(2025, 3, 5, 9))],
        )
        run = campaign.participant_ids.filtered(lambda run: run.res_id == begun.id)
        self.assertEqual(run.trace_ids.schedule_date, datetime(2025, 3, 6, 9))
        self.assertEqual(run.state, "running")

    def test_every_year(self):
        leap, other, _third = self.contacts
        leap.x_birthday, other.x_birthday = date(1996, 2, 29), date(2027, 6, 1)
        campaign = self.start(
            reentry="always", is_yearly=True, time_of_day=9, at=datetime(2025, 2, 1)
        )
        for year in range(2025, 2030):
            self.look(campaign, *(datetime(year, month, 1) for month in (3, 5, 7)))
        self.assertEqual(
            self.runs(campaign),
            [
                *(
                    (leap.id, datetime(year, 2, 29 if year == 2028 else 28, 9))
                    for year in range(2025, 2030)
                ),
                *((other.id, datetime(year, 6, 1, 9)) for year in range(2027, 2030)),
            ],
        )
        self.assertEqual(sorted(set(campaign.participant_ids.mapped("run_number"))), [*range(1, 6)])

    def test_years_that_the_server_was_away(self):
        contact = self.contacts[0]
        contact.x_birthday = date(2000, 5, 5)
        campaign = self.start(reentry="always", is_yearly=True)
        self.look(campaign, datetime(2028, 5, 5, 1))
        self.assertEqual(
            self.runs(campaign), [(contact.id, datetime(year, 5, 5)) for year in range(2025, 2029)]
        )

    def test_every_year_but_once(self):
        """The campaign's rule about coming in again holds; the form says so."""
        self.contacts[0].x_birthday = date(2000, 5, 5)
        campaign = self.start(is_yearly=True)
        self.look(campaign, *(datetime(year, 6, 1) for year in range(2025, 2028)))
        self.assertEqual(self.runs(campaign), [(self.contacts[0].id, datetime(2025, 5, 5))])

    def test_least_time_counts_from_moments(self):
        """A look that comes late does not change who may come in again."""
        contact = self.contacts[0]
        contact.x_birthday = date(2000, 3, 5)
        campaign = self.start(reentry="always", is_yearly=True, time_of_day=9)
        campaign.write({"reentry_delay_number": 12, "reentry_delay_type": "months"})
        self.look(campaign, "2025-03-25 00:00:00", "2026-03-05 09:00:00")
        self.assertEqual(
            self.runs(campaign), [(contact.id, datetime(year, 3, 5, 9)) for year in (2025, 2026)]
        )

    def test_filter_of_the_campaign(self):
        self.contacts.x_birthday = date(2025, 3, 5)
        campaign = self.start(self.contacts[1])
        self.look(campaign, "2025-03-06 00:00:00")
        self.assertEqual(self.runs(campaign), [(self.contacts[1].id, datetime(2025, 3, 5))])

    def test_many_come_in_by_and_by(self):
        """A look takes a number of them; none is left out or taken twice where their moment is the
        same, and the job goes on at once."""
        contacts = self.create_contacts(7, tz="UTC", x_birthday=date(2025, 3, 5))
        contacts[4:].x_birthday = date(2025, 3, 6)
        campaign = self.start(contacts, reentry="always")
        job = self.env.ref(entry_date.POLL_JOB)
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)])
        self.patch(entry_date, "LOOK_BATCH_SIZE", 3)
        numbers = []
        for _look in range(5):
            with self.at("2025-03-07 00:00:00"):
                numbers.append(campaign.entry_ids._look())
        self.assertEqual(numbers, [3, 3, 1, 0, 0])
        self.assertEqual(sorted(campaign.participant_ids.mapped("res_id")), contacts.ids)
        now = self.env["ir.cron.trigger"].search_count([("cron_id", "=", job.id)])
        self.assertGreater(now, triggers)

    def test_a_look_that_fails_is_made_up_for(self):
        """What was let in, and how far it was looked, are one transaction."""
        self.contacts.x_birthday = date(2025, 3, 5)
        campaign = self.start()
        admit = type(campaign)._admit

        def fail(records, *args, **options):
            admit(records, *args, **options)
            raise RuntimeError

        self.patch(type(campaign), "_admit", fail)
        with (
            self.at("2025-03-06 00:00:00"),
            self.assertRaises(RuntimeError),
            self.env.cr.savepoint(),
        ):
            campaign.entry_ids._look()
        self.env.invalidate_all()
        self.patch(type(campaign), "_admit", admit)
        self.assertFalse(campaign.participant_ids)
        self.look(campaign, "2025-03-06 00:05:00")
        self.assertEqual(len(campaign.participant_ids), 3)

    def test_campaign_that_can_enrol_nobody(self):
        """It is the enrolment job that tells; once it is mended they come in as of their moment."""
        self.contacts.x_birthday = date(2025, 3, 5)
        campaign = self.start()
        domain = campaign.domain
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_campaign SET domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", campaign.id],
        )
        campaign.invalidate_recordset()
        self.look(campaign, "2025-03-06 00:00:00")
        self.assertFalse(campaign.participant_ids)
        campaign.domain = domain
        self.look(campaign, "2025-03-07 00:00:00")
        moment = datetime(2025, 3, 5)
        self.assertEqual(self.runs(campaign), [(contact.id, moment) for contact in self.contacts])

    def test_poll_when_asked(self):
        self.contacts.x_birthday = date(2025, 3, 5)
        campaign = self.start()
        with self.at("2025-03-05 00:00:01"):
            campaign.with_user(self.responsible).poll_campaigns()
        self.assertEqual(len(campaign.participant_ids), 3)

    # ------------------------------------------------------------
    # What may go wrong
    # ------------------------------------------------------------

    def test_problems(self):
        campaign = self.create_campaign(self.contacts, entry_ids=[])
        self.create_activity(campaign, "action")
        entry = self.create_entry(campaign, date_field_id=False)
        with self.assertRaisesRegex(UserError, "choose the date"):
            campaign.action_start_campaign()
        gone = self.create_field("x_gone", "date")
        entry.date_field_id = gone
        with self.at(START):
            campaign.action_start_campaign()
        gone.unlink()
        entry.invalidate_recordset()
        self.assertEqual(entry._look(), 0)
        self.assertIn("choose the date", entry._get_problems()[0])
        with self.at("2025-03-05 00:00:00"):
            self.run_cron("ir_cron_poll")

    def test_only_dates_of_the_target(self):
        campaign = self.create_campaign(self.contacts, entry_ids=[])
        for name, model_name in (
            ("name", "res.partner"),
            ("date_deadline", "crm.lead"),
            ("activity_date_deadline", "res.partner"),
        ):
            with self.assertRaisesRegex(ValidationError, "choose a stored date"):
                self.create_entry(campaign, date_field_id=self.get_field(name, model_name).id)

    @mute_logger("odoo.sql_db")
    def test_limits(self):
        campaign = self.create_campaign(self.contacts, entry_ids=[])
        for vals in ({"date_number": 10_001}, {"time_of_day": 24}, {"time_of_day": -1}):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.create_entry(campaign, **vals)

    def test_dates_that_one_may_not_see(self):
        """When somebody comes in tells the date: to nobody who may not read it."""
        self.contacts.x_birthday = date(2025, 3, 5)
        campaign = self.start()
        self.patch(self.env["res.partner"]._fields["x_birthday"], "groups", "base.group_system")
        entry = campaign.entry_ids
        self.assertIn("may not read", entry._get_problems()[0])
        with self.at("2025-03-06 00:00:00"):
            self.assertEqual(entry._look(), 0)
        with self.assertRaises(ValidationError):
            entry.with_user(self.responsible).date_field_id = self.get_field("x_birthday")

    def test_what_the_system_notes(self):
        campaign = self.start()
        with self.assertRaises(AccessError):
            campaign.entry_ids.with_user(self.responsible).checked_until = START

    def test_hostile_dates(self):
        """What cannot be read does not keep the others out."""
        self.contacts.x_birthday = date(2025, 3, 5)
        self.contacts.x_meeting = datetime(2025, 3, 5)
        self.env.flush_all()
        rows = (("infinity", "0044-03-15 BC"), ("-infinity", "294276-12-31"))
        for contact, values in zip(self.contacts, rows, strict=False):
            self.env.cr.execute(
                "UPDATE res_partner SET x_birthday = %s, x_meeting = %s WHERE id = %s",
                [values[0], values[1], contact.id],
            )
        for name in ("x_birthday", "x_meeting"):
            for is_yearly in (False, True):
                campaign = self.start(name=name, is_yearly=is_yearly)
                self.look(campaign, "2025-03-06 00:00:00")
                self.assertEqual(
                    self.runs(campaign), [(self.contacts[2].id, datetime(2025, 3, 5))]
                )

    def test_microseconds(self):
        """A part of a second that is not over yet is not passed over."""
        campaign = self.start(name="create_date", reentry="always")
        self.env.flush_all()
        self.look(campaign, "2025-03-05 09:00:00")
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2025-03-05 09:00:00.001' WHERE id = ANY(%s)",
            [self.contacts.ids],
        )
        self.look(campaign, "2025-03-05 09:00:00", "2025-03-05 09:00:01", "2025-03-05 09:00:02")
        moment = datetime(2025, 3, 5, 9, 0, 1)
        self.assertEqual(self.runs(campaign), [(contact.id, moment) for contact in self.contacts])

    def test_transactions_that_are_open(self):
        """What they write as of now is seen later only: it is waited for."""
        campaign = self.start(name="create_date")
        now = datetime(2025, 3, 5, 9)
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_sleep(1)")
            # A job looks once in its transaction.
            self.env.cr.execute("SELECT pg_stat_clear_snapshot()")
            with self.at(now):
                self.assertLess(campaign.entry_ids._get_look_end(), now)
                self.look(campaign, now)
                campaign.entry_ids.date_number = 1
                self.assertEqual(campaign.entry_ids._get_look_end(), now)

    # ------------------------------------------------------------
    # Words and form
    # ------------------------------------------------------------

    def test_words(self):
        campaign = self.create_campaign(self.contacts, entry_ids=[])
        for vals, words in (
            ({}, "On “Birthday”"),
            ({"time_of_day": 9.5}, "On “Birthday”, at 9:30"),
            (
                {"date_number": -7, "is_yearly": True, "time_of_day": 9},
                "7 days before “Birthday”, every year, at 9:00",
            ),
            (
                {"date_number": 1, "date_type": "months", "name": "x_meeting"},
                "1 month after “Meeting”",
            ),
            ({"date_number": 2, "date_type": "hours"}, "2 hours after “Birthday, 0:00”"),
            (
                {"date_number": -2, "date_type": "hours", "name": "x_meeting", "time_of_day": 9},
                "2 hours before “Meeting”",
            ),
            ({"date_field_id": False}, "By a date"),
        ):
            entry = self.create_entry(campaign, **vals)
            self.assertEqual(entry.description, words)

    def test_form(self):
        campaign = self.create_campaign(self.contacts, entry_ids=[], user_id=self.responsible.id)
        entries = self.env["marketing.campaign.entry"].with_user(self.responsible)
        form = Form(entries.with_context(default_campaign_id=campaign.id))
        form.entry_type = "date"
        self.assertEqual(form.time_of_day, 9)
        form.date_field_id = self.get_field("x_birthday")
        form.date_number = -7
        form.is_yearly = True
        entry = form.save()
        self.assertEqual(
            entry.display_name, "7 days before “Birthday”, every year, at 9:00"
        )


@tagged("post_install", "-at_install")
class TestTimezones(DateEntryCase):
    """The clock of a record: in SQL as in plain words."""

    def test_of_records(self):
        """Each place that may say it, on two models, set or not."""
        countries = [
            self.env["res.country"],
            *(self.env.ref(f"base.{code}") for code in ("be", "de", "us", "jp")),
        ]
        company = self.env.company
        other = self.env["res.company"].create({"name": "Other"})
        other.partner_id.tz = "Asia/Tokyo"
        far = self.env["res.company"].create({"name": "Far"})
        far.partner_id.write({"tz": False, "country_id": self.env.ref("base.np").id})
        company.partner_id.write({"tz": False, "country_id": False})
        companies = [self.env["res.company"], company, other, far]
        partners = self.env["res.partner"].create(
            [
                {"name": "P", "tz": tz, "country_id": country.id, "company_id": owner.id}
                for tz in (False, "Pacific/Apia")
                for country in countries
                for owner in companies
            ]
        )
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": "L",
                    "partner_id": partners[place % len(partners)].id if place % 3 else False,
                    "country_id": countries[place % 5].id,
                    "company_id": companies[place % 4].id,
                }
                for place in range(60)
            ]
        )
        contacts = self.env["mailing.contact"].create(
            [{"name": "C", "country_id": country.id} for country in countries]
        )
        found = set()
        for records in (partners, leads, contacts):
            campaign = self.create_campaign(
                domain="[]", model_id=self.env["ir.model"]._get_id(records._name)
            )
            campaign.user_id.tz = "Africa/Casablanca"
            self.env.flush_all()
            query = records._search([("id", "in", records.ids)])
            timezone = campaign._timezone_sql(query)
            rows = self.env.execute_query(query.select(f'"{query.table}".id', timezone))
            expected = {
                record.id: campaign._get_record_timezone(record) for record in records
            }
            self.assertEqual(dict(rows), expected)
            found |= set(expected.values())
        self.assertEqual(
            found,
            {
                "Africa/Casablanca",
                "Asia/Kathmandu",
                "Asia/Tokyo",
                "Europe/Berlin",
                "Europe/Brussels",
                "Pacific/Apia",
            },
        )

    def test_countries(self):
        """The clocks of Berlin and Büsingen are always the same."""
        only = get_only_timezones()
        self.assertEqual((only["BE"], only["DE"]), ("Europe/Brussels", "Europe/Berlin"))
        self.assertTrue({"US", "AU", "BR", "ES", "RU"}.isdisjoint(only))


@tagged("post_install", "-at_install")
class TestRhythmOfLooks(DateEntryCase):
    """Whatever the rhythm, and whatever becomes of the dates: as the rule says, in plain Python."""

    def test_random(self):
        zones = ["Europe/Brussels", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]
        dates = st.one_of(st.none(), st.dates(date(2023, 10, 20), date(2024, 11, 12)))
        times = st.one_of(
            st.none(), st.datetimes(datetime(2023, 10, 20), datetime(2024, 11, 12))
        )
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
        @given(
            st.booleans(), rules, st.tuples(*[dates] * 4), st.tuples(*[times] * 4), steps
        )
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
