"""Several ways in at the same moment, in transactions of their own."""

import threading
from collections import Counter

from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from .committed import ParallelCase


@tagged("post_install", "-at_install")
class TestConcurrentEntries(ParallelCase):
    def start(self, **vals):
        with self.environment() as env:
            self.create_activity(env, interval_number=1)
            campaign = self.campaign(env)
            campaign.write(vals)
            campaign.action_start_campaign()

    def enrol_at_once(self, *calls):
        """Enrol with these arguments, all in the same moment.

        :return: the answers to each
        """

        def enrol(call):
            return lambda env: retrying(lambda: self.campaign(env).enrol(*call), env)

        with mute_logger("odoo.sql_db", "odoo.service.model"):
            results = self.in_parallel(*map(enrol, calls))
        for result in results:
            if isinstance(result, Exception):
                raise result
        return results

    def assertOneRunEach(self, results):
        """One of the calls has made the run of each record, the others name it."""
        answers = [answer for result in results for answer in result]
        self.assertEqual(
            Counter(answer["res_id"] for answer in answers if answer["created"]),
            Counter(self.partner_ids),
        )
        self.assertEqual({answer["reason"] for answer in answers}, {"", "known"})
        runs = {(answer["res_id"], answer["participant_id"]) for answer in answers}
        with self.environment() as env:
            participants = self.campaign(env).participant_ids
            self.assertEqual({(run.res_id, run.id) for run in participants}, runs)
            self.assertEqual(len(participants.trace_ids), len(self.partner_ids))

    def test_same_people_at_once(self):
        self.start()
        ids = self.partner_ids
        self.assertOneRunEach(self.enrol_at_once([ids], [ids[::-1]], [ids[3:] + ids[:3]]))

    def test_same_key_at_once(self):
        self.start(reentry="always", entry_ids=[(5, 0, 0)])
        self.assertOneRunEach(self.enrol_at_once(*[[self.partner_ids, "S0012"]] * 3))

    def test_runs_beside_each_other_at_once(self):
        self.start(reentry="always", entry_ids=[(5, 0, 0)])
        results = self.enrol_at_once(*[[self.partner_ids[:1]]] * 3)
        self.assertTrue(all(answer["created"] for [answer] in results))
        with self.environment() as env:
            runs = self.campaign(env).participant_ids.sorted("run_number")
            self.assertEqual(runs.mapped("run_number"), [1, 2, 3])
            self.assertEqual(runs.mapped("entry_key"), ["", " 2", " 3"])

    def test_nobody_waits_behind_the_job(self):
        """It has taken in all but one, and is not done; who has a key, or is new, comes in."""
        here = [("id", "in", self.partner_ids), ("function", "=", "Here")]
        self.start(domain=str(here))
        *others, new_id = self.partner_ids
        with self.environment() as env:
            env["res.partner"].browse(others).function = "Here"
        with self.environment() as job:
            self.campaign(job).sync_participants()
            with self.environment() as env:
                env["res.partner"].browse(new_id).function = "Here"
            with self.environment() as env:
                env.cr.execute("SET LOCAL lock_timeout = '5s'")
                [answer] = self.campaign(env).enrol([new_id])
                self.assertTrue(answer["created"])
                [answer] = self.campaign(env).enrol(others[:1], "S0012")
                self.assertTrue(answer["created"])
        with self.environment() as env:
            self.campaign(env).sync_participants()
            runs = Counter(self.campaign(env).participant_ids.mapped("res_id"))
            self.assertEqual(runs, Counter([*self.partner_ids, others[0]]))

    def test_whom_the_job_has_taken_in_is_known(self):
        """Whoever wants the same in that moment is told once it is certain."""
        self.start()
        answers = []

        def enrol():
            threading.current_thread().dbname = self.registry.db_name
            with self.environment() as env:
                answers.extend(retrying(lambda: self.campaign(env).enrol(self.partner_ids), env))

        with self.environment() as job:
            self.campaign(job).sync_participants()
            thread = threading.Thread(target=enrol)
            with mute_logger("odoo.sql_db", "odoo.service.model"):
                thread.start()
                thread.join(0.5)
        thread.join(30)
        self.assertEqual([answer["reason"] for answer in answers], ["known"] * 6)
        with self.environment() as env:
            runs = self.campaign(env).participant_ids
            self.assertEqual({a["participant_id"] for a in answers}, set(runs.ids))
