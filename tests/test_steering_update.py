"""An Update of steps that steer: who has passed a branch stays there."""

from odoo.tests import tagged

from .test_other_way import WaysCase


@tagged("post_install", "-at_install")
class TestSteeringUpdate(WaysCase):
    def update(self, moment):
        with self.at(moment):
            self.campaign.action_update_participants()
            self.run_jobs()

    def test_wait_limit(self):
        """It counts from when they came."""
        wait = self.create_step(
            "wait",
            wait_type="filter",
            wait_domain="[('function', '=', 'Won')]",
            wait_limit=True,
            wait_limit_number=5,
        )
        self.start()
        wait.wait_domain = "[('function', '=', 'Lost')]"
        self.assertFalse(self.campaign.require_sync)
        wait.wait_limit_number = 2
        self.assertTrue(self.campaign.require_sync)
        self.update("2025-03-04 09:00:00")
        self.assertEqual(
            set(map(str, wait.trace_ids.mapped("schedule_date"))), {"2025-03-05 09:00:00"}
        )
        self.contacts[0].function = "Lost"
        self.go_on(hours=25)
        self.assertEqual(self.way(wait, self.contacts[0]).branch_type, "met")
        wait.wait_limit = False
        self.update("2025-03-04 11:00:00")
        self.assertEqual(
            self.trace_of(wait, self.contacts[1]).schedule_date, False, "It waits for ever"
        )
        self.assertEqual(self.way(wait, self.contacts[0]).branch_type, "met")

    def test_who_waits_has_come_there(self):
        """The expiry of the step, and its delay, do not matter to them any more."""
        wait = self.create_step(
            "wait",
            wait_type="filter",
            wait_domain="[('function', '=', 'Won')]",
            validity_duration=True,
            validity_duration_number=1,
            validity_duration_type="hours",
        )
        self.start()
        wait.interval_number = 30
        self.update("2025-03-05 09:00:00")
        self.assertEqual(set(wait.trace_ids.mapped("state")), {"scheduled"})
        self.contacts[0].function = "Won"
        self.go_on(days=3)
        self.assertEqual(self.way(wait, self.contacts[0]).branch_type, "met")

    def test_wait_becomes_another_step(self):
        wait = self.create_step("wait", wait_type="filter", wait_domain="[('function', '=', 'W')]")
        self.start()
        wait.activity_type = "exit"
        self.assertTrue(self.campaign.require_sync)
        self.update("2025-03-04 09:00:00")
        self.assertEqual(set(wait.trace_ids.mapped("state")), {"processed"})

    def test_follower_on_another_branch(self):
        self.contacts[0].function = "VIP"
        condition = self.create_condition()
        vip, otherwise = self.branch(condition, "VIP"), self.branch(condition, "otherwise")
        step = self.create_step("action", branch=otherwise, delay="3 days")
        self.start()
        self.assertEqual(len(step.trace_ids), 3)
        step.branch_id = vip
        self.assertTrue(self.campaign.require_sync)
        self.update("2025-03-04 09:00:00")
        self.assertEqual(step.trace_ids.mapped("res_id"), self.contacts[0].ids)
        self.assertEqual(self.way(condition, self.contacts[1]), otherwise)
        self.assertEqual(self.participant_of(self.campaign, self.contacts[1]).state, "completed")
