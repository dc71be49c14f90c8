"""Server actions of all types, run with the rights of the responsible."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_execution import ExecutionCase

RUN_LOGGER = "odoo.addons.marketing_automation.models.engine.run"


@tagged("post_install", "-at_install")
class TestServerActions(ExecutionCase):
    """All types of server actions work on each record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_model = cls.env["ir.model"]._get("res.partner")

    def test_code_gets_one_record(self):
        activity = self.add_action(
            "record.write({'function': str((record.id, records.ids, model._name))})"
        )
        self.start()
        self.assertEqual(self.states(activity), ["processed"] * 4)
        for contact in self.contacts:
            self.assertEqual(contact.function, str((contact.id, [contact.id], "res.partner")))

    def test_code_of_a_multi_action_gets_one_record(self):
        child = self.create_server_action(
            "record.write({'function': str(records.ids)})", usage="ir_actions_server"
        )
        self.add_action(state="multi", child_ids=[Command.link(child.id)])
        self.start()
        self.assertEqual(
            self.contacts.mapped("function"), [str(contact.ids) for contact in self.contacts]
        )

    def test_update_record(self):
        self.add_action(state="object_write", update_path="function", value="Updated")
        self.start()
        self.assertEqual(set(self.contacts.mapped("function")), {"Updated"})

    def test_create_record(self):
        self.add_action(
            state="object_create", crud_model_id=self.partner_model.id, value="Made by campaign"
        )
        self.start()
        count = self.env["res.partner"].search_count([("name", "=", "Made by campaign")])
        self.assertEqual(count, 4)

    def test_next_activity(self):
        self.add_action(
            state="next_activity",
            activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
            activity_summary="Call",
            activity_user_type="specific",
            activity_user_id=self.responsible.id,
        )
        self.start()
        self.assertEqual(self.contacts.activity_ids.mapped("summary"), ["Call"] * 4)
        self.assertEqual(self.contacts.activity_ids.user_id, self.responsible)

    def test_followers(self):
        friend = self.create_contacts(1, name="Friend", email="friend@example.com")
        self.add_action(state="followers", partner_ids=[Command.set(friend.ids)])
        self.start()
        for contact in self.contacts:
            self.assertIn(friend, contact.message_partner_ids)
        self.campaign.action_stop_campaign()
        self.add_action(state="remove_followers", partner_ids=[Command.set(friend.ids)])
        self.campaign.action_update_participants()
        self.start()
        self.assertNotIn(friend, self.contacts.message_partner_ids)

    def test_mail_post(self):
        template = self.env["mail.template"].create(
            {
                "name": "Template",
                "model_id": self.partner_model.id,
                "subject": "Hi {{ object.name }}",
                "body_html": "<p>Hi</p>",
                "email_to": "{{ object.email }}",
            }
        )
        self.add_action(state="mail_post", mail_post_method="email", template_id=template.id)
        self.start()
        mails = self.env["mail.mail"].search([("subject", "=like", "Hi Contact%")])
        self.assertEqual(len(mails), 4)
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})

    def test_note(self):
        template = self.env["mail.template"].create(
            {
                "name": "Template",
                "model_id": self.partner_model.id,
                "subject": "Hi",
                "body_html": "<p>Hi <t t-out='object.name'/></p>",
            }
        )
        self.add_action(state="mail_post", mail_post_method="note", template_id=template.id)
        self.start()
        for contact in self.contacts:
            self.assertIn(f"Hi {contact.name}", contact.message_ids[0].body)
            self.assertEqual(contact.message_ids[0].author_id, self.responsible.partner_id)

    def test_sms(self):
        template = self.env["sms.template"].create(
            {"name": "Template", "model_id": self.partner_model.id, "body": "Hi {{ object.name }}"}
        )
        self.add_action(state="sms", sms_method="sms", sms_template_id=template.id)
        self.start()
        messages = self.env["sms.sms"].search([("partner_id", "in", self.contacts.ids)])
        self.assertEqual(
            sorted(messages.mapped("body")), [f"Hi {contact.name}" for contact in self.contacts]
        )

    def _count_posts(self):
        """How often webhooks are called when the transaction is committed."""
        with patch("requests.post") as post:
            self.env.cr.postcommit.run()
        return post.call_count

    def test_webhook_waits_for_the_commit(self):
        self.add_action(state="webhook", webhook_url="http://127.0.0.1:9/hook")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        with patch("requests.post") as post:
            self.campaign.execute_activities()
        post.assert_not_called()
        self.assertEqual(self._count_posts(), 4)

    @mute_logger(RUN_LOGGER)
    def test_webhook_is_not_repeated_when_another_record_fails(self):
        """Nor is it posted for the one whose action failed after all."""
        hook = self.create_server_action(
            state="webhook", code=False, webhook_url="http://127.0.0.1:9/hook", sequence=1
        )
        check = self.create_server_action(
            "if record.color == 7: raise UserError('No luck')", sequence=2
        )
        self.contacts[2].color = 7
        activity = self.add_action(state="multi", child_ids=[Command.set((hook + check).ids)])
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()
        self.assertEqual(self.states(activity), ["processed", "processed", "error", "processed"])
        self.assertEqual(self._count_posts(), 3)

    @mute_logger(RUN_LOGGER)
    def test_live_updates_survive_a_batch_that_is_undone(self):
        """The bus keeps what it sends beside the function that sends it: neither is left alone."""
        self.contacts[2].color = 7
        self.add_action(
            "env.user._bus_send('test', {'id': record.id})\n"
            "if record.color == 7: raise UserError('No luck')"
        )
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.env.cr.flush()
        self.env.cr.postcommit.clear()
        with patch("odoo.addons.bus.models.bus.get_notify_payloads", return_value=[]) as notify:
            self.campaign.execute_activities()
            self.env.cr.flush()
            self.env.cr.postcommit.run()
            self.assertTrue(notify.called)
            self.env.user._bus_send("test", {"id": 0})
            notify.reset_mock()
            self.env.cr.flush()
            self.env.cr.postcommit.run()
            self.assertTrue(notify.called)
        sent = self.env["bus.bus"].search([]).mapped("message")
        for contact in self.contacts:
            is_sent = any(f'"id":{contact.id}}}' in message.replace(" ", "") for message in sent)
            self.assertEqual(is_sent, contact.color != 7)

    @mute_logger(RUN_LOGGER)
    def test_live_updates_after_all_has_failed(self):
        self.add_action("env.user._bus_send('test', {})\nraise UserError('No luck')")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()
        self.env.user._bus_send("test", {})
        with patch("odoo.addons.bus.models.bus.get_notify_payloads", return_value=[]) as notify:
            self.env.cr.flush()
            self.env.cr.postcommit.run()
        self.assertTrue(notify.called, "The first one was undone with its function.")


