"""Messages leave in the sending hours of their campaign, each once and as early as allowed."""

from datetime import datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

import psycopg2.errors
from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .common import MessagingCase

# A Monday at noon, in UTC.
NOON = datetime(2025, 3, 3, 12)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ZONES = ("Asia/Tokyo", "Asia/Kolkata", "Europe/Brussels", "America/New_York", "Pacific/Apia")


class SendingHoursCase(MessagingCase, CronMixinCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.create_calendar()
        cls.contacts = cls.create_contacts(len(ZONES))
        for contact, zone in zip(cls.contacts, ZONES, strict=True):
            contact.tz = zone
        cls.campaign = cls.create_campaign(cls.contacts, sending_calendar_id=cls.calendar.id)

    def close(self, begin, end, **vals):
        """A public holiday."""
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": begin,
                "date_to": end,
                **vals,
            }
        )

    def add(self, kind="email", delay="0 hours", **vals):
        return self.create_activity(self.campaign, kind, delay=delay, **vals)

    def start_at(self, moment):
        with self.at(moment):
            self.start(self.campaign)

    def run_at(self, moment):
        """All jobs at a moment."""
        with self.at(moment):
            self.run_cron("ir_cron_poll")
            self.run_jobs()

    def send_at(self, moment):
        """The senders, at a moment; what they take back is asked again.

        :return: records whose email, or text message, has left
        """
        with self.at(moment):
            self.send_mails()
            self.send_sms()
            self.run_jobs()
        return self.contacts.filtered(
            lambda contact: (
                any(contact.email in mail["email_to"][0] for mail in self._mails)
                or any(contact.phone == sms["number"] for sms in self._sms)
            )
        )

    def of(self, zone):
        return self.contacts.filtered(lambda contact: contact.tz == zone)


