"""What recipients and mail servers do with the emails of a campaign."""

import re
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_messages_mail import MailFlowCase

REPLY = """From: {email}
To: {to}
Subject: Re: {subject}
Message-ID: <reply-{token}@example.com>
In-Reply-To: {message_id}
References: {message_id}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Thank you.
"""


@tagged("post_install", "-at_install")
class TestMailEvents(MailFlowCase):
    """What recipients do, as real requests and incoming messages."""

    def deliver(self):
        self.start(self.campaign)
        self.send_mails()

    def test_open(self):
        opened, not_opened = self.follow("mail_open", delay="0 hours"), self.follow("mail_not_open")
        self.deliver()
        self.assertEqual(self.visit(self.pixel_of(self.contact)).status_code, 200)
        self.assertEqual(self.trace().mailing_trace_status, "open")
        self.assertTrue(self.trace().open_datetime)
        self.assertEqual(self.state(not_opened), "canceled")
        self.assertTrue(self.trace(opened).schedule_date)
        # Nothing is executed in the visitor's request.
        self.assertEqual(self.state(opened), "scheduled")
        self.run_jobs()
        self.assertEqual(self.state(opened), "processed")
        self.assertEqual(self.state(opened, self.contacts[1]), "scheduled")

    def test_open_wakes_the_job(self):
        self.follow("mail_open", delay="0 hours")
        self.deliver()
        cron = self.env.ref("marketing_automation.ir_cron_campaign_execute_activities")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.visit(self.pixel_of(self.contact))
        new = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        self.assertEqual(len(new), 1)
        self.assertLessEqual(new.call_at, fields.Datetime.now())
        self.visit(self.pixel_of(self.contact))
        again = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        self.assertEqual(again, new)

    def test_forged_pixel(self):
        self.deliver()
        pixel = self.pixel_of(self.contact)
        with mute_logger("odoo.http"):
            self.assertEqual(self.visit(pixel.replace("/blank", "0/blank")).status_code, 401)
        self.assertFalse(self.trace().open_datetime)

    def test_click(self):
        clicked, opened = self.follow("mail_click", delay="0 hours"), self.follow("mail_open")
        not_clicked = self.follow("mail_not_click")
        self.deliver()
        [link] = self.links_of(self.mail_to(self.contact)["body"])
        response = self.visit(link)
        self.assertEqual(response.status_code, 301)
        self.assertTrue(response.headers["Location"].startswith("https://www.example.com/offer"))
        self.assertTrue(self.trace().links_click_datetime)
        self.assertTrue(self.trace(opened).schedule_date)
        self.assertEqual(self.state(not_clicked), "canceled")
        first_click = self.trace().links_click_datetime
        dated = self.trace(clicked).schedule_date
        with self.at("2035-01-01 00:00:00"):
            self.visit(link)
        self.assertEqual(self.trace().links_click_datetime, first_click)
        self.assertEqual(self.trace(clicked).schedule_date, dated)
        self.assertEqual(self.campaign.link_tracker_click_count, 2)
        self.run_jobs()
        self.assertEqual(self.state(clicked), "processed")

    def test_click_of_a_robot(self):
        clicked = self.follow("mail_click")
        self.deliver()
        [link] = self.links_of(self.mail_to(self.contact)["body"])
        robot = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}
        self.assertEqual(self.visit(link, **robot).status_code, 301)
        self.url_open(link, method="HEAD", allow_redirects=False)
        self.env.invalidate_all()
        self.assertFalse(self.trace().links_click_datetime)
        self.assertFalse(self.trace(clicked).schedule_date)

    def test_forged_click(self):
        """The link of one mailing with the trace of another one counts for neither."""
        other = self.create_activity(
            self.campaign,
            delay="0 hours",
            mass_mailing_id=self.create_mailing(
                self.campaign, body_html='<a href="https://www.example.com/other">Other</a>'
            ).id,
        )
        clicked = self.follow("mail_click", other)
        self.deliver()
        numbers = re.compile(r"/m/(\d+)")
        by_mailing = {
            self.env["mailing.trace"].browse(int(numbers.search(link)[1])).mass_mailing_id: link
            for mail in self._mails
            for link in self.links_of(mail["body"])
            if self.contact.email_normalized in mail["email_to"][0]
        }
        trace = self.trace(other)
        code = by_mailing[self.mailing].split("/")[2]
        number = by_mailing[other.mass_mailing_id].split("/")[4]
        self.visit(f"/r/{code}/m/{number}")
        self.assertFalse(trace.links_click_datetime)
        self.assertFalse(self.trace(clicked).schedule_date)
        self.assertFalse(self.trace().links_click_datetime)
        self.visit(by_mailing[other.mass_mailing_id])
        self.assertTrue(trace.links_click_datetime)

    def reply(self, contact, token="1", **values):
        mail = self.mail_to(contact)
        text = REPLY.format(
            email=contact.email,
            to=mail["reply_to"],
            subject=mail["subject"],
            message_id=mail["message_id"],
            token=token,
            **values,
        )
        self.env["mail.thread"].message_process(False, text)
        self.env.invalidate_all()

    def test_reply(self):
        replied = self.follow("mail_reply", delay="0 hours")
        opened, not_replied = self.follow("mail_open"), self.follow("mail_not_reply")
        self.mailing.reply_to_mode = "update"
        self.deliver()
        self.reply(self.contact)
        self.assertIn("Thank you", self.contact.message_ids[0].body)
        self.assertEqual(self.trace().mailing_trace_status, "reply")
        self.assertTrue(self.trace().reply_datetime)
        self.assertTrue(self.trace().open_datetime)
        self.assertTrue(self.trace(opened).schedule_date)
        self.assertEqual(self.state(not_replied), "canceled")
        self.run_jobs()
        self.assertEqual(self.state(replied), "processed")
        before = self.trace().reply_datetime
        with self.at("2035-01-01 00:00:00"):
            self.reply(self.contact, "2")
        self.assertEqual(self.trace().reply_datetime, before)

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_bounce(self):
        bounced = self.follow("mail_bounce", delay="0 hours")
        others = [self.follow("mail_not_open"), self.follow("activity"), self.follow("mail_open")]
        self.deliver()
        self.bounce(self.contact)
        self.assertEqual(self.trace().mailing_trace_status, "bounce")
        self.assertTrue(self.trace().bounce_datetime)
        for other in others:
            self.assertEqual(self.state(other), "canceled")
            self.assertEqual(self.state(other, self.contacts[1]), "scheduled")
        self.run_jobs()
        self.assertEqual(self.state(bounced), "processed")
        self.assertEqual(self.participant_of(self.campaign, self.contact).state, "completed")
        self.assertEqual(self.mail.total_bounce, 1)

    def test_test_run_reacts_for_real_and_counts_nowhere(self):
        clicked = self.follow("mail_click")
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contact.id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        test.trace_ids.action_execute()
        self.send_mails()
        [link] = self.links_of(self.mail_to(self.contact)["body"])
        self.visit(link)
        child = test.trace_ids.filtered(lambda trace: trace.activity_id == clicked)
        self.assertTrue(child.schedule_date)
        self.assertEqual(self.campaign.link_tracker_click_count, 0)
        self.assertEqual((self.mail.total_click, self.mail.total_sent), (0, 0))


