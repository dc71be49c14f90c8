"""Server actions that let records into a campaign, or out of it: who may run them, and where."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .test_actions_without_code import ActionCase

RUN_LOGGER = "odoo.addons.marketing_automation.models.engine.run"
SERVER_ACTION_LOGGER = "odoo.addons.base.models.ir_actions"


class CampaignActionCase(ActionCase):
    """A campaign from which records go into another one that lets in by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.create_campaign(
            cls.contacts, name="Other", entry_ids=[Command.create({"entry_type": "manual"})]
        )
        cls.create_activity(cls.other, "action", delay="1 days")
        cls.salesperson = mail_new_test_user(
            cls.env, login="sales", groups="base.group_user,base.group_partner_manager"
        )

    def setUp(self):
        super().setUp()
        self.other.action_start_campaign()

    def move_action(self, state="marketing_enrol", campaign=None, **vals):
        """A server action of one of the two types, as an administrator makes it."""
        return self.env["ir.actions.server"].create(
            {
                "name": "Move",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": state,
                "marketing_campaign_id": (campaign or self.other).id,
                **vals,
            }
        )

    def run_action(self, action, records=None, user=None):
        """As the action menu of a list does."""
        records = self.contacts if records is None else records
        return (
            action.with_user(user or self.env.user)
            .with_context(active_model=records._name, active_ids=records.ids)
            .run()
        )

    def add_step(self, action):
        """A step of the campaign that runs the action."""
        return self.create_activity(
            self.campaign, "action", delay="0 hours", server_action_id=action.id
        )

    def members(self, campaign=None):
        participants = (campaign or self.other).participant_ids
        return self.contacts.browse(participants.mapped("res_id")).sorted("id")


