"""A campaign starts by itself at a moment that was chosen before, or says why it does not."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase
from odoo.addons.mail.tests.common import mail_new_test_user

from .common import USER_GROUPS, MarketingAutomationCase

NOW = datetime(2025, 3, 3, 9)
THEN = NOW + timedelta(days=2)
JOB = "marketing_automation.ir_cron_campaign_sync_participants"


@tagged("post_install", "-at_install")
class TestPlannedStart(CronMixinCase, MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.create_campaign(cls.create_contacts(2))
        cls.activity = cls.create_activity(cls.campaign)
        cls.planner = mail_new_test_user(
            cls.env, login="planner", name="Planner", groups=",".join(USER_GROUPS)
        )

    def plan(self, user=None):
        with self.at(NOW):
            self.campaign.with_user(user or self.responsible).action_plan_start(str(THEN))

    def run_job(self, moment=THEN):
        with self.at(moment):
            self.run_cron("ir_cron_campaign_sync_participants")

    def assertNotStarted(self, text):
        self.assertEqual(self.campaign.state, "draft")
        self.assertFalse(self.campaign.planned_start_date, "It is not tried again")
        note = self.campaign.activity_ids
        self.assertEqual(note.user_id, self.responsible)
        self.assertEqual(note.summary, "The campaign did not start as planned")
        self.assertIn(text, note.note)

    def test_starts_in_time(self):
        with self.capture_triggers(JOB) as wake_ups:
            self.plan()
        self.assertEqual(wake_ups.records.mapped("call_at"), [THEN])
        self.assertEqual(self.campaign.planned_start_date, THEN)
        self.run_job(THEN - timedelta(seconds=1))
        self.assertEqual(self.campaign.state, "draft")
        self.run_job()
        self.assertEqual(self.campaign.state, "running")
        self.assertEqual(self.campaign.total_participant_count, 2)
        self.assertFalse(self.campaign.planned_start_date)

    def test_what_is_refused(self):
        campaign = self.campaign.with_user(self.responsible)
        with self.at(NOW):
            for moment in (str(NOW), "2024-01-01 00:00:00", False, "soon"):
                with self.subTest(moment=moment), self.assertRaisesRegex(UserError, "to come"):
                    campaign.action_plan_start(moment)
            self.activity.mass_mailing_id.active = False
            with self.assertRaisesRegex(UserError, "choose an email"):
                campaign.action_plan_start(str(THEN))
            self.activity.mass_mailing_id.active = True
            campaign.action_start_campaign()
            with self.assertRaisesRegex(UserError, "runs already"):
                campaign.action_plan_start(str(THEN))

    def test_cancelled(self):
        self.plan()
        self.campaign.with_user(self.responsible).action_cancel_planned_start()
        self.run_job()
        self.assertEqual(self.campaign.state, "draft")

    def test_started_by_hand_before(self):
        self.plan()
        self.campaign.action_start_campaign()
        self.assertFalse(self.campaign.planned_start_date)

    def test_archived_or_copied(self):
        self.plan()
        self.assertFalse(self.campaign.copy().planned_start_date)
        self.campaign.active = False
        self.assertFalse(self.campaign.planned_start_date)

    def test_problem_at_that_moment(self):
        self.plan()
        self.activity.mass_mailing_id.active = False
        self.run_job()
        self.assertNotStarted("choose an email")
        self.activity.mass_mailing_id.active = True
        self.run_job()
        self.assertEqual(self.campaign.state, "draft")

    def test_changed_by_somebody_with_fewer_rights(self):
        """The responsible is asked to accept, as for any start."""
        self.plan()
        self.responsible.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.campaign.sudo().write({"editor_id": self.planner.id, "acceptance_date": False})
        self.run_job()
        self.assertEqual(self.campaign.state, "draft")
        self.assertIn(
            self.env.ref("marketing_automation.mail_activity_type_accept"),
            self.campaign.activity_ids.activity_type_id,
        )

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
    def test_rights_of_who_planned_it(self):
        self.plan(self.planner)
        self.assertEqual(self.campaign.planned_start_user_id, self.planner)
        self.planner.group_ids -= self.env.ref("base.group_partner_manager")
        self.assertFalse(self.campaign.with_user(self.planner)._may_act_for_responsible())
        self.run_job()
        self.assertNotStarted("who may do more than you")

    def test_who_planned_it_has_left(self):
        self.plan(self.planner)
        self.planner.active = False
        self.run_job()
        self.assertNotStarted("Planner")

    def test_written_by_the_system_only(self):
        campaign = self.campaign.with_user(self.responsible)
        for vals in (
            {"planned_start_date": "2030-01-01 00:00:00"},
            {"planned_start_user_id": self.env.ref("base.user_admin").id},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                campaign.write(vals)

    def test_one_failure_does_not_hold_up_others(self):
        self.plan()
        other = self.create_campaign(self.create_contacts(1))
        self.create_activity(other)
        with self.at(NOW):
            other.with_user(self.responsible).action_plan_start(str(THEN))
        self.activity.mass_mailing_id.active = False
        self.run_job()
        self.assertNotStarted("choose an email")
        self.assertEqual(other.state, "running")
