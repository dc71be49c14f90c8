"""Several workers and visitors at the same moment, in transactions of their own.

What is done here is committed, so each test removes what it made.
"""

from unittest.mock import patch

from psycopg2 import errors

from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from ..models.campaign import update as marketing_campaign_update
from ..models.engine import run as marketing_activity_run
from .committed import ParallelCase


@tagged("post_install", "-at_install")
class TestConcurrency(ParallelCase):
    """PostgreSQL keeps the workers apart."""

    def test_two_enrolments_make_one_participant_each(self):
        with self.environment() as env:
            self.create_activity(env)
            self.campaign(env).action_start_campaign()

        def enrol(env):
            return retrying(lambda: self.campaign(env).sync_participants(), env)

        self.assertEqual(self.in_parallel(enrol, enrol, enrol), [True] * 3)
        with self.environment() as env:
            participants = self.campaign(env).participant_ids
            self.assertEqual(sorted(participants.mapped("res_id")), self.partner_ids)
            self.assertEqual(len(participants.trace_ids), len(self.partner_ids))

    def test_two_enrolments_know_each_others_addresses(self):
        """Each sees another record with the address, and not yet what the other one does."""
        with self.environment() as env:
            self.create_activity(env)
            first, second = env["res.partner"].browse(self.partner_ids[:2])
            (first | second).email = "same@example.com"
            second.function = "Here"
            self.campaign(env).domain = str(
                [("id", "in", self.partner_ids), ("function", "=", "Here")]
            )
            self.campaign(env).action_start_campaign()
        with self.environment() as one:
            self.campaign(one).sync_participants()
            with self.environment() as env:
                env["res.partner"].browse(self.partner_ids[0]).function = "Here"
            with self.environment() as other:
                # Nothing waits for the first one, which ends later.
                other.cr.execute("SET LOCAL lock_timeout = '5s'")
                self.assertTrue(self.campaign(other).sync_participants())
        with self.environment() as env:
            self.campaign(env).sync_participants()
            participants = self.campaign(env).participant_ids
            self.assertEqual(participants.mapped("res_id"), self.partner_ids[1:2])

    def test_two_jobs_execute_nothing_twice(self):
        with self.environment() as env:
            activity = self.create_activity(env)
            self.create_activity(env, parent_id=activity.id, trigger_type="activity")
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()

        def execute(env):
            env["marketing.campaign"]._cron_execute_activities()

        with patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 1):
            self.assertEqual(self.in_parallel(execute, execute, execute), [None] * 3)
        with self.environment() as env:
            # A worker that met another one tries again later.
            env["marketing.campaign"]._cron_execute_activities()
        with self.environment() as env:
            partners = env["res.partner"].browse(self.partner_ids)
            self.assertEqual(partners.mapped("color"), [2] * len(partners))
            self.assertEqual(
                set(self.campaign(env).participant_ids.trace_ids.mapped("state")), {"processed"}
            )

    def test_buttons_are_pressed_while_two_jobs_run(self):
        """Nobody gets an error, nothing is done twice, and nothing is left undone."""
        buttons = {
            "update": lambda campaign, passing: campaign.action_update_participants(),
            "stop": lambda campaign, passing: campaign.action_stop_campaign(),
            "start": lambda campaign, passing: campaign.action_start_campaign(),
            "delete": lambda campaign, passing: passing.unlink(),
        }
        for name, press in buttons.items():
            with self.subTest(button=name):
                with self.environment() as env:
                    env["res.partner"].browse(self.partner_ids).color = 0
                    first_id = self.create_activity(env).id
                    child_id = self.create_activity(
                        env, parent_id=first_id, trigger_type="activity"
                    ).id
                    # Its effects are nobody's concern: it may go.
                    action = env["ir.actions.server"].create(
                        {
                            "name": "Pass",
                            "model_id": env["ir.model"]._get_id("res.partner"),
                            "state": "code",
                            "code": "record.write({'function': 'Passed'})",
                        }
                    )
                    passing_id = self.create_activity(env, server_action_id=action.id).id
                    self.campaign(env).action_start_campaign()
                    self.campaign(env).sync_participants()

                def work(env):
                    env["marketing.campaign"]._cron_execute_activities()

                def press_it(env, press=press, passing_id=passing_id):
                    passing = env["marketing.activity"].browse(passing_id)
                    retrying(lambda: press(self.campaign(env), passing), env)

                with patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 1):
                    self.assertEqual(self.in_parallel(work, work, press_it), [None] * 3)
                with self.environment() as env:
                    self.campaign(env).action_start_campaign()
                    self.campaign(env).sync_participants()
                for _round in range(2):
                    with self.environment() as env:
                        env["marketing.campaign"]._cron_execute_activities()
                with self.environment() as env:
                    partners = env["res.partner"].browse(self.partner_ids)
                    self.assertEqual(partners.mapped("color"), [2] * len(partners))
                    steps = env["marketing.activity"].browse([first_id, child_id])
                    for step in steps:
                        self.assertEqual(
                            sorted(step.trace_ids.mapped("res_id")), sorted(self.partner_ids)
                        )
                    self.assertEqual(set(steps.trace_ids.mapped("state")), {"processed"})
                    self.assertEqual(
                        set(self.campaign(env).participant_ids.mapped("state")), {"completed"}
                    )
                    actions = self.campaign(env).marketing_activity_ids.server_action_id | action
                    self.campaign(env).action_stop_campaign()
                    self.campaign(env).participant_ids.unlink()
                    self.campaign(env).marketing_activity_ids.unlink()
                    actions.unlink()

    def test_traces_of_another_worker_are_passed_over(self):
        with self.environment() as env:
            activity_id = self.create_activity(env).id
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()
        with self.environment() as one, self.environment() as other:
            first = one["marketing.activity"].browse(activity_id)._claim()
            self.assertEqual(len(first), len(self.partner_ids))
            self.assertEqual(other["marketing.activity"].browse(activity_id)._claim(), [])
            # Neither a button nor the job waits for them.
            Campaign = type(other["marketing.campaign"])
            due = Campaign._get_due_activities(self.campaign(other))
            with patch.object(Campaign, "_get_due_activities", side_effect=[due, due]):
                self.assertTrue(self.campaign(other).execute_activities())
            self.assertEqual(
                other["marketing.activity"].browse(activity_id).trace_ids.mapped("state"),
                ["scheduled"] * len(self.partner_ids),
            )

    def test_same_event_twice_at_once(self):
        with (
            self.environment() as env,
            patch.object(LinkTracker, "_get_title_from_url", lambda self, url: url),
        ):
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "body_html": '<a href="https://www.example.com/offer">Offer</a>',
                }
            )
            mail = self.create_activity(env, activity_type="email", mass_mailing_id=mailing.id)
            child_id = self.create_activity(
                env, parent_id=mail.id, trigger_type="mail_click", interval_number=1
            ).id
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()
            self.campaign(env).execute_activities()
            trace_id = mail.trace_ids[0].id

        def click(env):
            trace = env["marketing.trace"].browse(trace_id)
            return retrying(lambda: trace.process_event("mail_click"), env)

        self.assertEqual(sorted(self.in_parallel(click, click)), [False, True])
        with self.environment() as env:
            dated = env["marketing.activity"].browse(child_id).trace_ids.filtered("schedule_date")
            self.assertEqual(dated.parent_id.id, trace_id)

    def test_update_and_event_do_not_see_each_other(self):
        """A step that an update makes, while its event happens, does not wait for ever; nor does
        one stay that the event rules out."""
        with self.environment() as env:
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "body_html": "<p>Hello</p>",
                }
            )
            mail = self.create_activity(env, activity_type="email", mass_mailing_id=mailing.id)
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()
            self.campaign(env).execute_activities()
            trace_id = mail.trace_ids.sorted("res_id")[0].id
            opened_id, unopened_id = (
                self.create_activity(
                    env, parent_id=mail.id, trigger_type=trigger, interval_number=number
                ).id
                for trigger, number in (("mail_open", 0), ("mail_not_open", 2))
            )
        with self.environment() as update, self.environment() as event:
            self.campaign(update).action_update_participants()
            self.assertTrue(event["marketing.trace"].browse(trace_id).process_event("mail_open"))
            update.cr.commit()
            event.cr.commit()
        with self.environment() as env:
            children = env["marketing.trace"].browse(trace_id).child_ids
            self.assertEqual(children.mapped("state"), ["scheduled"] * 2)
            env["marketing.campaign"]._cron_sync_participants()
            env["marketing.campaign"]._cron_execute_activities()
        with self.environment() as env:
            children = env["marketing.trace"].browse(trace_id).child_ids
            states = {child.activity_id.id: child.state for child in children}
            self.assertEqual(states, {opened_id: "processed", unopened_id: "canceled"})
            opened = env["marketing.activity"].browse(opened_id)
            waiting = opened.trace_ids.filtered(lambda trace: trace.state == "scheduled")
            self.assertEqual(len(waiting), len(self.partner_ids) - 1)
            self.assertFalse(any(waiting.mapped("schedule_date")))

    def test_update_in_the_background(self):
        """It is cut off after each batch, somebody opens a message and somebody changes the
        workflow again meanwhile: nothing is lost or done twice."""
        with self.environment() as env:
            activity = self.create_activity(env)
            late_id = self.create_activity(env, interval_number=5).id
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()
            self.campaign(env).execute_activities()
            child_id = self.create_activity(env, parent_id=activity.id, trigger_type="activity").id
            env["marketing.activity"].browse(late_id).interval_number = 7
        self.enterContext(patch.object(marketing_campaign_update, "UPDATE_AT_ONCE", 1))
        self.enterContext(patch.object(marketing_campaign_update, "UPDATE_BATCH_SIZE", 2))
        with self.environment() as env:
            self.campaign(env).action_update_participants()
        for expected in (2, 4):
            with self.environment() as env:
                self.assertTrue(self.campaign(env).is_updating)
                self.assertFalse(self.campaign(env).require_sync)
                next(self.campaign(env)._update_in_batches())
            with self.environment() as env:
                env["marketing.campaign"]._cron_execute_activities()
                child = env["marketing.activity"].browse(child_id)
                self.assertEqual(child.trace_ids.mapped("state"), ["scheduled"] * expected)
        with self.environment() as env:
            env["marketing.activity"].browse(late_id).interval_number = 9
            self.campaign(env).action_update_participants()
        with self.environment() as env:
            env["marketing.campaign"]._cron_sync_participants()
            self.assertFalse(self.campaign(env).is_updating)
        with self.environment() as env:
            env["marketing.campaign"]._cron_execute_activities()
        with self.environment() as env:
            partners = env["res.partner"].browse(self.partner_ids)
            self.assertEqual(partners.mapped("color"), [2] * len(partners))
            late = env["marketing.activity"].browse(late_id).trace_ids
            self.assertEqual(len(late), len(partners))
            for trace in late:
                delay = trace.schedule_date - trace.participant_id.create_date
                self.assertEqual(round(delay.total_seconds()), 9 * 3600)

    def test_update_meets_another_request_for_it(self):
        """The batch does not overwrite that the update begins from the start."""
        with self.environment() as env:
            self.create_activity(env)
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()
            late_id = self.create_activity(env, interval_number=5).id
        self.enterContext(patch.object(marketing_campaign_update, "UPDATE_AT_ONCE", 1))
        self.enterContext(patch.object(marketing_campaign_update, "UPDATE_BATCH_SIZE", 2))
        with self.environment() as env:
            self.campaign(env).action_update_participants()
        with self.environment() as job:
            job.cr.execute("SELECT 1")
            with self.environment() as env:
                env["marketing.activity"].browse(late_id).interval_number = 6
                self.campaign(env).action_update_participants()
            with self.assertRaises(errors.SerializationFailure), mute_logger("odoo.sql_db"):
                next(self.campaign(job)._update_in_batches())
                job.flush_all()
            job.cr.rollback()

    def test_meeting_another_transaction_is_no_failure(self):
        """A record that somebody saves at this moment is tried again, not marked."""
        with self.environment() as env:
            activity_id = self.create_activity(env).id
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()
        with self.environment() as env:
            env.cr.execute("SELECT 1")
            with self.environment() as other:
                other["res.partner"].browse(self.partner_ids[0]).name = "Saved meanwhile"
            activity = env["marketing.activity"].browse(activity_id)
            with self.assertRaises(errors.SerializationFailure):
                activity._execute(activity._claim())
            env.cr.rollback()
        with self.environment() as env:
            env["marketing.campaign"]._cron_execute_activities()
            traces = env["marketing.activity"].browse(activity_id).trace_ids
            self.assertEqual(set(traces.mapped("state")), {"processed"})


