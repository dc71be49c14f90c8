"""An event at the same moment as another transaction that lets in the same people."""

import time

from odoo import Command, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.entry.ir_actions_server import LOCK_SECONDS
from .committed import ParallelCase

ACTION_LOGGER = "odoo.addons.marketing_automation.models.entry.ir_actions_server"
ENROL_JOB = "marketing_automation.ir_cron_campaign_sync_participants"


@tagged("post_install", "-at_install")
class TestAtTheSameMoment(ParallelCase):
    """An event does not wait for a transaction that lets in the same people."""

    entry_id = False

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            campaign = self.campaign(env)
            self.create_activity(env, interval_number=1, interval_type="days")
            campaign.entry_ids.unlink()
            campaign.entry_ids = [
                Command.create(
                    {
                        "entry_type": "event",
                        "event": "matched",
                        "event_domain": "[('function', '=', 'Boss')]",
                    }
                )
            ]
            campaign.action_start_campaign()
            self.entry_id = campaign.entry_ids.id

    def clean_up(self):
        with self.environment() as env:
            env["marketing.campaign.entry"].browse(self.entry_id).exists()._remove_rule()
        return super().clean_up()

    def change(self, env):
        env["res.partner"].browse(self.partner_ids).function = "Boss"

    def run_job(self):
        with self.environment() as env:
            env.ref(ENROL_JOB).method_direct_trigger()

    def count(self, env):
        return len(self.campaign(env).participant_ids), env["marketing.late.event"].search_count([])

    @mute_logger(ACTION_LOGGER)
    def test_another_transaction_is_not_over(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.campaign(env).enrol(self.partner_ids)
            start = time.monotonic()
            with self.environment() as other:
                self.change(other)
            self.assertLess(time.monotonic() - start, 2 * LOCK_SECONDS + 5)
            with self.environment() as other:
                self.assertEqual(self.count(other), (0, 6))
            cr.rollback()
        self.run_job()
        with self.environment() as env:
            self.assertEqual(self.count(env), (6, 0))
            self.assertEqual(self.campaign(env).participant_ids.entry_id.id, self.entry_id)

    @mute_logger(ACTION_LOGGER)
    def test_another_transaction_was_quicker(self):
        with self.environment() as env:
            env.cr.execute("SELECT 1")
            with self.environment() as other:
                self.campaign(other).enrol(self.partner_ids)
            self.change(env)
        self.run_job()
        with self.environment() as env:
            self.assertEqual(self.count(env), (6, 0))
            functions = env["res.partner"].browse(self.partner_ids).mapped("function")
            self.assertEqual(functions, ["Boss"] * 6)
