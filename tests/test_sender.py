"""The jobs that send emails of campaigns, with a mail server that behaves in all sorts of ways."""

import email.policy
from collections import Counter
from email.headerregistry import HeaderRegistry
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.mail.models.mail_mail import MailMail

from ..models.sending import personal_servers as mail_personal_servers
from ..models.sending.mail_marks import MarketingMailMark
from .committed import ALL, QueuedEmailsCase
from .smtp import HOST, MailServer


@tagged("post_install", "-at_install")
class TestSender(QueuedEmailsCase):
    """Whatever happens, each email is received once, and everything is written down."""

    # ------------------------------------------------------------
    # What Odoo does for each still holds
    # ------------------------------------------------------------

    def test_all_are_sent(self):
        self.run_senders()
        self.assertAllDone()

    def test_overrides_see_each_email(self):
        """Those of addons that are loaded before and after this one."""
        seen = {}

        def watch(owner, name, look):
            self.watch(owner, name, seen.setdefault((owner, name), []), look)

        def its_ids(mails, *args, **kwargs):
            return mails.ids

        def its_recipient(_server, message, *args, **kwargs):
            return [message["To"]]

        for owner in (MailMail, self.registry["mail.mail"]):
            watch(owner, "_prepare_outgoing_list", its_ids)
            watch(owner, "_postprocess_sent_message", its_ids)
        for owner in (IrMail_Server, self.registry["ir.mail_server"]):
            watch(owner, "send_email", its_recipient)
        self.run_senders()
        for (owner, name), calls in seen.items():
            with self.subTest(owner=owner, name=name):
                numbers = [number for of_call in calls for number in of_call]
                self.assertEqual(len(numbers), 6)
                self.assertEqual(len(set(numbers)), 6)

    def test_address_to_unsubscribe(self):
        """Mail providers read it as it stands (RFC 2369, RFC 8058): not in encoded words, into
        which Python breaks what is long."""
        self.run_senders()
        for mail in self.server.mails:
            headers = dict(mail.message.raw_items())
            self.assertRegex(headers["List-Unsubscribe"], r"^<http\S{80,}>$")

    def test_headers_in_common(self):
        """They are made once for all emails, and are what they would be if made for each."""
        values = {
            "email_from": '"Müller, Ärzte" <news@example.com>',
            "email_to": ["Zoë <zoe@example.com>", "b@example.com"],
            "subject": "Grüße aus Österreich, " * 6,
            "body": "<p>Hällo</p>",
            "reply_to": "a@example.com, " * 9 + "b@example.com",
            "attachments": [("Übersicht.pdf", b"%PDF", "application/pdf")],
            "headers": {"X-Text": "word " * 40, "Return-Path": "bounce@example.com"},
            "message_id": "<1234@example.com>",
        }
        each = email.policy.SMTP.clone(header_factory=HeaderRegistry())
        with self.environment() as env:
            build = env["ir.mail_server"]._build_email__
            alike = [build(**values) for _number in range(2)]
            with patch.object(email.policy, "SMTP", each):
                expected = build(**values)
        for message in alike:
            message.replace_header("Date", expected["Date"])
            for part, expected_part in zip(message.walk(), expected.walk(), strict=True):
                self.assertEqual(
                    [part.policy.fold(*item) for item in part.raw_items()],
                    [each.fold(*item) for item in expected_part.raw_items()],
                )

    def test_server_by_address_of_sender(self):
        with MailServer() as other, self.environment() as env:
            servers = env["ir.mail_server"].create(
                [
                    {"name": "A", "smtp_host": HOST, "smtp_port": 1, "from_filter": "a.example"},
                    {
                        "name": "B",
                        "smtp_host": HOST,
                        "smtp_port": other.port,
                        "from_filter": "b.example",
                    },
                ]
            )
            self.addCleanup(self.remove, servers)
            self.mails(env).write({"mail_server_id": False, "email_from": "News <news@b.example>"})
            env.cr.commit()
            self.run_senders()
            self.assertEqual(len(other.mails), 6)
            self.assertIn("news@b.example", other.mails[0].message["From"])

    def own_server(self, limit):
        """The mail server is a user's own, who may send so many emails a minute."""
        with self.environment() as env:
            server = env["ir.mail_server"].browse(self.server_id)
            server.write({"owner_user_id": env.user.id, "from_filter": "marketing@example.com"})
            env["ir.config_parameter"].set_param("mail.server.personal.limit.minutes", str(limit))
        self.addCleanup(self.forget_limit)
        self.enterContext(
            patch.object(self.registry["ir.mail_server"], "_check_forced_mail_server")
        )

    def forget_limit(self):
        with self.environment() as env:
            env["ir.config_parameter"].set_param("mail.server.personal.limit.minutes", False)

    def forget_count(self):
        """Another minute begins."""
        with self.environment() as env:
            env["ir.mail_server"].browse(self.server_id).owner_limit_time = False

    def test_limit_of_a_personal_server(self):
        self.own_server(4)
        with self.environment() as env:
            self.mails(env).send(auto_commit=True)
        self.assertEqual(self.received().total(), 4)
        self.forget_count()
        self.run_senders_after(minutes=2)
        self.assertAllDone()

    def test_other_email_through_a_personal_server(self):
        """It leaves while a sender is at work, and counts."""
        self.own_server(8)
        self.assertOtherInTheMiddle()
        with self.environment() as env:
            self.assertEqual(env["ir.mail_server"].browse(self.server_id).owner_limit_count, 7)

    def test_other_emails_whose_transaction_began_before(self):
        """Odoo's queue does not fail, and does not send what the campaign has used up."""
        self.own_server(7)
        with self.environment() as env:
            others = self.create_others(env, 2)
        with self.environment() as env:
            others = others.with_env(env)
            others.mail_server_id.mapped("owner_limit_count")
            self.in_a_thread(self.run_senders)
            others.send()
        self.assertEqual(self.received(), self.addresses(*ALL) + Counter(["other@example.com"]))
        with self.environment() as env:
            delayed = others.with_env(env).exists()
            self.assertTrue(delayed.scheduled_date)
            self.assertEqual(env["ir.mail_server"].browse(self.server_id).owner_limit_count, 7)
            delayed.unlink()

    def test_personal_server_that_somebody_changes(self):
        """The campaign waits for another minute; nothing fails."""
        self.own_server(8)
        with self.environment() as env, patch.object(mail_personal_servers, "PAUSE", 0):
            env["ir.mail_server"].browse(self.server_id).sequence = 7
            env.flush_all()
            self.run_senders()
        self.assertFalse(self.received())
        self.run_senders_after(minutes=2)
        self.assertAllDone()

    def test_archived_server_waits(self):
        """As "odoo neutralize" leaves them."""
        with self.environment() as env:
            env["ir.mail_server"].browse(self.server_id).active = False
        self.run_senders()
        self.assertFalse(self.received())
        with self.environment() as env:
            self.assertIn("archived", self.hold(env).reason)
            env["ir.mail_server"].browse(self.server_id).active = True
        self.run_senders_after(minutes=2)
        self.assertAllDone()

    def remove(self, records):
        with self.environment() as env:
            records.with_env(env).unlink()

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def test_send_now(self):
        with self.environment() as env:
            self.mails(env, 1).send()
        self.assertEqual(self.received(), self.addresses(1))
        self.run_senders()
        self.assertAllDone()

    def test_cancel_and_retry(self):
        self.server.refused = {"p1@example.com"}
        with self.environment() as env:
            self.mails(env, 0).cancel()
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(2, 3, 4, 5))
        with self.environment() as env:
            self.assertEqual(self.mails(env).mapped("state"), ["cancel", "exception"])
            self.assertIn("Mail Delivery Failed", self.mails(env, 1).failure_reason)
            self.assertEqual(self.traces(env)[1].trace_status, "error")
            self.mails(env, 1).action_retry()
        self.server.refused = set()
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(1, 2, 3, 4, 5))

    def test_other_email_is_not_held_up(self):
        """Odoo's own queue sends it while a sender is in the middle of a campaign."""

        self.assertOtherInTheMiddle()
        self.assertEqual(len(self.server.mails), 7)

    def test_the_mail_queue_leaves_campaigns_alone(self):
        self.send_other()
        self.assertEqual([mail.recipient for mail in self.server.mails], ["other@example.com"])

    def assertOtherInTheMiddle(self):
        def in_the_middle(mail):
            if mail.recipient == "p2@example.com":
                self.send_other()

        self.server.on_mail = in_the_middle
        self.run_senders()
        recipients = [mail.recipient for mail in self.server.mails]
        self.assertEqual(recipients.index("other@example.com"), 3)

    def send_other(self):
        def send():
            with self.environment() as env:
                self.create_others(env, 1)
                env.cr.commit()
                env["mail.mail"].process_email_queue()

        self.in_a_thread(send)

    def create_others(self, env, count):
        return env["mail.mail"].create(
            [
                {
                    "email_from": "marketing@example.com",
                    "email_to": "other@example.com",
                    "mail_server_id": self.server_id,
                    "auto_delete": True,
                }
            ]
            * count
        )

    # ------------------------------------------------------------
    # Exactly once
    # ------------------------------------------------------------

    def test_two_senders(self):
        self.run_senders_side_by_side()
        self.run_senders()
        self.assertAllDone()

    def test_killed_before_all_is_written(self):
        with self.killed_at(MailMail, "_postprocess_sent_message", then=False):
            self.run_senders()
        self.assertEqual(self.received(), self.addresses(*ALL))
        with self.environment() as env:
            self.assertEqual(self.traces(env).mapped("trace_status"), ["outgoing"] * 6)
        self.run_senders()
        self.assertAllDone()

    def test_killed_right_after_a_mark(self):
        with self.killed_at(MarketingMailMark, "_set", then=True, number=3):
            self.run_senders()
        self.assertEqual(self.received().total(), 3)
        self.run_senders()
        self.assertAllDone()

    def test_killed_before_a_mark(self):
        """The one email that the mail server had just taken comes again."""
        with self.killed_at(MarketingMailMark, "_set", then=False, number=3):
            self.run_senders()
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(*ALL, 2))

    def test_send_now_after_a_kill(self):
        with self.killed_at(MarketingMailMark, "_set", then=True, number=3):
            self.run_senders()
        with self.environment() as env:
            self.mails(env).send()
        self.run_senders()
        self.assertAllDone()

    def test_lock_is_lost(self):
        """A sender whose connection was cut sends nothing more: others may be at it."""

        def cut(mail):
            if mail.recipient == "p2@example.com":
                self.in_a_thread(lambda: self.end_connection(pids[0]))

        pids = []
        self.server.on_mail = cut
        with self.assertRaises(psycopg2.Error), self.environment() as env:
            pids.append(env.cr._cnx.get_backend_pid())
            env["marketing.campaign"]._cron_send_emails()
        self.assertEqual(self.received(), self.addresses(0, 1, 2))
        self.run_senders()
        self.assertAllDone()

    def end_connection(self, pid):
        with self.environment() as env:
            env.cr.execute("SELECT pg_terminate_backend(%s)", [pid])

    def test_opened_before_all_is_written(self):
        def open_it(mail):
            if mail.recipient == "p0@example.com":
                self.in_a_thread(self.open_first)

        self.server.on_mail = open_it
        self.run_senders()
        self.assertEqual(self.received(), self.addresses(*ALL))
        with self.environment() as env:
            traces = self.traces(env)
            self.assertEqual(traces.mapped("trace_status"), ["open", *["sent"] * 5])
            self.assertTrue(all(traces.mapped("sent_datetime")))
            self.assertFalse(self.mails(env))

    def open_first(self):
        with self.environment() as env:
            self.traces(env)[0].set_opened()
