"""What happens when an activity is executed."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.modules import module
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import marketing_activity_run
from .common import MarketingAutomationCase

RUN_LOGGER = "odoo.addons.marketing_automation.models.marketing_activity_run"
START = "2025-03-01 09:00:00"


class ExecutionCase(MarketingAutomationCase):
    """A campaign with four contacts and an activity that is due at the start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)
        cls.campaign = cls.create_campaign(cls.contacts)

    def add_action(self, code=None, **vals):
        """An activity with a server action, to be run at once."""
        activity_vals = {
            name: vals.pop(name)
            for name in ("parent_id", "activity_domain", "trigger", "delay")
            if name in vals
        }
        if code:
            vals["code"] = code
        action = self.create_server_action(**vals)
        return self.create_activity(
            self.campaign,
            "action",
            **{"delay": "0 hours", **activity_vals, "server_action_id": action.id},
        )

    def start(self, moment=START):
        with self.at(moment):
            self.campaign.action_start_campaign()
            self.run_jobs()

    def states(self, activity):
        """States of the activity's traces, in the order of the contacts."""
        return [self.trace_of(activity, contact).state for contact in self.contacts]


@tagged("post_install", "-at_install")
class TestFilters(ExecutionCase):
    """Records that no longer fit are passed over, and it is said why."""

    def test_campaign_filter_is_checked_again(self):
        self.campaign.domain = str([("id", "in", self.contacts.ids), ("function", "=", False)])
        activity = self.add_action(delay="1 hours")
        child = self.add_action(parent_id=activity.id)
        self.start()
        self.contacts[1].function = "Left"
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["processed", "rejected", "processed", "processed"])
        rejected = self.trace_of(activity, self.contacts[1])
        self.assertEqual(rejected.state_reason, "filter")
        self.assertIn("does not match", rejected.state_msg)
        self.assertEqual(rejected.execution_date.isoformat(" "), "2025-03-01 10:00:00")
        self.assertFalse(self.trace_of(child, self.contacts[1]))
        self.assertEqual(self.participant_of(self.campaign, self.contacts[1]).state, "completed")

    def test_activity_filter(self):
        self.contacts[0].color = 5
        activity = self.add_action(activity_domain="[('color', '=', 5)]")
        self.start()
        self.assertEqual(self.states(activity), ["processed", "rejected", "rejected", "rejected"])

    def test_filter_of_an_ancestor_applies_below(self):
        self.contacts[:2].color = 5
        first = self.add_action(activity_domain="[('color', '=', 5)]")
        second = self.add_action(
            "record.write({'function': 'Touched'})", parent_id=first.id, delay="1 hours"
        )
        third = self.add_action(parent_id=second.id, activity_domain="[('name', '!=', 'No')]")
        self.start()
        self.contacts[1].color = 6
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.trace_of(second, self.contacts[0]).state, "processed")
        self.assertEqual(self.trace_of(second, self.contacts[1]).state, "rejected")
        self.assertFalse(self.trace_of(second, self.contacts[2]))
        for part in (str(self.contacts.ids[0]), "color", "name"):
            self.assertIn(part, third.domain)

    def test_archived_record(self):
        activity = self.add_action(delay="1 hours")
        self.start()
        self.contacts[0].active = False
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.trace_of(activity, self.contacts[0]).state, "rejected")

    def test_archived_record_of_a_campaign_for_archived_ones(self):
        self.campaign.include_archived = True
        activity = self.add_action(delay="1 hours")
        self.start()
        self.contacts[0].active = False
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.trace_of(activity, self.contacts[0]).state, "processed")

    def test_record_that_the_responsible_no_longer_sees(self):
        activity = self.add_action(delay="1 hours")
        self.env.ref("base.res_partner_rule").active = True
        self.start()
        self.contacts[0].company_id = self.env["res.company"].create({"name": "Theirs"})
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["rejected", "processed", "processed", "processed"])


