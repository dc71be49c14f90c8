"""Who has unsubscribed gets nothing more, from no campaign, whatever was planned before."""

import re

from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.marketing_automation.models.engine import execute as marketing_campaign_execute
from odoo.addons.sms.tests.common import MockSMS

from .common import MarketingAutomationMixin

BODY = '<div><p>Hello</p><a href="/unsubscribe_from_list">Unsubscribe</a></div>'
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


class DeliverabilityCase(MarketingAutomationMixin, MockEmail, MockSMS, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.country = cls.env.ref("base.be")
        cls.contacts = cls.create_contacts(2, country_id=cls.country.id)
        cls.leaving, cls.staying = cls.contacts
        cls.campaign = cls.make_campaign(cls.contacts)
        cls.other_campaign = cls.make_campaign(cls.contacts)

    @classmethod
    def make_campaign(cls, records, **vals):
        """Now an email and a text message; an hour later the same again."""
        campaign = cls.create_campaign(records, **vals)
        for kind in ("email", "sms"):
            mailing_type = "sms" if kind == "sms" else "mail"
            content = {} if kind == "sms" else {"body_html": BODY}
            for delay in ("0 hours", "1 hours"):
                mailing = cls.create_mailing(campaign, mailing_type, **content)
                cls.create_activity(campaign, kind, delay=delay, mass_mailing_id=mailing.id)
        campaign.action_start_campaign()
        return campaign

    def setUp(self):
        super().setUp()
        self.patch(marketing_campaign_execute.time, "sleep", lambda seconds: None)
        with self.at("2025-03-01 09:00:00"):
            self.run_jobs()

    def send_queue(self):
        """Send what is queued.

        :return: the addresses and numbers that got something
        """
        with self.mock_mail_gateway(), self.mockSMSGateway():
            self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
            sms = self.env["sms.sms"].sudo().search([("state", "=", "outgoing")])
            numbers = sms.mapped("number")
            sms.send()
            addresses = [address for mail in self._mails for address in mail["email_to"]]
        self.env.invalidate_all()
        return " ".join(addresses), numbers

    def an_hour_later(self):
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        return self.send_queue()

    def message_to(self, record, kind="email", campaign=None):
        campaign = campaign or self.campaign
        activity = campaign.marketing_activity_ids.filtered(
            lambda activity: activity.activity_type == kind
        )
        return self.trace_of(activity[0], record).mailing_trace_ids


@tagged("post_install", "-at_install")
class TestExclusionLists(DeliverabilityCase):
    def assertNoMoreMail(self):
        addresses, _numbers = self.an_hour_later()
        self.assertNotIn(self.leaving.email, addresses)
        self.assertEqual(addresses.count(self.staying.email), 2, "One of each campaign.")
        for campaign in self.campaign, self.other_campaign:
            later = campaign.marketing_activity_ids.filtered(
                lambda activity: activity.activity_type == "email" and activity.interval_number
            )
            trace = self.trace_of(later, self.leaving)
            self.assertEqual((trace.state, trace.state_reason), ("canceled", "mail_bl"))

    # ------------------------------------------------------------
    # Email
    # ------------------------------------------------------------

    def test_footer_of_the_message(self):
        self.send_queue()
        mail = next(mail for mail in self._mails if self.leaving.email in str(mail["email_to"]))
        address = re.search(r'href="([^"]*confirm_unsubscribe[^"]*)"', mail["body"])[1]
        path = "/" + address.replace("&amp;", "&").split("/", 3)[3]
        page = self.url_open(path, headers=BROWSER)
        self.leaving.invalidate_recordset()
        self.assertFalse(self.leaving.is_blacklisted, "Only after they have confirmed.")
        form = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.text))
        response = self.url_open("/mailing/confirm_unsubscribe", data=form, headers=BROWSER)
        self.assertEqual(response.status_code, 200)
        self.leaving.invalidate_recordset()
        self.assertTrue(self.leaving.is_blacklisted)
        self.assertNoMoreMail()

    def test_one_click(self):
        self.send_queue()
        mail = next(mail for mail in self._mails if self.leaving.email in str(mail["email_to"]))
        self.assertEqual(mail["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        address = mail["headers"]["List-Unsubscribe"].strip("<>")
        response = self.url_open(
            "/" + address.split("/", 3)[3], data={"List-Unsubscribe": "One-Click"}
        )
        self.assertEqual(response.status_code, 200)
        self.leaving.invalidate_recordset()
        self.assertTrue(self.leaving.is_blacklisted)
        self.assertNoMoreMail()

    def test_blacklisted_by_hand(self):
        self.send_queue()
        self.env["mail.blacklist"].create({"email": self.leaving.email})
        self.assertNoMoreMail()

    def test_while_messages_are_queued(self):
        self.env["mail.blacklist"]._add(self.leaving.email)
        addresses, _numbers = self.send_queue()
        self.assertNotIn(self.leaving.email, addresses)
        self.assertIn(self.staying.email, addresses)
        for campaign in self.campaign, self.other_campaign:
            message = self.message_to(self.leaving, campaign=campaign)
            self.assertEqual((message.trace_status, message.failure_type), ("cancel", "mail_bl"))
            trace = message.marketing_trace_id
            self.assertEqual((trace.state, trace.state_reason), ("canceled", "mail_bl"))
        self.assertNoMoreMail()

    def test_blacklisted_again_while_messages_are_queued(self):
        self.env["mail.blacklist"].create({"email": self.leaving.email, "active": False})
        self.env["mail.blacklist"]._add(self.leaving.email)
        addresses, _numbers = self.send_queue()
        self.assertNotIn(self.leaving.email, addresses)

    def test_mailing_that_goes_to_everybody(self):
        """What is not advertising may leave out the exclusion lists."""
        self.campaign.marketing_activity_ids.mass_mailing_id.use_exclusion_list = False
        self.env["mail.blacklist"]._add(self.leaving.email)
        addresses, _numbers = self.send_queue()
        self.assertEqual(addresses.count(self.leaving.email), 1)

    def test_email_of_a_server_action(self):
        template = self.env["mail.template"].create(
            {
                "name": "Template",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Template",
                "body_html": "<p>Template</p>",
                "partner_to": "{{ object.id }}",
                "use_default_to": False,
            }
        )
        action = self.create_server_action(
            False, state="mail_post", mail_post_method="email", template_id=template.id
        )
        multi = self.create_server_action(
            False, state="multi", child_ids=[Command.set(action.copy().ids)]
        )
        self.env["mail.blacklist"]._add(self.leaving.email)
        self.env["mail.mail"].sudo().search([]).unlink()
        for sending in action, multi:
            campaign = self.create_campaign(self.contacts)
            activity = self.create_activity(
                campaign, "action", delay="0 hours", server_action_id=sending.id
            )
            campaign.action_start_campaign()
            self.run_jobs()
            addresses, _numbers = self.send_queue()
            self.assertEqual(self.trace_of(activity, self.leaving).state_reason, "mail_bl")
            self.assertEqual(self.trace_of(activity, self.staying).state, "processed")
            self.assertNotIn(self.leaving.email, addresses)
            self.assertIn(self.staying.email, addresses)

    # ------------------------------------------------------------
    # Text messages
    # ------------------------------------------------------------

    def assertNoMoreSms(self):
        _addresses, numbers = self.an_hour_later()
        self.assertNotIn(self.leaving.phone_sanitized, numbers)
        self.assertEqual(numbers.count(self.staying.phone_sanitized), 2)

    def test_stop_link(self):
        self.send_queue()
        message = self.message_to(self.leaving, "sms")
        path = f"/sms/{message.mass_mailing_id.id}/{message.sms_code}"
        page = self.url_open(path, headers=BROWSER)
        self.assertEqual(page.status_code, 200)
        self.leaving.invalidate_recordset()
        self.assertFalse(self.leaving.phone_blacklisted, "To read the page is not to confirm.")
        wrong = self.url_open(f"{path}?sms_number=%2B32456999999", headers=BROWSER)
        self.assertEqual(wrong.status_code, 200)
        self.staying.invalidate_recordset()
        self.assertFalse(self.staying.phone_blacklisted)
        number = self.leaving.phone_sanitized.replace("+", "%2B")
        self.url_open(f"{path}?sms_number={number}", headers=BROWSER)
        self.leaving.invalidate_recordset()
        self.assertTrue(self.leaving.phone_blacklisted)
        self.assertNoMoreSms()

    def test_number_blacklisted_while_messages_are_queued(self):
        self.env["phone.blacklist"].add(self.leaving.phone_sanitized)
        _addresses, numbers = self.send_queue()
        self.assertNotIn(self.leaving.phone_sanitized, numbers)
        self.assertIn(self.staying.phone_sanitized, numbers)
        trace = self.message_to(self.leaving, "sms").marketing_trace_id
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "sms_blacklist"))
        self.assertNoMoreSms()


