"""Workflows of hundreds of steps, after one another and beside each other."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..models.workflow import tree as marketing_activity_tree
from ..tools.ways import Ways
from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestDeepWorkflows(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.action = cls.create_server_action()
        cls.campaign = cls.create_campaign(cls.create_contacts(1))

    @classmethod
    def add(cls, count, parent=None, chain=True, **vals):
        """Add steps, each after the last one or all after the same."""
        steps = cls.env["marketing.activity"]
        if not chain:
            return steps.create([cls.values(parent, **vals) for _i in range(count)])
        for _i in range(count):
            parent = steps.create(cls.values(parent, **vals))
            steps += parent
        return steps

    @classmethod
    def values(cls, parent, **vals):
        return {
            "name": "Step",
            "campaign_id": cls.campaign.id,
            "activity_type": "action",
            "server_action_id": cls.action.id,
            "trigger_type": "activity" if parent else "begin",
            "parent_id": parent.id if parent else False,
            **vals,
        }

    def fresh(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def test_chain_of_500(self):
        steps = self.add(500, activity_domain="[('name', '!=', False)]")
        self.fresh()
        # Queries do not grow with the depth.
        with self.assertQueryCount(30):
            self.assertEqual(self.campaign._get_problems(), [])
        self.fresh()
        with self.assertQueryCount(15):
            self.assertEqual(steps[-1].domain.count("'name', '!='"), 500)
        self.fresh()
        with self.assertQueryCount(15):
            self.assertEqual(len(steps[0]._get_descendants()), 499)
        self.campaign.action_start_campaign()
        copy = self.campaign.copy()
        self.assertEqual(len(copy.marketing_activity_ids), 500)
        self.assertEqual(len(copy.marketing_activity_ids._get_levels()), 500)
        with self.assertRaisesRegex(ValidationError, "500 after one another"):
            self.add(1, steps[-1])
        self.campaign.action_stop_campaign()
        steps[0].unlink()
        self.assertFalse(steps.exists())

    def test_copy(self):
        """The steps, each with its own mailing, are at the same places."""
        steps = self.add(5)
        mail = self.create_activity(self.campaign, trigger="activity", parent_id=steps[3].id)
        click = self.add(1, mail, trigger_type="mail_click")
        copy = self.campaign.copy()
        self.fresh()
        both = [
            [
                (step.name, step.trigger_type, step.activity_type, len(step._get_path()))
                for step in campaign.marketing_activity_ids._sorted_by_depth().sorted("id")
            ]
            for campaign in (self.campaign, copy)
        ]
        self.assertCountEqual(*both)
        [twin] = copy.marketing_activity_ids.filtered("mass_mailing_id")
        self.assertNotEqual(twin.mass_mailing_id, mail.mass_mailing_id)
        self.assertEqual(twin.mass_mailing_id.campaign_id, copy.utm_campaign_id)
        self.assertEqual(twin.child_ids.trigger_type, click.trigger_type)
        self.assertEqual(copy._get_problems(), self.campaign._get_problems())

    def test_copy_is_made_at_once(self):
        """Its steps are not checked one by one with all others."""
        last, counts = None, []
        for _turn in range(3):
            last = self.add(20, last)[-1]
            self.fresh()
            before = self.env.cr.sql_log_count
            self.campaign.copy()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        # The first one fills caches; what clients may write looks records up.
        self.assertLess(counts[2] - counts[1], 20 * 8)

    def test_copy_of_an_empty_workflow(self):
        self.assertFalse(self.campaign.copy().marketing_activity_ids)

    def test_wide(self):
        first = self.add(1)
        self.add(999, first, chain=False)
        self.fresh()
        with self.assertQueryCount(30):
            self.assertEqual(self.campaign._get_problems(), [])
        with self.assertRaisesRegex(ValidationError, "at most 1,?000 steps"):
            self.add(1, first)

    def test_moved_below(self):
        """A branch that moves takes its depth along."""
        with patch.object(marketing_activity_tree, "MAX_DEPTH", 4):
            first = self.add(3)
            second = self.add(2)
            with self.assertRaisesRegex(ValidationError, "4 after one another"):
                second[0].write({"trigger_type": "activity", "parent_id": first[-1].id})

    def test_applied_filter_follows_those_above(self):
        first, second, third = self.add(3)
        self.assertNotIn("Ann", third.domain)
        first.activity_domain = "[('name', '=', 'Ann')]"
        self.assertIn("Ann", third.domain)
        second.write({"trigger_type": "begin", "parent_id": False})
        self.assertNotIn("Ann", third.domain)
        self.campaign.domain = "[('name', '=', 'Bob')]"
        self.assertIn("Bob", third.domain)

    def test_broken_filter_above_keeps_from_running(self):
        first, second = self.add(2)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_activity SET activity_domain = '[(1' WHERE id = %s", [first.id]
        )
        self.env.invalidate_all()
        self.assertRegex(second._get_run_problems()[0], "its filter cannot be used")
        # It is said once, where it is mended.
        problems = self.campaign._get_problem_list()
        self.assertEqual([problem["activity_id"] for problem in problems], first.ids)

    def test_reachable(self):
        first, second, third = self.add(3)
        steps = first + second + third
        self.assertEqual(set(Ways(steps).reachable_ids), set(steps.ids))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_activity SET trigger_type = 'mail_open' WHERE id = %s", [second.id]
        )
        self.env.invalidate_all()
        self.assertEqual(set(Ways(steps).reachable_ids), set(first.ids))
