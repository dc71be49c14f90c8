"""The dialog that starts a campaign, and its samples."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server, MailDeliveryException

from .common import MarketingAutomationMixin
from .review_case import ReviewCase
from .smtp import HOST, MailServer

START = datetime(2025, 3, 3, 9)


@tagged("post_install", "-at_install")
class TestReviewDialog(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts).with_user(cls.responsible)

    def open(self, **vals):
        action = self.campaign.action_review()
        self.assertEqual(action["target"], "new")
        Wizard = self.env[action["res_model"]].with_user(self.responsible)
        return Form(Wizard.with_context(**action["context"]))

    def test_start_now(self):
        self.create_activity(self.campaign)
        wizard = self.open().save()
        self.assertTrue(wizard.can_start)
        self.assertEqual(wizard.review["audience"]["text"], "3 contacts")
        wizard.action_start()
        self.assertEqual(self.campaign.state, "running")

    def test_start_at_a_date(self):
        self.create_activity(self.campaign, delay="0 hours")
        moment = datetime.now().replace(microsecond=0) + timedelta(days=2)
        form = self.open()
        form.start_type = "later"
        form.start_date = moment
        wizard = form.save()
        self.assertEqual(wizard.review["messages"][0]["moment"], str(moment))
        wizard.action_start()
        self.assertEqual(self.campaign.state, "draft")
        self.assertEqual(self.campaign.planned_start_date, moment)

    def test_another_date_looks_at_nothing_else_again(self):
        self.create_activity(self.campaign, delay="0 hours")
        form = self.open()
        form.start_type = "later"
        before = form.review["findings"]
        moment = datetime.now().replace(microsecond=0) + timedelta(days=2)
        Campaign = self.registry["marketing.campaign"]
        with (
            patch.object(Campaign, "_get_audience", side_effect=AssertionError),
            patch.object(Campaign, "_find_what_looks_wrong", side_effect=AssertionError),
            self.assertQueryCount(14),
        ):
            form.start_date = moment
        self.assertEqual(form.review["messages"][0]["moment"], str(moment))
        self.assertIn(f"“{form.review['messages'][0]['name']}”", form.review["first"])
        self.assertEqual(form.review["findings"], before)
        self.assertTrue(form.can_start)

    def test_what_a_client_makes_of_the_prospect_is_not_believed(self):
        """It is made again, whatever comes back instead; also that of another campaign."""
        self.create_activity(self.campaign, delay="0 hours")
        moment = datetime.now().replace(microsecond=0) + timedelta(days=2)
        form = self.open()
        content, seal = form.prospect["content"], form.prospect["seal"]
        form.start_type = "later"
        form.start_date = moment
        expected = form.review
        other = self.create_campaign(self.contacts[:1])
        self.create_activity(other)
        dialogs = self.env["marketing.campaign.review"].with_user(self.responsible)
        foreign = dialogs.create({"campaign_id": other.id}).prospect
        for number, prospect in enumerate(
            (
                *(None, False, 0, 1, "x", "é", [], [1], {}, {"audience": 1}, {"content": content}),
                *({"content": value, "seal": seal} for value in (None, 1, "x", [], {})),
                *({"content": content, "seal": seal} for seal in (None, 1, "", "é", {}, [seal])),
                {"content": {**content, "zones": ["Nowhere"]}, "seal": seal},
                {"content": {**content, "messages": [{"activity_id": {}}]}, "seal": seal},
                {"content": {**content, "audience": {}}, "seal": seal},
                foreign,
            )
        ):
            with self.subTest(number):
                answer = dialogs.onchange(
                    {
                        "campaign_id": self.campaign.id,
                        "start_type": "later",
                        "start_date": str(moment),
                        "prospect": prospect,
                    },
                    ["start_date"],
                    {name: {} for name in ("campaign_id", "start_type", "start_date", "review")},
                )
                self.assertEqual(answer["value"].get("review"), expected)

    def test_when_messages_come_is_said_in_the_words_of_their_triggers(self):
        welcome = self.create_activity(self.campaign, delay="0 hours", name="Welcome")
        self.create_activity(
            self.campaign, "email", "mail_not_open", "3 days", parent_id=welcome.id
        )
        self.create_activity(
            self.campaign, "email", "activity", "1 weeks", parent_id=welcome.id, time_of_day=9.5
        )
        places = [message["place"] for message in self.review(self.campaign)["messages"]]
        self.assertEqual(
            places,
            [
                "Sends as soon as somebody joins the campaign.",
                "Sends 3 days after “Welcome”, unless it was opened by then.",
                "Sends 1 week after “Welcome”. On that day it waits for 9:30.",
            ],
        )

    def test_errors(self):
        wizard = self.open().save()
        self.assertFalse(wizard.can_start)
        with self.assertRaises(UserError):
            wizard.action_start()

    def test_program_starts_at_once(self):
        """Clients that know nothing of the review start as they did."""
        self.create_activity(self.campaign)
        self.campaign.action_start_campaign()
        self.assertEqual(self.campaign.state, "running")


@tagged("post_install", "-at_install")
class TestSample(ReviewCase):
    """What is sent to the user who tries is what the record would get, and counts nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts).with_user(cls.responsible)
        cls.responsible.partner_id.phone = "+32456119999"

    def send(self, record=None, activity=None):
        wizard = self.env["marketing.campaign.review"].with_user(self.responsible)
        wizard = wizard.create({"campaign_id": self.campaign.id})
        if record:
            wizard.resource_ref = f"{record._name},{record.id}"
        wizard.activity_id = activity
        with self.mock_mail_gateway(), self.mockSMSGateway():
            self.mail_unlink_sent = True
            return wizard.action_send_samples()

    def test_email(self):
        email = self.create_activity(self.campaign)
        email.mass_mailing_id.subject = "Dear {{ object.name }}"
        messages = self.env["mailing.trace"].search_count([])
        self.send(self.contacts[1])
        [mail] = self._mails
        self.assertEqual(mail["email_to"], ['"Marketer" <marketer@example.com>'])
        self.assertEqual(mail["subject"], "[TEST] Dear Contact 1")
        self.assertIn("Hello Contact 1", mail["body"])
        self.assertNotIn("/mail/track/", mail["body"])
        self.assertNotIn("/r/", mail["body"])
        self.assertNotIn("List-Unsubscribe", mail["headers"])
        self.assertEqual(self.env["mailing.trace"].search_count([]), messages)
        self.assertFalse(self.campaign.participant_ids)
        self.assertFalse(self.env["mail.mail"].sudo().search([("subject", "like", "[TEST]")]))

    def test_record_that_would_get_nothing(self):
        """That its own address is blacklisted does not matter: it does not get it."""
        self.env["mail.blacklist"].create({"email": self.contacts[0].email})
        self.create_activity(self.campaign)
        self.send(self.contacts[0])
        self.assertEqual(len(self._mails), 1)

    def test_all_messages(self):
        email = self.create_activity(self.campaign, name="Email")
        self.create_activity(self.campaign, "sms", name="Text")
        action = self.send(self.contacts[0])
        self.assertIn("Email, Text", action["params"]["message"])
        self.assertEqual(len(self._mails), 1)
        [text] = self._sms
        self.assertEqual(text["number"], "+32456119999")
        self.assertIn("Hello Contact 0", text["body"])
        self.send(self.contacts[0], email)
        self.assertFalse(self._sms)

    def test_record_that_one_may_not_see(self):
        self.create_activity(self.campaign)
        hidden = self.create_contacts(1, email="hidden@example.com")
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", hidden.id)]),
            }
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.send(hidden)

    def test_no_address(self):
        self.create_activity(self.campaign)
        self.responsible.partner_id.email = False
        with self.assertRaisesRegex(UserError, "Enter your email address"):
            self.send(self.contacts[0])

    def test_mail_server_that_refuses(self):
        self.create_activity(self.campaign)
        wizard = self.env["marketing.campaign.review"].with_user(self.responsible)
        wizard = wizard.create({"campaign_id": self.campaign.id})

        def refuse(*args, **kwargs):
            raise MailDeliveryException("550 No")

        with (
            mute_logger("odoo.addons.mail.models.mail_mail"),
            self.mock_mail_gateway(),
            patch.object(IrMail_Server, "send_email", refuse),
            self.assertRaisesRegex(UserError, "could not be sent to marketer@example.com: .*550"),
        ):
            wizard.action_send_samples()

    def test_step_of_another_campaign(self):
        other = self.create_activity(self.create_campaign(self.contacts))
        with self.assertRaises(UserError):
            self.send(self.contacts[0], other)

    def test_no_message(self):
        with self.assertRaisesRegex(UserError, "has no message yet"):
            self.send(self.contacts[0])


