"""When activities come to be due, and what changes that."""

from psycopg2 import IntegrityError

from odoo import fields
from odoo.tests import tagged

from .common import MarketingAutomationCase

START = "2025-03-01 09:00:00"


class ScheduleCase(MarketingAutomationCase):
    """One contact goes through workflows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.create_contacts(1)
        cls.campaign = cls.create_campaign(cls.contact)

    def start(self, moment=START):
        with self.at(moment):
            self.campaign.action_start_campaign()
            self.run_jobs()
            self.hand_over(self.campaign)

    def jobs_at(self, moment):
        with self.at(moment):
            self.run_jobs()
            self.hand_over(self.campaign)

    def update_at(self, moment):
        with self.at(moment):
            self.campaign.action_update_participants()

    def event_at(self, moment, activity, *events):
        with self.at(moment):
            return [self.trace(activity).process_event(event) for event in events]

    def create_followers(self, parent, events):
        """A follower in two hours for each event and its opposite."""
        return {
            trigger: self.create_activity(
                self.campaign, "action", trigger, "2 hours", parent_id=parent.id
            )
            for event in events
            for trigger in (event, event.replace("_", "_not_", 1))
            if trigger in self.env["marketing.activity"]._get_triggers()
        }

    def create_expiring(self, number=2, unit="hours", **vals):
        return self.create_activity(
            self.campaign,
            "action",
            validity_duration=True,
            validity_duration_number=number,
            validity_duration_type=unit,
            **vals,
        )

    def trace(self, activity):
        return self.trace_of(activity, self.contact)

    def assertTrace(self, activity, state, schedule_date=None, reason=False):
        """Check a trace.

        :param schedule_date: text of it; "" if it waits for an event; None for any
        """
        trace = self.trace(activity)
        self.assertEqual(
            (trace.state, trace.state_reason),
            (state, reason),
            f"{activity.name}: {trace.state_msg}",
        )
        if schedule_date is not None:
            self.assertEqual(
                trace.schedule_date, fields.Datetime.to_datetime(schedule_date) or False
            )

    def assertFollowers(self, followers, **expected):
        for trigger, follower in followers.items():
            date = expected.pop(trigger)
            if date == "canceled":
                self.assertTrace(follower, "canceled", reason="event")
            else:
                self.assertTrace(follower, "scheduled", date and f"2025-03-01 {date}")
        self.assertFalse(expected)


@tagged("post_install", "-at_install")
class TestSchedule(ScheduleCase):
    """When an activity is due, and what rules it out."""

    # ------------------------------------------------------------
    # Intervals
    # ------------------------------------------------------------

    def test_units_of_the_interval(self):
        dates = {
            "3 hours": "2025-03-01 12:00:00",
            "2 days": "2025-03-03 09:00:00",
            "2 weeks": "2025-03-15 09:00:00",
            "1 months": "2025-04-01 09:00:00",
            "0 days": "2025-03-01 09:00:00",
        }
        activities = {
            delay: self.create_activity(self.campaign, "action", delay=delay) for delay in dates
        }
        self.start()
        for delay, date in dates.items():
            self.assertEqual(self.trace(activities[delay]).schedule_date.isoformat(" "), date)

    def test_nothing_runs_before_its_time(self):
        activity = self.create_activity(self.campaign, "action", delay="1 hours")
        self.start()
        self.jobs_at("2025-03-01 09:59:59")
        self.assertTrace(activity, "scheduled")
        self.jobs_at("2025-03-01 10:00:00")
        self.assertTrace(activity, "processed")
        self.assertEqual(self.trace(activity).execution_date.isoformat(" "), "2025-03-01 10:00:00")

    def test_interval_counts_from_the_execution_of_the_parent(self):
        parent = self.create_activity(self.campaign, "action")
        child = self.create_activity(self.campaign, "action", delay="2 hours", parent_id=parent.id)
        self.start()
        self.assertFalse(self.trace(child))
        self.jobs_at("2025-03-01 15:30:00")
        self.assertTrace(child, "scheduled", "2025-03-01 17:30:00")

    def test_zero_hours_run_at_once(self):
        first = self.create_activity(self.campaign, "action", delay="0 hours")
        second = self.create_activity(self.campaign, "action", delay="0 hours", parent_id=first.id)
        third = self.create_activity(self.campaign, "action", delay="0 hours", parent_id=second.id)
        self.start()
        for activity in (first, second, third):
            self.assertTrace(activity, "processed", START)
        self.assertEqual(self.campaign.participant_ids.state, "completed")

    def test_execute_activities_runs_chains_at_once(self):
        first = self.create_activity(self.campaign, "action", delay="0 hours")
        second = self.create_activity(self.campaign, "action", delay="0 hours", parent_id=first.id)
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.assertTrue(self.campaign.execute_activities())
        self.assertTrace(second, "processed")

    def test_days_keep_the_hour_when_the_clock_changes(self):
        """In Brussels, 30 March 2025 has 23 hours and 26 October 25."""
        self.responsible.tz = "Europe/Brussels"
        daily = self.create_activity(self.campaign, "action", delay="1 days")
        hourly = self.create_activity(self.campaign, "action", delay="24 hours")
        self.start("2025-03-29 08:00:00")
        self.assertTrace(daily, "scheduled", "2025-03-30 07:00:00")
        self.assertTrace(hourly, "scheduled", "2025-03-30 08:00:00")

    def test_weeks_and_months_keep_the_hour_when_the_clock_changes(self):
        self.responsible.tz = "Europe/Brussels"
        weekly = self.create_activity(self.campaign, "action", delay="1 weeks")
        monthly = self.create_activity(self.campaign, "action", delay="1 months")
        self.start("2025-10-20 07:00:00")
        self.assertTrace(weekly, "scheduled", "2025-10-27 08:00:00")
        self.assertTrace(monthly, "scheduled", "2025-11-20 08:00:00")

    def test_hour_that_does_not_exist(self):
        """2:30 does not exist on the night of the change: it runs at 3:30."""
        self.responsible.tz = "Europe/Brussels"
        daily = self.create_activity(self.campaign, "action", delay="1 days")
        self.start("2025-03-29 01:30:00")
        self.assertTrace(daily, "scheduled", "2025-03-30 01:30:00")

    def test_last_day_of_the_month(self):
        monthly = self.create_activity(self.campaign, "action", delay="1 months")
        leap = self.create_activity(self.campaign, "action", delay="13 months")
        self.start("2023-01-31 09:00:00")
        self.assertTrace(monthly, "scheduled", "2023-02-28 09:00:00")
        self.assertTrace(leap, "scheduled", "2024-02-29 09:00:00")

    def test_month_counts_in_the_time_zone_of_the_responsible(self):
        """It is 31 January in UTC and 1 February in Tokyo."""
        self.responsible.tz = "Asia/Tokyo"
        monthly = self.create_activity(self.campaign, "action", delay="1 months")
        self.start("2025-01-31 16:00:00")
        self.assertTrace(monthly, "scheduled", "2025-02-28 16:00:00")

    def test_time_of_day(self):
        """9:00 and 17:00 in Brussels, from 10:00 on: on the day that is so much later, or on the
        first on which it is not past."""
        self.responsible.tz = "Europe/Brussels"
        dates = {
            ("3 days", 9): "2025-03-04 08:00:00",
            ("1 days", 17.5): "2025-03-02 16:30:00",
            ("1 weeks", 9): "2025-03-08 08:00:00",
            ("1 months", 9): "2025-04-01 07:00:00",
            ("0 days", 9): "2025-03-02 08:00:00",
            ("0 days", 10): "2025-03-01 09:00:00",
            ("0 days", 17.5): "2025-03-01 16:30:00",
            ("0 weeks", 9): "2025-03-02 08:00:00",
            ("2 days", 0): "2025-03-03 09:00:00",
            ("30 minutes", 9): "2025-03-01 09:30:00",
            ("5 hours", 9): "2025-03-01 14:00:00",
        }
        activities = {
            (delay, hour): self.create_activity(
                self.campaign, "action", delay=delay, time_of_day=hour
            )
            for delay, hour in dates
        }
        self.start()
        for key, date in dates.items():
            activity, state = activities[key], "processed" if date == START else "scheduled"
            self.assertTrace(activity, state, date)

    def test_time_of_day_after_steps_and_events(self):
        """It counts from what happened."""
        first = self.create_activity(self.campaign, delay="0 hours")
        after = [
            self.create_activity(
                self.campaign, "action", trigger, "1 days", parent_id=first.id, time_of_day=9
            )
            for trigger in ("activity", "mail_not_open", "mail_click")
        ]
        self.start("2025-03-01 15:00:00")
        self.event_at("2025-03-05 07:00:00", first, "mail_click")
        for activity, date in zip(after, ("03-02", "03-02", "03-06"), strict=True):
            self.assertEqual(str(self.trace(activity).schedule_date), f"2025-{date} 09:00:00")

    def test_time_of_day_of_a_running_campaign(self):
        """What has not come yet is dated anew by an Update; it expires from its date on."""
        step = self.create_expiring(2, "hours", delay="2 days", time_of_day=9)
        self.start("2025-03-01 15:00:00")
        self.assertTrace(step, "scheduled", "2025-03-03 09:00:00")
        step.time_of_day = 7.25
        self.assertTrue(step.require_sync)
        self.update_at("2025-03-01 16:00:00")
        self.assertTrace(step, "scheduled", "2025-03-03 07:15:00")
        self.assertEqual(step.copy().time_of_day, 7.25)
        self.jobs_at("2025-03-03 09:15:01")
        self.assertTrace(step, "canceled", reason="expired")

    def test_minutes(self):
        """They come before an hour, on the canvas, too."""
        later = self.create_activity(self.campaign, "action", delay="1 hours")
        step = self.create_expiring(10, "minutes", delay="30 minutes")
        self.assertEqual(self.campaign.marketing_activity_ids.sorted(), step + later)
        self.start()
        self.assertTrace(step, "scheduled", "2025-03-01 09:30:00")
        self.jobs_at("2025-03-01 09:40:01")
        self.assertTrace(step, "canceled", reason="expired")

    def test_impossible_time_of_day(self):
        for hour in (-1, 24):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                self.create_activity(self.campaign, "action", delay="1 days", time_of_day=hour)

    def test_event_delay_in_days_keeps_the_hour_too(self):
        self.responsible.tz = "Europe/Brussels"
        mail = self.create_activity(self.campaign, delay="0 hours")
        opened = self.create_activity(
            self.campaign, "action", "mail_open", "1 days", parent_id=mail.id
        )
        self.start("2025-03-28 08:00:00")
        self.event_at("2025-03-29 08:00:00", mail, "mail_open")
        self.assertTrace(opened, "scheduled", "2025-03-30 07:00:00")

    def test_time_zone_follows_a_running_campaign(self):
        """Whether its responsible moves, or the campaign gets another one."""
        mail = self.create_activity(self.campaign, delay="0 hours")
        steps = {
            event: self.create_activity(self.campaign, "action", event, "1 days", parent_id=mail.id)
            for event in ("mail_open", "mail_click", "mail_reply")
        }
        self.start("2025-03-28 08:00:00")
        mover = self.responsible
        stayer = mover.copy({"login": "stayer", "tz": "America/New_York"})
        changes = {
            "mail_open": (lambda: None, "08:00"),
            "mail_click": (lambda: mover.partner_id.write({"tz": "Europe/Brussels"}), "07:00"),
            # There it is the night before; the clock changes three weeks earlier.
            "mail_reply": (lambda: self.campaign.write({"user_id": stayer.id}), "08:00"),
        }
        for event, (change, hour) in changes.items():
            change()
            self.event_at("2025-03-29 08:00:00", mail, event)
            self.assertTrace(steps[event], "scheduled", f"2025-03-30 {hour}:00")

    def test_no_time_zone_is_utc(self):
        self.responsible.tz = False
        daily = self.create_activity(self.campaign, "action", delay="1 days")
        self.start("2025-03-29 08:00:00")
        self.assertTrace(daily, "scheduled", "2025-03-30 08:00:00")

    # ------------------------------------------------------------
    # Triggers
    # ------------------------------------------------------------

    def start_with_followers(self, activity_type, events):
        parent = self.create_activity(self.campaign, activity_type, delay="0 hours")
        followers = self.create_followers(parent, events)
        followers["activity"] = self.create_activity(
            self.campaign, "action", "activity", "2 hours", parent_id=parent.id
        )
        self.start()
        self.assertTrace(parent, "processed")
        return parent, followers

    def test_positive_triggers_wait_and_negative_ones_are_dated(self):
        _mail, followers = self.start_with_followers(
            "email", ["mail_open", "mail_reply", "mail_click", "mail_bounce"]
        )
        self.assertFollowers(
            followers,
            activity="11:00:00",
            mail_open="",
            mail_not_open="11:00:00",
            mail_reply="",
            mail_not_reply="11:00:00",
            mail_click="",
            mail_not_click="11:00:00",
            mail_bounce="",
        )

    def test_open(self):
        mail, followers = self.start_with_followers("email", ["mail_open", "mail_click"])
        self.assertEqual(self.event_at("2025-03-01 10:15:00", mail, "mail_open"), [True])
        self.assertFollowers(
            followers,
            activity="11:00:00",
            mail_open="12:15:00",
            mail_not_open="canceled",
            mail_click="",
            mail_not_click="11:00:00",
        )

    def test_click_implies_open(self):
        mail, followers = self.start_with_followers("email", ["mail_open", "mail_click"])
        self.event_at("2025-03-01 10:15:00", mail, "mail_click")
        self.assertFollowers(
            followers,
            activity="11:00:00",
            mail_open="12:15:00",
            mail_not_open="canceled",
            mail_click="12:15:00",
            mail_not_click="canceled",
        )

    def test_reply_implies_open_but_no_click(self):
        mail, followers = self.start_with_followers(
            "email", ["mail_open", "mail_reply", "mail_click"]
        )
        self.event_at("2025-03-01 10:15:00", mail, "mail_reply")
        self.assertFollowers(
            followers,
            activity="11:00:00",
            mail_open="12:15:00",
            mail_not_open="canceled",
            mail_reply="12:15:00",
            mail_not_reply="canceled",
            mail_click="",
            mail_not_click="11:00:00",
        )

    def test_bounce_leaves_only_its_own_follower(self):
        mail, followers = self.start_with_followers("email", ["mail_open", "mail_bounce"])
        self.event_at("2025-03-01 10:15:00", mail, "mail_bounce")
        self.assertFollowers(
            followers,
            activity="canceled",
            mail_open="canceled",
            mail_not_open="canceled",
            mail_bounce="12:15:00",
        )

    def test_event_of_another_type_of_message(self):
        mail, followers = self.start_with_followers("email", ["mail_click", "mail_bounce"])
        taken = self.event_at("2025-03-01 10:15:00", mail, "sms_click", "sms_bounce")
        self.assertEqual(taken, [False, False])
        self.assertFollowers(
            followers,
            activity="11:00:00",
            mail_click="",
            mail_not_click="11:00:00",
            mail_bounce="",
        )

    def test_click_and_bounce_of_a_text_message(self):
        message, followers = self.start_with_followers("sms", ["sms_click", "sms_bounce"])
        self.event_at("2025-03-01 10:15:00", message, "sms_click")
        self.assertFollowers(
            followers,
            activity="11:00:00",
            sms_click="12:15:00",
            sms_not_click="canceled",
            sms_bounce="",
        )
        self.event_at("2025-03-01 10:30:00", message, "sms_bounce")
        self.assertFollowers(
            followers,
            activity="canceled",
            sms_click="canceled",
            sms_not_click="canceled",
            sms_bounce="12:30:00",
        )

    def test_same_event_again_changes_nothing(self):
        mail, followers = self.start_with_followers("email", ["mail_open"])
        self.event_at("2025-03-01 10:15:00", mail, "mail_open")
        before = self.trace(followers["mail_open"]).read()
        self.assertEqual(self.event_at("2025-03-01 10:45:00", mail, "mail_open"), [False])
        self.assertEqual(self.trace(followers["mail_open"]).read(), before)
        self.assertEqual(self.trace(mail).open_datetime.isoformat(" "), "2025-03-01 10:15:00")

    def test_event_after_the_time_of_the_opposite(self):
        """Who opens after the reminder went out still gets what an open leads to."""
        mail, followers = self.start_with_followers("email", ["mail_open"])
        self.jobs_at("2025-03-01 11:00:00")
        self.assertTrace(followers["mail_not_open"], "processed")
        self.event_at("2025-03-01 14:00:00", mail, "mail_open")
        self.assertTrace(followers["mail_not_open"], "processed")
        self.assertTrace(followers["mail_open"], "scheduled", "2025-03-01 16:00:00")

    def test_event_that_the_job_comes_upon_late(self):
        """Opened after its time but before the job came to it: no reminder goes out."""
        mail, followers = self.start_with_followers("email", ["mail_open"])
        self.event_at("2025-03-01 11:30:00", mail, "mail_open")
        self.jobs_at("2025-03-01 12:00:00")
        self.assertTrace(followers["mail_not_open"], "canceled", reason="event")

    def test_events_of_another_kind_are_refused(self):
        mail, _followers = self.start_with_followers("email", ["mail_open"])
        self.assertEqual(
            self.event_at("2025-03-01 10:00:00", mail, "sms_click", "sms_bounce"), [False, False]
        )
        action = self.create_activity(self.campaign, "action", delay="0 hours")
        self.update_at("2025-03-01 10:00:00")
        self.jobs_at("2025-03-01 10:00:00")
        self.assertTrace(action, "processed")
        self.assertEqual(self.event_at("2025-03-01 10:00:00", action, "mail_open"), [False])

    def test_participant_runs_while_an_event_is_waited_for(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        self.create_activity(self.campaign, "action", "mail_open", "0 hours", parent_id=mail.id)
        self.start()
        self.jobs_at("2025-06-01 09:00:00")
        self.assertEqual(self.campaign.participant_ids.state, "running")
        self.event_at("2025-06-01 09:00:00", mail, "mail_open")
        self.jobs_at("2025-06-01 09:00:00")
        self.assertEqual(self.campaign.participant_ids.state, "completed")

    # ------------------------------------------------------------
    # Expiry
    # ------------------------------------------------------------

    def test_expiry(self):
        activity = self.create_expiring()
        child = self.create_activity(self.campaign, "action", parent_id=activity.id)
        self.start()
        self.jobs_at("2025-03-01 12:00:01")
        self.assertTrace(activity, "canceled", reason="expired")
        self.assertIn("Expired", self.trace(activity).state_msg)
        self.assertFalse(self.trace(child))
        self.assertEqual(self.campaign.participant_ids.state, "completed")

    def test_last_moment_before_expiry(self):
        activity = self.create_expiring()
        self.start()
        self.jobs_at("2025-03-01 12:00:00")
        self.assertTrace(activity, "processed")

    def test_expiry_in_months(self):
        activity = self.create_expiring(1, "months")
        self.start()
        self.jobs_at("2025-04-01 10:00:00")
        self.assertTrace(activity, "processed")

    def test_expiry_that_is_switched_off(self):
        activity = self.create_expiring()
        activity.validity_duration = False
        self.start()
        self.jobs_at("2025-06-01 12:00:01")
        self.assertTrace(activity, "processed")