@tagged("post_install", "-at_install")
class TestErrors(ExecutionCase):
    """One bad record hurts itself only."""

    @mute_logger(RUN_LOGGER)
    def test_bad_record_of_a_batch(self):
        self.contacts[2].color = 7
        activity = self.add_action(
            "if record.color == 7: raise UserError('No luck with 7')\n"
            "record.write({'color': record.color + 1})"
        )
        child = self.add_action(parent_id=activity.id, delay="1 days")
        self.start()
        self.assertEqual(self.states(activity), ["processed", "processed", "error", "processed"])
        self.assertEqual(self.contacts.mapped("color"), [1, 1, 7, 1])
        failed = self.trace_of(activity, self.contacts[2])
        self.assertEqual(failed.state_reason, "failed")
        self.assertIn("No luck with 7", failed.state_msg)
        self.assertFalse(self.trace_of(child, self.contacts[2]))
        self.assertTrue(self.trace_of(child, self.contacts[3]))
        self.assertEqual(self.participant_of(self.campaign, self.contacts[2]).state, "completed")

    @mute_logger(RUN_LOGGER)
    def test_error_of_the_database(self):
        activity = self.add_action(
            f"env.cr.execute('SELECT 1 / (%s - {self.contacts[1].id})', [record.id])"
        )
        self.start()
        self.assertEqual(self.states(activity), ["processed", "error", "processed", "processed"])

    @mute_logger(RUN_LOGGER)
    def test_error_without_words(self):
        activity = self.add_action("raise UserError('')")
        self.start()
        self.assertIn("UserError", self.trace_of(activity, self.contacts[0]).state_msg)

    @mute_logger(RUN_LOGGER)
    def test_bad_email_of_a_batch(self):
        self.responsible.group_ids += self.env.ref("mail.group_mail_template_editor")
        self.contacts.color = 1
        self.contacts[1].color = 0
        mailing = self.create_mailing(self.campaign, subject="{{ 1 / object.color }}")
        activity = self.create_activity(self.campaign, delay="0 hours", mass_mailing_id=mailing.id)
        self.start()
        self.assertEqual(self.states(activity), ["processed", "error", "processed", "processed"])
        mails = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        self.assertEqual(sorted(mails.mapped("res_id")), (self.contacts - self.contacts[1]).ids)
        self.assertEqual(len(mailing.mailing_trace_ids), 3)

    @mute_logger(RUN_LOGGER)
    def test_retry(self):
        self.contacts[0].color = 7
        activity = self.add_action("if record.color == 7: raise UserError('No luck')")
        child = self.add_action(parent_id=activity.id, delay="1 days")
        self.start()
        failed = self.trace_of(activity, self.contacts[0])
        with self.at("2025-03-02 09:00:00"):
            self.assertTrue(failed.action_execute())
        self.assertEqual(failed.state, "error")
        self.contacts[0].color = 8
        with self.at("2025-03-03 09:00:00"):
            failed.action_execute()
        self.assertEqual(failed.state, "processed")
        self.assertFalse(failed.state_msg)
        self.assertEqual(
            self.trace_of(child, self.contacts[0]).schedule_date.isoformat(" "),
            "2025-03-04 09:00:00",
        )
        self.assertEqual(self.participant_of(self.campaign, self.contacts[0]).state, "running")

    def test_what_was_done_is_not_done_again(self):
        activity = self.add_action("record.write({'color': record.color + 1})")
        self.start()
        with self.assertRaisesRegex(UserError, "Processed"):
            self.trace_of(activity, self.contacts[0]).action_execute()
        self.assertEqual(self.contacts[0].color, 1)

    def test_run_by_hand_before_the_date(self):
        activity = self.add_action("record.write({'color': record.color + 1})", delay="5 days")
        self.start()
        self.trace_of(activity, self.contacts[0]).action_execute()
        self.assertEqual(self.states(activity), ["processed"] + ["scheduled"] * 3)
        with self.at("2025-03-07 09:00:00"):
            self.run_jobs()
        self.assertEqual(self.contacts.mapped("color"), [1, 1, 1, 1])

    def test_many_batches(self):
        activity = self.add_action("record.write({'color': record.color + 1})")
        with patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 3):
            self.start()
        self.assertEqual(self.states(activity), ["processed"] * 4)
        self.assertEqual(self.contacts.mapped("color"), [1] * 4)


