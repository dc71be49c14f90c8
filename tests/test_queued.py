"""Queued is not sent: what follows a message counts from the moment at which it left."""

from odoo import fields
from odoo.tests import tagged

from .committed import QueuedEmailsCase
from .common import MessagingCase

START, LATER = "2025-03-03 09:00:00", "2025-03-05 09:00:00"
ENROL = "ir_cron_campaign_sync_participants"


@tagged("post_install", "-at_install")
class TestQueued(MessagingCase):
    """The queues lag two days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)

    def add(self, kind="email", trigger=None, delay="0 hours", **vals):
        return self.create_activity(self.campaign, kind, trigger, delay, **vals)

    def queue(self):
        """The first messages are queued; two days later the job has run again."""
        with self.at(START):
            self.start(self.campaign)
        with self.at(LATER):
            self.run_jobs()

    def dates(self, activity):
        return set(activity.trace_ids.mapped("schedule_date"))

    def assertFollowersWait(self, kind, triggers, send):
        first = self.add(kind)
        followers = [
            self.add("action", trigger, "1 days", parent_id=first.id) for trigger in triggers
        ]
        self.queue()
        for follower in followers:
            self.assertEqual(self.dates(follower), {False})
            self.assertEqual(
                set(follower.trace_ids.mapped("state_msg")), {"Waits until the message is sent"}
            )
        self.assertEqual(set(first.trace_ids.mapped("state")), {"processed"})
        figures = first._get_figures()[first.id]
        self.assertEqual((figures["queued"], figures["sent"], figures["delivered"]), (2, 0, 0))
        with self.at(LATER):
            send()
        tomorrow = fields.Datetime.to_datetime("2025-03-06 09:00:00")
        for follower in followers:
            self.assertEqual(self.dates(follower), {tomorrow})
        self.assertEqual(
            set(first.trace_ids.mapped("sent_datetime")), {fields.Datetime.to_datetime(LATER)}
        )
        figures = first._get_figures()[first.id]
        self.assertEqual((figures["queued"], figures["sent"], figures["delivered"]), (0, 2, 2))

    def test_emails(self):
        self.assertFollowersWait("email", ["activity", "mail_not_open"], self.send_mails)

    def test_text_messages(self):
        self.assertFollowersWait("sms", ["activity", "sms_not_click"], self.send_sms)

    def test_what_follows_at_once_wakes_the_job(self):
        first = self.add()
        child = self.add("action", parent_id=first.id)
        self.queue()
        job = self.env.ref("marketing_automation.ir_cron_campaign_execute_activities")
        self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)]).unlink()
        with self.at(LATER):
            self.send_mails()
            self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)]))
            self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(set(child.trace_ids.mapped("state")), {"processed"})

    def test_failure_in_the_queue(self):
        first = self.add("sms")
        child = self.add("action", parent_id=first.id)
        self.queue()
        with self.at(LATER):
            self.send_sms(sim_error="credit")
        self.assertEqual(set(first.trace_ids.mapped("state")), {"error"})
        self.assertEqual(
            {(trace.state, trace.state_reason) for trace in child.trace_ids},
            {("canceled", "parent")},
        )
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})

    def test_page_of_a_journey(self):
        first = self.add()
        child = self.add("action", parent_id=first.id)
        opened = self.add("action", "mail_open", parent_id=first.id)
        self.queue()
        traces = self.campaign.participant_ids[0].get_journey()["traces"]
        self.assertEqual(traces[str(child.id)]["waiting"], "Waits until the message is sent")
        self.assertEqual(traces[str(opened.id)]["waiting"], "Waits for the event")
        self.assertEqual(traces[str(first.id)]["waiting"], "")

    def test_test_run(self):
        first = self.add()
        child = self.add("action", parent_id=first.id)
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        test.trace_ids.action_execute()
        follower = test.trace_ids.filtered(lambda trace: trace.activity_id == child)
        self.assertFalse(follower.schedule_date)
        self.send_mails()
        self.assertTrue(follower.schedule_date)

    def test_repair(self):
        """The campaign could not be told that the message had left."""
        first = self.add()
        child = self.add("action", parent_id=first.id, delay="1 days")
        self.queue()
        self.env.cr.execute(
            "UPDATE mailing_trace SET trace_status = 'sent', sent_datetime = %s,"
            " write_date = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)",
            [LATER, first.trace_ids.mailing_trace_ids.ids],
        )
        self.env.invalidate_all()
        self.env["mailing.trace"]._settle_left_over()
        self.assertEqual(self.dates(child), {fields.Datetime.to_datetime("2025-03-06 09:00:00")})

    # ------------------------------------------------------------
    # Stop
    # ------------------------------------------------------------

    def assertTakenBack(self, kind, send, sent):
        first = self.add(kind)
        child = self.add("action", parent_id=first.id, delay="1 days")
        self.queue()
        with self.at(LATER):
            self.campaign.action_stop_campaign()
            self.env.invalidate_all()
            self.assertEqual(
                {(t.state, t.schedule_date, t.execution_date) for t in first.trace_ids},
                {("scheduled", fields.Datetime.to_datetime(START), False)},
            )
            self.assertFalse(child.trace_ids)
            self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"running"})
            figures = first._get_figures()[first.id]
            self.assertEqual((figures["queued"], figures["scheduled"]), (0, 2))
            send()
            self.assertFalse(sent())
            self.start(self.campaign)
            send()
            self.assertEqual(len(sent()), 2)
            self.run_jobs()
            send()
            self.assertEqual(len(sent()), 0 if kind == "email" else 2)
        self.assertEqual(set(first.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(self.dates(child), {fields.Datetime.to_datetime("2025-03-06 09:00:00")})

    def test_stop_takes_emails_back(self):
        self.assertTakenBack("email", self.send_mails, lambda: self._mails)

    def test_stop_takes_text_messages_back(self):
        messages = []

        def send():
            self.send_sms()
            messages.extend(self._sms)

        self.assertTakenBack("sms", send, lambda: messages)

    def test_archiving_takes_back(self):
        first = self.add()
        self.queue()
        self.campaign.action_archive()
        self.env.invalidate_all()
        self.assertEqual(set(first.trace_ids.mapped("state")), {"scheduled"})

    def test_what_has_left_stays(self):
        first = self.add()
        self.queue()
        self.send_mails()
        self.campaign.action_stop_campaign()
        self.env.invalidate_all()
        self.assertEqual(set(first.trace_ids.mapped("state")), {"processed"})

    # ------------------------------------------------------------
    # Records that are gone
    # ------------------------------------------------------------

    def assertCanceled(self, kind, delete, send, sent):
        first = self.add(kind)
        self.add("action", parent_id=first.id)
        self.queue()
        gone = self.campaign.participant_ids.filtered(
            lambda participant: participant.res_id == self.contacts[0].id
        )
        delete()
        self.env.invalidate_all()
        self.assertEqual(
            {(trace.state, trace.state_reason) for trace in gone.trace_ids},
            {("canceled", "unlinked")},
        )
        self.assertEqual(gone.state, "unlinked")
        with self.at(LATER):
            send()
        self.assertEqual(len(sent()), 1)
        self.assertEqual(first._get_figures()[first.id]["sent"], 1)

    def test_email_of_a_deleted_record(self):
        self.assertCanceled("email", self.contacts[0].unlink, self.send_mails, lambda: self._mails)

    def test_text_message_of_a_deleted_record(self):
        self.assertCanceled("sms", self.contacts[0].unlink, self.send_sms, lambda: self._sms)

    def test_record_that_was_deleted_in_sql(self):
        def delete():
            self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", self.contacts[0].ids)
            self.env.invalidate_all()
            self.run_cron(ENROL)

        self.assertCanceled("email", delete, self.send_mails, lambda: self._mails)

    # ------------------------------------------------------------
    # Emails that somebody deletes
    # ------------------------------------------------------------

    def assertDeletedByHand(self, delete, repair=None):
        first = self.add()
        child = self.add("action", parent_id=first.id)
        self.queue()
        deleted = first.trace_ids[0]
        with self.at(LATER):
            delete(
                self.env["mail.mail"].search(
                    [("mailing_trace_ids", "in", deleted.mailing_trace_ids.ids)]
                )
            )
            self.env.invalidate_all()
            if repair:
                self.assertEqual(deleted.state, "processed")
                repair()
                self.env.invalidate_all()
            self.assertEqual((deleted.state, deleted.state_reason), ("canceled", "user"))
            follower = child.trace_ids & deleted.participant_id.trace_ids
            self.assertEqual((follower.state, follower.state_reason), ("canceled", "parent"))
            self.assertEqual(deleted.participant_id.state, "completed")
            self.send_mails()
        self.assertEqual(len(self._mails), 1)
        figures = first._get_figures()[first.id]
        self.assertEqual((figures["queued"], figures["sent"]), (0, 1))

    def test_email_that_is_deleted(self):
        self.assertDeletedByHand(lambda mail: mail.unlink())

    def test_message_that_is_deleted(self):
        self.assertDeletedByHand(lambda mail: mail.mail_message_id.unlink())

    def test_message_that_was_deleted_in_sql(self):
        def delete(mail):
            self.env.cr.execute("DELETE FROM mail_message WHERE id = %s", mail.mail_message_id.ids)

        self.assertDeletedByHand(delete, lambda: self.run_cron(ENROL))


@tagged("post_install", "-at_install")
class TestStopWhileSending(QueuedEmailsCase):
    """A campaign stops while a sender is at work."""

    def test_what_a_sender_holds_goes_out(self):
        with self.environment() as sender:
            mails = sender["mail.mail"].browse(self.mail_ids)
            mails[:2].send()  # not committed yet
            with self.environment() as env:
                env["marketing.campaign"].browse(self.campaign_id).action_stop_campaign()
        with self.environment() as env:
            env["marketing.campaign"]._cron_send_emails()
            traces = env["marketing.campaign"].browse(self.campaign_id).participant_ids.trace_ids
            self.assertEqual(sorted(traces.mapped("state")), ["processed"] * 2 + ["scheduled"] * 4)
        self.assertEqual(self.received().total(), 2)

    def test_what_comes_back_to_the_queue_is_taken_back_later(self):
        with self.environment() as sender:
            sender["mail.mail"].browse(self.mail_ids[:2])._lock_to_send()
            with self.environment() as env:
                env["marketing.campaign"].browse(self.campaign_id).action_stop_campaign()
        with self.environment() as env:
            env["marketing.trace"]._take_back_queued()
            traces = env["marketing.campaign"].browse(self.campaign_id).participant_ids.trace_ids
            self.assertEqual(set(traces.mapped("state")), {"scheduled"})

    def assertPutOffIsRecalled(self, recall, state, reason):
        """What a sender held at that moment was put off: it does not go out at the next try."""

        def in_the_middle(mail):
            if mail.recipient == "p0@example.com":
                self.in_a_thread(recall)

        self.server.answers = {"p3@example.com": ["450 4.2.0 Greylisted"]}
        self.server.on_mail = in_the_middle
        self.run_senders()
        self.run_senders_after(minutes=2)
        self.assertEqual(self.received(), self.addresses(0, 1, 2, 4, 5))
        with self.environment() as env:
            trace = env["marketing.trace"].search(
                [("res_id", "=", self.partner_ids[3]), ("campaign_id", "=", self.campaign_id)]
            )
            self.assertEqual((trace.state, trace.state_reason), (state, reason))

    def test_put_off_and_stopped(self):
        def stop():
            with self.environment() as env:
                env["marketing.campaign"].browse(self.campaign_id).action_stop_campaign()

        self.assertPutOffIsRecalled(stop, "scheduled", False)

    def test_put_off_and_its_record_deleted(self):
        def delete():
            with self.environment() as env:
                env.cr.execute("DELETE FROM res_partner WHERE id = %s", [self.partner_ids[3]])
                env["marketing.campaign"].browse(self.campaign_id)._unlink_lost_participants()

        self.assertPutOffIsRecalled(delete, "canceled", "unlinked")

    def test_what_was_out_when_its_sender_was_killed_stays(self):
        with self.environment() as env:
            env["marketing.mail.mark"]._set(self.mail_ids[0])
        with self.environment() as env:
            env["marketing.campaign"].browse(self.campaign_id).action_stop_campaign()
        with self.environment() as env:
            env["marketing.campaign"]._cron_send_emails()
            traces = env["marketing.campaign"].browse(self.campaign_id).participant_ids.trace_ids
            self.assertEqual(sorted(traces.mapped("state")), ["processed"] + ["scheduled"] * 5)
            self.assertEqual(len(traces.filtered("sent_datetime")), 1)
        self.assertFalse(self.received())
