"""What keeps a campaign from its start, and what it waits for while it runs."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG
from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestStart(MarketingAutomationCase):
    """Starting checks the whole workflow and says all that is wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)

    def assertNotStarted(self, message, campaign=None):
        campaign = campaign or self.campaign
        with self.assertRaises(UserError) as refusal:
            campaign.action_start_campaign()
        self.assertRegex(str(refusal.exception), message)
        self.assertEqual(campaign.state, "draft")

    def test_state_machine(self):
        self.create_activity(self.campaign, "action")
        self.assertEqual(self.campaign.state, "draft")
        self.campaign.action_start_campaign()
        self.assertEqual(self.campaign.state, "running")
        self.campaign.action_stop_campaign()
        self.assertEqual(self.campaign.state, "stopped")
        self.campaign.action_start_campaign()
        self.assertEqual(self.campaign.state, "running")

    def test_no_activity(self):
        self.assertNotStarted("Add a first step")

    def test_no_mailing(self):
        activity = self.create_activity(self.campaign, mass_mailing_id=False)
        self.assertNotStarted(f"“{activity.name}”: choose an email")

    def test_archived_mailing(self):
        activity = self.create_activity(self.campaign)
        activity.mass_mailing_id.active = False
        self.assertNotStarted(f"“{activity.name}”: choose an email")

    def test_empty_mailing(self):
        activity = self.create_activity(self.campaign)
        activity.mass_mailing_id.body_html = "<p><br></p>"
        self.assertNotStarted("write a subject and a body")

    def test_no_text_message(self):
        self.create_activity(self.campaign, "sms", mass_mailing_id=False)
        self.assertNotStarted("choose a text message")

    def test_empty_text_message(self):
        activity = self.create_activity(self.campaign, "sms")
        activity.mass_mailing_id.body_plaintext = "  "
        self.assertNotStarted("write its text message")

    def test_no_server_action(self):
        activity = self.create_activity(self.campaign, "action")
        activity.server_action_id = False
        self.assertNotStarted("choose a server action")

    def test_server_action_that_needs_mending(self):
        activity = self.create_activity(
            self.campaign,
            "action",
            server_action_id=self.create_server_action(
                state="object_write", code=False, update_path="function", value="New"
            ).id,
        )
        self.env.cr.execute(
            "UPDATE ir_act_server SET update_path = 'gone' WHERE id = %s",
            [activity.server_action_id.id],
        )
        self.env.invalidate_all()
        self.assertNotStarted("mend its server action")

    def test_all_problems_at_once(self):
        self.create_activity(self.campaign, mass_mailing_id=False)
        self.create_activity(self.campaign, "sms", mass_mailing_id=False)
        self.assertNotStarted("(?s)choose an email.*choose a text message")

    def test_branch_that_cannot_be_reached(self):
        """What would wait for something that cannot happen is refused."""
        parent = self.create_activity(self.campaign)
        child = self.create_activity(self.campaign, "action", "mail_open", parent_id=parent.id)
        self.env.cr.execute(
            "UPDATE marketing_activity SET parent_id = NULL WHERE id = %s", [child.id]
        )
        self.env.invalidate_all()
        self.assertNotStarted(f"“{child.name}” can never be reached")

    def test_click_without_a_link_cannot_happen(self):
        parent = self.create_activity(self.campaign)
        text = self.create_activity(self.campaign, "sms")
        child = self.create_activity(self.campaign, "action", "mail_click", parent_id=parent.id)
        self.create_activity(self.campaign, "action", "mail_not_click", parent_id=parent.id)
        answer = self.create_activity(self.campaign, "action", "sms_click", parent_id=text.id)
        for body in (
            "<p>Hello</p>",
            '<p>Hello <t t-out="object.name"/>, <a href="mailto:us@example.com">write</a></p>',
            '<p>Hello</p><a href="/unsubscribe_from_list">Leave</a> <a href="/view">View</a>',
        ):
            with self.subTest(body):
                parent.mass_mailing_id.body_html = body
                self.assertNotStarted(f"“{child.name}” can never be reached: put a link")
                [problem] = self.campaign.problem_list
                self.assertEqual(problem["activity_id"], child.id)
        text.mass_mailing_id.body_plaintext = "Hello"
        self.assertNotStarted(f"“{answer.name}” can never be reached: put a link")
        for body in ("See https://www.example.com/offer", "See {{ object.website }}"):
            text.mass_mailing_id.body_plaintext = body
            self.assertEqual(answer._get_reach_problems(), [])
        for body in (
            '<p>Hello</p><a href="/shop">Shop</a>',
            "<p>Hello</p><a t-att-href=\"'/shop/%s' % object.id\">Shop</a>",
            '<p>Hello</p><t t-out="object.comment"/>',
        ):
            with self.subTest(body):
                parent.mass_mailing_id.body_html = body
                self.assertEqual(child._get_reach_problems(), [])

    def test_start_is_refused_over_write_too(self):
        with self.assertRaises(UserError):
            self.campaign.state = "running"


