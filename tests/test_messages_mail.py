"""Emails of a campaign, from the queue to the reply."""

import base64
import re
from unittest.mock import patch

from markupsafe import Markup

from odoo import Command
from odoo.tests import tagged

from ..models.engine import run as marketing_activity_run
from .common import MarketingAutomationCase, MessagingCase

BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@example.com
To: {bounce_to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{token}@example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XXX"

--XXX
Content-Type: text/plain; charset=utf-8

The user is unknown.

--XXX
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {email}
Action: failed
Status: 5.1.1

--XXX
Content-Type: text/rfc822-headers

Message-ID: {message_id}
From: {sender}
To: {email}

--XXX--
"""


class MailFlowCase(MessagingCase):
    """Two contacts that get one email, with a follow-up for each event."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.contact = cls.contacts[0]
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours")
        cls.mailing = cls.mail.mass_mailing_id

    def follow(self, trigger, parent=None, **vals):
        parent = parent or self.mail
        return self.create_activity(
            parent.campaign_id,
            "action",
            trigger,
            **{"delay": "1 days", "parent_id": parent.id, **vals},
        )

    def trace(self, activity=None, contact=None):
        return self.trace_of(activity or self.mail, contact or self.contact)

    def state(self, activity=None, contact=None):
        return self.trace(activity, contact).state

    def pixel_of(self, contact):
        [pixel] = re.findall(
            r"https?://[^/]+(/mail/track/\d+/\w+/blank.gif)", self.mail_to(contact)["body"]
        )
        return pixel

    def bounce(self, contact):
        """The mail server of the contact gives its email back."""
        mail = self.mail_to(contact)
        message = BOUNCE.format(
            bounce_to=f"{self.mail_alias_domain.bounce_email}",
            email=contact.email,
            sender=mail["email_from"],
            message_id=mail["message_id"],
            token="1",
        )
        self.env["mail.thread"].message_process(False, message)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestMailDelivery(MailFlowCase):
    """What is sent, to whom, and what is not."""

    def test_batch_queues_and_the_queue_sends(self):
        cron = self.env.ref("marketing_automation.ir_cron_send_emails")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        with self.mock_mail_gateway():
            self.start(self.campaign)
        self.assertFalse(self._mails)
        queued = self._new_mails.filtered("mailing_id")
        self.assertEqual(queued.mapped("state"), ["outgoing"] * 2)
        self.assertEqual(self.trace().mailing_trace_status, "outgoing")
        # The queue is woken, or its hour would have to be waited for.
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers)
        self.send_mails()
        self.assertEqual(len(self._mails), 2)
        self.assertEqual(self.trace().mailing_trace_status, "sent")
        self.assertEqual(self.trace().state, "processed")
        self.assertIn(f"Hello {self.contact.name}", self.mail_to(self.contact)["body"])

    def test_nothing_is_sent_twice(self):
        self.start(self.campaign)
        self.send_mails()
        self.run_jobs()
        self.campaign.execute_activities()
        self.send_mails()
        self.assertFalse(self._mails)
        self.assertEqual(len(self.mailing.mailing_trace_ids), 2)

    def test_author_and_addresses(self):
        other = self.env.ref("base.user_admin")
        self.mailing.write({"user_id": other.id, "email_from": "Shop <shop@example.com>"})
        self.mailing.write({"reply_to_mode": "new", "reply_to": "answers@example.com"})
        with self.mock_mail_gateway():
            self.start(self.campaign)
        self.assertEqual(self._new_mails.author_id, other.partner_id)
        self.assertEqual(set(self._new_mails.mapped("email_from")), {"Shop <shop@example.com>"})
        self.assertEqual(set(self._new_mails.mapped("reply_to")), {"answers@example.com"})
        self.send_mails()
        self.assertIn("shop@example.com", self.mail_to(self.contact)["email_from"])

    def test_language_of_the_recipient(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.responsible.lang = "en_US"
        self.contact.lang = "fr_FR"
        self.mailing.body_html = """<p><t t-out="object.env.context.get('lang')"/></p>"""
        self.responsible.group_ids += self.env.ref("mail.group_mail_template_editor")
        self.start(self.campaign)
        self.send_mails()
        self.assertIn("fr_FR", self.mail_to(self.contact)["body"])

    def test_attachments(self):
        attachment = self.env["ir.attachment"].create(
            {"name": "Offer.txt", "datas": base64.b64encode(b"Half the price")}
        )
        self.mailing.attachment_ids = [Command.link(attachment.id)]
        self.start(self.campaign)
        self.send_mails()
        for contact in self.contacts:
            [(name, content, _mimetype)] = self.mail_to(contact)["attachments"]
            self.assertEqual((name, content), ("Offer.txt", b"Half the price"))
        self.assertTrue(attachment.exists())

    def test_same_address_is_no_duplicate(self):
        """Unicity is the campaign's; whoever takes part gets the mail, in one batch or two."""
        for batch_size in (200, 1):
            with self.subTest(batch_size=batch_size):
                contacts = self.create_contacts(2, email="same@example.com")
                campaign = self.create_campaign(contacts, unique_field_id=False)
                activity = self.create_activity(campaign, delay="0 hours")
                with patch.object(marketing_activity_run, "RUN_BATCH_SIZE", batch_size):
                    self.start(campaign)
                self.send_mails()
                self.assertEqual(len(self._mails), 2)
                self.assertEqual(set(activity.trace_ids.mapped("state")), {"processed"})

    def test_same_address_in_another_campaign_or_test(self):
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contact.id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        test.trace_ids.action_execute()
        self.start(self.campaign)
        self.send_mails()
        self.assertEqual(len(self._mails), 3)

    def assertNotSent(self, reason, followers):
        """The first contact got nothing, and nothing follows; the second one did."""
        self.send_mails()
        self.mail_to(self.contacts[1])
        self.assertEqual(len(self._mails), 1)
        trace = self.trace()
        self.assertEqual((trace.state, trace.state_reason), ("canceled", reason))
        self.assertTrue(trace.state_msg)
        for follower in followers:
            self.assertFalse(self.trace(follower), "Nothing follows what was not sent")
        self.assertEqual(self.participant_of(self.campaign, self.contact).state, "completed")

    def test_not_sent_at_all(self):
        followers = [self.follow("mail_not_open"), self.follow("mail_bounce")]
        self.env["mail.blacklist"]._add(self.contact.email)
        self.start(self.campaign)
        self.assertNotSent("mail_bl", followers)

    def test_blacklist_that_the_mailing_does_not_mind(self):
        self.env["mail.blacklist"]._add(self.contact.email)
        self.mailing.use_exclusion_list = False
        self.start(self.campaign)
        self.assertEqual(self.state(), "processed")

    def test_missing_address(self):
        followers = [self.follow("activity"), self.follow("mail_not_click")]
        self.contact.email = False
        self.start(self.campaign)
        self.assertNotSent("mail_email_missing", followers)

    def test_invalid_address(self):
        followers = [self.follow("mail_not_open")]
        self.contact.email = "nowhere"
        self.start(self.campaign)
        self.assertNotSent("mail_email_invalid", followers)

    def test_links_in_common_and_personal_links(self):
        """Each link of the message is tracked once, however many get it."""
        self.mailing.body_html = Markup(
            """<a href="https://www.example.com/news">News</a>
            <a href="https://www.example.com/news">News again</a>
            <a t-attf-href="https://www.example.com/{{ object.id }}">Yours</a>"""
        )
        self.start(self.campaign)
        self.send_mails()
        found = {
            contact: [
                self.visit(path).headers["Location"].partition("?")[0]
                for path in self.links_of(self.mail_to(contact)["body"])
            ]
            for contact in self.contacts
        }
        news = "https://www.example.com/news"
        for contact in self.contacts:
            yours = f"https://www.example.com/{contact.id}"
            self.assertEqual(found[contact], [news, news, yours])
        links = self.env["link.tracker"].search([("mass_mailing_id", "=", self.mailing.id)])
        self.assertEqual(len(links.filtered(lambda link: link.url == news)), 2, "One a label")
        self.assertEqual(len(links), 4)

    def test_unsubscribe_link_is_no_click(self):
        clicked = self.follow("mail_click")
        self.mailing.body_html += Markup('<a href="/unsubscribe_from_list">Unsubscribe</a>')
        self.start(self.campaign)
        self.send_mails()
        body = self.mail_to(self.contact)["body"]
        self.assertEqual(len(self.links_of(body)), 1)
        unsubscribe = re.search(r'https?://[^/]+(/mailing/[^"]+confirm_unsubscribe[^"]+)', body)
        self.assertEqual(self.visit(unsubscribe[1].replace("&amp;", "&")).status_code, 200)
        self.assertFalse(self.trace().links_click_datetime)
        self.assertFalse(self.trace(clicked).schedule_date)


@tagged("post_install", "-at_install")
class TestMailingContacts(MailFlowCase):
    """Subscriptions count for contacts of mailing lists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.news, cls.offers = cls.env["mailing.list"].create(
            [{"name": "News"}, {"name": "Offers"}]
        )
        cls.subscriber, cls.reader = cls.env["mailing.contact"].create(
            [
                {"name": "Ann", "email": "ann@example.com", "list_ids": cls.news.ids},
                {"name": "Bob", "email": "bob@example.com", "list_ids": cls.news.ids},
            ]
        )
        cls.people = cls.subscriber + cls.reader

    def start_for_people(self, domain):
        campaign = self.create_campaign(
            domain=str([("id", "in", self.people.ids), *domain]),
            model_id=self.env["ir.model"]._get_id("mailing.contact"),
        )
        activity = self.create_activity(campaign, delay="0 hours")
        self.start(campaign)
        return activity

    def opt_out(self, contact, mailing_list):
        contact.subscription_ids.filtered(lambda line: line.list_id == mailing_list).opt_out = True

    def test_opted_out_of_the_list_of_the_campaign(self):
        self.opt_out(self.subscriber, self.news)
        activity = self.start_for_people([("list_ids", "in", self.news.ids)])
        self.assertEqual(self.trace_of(activity, self.subscriber).state_reason, "mail_optout")
        self.assertEqual(self.trace_of(activity, self.reader).state, "processed")

    def test_opted_out_of_another_list(self):
        self.subscriber.list_ids += self.offers
        self.opt_out(self.subscriber, self.offers)
        activity = self.start_for_people([("list_ids", "in", self.news.ids)])
        self.assertEqual(self.trace_of(activity, self.subscriber).state, "processed")

    def test_opted_out_of_all_lists_where_the_campaign_names_none(self):
        self.opt_out(self.subscriber, self.news)
        activity = self.start_for_people([])
        self.assertEqual(self.trace_of(activity, self.subscriber).state_reason, "mail_optout")

    def test_other_contact_with_the_address_of_who_opted_out(self):
        """Opting out is a matter of the address: it gets nothing as somebody else either."""
        self.reader.email = self.subscriber.email
        self.opt_out(self.subscriber, self.news)
        campaign = self.create_campaign(
            self.people,
            model_id=self.env["ir.model"]._get_id("mailing.contact"),
            unique_field_id=False,
        )
        activity = self.create_activity(campaign, delay="0 hours")
        self.start(campaign)
        self.assertEqual(self.trace_of(activity, self.subscriber).state_reason, "mail_optout")
        self.assertEqual(self.trace_of(activity, self.reader).state_reason, "mail_optout")


@tagged("post_install", "-at_install")
class TestHistory(MarketingAutomationCase):
    """Many past messages cost a new one nothing."""

    def _count_statements(self, activity, contacts):
        campaign = activity.campaign_id
        campaign.domain = str([("id", "in", contacts.ids)])
        campaign.sync_participants()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        campaign.execute_activities()
        self.env.flush_all()
        count = self.env.cr.sql_log_count - before
        traces = self.env["mailing.trace"].search(
            [("mass_mailing_id", "=", activity.mass_mailing_id.id), ("res_id", "in", contacts.ids)]
        )
        self.assertEqual(set(traces.mapped("trace_status")), {"outgoing"})
        return count

    def test_links_are_looked_up_once(self):
        """More messages in a batch cost no more statements."""
        contacts = self.create_contacts(48)
        activity = self.create_activity(self.create_campaign(contacts), delay="0 hours")
        activity.campaign_id.action_start_campaign()
        self._count_statements(activity, contacts[:8])
        few = self._count_statements(activity, contacts[8:16])
        many = self._count_statements(activity, contacts[16:])
        self.assertLessEqual(many, few)

    def test_past_traces_are_not_read(self):
        contacts = self.create_contacts(30)
        campaign = self.create_campaign(contacts[:10])
        activity = self.create_activity(campaign, delay="0 hours")
        campaign.action_start_campaign()
        self._count_statements(activity, contacts[:10])
        before = self._count_statements(activity, contacts[10:20])
        self.env.cr.execute(
            """
            INSERT INTO mailing_trace
                (mass_mailing_id, model, res_id, email, trace_type, trace_status)
            SELECT %s, 'res.partner', 100000000 + i, 'past' || i || '@example.com', 'mail', 'sent'
            FROM generate_series(1, 3000) i
            """,
            [activity.mass_mailing_id.id],
        )
        Mailing = type(activity.mass_mailing_id)
        with patch.object(Mailing, "_get_seen_list", side_effect=AssertionError("History is read")):
            after = self._count_statements(activity, contacts[20:])
        self.assertLessEqual(after, before)