@tagged("post_install", "-at_install")
class TestSendingHours(SendingHoursCase):
    def test_each_leaves_once_at_the_first_moment_that_is_allowed(self):
        for kind in ("email", "sms"):
            with self.subTest(kind=kind):
                self.campaign = self.create_campaign(
                    self.contacts, sending_calendar_id=self.calendar.id
                )
                activity = self.add(kind)
                self.start_at(NOON)
                left = {}
                # What each of the next moments brings, a minute before and at each opening.
                for moment in self.get_moments():
                    self.run_at(moment)
                    for contact in self.send_at(moment):
                        self.assertNotIn(contact, left)
                        left[contact] = moment
                self.assertEqual(
                    left,
                    {
                        self.of("Europe/Brussels"): NOON,
                        self.of("America/New_York"): datetime(2025, 3, 3, 14),
                        self.of("Pacific/Apia"): datetime(2025, 3, 3, 20),
                        self.of("Asia/Tokyo"): datetime(2025, 3, 4, 0),
                        self.of("Asia/Kolkata"): datetime(2025, 3, 4, 3, 30),
                    },
                )
                self.assertEqual(set(activity.trace_ids.mapped("state")), {"processed"})
                self.assertEqual(len(activity.trace_ids.mailing_trace_ids), len(ZONES))

    def get_moments(self):
        opening = [datetime(2025, 3, day, 9) for day in (3, 4)]
        utc = {
            moment - moment.replace(tzinfo=ZoneInfo(zone)).utcoffset()
            for moment in opening
            for zone in ZONES
        }
        return [
            NOON,
            *(
                moment + minutes
                for moment in sorted(utc)
                if moment > NOON
                for minutes in (-MINUTE, timedelta())
            ),
        ]

    def test_by_the_time_of_the_responsible(self):
        self.responsible.tz = "Asia/Tokyo"
        self.campaign.sending_timezone = "responsible"
        activity = self.add()
        self.start_at(NOON)
        self.assertEqual(set(activity.trace_ids.mapped("schedule_date")), {datetime(2025, 3, 4, 0)})

    def test_skips_what_is_outside(self):
        self.campaign.outside_hours = "skip"
        activity = self.add()
        self.start_at(NOON)
        states = {trace.res_id: trace.state for trace in activity.trace_ids}
        self.assertEqual(states.pop(self.of("Europe/Brussels").id), "processed")
        self.assertEqual(set(states.values()), {"canceled"})
        self.assertEqual(set(activity.trace_ids.mapped("state_reason")), {"hours", False})

    def test_an_exempt_step_goes_out_at_once(self):
        activity = self.add(ignore_sending_hours=True)
        self.start_at(NOON)
        self.assertEqual(set(activity.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(self.send_at(NOON), self.contacts)

    def test_actions_do_not_wait(self):
        activity = self.add("action")
        self.start_at(NOON)
        self.assertEqual(set(activity.trace_ids.mapped("state")), {"processed"})

    def test_a_holiday_is_one_by_the_clock_of_each(self):
        self.calendar.tz = "America/New_York"
        # The whole Tuesday, in New York.
        self.close(datetime(2025, 3, 4, 5), datetime(2025, 3, 5, 4, 59, 59))
        activity = self.add()
        self.start_at(NOON)
        self.assertEqual(
            self.trace_of(activity, self.of("Asia/Tokyo")).schedule_date, datetime(2025, 3, 5, 0)
        )

    def test_which_holidays_count(self):
        monday = (datetime(2025, 3, 3), datetime(2025, 3, 3, 23, 59, 59))
        company, other = self.env.company, self.env["res.company"].create({"name": "Other"})
        resource = self.env["resource.resource"].create({"name": "Somebody"})
        for counts, vals in (
            (True, {}),
            (True, {"calendar_id": False, "company_id": company.id}),
            (False, {"calendar_id": False, "company_id": other.id}),
            (False, {"calendar_id": self.create_calendar().id}),
            (False, {"resource_id": resource.id, "calendar_id": self.calendar.id}),
            (False, {"time_type": "other"}),
        ):
            with self.subTest(vals=vals), self.at(NOON):
                holiday = self.close(*monday, **vals)
                if vals.get("company_id"):
                    holiday.company_id = vals["company_id"]
                opening = self.campaign._get_openings().find(NOON, "UTC")
                self.assertEqual(opening.begin, NOON + 21 * HOUR if counts else NOON)
                holiday.unlink()

    def test_what_a_schedule_says(self):
        both = {"two_weeks_calendar": True}
        for hours, vals, expected in (
            # Breaks are none.
            ([("1", 8, 12, "morning", False), ("1", 12, 13, "lunch", False)], {}, (1, 8, 12)),
            # The second week; 3 March 2025 is in the first one by Odoo's count, or not.
            ([("1", 8, 12, "morning", "1")], both, (8, 8, 12)),
            ([("1", 8, 12, "morning", "0")], both, (1, 8, 12)),
            ([("1", 8, 12, "morning", False)], {"schedule_type": "flexible"}, None),
        ):
            calendar = self.create_calendar(days=(), **vals)
            calendar.attendance_ids = [
                Command.create(
                    {
                        "name": "Open",
                        "dayofweek": day,
                        "hour_from": begin,
                        "hour_to": end,
                        "day_period": period,
                        "week_type": week,
                    }
                )
                for day, begin, end, period, week in hours
            ]
            days = calendar._get_openings(self.env.company).days
            with self.subTest(vals=vals):
                if not expected:
                    self.assertFalse(any(days))
                else:
                    day, begin, end = expected
                    self.assertEqual(days[day], ((begin * 60, end * 60),))
                    self.assertEqual(sum(map(len, days)), 1 if vals else 2)


@tagged("post_install", "-at_install")
class TestClosing(SendingHoursCase):
    """The window closes while messages are in the queue."""

    def setUp(self):
        super().setUp()
        self.contacts = self.of("Europe/Brussels")
        self.campaign.domain = str([("id", "in", self.contacts.ids)])

    def test_what_is_queued_when_the_hours_end_goes_out_in_the_next_ones(self):
        closing, opening = datetime(2025, 3, 3, 16), datetime(2025, 3, 4, 8)
        for kind in ("email", "sms"):
            with self.subTest(kind=kind):
                self.campaign = self.create_campaign(
                    self.contacts, sending_calendar_id=self.calendar.id
                )
                activity = self.add(kind)
                follower = self.create_activity(
                    self.campaign, "action", parent_id=activity.id, delay="0 hours"
                )
                self.start_at(closing - MINUTE)
                self.assertEqual(activity.trace_ids.state, "processed")
                self.assertFalse(self.send_at(closing))
                trace = activity.trace_ids
                self.assertEqual((trace.state, trace.state_reason), ("scheduled", "hours"))
                self.assertEqual(trace.schedule_date, opening)
                self.assertFalse(follower.trace_ids)
                self.run_at(opening - MINUTE)
                self.assertFalse(self.send_at(opening - MINUTE))
                self.run_at(opening)
                self.assertEqual(self.send_at(opening), self.contacts)
                self.assertFalse(self.send_at(opening + HOUR))
                self.assertEqual(trace.state, "processed")
                self.assertEqual(follower.trace_ids.state, "processed")
                self.assertEqual(
                    trace.mailing_trace_ids.sorted("id").mapped("trace_status"),
                    ["cancel", "sent"] if kind == "email" else ["cancel", "pending"],
                )

    def test_its_time_goes_on_while_it_is_queued(self):
        """A mail server that is away over several openings gives nobody another week."""
        activity = self.add()
        saturday = NOON + timedelta(days=5)
        self.start_at(saturday)
        trace = activity.trace_ids
        end = saturday + timedelta(days=7)
        for day in range(7, 12):
            self.run_at(NOON + timedelta(days=day))
            self.assertEqual(trace.state, "processed")
            self.run_at(NOON + timedelta(days=day, hours=8))
            self.assertEqual(trace.state, "scheduled")
        self.assertEqual(trace.hold_end, end)
        self.run_at(end + MINUTE)
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "hours"))

    def test_the_hours_end_in_the_middle_of_a_batch(self):
        self.contacts = self.create_contacts(3, tz="Europe/Brussels", email="late{i}@example.com")
        self.campaign.domain = str([("id", "in", self.contacts.ids)])
        activity = self.add()
        closing = datetime(2025, 3, 3, 16)
        self.start_at(closing - MINUTE)
        Server = self.registry["ir.mail_server"]
        send_email = Server.send_email
        with freeze_time(closing - MINUTE) as clock, self.mock_mail_gateway():

            def send_slowly(self, message, *args, **kwargs):
                clock.tick(timedelta(seconds=30))
                return send_email(self, message, *args, **kwargs)

            self.mail_unlink_sent = True
            with patch.object(Server, "send_email", send_slowly):
                self.run_cron("ir_cron_send_emails")
        self.assertEqual(len(self._mails), 2)
        states = activity.trace_ids.mapped(lambda trace: bool(trace.sent_datetime))
        self.assertEqual(sorted(states), [False, True, True])
        self.send_at(closing + MINUTE)
        self.assertFalse(self._mails)
        self.run_at(closing + 16 * HOUR)
        self.assertEqual(len(self.send_at(closing + 16 * HOUR)), 1)

    def test_what_somebody_executes_by_hand_leaves_at_any_time(self):
        activity = self.add()
        self.start_at(datetime(2025, 3, 3, 17))
        self.assertEqual(activity.trace_ids.state_reason, "hours")
        with self.at(datetime(2025, 3, 3, 17)):
            activity.trace_ids.action_execute()
        self.run_at(datetime(2025, 3, 3, 18))
        self.assertEqual(self.send_at(datetime(2025, 3, 3, 18)), self.contacts)

    def test_send_now_means_it(self):
        activity = self.add()
        self.start_at(NOON)
        mail = activity.trace_ids.mailing_trace_ids.mail_mail_id
        with self.at(NOON + 9 * HOUR), self.mock_mail_gateway():
            self.mail_unlink_sent = True
            mail.send()
        self.assertEqual(len(self._mails), 1)
        self.assertTrue(activity.trace_ids.sent_datetime)

    def test_a_transaction_that_fails_holds_nothing_and_sends_nothing_twice(self):
        """Of the job that holds messages, and of the one that takes them back."""
        activity = self.add()
        opening, night = datetime(2025, 3, 4, 8), NOON + 9 * HOUR
        with patch.object(
            self.registry["marketing.trace"],
            "_settle_outcomes",
            side_effect=psycopg2.errors.SerializationFailure,
        ):
            self.start_at(NOON)
            self.assertFalse(self.send_at(NOON))
        trace = activity.trace_ids
        self.assertEqual((trace.state, trace.hold_end), ("scheduled", False))
        self.run_at(NOON + MINUTE)
        self.assertEqual(trace.state, "processed")
        with patch.object(
            self.registry["marketing.trace"],
            "_cancel_queued",
            side_effect=psycopg2.errors.SerializationFailure,
        ):
            self.run_at(night)
            self.assertFalse(self.send_at(night))
        self.assertEqual(trace.state, "processed")
        self.run_at(night + MINUTE)
        self.assertEqual((trace.state, trace.schedule_date), ("scheduled", opening))
        self.run_at(opening)
        self.assertEqual(self.send_at(opening), self.contacts)
        self.assertFalse(self.send_at(opening + MINUTE))


