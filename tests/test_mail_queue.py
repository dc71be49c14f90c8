"""Emails of a campaign that several connections are about to send at the same moment."""

import threading

from odoo import fields
from odoo.tests import tagged

from .committed import QueuedEmailsCase

SENDERS = "marketing_automation.ir_cron_send_emails"


@tagged("post_install", "-at_install")
class TestMailQueue(QueuedEmailsCase):
    """Whoever sends them, each is received once."""

    def emails(self, env):
        """The emails, with what a run of the queue knows of them before it sends the first."""
        mails = env["mail.mail"].browse(self.mail_ids)
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})
        return mails

    def wake_ups(self, env):
        """When the senders are to run again."""
        return env["ir.cron.trigger"].search([("cron_id", "=", env.ref(SENDERS).id)])

    def test_two_runs_at_once(self):
        both_have_read = threading.Barrier(2)
        errors = []

        def send():
            threading.current_thread().dbname = self.registry.db_name
            try:
                with self.environment() as env:
                    mails = self.emails(env)
                    both_have_read.wait(10)
                    mails.send(auto_commit=True)
            except Exception as error:  # the test looks at it
                errors.append(error)

        runs = [threading.Thread(target=send) for _number in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join(60)
        self.assertEqual(errors, [])
        self.assertEqual(self.received(), self.addresses(*range(6)))
        with self.environment() as env:
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            traces = campaign.marketing_activity_ids.trace_ids.mailing_trace_ids
            self.assertEqual(traces.mapped("trace_status"), ["sent"] * 6)

    def test_deleted_before_it_is_sent(self):
        """By the transaction after which it was to be sent."""
        with self.environment() as env:
            mails = self.emails(env)
            mails[:2].unlink()
            mails.send(auto_commit=True)
        self.assertEqual(self.received(), self.addresses(*range(2, 6)))

    def test_what_another_connection_has_sent_is_passed_over(self):
        with self.environment() as slow:
            mails = self.emails(slow)
            with self.environment() as quick:
                self.emails(quick)[:4].send(auto_commit=True)
            mails.send(auto_commit=True)
        self.assertEqual(self.received(), self.addresses(*range(6)))

    def test_what_another_connection_is_sending_is_passed_over(self):
        """It is looked at again soon: the other one may not come to its end."""
        done = []
        with self.environment() as slow:
            self.emails(slow)[0].send()  # not committed yet
            with self.environment() as quick:
                quick.cr.execute("SET lock_timeout = '5s'")
                before = self.wake_ups(quick)
                self.emails(quick).send(auto_commit=True, post_send_callback=done.extend)
                self.assertEqual(self.received(), self.addresses(*range(6)))
                self.assertEqual(set(done), set(self.mail_ids), "The run has nothing left to do")
                wait = (self.wake_ups(quick) - before).call_at - fields.Datetime.now()
                self.assertLessEqual(wait.total_seconds(), 60)
            slow.cr.rollback()
        with self.environment() as env:
            env["mail.mail"].search([("id", "in", self.mail_ids)]).send(auto_commit=True)
        self.assertEqual(self.received(), self.addresses(*range(6)), "The first is out")

    def test_other_emails_are_sent_as_ever(self):
        with self.environment() as env:
            plain = env["mail.mail"].create(
                {
                    "subject": "Plain",
                    "body_html": "<p>Plain</p>",
                    "email_from": "marketing@example.com",
                    "email_to": "plain@example.com",
                    "mail_server_id": self.server_id,
                }
            )
            env.cr.commit()
            env["mail.mail"].browse([*self.mail_ids, plain.id]).send(auto_commit=True)
            plain.unlink()
        self.assertEqual(self.received()["plain@example.com"], 1)
        self.assertEqual(self.received().total(), 7)
