"""What could not be finished when it happened is put right by the enrolment job."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2 import errors

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .common import MarketingAutomationCase

ENROL = "ir_cron_campaign_sync_participants"
EXECUTE = "marketing_automation.ir_cron_campaign_execute_activities"
ENROL_LOGGER = "odoo.addons.marketing_automation.models.engine.enrol"


@tagged("post_install", "-at_install")
class TestRepairs(CronMixinCase, MarketingAutomationCase):
    """Each repair is a transaction of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours")
        cls.child = cls.create_activity(
            cls.campaign, "action", parent_id=cls.mail.id, delay="1 hours"
        )

    def start(self):
        self.campaign.action_start_campaign()
        self.run_cron(ENROL)
        self.campaign.execute_activities()
        self.messages = self.mail.trace_ids.mailing_trace_ids.sorted("res_id")
        self.messages[1:].set_sent()
        job = self.env.ref(EXECUTE)
        self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)]).unlink()

    def set_behind_the_back(self, message, status):
        """As if the campaign could not be told: it met another transaction."""
        with patch.object(type(message), "_settle_marketing", lambda *args: None):
            message.trace_status = status
            message.flush_recordset()

    def test_one_that_meets_another_transaction(self):
        """The others are done, the job comes again, and what is due wakes the other job."""
        self.start()
        self.set_behind_the_back(self.messages[0], "error")
        Trace = type(self.env["marketing.trace"])
        meet = patch.object(
            Trace, "_settle_missed_events", side_effect=errors.SerializationFailure("met")
        )
        with (
            meet,
            self.capture_triggers(f"marketing_automation.{ENROL}") as again,
            self.capture_triggers(EXECUTE) as due,
        ):
            self.run_cron(ENROL)
        self.assertEqual(self.messages[0].marketing_trace_id.state, "error")
        self.assertTrue(again.records)
        self.assertTrue(due.records)

    @mute_logger(ENROL_LOGGER)
    def test_one_that_fails(self):
        self.start()
        self.set_behind_the_back(self.messages[0], "error")
        with (
            patch.object(
                type(self.env["marketing.trace"]), "_settle_missed_events", side_effect=ValueError
            ),
            self.capture_triggers(EXECUTE) as due,
        ):
            self.run_cron(ENROL)
        self.assertEqual(self.messages[0].marketing_trace_id.state, "error")
        self.assertTrue(due.records)

    def test_failure_and_recovery(self):
        self.start()
        for status, state in (("error", "error"), ("sent", "processed"), ("cancel", "canceled")):
            self.set_behind_the_back(self.messages[0], status)
            self.run_cron(ENROL)
            self.assertEqual(self.messages[0].marketing_trace_id.state, state)
        self.assertEqual(self.messages[1].marketing_trace_id.state, "processed")

    def test_history_is_not_read(self):
        """What has not changed for hours was put right before."""
        with self.at("2025-03-01 09:00:00"):
            self.start()
            self.set_behind_the_back(self.messages[0], "error")
            self.env.cr.execute(
                "UPDATE mailing_trace SET write_date = '2025-03-01 09:00:00' WHERE id = %s",
                [self.messages[0].id],
            )
        job = self.env["mailing.trace"].with_context
        with self.at("2025-03-02 09:00:00"):
            job(lastcall=self.at_moment("2025-03-02 08:00:00"))._settle_left_over()
            self.env.invalidate_all()
            self.assertEqual(self.messages[0].marketing_trace_id.state, "processed")
            # The last run was before it.
            job(lastcall=self.at_moment("2025-03-01 08:30:00"))._settle_left_over()
            self.env.invalidate_all()
            self.assertEqual(self.messages[0].marketing_trace_id.state, "error")

    def at_moment(self, text):
        return self.env["marketing.trace"]._fields["schedule_date"].to_datetime(text)

    def test_clicks_of_late_are_counted(self):
        link = self.env["link.tracker"].create(
            {
                "url": "https://www.example.com/offer",
                "mass_mailing_id": self.mail.mass_mailing_id.id,
                "campaign_id": self.campaign.utm_campaign_id.id,
            }
        )
        self.env["link.tracker.click"].create([{"link_id": link.id}] * 2)
        self.env.cr.execute("UPDATE link_tracker SET count = 1 WHERE id = %s", [link.id])
        self.run_cron(ENROL)
        self.assertEqual(link.count, 2)

    def test_time_zone_that_the_database_does_not_know_any_more(self):
        """Its days are those of UTC, and the other campaigns are put right as well."""
        other = self.create_campaign(self.contacts)
        steps = []
        for campaign in (self.campaign, other):
            mail = self.create_activity(campaign, delay="0 hours")
            steps.append(
                self.create_activity(campaign, "action", "mail_open", "1 days", parent_id=mail.id)
            )
            campaign.action_start_campaign()
        self.run_jobs()
        self.hand_over(self.campaign + other)
        opened = fields.Datetime.now()
        for step in steps:
            # As an update leaves it that was made while the messages were opened.
            step.update_date = opened
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE marketing_trace SET open_datetime = %s WHERE activity_id = %s",
                [opened, step.parent_id.id],
            )
        self.env.cr.execute(
            "UPDATE marketing_campaign SET timezone = 'Mars/Phobos' WHERE id = %s",
            self.campaign.ids,
        )
        self.env.invalidate_all()
        self.run_cron(ENROL)
        for step in steps:
            self.assertEqual(
                set(step.trace_ids.mapped("schedule_date")), {opened + timedelta(days=1)}
            )


