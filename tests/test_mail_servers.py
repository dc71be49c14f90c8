"""What a mail server may answer to the senders of campaigns, and what becomes of the emails."""

import psycopg2

from odoo.tests import tagged

from ..tools import sending as sending_rules
from .committed import ALL, QueuedEmailsCase


@tagged("post_install", "-at_install")
class TestMailServers(QueuedEmailsCase):
    """Whatever it answers, each email is received once, or fails with a reason."""

    def test_sessions_that_end(self):
        self.server.per_session = 2
        self.run_senders()
        self.assertAllDone()

    def test_one_recipient_is_put_off(self):
        self.server.answers = {"p3@example.com": ["450 4.2.0 Greylisted"]}
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(0, 1, 2, 4, 5))
        with self.environment() as env:
            mail = self.mails(env)
            self.assertEqual((mail.state, mail.marketing_attempts), ("outgoing", 1))
            self.assertIn("Greylisted", mail.failure_reason)
            self.assertEqual(self.traces(env)[3].trace_status, "outgoing")
        self.run_senders()
        self.assertEqual(self.received().total(), 5, "Not at once")
        self.run_senders_after(minutes=2)
        self.assertAllDone()

    def test_several_recipients_are_put_off(self):
        """Greylisting is the recipients': it holds up nobody else."""
        for number in (0, 1, 2, 3):
            self.server.answers[f"p{number}@example.com"] = ["450 4.2.0 Greylisted"]
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(4, 5))
        with self.environment() as env:
            self.assertFalse(self.hold(env))
        self.run_senders_after(minutes=2)
        self.assertAllDone()

    def test_email_at_which_the_server_hangs_up(self):
        """It keeps nobody else from theirs, and fails in the end."""
        self.server.broken = {"p0@example.com"}
        self.run_senders()
        for minutes in (2, 4, 6, 20, 60, 300):
            self.run_senders_after(minutes=minutes)
        self.assertEqual(self.received(), self.addresses(1, 2, 3, 4, 5))
        with self.environment() as env:
            self.assertEqual(self.mails(env).state, "exception")
            self.assertIn("closed", self.mails(env).failure_reason)

    def address_to(self, number, *others):
        """One participant has several addresses."""
        with self.environment() as env:
            mail = env["mail.mail"].browse(self.mail_ids[number])
            addresses = [f"p{other}@example.com" for other in (number, *others)]
            mail.write({"email_to": ", ".join(addresses), "recipient_ids": [(5,)]})

    def test_session_that_ends_between_two_addresses(self):
        for number in range(3):
            self.address_to(number, number + 10)
        self.server.per_session = 3
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(*ALL, 10, 11, 12))

    def test_one_of_two_addresses_is_put_off(self):
        self.address_to(0, 10)
        self.server.answers = {"p10@example.com": ["450 4.2.0 Greylisted"]}
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(*ALL))
        self.run_senders_after(minutes=2)
        self.assertEqual(self.received(), self.addresses(*ALL, 10))

    def test_read_while_others_are_sent_by_hand(self):
        """The request is tried again as a whole; nobody gets a second email."""

        def read(mail):
            if mail.recipient == "p1@example.com":
                self.server.on_mail = None
                with self.environment() as env:
                    self.traces(env)[0].set_opened()

        self.server.on_mail = read
        for _try in range(2):
            try:
                with self.environment() as env:
                    env["mail.mail"].browse(self.mail_ids).exists().send()
                break
            except psycopg2.errors.SerializationFailure:
                continue
        self.assertEqual(self.received(), self.addresses(*ALL))

    def test_stop_after_the_step_sends_something_else(self):
        """What the mailing of before has queued is taken back, too."""
        with self.environment() as env:
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            step = campaign.marketing_activity_ids
            step.mass_mailing_id = step.mass_mailing_id.copy({"subject": "Another"})
            campaign.action_stop_campaign()
        self.run_senders()
        self.assertFalse(self.received())
        with self.environment() as env:
            traces = env["marketing.trace"].search([("campaign_id", "=", self.campaign_id)])
            self.assertEqual(set(traces.mapped("state")), {"scheduled"})

    def test_step_that_is_deleted(self):
        with self.environment() as env:
            env["marketing.campaign"].browse(self.campaign_id).marketing_activity_ids.unlink()
        self.run_senders()
        self.assertFalse(self.received())

    def test_put_off_too_often(self):
        self.server.answers = {"p3@example.com": ["450 4.2.2 Mailbox full"] * 9}
        self.run_senders()
        for _attempt in range(5):
            self.run_senders_after(hours=5)
        with self.environment() as env:
            self.assertEqual(self.mails(env).state, "exception")
            self.assertIn("Mailbox full", self.mails(env).failure_reason)
            self.assertEqual(self.traces(env)[3].trace_status, "error")

    def test_server_that_takes_no_more(self):
        self.server.limit = 4
        self.run_senders()
        with self.environment() as env:
            self.assertEqual(self.mails(env).mapped("state"), ["outgoing"] * 2)
            self.assertIn("Too much mail", self.hold(env).reason)
            self.assertFalse(any(self.mails(env).mapped("marketing_attempts")))
        self.run_senders()
        self.run_senders_after(minutes=2)
        self.assertEqual(self.received().total(), 4)
        with self.environment() as env:
            self.assertEqual(self.hold(env).failures, 2)
        self.server.limit = None
        self.run_senders_after(minutes=4)
        self.assertAllDone()

    def test_server_that_limits_the_rate(self):
        """It takes some each minute: the wait does not grow."""
        for limit in (2, 4):
            self.server.limit = limit
            self.run_senders_after(minutes=2)
            self.assertEqual(self.received().total(), limit)
            with self.environment() as env:
                self.assertEqual(self.hold(env).failures, 1)
        self.server.limit = 6
        self.run_senders_after(minutes=2)
        self.assertAllDone()

    def test_server_that_refuses_everybody_for_now(self):
        """It is asked for a few of them, not for all."""
        self.patch(sending_rules, "REFUSALS_OF_SERVER", 3)
        self.server.answers = {f"p{number}@example.com": ["451 4.3.0 Later"] for number in ALL}
        self.run_senders()
        self.assertEqual(sum(not answers for answers in self.server.answers.values()), 3)
        with self.environment() as env:
            self.assertIn("Later", self.hold(env).reason)
            self.assertEqual(self.mails(env).mapped("state"), ["outgoing"] * 6)

    def test_no_connection(self):
        with self.environment() as env:
            env["ir.mail_server"].browse(self.server_id).smtp_port = 1
        self.run_senders()
        with self.environment() as env:
            self.assertEqual(self.mails(env).mapped("state"), ["outgoing"] * 6)
            self.assertEqual(self.traces(env).mapped("trace_status"), ["outgoing"] * 6)
            self.assertIn("refused", self.hold(env).reason)
            env["ir.mail_server"].browse(self.server_id).smtp_port = self.server.port
        self.run_senders_after(minutes=2)
        self.assertAllDone()
