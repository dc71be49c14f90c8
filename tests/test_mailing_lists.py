"""Which mailing lists a campaign mails for, and who has left them."""

import re

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.sms.tests.common import MockSMS

from .common import MarketingAutomationCase, MarketingAutomationMixin

BODY = '<div><p>Hello</p><a href="/unsubscribe_from_list">Unsubscribe</a></div>'
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


class ListsMixin(MarketingAutomationMixin):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lists = cls.env["mailing.list"].create(
            [{"name": f"Gazette {name}", "is_public": True} for name in "ABC"]
        )
        cls.list_a, cls.list_b, cls.list_c = lists
        cls.country = cls.env.ref("base.be")

    @classmethod
    def create_subscriber(cls, name, lists, left=(), **vals):
        """A mailing contact in lists; those in ``left`` it has opted out of."""
        contact = cls.env["mailing.contact"].create(
            {
                "name": name,
                "email": f"{name}@example.com",
                "country_id": cls.country.id,
                "list_ids": [Command.link(one.id) for one in lists],
                **vals,
            }
        )
        for subscription in contact.subscription_ids:
            if subscription.list_id in left:
                subscription.opt_out = True
        return contact

    @classmethod
    def create_list_campaign(cls, domain, **vals):
        return cls.create_campaign(
            model_id=cls.env["ir.model"]._get_id("mailing.contact"), domain=str(domain), **vals
        )


@tagged("post_install", "-at_install")
class TestListsOfFilters(ListsMixin, MarketingAutomationCase):
    def test_read_from_the_filter(self):
        a, b = self.list_a, self.list_b
        named = {
            a: [
                [("list_ids", "in", a.ids)],
                [("list_ids", "=", a.id)],
                [("list_ids", "=", "Gazette A")],
                [("list_ids", "ilike", "zette a")],
                [("list_ids.id", "=", a.id)],
                [("list_ids.name", "=", "Gazette A")],
                [("list_ids", "any", [("name", "ilike", "gazette a")])],
                [("subscription_ids.list_id", "in", a.ids)],
                [("subscription_ids.list_id.name", "=", "Gazette A")],
                [("subscription_ids", "any", [("list_id", "=", a.id), ("opt_out", "=", False)])],
                [("subscription_ids", "any", [("list_id.name", "ilike", "gazette a")])],
                [("list_ids", "in", a.ids), ("list_ids", "not in", b.ids)],
                ["!", ("list_ids", "not in", a.ids)],
            ],
            a | b: [
                [("list_ids", "in", (a | b).ids)],
                ["|", ("list_ids", "=", a.id), "&", ("name", "!=", "x"), ("list_ids", "=", b.id)],
                [("list_ids", "=", a.id), ("subscription_ids.list_id", "=", b.id)],
            ],
            self.env["mailing.list"]: [
                [],
                [("email", "!=", False)],
                [("list_ids", "not in", a.ids)],
                [("list_ids", "!=", False)],
                [("subscription_ids.opt_out", "=", False)],
                ["!", ("list_ids.name", "=", "Gazette A")],
            ],
        }
        for lists, domains in named.items():
            for domain in domains:
                with self.subTest(domain=domain):
                    campaign = self.create_list_campaign(domain)
                    self.assertEqual(campaign.mailing_list_ids, lists)
                    self.create_activity(campaign)
                    campaign.action_start_campaign()

    def test_archived_lists_count(self):
        self.list_a.active = False
        campaign = self.create_list_campaign([("list_ids", "in", self.list_a.ids)])
        self.assertEqual(campaign.mailing_list_ids, self.list_a)

    def test_read_from_the_filters_of_steps(self):
        campaign = self.create_list_campaign([])
        self.create_activity(campaign)
        self.create_activity(campaign, activity_domain=str([("list_ids", "=", self.list_a.id)]))
        self.assertEqual(campaign.mailing_list_ids, self.list_a)
        campaign = self.create_list_campaign([("list_ids", "=", self.list_b.id)])
        self.create_activity(campaign, activity_domain=str([("list_ids", "=", self.list_a.id)]))
        self.assertEqual(campaign.mailing_list_ids, self.list_b, "It is narrowed down only.")

    def test_asked_for(self):
        for domain in (
            [("list_ids", "ilike", "to be made")],
            [("subscription_ids.list_id.name", "=", "To be made")],
        ):
            with self.subTest(domain=domain):
                campaign = self.create_list_campaign(domain)
                step = self.create_activity(campaign)
                with self.assertRaisesRegex(UserError, "Mailing Lists"):
                    campaign.action_start_campaign()
                campaign.domain = "[]"
                step.activity_domain = str(domain)
                with self.assertRaisesRegex(UserError, "Mailing Lists"):
                    campaign.action_start_campaign()
                campaign.mailing_list_ids = self.list_a
                campaign.action_start_campaign()

    def test_by_hand(self):
        campaign = self.create_list_campaign(
            [("list_ids", "in", (self.list_a | self.list_b).ids)], mailing_list_ids=self.list_b
        )
        self.assertEqual(campaign.mailing_list_ids, self.list_b)
        self.create_activity(campaign, activity_domain=str([("list_ids", "=", self.list_a.id)]))
        campaign.domain = str([("email", "!=", False)])
        self.assertEqual(campaign.mailing_list_ids, self.list_b, "The filter names none.")
        self.assertEqual(campaign.copy().mailing_list_ids, self.list_b)
        campaign.domain = str([("list_ids", "in", self.list_c.ids)])
        self.assertEqual(campaign.mailing_list_ids, self.list_c)

    def test_form(self):
        with Form(self.env["marketing.campaign"].with_user(self.responsible)) as form:
            form.name = "Campaign"
            form.model_id = self.env["ir.model"]._get("mailing.contact")
            form.domain = str([("list_ids", "in", self.list_a.ids)])
            self.assertEqual(form.mailing_list_ids.ids, self.list_a.ids)
        self.assertEqual(form.record.mailing_list_ids, self.list_a)

    def test_other_targets_have_none(self):
        campaign = self.create_list_campaign([("list_ids", "in", self.list_a.ids)])
        campaign.write({"model_id": self.env["ir.model"]._get_id("res.partner"), "domain": "[]"})
        self.assertFalse(campaign.mailing_list_ids)
        self.assertFalse(self.create_campaign(domain="[]").mailing_list_ids)

    def test_a_list_that_is_deleted_is_asked_for_again(self):
        campaign = self.create_list_campaign([("list_ids", "in", self.list_a.ids)])
        self.create_activity(campaign)
        campaign.action_start_campaign()
        campaign.action_stop_campaign()
        self.list_a.unlink()
        self.assertIn("Mailing Lists", campaign._get_problems()[0])

    def test_tracked(self):
        campaign = self.create_list_campaign([])
        self.flush_tracking()
        campaign.mailing_list_ids = self.list_a
        self.flush_tracking()
        field = self.env["ir.model.fields"]._get("marketing.campaign", "mailing_list_ids")
        self.assertIn(field, campaign.message_ids.tracking_value_ids.field_id)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()


