from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..models.engine import run as marketing_activity_run
from ..tools.queues import EMAILS, TEXTS
from .common import MarketingAutomationCase

ENROL = "marketing_automation.ir_cron_campaign_sync_participants"
EXECUTE = "marketing_automation.ir_cron_campaign_execute_activities"
ENROL_LOGGER = "odoo.addons.marketing_automation.models.engine.enrol"
RUN_LOGGER = "odoo.addons.marketing_automation.models.engine.run"


@tagged("post_install", "-at_install")
class TestJobs(MarketingAutomationCase, CronMixinCase):
    """The scheduled jobs of the addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)
        cls.campaign = cls.create_campaign(cls.contacts)
        # Only the campaigns of the test run.
        cls.env["marketing.campaign"].search([("state", "=", "running")]).state = "stopped"
        cls.env["ir.cron.trigger"].search([("cron_id", "=", cls.env.ref(EXECUTE).id)]).unlink()

    def test_jobs_exist(self):
        for xml_id in (ENROL, EXECUTE):
            cron = self.env.ref(xml_id)
            self.assertTrue(cron.active)
            self.assertEqual(cron.user_id, self.env.ref("base.user_root"))

    def test_senders_side_by_side(self):
        campaign = self.env["marketing.campaign"]
        self.env["res.config.settings"].create({"marketing_text_sender_count": 3}).execute()
        self.assertEqual(len(campaign._get_jobs(TEXTS.job)), 3)
        self.assertEqual(len(campaign._get_jobs(EMAILS.job)), 1)
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"marketing_text_sender_count": 0})

    def test_wakes_up_for_the_next_due_moment_only(self):
        """One pending wake-up, not one for each trace."""
        self.create_activity(self.campaign, "action", delay="75 hours")
        self.create_activity(self.campaign, "action", delay="2 hours")
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_start_campaign()
            with self.capture_triggers(EXECUTE) as capture:
                self.campaign.sync_participants()
            self.assertEqual(
                [date.isoformat(" ") for date in capture.records.mapped("call_at")],
                ["2025-03-01 11:00:00"],
            )
            with self.capture_triggers(EXECUTE) as capture:
                self.run_jobs()
            self.assertFalse(capture.records)
        with self.at("2025-03-01 11:00:00"):
            self.env["ir.cron.trigger"].search([("call_at", "<=", fields.Datetime.now())]).unlink()
            with self.capture_triggers(EXECUTE) as capture:
                self.run_jobs()
            self.assertEqual(
                capture.records.mapped("call_at")[0].isoformat(" "), "2025-03-04 12:00:00"
            )

    def test_wakes_up_earlier_than_planned(self):
        self.create_activity(self.campaign, "action", delay="3 days")
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_start_campaign()
            self.campaign.sync_participants()
            sooner = self.create_campaign(self.contacts)
            self.create_activity(sooner, "action", delay="1 hours")
            sooner.action_start_campaign()
            with self.capture_triggers(EXECUTE) as capture:
                sooner.sync_participants()
            self.assertEqual(capture.records.call_at.isoformat(" "), "2025-03-01 10:00:00")

    def test_due_event_wakes_up_at_once(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        self.create_activity(self.campaign, "action", "mail_open", "0 hours", parent_id=mail.id)
        self.create_activity(self.campaign, "action", "mail_click", "3 hours", parent_id=mail.id)
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_start_campaign()
            self.run_jobs()
            trace = self.trace_of(mail, self.contacts[0])
            with self.capture_triggers(EXECUTE) as capture:
                trace.process_event("mail_open")
            self.assertEqual(capture.records.mapped("call_at"), [fields.Datetime.now()])
            with self.capture_triggers(EXECUTE) as capture:
                trace.process_event("mail_open")
            self.assertFalse(capture.records)
            with self.capture_triggers(EXECUTE) as capture:
                trace.process_event("mail_click")
            self.assertEqual(capture.records.call_at, fields.Datetime.now() + timedelta(hours=3))

    def test_event_that_nothing_waits_for_wakes_nobody(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        self.campaign.action_start_campaign()
        self.run_jobs()
        with self.capture_triggers(EXECUTE) as capture:
            self.trace_of(mail, self.contacts[0]).process_event("mail_open")
        self.assertFalse(capture.records)

    def test_stopped_campaign_wakes_nobody(self):
        self.create_activity(self.campaign, "action", delay="3 hours")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.action_stop_campaign()
        with self.capture_triggers(EXECUTE) as capture:
            self.env["marketing.campaign"]._wake_up_when_due()
        self.assertFalse(capture.records)

    # ------------------------------------------------------------
    # Broken campaigns
    # ------------------------------------------------------------

    def create_running(self, code="record.write({'color': record.color + 1})"):
        campaign = self.create_campaign(self.contacts)
        action = self.create_server_action(code)
        self.create_activity(campaign, "action", delay="0 hours", server_action_id=action.id)
        campaign.action_start_campaign()
        return campaign

    def test_broken_filter_hurts_only_its_campaign(self):
        broken, healthy = self.create_running(), self.create_running()
        self.env.cr.execute(
            'UPDATE marketing_campaign SET domain = \'[("gone", "=", 1)]\' WHERE id = %s',
            [broken.id],
        )
        self.env.invalidate_all()
        self.run_jobs()
        self.run_jobs()
        self.assertFalse(broken.participant_ids)
        self.assertEqual(set(healthy.participant_ids.mapped("state")), {"completed"})
        self.assertEqual(len(broken.activity_ids), 1, "The responsible is told once")
        self.assertEqual(broken.activity_ids.user_id, self.responsible)
        self.assertIn("gone", broken.activity_ids.note)

    @mute_logger(ENROL_LOGGER)
    def test_failure_of_one_enrolment(self):
        """Whatever goes wrong with one campaign, the job goes on and does not fail."""
        broken, healthy = self.create_running(), self.create_running()
        Campaign = type(broken)
        original = Campaign._enrol

        def enrol(campaign, *args):
            if campaign == broken:
                campaign.env.cr.execute("SELECT nothing FROM nowhere")
            return original(campaign, *args)

        with patch.object(Campaign, "_enrol", enrol), mute_logger("odoo.sql_db"):
            self.run_jobs()
        self.assertEqual(set(healthy.participant_ids.mapped("state")), {"completed"})
        self.assertFalse(broken.participant_ids)
        self.assertTrue(broken.activity_ids)
        self.run_jobs()
        self.assertEqual(set(broken.participant_ids.mapped("state")), {"completed"})

    @mute_logger(RUN_LOGGER)
    def test_failure_of_one_execution(self):
        broken, healthy = self.create_running(), self.create_running()
        Activity = type(broken.marketing_activity_ids)
        original = Activity._match

        def match(activity, *args):
            if activity.campaign_id == broken:
                activity.env.cr.execute("SELECT nothing FROM nowhere")
            return original(activity, *args)

        with patch.object(Activity, "_match", match), mute_logger("odoo.sql_db"):
            self.run_jobs()
        self.assertEqual(set(healthy.participant_ids.mapped("state")), {"completed"})
        self.assertEqual(set(broken.participant_ids.trace_ids.mapped("state")), {"scheduled"})
        self.assertTrue(broken.activity_ids)

    # ------------------------------------------------------------
    # Slices
    # ------------------------------------------------------------

    def _no_time_left(self):
        """Each commit of a job leaves it no seconds."""
        Cron = type(self.env["ir.cron"])
        original = Cron._commit_progress

        def commit_progress(*args, **kwargs):
            original(*args, **kwargs)
            return 0

        return patch.object(Cron, "_commit_progress", commit_progress)

    def test_long_execution_goes_on_in_another_run(self):
        campaign = self.create_running()
        self.run_cron(ENROL)
        with (
            self._no_time_left(),
            patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 1),
        ):
            for executed in (1, 2, 3, 4):
                with self.capture_triggers(EXECUTE) as capture:
                    self.run_cron(EXECUTE)
                self.assertTrue(capture.records, "Another run is asked for")
                self.assertEqual(campaign.marketing_activity_ids.processed, executed)
        self.assertEqual(self.contacts.mapped("color"), [1] * 4)

    def test_long_enrolment_goes_on_in_another_run_and_is_fair(self):
        first, second = self.create_running(), self.create_running()
        with self._no_time_left():
            with self.at("2025-03-01 09:00:00"), self.capture_triggers(ENROL) as capture:
                self.run_cron(ENROL)
            self.assertTrue(capture.records, "Another run is asked for")
            with self.at("2025-03-01 09:00:10"):
                self.run_cron(ENROL)
        self.assertEqual(len(first.participant_ids), 4)
        self.assertEqual(len(second.participant_ids), 4)

    def test_batches_are_shared_among_campaigns(self):
        """A huge campaign does not keep a small one waiting."""
        huge, small = self.create_running(), self.create_running()
        self.run_cron(ENROL)
        order = []
        Activity = type(huge.marketing_activity_ids)
        original = Activity._execute_one_batch

        def execute_one_batch(activity, limit=None):
            order.append(activity.campaign_id)
            return original(activity, limit)

        with (
            patch.object(Activity, "_execute_one_batch", execute_one_batch),
            patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 1),
        ):
            self.run_cron(EXECUTE)
        self.assertEqual(order[:4], [huge, small, huge, small])
