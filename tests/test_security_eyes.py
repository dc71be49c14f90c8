"""What a campaign finds out, shows or believes for somebody is what that user may know and say.

Each test is a way to learn a hidden value by asking the campaign, or to tell it something that did
not happen.
"""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .mail_reports import PEOPLE
from .test_messages_mail import MailFlowCase
from .test_security_back_doors import USER, BackDoorsCase

QUIET = ("odoo.addons.base.models.ir_rule", "odoo.orm.models", "odoo.models")


@tagged("post_install", "-at_install")
class TestQuestions(BackDoorsCase):
    """The audience is a question about the target; its answers are those of a list view."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].create(
            [{"name": f"Lead {i}", "expected_revenue": 1000 * i, "type": "lead"} for i in (1, 2)]
        )

    def ask(self, model_name, domain):
        """Give the own campaign an audience, whatever checks there are."""
        self.own.write({"model_id": self.env["ir.model"]._get_id(model_name), "domain": domain})
        self.env.flush_all()

    def answers(self):
        """What the test dialog says, in each way in which it can be asked."""
        wizards = self.env["marketing.campaign.test"]
        spec = {"campaign_id": {}, "res_id": {}, "resource_ref": {}}
        values = {"campaign_id": self.own.id}
        context = {"default_campaign_id": self.own.id}
        change = self.rpc(wizards, "onchange", [], values, ["campaign_id"], spec)
        fresh = self.rpc(wizards, "onchange", [], {}, [], spec, context=context)
        created = wizards.browse(self.rpc(wizards, "create", values))
        saved = self.rpc(wizards, "web_save", [], values, spec)
        defaults = self.rpc(wizards, "default_get", list(spec), context=context)
        return {
            *(answer["value"].get("res_id", False) for answer in (change, fresh)),
            *(answer["res_id"] for answer in self.rpc(created, "read", ["res_id"])),
            *(answer["res_id"] for answer in saved),
            defaults.get("res_id", False),
        }

    def test_leads_without_the_rights_of_leads(self):
        for revenue in (1500, 5000):
            self.ask("crm.lead", str([("expected_revenue", ">", revenue)]))
            self.assertEqual(self.answers(), {False})

    def test_field_that_only_others_may_read(self):
        field = type(self.env["res.partner"])._fields["comment"]
        self.other.comment = "Secret"
        self.patch(field, "groups", "base.group_system")
        found = set()
        for text in ("Secret", "Nothing"):
            self.own.sudo().domain = str([("comment", "ilike", text)])
            found |= {frozenset(self.answers())}
        self.assertEqual(len(found), 1, "The answers do not depend on it.")

    def test_contact_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        theirs = self.create_contacts(1, name="Theirs", company_id=company.id)
        self.ask("res.partner", str([("id", "=", theirs.id)]))
        self.assertNotIn(theirs.id, self.answers())

    def test_own_record_is_found(self):
        self.ask("res.partner", str([("id", "=", self.other.id)]))
        self.assertIn(self.other.id, self.answers())

    def test_broken_filter(self):
        self.env.cr.execute(
            "UPDATE marketing_campaign SET domain = 'nonsense' WHERE id = %s", [self.own.id]
        )
        self.own.invalidate_recordset()
        self.assertEqual(len(self.answers() - {False}), 1, "Any record")

    def test_lists_that_a_filter_names(self):
        """The field is computed from the filter, and would answer it."""
        lists = self.env["mailing.list"].create({"name": "List"})
        lists.create_uid.sudo().partner_id.comment = "Secret"
        field = type(self.env["res.partner"])._fields["comment"]
        self.patch(field, "groups", "base.group_system")
        spec = {"mailing_list_ids": {}}
        model_id = self.env["ir.model"]._get_id("mailing.contact")
        for text in ("Secret", "Nothing"):
            path = "list_ids.create_uid.partner_id.comment"
            values = {"model_id": model_id, "domain": str([(path, "ilike", text)])}
            answer = self.rpc(self.own.browse(), "onchange", [], values, ["domain"], spec)
            self.assertFalse(answer["value"].get("mailing_list_ids"))


@tagged("post_install", "-at_install")
class TestBelieved(MailFlowCase):
    """Who says what happened to a message."""

    def setUp(self):
        super().setUp()
        groups = "base.group_user,base.group_partner_manager,mass_mailing.group_mass_mailing_user"
        self.mailer = new_test_user(self.env, "mailer", groups=groups)
        self.boss = new_test_user(self.env, "boss", groups=f"base.group_system,{USER}")
        self.campaign.user_id = self.boss
        self.step = self.follow("mail_reply")
        self.start(self.campaign)
        self.send_mails()
        self.message = self.trace().mailing_trace_ids

    def receive(self, user, sent=None):
        self.token = getattr(self, "token", 0) + 1
        sent = sent or self.mail_to(self.contact)
        text = PEOPLE["plain"].format(
            email=self.contact.email,
            message_id=sent["message_id"],
            sender=sent["email_from"],
            reply_to=sent["reply_to"],
            token=self.token,
        )
        self.env["mail.thread"].with_user(user).message_process("res.partner", text)
        self.env.invalidate_all()

    def bounce(self, user):
        self.env["mail.thread"].with_user(user)._routing_handle_bounce(
            None,
            {
                "bounced_email": False,
                "bounced_partner": self.env["res.partner"],
                "bounced_msg_ids": [self.message.sudo().message_id],
                "bounced_message": self.env["mail.message"],
                "body": "",
                "email_from": self.contact.email,
                "to": "bounce@example.com",
                "message_id": "<bounce@example.com>",
            },
        )
        self.env.invalidate_all()

    def test_reply_that_a_user_makes_up(self):
        with mute_logger("odoo.addons.marketing_automation.models.message.mail_thread"):
            self.receive(self.mailer)
        self.assertFalse(self.trace().reply_datetime or self.trace().open_datetime)
        self.assertEqual(self.message.trace_status, "sent")
        self.assertFalse(self.trace_of(self.step, self.contact).schedule_date)

    def test_bounce_that_a_user_makes_up(self):
        with mute_logger("odoo.addons.marketing_automation.models.message.mail_thread"):
            self.bounce(self.mailer)
        self.assertFalse(self.trace().bounce_datetime)
        self.assertEqual(self.message.trace_status, "sent")

    def test_gateway(self):
        gateway = new_test_user(
            self.env,
            "gateway",
            groups="base.group_partner_manager,mass_mailing.group_mass_mailing_user,"
            "marketing_automation.group_mail_gateway",
        )
        self.receive(gateway)
        self.assertTrue(self.trace().reply_datetime)
        self.bounce(gateway)
        self.assertTrue(self.trace().bounce_datetime)

    def test_administrator(self):
        self.receive(self.boss)
        self.assertTrue(self.trace().reply_datetime)

    def test_statuses_are_not_written(self):
        """The job settles failures that it finds later: also those that somebody wrote."""
        message = self.message.with_user(self.mailer)
        for vals in (
            {"trace_status": "error"},
            {"sms_id_int": 1},
            {"mail_mail_id_int": 1},
            {"failure_reason": "x"},
        ):
            with self.assertRaises(AccessError):
                message.write(vals)
        for method in ("set_sent", "set_failed", "set_canceled", "set_bounced", "unlink"):
            with self.assertRaises(AccessError):
                getattr(message, method)()
        message.with_user(self.boss).set_opened()
        self.assertTrue(self.trace().open_datetime)

    def test_identifiers_are_not_read(self):
        messages = self.env["mailing.trace"].with_user(self.mailer)
        for name in ("message_id", "sms_code"):
            self.assertNotIn(name, messages.fields_get())
            for call in (
                lambda name=name: messages.browse(self.message.id).read([name]),
                lambda name=name: messages.search([(name, "=like", "<%")]),
                lambda name=name: messages._read_group([], [name]),
                lambda name=name: messages.search([], order=name),
            ):
                with self.assertRaises(AccessError), mute_logger(*QUIET):
                    call()
        self.assertNotIn("message_id", messages.get_view(view_type="list")["arch"])

    def test_plain_mailings_are_left_to_odoo(self):
        self.message.marketing_trace_id = False
        with mute_logger("odoo.addons.marketing_automation.models.message.mail_thread"):
            self.receive(self.mailer)
        self.assertEqual(self.message.trace_status, "reply")

    def test_numbers_of_text_messages(self):
        activity = self.create_activity(self.campaign, "sms", delay="0 hours")
        self.campaign.action_update_participants()
        self.run_jobs()
        message = self.trace_of(activity, self.contact).mailing_trace_ids
        plain = self.env["mailing.trace"].create(
            {"trace_type": "sms", "model": "res.partner", "res_id": self.contact.id}
        )
        trackers = self.env["sms.tracker"].with_user(self.mailer)
        self.assertTrue(self.env["sms.tracker"].search([("mailing_trace_id", "=", message.id)]))
        self.assertFalse(trackers.search([("mailing_trace_id", "=", message.id)]))
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            trackers.create({"sms_uuid": "0" * 32, "mailing_trace_id": message.id})
        tracker = trackers.create({"sms_uuid": "1" * 32, "mailing_trace_id": plain.id})
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            tracker.mailing_trace_id = message.id
        values = {"sms_tracker_ids": [Command.create({"sms_uuid": "2" * 32})]}
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            message.with_user(self.mailer).write(values)

    def test_messages_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.trace().company_id = company
        self.env.flush_all()
        messages = self.env["mailing.trace"].with_user(self.mailer)
        self.assertFalse(messages.search([("id", "=", self.message.id)]))
        self.mailer.company_ids |= company
        both = messages.with_context(allowed_company_ids=self.mailer.company_ids.ids)
        self.assertTrue(both.search([("id", "=", self.message.id)]))


@tagged("post_install", "-at_install")
class TestViewLink(MailFlowCase, HttpCase):
    def test_without_a_token(self):
        """What is shown to a user of Email Marketing is what they may read."""
        groups = "base.group_user,mass_mailing.group_mass_mailing_user"
        new_test_user(self.env, "mailer_view", password="mailer_view", groups=groups)
        self.contact.name = "Somebody Secret"
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", self.contact.id)]),
            }
        )
        self.authenticate("mailer_view", "mailer_view")
        address = f"/mailing/{self.mailing.id}/view?email=x@example.com"
        self.assertEqual(self.url_open(address).status_code, 200)
        other = self.contacts[1]
        self.assertIn(other.name, self.url_open(f"{address}&document_id={other.id}").text)
        with mute_logger(*QUIET, "odoo.http", "odoo.addons.mail.models.mail_render_mixin"):
            page = self.url_open(f"{address}&document_id={self.contact.id}")
        self.assertNotIn("Secret", page.text)
