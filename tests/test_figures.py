from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import MarketingAutomationCase

START = "2025-03-01 20:30:00"


@tagged("post_install", "-at_install")
class TestFigures(MarketingAutomationCase):
    """What cards show is counted when it happens, and agrees with the traces."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours")
        cls.reminder = cls.create_activity(
            cls.campaign, trigger="mail_not_open", parent_id=cls.mail.id, delay="1 days"
        )

    def run_campaign(self, moment=START):
        with self.at(moment):
            self.campaign.action_start_campaign()
            self.run_jobs()
            self.hand_over(self.campaign)

    def figures(self, activity=None, env=None):
        campaign = self.campaign.with_env(env) if env else self.campaign
        metrics = campaign.get_workflow_metrics()["activities"][str((activity or self.mail).id)]
        return {name: value for name, value in metrics.items() if value and isinstance(value, int)}

    def rows(self):
        return self.env["marketing.activity.figures"].search(
            [("activity_id.campaign_id", "=", self.campaign.id)]
        )

    def test_merging_changes_no_number(self):
        self.run_campaign()
        for index, event in enumerate(["mail_open", "mail_click", "mail_reply"]):
            self.trace_of(self.mail, self.contacts[index]).process_event(event)
        before, rows = self.figures(), self.rows()
        self.assertGreater(len(rows), 1)
        self.assertEqual(
            {key: before[key] for key in ("processed", "sent", "open", "click", "reply")},
            {"processed": 4, "sent": 4, "open": 3, "click": 1, "reply": 1},
        )
        rows._gc_merge()
        self.assertEqual(self.figures(), before)
        self.assertEqual(
            self.rows().sorted("metric").mapped(lambda row: (row.metric, row.reason, row.number)),
            [
                ("canceled", "event", 3),
                ("clicked", False, 1),
                ("opened", False, 3),
                ("processed", False, 4),
                ("replied", False, 1),
            ],
        )

    def test_an_event_adds_a_row_instead_of_changing_one(self):
        """Two recipients who react at once do not wait for each other."""
        self.run_campaign()
        before = self.rows()
        values = before.read(["metric", "number"])
        self.trace_of(self.mail, self.contacts[0]).process_event("mail_open")
        self.assertEqual(before.read(["metric", "number"]), values)
        self.assertGreater(self.rows(), before)

    def test_days_are_those_of_the_one_who_looks(self):
        self.run_campaign()
        for timezone, day in (("UTC", "2025-03-01"), ("Asia/Tokyo", "2025-03-02")):
            metrics = self.campaign.with_context(tz=timezone).get_workflow_metrics()
            history = metrics["activities"][str(self.mail.id)]["history"]
            self.assertEqual(history, [[day, 4, 0]])

    def test_days_begin_at_midnight_where_clocks_differ_by_parts_of_an_hour(self):
        """Half an hour in India, a quarter in Nepal."""
        for timezone, moment, day in (
            ("Asia/Kolkata", "2025-03-01 18:29:59", "2025-03-01"),
            ("Asia/Kolkata", "2025-03-01 18:30:00", "2025-03-02"),
            ("Asia/Kathmandu", "2025-03-01 18:14:59", "2025-03-01"),
            ("Asia/Kathmandu", "2025-03-01 18:15:00", "2025-03-02"),
        ):
            with self.subTest(timezone=timezone, moment=moment), self.env.cr.savepoint() as undo:
                self.run_campaign(moment)
                self.env["marketing.activity.figures"]._gc_merge()
                campaign = self.campaign.with_context(tz=timezone)
                history = campaign.get_workflow_metrics()["activities"][str(self.mail.id)]
                self.assertEqual(history["history"], [[day, 4, 0]])
                self.assertEqual(campaign.get_overview()["trend"], [[day, 4, 4]])
                undo.rollback()
                self.env.invalidate_all()

    def test_a_retry_moves_the_count(self):
        self.run_campaign()
        trace = self.trace_of(self.mail, self.contacts[0])
        trace._settle_failures([(trace.id, "error", "mail_smtp", None)])
        self.assertEqual((self.figures()["processed"], self.figures()["error"]), (3, 1))
        self.mail.action_retry_failed()
        self.assertEqual((self.figures()["processed"], self.figures()["scheduled"]), (3, 1))
        self.assertNotIn("error", self.figures())
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(self.figures()["processed"], 4)

    def test_tests_do_not_count(self):
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        test.trace_ids.action_execute()
        self.assertEqual(test.trace_ids.filtered("parent_id").mapped("state"), ["scheduled"])
        self.assertEqual(self.figures(), {})
        self.assertFalse(self.rows())

    def test_figures_of_activities_that_are_taken_out_stay(self):
        self.run_campaign()
        self.trace_of(self.mail, self.contacts[0]).process_event("mail_open")
        activities = self.mail + self.reminder
        before = self.mail._get_figures()[self.mail.id]
        self.assertEqual(self.activities_with_rows(activities), activities)
        self.mail.unlink()
        self.assertEqual(self.activities_with_rows(activities), activities)
        self.assertEqual(self.mail._get_figures()[self.mail.id], before)

    def test_deleting_a_campaign_deletes_its_figures(self):
        self.run_campaign()
        self.campaign.action_stop_campaign()
        self.campaign.unlink()
        self.assertFalse(self.activities_with_rows(self.mail + self.reminder))

    def activities_with_rows(self, activities):
        """Those of these activities, perhaps deleted ones, that rows refer to."""
        self.env.cr.execute(
            "SELECT DISTINCT activity_id FROM marketing_activity_figures"
            " WHERE activity_id = ANY(%s)",
            [activities.ids],
        )
        return activities.browse(sorted(activity_id for (activity_id,) in self.env.cr.fetchall()))

    def test_figures_are_of_companies_that_one_sees(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.contacts[0].company_id = other
        self.responsible.company_ids = [Command.link(other.id)]
        self.run_campaign()
        user = self.responsible
        own, both = (
            self.env(user=user, context={"allowed_company_ids": companies.ids})
            for companies in (user.company_id, user.company_ids)
        )
        self.assertEqual(self.figures(env=both)["processed"], 4)
        self.assertEqual(self.figures(env=own)["processed"], 3)

    def test_what_was_there_before_is_counted(self):
        """An addon that did not count yet is updated."""
        self.run_campaign()
        before = self.figures()
        self.env.cr.execute("DELETE FROM marketing_activity_figures")
        self.env.invalidate_all()
        self.assertNotIn("processed", self.figures())
        self.env["marketing.activity.figures"]._count_in_database()
        self.assertEqual(self.figures(), before)
        self.env["marketing.activity.figures"]._count_in_database()
        self.assertEqual(self.figures(), before, "Once only")

    def test_numbers_agree_with_the_traces(self):
        """Also where traces are changed by other ways than the engine's."""
        self.run_campaign()
        self.trace_of(self.mail, self.contacts[0]).process_event("mail_click")
        self.env.cr.execute(
            SQL(
                "UPDATE marketing_trace SET state = 'rejected' WHERE id = %s",
                self.trace_of(self.mail, self.contacts[1]).id,
            )
        )
        self.participant_of(self.campaign, self.contacts[2]).unlink()
        self.env.invalidate_all()
        figures = self.figures()
        self.assertEqual((figures["processed"], figures["rejected"], figures["click"]), (2, 1, 1))
