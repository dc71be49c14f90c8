"""An activity that fails again and again is paused; nothing of it is lost."""

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models.engine.runaway import RUNAWAY_LIMIT
from .common import MarketingAutomationMixin

BROKEN = "raise UserError('No price list for %s' % record.id)"
LOGGER = "odoo.addons.marketing_automation.models.engine.run"


@tagged("post_install", "-at_install")
class TestRunaway(MarketingAutomationMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3 * RUNAWAY_LIMIT)
        cls.action = cls.create_server_action(
            BROKEN, group_ids=[(6, 0, [cls.env.ref("base.group_user").id])]
        )
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.activity = cls.create_activity(
            cls.campaign, "action", delay="0 hours", server_action_id=cls.action.id
        )
        cls.child = cls.create_activity(
            cls.campaign, "action", delay="0 hours", parent_id=cls.activity.id
        )
        cls.campaign.action_start_campaign()

    def states(self, activity):
        """Number of traces of an activity, by state."""
        return dict(
            self.env["marketing.trace"]._read_group(
                [("activity_id", "=", activity.id)], ["state"], ["__count"]
            )
        )

    @mute_logger(LOGGER)
    def fail(self):
        self.run_jobs()
        return self.states(self.activity)

    def mend(self):
        self.action.code = "record.write({'function': 'Touched'})"

    def test_many_failures_pause(self):
        states = self.fail()
        self.assertTrue(self.activity.is_paused)
        self.assertEqual(sum(states.values()), len(self.contacts), "Nobody is lost")
        self.assertGreaterEqual(states["error"], RUNAWAY_LIMIT)
        self.assertLess(states["error"], 2 * RUNAWAY_LIMIT, "It stops early")
        self.assertEqual(self.fail(), states, "What is paused is not executed")

    def test_responsible_is_told_once(self):
        self.fail()
        self.run_cron("ir_cron_campaign_execute_activities")
        notice = self.campaign.activity_ids
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.user_id, self.responsible)
        self.assertIn("No price list for", notice.note)

    def test_retry_after_mending(self):
        self.fail()
        self.mend()
        self.activity.with_user(self.responsible).action_retry_failed()
        self.assertFalse(self.activity.is_paused)
        self.assertEqual(self.states(self.activity), {"scheduled": len(self.contacts)})
        self.assertEqual(self.campaign.running_participant_count, len(self.contacts))
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(self.states(self.activity), {"processed": len(self.contacts)})
        self.assertEqual(self.states(self.child), {"processed": len(self.contacts)})
        self.assertEqual(set(self.contacts.mapped("function")), {"Touched"})
        self.assertEqual(self.campaign.completed_participant_count, len(self.contacts))

    def test_change_of_the_activity_resumes(self):
        failed = self.fail()["error"]
        self.activity.server_action_id = self.create_server_action()
        self.assertFalse(self.activity.is_paused)
        self.run_cron("ir_cron_campaign_execute_activities")
        states = self.states(self.activity)
        self.assertEqual(states, {"error": failed, "processed": len(self.contacts) - failed})

    def test_still_broken_after_retry_pauses_again(self):
        self.fail()
        self.activity.action_retry_failed()
        self.fail()
        self.assertTrue(self.activity.is_paused)

    def test_other_activities_go_on(self):
        other = self.create_activity(self.campaign, "action", delay="0 hours")
        self.campaign.action_update_participants()
        self.fail()
        self.assertTrue(self.activity.is_paused)
        self.assertFalse(other.is_paused)
        self.assertEqual(self.states(other), {"processed": len(self.contacts)})

    def test_failures_of_some_do_not_pause(self):
        self.contacts[::2].function = "Broken"
        self.action.code = "if record.function == 'Broken': raise UserError('Broken')"
        self.fail()
        self.assertFalse(self.activity.is_paused)
        self.assertEqual(self.states(self.activity), {"error": 30, "processed": 30})

    def test_failures_of_different_causes_do_not_pause(self):
        """Kinds and places of errors, not what they say."""
        self.contacts[::2].function = "Odd"
        for code in (
            "if record.function == 'Odd':\n    raise UserError('No')\nraise UserError('No')",
            "x = 1 / 0 if record.function == 'Odd' else record['gone']",
            "raise UserError('No') if record.function == 'Odd' else Exception('No')",
        ):
            with self.subTest(code=code):
                self.action.code = code
                self.activity.action_retry_failed()
                self.fail()
                self.assertFalse(self.activity.is_paused)
                self.assertEqual(self.states(self.activity), {"error": len(self.contacts)})

    def test_what_an_error_says_of_its_record_does_not_matter(self):
        """Names, addresses in memory, values of all kinds; in whatever language."""
        for contact in self.contacts:
            contact.name = "x" * contact.id
        for code in (
            "raise UserError(record.name)",
            "raise Exception('Broken: %s' % (lambda: 0))",
            "{}[record.name]",
            "record.with_context(x=record.name).gone",
            "record['name'] = record.name + 1",
            "env.cr.execute('SELECT %s::integer', [record.name])",
            "record.write({'parent_id': 10 ** 9 + record.id})\nenv.flush_all()",
        ):
            with self.subTest(code=code):
                self.action.code = code
                self.activity.action_retry_failed()
                with mute_logger("odoo.sql_db"):
                    states = self.fail()
                self.assertTrue(self.activity.is_paused)
                self.assertLess(states["error"], 2 * RUNAWAY_LIMIT)

    def test_what_an_error_says_in_past_traces_does_not_matter(self):
        """Also where the records come one by one."""
        for contact in self.contacts:
            contact.name = "x" * contact.id
        self.action.code = "raise UserError(record.name)"
        self.campaign.sync_participants()
        with mute_logger(LOGGER):
            for trace in self.activity.trace_ids.sorted("id")[:RUNAWAY_LIMIT]:
                trace.action_execute()
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertTrue(self.activity.is_paused)

    def assertResumed(self):
        self.assertFalse(self.activity.is_paused)
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertFalse(self.activity.is_paused)
        self.assertNotIn("scheduled", self.states(self.activity))

    def test_mending_the_server_action_resumes(self):
        self.fail()
        self.mend()
        self.assertResumed()

    def test_mending_a_part_of_the_server_action_resumes(self):
        inner = self.create_server_action(BROKEN, group_ids=self.action.group_ids.ids)
        parts = self.create_server_action(
            False, state="multi", child_ids=[(6, 0, inner.ids)], group_ids=self.action.group_ids.ids
        )
        self.activity.server_action_id = parts
        self.fail()
        self.assertTrue(self.activity.is_paused)
        inner.code = "record.write({'function': 'Touched'})"
        self.assertResumed()

    def test_mending_the_mailing_resumes(self):
        mailing = self.create_mailing(
            self.campaign, body_html="<p><t t-out='object.name.gone'/></p>"
        )
        self.responsible.group_ids += self.env.ref("mail.group_mail_template_editor")
        self.activity.write(
            {"activity_type": "email", "mass_mailing_id": mailing.id, "server_action_id": False}
        )
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.fail()
        self.assertTrue(self.activity.is_paused)
        mailing.favorite = True
        self.assertTrue(self.activity.is_paused, "That mends nothing")
        mailing.body_html = "<p>Hello</p>"
        self.assertResumed()

    def test_mending_a_template_of_the_server_action_resumes(self):
        template = self.env["mail.template"].create(
            {
                "name": "Note",
                "model_id": self.campaign.model_id.id,
                "body_html": "<p>Hello</p>",
            }
        )
        # Odoo tries what people write, with another record.
        self.env.cr.execute(
            "UPDATE mail_template SET body_html = %s WHERE id = %s",
            ['{"en_US": "<p><t t-out=\'object.name.gone\'/></p>"}', template.id],
        )
        template.invalidate_recordset()
        self.activity.server_action_id = self.env["ir.actions.server"].create(
            {
                "name": "Note",
                "model_id": self.campaign.model_id.id,
                "state": "mail_post",
                "mail_post_method": "note",
                "template_id": template.id,
                "group_ids": self.action.group_ids.ids,
            }
        )
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.fail()
        self.assertTrue(self.activity.is_paused)
        template.body_html = "<p>Hello</p>"
        self.assertResumed()

    def test_failures_one_at_a_time_pause(self):
        """Also where the records come one by one, each in a batch of its own."""
        self.campaign.sync_participants()
        traces = self.activity.trace_ids.sorted("id")
        with mute_logger(LOGGER):
            for trace in traces[:RUNAWAY_LIMIT]:
                trace.action_execute()
        self.assertFalse(self.activity.is_paused)
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertTrue(self.activity.is_paused)
        self.assertEqual(self.states(self.activity)["error"], RUNAWAY_LIMIT)

    def test_button_executes_nothing_of_a_paused_activity(self):
        states = self.fail()
        self.campaign.execute_activities()
        self.assertEqual(self.states(self.activity), states)
