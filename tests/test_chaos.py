"""Plugs that are pulled in the middle of a batch, and other bad moments.

The long form, with real servers that are killed, is "make chaos".
"""

import threading
import time
from unittest.mock import patch

import psycopg2

from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_actions import IrActionsServer
from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from ..models.engine import run as marketing_activity_run
from ..models.engine.settle import MarketingTrace
from ..models.participant.marketing_participant import MarketingParticipant
from .committed import CommittedCase
from .common import MarketingAutomationCase

VISITORS = 20
LOGGERS = (
    "odoo.sql_db",
    "odoo.addons.marketing_automation.models.engine.run",
    "odoo.addons.base.models.ir_actions",
)


@tagged("post_install", "-at_install")
class TestPulledPlugs(CommittedCase):
    """In transactions that are really committed, so each test removes what it made."""

    def setUp(self):
        super().setUp()
        no_title = patch.object(LinkTracker, "_get_title_from_url", lambda self, url: url)
        no_title.start()
        self.addCleanup(no_title.stop)
        with self.environment() as env:
            self.partner_ids = (
                env["res.partner"]
                .create([{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(5)])
                .ids
            )
            campaign = env["marketing.campaign"].create(
                {
                    "name": "Pulled plugs",
                    "user_id": env.ref("base.user_admin").id,
                    "domain": str([("id", "in", self.partner_ids)]),
                    "unique_field_id": False,
                }
            )
            self.campaign_id = campaign.id
            activity = self.create_activity(env)
            self.activity_id = activity.id
            self.child_id = self.create_activity(
                env, parent_id=activity.id, trigger_type="activity"
            ).id

    def start(self):
        with self.environment() as env:
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            campaign.action_start_campaign()
            campaign.sync_participants()

    def run_job(self):
        with self.environment() as env:
            env["marketing.campaign"]._cron_execute_activities()

    def states(self, env):
        """Number of traces by step and state."""
        return {
            (activity.id, state): count
            for activity, state, count in env["marketing.trace"]._read_group(
                [("activity_id.campaign_id", "=", self.campaign_id)],
                ["activity_id", "state"],
                ["__count"],
            )
        }

    def assert_all_done_once(self):
        with self.environment() as env:
            number = len(self.partner_ids)
            self.assertEqual(
                self.states(env),
                {
                    (self.activity_id, "processed"): number,
                    (self.child_id, "processed"): number,
                },
            )
            partners = env["res.partner"].browse(self.partner_ids)
            self.assertEqual(partners.mapped("color"), [2] * number)
            participants = env["marketing.campaign"].browse(self.campaign_id).participant_ids
            self.assertEqual(set(participants.mapped("state")), {"completed"})

    def cut_connection_after(self, owner, method, calls):
        """Have the connection of the job cut when a method has been called so often."""
        original = getattr(owner, method)
        count = 0

        def cut(records, *args, **kwargs):
            nonlocal count
            result = original(records, *args, **kwargs)
            count += 1
            if count == calls:
                with self.registry.cursor() as killer:
                    killer.execute(
                        "SELECT pg_terminate_backend(%s)", [records.env.cr._cnx.get_backend_pid()]
                    )
            return result

        return patch.object(owner, method, cut)

    @mute_logger(*LOGGERS)
    def test_connection_cut_in_the_middle(self):
        """Whatever the moment: the batch is done again as a whole, and nothing twice."""
        self.start()
        moments = [
            (IrActionsServer, "run", 1),
            (IrActionsServer, "run", 3),
            (MarketingTrace, "_settle_outcomes", 1),
            (MarketingParticipant, "_settle", 1),
        ]
        for moment in moments:
            with self.subTest(moment=moment[1:]):
                with (
                    self.cut_connection_after(*moment),
                    self.assertRaises((psycopg2.OperationalError, psycopg2.InterfaceError)),
                ):
                    self.run_job()
                with self.environment() as env:
                    self.assertEqual(
                        self.states(env),
                        {(self.activity_id, "scheduled"): len(self.partner_ids)},
                    )
        self.run_job()
        self.assert_all_done_once()

    @mute_logger(*LOGGERS)
    def test_connection_cut_after_the_first_batch(self):
        """What was committed stays, the rest follows."""
        self.start()
        with (
            self.cut_connection_after(MarketingTrace, "_settle_outcomes", 2),
            self.assertRaises((psycopg2.OperationalError, psycopg2.InterfaceError)),
        ):
            self.run_job()
        with self.environment() as env:
            self.assertEqual(
                self.states(env),
                {
                    (self.activity_id, "processed"): len(self.partner_ids),
                    (self.child_id, "scheduled"): len(self.partner_ids),
                },
            )
        self.run_job()
        self.assert_all_done_once()

    @mute_logger(*LOGGERS)
    def test_record_deleted_between_claim_and_run(self):
        self.start()
        lost = self.partner_ids[0]
        with self.environment() as env:
            activity = env["marketing.activity"].browse(self.activity_id)
            claims = activity._claim()
            with self.environment() as other:
                other.cr.execute("DELETE FROM res_partner WHERE id = %s", [lost])
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                activity._execute(claims)
            env.cr.rollback()
        self.run_job()
        with self.environment() as env:
            trace = env["marketing.trace"].search(
                [("activity_id", "=", self.activity_id), ("res_id", "=", lost)]
            )
            self.assertEqual((trace.state, trace.state_reason), ("canceled", "unlinked"))
            self.assertEqual(trace.participant_id.state, "unlinked")
            self.assertEqual(
                self.states(env)[self.child_id, "processed"], len(self.partner_ids) - 1
            )

    def have_the_first_step_do(self, code):
        with self.environment() as env:
            action = env["marketing.activity"].browse(self.activity_id).server_action_id
            action.code = f"{code}\n{action.code}"

    def is_free(self, partner_id):
        """Whether no transaction has locked the contact."""
        with self.registry.cursor() as cr:
            cr.execute("SELECT FROM res_partner WHERE id = %s FOR UPDATE SKIP LOCKED", [partner_id])
            return bool(cr.rowcount)

    @mute_logger(*LOGGERS)
    def test_action_that_deadlocks(self):
        """PostgreSQL ends one of both; what was undone is done again, once."""
        first, last = self.partner_ids[0], self.partner_ids[-1]
        self.have_the_first_step_do(
            f"if record.id == {first}:\n"
            f"    env.cr.execute('SELECT FROM res_partner WHERE id = {first} FOR UPDATE')\n"
            "    env.cr.execute('SELECT pg_sleep(1.5)')"
        )
        self.start()
        holds_last = threading.Event()
        results = []

        def get_in_the_way():
            with self.registry.cursor() as cr:
                cr.execute("SELECT FROM res_partner WHERE id = %s FOR UPDATE", [last])
                holds_last.set()
                while self.is_free(first):
                    time.sleep(0.01)
                try:
                    cr.execute("SELECT FROM res_partner WHERE id = %s FOR UPDATE", [first])
                except psycopg2.errors.DeadlockDetected as error:
                    results.append(error)
                cr.rollback()

        thread = threading.Thread(target=get_in_the_way)
        thread.start()
        holds_last.wait(10)
        self.run_job()
        thread.join(30)
        with self.environment() as env:
            undone = self.states(env) == {(self.activity_id, "scheduled"): len(self.partner_ids)}
        self.assertTrue(undone or results, "They should have met")
        self.run_job()
        self.assert_all_done_once()

    @mute_logger(*LOGGERS)
    def test_action_that_times_out(self):
        """The record that takes too long fails, with its reason; the others go on."""
        slow = self.partner_ids[1]
        self.have_the_first_step_do(
            f"if record.id == {slow}:\n"
            "    env.cr.execute(\"SET LOCAL statement_timeout = '50ms'\")\n"
            "    env.cr.execute('SELECT pg_sleep(5)')"
        )
        self.start()
        self.run_job()
        with self.environment() as env:
            number = len(self.partner_ids)
            self.assertEqual(
                self.states(env),
                {
                    (self.activity_id, "processed"): number - 1,
                    (self.activity_id, "error"): 1,
                    (self.child_id, "processed"): number - 1,
                },
            )
            partners = env["res.partner"].browse(self.partner_ids)
            self.assertEqual(
                {partner.id: partner.color for partner in partners},
                {partner_id: 2 * (partner_id != slow) for partner_id in self.partner_ids},
            )
            failed = (
                env["marketing.activity"]
                .browse(self.activity_id)
                .trace_ids.filtered(lambda trace: trace.state == "error")
            )
            self.assertEqual(failed.res_id, slow)
            self.assertIn("timeout", failed.state_detail)

    def test_time_of_the_job_is_up(self):
        """It ends after the batch, asks for another run, and that one goes on there."""
        self.start()
        commit_progress = IrCron._commit_progress

        def time_is_up(cron, *args, **kwargs):
            commit_progress(cron, *args, **kwargs)
            return 0

        with (
            patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 2),
            patch.object(IrCron, "_commit_progress", time_is_up),
        ):
            with self.environment() as env:
                env["ir.cron.trigger"].search([]).unlink()
            self.run_job()
        with self.environment() as env:
            self.assertEqual(self.states(env)[self.activity_id, "processed"], 2)
            job = env.ref("marketing_automation.ir_cron_campaign_execute_activities")
            self.assertTrue(env["ir.cron.trigger"].search([("cron_id", "=", job.id)]))
        self.run_job()
        self.assert_all_done_once()

    def test_run_after_one_that_was_killed(self):
        """It begins with single records: one that kills servers takes no others with it."""
        with self.environment() as env:
            job = env.ref("marketing_automation.ir_cron_campaign_execute_activities")
            activity = env["marketing.activity"].browse(self.activity_id)
            sizes = []
            for count in (1, 2):
                progress = env["ir.cron.progress"].create(
                    {"cron_id": job.id, "timed_out_counter": count}
                )
                campaigns = env["marketing.campaign"].with_context(ir_cron_progress_id=progress.id)
                sizes.append(campaigns._begin_pace().size_of(activity))
            env.cr.rollback()
        self.assertGreater(sizes[0], 1)
        self.assertEqual(sizes[1], 1)

    @mute_logger(*LOGGERS)
    def test_campaign_edited_while_its_batch_runs(self):
        """Who edits and presses Update waits for the batch at most; all is done once."""
        self.start()
        run = marketing_activity_run.MarketingActivity._run
        failures, threads = [], []

        def edit(env):
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            campaign.write({"name": "Edited", "include_archived": True})
            env["marketing.activity"].browse([self.activity_id, self.child_id]).write(
                {"name": "Edited", "interval_type": "days"}
            )
            campaign.action_update_participants()

        def edit_in_the_way():
            threading.current_thread().dbname = self.registry.db_name
            try:
                with self.environment() as env:
                    retrying(lambda: edit(env), env)
            except Exception as error:  # it is what the test looks at
                failures.append(error)

        def run_and_be_edited(activity, claims):
            if not threads:
                threads.append(threading.Thread(target=edit_in_the_way))
                threads[0].start()
                threads[0].join(0.5)
            return run(activity, claims)

        with patch.object(marketing_activity_run.MarketingActivity, "_run", run_and_be_edited):
            self.run_job()
        threads[0].join(60)
        self.assertEqual(failures, [])
        self.run_job()
        self.assert_all_done_once()

    @mute_logger(*LOGGERS)
    def test_same_click_many_times_at_once(self):
        """Nobody gets an error, one step follows, and all clicks are counted."""
        with self.environment() as env:
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "body_html": '<a href="https://www.example.com/offer">Offer</a>',
                    "email_from": "marketing@example.com",
                }
            )
            mail = self.create_activity(env, activity_type="email", mass_mailing_id=mailing.id)
            child_id = self.create_activity(
                env, parent_id=mail.id, trigger_type="mail_click", interval_number=1
            ).id
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            campaign.action_start_campaign()
            campaign.sync_participants()
            campaign.execute_activities()
            trace_id = mail.trace_ids[0].mailing_trace_ids.id
            link = env["link.tracker"].search([("mass_mailing_id", "=", mailing.id)])
            link_id, code = link.id, link.code
        barrier = threading.Barrier(VISITORS)
        failures = []

        def click(env):
            env["link.tracker.click"].add_click(
                code, ip="192.0.2.1", country_code=None, mailing_trace_id=trace_id
            )

        def visit():
            threading.current_thread().dbname = self.registry.db_name
            try:
                with self.environment() as env:
                    env.cr.execute("SELECT 1")
                    barrier.wait(30)
                    retrying(lambda: click(env), env)
            except Exception as error:  # it is what the test looks at
                failures.append(error)

        threads = [threading.Thread(target=visit) for _number in range(VISITORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertEqual(failures, [])
        with self.environment() as env:
            dated = env["marketing.activity"].browse(child_id).trace_ids.filtered("schedule_date")
            self.assertEqual(dated.parent_id.mailing_trace_ids.id, trace_id)
            env["link.tracker.click"]._recount_clicks()
            self.assertEqual(env["link.tracker"].browse(link_id).count, VISITORS)


@tagged("post_install", "-at_install")
class TestClock(MarketingAutomationCase):
    def test_clock_set_back(self):
        """What was done stays done; what is to come waits for its date."""
        contacts = self.create_contacts(3)
        campaign = self.create_campaign(contacts)
        action = self.create_server_action("record.write({'color': record.color + 1})")
        first = self.create_activity(
            campaign, "action", delay="0 hours", server_action_id=action.id
        )
        child = self.create_activity(
            campaign, "action", delay="1 hours", parent_id=first.id, server_action_id=action.id
        )
        campaign.action_start_campaign()
        with self.at("2025-03-03 10:00:00"):
            self.run_jobs()
        with self.at("2025-03-03 09:00:00"):
            self.run_jobs()
            self.assertEqual(contacts.mapped("color"), [1, 1, 1])
            self.assertEqual(set(child.trace_ids.mapped("state")), {"scheduled"})
        with self.at("2025-03-03 11:00:00"):
            self.run_jobs()
            self.run_jobs()
        self.assertEqual(contacts.mapped("color"), [2, 2, 2])
        self.assertEqual(len(first.trace_ids | child.trace_ids), 6)
        self.assertEqual(set(campaign.participant_ids.mapped("state")), {"completed"})
