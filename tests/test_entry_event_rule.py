"""The automation rule of an entry, and the dialog that makes it."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..hooks import uninstall_hook
from .entry_event_case import EventCase


@tagged("post_install", "-at_install")
class TestRule(EventCase):
    """The rule is the entry's: made, switched, changed and deleted with it."""

    def test_active_while_the_entry_lets_in(self):
        entry = self.listen(start=False, user=self.responsible)
        rule = entry.automation_id
        self.assertEqual(rule.model_id, self.campaign.model_id)
        self.assertEqual(rule.action_server_ids.mapped("state"), ["marketing_enrol"])
        self.assertEqual(rule.action_server_ids.marketing_campaign_id, self.campaign)
        self.assertFalse(rule.active)
        self.campaign.action_start_campaign()
        self.assertTrue(rule.active)
        entry.active = False
        self.assertFalse(rule.active)
        entry.active = True
        self.assertTrue(rule.active)
        self.campaign.action_stop_campaign()
        self.assertFalse(rule.active)
        self.create_contacts(1)
        self.campaign.action_start_campaign()
        self.assertIn_()
        self.campaign.action_archive()
        self.assertFalse(rule.active)

    def test_changes_of_the_entry(self):
        entry = self.listen()
        rule = entry.automation_id
        entry.write({"event": "tag", "event_ref": f"res.partner.category,{self.tag.id}"})
        self.assertEqual(entry.automation_id, rule)
        self.assertEqual(rule.trigger_field_ids.name, "category_id")
        self.assertFalse(entry._get_problems())
        self.create_contacts(1)
        self.assertIn_()
        contact = self.create_contacts(1, category_id=[Command.link(self.tag.id)])
        self.assertIn_(contact)
        entry.write({"event": "created", "event_model_id": self.model("crm.lead").id})
        self.assertFalse(rule.exists())
        self.assertEqual(entry.automation_id.model_id.model, "crm.lead")
        self.assertTrue(entry.automation_id.active)

    def test_another_type(self):
        entry = self.listen()
        rule = entry.automation_id
        entry.entry_type = "manual"
        self.assertFalse(rule.exists() or entry.automation_id)

    def test_deleted_with_the_entry(self):
        entry = self.listen()
        rule, action = entry.automation_id, entry.automation_id.action_server_ids
        entry.unlink()
        self.assertFalse(rule.exists() or action.exists())

    def test_switched_off_with_an_entry_that_stays_as_history(self):
        entry = self.listen()
        contact = self.create_contacts(1)
        entry.unlink()
        self.assertFalse(entry.active)
        self.assertFalse(entry.automation_id.active)
        self.create_contacts(1)
        self.assertIn_(contact)

    def test_deleted_with_the_campaign(self):
        entry = self.listen()
        rule = entry.automation_id
        self.campaign.action_stop_campaign()
        self.campaign.unlink()
        self.assertFalse(rule.exists())

    def test_copy_has_its_own(self):
        entry = self.listen()
        copy = self.campaign.copy()
        copied = copy.entry_ids
        self.assertEqual(copied.event, "created")
        self.assertTrue(copied.automation_id)
        self.assertNotEqual(copied.automation_id, entry.automation_id)
        self.assertEqual(copied.automation_id.action_server_ids.marketing_campaign_id, copy)
        self.assertFalse(copied.automation_id.active)

    def test_other_target(self):
        entry = self.listen(start=False)
        self.campaign.marketing_activity_ids.unlink()
        self.campaign.model_id = self.model("crm.lead")
        self.assertEqual(entry.event_model_id.model, "crm.lead")
        self.assertEqual(entry.automation_id.model_id.model, "crm.lead")

    def test_other_responsible(self):
        """The rule lets in with the rights of the new one."""
        other = mail_new_test_user(
            self.env,
            login="other",
            groups="base.group_user,marketing_automation.group_marketing_automation_user",
        )
        self.env["ir.rule"].create(
            {
                "name": "No bosses",
                "model_id": self.model("res.partner").id,
                "domain_force": str(["|", ("function", "!=", "Boss"), ("user_ids", "!=", False)]),
            }
        )
        self.listen()
        self.campaign.user_id = other
        contacts = self.create_contacts(1, function="Boss") + self.create_contacts(1)
        self.assertIn_(contacts[1])

    def test_changed_by_an_administrator(self):
        entry = self.listen()
        for change in (
            lambda rule: rule.write({"filter_domain": "[('id', '<', 0)]"}),
            lambda rule: rule.write({"active": False}),
            lambda rule: rule.write({"trigger": "on_create_or_write"}),
            lambda rule: rule.action_server_ids.unlink(),
            lambda rule: rule.unlink(),
        ):
            change(entry.automation_id)
            [problem] = entry._get_problems()
            self.assertIn("make it anew", problem)
            self.campaign.name += "!"
            self.assertTrue(entry._get_problems(), "Nothing is put back by the way")
            entry.with_user(self.responsible).action_renew_rule()
            self.assertFalse(entry._get_problems())
        contact = self.create_contacts(1)
        self.assertIn_(contact)

    def test_uninstallation(self):
        entry = self.listen()
        rule = entry.automation_id
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("marketing_automation.email_cap", 3)
        self.env["marketing.campaign"].create_sample_contacts()
        with self.enter_registry_test_mode():
            uninstall_hook(self.env)
        self.assertFalse(rule.exists())
        self.assertFalse(parameters.search([("key", "=like", "marketing_automation.%")]))
        self.assertFalse(self.env["marketing.campaign"]._search_sample_contacts())


@tagged("post_install", "-at_install")
class TestDialog(EventCase):
    """Two clicks."""

    def form(self, event, campaign=None):
        self.campaign = self.create_campaign(**(campaign or {}))
        form = Form(
            self.env["marketing.campaign.entry"]
            .with_user(self.responsible)
            .with_context(default_campaign_id=self.campaign.id, default_entry_type="event")
        )
        form.event = event
        return form

    def test_created(self):
        form = self.form("created")
        self.assertEqual(form.event_model_id.model, "res.partner")
        entry = form.save()
        self.assertEqual(entry.sudo().automation_id.trigger, "on_create")

    def test_tag(self):
        form = self.form("tag")
        self.assertEqual(form.event_ref_model_id.model, "res.partner.category")
        form.event_ref = f"res.partner.category,{self.tag.id}"
        self.assertFalse(form.save()._get_problems())

    def test_subscribed(self):
        form = self.form(
            "subscribed",
            {
                "model_id": self.model("mailing.contact").id,
                "user_id": self.responsible.id,
            },
        )
        self.assertEqual(form.event_model_id.model, "mailing.subscription")
        self.assertEqual(form.source_field, "contact_id")
        form.event_list_id = self.list
        entry = form.save()
        self.assertFalse(entry._get_problems())

    def test_what_does_not_happen(self):
        entry = self.listen(start=False)
        for vals in (
            {"event": "stage"},
            {"event": "subscribed"},
            {"event_model_id": self.model("ir.config_parameter").id},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                entry.write(vals)

    def test_what_is_missing(self):
        entry = self.listen("tag", start=False)
        self.assertIn("Stage or Tag", " ".join(entry._get_problems()))
        entry.event = "matched"
        self.assertIn("set the filter", " ".join(entry._get_problems()))
        with self.assertRaisesRegex(UserError, "set the filter"):
            self.campaign.action_start_campaign()