@tagged("post_install", "-at_install")
class TestMailFailure(MailFlowCase):
    """Mail servers fail, people cancel, and things are tried again."""

    def fail_to_send(self):
        """Somebody presses "Send Now" while the mail server is down."""
        MailServer = type(self.env["ir.mail_server"])
        with patch.object(MailServer, "_connect__", side_effect=OSError("Connection refused")):
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        self.env.invalidate_all()

    def fail_at_first(self):
        self.follower, self.opposite = self.follow("activity"), self.follow("mail_not_open")
        self.grandchild = self.follow("activity", self.follower)
        with self.at("2025-03-01 09:00:00"):
            self.start(self.campaign)
            self.assertEqual(self.state(self.follower), "scheduled")
            self.fail_to_send()

    def assertFailed(self):
        trace = self.trace()
        self.assertEqual((trace.state, trace.state_reason), ("error", "mail_smtp"))
        self.assertIn("Connection failed", trace.state_msg)
        for follower in (self.follower, self.opposite):
            self.assertEqual(self.state(follower), "canceled")
            self.assertEqual(self.trace(follower).state_reason, "parent")
        self.assertEqual(self.participant_of(self.campaign, self.contact).state, "completed")

    def assertRecovered(self):
        self.assertEqual(self.state(), "processed")
        self.assertFalse(self.trace().state_msg)
        for follower in (self.follower, self.opposite):
            self.assertEqual(self.state(follower), "scheduled")
            self.assertEqual(
                self.trace(follower).schedule_date.isoformat(" "), "2025-03-04 09:00:00"
            )
        self.assertEqual(self.participant_of(self.campaign, self.contact).state, "running")
        with self.at("2025-03-04 09:00:00"):
            self.run_jobs()
        self.assertEqual(self.state(self.follower), "processed")

    def test_mail_server_fails(self):
        self.fail_at_first()
        self.assertFailed()

    def test_mail_is_sent_again(self):
        self.fail_at_first()
        with self.at("2025-03-03 09:00:00"):
            mails = self.env["mail.mail"].search([("mailing_id", "=", self.mailing.id)])
            mails.action_retry()
            self.send_mails()
        self.assertRecovered()

    def test_mailing_is_sent_again(self):
        self.fail_at_first()
        with self.at("2025-03-03 09:00:00"):
            self.mailing.action_retry_failed()
            self.send_mails()
        self.assertEqual(len(self._mails), 2)
        self.assertRecovered()

    def test_activity_is_run_again(self):
        self.fail_at_first()
        with self.at("2025-03-03 09:00:00"):
            self.trace().action_execute()
            self.send_mails()
        self.mail_to(self.contact)
        self.assertRecovered()

    def retry_activity(self):
        """A new message is queued, after the first one has failed."""
        self.fail_at_first()
        with self.at("2025-03-03 09:00:00"):
            self.mail.action_retry_failed()
            self.run_jobs()
        messages = self.trace().mailing_trace_ids.sorted("id")
        self.assertEqual(len(messages), 2)
        return messages

    def test_failed_mail_never_goes_out_beside_the_new_one(self):
        old, _new = self.retry_activity()
        self.assertEqual(old.mail_mail_id.state, "cancel")
        with self.at("2025-03-03 09:00:00"):
            self.mailing.action_retry_failed()
            self.send_mails()
        self.mail_to(self.contact)
        self.assertRecovered()

    def test_old_duplicates_are_not_retried(self):
        """They come from the time before messages were taken back."""
        old, _new = self.retry_activity()
        old.mail_mail_id.state = "exception"
        self.mailing.action_retry_failed()
        self.assertEqual(old.mail_mail_id.state, "exception")

    def test_older_message_never_overrules_the_newer_one(self):
        old, _new = self.retry_activity()
        with self.at("2025-03-03 09:00:00"):
            self.send_mails()
        for status in ("error", "cancel", "bounce"):
            old.trace_status = status
            self.assertEqual(self.state(), "processed", status)
            self.assertFalse(self.trace().bounce_datetime)
        self.assertRecovered()
        old.set_opened()
        self.assertTrue(self.trace().open_datetime, "Whoever opens it has read it.")

    def test_mail_gets_out_before_the_new_one_is_composed(self):
        """It is the one that was meant."""
        self.fail_at_first()
        with self.at("2025-03-03 09:00:00"):
            self.mailing.action_retry_failed()
            self.mail.action_retry_failed()
            self.send_mails()
            self.assertRecovered()
            self.run_jobs()
        self.assertEqual(len(self.trace().mailing_trace_ids), 1)

    def test_mail_gets_out_and_the_campaign_is_not_told(self):
        self.fail_at_first()
        with self.at("2025-03-03 09:00:00"):
            self.mailing.action_retry_failed()
            self.mail.action_retry_failed()
            Message = type(self.env["mailing.trace"])
            with patch.object(Message, "_settle_marketing", lambda *args: None):
                self.send_mails()
            self.assertEqual(self.state(), "scheduled")
            self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(len(self.trace().mailing_trace_ids), 1)
        self.assertRecovered()

    def test_queued_mail_is_cancelled(self):
        follower = self.follow("mail_not_open")
        self.start(self.campaign)
        mails = self.env["mail.mail"].search([("mailing_id", "=", self.mailing.id)])
        mails.filtered(lambda mail: mail.res_id == self.contact.id).cancel()
        self.send_mails()
        self.mail_to(self.contacts[1])
        self.assertEqual(len(self._mails), 1)
        self.assertEqual(self.trace().mailing_trace_status, "cancel")
        self.assertEqual((self.state(), self.trace().state_reason), ("canceled", "user"))
        self.assertEqual(self.state(follower), "canceled")
        self.assertEqual(self.state(follower, self.contacts[1]), "scheduled")

    def test_queued_mail_is_deleted(self):
        follower = self.follow("mail_not_open")
        self.start(self.campaign)
        mails = self.env["mail.mail"].search([("mailing_id", "=", self.mailing.id)])
        mails.filtered(lambda mail: mail.res_id == self.contact.id).unlink()
        self.assertEqual(self.trace().mailing_trace_status, "cancel")
        self.assertEqual((self.state(), self.trace().state_reason), ("canceled", "user"))
        self.assertEqual(self.state(follower), "canceled")

    def test_deleting_sent_mails_changes_nothing(self):
        self.mailing.keep_archives = True
        self.start(self.campaign)
        self.send_mails()
        self.env["mail.mail"].search([("mailing_id", "=", self.mailing.id)]).unlink()
        self.assertEqual(self.state(), "processed")
        self.assertEqual(self.trace().mailing_trace_status, "sent")

    def test_address_that_breaks_while_the_mail_is_queued(self):
        """A failure that is found at sending, of one recipient only."""
        follower = self.follow("activity")
        self.start(self.campaign)
        mails = self.env["mail.mail"].search([("mailing_id", "=", self.mailing.id)])
        broken = mails.filtered(lambda mail: mail.res_id == self.contact.id)
        broken.write({"email_to": "nowhere", "recipient_ids": [Command.clear()]})
        with mute_logger("odoo.addons.mail.models.mail_mail"):
            self.send_mails()
        self.assertEqual(self.state(), "error")
        self.assertEqual(self.trace().state_reason, "mail_email_missing")
        self.assertEqual(self.state(follower), "canceled")
        self.assertEqual(self.state(contact=self.contacts[1]), "processed")
