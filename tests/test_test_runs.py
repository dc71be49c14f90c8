from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_execution import ExecutionCase


@tagged("post_install", "-at_install")
class TestTestRuns(ExecutionCase):
    """Tests with a record do what the campaign does, by hand."""

    def launch(self, contact=None):
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": (contact or self.contacts[0]).id}
        )
        return self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])

    def test_campaign_that_was_never_started(self):
        first = self.add_action("record.write({'color': 3})", delay="5 days")
        second = self.add_action("record.write({'color': 4})", delay="5 days", parent_id=first.id)
        test = self.launch()
        self.assertTrue(test.is_test)
        self.assertEqual(test.trace_ids.activity_id, first)
        test.trace_ids.action_execute()
        self.assertEqual(self.contacts[0].color, 3)
        (
            test.trace_ids - test.trace_ids.filtered(lambda trace: trace.state == "processed")
        ).action_execute()
        self.assertEqual(self.contacts[0].color, 4)
        self.assertEqual(test.trace_ids.activity_id, first + second)
        self.assertEqual(test.state, "completed")

    def test_job_leaves_tests_alone(self):
        self.add_action("record.write({'color': record.color + 1})")
        test = self.launch()
        self.start()
        with self.at("2025-04-01 09:00:00"):
            self.run_jobs()
        self.assertEqual(test.trace_ids.state, "scheduled")
        self.assertEqual(self.contacts.mapped("color"), [1] * 4)

    def test_tests_can_be_repeated_and_touch_no_live_run(self):
        activity = self.add_action("record.write({'color': record.color + 1})")
        for expected in (1, 2):
            self.launch().trace_ids.action_execute()
            self.assertEqual(self.contacts[0].color, expected)
        self.start()
        self.assertEqual(self.contacts.mapped("color"), [3, 1, 1, 1])
        self.assertEqual(self.states(activity), ["processed"] * 4)
        self.launch().trace_ids.action_execute()
        self.assertEqual(self.contacts[0].color, 4)

    def test_live_and_test_traces_at_once(self):
        """Each is executed as what it is, and each has its message."""
        mail = self.create_activity(self.campaign, delay="1 days")
        self.start()
        tests = self.launch() + self.launch()
        (tests.trace_ids + self.trace_of(mail, self.contacts[0])).action_execute()
        self.assertEqual(set(tests.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(self.trace_of(mail, self.contacts[0]).state, "processed")
        messages = self.env["mailing.trace"].search(
            [("marketing_trace_id.activity_id", "=", mail.id)]
        )
        self.assertEqual(len(messages.marketing_trace_id), 3)
        self.assertEqual(
            messages.filtered("is_test_trace").marketing_trace_id, tests.trace_ids.sorted()
        )
        self.assertEqual(mail.total_sent, 1)

    def test_two_tests_of_an_action_at_once(self):
        self.add_action("record.write({'color': record.color + 1})")
        (self.launch() + self.launch()).trace_ids.action_execute()
        self.assertEqual(self.contacts[0].color, 2)

    def test_filters_apply(self):
        self.add_action(activity_domain="[('color', '=', 5)]")
        test = self.launch()
        test.trace_ids.action_execute()
        self.assertEqual(test.trace_ids.state, "rejected")

    def test_events_can_be_simulated(self):
        mail = self.create_activity(self.campaign)
        opened = self.create_activity(
            self.campaign, "action", "mail_open", "1 hours", parent_id=mail.id
        )
        test = self.launch()
        test.trace_ids.action_execute()
        trace = test.trace_ids.filtered(lambda trace: trace.activity_id == mail)
        self.assertTrue(trace.mailing_trace_ids.is_test_trace)
        self.assertTrue(trace.process_event("mail_open"))
        child = test.trace_ids - trace
        self.assertEqual(child.activity_id, opened)
        self.assertTrue(child.schedule_date)
        child.action_execute()
        self.assertEqual(test.state, "completed")

    def test_stop_ends_a_test(self):
        self.add_action()
        test = self.launch()
        test.action_set_completed()
        self.assertEqual((test.state, test.trace_ids.state), ("completed", "canceled"))

    def test_record_of_another_model_or_none(self):
        wizard = self.env["marketing.campaign.test"].create({"campaign_id": self.campaign.id})
        wizard.res_id = False
        with self.assertRaisesRegex(UserError, "Pick a record"):
            wizard.action_launch_test()
        wizard.resource_ref = f"res.users,{self.responsible.id}"
        with self.assertRaisesRegex(UserError, "Pick a record"):
            wizard.action_launch_test()

    def test_tests_count_as_tests_only(self):
        activity = self.add_action()
        self.launch().trace_ids.action_execute()
        self.launch()
        self.assertEqual(self.campaign.test_participant_count, 2)
        self.assertEqual(self.campaign.total_participant_count, 0)
        self.assertEqual(self.campaign.running_participant_count, 0)
        self.assertEqual(self.campaign.completed_participant_count, 0)
        self.assertEqual(activity.processed, 0)
