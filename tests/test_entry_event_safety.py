"""Whoever causes an event needs no rights, notices nothing, and is not disturbed."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .entry_event_case import EventCase

ACTION_LOGGER = "odoo.addons.marketing_automation.models.entry.ir_actions_server"
ENROL_LOGGER = "odoo.addons.marketing_automation.models.engine.enrol"


@tagged("post_install", "-at_install")
class TestSafety(EventCase):
    """Whoever causes an event needs no rights, notices nothing, and is not disturbed."""

    def test_no_rights_are_needed(self):
        user = mail_new_test_user(
            self.env, login="creator", groups="base.group_user,base.group_partner_manager"
        )
        self.listen()
        contact = self.env["res.partner"].with_user(user).create({"name": "New"})
        self.assertIn_(contact)
        with self.assertRaises(AccessError):
            self.campaign.with_user(user).name  # noqa: B018

    @mute_logger(ACTION_LOGGER, ENROL_LOGGER)
    def test_failure_blocks_nobody_and_is_made_up_for(self):
        self.listen()
        campaigns = type(self.campaign)
        with patch.object(campaigns, "_admit", side_effect=ZeroDivisionError):
            contact = self.create_contacts(1)
            contact.flush_recordset()
        self.assertTrue(contact.exists())
        self.assertIn_()
        self.assertEqual(self.env["marketing.late.event"].search([]).res_id, contact.id)
        with patch.object(campaigns, "_admit", side_effect=UserError("It is broken")):
            self.run_jobs()
        self.assertIn("It is broken", self.campaign.activity_ids.note)
        self.run_jobs()
        self.assertIn_(contact)
        self.assertFalse(self.env["marketing.late.event"].search([]))

    @mute_logger(ACTION_LOGGER)
    def test_what_is_written_in_the_same_request_stays(self):
        """Notes of changed values are written at the end of a request: they survive, too."""
        lead = self.create_lead()
        self.env.cr.flush()
        entry = self.listen(
            "matched",
            campaign={"model_id": self.model("crm.lead").id},
            event_domain="[('expected_revenue', '>', 5)]",
        )
        with patch.object(type(entry), "_search_events", side_effect=ZeroDivisionError):
            lead.write({"expected_revenue": 10, "stage_id": self.stages()[2].id})
            self.env.cr.flush()
        self.assertEqual(lead.expected_revenue, 10)
        tracked = lead.message_ids.sudo().tracking_value_ids.field_id.mapped("name")
        self.assertIn("stage_id", tracked)

    def test_filter_is_no_code(self):
        entry = self.listen(start=False)
        for text in (
            "[('name', '=', user.name)]",
            "__import__('os').system('true')",
            "[('id', 'in', [x for x in (1, 2)])]",
        ):
            with self.subTest(text), self.assertRaises(ValidationError):
                entry.event_domain = text
        entry.event = "matched"
        entry.event_domain = "[('name', '=', \"' + str(uid) + '\")]"
        self.assertEqual(
            entry.automation_id.filter_domain, repr([("name", "=", "' + str(uid) + '")])
        )

    def test_field_that_the_author_may_not_read(self):
        field = self.env.registry["res.partner"]._fields["function"]
        with (
            patch.object(field, "groups", "base.group_system"),
            self.assertRaises(ValidationError),
        ):
            self.listen(user=self.responsible, event_domain="[('function', '=', 'Boss')]")

    def test_records_that_the_author_may_not_see(self):
        """The entry is that of a colleague of the responsible, who sees less."""
        author = mail_new_test_user(
            self.env,
            login="author",
            groups="base.group_user,sales_team.group_sale_salesman,"
            "marketing_automation.group_marketing_automation_user",
        )
        admin = self.env.ref("base.user_admin")
        entry = self.listen(
            campaign={"user_id": admin.id},
            start=False,
            event_model_id=self.model("crm.lead").id,
        )
        entry.filter_user_id = author
        self.campaign.action_start_campaign()
        contacts = self.create_contacts(2)
        self.create_lead(partner_id=contacts[0].id, user_id=admin.id)
        self.create_lead(partner_id=contacts[1].id, user_id=author.id)
        self.assertIn_(contacts[1])

    def test_rules_are_the_systems(self):
        entry = self.listen(user=self.responsible)
        rule = self.env["base.automation"].create(
            {
                "name": "Of the administrator",
                "model_id": self.model("res.partner").id,
                "trigger": "on_create",
            }
        )
        mine = entry.with_user(self.responsible)
        for vals in ({"automation_id": rule.id}, {"rule_values": {}}):
            with self.assertRaises(AccessError):
                mine.write(vals)
            with self.assertRaises(AccessError):
                mine.create({"campaign_id": self.campaign.id, "entry_type": "event", **vals})
        with self.assertRaises(AccessError):
            entry.automation_id.with_user(self.responsible).read(["name"])
