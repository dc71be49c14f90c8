"""At most so many messages in so many days for one address."""

from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .cap_case import START, CapCase


@tagged("post_install", "-at_install")
class TestFrequencyCap(CapCase):
    def test_second_campaign_waits(self):
        with self.at(START):
            first = self.prepare()
        self.run_at()
        with self.at(START + timedelta(hours=1)):
            second = self.prepare()
        self.run_at(hours=1)
        self.assertEqual(self.states(first), ["processed"] * 2)
        self.assertWaits(second, days=7)
        self.assertIn("The address has got as many messages", second.trace_ids[0].state_msg)
        self.run_at(days=6, hours=23, minutes=59)
        self.assertWaits(second, days=7)
        self.run_at(days=7)
        self.assertEqual(self.states(second), ["processed"] * 2)
        self.assertFalse(any(second.trace_ids.mapped("state_reason")))

    def test_words(self):
        self.set_cap(marketing_cap_days=3)
        with self.at(START):
            self.prepare()
        self.run_at()
        with self.at(START):
            second = self.prepare()
        self.run_at(hours=1)
        text = "The address has got as many messages as it may. Capped until %s."
        for hours, moment in ((2, "6 March"), (60, "6 March 9:00")):
            with self.at(START + timedelta(hours=hours)):
                second.trace_ids.invalidate_recordset(["state_msg"])
                self.assertEqual(second.trace_ids[0].state_msg, text % moment)
                entry = second.trace_ids[0]._get_journey_entry()
                self.assertEqual(entry["hold"], text % moment)

    def test_as_many_as_the_cap(self):
        """The second of three is the last; the third one goes when the first is a week old."""
        self.set_cap(marketing_email_cap=2)
        for hours in (0, 1, 2):
            with self.at(START + timedelta(hours=hours)):
                last = self.prepare()
            self.run_at(hours=hours)
        self.assertWaits(last, days=7)
        self.run_at(days=7)
        self.assertEqual(self.states(last), ["processed"] * 2)

    def test_skips(self):
        self.set_cap(marketing_cap_policy="skip")
        with self.at(START):
            self.prepare()
        self.run_at()
        with self.at(START):
            second = self.prepare()
            child = self.create_activity(second.campaign_id, parent_id=second.id)
            second.campaign_id.action_update_participants()
        self.run_at()
        self.assertEqual(self.states(second), ["canceled"] * 2)
        self.assertEqual(set(second.trace_ids.mapped("state_reason")), {"capped"})
        self.assertNotIn("scheduled", self.states(child))
        self.assertEqual(set(second.campaign_id.participant_ids.mapped("state")), {"completed"})

    def test_days(self):
        self.set_cap(marketing_cap_days=2)
        with self.at(START):
            self.prepare()
        self.run_at()
        with self.at(START):
            second = self.prepare()
        self.run_at(hours=1)
        self.assertWaits(second, days=2)

    def test_waits_a_week_at_most(self):
        self.set_cap(marketing_cap_days=20)
        with self.at(START):
            self.prepare()
        self.run_at()
        with self.at(START):
            second = self.prepare()
        self.run_at(hours=1)
        self.assertWaits(second, days=7, hours=1)
        self.run_at(days=7, hours=1)
        self.assertEqual(self.states(second), ["canceled"] * 2)
        self.assertEqual(set(second.trace_ids.mapped("state_reason")), {"capped"})

    def test_address_that_is_free_right_after_a_week(self):
        """What was queued when a message was held has left a little later."""
        with self.at(START):
            first, second = self.prepare(), self.prepare()
            self.run_jobs()
        self.assertWaits(second, days=7)
        self.run_at(minutes=2)
        self.assertEqual(self.states(first), ["processed"] * 2)
        for seconds in (0, 119):
            self.run_at(days=7, seconds=seconds)
            self.assertWaits(second, days=7, minutes=2)
        with self.at(START + timedelta(days=7, seconds=119)):
            second.trace_ids.invalidate_recordset(["state_msg"])
            self.assertIn("Capped until 10 March 9:02", second.trace_ids[0].state_msg)
        self.run_at(days=7, minutes=2, seconds=5)
        self.assertEqual(self.states(second), ["processed"] * 2)

    def test_address_that_is_free_long_after_a_week(self):
        """Its time is up; as is that of a step that expires, at once."""
        for hours, expiry in ((1, None), (0.01, (7, "days"))):
            with self.subTest(hours=hours), self.cr.savepoint() as savepoint:
                with self.at(START):
                    self.prepare()
                    second = self.prepare()
                    if expiry:
                        second.write(
                            {
                                "validity_duration": True,
                                "validity_duration_number": expiry[0],
                                "validity_duration_type": expiry[1],
                            }
                        )
                    self.run_jobs()
                self.run_at(hours=hours)
                self.assertWaits(second, days=7)
                self.run_at(days=7)
                self.assertEqual(self.states(second), ["canceled"] * 2)
                self.assertEqual(set(second.trace_ids.mapped("state_reason")), {"capped"})
                savepoint.rollback()
                self.env.invalidate_all()

    def test_wait_of_an_address_that_is_never_free_ends(self):
        """Others go first, again and again."""
        with self.at(START):
            self.prepare()
            second = self.prepare(priority="0")
            self.run_jobs()
        self.run_at(minutes=30)
        self.run_at(days=7)
        self.assertWaits(second, days=7, minutes=30)
        with self.at(START):
            self.prepare(is_transactional=True)
        self.run_at(days=7, minutes=20)
        self.assertWaits(second, days=7, minutes=30)
        self.run_at(days=7, minutes=30)
        self.assertEqual(self.states(second), ["canceled"] * 2)

    def test_no_cap(self):
        self.set_cap(marketing_email_cap=0)
        with self.at(START):
            activities = self.prepare() + self.prepare()
        self.run_at()
        self.assertEqual(self.states(activities), ["processed"] * 4)

    def test_text_messages_are_counted_apart(self):
        with self.at(START):
            self.prepare()
            texts = self.prepare(activity_type="sms") + self.prepare(activity_type="sms")
        self.run_at()
        self.assertEqual(self.states(texts), ["processed"] * 4)
        self.set_cap(marketing_email_cap=0, marketing_sms_cap=2)
        with self.at(START):
            third = self.prepare(activity_type="sms")
        self.run_at()
        self.assertWaits(third, days=7)

    def test_what_is_queued_counts(self):
        """Nothing has left yet."""
        self.set_cap(marketing_cap_days=3)
        with self.at(START):
            activities = self.prepare() + self.prepare()
            self.run_jobs()
        self.assertEqual(self.states(activities[0]), ["processed"] * 2)
        self.assertWaits(activities[1], days=3)
        self.run_at(days=1)
        self.run_at(days=3)
        self.assertWaits(activities[1], days=4)  # what was queued has left a day later

    def test_newsletters_count_and_are_not_capped(self):
        with self.at(START):
            self.prepare()
        self.run_at()
        for _number in range(2):
            newsletter = self.env["mailing.mailing"].create(
                {
                    "subject": "News",
                    "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "mailing_domain": str([("id", "in", self.contacts.ids)]),
                    "body_html": "<p>News</p>",
                }
            )
            with self.at(START + timedelta(days=1)), self.mock_mail_gateway():
                newsletter.action_send_mail(self.contacts.ids)
                self.run_cron("mail.ir_cron_mail_scheduler_action")
            self.assertEqual(set(newsletter.mailing_trace_ids.mapped("trace_status")), {"sent"})
        with self.at(START):
            second = self.prepare()
        self.run_at(days=2)
        self.assertWaits(second, days=8)

    def test_transactional_campaigns(self):
        """Not capped, but counted; also when it is said while messages wait."""
        with self.at(START):
            self.prepare()
            confirmation = self.prepare(is_transactional=True)
            waiting = self.prepare()
        self.run_at()
        self.assertEqual(self.states(confirmation), ["processed"] * 2)
        self.assertWaits(waiting, days=7)
        with self.at(START + timedelta(days=1)):
            waiting.campaign_id.is_transactional = True
        self.run_at(days=1)
        self.assertEqual(self.states(waiting), ["processed"] * 2)
        with self.at(START):
            last = self.prepare()
        self.run_at(days=7)
        self.assertWaits(last, days=8)

    def test_higher_cap_counts_at_once(self):
        with self.at(START):
            activities = self.prepare() + self.prepare()
        self.run_at()
        self.assertWaits(activities[1], days=7)
        with self.at(START + timedelta(days=1)):
            self.set_cap(marketing_email_cap=2)
        self.run_at(days=1)
        self.assertEqual(self.states(activities), ["processed"] * 4)

    def test_priority(self):
        """Who was started last goes first."""
        with self.at(START):
            low = self.prepare(priority="0")
            normal = self.prepare()
        with self.at(START + timedelta(hours=1)):
            high = self.prepare(priority="2")
        self.run_at(hours=1)
        self.assertEqual(self.states(high), ["processed"] * 2)
        self.assertWaits(normal, days=7, hours=1)
        self.assertWaits(low, days=7, hours=1)
        self.run_at(days=7, hours=1)
        self.assertEqual(self.states(normal), ["processed"] * 2)
        # It has waited for a week.
        self.assertEqual(self.states(low), ["canceled"] * 2)

    def test_priority_by_hand(self):
        with self.at(START):
            low = self.prepare(priority="0")
            high = self.prepare(priority="2")
            campaigns = (low + high).campaign_id
            campaigns.sync_participants()
            campaigns.execute_activities()
        self.assertEqual(self.states(high), ["processed"] * 2)
        self.assertWaits(low, days=7)

    def test_only_what_has_a_place_counts(self):
        """Two messages to one address have no place yet: the first does not hold up the second."""
        contacts = self.create_contacts(3)
        contacts[1:].email = "one@example.com"
        with self.at(START):
            activity = self.prepare(records=contacts, unique_field_id=False, hourly_limit=1)
        self.run_at()
        self.assertEqual(self.states(activity), ["processed", "scheduled", "scheduled"])
        self.assertFalse(any(activity.trace_ids.mapped("state_reason")))

    def test_tests_and_what_is_done_by_hand(self):
        with self.at(START):
            self.prepare()
        self.run_at()
        with self.at(START):
            second = self.prepare()
            self.run_jobs()
            self.assertWaits(second, days=7)
            second.trace_ids.action_execute()
            wizard = self.env["marketing.campaign.test"].create(
                {"campaign_id": second.campaign_id.id, "res_id": self.contacts[0].id}
            )
            wizard.action_launch_test()
            tested = second.trace_ids.filtered("is_test")
            tested.action_execute()
        self.assertEqual(second.trace_ids.mapped("state"), ["processed"] * 3)

    def test_settings(self):
        for vals in (
            {"marketing_email_cap": -1},
            {"marketing_sms_cap": -1},
            {"marketing_cap_days": 0},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.env["res.config.settings"].create(vals)
