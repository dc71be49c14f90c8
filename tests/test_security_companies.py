"""Companies that one is not allowed, and responsibles who have left."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import USER_GROUPS, MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestCompanies(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours = cls.env.company
        cls.theirs = cls.env["res.company"].create({"name": "Theirs"})
        cls.everybody = cls.ours + cls.theirs
        cls.responsible.company_ids = cls.everybody
        cls.colleague = mail_new_test_user(
            cls.env, login="colleague", groups=",".join(USER_GROUPS), company_id=cls.ours.id
        )
        cls.shared = cls.create_contacts(1, email="shared@example.com")
        cls.our_contact = cls.create_contacts(
            1, email="our@example.com", company_id=cls.ours.id, name="Our contact"
        )
        cls.their_contact = cls.create_contacts(
            1, email="their@example.com", company_id=cls.theirs.id, name="Their secret contact"
        )
        cls.contacts = cls.shared + cls.our_contact + cls.their_contact
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.activity = cls.create_activity(cls.campaign, "action", delay="0 hours")
        cls.child = cls.create_activity(
            cls.campaign, "action", "activity", "1 hours", parent_id=cls.activity.id
        )
        cls.campaign.action_start_campaign()
        cls.campaign.sync_participants()
        cls.campaign.execute_activities()

    def seen_by(self, user, records):
        return records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def test_all_take_part(self):
        self.assertEqual(len(self.campaign.participant_ids), 3)
        self.assertEqual(
            self.participant_of(self.campaign, self.their_contact).company_id, self.theirs
        )
        self.assertEqual(self.trace_of(self.child, self.their_contact).company_id, self.theirs)
        self.assertFalse(self.participant_of(self.campaign, self.shared).company_id)

    def test_participants(self):
        participants = self.seen_by(self.colleague, self.env["marketing.participant"]).search(
            [("campaign_id", "=", self.campaign.id)]
        )
        self.assertEqual(
            set(participants.mapped("res_id")), set((self.shared + self.our_contact).ids)
        )
        hidden = self.participant_of(self.campaign, self.their_contact)
        with self.assertRaises(AccessError):
            self.seen_by(self.colleague, hidden).read(["res_id"])
        with self.assertRaises(AccessError):
            self.seen_by(self.colleague, hidden).get_journey()
        with self.assertRaises(AccessError):
            self.seen_by(self.colleague, hidden.trace_ids).read(["state"])

    def test_counts(self):
        campaign = self.seen_by(self.colleague, self.campaign)
        self.assertEqual(campaign.total_participant_count, 2)
        self.assertEqual(campaign.running_participant_count, 2)
        self.assertEqual(campaign.marketing_activity_ids[0].processed, 2)
        metrics = campaign.get_workflow_metrics()
        self.assertEqual(metrics["activities"][str(self.activity.id)]["processed"], 2)
        self.env.invalidate_all()
        self.assertEqual(self.seen_by(self.responsible, self.campaign).total_participant_count, 3)

    def test_reports(self):
        for model in ("marketing.participant", "marketing.trace"):
            [group] = self.seen_by(self.colleague, self.env[model]).formatted_read_group(
                [("campaign_id", "=", self.campaign.id)], [], ["__count"]
            )
            [group_of_all] = self.seen_by(self.responsible, self.env[model]).formatted_read_group(
                [("campaign_id", "=", self.campaign.id)], [], ["__count"]
            )
            self.assertEqual(group["__count"] * 3, group_of_all["__count"] * 2)

    def test_clicks(self):
        campaign = self.create_campaign(self.contacts)
        mail = self.create_activity(campaign, delay="0 hours")
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        link = self.env["link.tracker"].search(
            [("source_id", "=", mail.mass_mailing_id.source_id.id)]
        )
        for message in mail.trace_ids.mailing_trace_ids:
            self.env["link.tracker.click"].sudo().add_click(
                link.code, ip=f"192.0.2.{message.id % 200}", mailing_trace_id=message.id
            )
        self.assertEqual(self.seen_by(self.responsible, campaign).link_tracker_click_count, 3)
        self.env.invalidate_all()
        mine = self.seen_by(self.colleague, campaign)
        self.assertEqual(mine.link_tracker_click_count, 2)
        clicks = self.seen_by(self.colleague, self.env["link.tracker.click"])
        clicks = clicks.search(mine.action_view_clicks()["domain"])
        self.assertEqual(
            set(clicks.mailing_trace_id.mapped("res_id")),
            set((self.shared + self.our_contact).ids),
        )

    def test_name_of_a_record_that_moved(self):
        """Whether a name shows is up to the record, as it is now."""
        self.our_contact.company_id = self.theirs
        participant = self.participant_of(self.campaign, self.our_contact)
        self.env.invalidate_all()
        name = self.seen_by(self.colleague, participant).display_name
        self.assertNotIn("Our contact", name)
        [values] = self.seen_by(self.colleague, participant).web_read(
            {"resource_ref": {"fields": {"display_name": {}}}}
        )
        self.assertNotIn("Our contact", str(values))

    def test_campaign_of_more_companies_is_not_changed(self):
        with self.assertRaisesRegex(AccessError, "more than you"):
            self.campaign.with_user(self.colleague).domain = "[]"

    def test_test_run_with_a_record_of_another_company(self):
        campaign = self.create_campaign(self.contacts, user_id=self.colleague.id)
        wizard = (
            self.env["marketing.campaign.test"]
            .with_user(self.colleague)
            .create({"campaign_id": campaign.id, "res_id": self.their_contact.id})
        )
        with self.assertRaises(AccessError):
            wizard.action_launch_test()
        self.assertFalse(campaign.participant_ids)


@tagged("post_install", "-at_install")
class TestResponsibleLeaves(MarketingAutomationCase):
    def setUp(self):
        super().setUp()
        self.contact = self.create_contacts(1)
        self.campaign = self.create_campaign(self.contact)
        self.create_activity(self.campaign, "action", delay="0 hours")
        self.campaign.action_start_campaign()

    def assertStopped(self, reason):
        self.assertEqual(self.campaign.state, "stopped")
        self.assertFalse(self.contact.function)
        self.assertIn("stopped", self.campaign.activity_ids.summary)
        self.assertIn(reason, self.campaign.activity_ids.note)
        user = self.campaign.activity_ids.user_id
        self.assertTrue(user.active)
        self.assertNotEqual(user, self.responsible)
        self.assertTrue(user.has_group("marketing_automation.group_marketing_automation_user"))
        changes = self.campaign.message_ids.sudo().tracking_value_ids
        self.assertIn("Stopped", changes.mapped("new_value_char"))
        self.run_jobs()
        self.assertEqual(len(self.campaign.activity_ids), 1, "They are told once.")

    def test_archived(self):
        self.responsible.active = False
        self.run_jobs()
        self.env.cr.flush()
        self.assertStopped("archived")
        with self.assertRaisesRegex(UserError, "archived"):
            self.campaign.action_start_campaign()

    def test_without_the_group(self):
        self.responsible.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        self.run_jobs()
        self.assertStopped("no user of Marketing Automation")

    def test_execution_job_stops_it_too(self):
        self.run_cron("ir_cron_campaign_sync_participants")
        self.responsible.active = False
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertStopped("archived")

    def test_goes_on_with_another_responsible(self):
        self.run_cron("ir_cron_campaign_sync_participants")
        self.responsible.active = False
        self.run_jobs()
        self.campaign.user_id = self.env.ref("base.user_admin")
        self.campaign.action_start_campaign()
        self.run_jobs()
        self.assertEqual(self.contact.function, "Touched")

    def test_responsible_must_be_a_marketing_user(self):
        plain = mail_new_test_user(self.env, login="plain", groups="base.group_user")
        self.campaign.action_stop_campaign()
        self.campaign.user_id = plain
        with self.assertRaisesRegex(UserError, "no user of Marketing Automation"):
            self.campaign.action_start_campaign()
