"""How many took which branch: cards and branches say the same, and go on saying it."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from ..models.participant.retention import DELETE_PARAMETER
from .test_steering import START, SteeringCase


@tagged("post_install", "-at_install")
class TestFiguresOfBranches(SteeringCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts[0].function = "VIP"
        cls.condition = cls.create_activity(
            cls.campaign,
            "condition",
            delay="0 hours",
            branch_ids=[Command.create({"name": "VIP", "domain": "[('function', '=', 'VIP')]"})],
        )
        cls.vip, cls.otherwise = cls.condition.branch_ids

    def cards(self, env=None):
        """The numbers by branch that cards show."""
        campaign = self.campaign.with_env(env or self.env(user=self.responsible))
        metrics = campaign.get_workflow_metrics()["activities"]
        return metrics[str(self.condition.id)]["branches"]

    def assertTaken(self, vip, otherwise, env=None):
        self.env.invalidate_all()
        numbers = {str(self.vip.id): vip, str(self.otherwise.id): otherwise}
        self.assertEqual(self.cards(env), {key: value for key, value in numbers.items() if value})
        branches = (self.vip + self.otherwise).with_env(env or self.env(user=self.responsible))
        self.assertEqual(branches.mapped("taken_count"), [vip, otherwise])

    def rows(self):
        return self.env["marketing.activity.figures"].search(
            [("activity_id", "=", self.condition.id), ("metric", "=", "processed")]
        )

    def test_nobody_yet(self):
        self.assertTaken(0, 0)
        self.assertEqual(self.env["marketing.activity.branch"].new().taken_count, 0)

    def test_each_run_counts_on_its_branch(self):
        self.start()
        self.assertTaken(1, 3)
        self.assertEqual(self.condition.processed, 4)

    def test_in_as_many_queries_as_without(self):
        self.start()
        self.env.invalidate_all()
        self.condition.fetch(["activity_type"])
        self.condition._get_figures()
        self.env.invalidate_all()
        self.condition.fetch(["activity_type"])
        with self.assertQueryCount(3):
            self.condition._get_card_figures()

    def test_tests_do_not_count(self):
        test = self.env["marketing.participant"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id, "is_test": True}
        )
        test.trace_ids.action_execute()
        self.assertEqual(test.trace_ids.branch_id, self.vip)
        self.assertTaken(0, 0)

    def test_of_companies_that_one_sees(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.contacts[:2].company_id = other
        self.responsible.company_ids = [Command.link(other.id)]
        self.start()
        own, both = (
            self.env(user=self.responsible, context={"allowed_company_ids": companies.ids})
            for companies in (self.responsible.company_id, self.responsible.company_ids)
        )
        self.assertTaken(0, 2, own)
        self.assertTaken(1, 3, both)

    def test_forgotten_people_stay_counted(self):
        self.start()
        self.campaign.participant_ids[0]._forget()
        self.assertTaken(1, 3)

    def test_retention_and_merge_keep_the_branch(self):
        self.start()
        with self.at(fields.Datetime.to_datetime(START) + timedelta(days=100)):
            self.env["ir.config_parameter"].set_param(DELETE_PARAMETER, "2")
            self.env["marketing.participant"]._gc_traces()
        self.assertFalse(self.condition.trace_ids)
        self.assertTaken(1, 3)
        self.assertGreater(len(self.rows()), 2)
        self.env["marketing.activity.figures"]._gc_merge()
        self.assertEqual(len(self.rows()), 2)
        self.assertTaken(1, 3)

    def test_removed_branch_keeps_its_number(self):
        self.start()
        self.campaign.participant_ids._delete_traces()
        self.vip.with_user(self.responsible).unlink()
        self.assertFalse(self.vip.active)
        self.assertTaken(1, 3)

    def test_step_that_is_taken_out_keeps_them(self):
        self.start()
        self.condition.unlink()
        self.assertEqual(
            self.condition._get_figures()[self.condition.id]["branches"],
            {self.vip.id: 1, self.otherwise.id: 3},
        )

    def test_visits_count_each(self):
        goto = self.create_step(
            "goto",
            branch=self.otherwise,
            delay="1 hours",
            goto_activity_id=self.condition.id,
            max_visits=3,
        )
        self.start()
        for hours in (1, 2, 3):
            self.go_on(hours=hours)
        self.assertEqual(len(goto.trace_ids), 9)
        self.assertTaken(1, 9)

    def test_counted_anew(self):
        """A metric that comes with an addon is counted by branch from what there is."""
        self.start()
        self.env.cr.execute("DELETE FROM marketing_activity_figures")
        self.env["marketing.activity.figures"]._count_in_database()
        self.assertTaken(1, 3)
