"""Several jobs queue messages to the same addresses at the same moment."""

from collections import Counter
from unittest.mock import patch

from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.engine import run as marketing_activity_run
from .committed import ParallelCase

CAP = 2


@tagged("post_install", "-at_install")
class TestConcurrentCap(ParallelCase):
    """Four campaigns for six contacts, of which each may get two messages."""

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            env["marketing.message.log"].search([]).unlink()
            env["ir.config_parameter"].set_param("marketing_automation.email_cap", CAP)
            campaign = self.campaign(env)
            self.create_email(env, campaign)
            copies = [campaign.copy() for _number in range(3)]
            campaigns = campaign.concat(*copies)
            campaigns.action_start_campaign()
            campaigns.sync_participants()
            self.campaign_ids = campaigns.ids

    def create_email(self, env, campaign):
        mailing = env["mailing.mailing"].create(
            {
                "subject": "Hello",
                "mailing_model_id": campaign.model_id.id,
                "body_html": "<p>Hello</p>",
                "email_from": "marketing@example.com",
                "use_in_marketing_automation": True,
            }
        )
        self.create_activity(env, activity_type="email", mass_mailing_id=mailing.id)

    def clean_up(self):  # pylint: disable=missing-return
        with self.environment() as env:
            env["ir.config_parameter"].set_param("marketing_automation.email_cap", False)
            env["marketing.message.log"].search([]).unlink()
            copies = env["marketing.campaign"].browse(self.campaign_ids[1:]).exists()
            mailings = copies.marketing_activity_ids.mass_mailing_id
            env["mail.mail"].search([("mailing_id", "in", mailings.ids)]).unlink()
            utm = copies.utm_campaign_id
            copies.unlink()
            mailings.unlink()
            utm.unlink()
        super().clean_up()

    def count(self):
        """Queued emails by address."""
        with self.environment() as env:
            messages = env["mailing.trace"].search(
                [("res_id", "in", self.partner_ids), ("trace_status", "=", "outgoing")]
            )
            return Counter(message.res_id for message in messages)

    def execute(self, *numbers):
        """A job for some of the campaigns."""
        ids = [self.campaign_ids[number] for number in numbers or range(4)]

        def job(env):
            def work():
                return env["marketing.campaign"].browse(ids).execute_activities()

            return retrying(work, env)

        return job

    def finish(self):
        """What another job had at that moment is looked at again."""
        with self.environment() as env:
            env.cr.execute(
                "UPDATE marketing_trace SET schedule_date = now() - interval '1 hour'"
                " WHERE state = 'scheduled' AND res_id = ANY(%s)",
                [self.partner_ids],
            )
            env["marketing.campaign"].browse(self.campaign_ids).execute_activities()

    def test_four_jobs_at_once(self):
        def cron(env):
            env["marketing.campaign"]._cron_execute_activities()

        with patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 2), mute_logger("odoo.sql_db"):
            self.assertEqual(self.in_parallel(*[cron] * 4), [None] * 4)
        self.assertLessEqual(max(self.count().values()), CAP)
        self.finish()
        self.assertEqual(self.count(), Counter(dict.fromkeys(self.partner_ids, CAP)))

    def test_each_campaign_in_a_job_of_its_own(self):
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            jobs = [self.execute(number) for number in range(4)]
            self.assertEqual(self.in_parallel(*jobs), [True] * 4)
        self.assertLessEqual(max(self.count().values()), CAP)
        self.finish()
        self.assertEqual(self.count(), Counter(dict.fromkeys(self.partner_ids, CAP)))

    def test_what_others_have_queued_since_a_job_began(self):
        """It cannot be seen by the transaction of the job itself."""
        with self.environment() as late:
            late.cr.execute("SELECT count(*) FROM marketing_message_log")
            with self.environment() as env:
                self.execute(0, 1)(env)
            self.assertEqual(self.count(), Counter(dict.fromkeys(self.partner_ids, CAP)))
            self.execute(2)(late)
        self.assertEqual(self.count(), Counter(dict.fromkeys(self.partner_ids, CAP)))

    def test_what_another_job_is_at(self):
        """It is looked at a moment later, and nobody waits for the other job."""
        with self.environment() as first:
            first["marketing.campaign"].browse(self.campaign_ids[0]).execute_activities()
            with self.environment() as second:
                second.cr.execute("SET LOCAL lock_timeout = '5s'")
                self.execute(1)(second)
            self.assertFalse(self.count())
            with self.environment() as env:
                traces = env["marketing.campaign"].browse(self.campaign_ids[1])
                traces = traces.participant_ids.trace_ids
                self.assertEqual(set(traces.mapped("state")), {"scheduled"})
                self.assertFalse(any(traces.mapped("state_reason")))
        self.finish()
        self.assertEqual(self.count(), Counter(dict.fromkeys(self.partner_ids, CAP)))
