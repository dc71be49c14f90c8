"""Steps that steer while visitors, people and other jobs do something to the same runs.

What is done here is committed, so each test removes what it made.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest.mock import patch

import requests

from odoo import Command, fields
from odoo.service.model import retrying
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from ..models.engine import run as marketing_activity_run
from .committed import ParallelCase
from .user_agents import PEOPLE

LINK = "https://www.example.com/offer"
VISITORS = 25  # each of them opens and clicks


class SteeringInParallelCase(ParallelCase):
    def create_step(self, env, activity_type, **vals):
        if "parent_id" in vals:
            vals.setdefault("trigger_type", "branch" if "branch_id" in vals else "activity")
        return self.create_activity(env, activity_type=activity_type, **vals)

    def create_mail(self, env):
        mailing = env["mailing.mailing"].create(
            {
                "subject": "Hello",
                "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                "body_html": f'<p>Hello <a href="{LINK}">offer</a></p>',
            }
        )
        return self.create_step(env, "email", mass_mailing_id=mailing.id)

    def start(self, env):
        with patch.object(LinkTracker, "_get_title_from_url", lambda self, url: url):
            self.campaign(env).action_start_campaign()
            self.campaign(env).sync_participants()
            self.campaign(env).execute_activities()

    def hand_over(self, env, mail):
        env["mail.mail"].search([("mailing_id", "=", mail.mass_mailing_id.id)]).unlink()
        mail.trace_ids.mailing_trace_ids.set_sent()

    def go_on(self):
        for method in ("_cron_execute_activities", "_cron_poll", "_cron_execute_activities"):
            with self.environment() as env:
                getattr(env["marketing.campaign"], method)()

    def traces(self, env, step_id):
        return env["marketing.activity"].browse(step_id).trace_ids.sorted("res_id")

    @contextmanager
    def while_uncommitted(self, do, other):
        """One transaction has done something and ends only when the other one waits for it, or
        is through.

        :param do: function of an environment, and so is ``other``
        :return: list that is to have the result of the other one
        """
        results = []

        def run():
            threading.current_thread().dbname = self.registry.db_name
            with self.environment() as env:
                env.cr.execute("SELECT 1")
                begun.set()
                results.append(retrying(lambda: other(env), env))

        begun = threading.Event()
        thread = threading.Thread(target=run)
        with self.environment() as env:
            do(env)
            env.flush_all()
            thread.start()
            begun.wait(10)
            thread.join(1)
            env.cr.commit()
        thread.join(60)
        self.assertFalse(thread.is_alive(), "It hangs")
        yield results


@tagged("post_install", "-at_install")
class TestRaces(SteeringInParallelCase):
    def create_wait(self, env):
        """Whoever opens the message need not wait any longer."""
        mail = self.create_mail(env)
        wait = self.create_step(
            env,
            "wait",
            parent_id=mail.id,
            wait_type="event",
            wait_activity_id=mail.id,
            wait_event="mail_open",
        )
        self.start(env)
        self.hand_over(env, mail)
        return mail.id, wait.id

    def open_first(self, env, mail_id):
        return self.traces(env, mail_id)[0].process_event("mail_open")

    def steer(self, step_id):
        return lambda env: env["marketing.activity"].browse(step_id)._execute_due()

    def test_event_while_the_wait_is_decided(self):
        """Neither transaction sees the other: the poll notices it within five minutes."""
        with self.environment() as env:
            mail_id, wait_id = self.create_wait(env)
        with self.environment() as job, self.environment() as visitor:
            visitor.cr.execute("SELECT 1")
            self.assertEqual(self.steer(wait_id)(job), len(self.partner_ids))
            self.assertTrue(self.open_first(visitor, mail_id))
            visitor.cr.commit()
            job.cr.commit()
        with self.environment() as env:
            first = self.traces(env, wait_id)[0]
            self.assertEqual((first.state, first.schedule_date), ("scheduled", False))
            self.assertTrue(first.wait_since)
        self.go_on()
        with self.environment() as env:
            states = self.traces(env, wait_id).mapped("state")
            self.assertEqual(states, ["processed"] + ["scheduled"] * 5)
            self.assertEqual(self.traces(env, wait_id).branch_id.branch_type, "met")

    def test_event_while_the_wait_is_updated(self):
        """The update makes the trace anew, and what it makes looks at what has happened."""
        for order in (1, -1):
            with self.subTest(order=order):
                with self.environment() as env:
                    mail_id, wait_id = self.create_wait(env)
                self.go_on()
                with self.environment() as env:
                    wait = env["marketing.activity"].browse(wait_id)
                    self.assertTrue(all(wait.trace_ids.mapped("wait_since")))
                    wait.wait_limit = True
                    self.assertTrue(wait.require_sync)
                both = (
                    lambda env: self.campaign(env).action_update_participants(),
                    lambda env, mail_id=mail_id: self.open_first(env, mail_id),
                )[::order]
                with self.while_uncommitted(*both) as results:
                    self.assertEqual(results, [True])
                self.go_on()
                with self.environment() as env:
                    states = self.traces(env, wait_id).mapped("state")
                    self.assertEqual(states, ["processed"] + ["scheduled"] * 5)
                    wait = env["marketing.activity"].browse(wait_id)
                    self.assertTrue(all(wait.trace_ids.mapped("wait_since")))
                    self.campaign(env).participant_ids.unlink()
                    env["marketing.activity"].browse((mail_id, wait_id)).unlink()

    def test_exit_while_another_job_executes(self):
        """What was executed stays so; what would follow it is cancelled."""
        for order in (1, -1):
            with self.subTest(order=order):
                with self.environment() as env:
                    action = self.create_activity(env)
                    after = self.create_activity(
                        env, parent_id=action.id, trigger_type="activity", interval_number=5
                    )
                    leave = self.create_step(env, "exit")
                    self.campaign(env).action_start_campaign()
                    self.campaign(env).sync_participants()
                    env["res.partner"].browse(self.partner_ids).color = 0
                    action_id, after_id, leave_id = action.id, after.id, leave.id
                both = (self.steer(action_id), self.steer(leave_id))[::order]
                with self.while_uncommitted(*both):
                    pass
                self.go_on()
                with self.environment() as env:
                    executed = order == 1
                    participants = self.campaign(env).participant_ids
                    self.assertEqual(set(participants.mapped("state")), {"exited"})
                    states = set(self.traces(env, action_id).mapped("state"))
                    self.assertEqual(states, {"processed" if executed else "canceled"})
                    partners = env["res.partner"].browse(self.partner_ids)
                    self.assertEqual(set(partners.mapped("color")), {int(executed)})
                    follow_up = self.traces(env, after_id)
                    self.assertEqual(set(follow_up.mapped("state")) - {"canceled"}, set())
                    participants.unlink()
                    env["marketing.activity"].browse((action_id, leave_id)).unlink()

    def test_two_jumps_to_the_same_step(self):
        for limit, visits in ((3, [1, 2, 3]), (2, [1, 2]), (1, [1])):
            with self.subTest(limit=limit):
                with self.environment() as env:
                    target = self.create_activity(env, interval_number=5)
                    jumps = [
                        self.create_step(
                            env, "goto", goto_activity_id=target.id, max_visits=limit
                        ).id
                        for _number in range(2)
                    ]
                    self.campaign(env).action_start_campaign()
                    self.campaign(env).sync_participants()
                    target_id = target.id

                def jump(number, jumps=jumps):
                    steer = self.steer(jumps[number])
                    return lambda env: retrying(lambda: steer(env), env)

                self.assertEqual(self.in_parallel(jump(0), jump(1)), [6, 6])
                with self.environment() as env:
                    for traces in self.traces(env, target_id).grouped("res_id").values():
                        self.assertEqual(sorted(traces.mapped("visit")), visits)
                    self.campaign(env).participant_ids.unlink()
                    env["marketing.activity"].browse((target_id, *jumps)).unlink()

    def test_poll_that_meets_another_transaction(self):
        """It comes again at once, not only after five minutes."""
        with self.environment() as env:
            mail_id, wait_id = self.create_wait(env)
        self.go_on()

        def triggers(env):
            job = env.ref("marketing_automation.ir_cron_poll")
            return env["ir.cron.trigger"].search([("cron_id", "=", job.id)])

        with self.environment() as env:
            triggers(env).unlink()
            # What its request has not released.
            self.traces(env, mail_id)[0].open_datetime = fields.Datetime.now()
        with self.environment() as job:
            job.cr.execute("SELECT 1")
            with self.environment() as env:
                env.cr.execute(
                    SQL(
                        "UPDATE marketing_trace SET write_date = now() WHERE id = %s",
                        self.traces(env, wait_id)[0].id,
                    )
                )
            with mute_logger("odoo.sql_db"):
                job["marketing.campaign"]._cron_poll()
        with self.environment() as env:
            self.assertTrue(triggers(env))
            triggers(env).unlink()
        self.go_on()
        with self.environment() as env:
            states = self.traces(env, wait_id).mapped("state")
            self.assertEqual(states, ["processed"] + ["scheduled"] * 5)

    def test_polls_while_jobs_steer(self):
        with self.environment() as env:
            wait = self.create_step(
                env, "wait", wait_type="filter", wait_domain="[('function', '=', 'Won')]"
            )
            self.create_activity(
                env,
                parent_id=wait.id,
                trigger_type="branch",
                branch_id=wait.branch_ids.filtered(lambda b: b.branch_type == "met").id,
            )
            self.start(env)
            env["res.partner"].browse(self.partner_ids).function = "Won"
            wait_id = wait.id
        names = ("_cron_poll", "_cron_execute_activities")
        jobs = [
            lambda env, name=name: getattr(env["marketing.campaign"], name)() for name in names * 2
        ]
        ask = lambda env: retrying(lambda: self.campaign(env).poll_campaigns(), env)  # noqa: E731
        self.assertFalse(any(isinstance(r, Exception) for r in self.in_parallel(ask, *jobs)))
        self.go_on()
        with self.environment() as env:
            self.assertEqual(self.traces(env, wait_id).mapped("state"), ["processed"] * 6)
            partners = env["res.partner"].browse(self.partner_ids)
            self.assertEqual(partners.mapped("color"), [1] * 6)


@tagged("post_install", "-at_install")
class TestCrowd(SteeringInParallelCase):
    """Two jobs and fifty visits at once: waits on events, a condition, a split, a loop, exits."""

    link_id = False

    def build(self, env):
        partners = env["res.partner"].create(
            [{"name": f"C{i}", "email": f"crowd{i}@example.com"} for i in range(VISITORS)]
        )
        self.partner_ids = [*self.partner_ids, *partners.ids]
        self.campaign(env).domain = str([("id", "in", partners.ids)])
        mail = self.create_mail(env)
        wait = self.create_step(
            env,
            "wait",
            parent_id=mail.id,
            wait_type="event",
            wait_activity_id=mail.id,
            wait_event="mail_click",
            wait_limit=True,
        )
        met, timeout = wait.branch_ids.sorted("sequence")
        split = self.create_step(env, "split", parent_id=wait.id, branch_id=met.id)
        first, second = split.branch_ids.sorted("sequence")
        count = self.create_activity(
            env, parent_id=split.id, trigger_type="branch", branch_id=first.id
        )
        again = self.create_step(
            env,
            "goto",
            parent_id=count.id,
            goto_activity_id=count.id,
            max_visits=3,
            interval_number=1,
        )
        leave = self.create_step(env, "exit", parent_id=split.id, branch_id=second.id)
        late = self.create_activity(
            env, parent_id=wait.id, trigger_type="branch", branch_id=timeout.id
        )
        condition = self.create_step(
            env,
            "condition",
            parent_id=mail.id,
            branch_ids=[
                Command.create(
                    {
                        "branch_type": "event",
                        "event_activity_id": mail.id,
                        "event": "mail_open",
                    }
                )
            ],
        )
        self.start(env)
        again.interval_number = 0  # A circle without time keeps a campaign from its start only.
        names = ("mail", "wait", "split", "count", "again", "leave", "late", "condition")
        steps = (mail, wait, split, count, again, leave, late, condition)
        return {name: step.id for name, step in zip(names, steps, strict=True)}

    def get_paths(self, env, mail):
        """What everybody requests: the picture that tells of the opening, and the link."""
        sign = env["link.tracker"]._sign_links
        [link] = env["link.tracker"].search([("source_id", "=", mail.mass_mailing_id.source_id.id)])
        self.link_id = link.id
        for message in mail.trace_ids.mailing_trace_ids:
            number = message.mail_mail_id_int
            token = env["mail.mail"]._generate_mail_recipient_token(number)
            yield f"/mail/track/{number}/{token}/blank.gif"
            yield sign(f"/r/{link.code}/m/{message.id}", "m", message.id)

    def clean_up(self):
        with self.environment() as env:
            env["link.tracker.click"].search([("link_id", "=", self.link_id)]).unlink()
        return super().clean_up()

    def visit(self, path):
        return requests.get(
            f"{HttpCase.base_url()}{path}",
            headers={"User-Agent": PEOPLE["Chrome"], "X-Odoo-Database": self.registry.db_name},
            allow_redirects=False,
            timeout=60,
        ).status_code

    def work(self, ends):
        """What a job does until the visitors have gone."""
        threading.current_thread().dbname = self.registry.db_name
        while not ends.is_set():
            with self.environment() as env:
                env["marketing.campaign"]._cron_execute_activities()

    def test_nothing_twice_and_nothing_stuck(self):
        with self.environment() as env:
            steps = self.build(env)
            mail = env["marketing.activity"].browse(steps["mail"])
            paths = list(self.get_paths(env, mail))
            self.hand_over(env, mail)
        ends = threading.Event()
        self.enterContext(patch.object(marketing_activity_run, "RUN_BATCH_SIZE", 5))
        with ThreadPoolExecutor(12) as pool:
            jobs = [pool.submit(self.work, ends) for _number in range(2)]
            try:
                answers = list(pool.map(self.visit, paths))
            finally:
                ends.set()
            for job in jobs:
                job.result(60)
        self.assertEqual(set(answers), {200, 301})
        self.go_on()
        with self.environment() as env:
            traces = {name: self.traces(env, step_id) for name, step_id in steps.items()}
            due = traces["mail"].search(
                [("campaign_id", "=", self.campaign_id), ("state", "!=", "processed")]
            )
            self.assertFalse(due, "Nothing is left, or was cancelled")
            clicked = traces["mail"].filtered("links_click_datetime")
            self.assertEqual(len(clicked), VISITORS)
            self.assertEqual(set(traces["wait"].branch_id.mapped("branch_type")), {"met"})
            for name in ("wait", "split", "condition"):
                self.assertEqual(len(traces[name]), VISITORS)
            ways = traces["split"].grouped("branch_id")
            stayed, left = (
                ways.get(branch, traces["split"].browse())
                for branch in env["marketing.activity"].browse(steps["split"]).branch_ids
            )
            self.assertEqual(len(traces["count"]), 3 * len(stayed))
            self.assertEqual({trace.visit for trace in traces["count"]}, {1, 2, 3})
            for trace in stayed:
                self.assertEqual(env["res.partner"].browse(trace.res_id).color, 3)
                self.assertEqual(trace.participant_id.state, "completed")
            for trace in left:
                self.assertEqual(env["res.partner"].browse(trace.res_id).color, 0)
                self.assertEqual(trace.participant_id.state, "exited")
            self.assertFalse(traces["late"])
            moments = traces["wait"].mapped("execution_date")
            self.assertLessEqual(max(moments), fields.Datetime.now())