@tagged("post_install", "-at_install")
class TestLeavingLists(ListsMixin, MockEmail, MockSMS, HttpCase):
    def run_campaign(self, domain, kinds=("email",), **vals):
        campaign = self.create_list_campaign(domain, **vals)
        for kind in kinds:
            mailing_type = "sms" if kind == "sms" else "mail"
            content = {} if kind == "sms" else {"body_html": BODY}
            mailing = self.create_mailing(campaign, mailing_type, **content)
            for delay in ("0 hours", "1 hours"):
                self.create_activity(campaign, kind, delay=delay, mass_mailing_id=mailing.id)
        campaign.action_start_campaign()
        with self.at("2025-03-01 09:00:00"):
            self.run_jobs()
        return campaign

    def first_trace(self, campaign, contact):
        return self.trace_of(campaign.marketing_activity_ids[0], contact)

    def send_queue(self):
        with self.mock_mail_gateway(), self.mockSMSGateway():
            self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
        self.env.invalidate_all()
        return [address for mail in self._mails for address in mail["email_to"]]

    def assertRefused(self, campaign, contact):
        trace = self.first_trace(campaign, contact)
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "mail_optout"))

    def assertMailed(self, campaign, contact):
        self.assertEqual(self.first_trace(campaign, contact).state, "processed")

    # ------------------------------------------------------------
    # Who has left
    # ------------------------------------------------------------

    def test_however_the_filter_names_the_list(self):
        a, b = self.list_a, self.list_b
        left = self.create_subscriber("left", a | b, left=a)
        stayed = self.create_subscriber("stayed", a | b, left=b)
        for domain in (
            [("list_ids", "in", a.ids)],
            [("list_ids", "ilike", "gazette a")],
            [("list_ids.name", "=", "Gazette A")],
            [("list_ids", "any", [("name", "=", "Gazette A")])],
            [("subscription_ids", "any", [("list_id", "=", a.id)])],
        ):
            with self.subTest(domain=domain):
                campaign = self.run_campaign(domain)
                self.assertRefused(campaign, left)
                self.assertMailed(campaign, stayed)

    def test_only_a_step_names_the_list(self):
        left = self.create_subscriber("left", self.list_a | self.list_b, left=self.list_a)
        campaign = self.create_list_campaign([("id", "=", left.id)])
        self.create_activity(
            campaign,
            delay="0 hours",
            activity_domain=str([("list_ids.name", "=", "Gazette A")]),
        )
        campaign.action_start_campaign()
        self.run_jobs()
        self.assertRefused(campaign, left)

    def test_out_of_every_list(self):
        """Subscriptions that were made through ``list_ids`` say nothing of opt-outs."""
        a, b = self.list_a, self.list_b
        in_a = self.create_subscriber("in-a", a | b, left=b)
        in_none = self.create_subscriber("in-none", a | b, left=a | b)
        only_c = self.create_subscriber("only-c", self.list_c, left=self.list_c)
        contacts = in_a | in_none | only_c
        campaign = self.run_campaign([("id", "in", contacts.ids)], mailing_list_ids=a | b)
        self.assertMailed(campaign, in_a)
        self.assertRefused(campaign, in_none)
        self.assertMailed(campaign, only_c)
        campaign = self.run_campaign([("id", "in", contacts.ids)])
        self.assertFalse(campaign.mailing_list_ids)
        self.assertMailed(campaign, in_a)
        self.assertRefused(campaign, in_none)
        self.assertRefused(campaign, only_c)

    def test_contact_with_two_addresses(self):
        left = self.create_subscriber(
            "left", self.list_a, left=self.list_a, email="left@example.com; also@example.com"
        )
        self.assertRefused(self.run_campaign([("list_ids", "in", self.list_a.ids)]), left)

    # ------------------------------------------------------------
    # While messages are queued
    # ------------------------------------------------------------

    def test_opt_out_while_queued(self):
        a, b = self.list_a, self.list_b
        leaving = {
            "by its field": lambda contact: contact.subscription_ids.write({"opt_out": True}),
            "by its date": lambda contact: contact.subscription_ids.write(
                {"opt_out_datetime": "2025-03-01 09:00:00"}
            ),
            "by the contact": lambda contact: contact.write(
                {"subscription_ids": [Command.update(contact.subscription_ids.id, {"opt_out": 1})]}
            ),
            "by import": lambda contact: self.env["mailing.subscription"].load(
                [".id", "opt_out"], [[str(contact.subscription_ids.id), "1"]]
            ),
            "created": lambda contact: (
                contact.subscription_ids.unlink(),
                self.env["mailing.subscription"].create(
                    {"contact_id": contact.id, "list_id": a.id, "opt_out": True}
                ),
            ),
            "moved": lambda contact: (
                contact.subscription_ids.write({"list_id": b.id, "opt_out": True}),
                contact.subscription_ids.write({"list_id": a.id}),
            ),
            "other list removed": lambda contact: (
                contact.write({"list_ids": [Command.link(b.id)]}),
                contact.invalidate_recordset(),
                contact.subscription_ids.filtered(lambda sub: sub.list_id == a).write(
                    {"opt_out": True}
                ),
                self.assertMailed(campaign, contact),
                contact.write({"list_ids": [Command.unlink(b.id)]}),
            ),
        }
        for how, leave in leaving.items():
            with self.subTest(how):
                contact = self.create_subscriber("leaving", a, mobile="+32456220001")
                # The same number, another person.
                other = self.create_subscriber("other", a, mobile="+32456220001")
                campaign = self.run_campaign(
                    [("id", "in", (contact | other).ids)],
                    ("email", "sms"),
                    mailing_list_ids=a | b,
                )
                leave(contact)
                for activity in campaign.marketing_activity_ids:
                    if activity.interval_number:
                        continue
                    reason = "sms_optout" if activity.activity_type == "sms" else "mail_optout"
                    trace = self.trace_of(activity, contact)
                    self.assertEqual((trace.state, trace.state_reason), ("canceled", reason))
                    self.assertEqual(self.trace_of(activity, other).state, "processed")

    # ------------------------------------------------------------
    # Links
    # ------------------------------------------------------------

    def mail_to(self, address):
        return next(mail for mail in self._mails if address in str(mail["email_to"]))

    def path_of(self, url):
        return "/" + url.replace("&amp;", "&").split("/", 3)[3]

    def click_once(self, address):
        """A mail program unsubscribes (RFC 8058)."""
        url = self.mail_to(address)["headers"]["List-Unsubscribe"].strip("<>")
        response = self.url_open(self.path_of(url), data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()

    def confirm(self, address):
        """A person follows the link in the footer and confirms.

        :return: the text of the page that asks, of the one that says what was done, and of
            the one on which subscriptions are managed
        """
        url = re.search(r'href="([^"]*confirm_unsubscribe[^"]*)"', self.mail_to(address)["body"])[1]
        question = self.url_open(self.path_of(url), headers=BROWSER)
        form = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', question.text))
        done = self.url_open("/mailing/confirm_unsubscribe", data=form, headers=BROWSER)
        settings = re.search(r'href="([^"]*/unsubscribe\?[^"]*)"', done.text)[1]
        page = self.url_open(settings.replace("&amp;", "&"), headers=BROWSER)
        self.env.invalidate_all()
        return question.text, done.text, page.text

    def test_one_click_leaves_the_lists(self):
        a, b, c = self.list_a, self.list_b, self.list_c
        contact = self.create_subscriber("leaving", a | b | c)
        campaign = self.run_campaign([("list_ids", "in", (a | b).ids)])
        self.send_queue()
        self.click_once("leaving@")
        left = contact.subscription_ids.filtered("opt_out").list_id
        self.assertEqual(left, a | b)
        self.assertFalse(contact.is_blacklisted, "It stays in list C.")
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        trace = self.trace_of(campaign.marketing_activity_ids[1], contact)
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "mail_optout"))

    def test_footer_leaves_the_lists(self):
        contact = self.create_subscriber("leaving", self.list_a | self.list_c)
        self.list_b.is_public = False
        self.run_campaign([("list_ids", "in", (self.list_a | self.list_b).ids)])
        self.send_queue()
        question, done, page = self.confirm("leaving@")
        self.assertIn("Gazette A", question)
        self.assertNotIn("Gazette B", question, "Nobody is told of it.")
        self.assertIn("unsubscribed", done)
        self.assertIn("You are no longer part of the Gazette A mailing list.", page)
        self.assertEqual(contact.subscription_ids.filtered("opt_out").list_id, self.list_a)
        self.assertFalse(contact.is_blacklisted)

    def test_who_is_in_none_of_the_lists_stays_away(self):
        contact = self.create_subscriber("leaving", self.list_c)
        campaign = self.run_campaign([("id", "=", contact.id)], mailing_list_ids=self.list_a)
        self.send_queue()
        self.click_once("leaving@")
        self.assertEqual(contact.subscription_ids.filtered("opt_out").list_id, self.list_a)
        self.assertFalse(contact.is_blacklisted)
        again = self.run_campaign(campaign.domain, mailing_list_ids=self.list_a)
        self.assertRefused(again, contact)

    def test_without_lists_the_address_is_blacklisted(self):
        contact = self.create_subscriber("leaving", self.list_a)
        campaign = self.run_campaign([("id", "=", contact.id)])
        self.send_queue()
        self.assertFalse(campaign.mailing_list_ids)
        self.click_once("leaving@")
        self.assertTrue(contact.is_blacklisted)
        self.assertFalse(contact.subscription_ids.opt_out)

    def test_mail_of_a_step_that_was_deleted(self):
        contact = self.create_subscriber("leaving", self.list_a)
        campaign = self.run_campaign([("list_ids", "in", self.list_a.ids)])
        self.send_queue()
        campaign.marketing_activity_ids.unlink()
        self.click_once("leaving@")
        self.assertTrue(contact.subscription_ids.opt_out)
        self.assertFalse(contact.is_blacklisted)

    def test_second_address_leaves_the_lists(self):
        contact = self.create_subscriber(
            "leaving", self.list_a, email="first@example.com; second@example.com"
        )
        self.run_campaign([("list_ids", "in", self.list_a.ids)])
        self.send_queue()
        self.click_once("second@")
        self.assertTrue(contact.subscription_ids.opt_out)

    def test_stop_link_leaves_the_lists(self):
        contact = self.create_subscriber(
            "leaving", self.list_a | self.list_c, mobile="+32456220001"
        )
        campaign = self.run_campaign([("list_ids", "in", self.list_a.ids)], ("sms",))
        message = self.first_trace(campaign, contact).mailing_trace_ids
        page = self.url_open(
            f"/sms/{message.mass_mailing_id.id}/{message.sms_code}?sms_number=%2B32456220001",
            headers=BROWSER,
        )
        self.env.invalidate_all()
        self.assertIn("Gazette A", page.text)
        self.assertNotIn("blacklisted", page.text)
        self.assertEqual(contact.subscription_ids.filtered("opt_out").list_id, self.list_a)
        self.assertFalse(contact.phone_blacklisted)