@tagged("post_install", "-at_install")
class TestResponsible(ExecutionCase):
    """The campaign works as its responsible, and is allowed no more."""

    def test_environment(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        company = self.env["res.company"].create({"name": "Ours"})
        self.responsible.write(
            {
                "lang": "fr_FR",
                "tz": "Asia/Tokyo",
                "company_ids": [Command.set(company.ids)],
                "company_id": company.id,
            }
        )
        activity = self.add_action(
            "record.write({'function': ' '.join([env.user.login, env.lang, str(user.tz),"
            " env.context.get('tz'), env.company.name, str(env.su)])})"
        )
        self.start()
        self.assertEqual(self.states(activity), ["processed"] * 4)
        self.assertEqual(
            set(self.contacts.mapped("function")),
            {"marketer fr_FR Asia/Tokyo Asia/Tokyo Ours False"},
        )

    @mute_logger(RUN_LOGGER, "odoo.addons.base.models.ir_actions")
    def test_code_gets_no_other_rights(self):
        activity = self.add_action("env['crm.lead'].create({'name': 'Forbidden'})")
        self.start()
        self.assertEqual(self.states(activity), ["error"] * 4)
        self.assertFalse(self.env["crm.lead"].search([("name", "=", "Forbidden")]))

    @mute_logger(
        RUN_LOGGER, "odoo.addons.base.models.ir_actions", "odoo.addons.base.models.ir_rule"
    )
    def test_record_that_the_responsible_may_not_change(self):
        self.env["ir.rule"].create(
            {
                "name": "Hands off",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('color', '!=', 7)]",
                "perm_read": False,
            }
        )
        self.contacts[0].color = 7
        activity = self.add_action(state="object_write", update_path="function", value="Updated")
        self.start()
        self.assertEqual(self.states(activity), ["error", "processed", "processed", "processed"])
        self.assertFalse(self.contacts[0].function)

    def test_placeholders_that_are_code(self):
        editor = self.env.ref("mail.group_mail_template_editor")
        for mailing_type, vals in (
            ("mail", {"subject": "{{ object.color }}"}),
            ("mail", {"preview": "{{ object.color }}"}),
            ("mail", {"body_html": "<p><t t-out='object.color'/></p>"}),
            ("sms", {"body_plaintext": "{{ object.color }}"}),
        ):
            campaign = self.create_campaign(self.contacts)
            mailing = self.create_mailing(campaign, mailing_type, **vals)
            self.create_activity(
                campaign,
                "sms" if mailing_type == "sms" else "email",
                mass_mailing_id=mailing.id,
            )
            self.responsible.group_ids -= editor
            with self.subTest(vals), self.assertRaisesRegex(UserError, "Template Editor"):
                campaign.action_start_campaign()
            self.responsible.group_ids += editor
            campaign.action_start_campaign()

    def test_action_of_a_group(self):
        group = self.env["res.groups"].create({"name": "Chosen"})
        self.add_action(group_ids=[Command.set(group.ids)])
        with self.assertRaisesRegex(UserError, "may not run"):
            self.campaign.action_start_campaign()
        self.responsible.group_ids += group
        self.start()
        self.assertEqual(set(self.contacts.mapped("function")), {"Touched"})

    def test_group_that_is_lost_while_the_campaign_runs(self):
        group = self.env["res.groups"].create({"name": "Chosen"})
        self.responsible.group_ids += group
        activity = self.add_action(group_ids=[Command.set(group.ids)], delay="1 hours")
        self.start()
        self.responsible.group_ids -= group
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["scheduled"] * 4)
        self.assertIn("may not run", self.campaign.activity_ids.note)
        self.responsible.group_ids += group
        with self.at("2025-03-01 11:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["processed"] * 4)

    def test_responsible_who_left(self):
        activity = self.add_action(delay="1 hours")
        self.start()
        self.responsible.active = False
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["scheduled"] * 4)
        self.assertEqual(self.campaign.state, "stopped")
        self.campaign.user_id = self.env.ref("base.user_admin")
        self.campaign.action_start_campaign()
        with self.at("2025-03-01 11:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["processed"] * 4)
