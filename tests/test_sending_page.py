"""What the page of a campaign says of what is queued."""

from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..tools import sending as sending_rules
from ..tools.sending_pace import QUARTER, get_end, get_pace, get_sending_start
from .committed import QueuedEmailsCase
from .common import MessagingCase

START = datetime(2025, 3, 3, 9)
SENDERS = "marketing_automation.ir_cron_send_emails"


def after(**delay):
    return START + timedelta(**delay)


@tagged("post_install", "-at_install")
class TestSendingPage(MessagingCase):
    """Waiting, being sent, put off, sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(10)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.activity = cls.create_activity(cls.campaign, delay="0 hours")

    def queue(self, moment=START):
        with self.at(moment):
            self.start(self.campaign)

    def leave(self, count, moment):
        """The mail server, or the provider, takes so many messages."""
        messages = self.campaign.marketing_activity_ids.trace_ids.mailing_trace_ids
        with self.at(moment):
            messages.filtered(lambda message: message.trace_status == "outgoing")[:count].set_sent()
        self.env.flush_all()
        self.env.invalidate_all()

    def sending(self, moment=START, campaign=None):
        with self.at(moment):
            return (campaign or self.campaign).get_sending()

    def assertSending(self, sending, **values):
        self.assertEqual({key: sending[key] for key in values}, values)

    # ------------------------------------------------------------
    # States
    # ------------------------------------------------------------

    def test_nothing(self):
        self.assertEqual(self.sending(), {"state": "idle"})

    def test_waiting(self):
        self.queue()
        self.assertSending(
            self.sending(), state="waiting", queued=10, sent=0, total=10, pace=0, end=False
        )

    def test_emails_and_text_messages_are_sent(self):
        self.create_activity(self.campaign, "sms", delay="0 hours")
        self.queue()
        self.leave(2, after(minutes=1))
        self.leave(8, after(minutes=1, seconds=20))
        self.assertSending(
            self.sending(after(minutes=1, seconds=20)),
            state="sending",
            queued=10,
            sent=10,
            total=20,
            pace=0.4,
            end="2025-03-03 09:01:45",
        )

    def test_a_sender_comes_to_a_standstill(self):
        self.queue()
        self.leave(2, after(minutes=1))
        self.leave(2, after(minutes=1, seconds=10))
        self.assertEqual(self.sending(after(minutes=2))["state"], "sending")
        self.assertSending(self.sending(after(minutes=5)), state="waiting", pace=0, end=False)

    def test_all_are_sent(self):
        self.queue()
        self.leave(10, after(minutes=1))
        self.assertEqual(self.sending(after(minutes=1)), {"state": "idle"})

    def test_an_earlier_sending_is_no_part_of_this_one(self):
        self.queue()
        self.leave(10, after(minutes=1))
        more = self.create_contacts(3, email="more{i}@example.com")
        self.campaign.domain = str([("id", "in", (self.contacts + more).ids)])
        self.queue(after(hours=3))
        self.leave(1, after(hours=3))
        self.assertSending(self.sending(after(hours=3)), queued=2, sent=1, total=3)

    def test_what_is_queued_quarter_after_quarter_is_one_sending(self):
        self.queue()
        self.leave(10, after(minutes=1))
        more = self.create_contacts(3, email="more{i}@example.com")
        self.campaign.domain = str([("id", "in", (self.contacts + more).ids)])
        self.queue(after(minutes=15))
        self.assertSending(self.sending(after(minutes=15)), queued=3, sent=10, total=13)

    def test_put_off(self):
        self.queue()
        self.leave(8, after(minutes=1))
        mails = self.env["mail.mail"].search(
            [("mailing_id", "=", self.activity.mass_mailing_id.id)], order="id desc", limit=2
        )
        mails[0].scheduled_date = after(minutes=10)
        mails[1].scheduled_date = after(minutes=5)
        self.assertSending(
            self.sending(after(minutes=1)),
            state="put_off",
            queued=2,
            put_off=2,
            put_off_until="2025-03-03 09:05:00",
            end=False,
        )
        self.assertSending(self.sending(after(minutes=6)), state="waiting", put_off=1)

    def test_failed_messages_are_not_waited_for(self):
        self.queue()
        self.activity.trace_ids.mailing_trace_ids[:4].set_failed(failure_type="mail_smtp")
        self.assertSending(self.sending(), queued=6, sent=0, total=6)

    def test_stop(self):
        self.queue()
        with self.at(after(minutes=1)):
            self.campaign.action_stop_campaign()
        self.assertEqual(self.sending(after(minutes=1)), {"state": "idle"})

    def test_tests_do_not_count(self):
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        with self.at(START):
            test.trace_ids.action_execute()
            test.trace_ids.mailing_trace_ids.set_sent()
        self.assertEqual(self.sending(), {"state": "idle"})
        self.assertFalse(self.env["marketing.handover"].search([]))

    def test_real_queues(self):
        self.create_activity(self.campaign, "sms", delay="0 hours")
        self.queue()
        self.assertSending(self.sending(), queued=20)
        with self.at(after(minutes=1)):
            self.send_mails()
        self.assertSending(self.sending(after(minutes=1)), state="sending", queued=10, sent=10)
        with self.at(after(minutes=2)):
            self.send_sms()
        self.assertEqual(self.sending(after(minutes=2)), {"state": "idle"})
        noted = self.env["marketing.handover"].search([]).grouped("activity_id")
        self.assertEqual([sum(rows.mapped("number")) for rows in noted.values()], [10, 10])

    def test_old_notes_are_removed(self):
        self.queue()
        self.leave(1, after(minutes=1))
        self.leave(1, after(minutes=9))
        with self.at(after(minutes=68)):
            self.env["marketing.handover"]._gc_old()
        self.assertEqual(
            self.env["marketing.handover"].search([]).mapped("moment"), [after(minutes=9)]
        )

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_companies(self):
        """Of what goes to records of another company one does not see the number."""
        other = self.env["res.company"].create({"name": "Other"})
        self.contacts[:4].company_id = other
        self.responsible.company_ids += other
        self.queue()
        seen = self.campaign.with_user(self.responsible)
        seen = seen.with_context(allowed_company_ids=self.responsible.company_id.ids)
        self.assertSending(self.sending(campaign=seen), queued=6, total=6)

    def test_rights(self):
        outsider = mail_new_test_user(self.env, login="outsider", groups="base.group_user")
        for method in ("get_sending", "action_try_now"):
            with self.assertRaises(AccessError):
                getattr(self.campaign.with_user(outsider), method)()

    def test_marketing_user(self):
        self.queue()
        campaign = self.campaign.with_user(self.responsible)
        self.assertSending(self.sending(campaign=campaign), queued=10)
        self.assertIs(campaign.action_try_now(), True)

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_queries(self):
        self.queue()
        self.leave(1, after(minutes=1))
        campaign = self.campaign.with_user(self.responsible)
        self.sending(campaign=campaign)
        self.env.invalidate_all()
        with self.assertQueryCount(9):
            self.sending(campaign=campaign)

    # ------------------------------------------------------------
    # Pace and estimate
    # ------------------------------------------------------------

    def test_pace(self):
        self.assertEqual(get_pace([], START), 0)
        self.assertEqual(get_pace([(START, 500)], after(seconds=10)), 0)
        handed_over = [(after(seconds=10), 300), (START, 500), (after(seconds=20), 500)]
        self.assertEqual(get_pace(handed_over, after(seconds=20)), 40)
        self.assertEqual(get_pace(handed_over, after(seconds=80)), 10)

    def test_end(self):
        self.assertIsNone(get_end(100, 0, START))
        self.assertEqual(get_end(100, 0.5, START), after(seconds=200))
        self.assertEqual(get_end(100, 0.5, START, after(seconds=100)), after(seconds=200))
        self.assertEqual(get_end(100, 0.5, START, after(hours=1)), after(hours=1))

    def test_start_of_a_sending(self):
        done = [START + number * QUARTER for number in (0, 1, 3, 4, 5)]
        self.assertEqual(get_sending_start(done, done[4:]), done[2])
        self.assertEqual(get_sending_start(done, [done[1], done[4]]), done[0])
        self.assertEqual(get_sending_start([], [START]), START)


@tagged("post_install", "-at_install")
class TestRefusal(QueuedEmailsCase):
    """A mail server takes nothing: the page says why, and until when."""

    def run_senders(self):
        with self.environment() as env:
            env["marketing.campaign"]._cron_send_emails()

    def sending(self):
        with self.environment() as env:
            return env["marketing.campaign"].browse(self.campaign_id).get_sending()

    def refuse(self, answer="451 4.7.1 Too much mail for {address} from marketing@example.com"):
        self.patch(sending_rules, "REFUSALS_OF_SERVER", 3)
        for number in range(6):
            address = f"p{number}@example.com"
            self.server.answers[address] = [answer.format(address=f"<{address}>")] * 9
        self.run_senders()

    def test_reason_until_it_takes_mail_again(self):
        self.refuse()
        sending = self.sending()
        self.assertEqual((sending["state"], sending["queued"], sending["end"]), ("held", 6, False))
        [hold] = sending["holds"]
        self.assertEqual(hold["activities"], ["Email"])
        self.assertEqual(hold["action"], "base.action_ir_mail_server_list")
        self.assertEqual(
            hold["reason"], "451 4.7.1 Too much mail for <…> from marketing@example.com"
        )
        until = fields.Datetime.to_datetime(hold["until"])
        self.assertAlmostEqual(
            until, fields.Datetime.now() + timedelta(minutes=1), delta=timedelta(seconds=10)
        )
        self.server.answers.clear()
        self.run_senders()
        self.assertEqual(self.sending()["state"], "held")
        with self.environment() as env:
            env["mail.mail"].browse(self.mail_ids).exists().scheduled_date = False
            env["marketing.campaign"].browse(self.campaign_id).action_try_now()
            self.assertTrue(
                env["ir.cron.trigger"].search(
                    [("cron_id", "=", env.ref(SENDERS).id), ("call_at", "<=", "now")]
                )
            )
        self.run_senders()
        self.assertEqual(self.sending(), {"state": "idle"})

    def test_no_connection(self):
        self.server.__exit__()
        self.server._sending.start()
        self.addCleanup(self.server.__enter__)
        self.run_senders()
        [hold] = self.sending()["holds"]
        self.assertIn("refused", hold["reason"])

    def test_failures_are_remembered(self):
        """Who tries again and again does not make the pauses shorter."""
        self.refuse()
        with self.environment() as env:
            env["marketing.campaign"].browse(self.campaign_id).action_try_now()
        self.run_senders()
        with self.environment() as env:
            hold = env["marketing.mailing.hold"].search([("mailing_id", "=", self.mailing_id)])
            self.assertEqual(hold.failures, 2)

    def test_mail_server_is_for_administrators_of_the_settings(self):
        self.refuse()
        with self.environment() as env:
            env["mailing.mailing"].browse(self.mailing_id).mail_server_id = self.server_id
            marketer = mail_new_test_user(
                env,
                login="hold_marketer",
                groups="base.group_user,marketing_automation.group_marketing_automation_user",
            )
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            found = [
                seen.get_sending()["holds"][0]["action"]
                for seen in (campaign, campaign.with_user(marketer))
            ]
            self.assertEqual(found[0]["res_id"], self.server_id)
            self.assertIs(found[1], False)
            env["mailing.mailing"].browse(self.mailing_id).mail_server_id = False
            marketer.unlink()

    def test_stopped_while_held(self):
        self.refuse()
        with self.environment() as env:
            env["marketing.campaign"].browse(self.campaign_id).action_stop_campaign()
        self.assertEqual(self.sending(), {"state": "idle"})

    def test_email_out_of_a_batch(self):
        """It is sent, though its batch is not at its end."""
        with self.environment() as env:
            env["marketing.mail.mark"]._set(self.mail_ids[0])
        sending = self.sending()
        self.assertEqual((sending["queued"], sending["sent"]), (5, 1))
