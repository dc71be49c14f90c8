"""Who builds actions without code does no more by them than they may themselves."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .test_actions_without_code import ActionCase


@tagged("post_install", "-at_install")
class TestRights(ActionCase):
    """Only what who builds the campaign may do themselves."""

    def create_as(self, user, campaign=None, **values):
        return (
            self.env["marketing.activity"]
            .with_user(user)
            .create(
                {
                    "name": "Step",
                    "campaign_id": (campaign or self.campaign).id,
                    "activity_type": "action",
                    **values,
                }
            )
        )

    def reader(self):
        """A marketer who reads contacts only, with a campaign."""
        user = mail_new_test_user(
            self.env,
            login="reader",
            groups="base.group_user,marketing_automation.group_marketing_automation_user",
        )
        return user, self.create_campaign(self.contacts, user_id=user.id)

    def test_records_that_they_may_not_write(self):
        user, campaign = self.reader()
        for values in (
            {"action_kind": "tag_add", "action_record": f"res.partner.category,{self.tag.id}"},
            {
                "action_kind": "field",
                "action_field_id": self.field("function").id,
                "action_value": "Boss",
            },
            {"action_kind": "note", "action_note": "Hello"},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self.create_as(user, campaign, **values)

    def test_lists_need_no_right_to_contacts(self):
        user, campaign = self.reader()
        self.create_as(user, campaign, action_kind="list_add", action_list_id=self.list.id)
        self.run_campaign(campaign)
        self.assertEqual(len(self.list.contact_ids), len(campaign.participant_ids))

    def test_fields_of_other_groups(self):
        field = self.env.registry["res.partner"]._fields["function"]
        with (
            patch.object(field, "groups", "base.group_system"),
            self.assertRaisesRegex(ValidationError, "may not change"),
        ):
            self.create_as(
                self.responsible,
                action_kind="field",
                action_field_id=self.field("function").id,
                action_value="Boss",
            )

    def test_group_of_a_field_that_the_responsible_loses(self):
        step = self.choose("field", action_field_id=self.field("function"), action_value="Boss")
        field = self.env.registry["res.partner"]._fields["function"]
        with patch.object(field, "groups", "base.group_system"):
            self.assertIn("may not change", " ".join(step._get_problems()))

    def test_fields_that_nobody_writes(self):
        for name in ("create_uid", "commercial_partner_id", "message_ids", "signup_type"):
            if not self.field(name):
                continue
            with self.subTest(name), self.assertRaises(UserError):
                self.create_as(
                    self.responsible,
                    action_kind="field",
                    action_field_id=self.field(name).id,
                    action_value="1",
                )

    def test_field_of_another_model(self):
        with self.assertRaises(ValidationError):
            self.create_as(
                self.responsible,
                action_kind="field",
                action_field_id=self.field("login", "res.users").id,
                action_value="root",
            )

    def test_webhook_is_for_administrators(self):
        address = "https://www.example.com/?key=secret"
        with self.assertRaises(AccessError):
            self.create_as(self.responsible, action_kind="webhook", action_webhook_url=address)
        admin = self.env.ref("base.user_admin")
        campaign = self.create_campaign(self.contacts, user_id=admin.id)
        step = self.create_as(admin, campaign, action_kind="webhook", action_webhook_url=address)
        theirs = step.with_user(self.responsible)
        self.assertEqual(theirs.action_kind, "existing")
        self.assertNotIn("secret", str(theirs.read()))
        with self.assertRaises(AccessError):
            theirs.read(["action_webhook_url"])

    def test_a_record_that_they_may_not_see(self):
        self.env["ir.rule"].create(
            {
                "name": "Secret",
                "model_id": self.env["ir.model"]._get_id("res.partner.category"),
                "domain_force": "[('name', '!=', 'VIP')]",
            }
        )
        with self.assertRaisesRegex(ValidationError, "may not see"):
            self.create_as(
                self.responsible,
                action_kind="tag_add",
                action_record=f"res.partner.category,{self.tag.id}",
            )
        step = self.create_as(
            self.env.user,
            action_kind="tag_add",
            action_record=f"res.partner.category,{self.tag.id}",
        )
        self.assertNotIn("VIP", step.with_user(self.responsible).content)

    def test_context_of_a_client_changes_nothing(self):
        activities = self.env["marketing.activity"].with_user(self.responsible)
        step = activities.with_context(
            default_code="env['res.users']",
            default_usage="ir_cron",
            default_group_ids=[(4, self.env.ref("base.group_system").id)],
        ).create(
            {
                "name": "Step",
                "campaign_id": self.campaign.id,
                "activity_type": "action",
                "action_kind": "note",
                "action_note": "Hello",
            }
        )
        action = step.server_action_id.sudo()
        self.assertEqual(action.usage, "ir_actions_server")
        self.assertFalse(action.code or action.group_ids)

    def test_server_actions_stay_closed(self):
        step = self.choose("note", action_note="Mine")
        action = step.server_action_id.with_user(self.responsible)
        with self.assertRaises(AccessError):
            action.write({"state": "code"})
        with self.assertRaises(AccessError):
            action.create({"name": "x", "model_id": step.model_id.id, "state": "code"})

    def test_it_runs_with_the_rights_of_the_responsible(self):
        """Not as superuser, as Odoo writes: what a model refuses to the user stays refused."""
        self.choose("field", action_field_id=self.field("function"), action_value="Boss")
        seen = []
        partners = self.env.registry["res.partner"]
        write = partners.write

        def spy(records, vals):
            if "function" in vals:
                seen.append((records.env.su, records.env.user.login))
            return write(records, vals)

        with patch.object(partners, "write", spy):
            self.start()
        self.assertEqual(seen, [(False, "marketer")])
