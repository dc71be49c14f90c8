"""Each message of Email and SMS Marketing counts for its address from when it is queued."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import MessagingCase

NOW = datetime(2025, 3, 3, 9)
QUEUED = datetime.max


@tagged("post_install", "-at_install")
class TestMessageLog(MessagingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.log = cls.env["marketing.message.log"]

    def setUp(self):
        super().setUp()
        self.log.search([]).unlink()

    def logged(self, *addresses, trace_type="mail"):
        """Dates of the messages to addresses; all but the counted ones are of none."""
        self.env.flush_all()
        self.env.invalidate_all()
        keys = self.log._hash([(trace_type, address) for address in addresses])
        found = self.log.search([("trace_type", "=", trace_type)], order="date, id")
        self.assertLessEqual(set(found.mapped("address")), set(keys))
        return [row.date for row in found]

    def queue(self, activity_type="email", **vals):
        """A campaign has queued its message to the contacts."""
        campaign = self.create_campaign(self.contacts, **vals)
        self.create_activity(campaign, activity_type, delay="0 hours")
        self.start(campaign)
        return campaign

    def newsletter(self, **vals):
        return self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": str([("id", "in", self.contacts.ids)]),
                "email_from": "news@example.com",
                **vals,
            }
        )

    addresses = ("contact0@example.com", "contact1@example.com")
    numbers = ("+32456110000", "+32456110001")

    def test_emails_of_a_campaign(self):
        campaign = self.queue()
        self.assertEqual(self.logged(*self.addresses), [QUEUED] * 2)
        self.assertEqual(self.log.search([]).campaign_id, campaign)
        self.assertEqual(
            set(self.log.search([]).mapped("mailing_trace_id")),
            set(campaign.marketing_activity_ids.trace_ids.mailing_trace_ids.ids),
        )
        with self.at(NOW):
            self.send_mails()
        self.assertEqual(self.logged(*self.addresses), [NOW] * 2)

    def test_text_messages_of_a_campaign(self):
        self.queue("sms")
        self.assertEqual(self.logged(*self.numbers, trace_type="sms"), [QUEUED] * 2)
        self.send_sms()
        dates = self.logged(*self.numbers, trace_type="sms")
        self.assertEqual(len(dates), 2)
        self.assertNotIn(QUEUED, dates)

    def test_text_messages_that_fail(self):
        campaign = self.queue("sms")
        self.send_sms(sim_error="sms_not_delivered")
        self.assertEqual(self.logged(trace_type="sms"), [])
        self.assertEqual(len(campaign.marketing_activity_ids.trace_ids), 2)

    def test_text_messages_that_are_tried_again(self):
        campaign = self.queue("sms")
        with self.mockSMSGateway(sms_allow_unlink=False, sim_error="sms_credit"):
            self.run_cron("ir_cron_send_texts")
        self.assertEqual(self.logged(trace_type="sms"), [])
        campaign.marketing_activity_ids.mass_mailing_id.action_retry_failed()
        self.assertEqual(self.logged(*self.numbers, trace_type="sms"), [QUEUED] * 2)

    def test_newsletter(self):
        """It is counted like all others, by Odoo's own queue."""
        newsletter = self.newsletter(body_html="<p>News</p>")
        newsletter.action_send_mail(self.contacts.ids)
        with self.mock_mail_gateway(), self.at(NOW):
            self.run_cron("mail.ir_cron_mail_scheduler_action")
        self.assertEqual(self.logged(*self.addresses), [NOW] * 2)
        self.assertFalse(self.log.search([]).campaign_id)

    def test_newsletter_by_text_message(self):
        newsletter = self.newsletter(mailing_type="sms", body_plaintext="News")
        with self.mockSMSGateway():
            newsletter.action_send_sms(self.contacts.ids)
        dates = self.logged(*self.numbers, trace_type="sms")
        self.assertEqual(len(dates), 2)

    def test_all_addresses_of_a_record(self):
        self.contacts[0].email = "one@example.com, Two@example.com"
        self.queue()
        everyone = ("one@example.com", "two@example.com", "contact1@example.com")
        self.assertEqual(self.logged(*everyone), [QUEUED] * 3)
        self.send_mails()
        self.assertNotIn(QUEUED, self.logged(*everyone))

    def test_one_address_of_two_records(self):
        """It is one address, however it is written."""
        self.contacts[0].email = '"Someone" <CONTACT1@example.com>'
        self.queue(unique_field_id=False)
        self.assertEqual(len(self.logged("contact1@example.com")), 2)

    def test_what_is_not_sent(self):
        """Blacklisted, or without an address."""
        self.env["mail.blacklist"]._add(self.contacts[0].email)
        self.contacts[1].email = False
        self.queue()
        self.assertEqual(self.logged(), [])

    def test_tests(self):
        campaign = self.create_campaign(self.contacts)
        self.create_activity(campaign, delay="0 hours")
        self.create_activity(campaign, "sms", delay="0 hours")
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": campaign.id, "res_id": self.contacts[0].id}
        )
        wizard.action_launch_test()
        traces = campaign.marketing_activity_ids.trace_ids
        traces.action_execute()
        self.assertEqual(traces.mapped("state"), ["processed"] * 2)
        self.send_mails()
        self.assertEqual(self.logged(), [])
        self.assertEqual(self.logged(trace_type="sms"), [])

    def test_stopped_campaign(self):
        """What it takes back is not counted."""
        campaign = self.queue()
        campaign.action_stop_campaign()
        self.assertEqual(self.logged(), [])

    def test_cancelled_and_deleted_emails(self):
        """Also those of newsletters, of which mass mailing tells its traces nothing."""
        self.newsletter(body_html="<p>News</p>").action_send_mail(self.contacts.ids)
        messages = self.env["mailing.trace"].search([("res_id", "in", self.contacts.ids)])
        mails = messages.mail_mail_id
        mails[0].cancel()
        self.assertEqual(self.logged(mails[1].email_to or mails[1].recipient_ids.email), [QUEUED])
        mails[1].unlink()
        self.assertEqual(self.logged(), [])

    def test_emails_that_fail_and_are_tried_again(self):
        newsletter = self.newsletter(body_html="<p>News</p>")
        newsletter.action_send_mail(self.contacts[0].ids)
        mail = self.env["mail.mail"].search([("mailing_id", "=", newsletter.id)])
        mail.mailing_trace_ids.set_failed(failure_type="mail_smtp")
        mail.state = "exception"
        self.assertEqual(self.logged(), [])
        mail.action_retry()
        self.assertEqual(self.logged(self.addresses[0]), [QUEUED])

    def test_sent_after_all(self):
        """A report of a provider, and another one, after it had failed."""
        self.queue("sms")
        self.send_sms()
        messages = self.env["mailing.trace"].search([("sms_number", "in", self.numbers)])
        [sent] = set(self.logged(*self.numbers, trace_type="sms"))
        messages.set_failed(failure_type="sms_server")
        self.assertEqual(self.logged(trace_type="sms"), [])
        with self.at(NOW):
            messages.set_sent()
        self.assertEqual(self.logged(*self.numbers, trace_type="sms"), [NOW] * 2)
        with self.at(NOW + timedelta(days=1)):
            messages.set_sent()
        self.assertEqual(self.logged(*self.numbers, trace_type="sms"), [NOW] * 2)
        self.assertNotEqual(sent, NOW)

    def test_visitors_cause_no_query(self):
        campaign = self.queue()
        self.send_mails()
        message = campaign.marketing_activity_ids.trace_ids.mailing_trace_ids[0]
        names = ("_add", "_set_left", "_remove")
        refused = dict.fromkeys(names, lambda *args: self.fail("The log is written"))
        with patch.multiple(self.registry["marketing.message.log"], **refused):
            message.set_opened()
            message.set_clicked()
            message.set_replied()
            message.set_bounced()

    def test_traces_that_are_deleted_still_count(self):
        campaign = self.queue()
        self.send_mails()
        campaign.participant_ids._delete_traces()
        self.assertFalse(self.env["mailing.trace"].search([("res_id", "in", self.contacts.ids)]))
        self.assertEqual(len(self.logged(*self.addresses)), 2)

    def test_forgotten_person(self):
        campaign = self.queue()
        self.participant_of(campaign, self.contacts[0])._forget()
        self.assertEqual(self.logged(self.addresses[1]), [QUEUED])

    def test_deleted_by_the_privacy_lookup(self):
        """Nothing is known of newsletters to the address, either."""
        self.newsletter(body_html="<p>News</p>").action_send_mail(self.contacts.ids)
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": "Contact 0", "email": "Contact0@example.com"}
        )
        wizard.action_lookup()
        lines = wizard.line_ids.filtered(lambda line: line.res_model == "res.partner")
        lines.action_unlink()
        self.assertEqual(self.logged(self.addresses[1]), [QUEUED])

    def test_old_messages_go(self):
        for days, kept in ((29, 2), (31, 0)):
            with self.subTest(days=days):
                self.log.search([]).unlink()
                campaign = self.queue()
                self.send_mails()
                self.date_back(days)
                self.log._gc_old()
                self.assertEqual(len(self.logged(*self.addresses)), kept)
                campaign.action_stop_campaign()
        self.env["ir.config_parameter"].set_param("marketing_automation.cap_days", 60)
        self.queue()
        self.send_mails()
        self.date_back(59)
        self.log._gc_old()
        self.assertEqual(len(self.logged(*self.addresses)), 2)

    def date_back(self, days):
        self.log.search([]).date = fields.Datetime.subtract(fields.Datetime.now(), days=days)
        self.env.flush_all()

    @mute_logger("odoo.addons.marketing_automation.models.policy.message_counting")
    def test_clean_up_finds_what_was_not_noticed(self):
        """As if somebody else had written to the log at the same moment, or without Odoo."""
        self.queue()
        gone, left, canceled, lost = (
            self.env["mailing.trace"].create(
                {
                    "model": "res.partner",
                    "res_id": self.contacts[0].id,
                    "email": f"{name}@example.com",
                }
            )
            for name in ("gone", "left", "canceled", "lost")
        )
        mail = self.env["mail.mail"].create({"email_to": "x@example.com"})
        self.env.flush_all()
        for statement in (
            SQL("DELETE FROM mailing_trace WHERE id = %s", gone.id),
            SQL(
                "UPDATE mailing_trace SET trace_status = 'open', sent_datetime = %s WHERE id = %s",
                NOW,
                left.id,
            ),
            SQL("UPDATE mailing_trace SET trace_status = 'cancel' WHERE id = %s", canceled.id),
            # The email was deleted without a word.
            SQL(
                "UPDATE mailing_trace SET mail_mail_id_int = %s WHERE id = %s", mail.id + 1, lost.id
            ),
        ):
            self.env.cr.execute(statement)
        later = NOW + timedelta(days=1)
        with self.at(later):
            self.log._gc_queued()
        everyone = (*self.addresses, "gone@example.com", "left@example.com")
        self.assertEqual(self.logged(*everyone), [NOW, later, QUEUED, QUEUED])

    def test_nobody_reads_addresses(self):
        self.queue()
        admin = self.env["res.users"].create(
            {
                "name": "Administrator of marketing",
                "login": "marketing_admin",
                "group_ids": self.env.ref(
                    "marketing_automation.group_marketing_automation_admin"
                ).ids,
            }
        )
        self.assertNotIn("address", self.log.with_user(admin).fields_get())
        self.assertFalse(self.log.with_user(self.responsible).has_access("read"))
