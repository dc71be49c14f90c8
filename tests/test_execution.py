"""What happens when an activity is executed."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules import module
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.engine import run as marketing_activity_run
from .common import MarketingAutomationCase

RUN_LOGGER = "odoo.addons.marketing_automation.models.engine.run"
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
        with self.assertRaisesRegex(UserError, "is Done: only what waits"):
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
