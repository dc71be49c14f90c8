"""Many calls of a webhook at the same moment, over connections of their own.

The server answers them as it always does: real transactions, real clock, and tries again those
that meet each other.
"""

import threading
from collections import Counter
from unittest.mock import patch

import requests

from odoo.fields import Command
from odoo.service import server as service
from odoo.service.server import CommonRequestHandler, RequestHandler
from odoo.tests import HttpCase, tagged

from .committed import CommittedCase

HTTP_THREADS = 30
ADDRESS = "many-calls-{}@example.com"


@tagged("post_install", "-at_install")
class TestConcurrentWebhook(CommittedCase):
    def setUp(self):
        super().setUp()
        # In tests the server hangs up on who does not send within five seconds.
        self.startPatcher(patch.object(RequestHandler, "setup", CommonRequestHandler.setup))
        # As ODOO_MAX_HTTP_THREADS: there are 64 connections to the database.
        self.startPatcher(
            patch.multiple(
                service.server.httpd,
                create=True,
                max_http_threads=HTTP_THREADS,
                http_threads_sem=threading.Semaphore(HTTP_THREADS),
            )
        )
        with self.environment() as env:
            campaign = (
                env["marketing.campaign"]
                .with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True)
                .create(
                    {
                        "name": "Called",
                        "user_id": env.ref("base.user_admin").id,
                        "domain": "[('email', '=like', 'many-calls-%')]",
                        "entry_ids": [
                            Command.create(
                                {
                                    "entry_type": "webhook",
                                    "is_creating": True,
                                    "mapping_ids": [
                                        Command.create(
                                            {
                                                "place": "/values/name",
                                                "field_id": env["ir.model.fields"]
                                                ._get("res.partner", "name")
                                                .id,
                                            }
                                        )
                                    ],
                                }
                            )
                        ],
                    }
                )
            )
            self.campaign_id = campaign.id
            action = env["ir.actions.server"].create(
                {
                    "name": "Nothing",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "state": "code",
                    "code": "pass",
                }
            )
            env["marketing.activity"].create(
                {
                    "name": "Step",
                    "campaign_id": campaign.id,
                    "activity_type": "action",
                    "server_action_id": action.id,
                    "interval_number": 1,
                }
            )
            campaign.action_start_campaign()
            entry = campaign.entry_ids
            self.path = entry.webhook_url.removeprefix(entry.get_base_url())

    @property
    def partner_ids(self):
        with self.environment() as env:
            return self.partners(env).ids

    def partners(self, env):
        return env["res.partner"].search([("email", "=like", ADDRESS.format("%"))])

    def runs(self, env):
        return env["marketing.campaign"].browse(self.campaign_id).participant_ids

    def call(self, payloads):
        """Send calls at the same moment.

        :return: the answers, with their statuses
        """
        barrier = threading.Barrier(len(payloads))
        answers = [None] * len(payloads)

        def post(number):
            barrier.wait(10)
            response = requests.post(
                f"{HttpCase.base_url()}{self.path}",
                json=payloads[number],
                headers={"X-Odoo-Database": self.registry.db_name},
                timeout=120,
            )
            answers[number] = (response.status_code, response.json())

        threads = [threading.Thread(target=post, args=(number,)) for number in range(len(payloads))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(180)
        self.assertNotIn(None, answers)
        return answers

    def test_same_call_50_times(self):
        """One contact, one run, and all are told of it."""
        payload = {"find": {"email": ADDRESS.format(1)}, "key": "S1", "values": {"name": "One"}}
        answers = self.call([payload] * 50)
        self.assertEqual(Counter(status for status, _answer in answers), {201: 1, 200: 49})
        with self.environment() as env:
            self.assertEqual(self.partners(env).mapped("name"), ["One"])
            run = self.runs(env)
            self.assertEqual(len(run), 1)
            self.assertEqual({answer["participant_id"] for _status, answer in answers}, {run.id})
            self.assertEqual(len(run.trace_ids), 1)
            self.assertEqual(len(run.entry_id.call_ids), 50)

    def test_100_calls(self):
        """Different people, some of them with several orders, and bad calls between them."""
        payloads = [
            {"find": {"email": ADDRESS.format(number % 40)}, "key": f"S{number}"}
            for number in range(80)
        ] + [{"id": "x"}] * 10
        payloads += [{"find": {"email": ADDRESS.format(number)}} for number in range(10)]
        answers = self.call(payloads)
        self.assertEqual({status for status, _answer in answers} - {201, 400, 409}, set(), answers)
        self.assertEqual([status for status, _answer in answers[:80]], [201] * 80)
        self.assertEqual([status for status, _answer in answers[80:90]], [400] * 10)
        with self.environment() as env:
            self.assertEqual(len(self.partners(env)), 40)
            runs = self.runs(env)
            keyed = Counter(runs.mapped("entry_key"))
            self.assertEqual({keyed[f"S{number}"] for number in range(80)}, {1})
            self.assertEqual(len(runs.entry_id.call_ids), 50)
            numbers = Counter((run.res_id, run.run_number) for run in runs)
            self.assertEqual(set(numbers.values()), {1}, "No two are the same run of a contact")
