"""What a running campaign needs is not deleted by the way; the dashboard shows what is missing."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestNeededRecords(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.create_campaign(cls.create_contacts(1), name="Spring")
        cls.email = cls.create_activity(cls.campaign, name="Welcome")
        cls.touch = cls.create_activity(cls.campaign, "action", name="Touch")
        cls.campaign.action_start_campaign()

    def assertNeeded(self, record, activity):
        name = record.display_name
        message = f"“{name}” cannot be deleted: “{activity.name}” .*“Spring”.*stop"
        with self.assertRaisesRegex(UserError, message):
            record.unlink()
        self.campaign.action_stop_campaign()
        record.unlink()
        self.assertFalse(record.exists())

    def test_mailing(self):
        self.assertNeeded(self.email.mass_mailing_id, self.email)

    def test_server_action(self):
        self.assertNeeded(self.touch.server_action_id, self.touch)

    def test_part_of_a_server_action(self):
        part = self.create_server_action(name="Part")
        whole = self.create_server_action(
            state="multi", code=False, child_ids=[Command.link(part.id)]
        )
        self.touch.server_action_id = whole
        self.assertNeeded(part, self.touch)

    def test_mailing_list(self):
        """Without it the campaign would mail for all lists of its contacts."""
        gazette = self.env["mailing.list"].create({"name": "Gazette"})
        contact = self.env["mailing.contact"].create(
            {"name": "A", "email": "a@example.com", "list_ids": [Command.link(gazette.id)]}
        )
        campaign = self.create_campaign(
            contact,
            model_id=self.env["ir.model"]._get_id("mailing.contact"),
            mailing_list_ids=[Command.link(gazette.id)],
            name="Letters",
        )
        self.create_activity(campaign)
        campaign.action_start_campaign()
        with self.assertRaisesRegex(UserError, "“Gazette” cannot be deleted.*“Letters”.*stop"):
            gazette.unlink()
        campaign.action_stop_campaign()
        gazette.unlink()

    def test_step_that_was_taken_out_needs_nothing(self):
        action, mailing = self.touch.server_action_id, self.email.mass_mailing_id
        (self.touch | self.email).with_user(self.responsible).unlink()
        action.unlink()
        mailing.exists().unlink()
        self.assertEqual(self.campaign.state, "running")

    def test_dashboard_shows_problems(self):
        self.assertFalse(self.campaign.problem_count)
        self.email.mass_mailing_id.active = False
        self.campaign.invalidate_recordset(["problem_count"])
        self.assertEqual(self.campaign.problem_count, 1)
        [card] = self.campaign.with_user(self.responsible).web_read({"problem_count": {}})
        self.assertEqual(card["problem_count"], 1)
        self.campaign.action_stop_campaign()
        self.assertFalse(self.campaign.problem_count, "Nobody waits")