@tagged("post_install", "-at_install")
class TestTypes(CampaignActionCase):
    def test_list_view(self):
        form = Form(self.env["ir.actions.server"])
        form.model_id = self.env["ir.model"]._get("res.partner")
        form.state = "marketing_enrol"
        form.marketing_campaign_id = self.other
        action = form.save()
        self.assertEqual(action.name, "Add to Other")
        action.create_action()
        self.run_action(action, self.contacts[:2])
        self.assertEqual(self.members(), self.contacts[:2])
        self.run_action(action)
        self.assertEqual(self.members(), self.contacts, "Who takes part already stays as it is")
        action.state = "marketing_exit"
        self.run_action(action, self.contacts[1:])
        self.assertEqual(
            self.other.participant_ids.sorted("res_id").mapped("state"),
            ["running", "exited", "exited", "exited"],
        )
        self.assertEqual(set(self.other.participant_ids.mapped("exit_reason")), {False, "action"})

    def test_as_a_part_of_several_actions(self):
        parent = self.env["ir.actions.server"].create(
            {
                "name": "Both",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "multi",
                "child_ids": [
                    Command.set(
                        (
                            self.move_action()
                            + self.create_server_action("records.write({'function': 'Both'})")
                        ).ids
                    )
                ],
            }
        )
        self.run_action(parent)
        self.assertEqual(self.members(), self.contacts)
        self.assertEqual(set(self.contacts.mapped("function")), {"Both"})

    def test_scheduled_action(self):
        """Code hands the records over; without any there is nothing to do."""
        action = self.move_action()
        job = self.env["ir.cron"].create(
            {
                "name": "Each night",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": f"env['ir.actions.server'].browse({action.id}).with_context("
                f"active_model='res.partner', active_ids={self.contacts[:1].ids}).run()",
            }
        )
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.members(), self.contacts[:1])
        action.with_context(active_model="res.partner").run()
        self.assertEqual(self.members(), self.contacts[:1])

    def test_what_is_missing_is_said(self):
        action = self.move_action()
        self.assertFalse(action.warning)
        self.other.action_stop_campaign()
        with self.assertRaisesRegex(UserError, "Other"):
            self.run_action(action)
        self.other.action_archive()
        self.assertIn("Choose a campaign", action.warning)
        leads = self.create_campaign(model_id=self.env["ir.model"]._get_id("crm.lead"))
        action.marketing_campaign_id = leads
        self.assertIn("for other records", action.warning)
        leads.unlink()
        self.assertIn("Choose a campaign", action.warning)

    def test_many_in_few_statements(self):
        many = self.create_contacts(120, email="many{i}@example.com")
        self.other.domain = "[]"
        action = self.move_action()
        self.run_action(action, many[:10])
        counts = []
        for records in (many[10:20], many[20:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.run_action(action, records)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)
        self.assertEqual(len(self.other.participant_ids), 120)


@tagged("post_install", "-at_install")
class TestRules(CampaignActionCase):
    """Automation rules of administrators: whoever causes the event needs no rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What rules put into the classes of the registry goes with them.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.rule = cls.env["base.automation"].create(
            {
                "name": "Bosses",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "trigger": "on_create_or_write",
                "filter_domain": "[('function', '=', 'Boss')]",
            }
        )

    def rule_action(self, state="marketing_enrol", **vals):
        return self.move_action(
            state, base_automation_id=self.rule.id, usage="base_automation", **vals
        )

    def test_in_and_out(self):
        action = self.rule_action()
        self.contacts[:2].with_user(self.salesperson).function = "Boss"
        self.assertEqual(self.members(), self.contacts[:2])
        action.state = "marketing_exit"
        self.contacts[:1].with_user(self.salesperson).write({"function": "Boss", "color": 1})
        self.assertEqual(
            self.other.participant_ids.sorted("res_id").mapped("state"), ["exited", "running"]
        )
        self.assertFalse(self.env["marketing.late.event"].search([]))

    def test_beside_another_action(self):
        self.rule_action()
        self.env["ir.actions.server"].create(
            {
                "name": "Color",
                "model_id": self.rule.model_id.id,
                "state": "code",
                "code": "records.write({'color': 7})",
                "base_automation_id": self.rule.id,
                "usage": "base_automation",
            }
        )
        campaigns = type(self.other)
        with patch.object(
            campaigns, "_admit", autospec=True, side_effect=campaigns._admit
        ) as admit:
            self.contacts.with_user(self.salesperson).function = "Boss"
        self.assertEqual(admit.call_count, 1)
        self.assertEqual(self.members(), self.contacts)
        self.assertEqual(self.contacts.mapped("color"), [7] * 4)

    def test_nothing_happens_where_it_cannot(self):
        action = self.rule_action()
        leads = self.create_campaign(
            model_id=self.env["ir.model"]._get_id("crm.lead"),
            user_id=self.env.ref("base.user_admin").id,
        )
        self.env["crm.lead"].create([{"name": "Lead"} for _i in range(3)])
        action.marketing_campaign_id = leads
        self.create_activity(
            leads,
            "action",
            server_action_id=self.create_server_action(model_id=leads.model_id.id).id,
        )
        leads.action_start_campaign()
        with patch.object(type(leads), "_admit", autospec=True) as admit:
            self.contacts.function = "Boss"
            self.assertFalse(admit.called, "Ids of contacts are none of leads")
            action.marketing_campaign_id = self.other
            self.contacts.write({"color": 1})
            self.assertTrue(admit.called)
            admit.reset_mock()
            self.other.action_stop_campaign()
            self.contacts.write({"color": 2})
            self.assertFalse(admit.called)
        self.assertFalse(self.env["marketing.late.event"].search([]))


@tagged("post_install", "-at_install")
class TestSteps(CampaignActionCase):
    """Steps of a campaign act for its responsible."""

    def test_choice_without_code(self):
        step = self.choose("campaign_add", action_campaign_id=self.other)
        self.assertEqual(step.name, "Add to campaign Other")
        self.start()
        self.assertEqual(self.states(step), ["processed"] * 4)
        self.assertEqual(self.members(), self.contacts)
        removed = self.choose("campaign_remove", action_campaign_id=self.other)
        self.assertEqual(removed.content, "Remove from campaign Other")
        self.assertEqual(removed.action_kind, "campaign_remove")
        self.campaign.action_update_participants()
        self.run_jobs()
        self.assertEqual(set(self.other.participant_ids.mapped("state")), {"exited"})

    def test_own_campaign(self):
        """A step that ends the runs of its own records ends the one that it is a step of."""
        self.create_activity(
            self.campaign, "action", delay="1 days", server_action_id=self.create_server_action().id
        )
        action = self.move_action("marketing_exit", self.campaign)
        step = self.add_step(action)
        self.start()
        self.assertEqual(self.states(step), ["processed"] * 4)
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"exited"})
        self.assertEqual(
            set(self.campaign.participant_ids.trace_ids.mapped("state")), {"processed", "canceled"}
        )

    def test_campaign_of_somebody_who_may_do_more(self):
        self.other.user_id = self.env.ref("base.user_admin")
        with (
            self.assertRaisesRegex(ValidationError, "Marketer may not change campaign “Other”"),
            self.env.cr.savepoint(),
        ):
            self.env["marketing.activity"].with_user(self.responsible).create(
                {
                    "name": "Add",
                    "campaign_id": self.campaign.id,
                    "activity_type": "action",
                    "action_kind": "campaign_add",
                    "action_campaign_id": self.other.id,
                }
            )
        action = self.move_action()
        step = self.add_step(action)
        self.assertIn("may not run", " ".join(step._get_problems()))
        self.campaign.user_id = self.env.ref("base.user_admin")
        self.assertFalse(step._get_problems())
        self.start()
        self.assertEqual(self.members(), self.contacts)

    @mute_logger(RUN_LOGGER)
    def test_rights_that_are_lost_after_the_start(self):
        step = self.choose("campaign_add", action_campaign_id=self.other)
        self.campaign.action_start_campaign()
        self.other.user_id = self.env.ref("base.user_admin")
        self.run_jobs()
        self.assertFalse(self.other.participant_ids)
        self.assertEqual(self.states(step), ["scheduled"] * 4)
        self.assertIn("may not change", self.campaign.activity_ids.note)

    def test_a_named_group_is_no_word_for_steps(self):
        """It lets people run the action, not their campaigns those of others."""
        self.other.user_id = self.env.ref("base.user_admin")
        action = self.move_action(group_ids=[Command.link(self.env.ref("base.group_user").id)])
        step = self.add_step(action)
        self.assertIn("may not run", " ".join(step._get_problems()))

    @mute_logger(RUN_LOGGER)
    def test_campaign_that_does_not_run(self):
        step = self.choose("campaign_add", action_campaign_id=self.other)
        self.other.action_stop_campaign()
        self.start()
        trace = self.trace_of(step, self.contacts[0])
        self.assertEqual(trace.state, "error")
        self.assertIn("Other", trace.state_msg)


@tagged("post_install", "-at_install")
class TestPeople(CampaignActionCase):
    """Who may change the campaign, or is of a group that an administrator names."""

    @mute_logger(SERVER_ACTION_LOGGER)
    def test_no_marketing_user(self):
        action = self.move_action()
        for state in ("marketing_enrol", "marketing_exit"):
            action.state = state
            with self.assertRaises(AccessError):
                self.run_action(action, user=self.salesperson)
        self.assertFalse(self.other.participant_ids)

    def test_marketing_user(self):
        self.run_action(self.move_action(), user=self.responsible)
        self.assertEqual(self.members(), self.contacts)

    def test_group_that_an_administrator_names(self):
        action = self.move_action(
            group_ids=[Command.link(self.env.ref("base.group_partner_manager").id)]
        )
        self.run_action(action, user=self.salesperson)
        self.assertEqual(self.members(), self.contacts)

    def test_records_that_one_may_not_see(self):
        self.env["ir.rule"].create(
            {
                "name": "Not the first",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", self.contacts[0].id)]),
                "groups": [Command.link(self.env.ref("base.group_partner_manager").id)],
            }
        )
        action = self.move_action(
            group_ids=[Command.link(self.env.ref("base.group_partner_manager").id)]
        )
        self.other.user_id = self.env.ref("base.user_admin")
        for state in ("marketing_enrol", "marketing_exit"):
            action.state = state
            self.run_action(action, user=self.salesperson)
        self.assertEqual(self.members(), self.contacts[1:])
        self.assertEqual(set(self.other.participant_ids.mapped("state")), {"exited"})

    def test_actions_of_marketing_users_are_no_word_of_an_administrator(self):
        """They have the group of all marketing users."""
        self.other.user_id = self.env.ref("base.user_admin")
        step = self.choose(
            "campaign_add", user=self.env.ref("base.user_admin"), action_campaign_id=self.other
        )
        with self.assertRaises(AccessError):
            self.run_action(step.server_action_id, user=self.responsible)

    @mute_logger(SERVER_ACTION_LOGGER)
    def test_contexts_of_clients_say_nothing(self):
        action = self.move_action()
        for context in ({"marketing_rule_run": {"moves": {}}}, {"marketing_action_run": []}):
            with self.assertRaises(AccessError):
                self.run_action(action.with_context(**context), user=self.salesperson)