@tagged("post_install", "-at_install")
class TestSampleOverTheWire(MarketingAutomationMixin, HttpCase):
    def test_it_comes_to_oneself(self):
        """From the button in the browser to the mail server."""
        contacts = self.create_contacts(2)
        campaign = self.create_campaign(contacts)
        email = self.create_activity(campaign)
        email.mass_mailing_id.subject = "Dear {{ object.name }}"
        self.authenticate("marketer", "marketer")
        with MailServer() as server:
            email.mass_mailing_id.mail_server_id = self.env["ir.mail_server"].create(
                {"name": "Server", "smtp_host": HOST, "smtp_port": server.port}
            )
            wizard = self.env["marketing.campaign.review"].with_user(self.responsible)
            wizard = wizard.create({"campaign_id": campaign.id, "res_id": contacts[1].id})
            self.make_jsonrpc_request(
                "/web/dataset/call_button/marketing.campaign.review/action_send_samples",
                {
                    "model": wizard._name,
                    "method": "action_send_samples",
                    "args": [wizard.ids],
                    "kwargs": {},
                },
            )
        [mail] = server.mails
        self.assertEqual(mail.recipient, "marketer@example.com")
        self.assertEqual(mail.subject, "[TEST] Dear Contact 1")
        self.assertIn("Hello Contact 1", mail.html)
        self.assertEqual(mail.message["List-Unsubscribe"], None)
        self.assertFalse(self.env["mailing.trace"].search([("res_id", "in", contacts.ids)]))