@tagged("post_install", "-at_install")
class TestProblemsWhileRunning(MarketingAutomationCase, CronMixinCase):
    """Participants wait at an activity that broke; the responsible is told, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)

    def start(self):
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_start_campaign()
            self.run_jobs()

    def jobs_at(self, moment):
        with self.at(moment):
            self.run_jobs()

    def assertWaiting(self, activity, message):
        for moment in ("2025-03-01 10:00:00", "2025-03-01 11:00:00"):
            self.jobs_at(moment)
        self.assertEqual(set(activity.trace_ids.mapped("state")), {"scheduled"})
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"running"})
        told = self.campaign.activity_ids
        self.assertEqual(len(told), 1)
        self.assertEqual(told.user_id, self.responsible)
        self.assertIn(message, told.note)

    @contextmanager
    def assertGoesOn(self, activity):
        """Mending wakes the job."""
        job = self.env.ref("marketing_automation.ir_cron_campaign_execute_activities")
        with self.at("2025-03-01 12:00:00"):
            with self.capture_triggers(job.id) as wake_ups:
                yield
            self.assertTrue(wake_ups.records)
            self.run_jobs()
        self.assertEqual(set(activity.trace_ids.mapped("state")), {"processed"})

    def test_archived_mailing(self):
        activity = self.create_activity(self.campaign)
        self.start()
        activity.mass_mailing_id.active = False
        self.assertWaiting(activity, "choose an email")
        self.assertFalse(activity.mass_mailing_id.mailing_trace_ids)
        with self.assertGoesOn(activity):
            activity.mass_mailing_id.active = True

    def test_emptied_mailing(self):
        activity = self.create_activity(self.campaign)
        self.start()
        activity.mass_mailing_id.body_html = False
        self.assertWaiting(activity, "write a subject and a body")
        with self.assertGoesOn(activity):
            activity.mass_mailing_id.body_html = "<p>Hello</p>"

    def lose_action(self, activity):
        """Its server action goes with the addon that it comes from."""
        context = {MODULE_UNINSTALL_FLAG: True}
        activity.server_action_id.with_context(**context).unlink()

    def test_deleted_action(self):
        activity = self.create_activity(self.campaign, "action")
        other = self.create_activity(self.campaign, "action")
        self.start()
        self.lose_action(activity)
        self.assertWaiting(activity, "choose a server action")
        self.assertEqual(set(other.trace_ids.mapped("state")), {"processed"})
        with self.assertGoesOn(activity):
            activity.server_action_id = self.create_server_action()

    def test_button_says_what_is_wrong(self):
        activity = self.create_activity(self.campaign, "action", delay="0 hours")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.lose_action(activity)
        with self.assertRaisesRegex(UserError, "choose a server action"):
            self.campaign.execute_activities()
        with self.assertRaisesRegex(UserError, "choose a server action"):
            activity.trace_ids[0].action_execute()

    def test_mailing_of_a_running_campaign_cannot_be_deleted(self):
        activity = self.create_activity(self.campaign)
        self.start()
        with self.assertRaisesRegex(UserError, "cannot be deleted.*running campaign"):
            activity.mass_mailing_id.unlink()
        self.campaign.action_stop_campaign()
        activity.mass_mailing_id.unlink()
        with self.assertRaisesRegex(UserError, "choose an email"):
            self.campaign.action_start_campaign()

    def test_filter_that_no_longer_parses(self):
        activity = self.create_activity(self.campaign, "action")
        self.start()
        self.env.cr.execute(
            "UPDATE marketing_activity SET activity_domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", activity.id],
        )
        self.env.invalidate_all()
        self.assertWaiting(activity, "gone")
        with self.assertGoesOn(activity):
            activity.activity_domain = "[]"

    def test_action_of_others(self):
        activity = self.create_activity(self.campaign, "action")
        self.start()
        activity.server_action_id.group_ids = self.env.ref("base.group_system")
        self.assertWaiting(activity, "may not run server action")
        with self.assertGoesOn(activity):
            activity.server_action_id.group_ids = self.env.ref("base.group_user")