@tagged("post_install", "-at_install")
class TestTransactions(ExecutionCase):
    """A batch commits as a whole, or not at all."""

    @mute_logger(RUN_LOGGER)
    def test_code_that_commits_harms_only_itself(self):
        self.contacts[1].color = 7
        self.contacts[2].color = 8
        activity = self.add_action(
            "record.write({'function': 'Touched'})\n"
            "if record.color == 7: env.cr.commit()\n"
            "if record.color == 8: env.cr.rollback()"
        )
        self.start()
        self.assertEqual(self.states(activity), ["processed", "error", "error", "processed"])
        self.assertEqual(self.contacts.mapped("function"), ["Touched", False, False, "Touched"])
        self.assertIn("cannot commit", self.trace_of(activity, self.contacts[1]).state_msg)

    def test_nothing_commits_within_a_batch(self):
        """The transaction of a test refuses commits, which core does outside of tests only."""
        email = self.create_activity(self.campaign, delay="0 hours")
        sms = self.create_activity(self.campaign, "sms", delay="0 hours")
        action = self.add_action()
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        with patch.object(module, "current_test", False):
            self.campaign.execute_activities()
        for activity in (email, sms, action):
            self.assertEqual(self.states(activity), ["processed"] * 4)

    @mute_logger(RUN_LOGGER)
    def test_batch_that_breaks_at_its_end_leaves_nothing(self):
        activity = self.create_activity(self.campaign, delay="0 hours")
        Trace = type(self.env["marketing.trace"])
        with patch.object(Trace, "_settle_outcomes", side_effect=ValueError("Power cut")):
            self.start()
        self.assertEqual(self.states(activity), ["scheduled"] * 4)
        self.assertFalse(activity.mass_mailing_id.mailing_trace_ids)
        with self.at(START):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["processed"] * 4)
        mails = self.env["mail.mail"].search([("mailing_id", "=", activity.mass_mailing_id.id)])
        self.assertEqual(sorted(mails.mapped("res_id")), self.contacts.ids)


