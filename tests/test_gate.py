"""What may not go out yet is held, asked again, and cancelled when its time is up."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..models.policy.gate import Hold
from ..tools.states import OUTSIDE_HOURS
from .common import MarketingAutomationCase

START = datetime(2025, 3, 3, 9)


@tagged("post_install", "-at_install")
class TestGate(MarketingAutomationCase):
    def setUp(self):
        super().setUp()
        self.campaign = self.create_campaign(self.create_contacts(2))
        self.activity = self.create_activity(self.campaign, "email", delay="0 hours")
        self.opening = None
        policy = patch.object(
            self.registry["marketing.activity"], "_find_outside_hours", self._find_closed()
        )
        policy.start()
        self.addCleanup(policy.stop)

    def _find_closed(test):
        """A policy that opens at ``opening``, or skips where that is False."""

        def find(self, openings, claims, now):
            if test.opening is not False and (test.opening is None or now >= test.opening):
                return {}
            return {claim.trace_id: Hold(OUTSIDE_HOURS, test.opening or None) for claim in claims}

        return find

    def _start(self, hours=None):
        self.opening = hours and START + timedelta(hours=hours)
        self._run_jobs_after()
        return self.campaign.participant_ids.trace_ids

    def _run_jobs_after(self, **delay):
        with self.at(START + timedelta(**delay)):
            if self.campaign.state == "draft":
                self.campaign.action_start_campaign()
            self.run_jobs()

    def test_waits_with_the_reason_and_goes_out_once(self):
        traces = self._start(hours=5)
        self.assertEqual(traces.mapped("state"), ["scheduled"] * 2)
        self.assertEqual(set(traces.mapped("state_reason")), {"hours"})
        self.assertEqual(set(traces.mapped("schedule_date")), {self.opening})
        self.assertIn("Outside the sending hours", traces[0].state_msg)
        self._run_jobs_after(hours=4, minutes=59)
        self.assertEqual(traces.mapped("state"), ["scheduled"] * 2)
        self._run_jobs_after(hours=5)
        self.assertEqual(traces.mapped("state"), ["processed"] * 2)
        self.assertFalse(any(traces.mapped("state_reason")))
        self.assertEqual(len(traces.mailing_trace_ids), 2)

    def test_waits_a_week_at_most(self):
        traces = self._start(hours=24 * 30)
        self.assertEqual(set(traces.mapped("schedule_date")), {START + timedelta(days=7)})
        self._run_jobs_after(days=7)
        self.assertEqual(traces.mapped("state"), ["canceled"] * 2)
        self.assertEqual(set(traces.mapped("state_reason")), {"hours"})

    def test_its_time_is_up_when_the_job_comes_late(self):
        """Some minutes are no reason not to ask it once more."""
        traces = self._start(hours=24 * 6)
        with self.cr.savepoint() as savepoint:
            self._run_jobs_after(days=7, hours=1, seconds=1)
            self.assertEqual(traces.mapped("state"), ["canceled"] * 2)
            savepoint.rollback()
        self.env.invalidate_all()
        self._run_jobs_after(days=7, hours=1)
        self.assertEqual(traces.mapped("state"), ["processed"] * 2)

    def test_waits_until_the_step_expires(self):
        self.activity.write(
            {
                "validity_duration": True,
                "validity_duration_number": 3,
                "validity_duration_type": "hours",
            }
        )
        traces = self._start(hours=5)
        self._run_jobs_after(hours=3)
        self.assertEqual(traces.mapped("state"), ["canceled"] * 2)
        self.assertEqual(set(traces.mapped("state_reason")), {"hours"})

    def test_skips(self):
        self.opening = False
        self._run_jobs_after()
        traces = self.campaign.participant_ids.trace_ids
        self.assertEqual(traces.mapped("state"), ["canceled"] * 2)
        self.assertEqual(set(traces.mapped("state_reason")), {"hours"})

    def test_by_hand_it_does_not_wait(self):
        traces = self._start(hours=5)
        traces[0].action_execute()
        self.assertEqual(traces.mapped("state"), ["processed", "scheduled"])
