"""No hour has more messages of a campaign than it may send, counted when they leave."""

from collections import Counter
from datetime import datetime, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools import format_datetime, mute_logger

from ..models.workflow.step_email import EmailStep
from ..tools.states import DONE, THROTTLED, Outcome
from .common import MessagingCase

START = datetime(2025, 3, 3, 9)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestThrottle(MessagingCase):
    """Seven contacts, at most three messages an hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(7)
        cls.campaign = cls.create_campaign(cls.contacts, hourly_limit=3)
        cls.activity = cls.create_activity(cls.campaign, delay="0 hours")
        cls.job = cls.env.ref("marketing_automation.ir_cron_campaign_execute_activities")
        # Tests that commit leave some.
        cls.env["ir.cron.trigger"].search([("cron_id", "=", cls.job.id)]).unlink()

    def setUp(self):
        super().setUp()
        self.left = Counter()  # by moment

    def work(self, moment=START, is_away=False):
        """The jobs run at a moment.

        :param bool is_away: whether the mail server takes nothing at that moment
        """
        with self.at(moment):
            if self.campaign.state != "running":
                self.campaign.action_start_campaign()
            self.run_jobs()
            if not is_away:
                self.send_mails()
                self.send_sms()
                self.left[moment] += len(self._mails) + len(self._sms)
        self.env.invalidate_all()

    def wake_ups(self):
        """When the job is woken for what waits, in order."""
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.job.id)])
        return sorted(moment for moment in triggers.mapped("call_at") if moment > START)

    def count(self):
        return Counter(self.campaign.participant_ids.trace_ids.mapped("state"))

    def assertNoHourHasMore(self, limit=3):
        for begin in self.left:
            number = sum(
                count for moment, count in self.left.items() if begin <= moment < begin + HOUR
            )
            self.assertLessEqual(number, limit, begin)

    # ------------------------------------------------------------
    # Limit
    # ------------------------------------------------------------

    def test_no_hour_has_more(self):
        """Emails and text messages count together, whenever the jobs run."""
        self.create_activity(self.campaign, "sms", delay="0 hours")
        moment = START
        for minutes in (0, 7, 13, 41, 59, 60, 1, 29, 61, 3, 59, 1, 60, 61, 62, 63):
            moment += timedelta(minutes=minutes)
            self.work(moment)
        self.assertNoHourHasMore()
        self.assertEqual(self.left.total(), 14)
        self.assertEqual(self.count(), {"processed": 14})

    def test_job_is_woken_when_a_place_is_free(self):
        """Once, and as early as possible."""
        self.work()
        self.assertEqual(self.left[START], 3)
        free = START + HOUR + SECOND
        with self.at(START + SECOND):
            self.run_jobs()
        self.assertEqual(self.wake_ups(), [free])
        self.work(free - SECOND)
        self.assertFalse(self.left[free - SECOND])
        self.work(free)
        self.assertEqual(self.left[free], 3)

    def test_mail_server_that_was_away(self):
        """All that it has kept waiting is no more than an hour may have."""
        for hours in range(6):
            self.work(START + hours * HOUR, is_away=True)
        self.assertEqual(self.count(), {"processed": 3, "scheduled": 4})
        for minutes in range(0, 200, 10):
            self.work(START + 6 * HOUR + timedelta(minutes=minutes))
        self.assertNoHourHasMore()
        self.assertEqual(self.left[START + 6 * HOUR], 3)
        self.assertEqual(self.left.total(), 7)

    def test_by_hand_it_does_not_wait_but_counts(self):
        self.work()
        with self.at(START + HOUR / 2):
            waiting = self.campaign.participant_ids.trace_ids.filtered(
                lambda trace: trace.state == "scheduled"
            )
            waiting[:2].action_execute()
        self.work(START + HOUR / 2)
        self.assertEqual(self.left[START + HOUR / 2], 2)
        self.work(START + HOUR + SECOND)
        self.assertEqual(self.left[START + HOUR + SECOND], 1)
        self.work(START + 1.5 * HOUR + SECOND)
        self.assertEqual(self.left[START + 1.5 * HOUR + SECOND], 1)

    def test_tests_neither_wait_nor_count(self):
        self.work()
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        with self.at(START + SECOND):
            test.trace_ids.action_execute()
            self.assertEqual(test.trace_ids.state, "processed")
            self.send_mails()
            self.assertEqual(len(self._mails), 1)
        self.work(START + HOUR + SECOND)
        self.assertEqual(self.left[START + HOUR + SECOND], 3)

    def test_failed_message_makes_room(self):
        """At once: it does not leave."""
        self.work(is_away=True)
        with self.at(START + SECOND):
            self.activity.trace_ids.mailing_trace_ids[:1].set_failed(failure_type="mail_smtp")
            self.assertTrue(
                self.env["ir.cron.trigger"].search(
                    [("cron_id", "=", self.job.id), ("call_at", "=", START + SECOND)]
                )
            )
            self.run_jobs()
        self.assertEqual(self.count(), {"processed": 3, "error": 1, "scheduled": 3})

    def test_message_that_is_opened_before_it_is_noted_that_it_has_left(self):
        """It counts, and once."""
        self.work(is_away=True)
        with self.at(START + SECOND):
            self.activity.trace_ids.mailing_trace_ids.set_opened()
        for moment in (START + SECOND, START + HOUR + SECOND):
            self.work(moment)
            self.assertEqual(self.count(), {"processed": 3, "scheduled": 4})
        self.work(START + HOUR + 2 * SECOND)
        self.assertEqual(self.count(), {"processed": 6, "scheduled": 1})
        recent = self.env["marketing.handover"].search([("activity_id", "=", self.activity.id)])
        self.assertEqual(sum(recent.mapped("number")), 6)

    def test_who_is_due_first_has_the_first_place(self):
        """Be it twice, for two runs."""
        self.campaign.write({"reentry": "always", "entry_ids": [Command.clear()]})
        first, second = self.contacts[:2]
        with self.at(START):
            self.campaign.action_start_campaign()
        for minutes, contact, key in ((0, first, "A"), (1, first, "B"), (2, second, "C")):
            with self.at(START + timedelta(minutes=minutes)):
                self.campaign.enrol(contact.ids, key)
        self.campaign.hourly_limit = 2
        self.work(START + timedelta(minutes=3))
        states = {run.entry_key: run.trace_ids.state for run in self.campaign.participant_ids}
        self.assertEqual(states, {"A": "processed", "B": "processed", "C": "scheduled"})

    def test_messages_of_addons_that_have_no_queue(self):
        """They leave at once, and count, too."""

        def run(_step, _activity, claims):
            return [Outcome(claim.trace_id, *DONE) for claim in claims]

        with patch.object(EmailStep, "run", run):
            self.work()
            self.work(START + SECOND)
            self.assertEqual(self.count(), {"processed": 3, "scheduled": 4})
            self.work(START + HOUR + SECOND)
            self.assertEqual(self.count(), {"processed": 6, "scheduled": 1})

    def test_actions_do_not_wait(self):
        action = self.create_activity(self.campaign, "action", delay="0 hours")
        self.work()
        self.assertEqual(set(action.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(len(action.trace_ids), 7)

    def test_what_may_not_go_out_takes_no_place(self):
        """One batch passes over those who sleep, and reaches those who do not."""
        self.contacts[:5].tz = "Asia/Tokyo"
        self.contacts[5:].tz = "Europe/Brussels"
        self.campaign.sending_calendar_id = self.create_calendar([(8, 12)], days=[0])
        with self.at(START):
            self.campaign.action_start_campaign()
            self.campaign.sync_participants()
            self.activity._execute_due()
        states = [self.trace_of(self.activity, contact).state for contact in self.contacts]
        self.assertEqual(states, ["scheduled"] * 5 + ["processed"] * 2)

    def test_other_campaigns_do_not_wait(self):
        other = self.create_campaign(self.contacts)
        self.create_activity(other, delay="0 hours")
        other.action_start_campaign()
        self.work()
        self.assertEqual(set(other.participant_ids.trace_ids.mapped("state")), {"processed"})

    # ------------------------------------------------------------
    # The limit changes
    # ------------------------------------------------------------

    def test_limit_of_a_running_campaign(self):
        self.work()
        with self.at(START + SECOND):
            self.campaign.hourly_limit = 5
        self.work(START + SECOND)
        self.assertEqual(self.left.total(), 5)
        self.assertEqual(self.campaign.copy().hourly_limit, 5)
        self.campaign.hourly_limit = 0
        self.work(START + 2 * SECOND)
        self.assertEqual(self.left.total(), 7)
        self.assertFalse(self.campaign.require_sync)

    def test_limit_below_what_is_queued(self):
        """What was queued by the old limit is taken back: no hour has more by the new one."""
        self.work(is_away=True)
        with self.at(START + SECOND):
            self.campaign.with_user(self.responsible).hourly_limit = 2
        self.assertEqual(self.count(), {"scheduled": 7})
        for minutes in range(0, 240, 15):
            self.work(START + SECOND + timedelta(minutes=minutes))
        self.assertNoHourHasMore(2)
        self.assertEqual(self.left.total(), 7)

    def test_form(self):
        self.work()
        with self.at(START + SECOND):
            self.run_jobs()
        self.env.invalidate_all()
        with Form(self.campaign) as form:
            self.assertEqual(form.throttled_until, str(START + HOUR + SECOND))
            form.hourly_limit = 0
        self.assertFalse(self.campaign.throttled_until)

    @mute_logger("odoo.sql_db")
    def test_negative_limit(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.campaign.hourly_limit = -1
            self.campaign.flush_recordset()

    # ------------------------------------------------------------
    # Waiting has an end
    # ------------------------------------------------------------

    def assertThrottled(self, number):
        canceled = self.campaign.participant_ids.trace_ids.filtered(
            lambda trace: trace.state == "canceled"
        )
        self.assertEqual(len(canceled), number)
        self.assertEqual(set(canceled.mapped("state_reason")), {THROTTLED})

    def test_waits_a_week_at_most(self):
        self.campaign.hourly_limit = 1
        week = timedelta(days=7)
        self.work(is_away=True)
        self.work(START + week - SECOND, is_away=True)
        self.assertEqual(self.count(), {"processed": 1, "scheduled": 6})
        self.work(START + week, is_away=True)
        self.assertThrottled(6)
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})

    def test_waits_a_week_since_the_start(self):
        """Of what was due while the campaign was stopped, a part goes out."""
        self.work()
        self.campaign.action_stop_campaign()
        restart = START + timedelta(days=30)
        self.work(restart)
        self.assertEqual(self.count(), {"processed": 6, "scheduled": 1})
        self.work(restart + timedelta(days=6))
        self.assertEqual(self.count(), {"processed": 7})

    def test_waits_until_the_step_expires(self):
        """And not longer, even where a place has become free since."""
        for unit, number, length in (("hours", 3, 3 * HOUR), ("days", 1, timedelta(days=1))):
            with self.subTest(unit=unit), self.cr.savepoint() as savepoint:
                self.activity.write(
                    {
                        "validity_duration": True,
                        "validity_duration_number": number,
                        "validity_duration_type": unit,
                    }
                )
                self.work()
                self.work(START + length / 2)
                self.assertEqual(self.count(), {"processed": 6, "scheduled": 1})
                self.work(START + length / 2 + SECOND)
                self.work(START + length + SECOND)
                self.assertThrottled(1)
                savepoint.rollback()
                self.env.invalidate_all()

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    def test_journey_says_what_it_waits_for(self):
        self.work()
        with self.at(START + SECOND):
            self.run_jobs()
            waiting = self.campaign.participant_ids.trace_ids.filtered(
                lambda trace: trace.state == "scheduled"
            )
            self.assertEqual(len(waiting), 4)
            [trace] = waiting[0].participant_id.get_journey()["traces"].values()
            until = START + HOUR + SECOND
            self.assertEqual(trace["schedule_date"], str(until))
            self.assertEqual(
                trace["hold"], "The campaign has sent as many messages as it may within an hour"
            )
            self.assertFalse(trace["waiting"])
            moment = format_datetime(self.env, until, dt_format="H:mm")
            self.assertEqual(waiting[0].state_msg, f"{trace['hold']}. Waits for {moment}")
            self.campaign.hourly_limit = 0
            self.env.invalidate_all()
            self.assertFalse(waiting[0].state_msg)