@tagged("post_install", "-at_install")
class TestOptOut(DeliverabilityCase):
    """Subscribers of a list, who leave the list instead of everything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list = cls.env["mailing.list"].create({"name": "News", "is_public": True})
        cls.contacts = cls.env["mailing.contact"].create(
            [
                {
                    "name": name,
                    "email": f"{name}@example.com",
                    "mobile": f"+3245622000{number}",
                    "country_id": cls.country.id,
                    "list_ids": [Command.set(cls.list.ids)],
                }
                for number, name in enumerate(("leaving", "staying"))
            ]
        )
        cls.leaving, cls.staying = cls.contacts
        cls.campaign = cls.make_campaign(
            None,
            model_id=cls.env["ir.model"]._get_id("mailing.contact"),
            domain=str([("list_ids", "in", cls.list.ids)]),
        )

    def assertNothingMore(self, addresses, numbers):
        self.assertNotIn("leaving@", addresses)
        self.assertIn("staying@", addresses)
        self.assertNotIn(self.leaving.phone_sanitized, numbers)
        self.assertIn(self.staying.phone_sanitized, numbers)

    def test_left_while_messages_are_queued(self):
        self.leaving.subscription_ids.opt_out = True
        self.assertNothingMore(*self.send_queue())
        trace = self.message_to(self.leaving).marketing_trace_id
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "mail_optout"))

    def test_left_on_the_page_of_subscriptions(self):
        self.send_queue()
        mailing = self.message_to(self.leaving).mass_mailing_id
        token = mailing._generate_mailing_recipient_token(self.leaving.id, self.leaving.email)
        result = self.make_jsonrpc_request(
            "/mailing/list/update",
            {
                "mailing_id": mailing.id,
                "document_id": self.leaving.id,
                "email": self.leaving.email,
                "hash_token": token,
                "lists_optin_ids": [],
            },
        )
        self.assertTrue(result)
        self.leaving.invalidate_recordset()
        self.assertTrue(self.leaving.subscription_ids.opt_out)
        self.assertNothingMore(*self.an_hour_later())

    def test_one_click(self):
        self.send_queue()
        mail = next(mail for mail in self._mails if "leaving@" in str(mail["email_to"]))
        address = mail["headers"]["List-Unsubscribe"].strip("<>")
        path = "/" + address.split("/", 3)[3]
        response = self.url_open(path, data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        addresses, _numbers = self.an_hour_later()
        self.assertNotIn("leaving@", addresses)
        self.assertIn("staying@", addresses)

    def test_stop_link_of_a_text_message(self):
        self.send_queue()
        message = self.message_to(self.leaving, "sms")
        number = self.leaving.phone_sanitized.replace("+", "%2B")
        path = f"/sms/{message.mass_mailing_id.id}/{message.sms_code}?sms_number={number}"
        self.url_open(path, headers=BROWSER)
        _addresses, numbers = self.an_hour_later()
        self.assertNotIn(self.leaving.phone_sanitized, numbers)
        self.assertIn(self.staying.phone_sanitized, numbers)