@tagged("post_install", "-at_install")
class TestHoursReview(SendingHoursCase):
    """Hours change while messages wait for them, or are queued."""

    def setUp(self):
        super().setUp()
        self.tokyo = self.of("Asia/Tokyo")
        self.brussels = self.of("Europe/Brussels")
        self.activity = self.add()
        self.start_at(NOON)
        self.opening = datetime(2025, 3, 4, 0)  # Tuesday, 9:00 in Tokyo
        self.assertEqual(self.waits_for(self.tokyo), self.opening)

    def waits_for(self, contact):
        """Until when the contact's message waits; None if it does not."""
        trace = self.trace_of(self.activity, contact)
        return trace.schedule_date if trace.state == "scheduled" else None

    def test_nothing_has_changed(self):
        before = {trace: trace.write_date for trace in self.activity.trace_ids}
        with self.at(NOON + HOUR):
            self.run_cron("ir_cron_poll")
        self.assertEqual({trace: trace.write_date for trace in self.activity.trace_ids}, before)

    def test_a_holiday_comes(self):
        # Tuesday, by the calendar's clock, which is UTC: by everybody's own.
        self.close(datetime(2025, 3, 4), datetime(2025, 3, 4, 23, 59, 59))
        self.run_at(NOON + HOUR)
        self.assertEqual(self.waits_for(self.tokyo), self.opening + 24 * HOUR)
        self.run_at(self.opening)
        self.assertFalse(self.send_at(self.opening))
        self.run_at(self.opening + 24 * HOUR)
        self.assertIn(self.tokyo, self.send_at(self.opening + 24 * HOUR))

    def test_a_holiday_that_nobody_has_looked_at_yet(self):
        """The gate looks again, even if the poll did not."""
        self.close(datetime(2025, 3, 4), datetime(2025, 3, 4, 23, 59, 59))
        with self.at(self.opening):
            self.run_jobs()
        self.assertEqual(self.waits_for(self.tokyo), self.opening + 24 * HOUR)

    def test_the_hours_are_longer(self):
        self.calendar.attendance_ids.hour_to = 23
        self.run_at(NOON + HOUR)  # 22:00 in Tokyo
        self.assertIn(self.tokyo, self.send_at(NOON + HOUR))

    def test_the_record_moves(self):
        self.tokyo.tz = "Europe/London"
        self.run_at(NOON + HOUR)
        self.assertIn(self.tokyo, self.send_at(NOON + HOUR))
        moved = self.of("Asia/Kolkata")
        moved.tz = "Asia/Dubai"
        self.run_at(NOON + 2 * HOUR)
        self.assertEqual(self.waits_for(moved), datetime(2025, 3, 4, 5))

    def test_by_the_responsible_s_time_now(self):
        self.campaign.sending_timezone = "responsible"
        self.run_at(NOON + HOUR)
        self.assertEqual(self.send_at(NOON + HOUR), self.contacts)

    def test_no_hours_any_more(self):
        self.campaign.sending_calendar_id = False
        self.run_at(NOON + HOUR)
        self.assertEqual(self.send_at(NOON + HOUR), self.contacts)

    def test_exempt_now(self):
        self.activity.ignore_sending_hours = True
        self.run_at(NOON + HOUR)
        self.assertEqual(self.send_at(NOON + HOUR), self.contacts)

    def test_skipped_now(self):
        self.campaign.outside_hours = "skip"
        self.run_at(NOON + HOUR)
        self.assertEqual(self.trace_of(self.activity, self.tokyo).state, "canceled")
        self.assertEqual(self.trace_of(self.activity, self.tokyo).state_reason, "hours")

    def test_never_open_any_more(self):
        self.calendar.attendance_ids.unlink()
        self.run_at(NOON + HOUR)
        trace = self.trace_of(self.activity, self.tokyo)
        self.assertEqual(trace.schedule_date, NOON + 7 * 24 * HOUR)
        self.calendar.attendance_ids = self.create_calendar().attendance_ids.copy()
        self.run_at(NOON + 24 * HOUR)
        self.assertEqual(trace.schedule_date, datetime(2025, 3, 5, 0))

    def test_a_change_of_the_campaign_is_looked_at_at_once(self):
        for change in (
            lambda: self.campaign.write({"sending_timezone": "responsible"}),
            lambda: self.campaign.write({"outside_hours": "skip"}),
            lambda: self.campaign.write({"sending_calendar_id": False}),
            lambda: self.activity.write({"ignore_sending_hours": True}),
        ):
            with self.capture_triggers("marketing_automation.ir_cron_poll") as captured:
                change()
            self.assertEqual(len(captured.records), 1)

    def test_what_is_queued_leaves_in_the_new_hours_too(self):
        # Brussels' email is queued, since 13:00, and the hours end at 14:00 now.
        self.calendar.attendance_ids.hour_to = 14
        self.run_at(NOON + HOUR)
        self.assertFalse(self.send_at(NOON + HOUR))
        self.assertEqual(self.waits_for(self.brussels), datetime(2025, 3, 4, 8))

    def test_what_is_queued_leaves_when_there_are_no_hours_any_more(self):
        self.campaign.sending_calendar_id = False
        self.run_at(NOON + HOUR)
        with self.at(NOON + 8 * HOUR):
            self.send_mails()
        self.assertEqual(len(self._mails), len(ZONES))

    def test_what_is_queued_keeps_to_hours_that_come(self):
        campaign = self.create_campaign(self.contacts)
        self.campaign, self.activity = campaign, self.create_activity(campaign, delay="0 hours")
        self.start_at(NOON)
        self.assertFalse(self.waits_for(self.tokyo))
        campaign.sending_calendar_id = self.calendar
        self.run_at(NOON)
        self.assertEqual(self.waits_for(self.tokyo), self.opening)
        self.assertFalse(self.waits_for(self.brussels))

    def test_tests_do_not_wait(self):
        test = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.tokyo.id}
        )
        test.action_launch_test()
        trace = self.activity.trace_ids.filtered("is_test")
        with self.at(NOON):
            trace.action_execute()
        self.run_at(NOON + 4 * HOUR)
        self.assertEqual(trace.state, "processed")
        self.assertIn(self.tokyo, self.send_at(NOON + 4 * HOUR))
