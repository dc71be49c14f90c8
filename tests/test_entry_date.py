"""Records come in by a date of theirs: each once for each moment."""

from datetime import date, datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.entry import entry_date
from .entry_date_case import START, DateEntryCase


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
        self.assertEqual(self.runs(campaign), [(self.contacts[2].id, datetime(2025, 3, 2, 7, 30))])

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

    def test_people_with_two_records_where_a_look_is_cut_off_between_them(self):
        email = self.env["ir.model.fields"]._get("res.partner", "email")
        self.contacts.write({"email": "ann@example.com", "x_birthday": date(2025, 3, 5)})
        self.contacts[2].x_birthday = date(2025, 3, 6)
        self.patch(entry_date, "LOOK_BATCH_SIZE", 1)
        campaign = self.start(reentry="always")
        campaign.unique_field_id = email
        self.look(campaign, *["2025-03-07"] * 5)
        first, _second, third = self.contacts.ids
        expected = [(first, datetime(2025, 3, 5)), (third, datetime(2025, 3, 6))]
        self.assertEqual(self.runs(campaign), expected)

    def test_two_entries_with_the_same_moment(self):
        """Each lets in."""
        self.contacts[0].write({"x_birthday": date(2025, 3, 5), "x_meeting": "2025-03-04 23:00:00"})
        campaign = self.start(reentry="always")
        with self.at(START):
            self.create_entry(campaign, "x_meeting", date_number=1, date_type="hours")
        self.look(campaign, "2025-03-06")
        self.assertEqual(self.runs(campaign), [(self.contacts[0].id, datetime(2025, 3, 5))] * 2)

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
                self.assertEqual(self.runs(campaign), [(self.contacts[2].id, datetime(2025, 3, 5))])

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

    def test_transactions_of_the_database_itself(self):
        """An autovacuum is open for minutes, and writes no dates."""
        campaign = self.start(name="create_date")
        now = datetime(2025, 3, 5, 9)
        self.env.cr.execute(
            """
            SET LOCAL search_path TO pg_temp, public, pg_catalog;
            CREATE TEMPORARY VIEW pg_stat_activity AS
            SELECT current_database() AS datname, 0 AS pid, kind AS backend_type,
                clock_timestamp() - age AS xact_start
            FROM (VALUES
                ('autovacuum worker', interval '5 minutes'), ('client backend', interval '1 minute')
            ) AS session (kind, age)
            """
        )
        with self.at(now):
            end = campaign.entry_ids._get_look_end()
        self.assertAlmostEqual(end, now - timedelta(minutes=1), delta=timedelta(seconds=1))

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
        self.assertEqual(entry.display_name, "7 days before “Birthday”, every year, at 9:00")