@tagged("post_install", "-at_install")
class TestLeftBehind(ParallelCase):
    """What a test leaves that was cut off is removed before the next one."""

    def set_up_another(self):
        """One that runs, and its campaign."""
        other = type(self)("test_running_campaign")
        other.setUp()
        self.addCleanup(other.remove_what_it_left)
        with self.environment() as env:
            other.create_activity(env)
            other.campaign(env).action_start_campaign()
        return other

    def get_state(self, test):
        with self.environment() as env:
            return test.campaign(env).exists().state

    def test_running_campaign(self):
        cut_off = self.set_up_another()
        self.assertEqual(self.get_state(cut_off), "running")
        following = self.set_up_another()
        self.assertFalse(self.get_state(cut_off))
        with self.environment() as env:
            contacts = env["res.partner"].browse([*cut_off.partner_ids, *following.partner_ids])
            self.assertEqual(contacts.exists().ids, following.partner_ids)

    def test_removal_that_fails(self):
        """Nothing runs on; it is tried again."""
        other = self.set_up_another()
        with (
            patch.object(TestLeftBehind, "clean_up", side_effect=errors.LockNotAvailable),
            self.assertRaises(errors.LockNotAvailable),
        ):
            other.remove_what_it_left()
        self.assertEqual(self.get_state(other), "stopped")
        self.set_up_another()
        self.assertFalse(self.get_state(other))
