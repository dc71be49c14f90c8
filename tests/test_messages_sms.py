"""Text messages of a campaign, from the queue to the click."""

import re
from functools import partial
from urllib.parse import quote

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestMessagesSms(MessagingCase):
    """Two contacts that get one text message, with follow-ups."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.contact = cls.contacts[0]
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.sms = cls.create_activity(cls.campaign, "sms", delay="0 hours")
        cls.mailing = cls.sms.mass_mailing_id
        cls.clicked, cls.not_clicked, cls.bounced, cls.then = (
            cls.create_activity(cls.campaign, "action", trigger, delay, parent_id=cls.sms.id)
            for trigger, delay in (
                ("sms_click", "0 hours"),
                ("sms_not_click", "1 days"),
                ("sms_bounce", "0 hours"),
                ("activity", "1 days"),
            )
        )

    def trace(self, activity=None, contact=None):
        return self.trace_of(activity or self.sms, contact or self.contact)

    def followers(self, contact=None):
        """States of what follows: clicked, not clicked, bounced, then."""
        return [
            self.trace(activity, contact).state
            for activity in (self.clicked, self.not_clicked, self.bounced, self.then)
        ]

    def report(self, status):
        """The provider reports on the message of the first contact."""
        [uuid] = [sms["uuid"] for sms in self._sms if sms["number"] == self.contact.phone_sanitized]
        self._make_webhook_jsonrpc_request([{"sms_status": status, "uuids": [uuid]}])
        self.env.invalidate_all()

    def sms_to(self, contact):
        [sms] = [sms for sms in self._sms if sms["number"] == contact.phone_sanitized]
        return sms

    # ------------------------------------------------------------
    # Delivery
    # ------------------------------------------------------------

    def test_batch_queues_and_the_queue_sends(self):
        with self.mockSMSGateway():
            self.start(self.campaign)
            self.assertFalse(self._sms)
        self.assertEqual(self.trace().mailing_trace_status, "outgoing")
        self.send_sms()
        self.assertEqual(len(self._sms), 2)
        self.assertIn(f"Hello {self.contact.name}", self.sms_to(self.contact)["body"])
        self.assertEqual(self.trace().mailing_trace_status, "pending")
        self.assertEqual(self.trace().state, "processed")
        self.assertEqual(self.followers(), ["scheduled"] * 4)

    def test_delivered(self):
        self.start(self.campaign)
        self.send_sms()
        self.report("delivered")
        self.assertEqual(self.trace().mailing_trace_status, "sent")
        self.assertEqual(self.trace().state, "processed")
        self.assertEqual(self.followers(), ["scheduled"] * 4)

    def test_bounced(self):
        self.start(self.campaign)
        self.send_sms()
        self.report("invalid_destination")
        self.assertTrue(self.trace().bounce_datetime)
        self.assertEqual(self.trace().state, "processed")
        self.assertEqual(self.followers(), ["canceled", "canceled", "scheduled", "canceled"])
        self.run_jobs()
        self.assertEqual(self.trace(self.bounced).state, "processed")
        self.assertEqual(self.sms.total_bounce, 1)
        self.assertEqual(self.followers(self.contacts[1]), ["scheduled"] * 4)

    def test_failed_at_the_provider_later(self):
        self.start(self.campaign)
        self.send_sms()
        self.report("not_delivered")
        self.assertEqual(self.trace().state, "error")
        self.assertEqual(self.trace().state_reason, "sms_not_delivered")
        self.assertEqual(self.followers(), ["canceled"] * 4)
        self.assertEqual(self.participant_of(self.campaign, self.contact).state, "completed")

    def test_no_credit_and_another_try(self):
        self.start(self.campaign)
        self.send_sms(nbr_t_error={self.contact.phone_sanitized: "credit"})
        self.assertEqual(self.trace().state, "error")
        self.assertEqual(self.trace().state_reason, "sms_credit")
        self.assertIn("Credit", self.trace().state_msg)
        self.assertEqual(self.followers(), ["canceled"] * 4)
        self.assertEqual(self.trace(contact=self.contacts[1]).state, "processed")
        self.mailing.action_retry_failed()
        self.send_sms()
        self.assertEqual(len(self._sms), 1)
        self.assertEqual(self.trace().state, "processed")
        self.assertEqual(self.followers(), ["scheduled"] * 4)

    def test_unreachable_provider(self):
        self.start(self.campaign)
        self.send_sms(sim_error="server_error")
        self.assertEqual(self.trace().state, "error")
        self.assertEqual(self.trace().state_reason, "sms_server")

    def test_queued_message_is_cancelled(self):
        self.start(self.campaign)
        messages = self.env["sms.sms"].search([("mailing_id", "=", self.mailing.id)])
        messages.filtered(
            lambda sms: sms.number == self.contact.phone_sanitized
        ).action_set_canceled()
        self.send_sms()
        self.assertEqual(len(self._sms), 1)
        self.assertEqual((self.trace().state, self.trace().state_reason), ("canceled", "user"))
        self.assertEqual(self.followers(), ["canceled"] * 4)

    def test_message_that_the_provider_checks_first(self):
        """The mailing is never "sending": Odoo's mailing job would send it to everybody."""
        self.start(self.campaign)
        self.send_sms(moderated=True)
        self.assertEqual(self.trace().mailing_trace_status, "process")
        self.assertNotEqual(self.mailing.state, "sending")
        traces = self.mailing.mailing_trace_ids
        with self.mockSMSGateway():
            self.run_cron("mass_mailing.ir_cron_mass_mailing_queue")
            self.run_cron("ir_cron_send_texts")
            self.run_cron("sms.ir_cron_sms_scheduler_action")
            self.assertFalse(self._sms)
        self.assertEqual(self.mailing.mailing_trace_ids, traces)

    def test_blacklisted(self):
        self.env["phone.blacklist"].add(self.contact.phone_sanitized)
        self.start(self.campaign)
        self.send_sms()
        self.assertEqual(len(self._sms), 1)
        self.assertEqual(
            (self.trace().state, self.trace().state_reason), ("canceled", "sms_blacklist")
        )
        self.assertFalse(self.trace(self.not_clicked))
        self.assertEqual(self.participant_of(self.campaign, self.contact).state, "completed")

    def test_missing_and_wrong_number(self):
        for number, reason in ((False, "sms_number_missing"), ("12", "sms_number_format")):
            contact = self.create_contacts(1, phone=number, email=f"{reason}@example.com")
            campaign = self.create_campaign(contact)
            activity = self.create_activity(campaign, "sms", delay="0 hours")
            self.start(campaign)
            trace = self.trace_of(activity, contact)
            self.assertEqual((trace.state, trace.state_reason), ("canceled", reason))

    def test_same_number_is_no_duplicate(self):
        contacts = self.create_contacts(2, phone="+32456998877")
        campaign = self.create_campaign(contacts, unique_field_id=False)
        self.create_activity(campaign, "sms", delay="0 hours")
        self.start(campaign)
        self.send_sms()
        self.assertEqual([sms["number"] for sms in self._sms], ["+32456998877"] * 2)

    # ------------------------------------------------------------
    # In sets
    # ------------------------------------------------------------

    def campaign_for(self, count):
        """So many text messages are queued."""
        contacts = self.create_contacts(count, phone="+3246{i:07d}", email="c{i}@example.com")
        campaign = self.create_campaign(contacts, unique_field_id=False)
        step = self.create_activity(campaign, "sms", delay="0 hours")
        self.create_activity(campaign, "action", "sms_bounce", "0 hours", parent_id=step.id)
        self.start(campaign)
        return campaign

    def count_queries(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        return self.cr.sql_log_count - before

    def test_a_batch_costs_as_many_queries_as_one(self):
        counts = []
        for number in (1, 1, 15):
            campaign = self.campaign_for(number)
            messages = self.env["sms.sms"].search(
                [("mailing_id", "in", campaign.marketing_activity_ids.mass_mailing_id.ids)]
            )
            with self.mockSMSGateway(sms_allow_unlink=True):
                counts.append(self.count_queries(messages._send_claimed))
            self.assertEqual(len(self._sms), number)
        _first, one, batch = counts
        self.assertEqual(batch, one)

    def test_reports_cost_as_many_queries_as_one(self):
        """However the provider lists them."""
        for status in ("delivered", "invalid_destination", "not_delivered"):
            counts = []
            for number, is_list in ((1, False), (1, False), (15, False), (15, True)):
                self.campaign_for(number)
                self.send_sms()
                uuids = [sms["uuid"] for sms in self._sms]
                lists = [[uuid] for uuid in uuids] if is_list else [uuids]
                reports = [{"sms_status": status, "uuids": uuids} for uuids in lists]
                report = partial(self._make_webhook_jsonrpc_request, reports)
                counts.append(self.count_queries(report))
            _first, one, *batches = counts
            with self.subTest(status=status):
                self.assertEqual(batches, [one, one])

    def test_ill_formed_reports(self):
        self.start(self.campaign)
        self.send_sms()
        uuid = self.sms_to(self.contact)["uuid"]
        good = {"sms_status": "delivered", "uuids": [uuid]}
        for bad in ({"sms_status": "delivered", "uuids": []}, {"sms_status": "", "uuids": [uuid]}):
            with (
                self.subTest(bad=bad),
                mute_logger("odoo.addons.sms.controllers.main", "odoo.http"),
                self.assertRaises(JsonRpcException),
            ):
                self._make_webhook_jsonrpc_request([good, bad])
        self.env.invalidate_all()
        self.assertEqual(self.trace().mailing_trace_status, "pending")

    def test_reports_that_name_one_twice(self):
        """The last one counts, as before."""
        self.start(self.campaign)
        self.send_sms()
        uuid = self.sms_to(self.contact)["uuid"]
        self._make_webhook_jsonrpc_request(
            [
                {"sms_status": "not_delivered", "uuids": [uuid]},
                {"sms_status": "sent", "uuids": [self.sms_to(self.contacts[1])["uuid"]]},
                {"sms_status": "delivered", "uuids": [uuid]},
            ]
        )
        self.env.invalidate_all()
        self.assertEqual(self.trace().mailing_trace_status, "sent")

    # ------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------

    def test_click(self):
        self.start(self.campaign)
        self.send_sms()
        [link] = self.links_of(self.sms_to(self.contact)["body"])
        response = self.visit(link)
        self.assertTrue(response.headers["Location"].startswith("https://www.example.com/offer"))
        self.assertTrue(self.trace().links_click_datetime)
        self.assertEqual(self.followers(), ["scheduled", "canceled", "scheduled", "scheduled"])
        self.assertTrue(self.trace(self.clicked).schedule_date)
        self.run_jobs()
        self.assertEqual(self.trace(self.clicked).state, "processed")
        # The report arrives after the click.
        self.report("delivered")
        self.assertTrue(self.trace().links_click_datetime)
        self.assertEqual(self.sms.total_click, 1)
        self.assertFalse(self.trace(contact=self.contacts[1]).links_click_datetime)

    def test_click_of_a_robot(self):
        self.start(self.campaign)
        self.send_sms()
        [link] = self.links_of(self.sms_to(self.contact)["body"])
        self.visit(link, **{"User-Agent": "Googlebot"})
        self.assertFalse(self.trace().links_click_datetime)

    def test_stop_link(self):
        """It blocks the number, is no click, and keeps later messages away."""
        self.mailing.sms_allow_unsubscribe = True
        later = self.create_activity(self.campaign, "sms", delay="1 days")
        with self.at("2025-03-01 09:00:00"):
            self.start(self.campaign)
            self.send_sms()
        body = self.sms_to(self.contact)["body"]
        stop = re.search(r"https?://[^/]+(/sms/\d+/\w+)", body)[1]
        mailing_id, code = stop.split("/")[2:]
        self.assertEqual(self.visit(stop).status_code, 200)
        number = quote(self.contact.phone_sanitized)
        response = self.visit(f"/sms/{mailing_id}/unsubscribe/{code}?sms_number={number}")
        self.assertEqual(response.status_code, 200)
        self.assertFalse(self.trace().links_click_datetime)
        with self.at("2025-03-02 09:00:00"):
            self.run_jobs()
        self.assertEqual(self.trace(later).state_reason, "sms_blacklist")
        self.assertEqual(self.trace(later, self.contacts[1]).state, "processed")