@tagged("post_install", "-at_install")
class TestServerActions(ExecutionCase):
    """All types of server actions work on each record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_model = cls.env["ir.model"]._get("res.partner")

    def test_code_gets_one_record(self):
        activity = self.add_action(
            "record.write({'function': str((record.id, records.ids, model._name))})"
        )
        self.start()
        self.assertEqual(self.states(activity), ["processed"] * 4)
        for contact in self.contacts:
            self.assertEqual(contact.function, str((contact.id, [contact.id], "res.partner")))

    def test_code_of_a_multi_action_gets_one_record(self):
        child = self.create_server_action(
            "record.write({'function': str(records.ids)})", usage="ir_actions_server"
        )
        self.add_action(state="multi", child_ids=[Command.link(child.id)])
        self.start()
        self.assertEqual(
            self.contacts.mapped("function"), [str(contact.ids) for contact in self.contacts]
        )

    def test_update_record(self):
        self.add_action(state="object_write", update_path="function", value="Updated")
        self.start()
        self.assertEqual(set(self.contacts.mapped("function")), {"Updated"})

    def test_create_record(self):
        self.add_action(
            state="object_create", crud_model_id=self.partner_model.id, value="Made by campaign"
        )
        self.start()
        count = self.env["res.partner"].search_count([("name", "=", "Made by campaign")])
        self.assertEqual(count, 4)

    def test_next_activity(self):
        self.add_action(
            state="next_activity",
            activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
            activity_summary="Call",
            activity_user_type="specific",
            activity_user_id=self.responsible.id,
        )
        self.start()
        self.assertEqual(self.contacts.activity_ids.mapped("summary"), ["Call"] * 4)
        self.assertEqual(self.contacts.activity_ids.user_id, self.responsible)

    def test_followers(self):
        friend = self.create_contacts(1, name="Friend", email="friend@example.com")
        self.add_action(state="followers", partner_ids=[Command.set(friend.ids)])
        self.start()
        for contact in self.contacts:
            self.assertIn(friend, contact.message_partner_ids)
        self.campaign.action_stop_campaign()
        self.add_action(state="remove_followers", partner_ids=[Command.set(friend.ids)])
        self.campaign.action_update_participants()
        self.start()
        self.assertNotIn(friend, self.contacts.message_partner_ids)

    def test_mail_post(self):
        template = self.env["mail.template"].create(
            {
                "name": "Template",
                "model_id": self.partner_model.id,
                "subject": "Hi {{ object.name }}",
                "body_html": "<p>Hi</p>",
                "email_to": "{{ object.email }}",
            }
        )
        self.add_action(state="mail_post", mail_post_method="email", template_id=template.id)
        self.start()
        mails = self.env["mail.mail"].search([("subject", "=like", "Hi Contact%")])
        self.assertEqual(len(mails), 4)
        self.assertEqual(set(mails.mapped("state")), {"outgoing"})

    def test_note(self):
        template = self.env["mail.template"].create(
            {
                "name": "Template",
                "model_id": self.partner_model.id,
                "subject": "Hi",
                "body_html": "<p>Hi <t t-out='object.name'/></p>",
            }
        )
        self.add_action(state="mail_post", mail_post_method="note", template_id=template.id)
        self.start()
        for contact in self.contacts:
            self.assertIn(f"Hi {contact.name}", contact.message_ids[0].body)
            self.assertEqual(contact.message_ids[0].author_id, self.responsible.partner_id)

    def test_sms(self):
        template = self.env["sms.template"].create(
            {"name": "Template", "model_id": self.partner_model.id, "body": "Hi {{ object.name }}"}
        )
        self.add_action(state="sms", sms_method="sms", sms_template_id=template.id)
        self.start()
        messages = self.env["sms.sms"].search([("partner_id", "in", self.contacts.ids)])
        self.assertEqual(
            sorted(messages.mapped("body")), [f"Hi {contact.name}" for contact in self.contacts]
        )

    def _queued_posts(self):
        """Functions that the transaction runs after its commit, on behalf of webhooks."""
        return [
            function
            for function in self.env.cr.postcommit._funcs
            if "webhook" in function.__qualname__
        ]

    def test_webhook_waits_for_the_commit(self):
        self.add_action(state="webhook", webhook_url="http://127.0.0.1:9/hook")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        with patch("requests.post") as post:
            self.campaign.execute_activities()
            post.assert_not_called()
            self.assertEqual(len(self._queued_posts()), 4)
        self.env.cr.postcommit.clear()

    @mute_logger(RUN_LOGGER)
    def test_webhook_is_not_repeated_when_another_record_fails(self):
        """Nor is it posted for the one whose action failed after all."""
        hook = self.create_server_action(
            state="webhook", code=False, webhook_url="http://127.0.0.1:9/hook", sequence=1
        )
        check = self.create_server_action(
            "if record.color == 7: raise UserError('No luck')", sequence=2
        )
        self.contacts[2].color = 7
        activity = self.add_action(state="multi", child_ids=[Command.set((hook + check).ids)])
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()
        self.assertEqual(self.states(activity), ["processed", "processed", "error", "processed"])
        self.assertEqual(len(self._queued_posts()), 3)
        self.env.cr.postcommit.clear()


@tagged("post_install", "-at_install")
class TestResponsible(ExecutionCase):
    """The campaign works as its responsible, and is allowed no more."""

    def test_environment(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        company = self.env["res.company"].create({"name": "Ours"})
        self.responsible.write(
            {
                "lang": "fr_FR",
                "tz": "Asia/Tokyo",
                "company_ids": [Command.set(company.ids)],
                "company_id": company.id,
            }
        )
        activity = self.add_action(
            "record.write({'function': ' '.join([env.user.login, env.lang, str(user.tz),"
            " env.context.get('tz'), env.company.name, str(env.su)])})"
        )
        self.start()
        self.assertEqual(self.states(activity), ["processed"] * 4)
        self.assertEqual(
            set(self.contacts.mapped("function")),
            {"marketer fr_FR Asia/Tokyo Asia/Tokyo Ours False"},
        )

    @mute_logger(RUN_LOGGER, "odoo.addons.base.models.ir_actions")
    def test_code_gets_no_other_rights(self):
        activity = self.add_action("env['crm.lead'].create({'name': 'Forbidden'})")
        self.start()
        self.assertEqual(self.states(activity), ["error"] * 4)
        self.assertFalse(self.env["crm.lead"].search([("name", "=", "Forbidden")]))

    @mute_logger(
        RUN_LOGGER, "odoo.addons.base.models.ir_actions", "odoo.addons.base.models.ir_rule"
    )
    def test_record_that_the_responsible_may_not_change(self):
        self.env["ir.rule"].create(
            {
                "name": "Hands off",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('color', '!=', 7)]",
                "perm_read": False,
            }
        )
        self.contacts[0].color = 7
        activity = self.add_action(state="object_write", update_path="function", value="Updated")
        self.start()
        self.assertEqual(self.states(activity), ["error", "processed", "processed", "processed"])
        self.assertFalse(self.contacts[0].function)

    def test_placeholders_that_are_code(self):
        editor = self.env.ref("mail.group_mail_template_editor")
        for mailing_type, vals in (
            ("mail", {"subject": "{{ object.color }}"}),
            ("mail", {"preview": "{{ object.color }}"}),
            ("mail", {"body_html": "<p><t t-out='object.color'/></p>"}),
            ("sms", {"body_plaintext": "{{ object.color }}"}),
        ):
            campaign = self.create_campaign(self.contacts)
            mailing = self.create_mailing(campaign, mailing_type, **vals)
            self.create_activity(
                campaign,
                "sms" if mailing_type == "sms" else "email",
                mass_mailing_id=mailing.id,
            )
            self.responsible.group_ids -= editor
            with self.subTest(vals), self.assertRaisesRegex(UserError, "Template Editor"):
                campaign.action_start_campaign()
            self.responsible.group_ids += editor
            campaign.action_start_campaign()

    def test_action_of_a_group(self):
        group = self.env["res.groups"].create({"name": "Chosen"})
        self.add_action(group_ids=[Command.set(group.ids)])
        with self.assertRaisesRegex(UserError, "may not run"):
            self.campaign.action_start_campaign()
        self.responsible.group_ids += group
        self.start()
        self.assertEqual(set(self.contacts.mapped("function")), {"Touched"})

    def test_group_that_is_lost_while_the_campaign_runs(self):
        group = self.env["res.groups"].create({"name": "Chosen"})
        self.responsible.group_ids += group
        activity = self.add_action(group_ids=[Command.set(group.ids)], delay="1 hours")
        self.start()
        self.responsible.group_ids -= group
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["scheduled"] * 4)
        self.assertIn("may not run", self.campaign.activity_ids.note)
        self.responsible.group_ids += group
        with self.at("2025-03-01 11:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["processed"] * 4)

    def test_responsible_who_left(self):
        activity = self.add_action(delay="1 hours")
        self.start()
        self.responsible.active = False
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["scheduled"] * 4)
        self.assertEqual(self.campaign.state, "stopped")
        self.campaign.user_id = self.env.ref("base.user_admin")
        self.campaign.action_start_campaign()
        with self.at("2025-03-01 11:00:00"):
            self.run_jobs()
        self.assertEqual(self.states(activity), ["processed"] * 4)


@tagged("post_install", "-at_install")
class TestTestRuns(ExecutionCase):
    """Tests with a record do what the campaign does, by hand."""

    def launch(self, contact=None):
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": (contact or self.contacts[0]).id}
        )
        return self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])

    def test_campaign_that_was_never_started(self):
        first = self.add_action("record.write({'color': 3})", delay="5 days")
        second = self.add_action("record.write({'color': 4})", delay="5 days", parent_id=first.id)
        test = self.launch()
        self.assertTrue(test.is_test)
        self.assertEqual(test.trace_ids.activity_id, first)
        test.trace_ids.action_execute()
        self.assertEqual(self.contacts[0].color, 3)
        (
            test.trace_ids - test.trace_ids.filtered(lambda trace: trace.state == "processed")
        ).action_execute()
        self.assertEqual(self.contacts[0].color, 4)
        self.assertEqual(test.trace_ids.activity_id, first + second)
        self.assertEqual(test.state, "completed")

    def test_job_leaves_tests_alone(self):
        self.add_action("record.write({'color': record.color + 1})")
        test = self.launch()
        self.start()
        with self.at("2025-04-01 09:00:00"):
            self.run_jobs()
        self.assertEqual(test.trace_ids.state, "scheduled")
        self.assertEqual(self.contacts.mapped("color"), [1] * 4)

    def test_tests_can_be_repeated_and_touch_no_live_run(self):
        activity = self.add_action("record.write({'color': record.color + 1})")
        for expected in (1, 2):
            self.launch().trace_ids.action_execute()
            self.assertEqual(self.contacts[0].color, expected)
        self.start()
        self.assertEqual(self.contacts.mapped("color"), [3, 1, 1, 1])
        self.assertEqual(self.states(activity), ["processed"] * 4)
        self.launch().trace_ids.action_execute()
        self.assertEqual(self.contacts[0].color, 4)

    def test_filters_apply(self):
        self.add_action(activity_domain="[('color', '=', 5)]")
        test = self.launch()
        test.trace_ids.action_execute()
        self.assertEqual(test.trace_ids.state, "rejected")

    def test_events_can_be_simulated(self):
        mail = self.create_activity(self.campaign)
        opened = self.create_activity(
            self.campaign, "action", "mail_open", "1 hours", parent_id=mail.id
        )
        test = self.launch()
        test.trace_ids.action_execute()
        trace = test.trace_ids.filtered(lambda trace: trace.activity_id == mail)
        self.assertTrue(trace.mailing_trace_ids.is_test_trace)
        self.assertTrue(trace.process_event("mail_open"))
        child = test.trace_ids - trace
        self.assertEqual(child.activity_id, opened)
        self.assertTrue(child.schedule_date)
        child.action_execute()
        self.assertEqual(test.state, "completed")

    def test_stop_ends_a_test(self):
        self.add_action()
        test = self.launch()
        test.action_set_completed()
        self.assertEqual((test.state, test.trace_ids.state), ("completed", "canceled"))

    def test_record_of_another_model_or_none(self):
        wizard = self.env["marketing.campaign.test"].create({"campaign_id": self.campaign.id})
        wizard.res_id = False
        with self.assertRaisesRegex(UserError, "Pick a record"):
            wizard.action_launch_test()
        wizard.resource_ref = f"res.users,{self.responsible.id}"
        with self.assertRaisesRegex(UserError, "Pick a record"):
            wizard.action_launch_test()

    def test_tests_count_as_tests_only(self):
        activity = self.add_action()
        self.launch().trace_ids.action_execute()
        self.launch()
        self.assertEqual(self.campaign.test_participant_count, 2)
        self.assertEqual(self.campaign.total_participant_count, 0)
        self.assertEqual(self.campaign.running_participant_count, 0)
        self.assertEqual(self.campaign.completed_participant_count, 0)
        self.assertEqual(activity.processed, 0)
