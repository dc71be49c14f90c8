"""The jobs that send text messages of campaigns, whatever their provider does."""

import threading
from functools import partial
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sms.models.sms_sms import SmsSms
from odoo.addons.sms.models.sms_tracker import SmsTracker

from ..models.sending.sms_marks import MarketingSmsMark
from ..tools import pace
from ..tools.queues import TEXTS
from .committed import ALL, SENDER_LOGGER, SenderCase
from .text_provider import TextProvider

OTHER = "+32456000099"
NUMBERS = [f"+3245600000{number}" for number in ALL]


@tagged("post_install", "-at_install")
class TestTextSender(SenderCase):
    """Six contacts, each with a text message in the queue: whatever happens, it is sent once, and
    everything is written down."""

    def setUp(self):
        super().setUp()
        self.provider = self.enterContext(TextProvider())
        self.enterContext(
            mute_logger(
                "odoo.addons.iap.tools.iap_tools", "odoo.addons.sms.models.sms_sms", SENDER_LOGGER
            )
        )
        self.addCleanup(self.remove_messages)
        with self.environment() as env:
            self.set_parameter(env, "sms.endpoint", self.provider.endpoint)
            self.partner_ids = (
                env["res.partner"]
                .create([{"name": f"P{i}", "phone": number} for i, number in enumerate(NUMBERS)])
                .ids
            )
            campaign = env["marketing.campaign"].create(
                {
                    "name": "Texts",
                    "domain": str([("id", "in", self.partner_ids)]),
                    "unique_field_id": False,
                }
            )
            self.campaign_id = campaign.id
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_type": "sms",
                    "mailing_model_id": campaign.model_id.id,
                    "body_plaintext": "Hello {{ object.name }}",
                }
            )
            activity = env["marketing.activity"].create(
                {
                    "name": "Text",
                    "campaign_id": campaign.id,
                    "activity_type": "sms",
                    "interval_number": 0,
                    "mass_mailing_id": mailing.id,
                }
            )
            campaign.action_start_campaign()
            campaign.sync_participants()
            campaign.execute_activities()
            self.sms_ids = env["sms.sms"].search([("mailing_id", "=", mailing.id)], order="id").ids
            self.mailing_id, self.activity_id = mailing.id, activity.id
        self.assertEqual(len(self.sms_ids), 6)

    def set_parameter(self, env, name, value):
        parameters = env["ir.config_parameter"]
        before = parameters.get_param(name)
        parameters.set_param(name, value)

        def restore():
            with self.environment() as env:
                env["ir.config_parameter"].set_param(name, before)

        self.addCleanup(restore)

    def remove_messages(self):
        with self.environment() as env:
            env["marketing.sms.mark"].search([]).unlink()
            env["sms.sms"].search([("number", "in", [*NUMBERS, OTHER])]).unlink()

    def run_senders(self):
        with self.environment() as env:
            env["marketing.campaign"]._cron_send_texts()

    def run_senders_after(self, **delay):
        """As if so much time had passed."""
        with self.environment() as env:
            for hold in env["marketing.mailing.hold"].search([]):
                hold.until = fields.Datetime.subtract(hold.until, **delay)
        self.run_senders()

    def messages(self, env, *numbers):
        return env["sms.sms"].browse([self.sms_ids[number] for number in numbers or ALL])

    def traces(self, env):
        """Of the mailing, in the order of the numbers."""
        return env["mailing.trace"].search(
            [("mass_mailing_id", "=", self.mailing_id)], order="sms_id_int"
        )

    def numbers(self, *numbers):
        return [NUMBERS[number] for number in numbers]

    def assertAllDone(self):
        self.assertEqual(self.provider.taken, NUMBERS)
        self.assertWrittenDown()

    def assertWrittenDown(self):
        with self.environment() as env:
            messages = self.messages(env)
            self.assertEqual(messages.mapped("state"), ["pending"] * 6)
            self.assertEqual(messages.mapped("to_delete"), [True] * 6)
            traces = self.traces(env)
            self.assertEqual(traces.mapped("trace_status"), ["pending"] * 6)
            self.assertTrue(all(traces.mapped("sent_datetime")))
            self.assertTrue(all(traces.marketing_trace_id.mapped("sent_datetime")))
            self.assertEqual(set(traces.marketing_trace_id.mapped("state")), {"processed"})
            env["marketing.campaign"]._cron_send_texts()
            self.assertFalse(env["marketing.sms.mark"].search([]))
            self.assertFalse(self.hold(env))

    def assertQueued(self, *numbers):
        """These, and no others, wait for the next try."""
        with self.environment() as env:
            queued = self.messages(env).filtered(lambda sms: sms.state == "outgoing")
            self.assertEqual(queued, self.messages(env, *numbers))
            traces = self.traces(env).filtered(lambda trace: trace.trace_status == "outgoing")
            self.assertEqual(traces.mapped("sms_id_int"), queued.ids)

    # ------------------------------------------------------------
    # What Odoo does for each still holds
    # ------------------------------------------------------------

    def test_all_are_sent(self):
        self.run_senders()
        self.assertEqual(len(self.provider.requests), 1)
        self.assertAllDone()

    def test_overrides_see_the_batch(self):
        """Those of addons that are loaded before and after this one."""
        seen = {}

        def watch(owner, name, look):
            self.watch(owner, name, seen.setdefault((owner, name), []), look)

        def size(records, *args, **kwargs):
            return len(records)

        for owner in (SmsSms, self.registry["sms.sms"]):
            watch(owner, "_send_with_api", size)
            watch(owner, "_handle_call_result_hook", lambda _sms, results: len(results))
        for owner in (SmsTracker, self.registry["sms.tracker"]):
            watch(owner, "_action_update_from_sms_state", size)
        for owner in (self.registry["sms.sms"], self.registry["mailing.trace"]):
            watch(owner, "write", size)
        self.run_senders()
        for (owner, name), counts in seen.items():
            with self.subTest(owner=owner, name=name):
                self.assertEqual(sum(counts), 6)

    def test_batches_of_the_provider(self):
        with self.environment() as env:
            self.set_parameter(env, "sms.session.batch.size", "4")
        self.run_senders()
        self.assertEqual([len(numbers) for numbers in self.provider.requests], [4, 2])
        self.assertAllDone()

    def test_number_that_is_refused(self):
        self.provider.states = {NUMBERS[2]: "wrong_number_format"}
        self.run_senders()
        with self.environment() as env:
            self.assertEqual(self.messages(env, 2).state, "error")
            self.assertEqual(self.messages(env, 2).failure_type, "sms_number_format")
            statuses = self.traces(env).mapped("trace_status")
            self.assertEqual(statuses, ["pending"] * 2 + ["error"] + ["pending"] * 3)
            trace = self.traces(env)[2].marketing_trace_id
            self.assertEqual((trace.state, trace.state_reason), ("error", "sms_number_format"))
            self.assertFalse(self.hold(env))

    def test_reported_before_the_sender_has_ended_by_force(self):
        """A report says that it is out: it is not sent again."""
        with self.environment() as env:
            uuid = self.messages(env, 1).uuid
        self.in_its_own_transaction(lambda env: self.report(env, uuid))
        self.run_senders()
        self.assertEqual(self.provider.taken, self.numbers(0, 2, 3, 4, 5))
        with self.environment() as env:
            self.assertEqual(self.traces(env)[1].trace_status, "sent")

    def report(self, env, uuid):
        """As the provider's report is taken."""
        env["sms.tracker"].search([("sms_uuid", "=", uuid)])._action_update_from_sms_state("sent")
        env["sms.sms"].search([("uuid", "=", uuid)]).to_delete = True

    # ------------------------------------------------------------
    # People, and Odoo's own queue
    # ------------------------------------------------------------

    def test_send_now(self):
        with self.environment() as env:
            self.messages(env, 1).send()
        self.assertEqual(self.provider.taken, self.numbers(1))
        self.run_senders()
        self.assertAllDone()

    def test_send_now_what_a_sender_holds(self):
        """Nothing is sent twice."""

        def press(_texts):
            self.provider.on_request = None
            self.in_its_own_transaction(lambda env: self.messages(env).send())

        self.provider.on_request = press
        self.run_senders()
        self.assertAllDone()

    def test_other_text_is_not_held_up(self):
        """Odoo's own queue sends it while a sender is in the middle of a campaign, and leaves
        the campaign alone."""

        def in_the_middle(_texts):
            self.provider.on_request = None
            self.in_its_own_transaction(self.send_other)

        self.provider.on_request = in_the_middle
        self.run_senders()
        self.assertEqual(self.provider.requests[1], [OTHER])
        self.assertEqual(self.provider.requests[0], NUMBERS)
        self.provider.requests.pop(1)
        self.assertAllDone()

    def test_the_sms_queue_leaves_campaigns_alone(self):
        self.in_its_own_transaction(self.send_other)
        self.assertEqual(self.provider.taken, [OTHER])
        self.assertQueued(*ALL)

    def send_other(self, env):
        env["sms.sms"].create({"number": OTHER, "body": "Your code is 1234"})
        env["sms.sms"]._process_queue()

    def in_its_own_transaction(self, function):
        threading.current_thread().dbname = self.registry.db_name
        with self.environment() as env:
            function(env)

    # ------------------------------------------------------------
    # The provider
    # ------------------------------------------------------------

    def test_no_connection(self):
        with self.environment() as env:
            self.set_parameter(env, "sms.endpoint", "http://127.0.0.1:1")
        self.run_senders()
        self.assertQueued(*ALL)
        with self.environment() as env:
            env["ir.config_parameter"].set_param("sms.endpoint", self.provider.endpoint)
            sending = env["marketing.campaign"].browse(self.campaign_id).get_sending()
            self.assertEqual((sending["state"], sending["queued"]), ("held", 6))
            [hold] = sending["holds"]
            self.assertIn("127.0.0.1:1", hold["reason"])
            self.assertEqual((hold["activities"], hold["type"]), (["Text"], "sms"))
            self.assertEqual(hold["action"], "iap.iap_account_action")
        self.run_senders()
        self.assertEqual(self.provider.taken, [], "Not at once")
        with self.environment() as env:
            job = env.ref(TEXTS.job)
            env["ir.cron.trigger"].search([("cron_id", "=", job.id)]).unlink()
            env["marketing.campaign"].browse(self.campaign_id).action_try_now()
            self.assertTrue(env["ir.cron.trigger"].search([("cron_id", "=", job.id)]))
        self.run_senders()
        self.assertAllDone()
        with self.environment() as env:
            sending = env["marketing.campaign"].browse(self.campaign_id).get_sending()
            self.assertEqual(sending, {"state": "idle"})

    def test_provider_that_is_busy(self):
        for status in (429, 503):
            with self.subTest(status=status):
                self.provider.status = status
                self.run_senders_after(minutes=15)
                self.assertQueued(*ALL)
        with self.environment() as env:
            self.assertEqual(self.hold(env).failures, 2)
        self.provider.status = None
        self.run_senders_after(minutes=15)
        self.assertAllDone()

    def test_connection_ends_in_the_hands_of_the_provider(self):
        """It may have taken the batch: that one is not sent again, unless somebody wants it. The
        others wait."""
        with self.environment() as env:
            self.set_parameter(env, "sms.session.batch.size", "4")
        self.provider.hangs_up = True
        with patch.object(pace, "FIRST_BATCH_SIZE", 4):
            self.run_senders()
        self.assertQueued(4, 5)
        with self.environment() as env:
            failed = self.messages(env, 0, 1, 2, 3)
            self.assertEqual(failed.mapped("failure_type"), ["sms_server"] * 4)
            self.assertIn("not known", self.traces(env)[0].failure_reason)
            self.assertTrue(self.hold(env))
        self.provider.hangs_up = False
        self.run_senders_after(minutes=2)
        self.assertEqual(self.provider.taken, NUMBERS)
        with self.environment() as env:
            env["mailing.mailing"].browse(self.mailing_id).action_retry_failed()
        self.run_senders()
        self.assertEqual(self.provider.taken, sorted(NUMBERS + NUMBERS[:4]))
        self.assertWrittenDown()

    def test_no_credit(self):
        """These have failed, as always; others wait for somebody to buy credit."""
        self.provider.states = dict.fromkeys(NUMBERS, "insufficient_credit")
        self.run_senders()
        with self.environment() as env:
            self.assertEqual(self.messages(env).mapped("failure_type"), ["sms_credit"] * 6)
            self.assertEqual(self.hold(env).reason, "Insufficient Credit")
            env["mailing.mailing"].browse(self.mailing_id).action_retry_failed()
        self.provider.states = {}
        self.provider.requests = []
        self.run_senders()
        self.assertAllDone()

    def test_no_credit_for_one_country(self):
        self.provider.states = {NUMBERS[2]: "insufficient_credit"}
        self.run_senders()
        with self.environment() as env:
            self.assertFalse(self.hold(env))

    def test_provider_that_says_nothing_about_one(self):
        self.provider.silent = {NUMBERS[3]}
        self.run_senders()
        self.run_senders()
        self.assertEqual(self.provider.taken, NUMBERS)
        with self.environment() as env:
            self.assertEqual(self.messages(env, 3).failure_type, "sms_server")

    # ------------------------------------------------------------
    # Exactly once
    # ------------------------------------------------------------

    def test_two_senders(self):
        self.run_senders_side_by_side()
        self.assertAllDone()

    def test_killed_before_all_is_written(self):
        with self.killed_at(SmsSms, "_handle_call_result_hook", then=False):
            self.run_senders()
        self.assertEqual(self.provider.taken, NUMBERS)
        self.assertQueued(*ALL)
        self.run_senders()
        self.assertAllDone()

    def test_send_now_after_a_kill(self):
        with self.killed_at(MarketingSmsMark, "_set", then=True):
            self.run_senders()
        with self.environment() as env:
            self.messages(env).send()
        self.assertAllDone()

    def test_killed_before_the_mark(self):
        """The one request that the provider had in its hands is made again, as by Odoo."""
        with self.killed_at(MarketingSmsMark, "_set", then=False):
            self.run_senders()
        self.run_senders()
        self.assertEqual(self.provider.taken, sorted(NUMBERS * 2))
        self.assertWrittenDown()

    def test_what_was_out_when_its_sender_was_killed_stays(self):
        with self.killed_at(MarketingSmsMark, "_set", then=True):
            self.run_senders()
        self.in_its_own_transaction(self.stop)
        self.run_senders()
        self.assertAllDone()

    def test_what_a_sender_holds_goes_out(self):
        self.provider.on_request = lambda _texts: self.in_its_own_transaction(self.stop)
        self.run_senders()
        self.assertAllDone()

    def test_what_comes_back_to_the_queue_is_recalled(self):
        """The provider took nothing after all: it does not go out at the next try."""
        self.provider.status = 503
        self.provider.on_refusal = partial(self.in_its_own_transaction, self.stop)
        self.run_senders()
        self.provider.status = None
        self.run_senders_after(minutes=2)
        self.assertEqual(self.provider.taken, [])
        with self.environment() as env:
            traces = env["marketing.trace"].search([("activity_id", "=", self.activity_id)])
            self.assertEqual(set(traces.mapped("state")), {"scheduled"})

    def stop(self, env):
        env["marketing.campaign"].browse(self.campaign_id).action_stop_campaign()

    def test_stopped_in_time(self):
        self.in_its_own_transaction(self.stop)
        self.run_senders()
        self.assertEqual(self.provider.taken, [])

    def test_reported_while_it_is_written_down(self):
        def report(texts):
            self.in_its_own_transaction(
                lambda env: (
                    env["sms.tracker"]
                    .search([("sms_uuid", "=", texts[0]["uuid"])])
                    ._action_update_from_sms_state("sent")
                )
            )

        self.provider.on_request = report
        self.run_senders()
        self.assertEqual(self.provider.taken, NUMBERS)
        with self.environment() as env:
            self.assertEqual(self.traces(env).mapped("trace_status"), ["sent", *["pending"] * 5])
            self.assertEqual(self.messages(env).mapped("state"), ["pending"] * 6)
            self.assertTrue(all(self.traces(env).marketing_trace_id.mapped("sent_datetime")))

    def test_error_after_the_request(self):
        """Whatever goes wrong in between, the provider is not asked again."""
        with patch.object(SmsSms, "_handle_call_result_hook", side_effect=ValueError("Broken")):
            self.run_senders()
        with self.environment() as env:
            self.assertIn("Broken", self.hold(env).reason)
        self.run_senders_after(minutes=2)
        self.assertAllDone()
