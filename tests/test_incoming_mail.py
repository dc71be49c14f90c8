"""Reports of mail servers and answers of machines, beside what people write."""

import re

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .mail_reports import BOUNCES, MACHINES, NO_BOUNCES, PEOPLE
from .test_messages_mail import MailFlowCase


class IncomingMailCase(MailFlowCase):
    """One message was sent to a contact; each trigger has a step."""

    gateway_user = None  # superuser

    def setUp(self):
        super().setUp()
        self.steps = {
            trigger: self.follow(trigger)
            for trigger in ("mail_bounce", "mail_open", "mail_not_open", "mail_not_reply")
        }
        self.steps["mail_reply"] = self.follow("mail_reply", delay="0 hours")
        self.start(self.campaign)
        self.send_mails()
        self.sent = self.mail_to(self.contact)

    def receive(self, template):
        """Hand a message to the mail gateway."""
        self.token = getattr(self, "token", 0) + 1
        text = template.format(
            email=self.contact.email,
            email_in_xtext=self.contact.email.replace("contact", "+63ontact"),
            message_id=self.sent["message_id"],
            sender=self.sent["email_from"],
            bounce=self.mail_alias_domain.bounce_email,
            reply_to=self.sent["reply_to"],
            link=f"https://odoo.example.com{self.links_of(self.sent['body'])[0]}",
            token=self.token,
        )
        env = self.env(user=self.gateway_user) if self.gateway_user else self.env
        env["mail.thread"].message_process("res.partner", text)
        self.env.invalidate_all()

    def assertNothingHappened(self):
        trace = self.trace()
        self.assertEqual(trace.mailing_trace_status, "sent")
        self.assertFalse(trace.open_datetime or trace.reply_datetime or trace.bounce_datetime)
        self.assertFalse(self.contact.message_bounce)
        self.assertFalse(self.contact.is_blacklisted)
        for trigger, step in self.steps.items():
            follower = self.trace(step)
            self.assertEqual(follower.state, "scheduled", trigger)
            self.assertEqual(bool(follower.schedule_date), "not" in trigger, trigger)

    def assertBounced(self):
        self.assertTrue(self.trace().bounce_datetime)
        self.assertEqual(self.trace().mailing_trace_status, "bounce")
        self.assertTrue(self.trace(self.steps["mail_bounce"]).schedule_date)
        for trigger in ("mail_open", "mail_not_open", "mail_reply", "mail_not_reply"):
            self.assertEqual(self.state(self.steps[trigger]), "canceled")
        self.assertEqual(self.contact.message_bounce, 1)
        self.assertFalse(self.trace(contact=self.contacts[1]).bounce_datetime)

    def assertReplied(self):
        self.assertTrue(self.trace().reply_datetime)
        self.assertTrue(self.trace().open_datetime)
        self.assertEqual(self.state(self.steps["mail_not_reply"]), "canceled")
        self.assertTrue(self.trace(self.steps["mail_reply"]).schedule_date)


@tagged("post_install", "-at_install")
class TestReports(IncomingMailCase):
    """Only a failure of delivery to the one to whom it was sent is a bounce."""

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_bounces(self):
        for name, report in BOUNCES.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.receive(report)
                self.assertBounced()
                savepoint.rollback()
                self.env.invalidate_all()

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_no_bounces(self):
        for name, report in NO_BOUNCES.items():
            with self.subTest(name):
                self.receive(report)
                self.assertNothingHappened()

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_bounce_after_a_delay(self):
        self.receive(NO_BOUNCES["Action: delayed"])
        self.receive(BOUNCES["Postfix"])
        self.assertBounced()

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_copy_with_links_of_another_message(self):
        """Whoever knows the bounce address cannot have others' messages bounce."""
        report = BOUNCES["plain text, copy without headers, to the bounce address"]
        link = self.links_of(self.sent["body"])[0]
        forged = report.replace("{link}", re.sub(r"k=\w+", "k=00000000", link))
        self.receive(forged)
        self.assertNothingHappened()

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_plain_mailing_is_left_to_odoo(self):
        """What Email Marketing alone has sent is marked as before."""
        message = self.trace().mailing_trace_ids
        message.marketing_trace_id = False
        self.receive(BOUNCES["Postfix"])
        self.assertEqual(message.trace_status, "bounce")


@tagged("post_install", "-at_install")
class TestMachines(IncomingMailCase):
    """Only what a person writes is a reply."""

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_machines(self):
        for name, text in MACHINES.items():
            with self.subTest(name):
                self.receive(text)
                self.assertNothingHappened()

    def test_people(self):
        for name, text in PEOPLE.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.receive(text)
                self.assertReplied()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_person_after_machine(self):
        self.receive(MACHINES["RFC 3834"])
        self.assertNothingHappened()
        self.receive(PEOPLE["plain"])
        self.assertReplied()
        self.run_jobs()
        self.assertEqual(self.state(self.steps["mail_reply"]), "processed")

    def test_gateway_of_a_user_without_campaigns(self):
        """Who hands over the mail need not know of campaigns."""
        self.gateway_user = mail_new_test_user(
            self.env,
            login="gateway",
            groups="base.group_partner_manager,mass_mailing.group_mass_mailing_user,"
            "marketing_automation.group_mail_gateway",
        )
        for name in ("RFC 3834", "bulk"):
            self.receive(MACHINES[name])
        self.assertNothingHappened()
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.receive(NO_BOUNCES["Action: delayed"])
        self.assertNothingHappened()
        self.receive(PEOPLE["plain"])
        self.assertReplied()

    def test_machine_of_a_plain_mailing_is_left_to_odoo(self):
        message = self.trace().mailing_trace_ids
        message.marketing_trace_id = False
        self.receive(MACHINES["RFC 3834"])
        self.assertEqual(message.trace_status, "reply")
