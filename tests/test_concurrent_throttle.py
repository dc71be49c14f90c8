"""The limit of messages an hour holds for jobs beside each other, and after a kill."""

from unittest.mock import patch

from psycopg2 import errors

from odoo import fields
from odoo.service.model import retrying
from odoo.tests import tagged

from ..models.engine import run
from ..models.engine.settle import MarketingTrace
from ..models.sending.mail_marks import MarketingMailMark
from .committed import ParallelCase, QueuedEmailsCase


@tagged("post_install", "-at_install")
class TestConcurrentThrottle(QueuedEmailsCase):
    """Six contacts, of whom two may get an email within an hour."""

    campaign_values = {"hourly_limit": 2}
    in_parallel = ParallelCase.in_parallel

    def run_job(self, env):
        env["marketing.campaign"]._cron_execute_activities()

    def run_job_alone(self):
        with self.environment() as env:
            self.run_job(env)

    def count_queued(self):
        with self.environment() as env:
            return env["mail.mail"].search_count(
                [("mailing_id", "=", self.mailing_id), ("state", "=", "outgoing")]
            )

    def let_pass(self, **delay):
        """As if so much time had passed."""
        with self.environment() as env:
            for left in env["marketing.handover"].search([]):
                left.moment = fields.Datetime.subtract(left.moment, **delay)

    def test_four_jobs(self):
        """They take the two places once, whoever is first; so again when these are free."""
        self.assertEqual(self.count_queued(), 2)
        for round_number in range(1, 4):
            self.run_senders()
            self.assertEqual(len(self.server.mails), 2 * round_number)
            self.run_in_parallel()
            self.assertEqual(self.count_queued(), 0, "The hour is not over")
            self.let_pass(hours=1, seconds=2)
            self.run_in_parallel()
            # Who met another one tries again later.
            self.run_job_alone()
            self.assertEqual(self.count_queued(), 2 if round_number < 3 else 0)
        self.assertEqual(self.received(), self.addresses(*range(6)))

    def run_in_parallel(self):
        with patch.object(run, "RUN_BATCH_SIZE", 1):
            self.assertEqual(self.in_parallel(*[self.run_job] * 4), [None] * 4)

    def test_requests_beside_each_other(self):
        self.run_senders()
        self.let_pass(hours=1, seconds=2)

        def execute(env):
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            return retrying(campaign.execute_activities, env)

        self.in_parallel(execute, execute, self.run_job, execute)
        self.run_job_alone()
        self.assertEqual(self.count_queued(), 2)

    def test_transaction_that_began_before(self):
        """It sees no place that is taken by now as free."""
        self.run_senders()
        self.let_pass(hours=1, seconds=2)
        with self.environment() as late:
            campaign = late["marketing.campaign"].browse(self.campaign_id)
            self.assertTrue(campaign._get_due_activities())
            self.run_job_alone()
            with self.assertRaises(errors.SerializationFailure):
                campaign._take_places()
            late.cr.rollback()
            campaign.execute_activities()
        self.assertEqual(self.count_queued(), 2)

    def test_job_that_is_killed(self):
        """What it has queued is undone with the places that it has taken."""
        self.run_senders()
        self.let_pass(hours=1, seconds=2)
        with (
            self.killed_at(MarketingTrace, "_settle_outcomes", then=True),
            self.environment() as env,
        ):
            self.run_job(env)
        self.assertEqual(self.count_queued(), 0)
        self.run_job_alone()
        self.assertEqual(self.count_queued(), 2)

    def test_sender_that_is_killed(self):
        """What has left, and is not written down yet, still has its place."""
        with self.killed_at(MarketingMailMark, "_set", then=True, number=2):
            self.run_senders()
        self.assertEqual(len(self.server.mails), 2)
        self.let_pass(hours=1, seconds=2)
        self.run_job_alone()
        self.assertEqual(self.count_queued(), 2)
        self.run_senders()
        self.run_job_alone()
        self.assertEqual((len(self.server.mails), self.count_queued()), (2, 0))