@tagged("post_install", "-at_install")
class TestInSets(MarketingAutomationCase):
    """The number of statements does not depend on the number of traces."""

    def count(self, number, prepare, act):
        contacts = self.create_contacts(number)
        campaign = self.create_campaign(contacts)
        for _position in range(3):
            self.create_activity(campaign, delay="0 hours")
        self.create_activity(campaign, "action", delay="5 days")
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        prepare(campaign)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act(campaign, contacts)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def assert_constant(self, act, prepare=lambda campaign: None):
        self.count(2, prepare, act)  # caches
        self.assertEqual(self.count(2, prepare, act), self.count(60, prepare, act))

    def fail(self, campaign):
        campaign.participant_ids.trace_ids.mailing_trace_ids.set_failed(failure_type="mail_smtp")

    def test_complete(self):
        self.assert_constant(
            lambda campaign, contacts: campaign.participant_ids.action_set_completed()
        )

    def test_records_are_deleted(self):
        self.assert_constant(
            lambda campaign, contacts: self.env["marketing.participant"]._unlink_records(
                "res.partner", contacts.ids
            )
        )

    def test_records_are_merged(self):
        self.assert_constant(
            lambda campaign, contacts: self.env["marketing.participant"]._move_to_record(
                "res.partner", contacts.ids[1:], contacts.ids[0]
            )
        )

    def test_cancel(self):
        self.assert_constant(
            lambda campaign, contacts: campaign.participant_ids.trace_ids.filtered(
                lambda trace: trace.state == "scheduled"
            ).action_cancel()
        )

    def test_retry_failed(self):
        self.assert_constant(
            lambda campaign, contacts: campaign.marketing_activity_ids.action_retry_failed(),
            self.fail,
        )

    def test_settle_left_over(self):
        def fail(campaign):
            messages = campaign.participant_ids.trace_ids.mailing_trace_ids
            with patch.object(type(messages), "_settle_marketing", lambda *args: None):
                for number, message in enumerate(messages):
                    message.set_failed(failure_type="mail_smtp")
                    message.failure_reason = f"Reason {number}"
                messages.flush_recordset()

        self.assert_constant(
            lambda campaign, contacts: self.env["mailing.trace"]._settle_left_over(), fail
        )

    def test_forget(self):
        def send(campaign):
            messages = campaign.participant_ids.trace_ids.mailing_trace_ids
            messages.mail_mail_id.unlink()
            messages.set_sent()

        self.assert_constant(lambda campaign, contacts: campaign.participant_ids._forget(), send)
