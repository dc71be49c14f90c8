"""Other programs call the webhook of a campaign, over HTTP."""

import json

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .entry_webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestWebhook(WebhookCase):
    """Who comes in, and how often."""

    def test_by_id(self):
        status, answer = self.call({"id": self.contact.id})
        participant = self.participant_of(self.campaign, self.contact)
        self.assertEqual(
            (status, answer),
            (
                201,
                {"participant_id": participant.id, "created": True, "reason": "", "message": ""},
            ),
        )
        self.assertEqual(participant.entry_id, self.entry)
        self.assertEqual(participant.state, "running")
        self.assertEqual(len(participant.trace_ids), 1)
        self.assertEqual(self.entry.participant_count, 1)

    def test_by_external_id(self):
        self.env["ir.model.data"].create(
            {
                "module": "shop",
                "name": "customer.1",
                "model": "res.partner",
                "res_id": self.contact.id,
            }
        )
        self.assertEqual(self.call({"external_id": "shop.customer.1"})[0], 201)
        self.assertTrue(self.participant_of(self.campaign, self.contact))
        self.assertRefused(404, "not_found", {"external_id": "shop.nobody"})
        # What is no contact is not told apart.
        self.assertRefused(404, "not_found", {"external_id": "base.group_system"})

    def test_by_address(self):
        self.assertEqual(self.call({"find": {"email": " CONTACT0@Example.com "}})[0], 201)
        self.assertTrue(self.participant_of(self.campaign, self.contact))
        self.assertRefused(404, "not_found", {"find": {"email": "nobody@example.com"}})
        # What is no address would not be found again by it.
        for value in ("%", "a b", "a@example.com, b@example.com", "@"):
            self.assertRefused(422, "bad_value", {"find": {"email": value}})

    def test_by_another_field(self):
        self.contact.ref = "C-1"
        self.contacts[1].color = 7
        for name, value, record in (("ref", "C-1", self.contact), ("color", 7, self.contacts[1])):
            self.entry.find_field_id = self.env["ir.model.fields"]._get("res.partner", name)
            self.assertEqual(self.call({"find": {name: value}})[0], 201)
            self.assertTrue(self.participant_of(self.campaign, record))
        self.assertRefused(422, "not_mapped", {"find": {"email": self.contact.email}})
        self.assertRefused(422, "bad_value", {"find": {"color": "x"}})
        self.assertRefused(404, "not_found", {"find": {"color": 10**30}})

    def test_by_a_value_of_foreign_json(self):
        self.entry.write({"find_place": "/order/customer/mail", "key_place": "/order/number"})
        payload = {"id": "evt_1", "order": {"number": 17, "customer": {"mail": self.contact.email}}}
        status, answer = self.call(payload)
        self.assertEqual(status, 201)
        self.assertEqual(self.participant_of(self.campaign, self.contact).entry_key, "17")
        self.assertEqual(
            self.call(payload),
            (
                200,
                {**answer, "created": False, "reason": "known", "message": "It takes part already"},
            ),
        )
        self.assertRefused(400, "nobody", {"id": self.contact.id})

    def test_oldest_of_several(self):
        twin = self.contact.copy()
        self.assertEqual(twin.email, self.contact.email)
        self.call({"find": {"email": self.contact.email}})
        self.assertTrue(self.participant_of(self.campaign, self.contact))
        self.assertFalse(self.participant_of(self.campaign, twin))

    def test_key(self):
        """The same key again is the same run; another one is another run."""
        first = {"id": self.contact.id, "key": "S1"}
        status, answer = self.call(first)
        self.assertEqual(status, 201)
        for _again in range(2):
            status, again = self.call(first)
            self.assertEqual((status, again["created"], again["reason"]), (200, False, "known"))
            self.assertEqual(again["participant_id"], answer["participant_id"])
        status, other = self.call({"id": self.contact.id, "key": "S2"})
        self.assertEqual(status, 201)
        self.assertNotEqual(other["participant_id"], answer["participant_id"])
        self.assertEqual(len(self.campaign.participant_ids), 2)

    def test_no_key(self):
        self.call({"id": self.contact.id})
        answer = self.assertRefused(409, "known", {"id": self.contact.id})
        run = self.participant_of(self.campaign, self.contact)
        self.assertEqual(answer["participant_id"], run.id)
        self.campaign.reentry = "after_end"
        self.assertRefused(409, "under_way", {"id": self.contact.id})
        run.action_exit()
        self.assertEqual(self.call({"id": self.contact.id})[0], 201)

    def test_filter(self):
        self.campaign.domain = str([("id", "=", self.contacts[1].id)])
        self.assertRefused(409, "unmatched", {"id": self.contact.id})
        self.assertEqual(self.call({"id": self.contacts[1].id})[0], 201)

    def test_closed(self):
        self.campaign.action_stop_campaign()
        answer = self.assertRefused(409, "not_running", {"id": self.contact.id})
        self.assertNotIn(self.campaign.name, answer["message"])
        self.campaign.action_start_campaign()
        self.entry.active = False
        self.assertRefused(409, "not_running", {"id": self.contact.id})
        self.entry.active = True
        self.campaign.user_id = mail_new_test_user(self.env, login="gone", groups="base.group_user")
        self.assertRefused(409, "not_running", {"id": self.contact.id})


@tagged("post_install", "-at_install")
class TestWebhookCalls(WebhookCase):
    """Bad calls are refused, all are noted."""

    def test_bad_bodies(self):
        for body, status, reason in (
            ("", 400, "broken_json"),
            ("{", 400, "broken_json"),
            ('{"id": NaN}', 400, "broken_json"),
            ("[]", 400, "wrong_type"),
            ('{"id": ' + "[" * 1000 + "]" * 1000 + "}", 400, "too_deep"),
            ('{"id": "1"}', 400, "wrong_type"),
            ('{"note": "x"}', 400, "nobody"),
            ('{"find": {"email": "a\\u0000"}}', 422, "bad_text"),
            ('{"id": 1, "values": {"phone": "1"}}', 422, "not_mapped"),
        ):
            with self.subTest(body=body[:30]):
                self.assertRefused(status, reason, body=body)
        self.assertRefused(404, "not_found", {"id": 10**8})
        self.assertRefused(404, "not_found", {"id": 10**30})
        self.assertRefused(404, "not_found", {"id": -1})

    def test_whatever_it_is_called(self):
        """Many programs do not say that they send JSON."""
        for number, kind in enumerate(
            (
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
            )
        ):
            headers = {"Content-Type": kind}
            self.assertRefused(400, "broken_json", body="a=1", headers=headers)
            self.assertRefused(413, "too_large", body="a" * 2**21, headers=headers)
            payload = {"id": self.contacts[number].id}
            self.assertEqual(self.call(payload, headers=headers)[0], 201)

    def test_other_methods(self):
        for method in ("GET", "PUT", "DELETE"):
            path = self.entry.webhook_url.removeprefix(self.entry.get_base_url())
            response = self.url_open(path, method=method)
            self.assertEqual(response.status_code, 405)

    def test_large_body(self):
        just = json.dumps({"id": self.contact.id, "note": "x" * (2**20 - 40)})
        self.assertLessEqual(len(just), 2**20)
        self.assertRefused(413, "too_large", body=just + " " * 2**20)
        self.assertEqual(self.call(body=just)[0], 201)

    def test_large_body_without_length(self):
        def chunks():
            for _number in range(40):
                yield b" " * 2**15

        self.assertRefused(413, "too_large", body=chunks())
        self.assertEqual(self.call(body=iter([b'{"id"', b": %d}" % self.contact.id]))[0], 201)

    def test_calls_are_noted(self):
        self.call({"id": self.contact.id, "password": "s3cret", "note": "hello"})
        self.assertRefused(400, "broken_json", body="{")
        bad, good = self.entry.call_ids
        self.assertEqual((good.status, good.reason, good.is_success), (201, "", True))
        self.assertEqual(good.participant_id, self.participant_of(self.campaign, self.contact))
        self.assertIn("hello", good.content)
        self.assertNotIn("s3cret", good.content)
        self.assertEqual((bad.status, bad.reason, bad.is_success), (400, "broken_json", False))
        self.assertEqual(self.entry.webhook_example, good.payload)

    def test_last_calls_only(self):
        calls = self.env["marketing.campaign.entry.call"].create(
            [{"entry_id": self.entry.id, "status": 201}] * 60
        )
        self.call({"id": self.contact.id})
        self.assertEqual(len(self.entry.call_ids), 50)
        self.assertEqual(self.entry.call_ids[0].participant_id.res_id, self.contact.id)
        self.assertEqual(self.entry.call_ids[-1], calls[-49])
        self.assertRefused(400, "broken_json", body="{")
        self.assertEqual(len(self.entry.call_ids), 50)

    def test_old_calls_are_deleted(self):
        calls = self.env["marketing.campaign.entry.call"]
        old, new = calls.create(
            [
                {
                    "entry_id": self.entry.id,
                    "status": 201,
                    "create_date": fields.Datetime.subtract(fields.Datetime.now(), days=days),
                }
                for days in (31, 29)
            ]
        )
        calls._gc_old()
        self.assertEqual((old | new).exists(), new)

    def test_forgotten(self):
        for forget in (
            lambda run: run._forget(),
            lambda run: self.contact.unlink(),
        ):
            self.call({"id": self.contact.id, "note": "private"})
            run = self.participant_of(self.campaign, self.contact)
            call = self.entry.call_ids[0]
            self.assertRefused(409, "known", {"id": self.contact.id, "note": "private"})
            forget(run)
            self.env.flush_all()
            self.env.invalidate_all()
            for call in self.entry.call_ids[:2]:
                self.assertFalse(call.payload)
                self.assertFalse(call.message)
                self.assertFalse(call.res_id)
            self.contact = self.contacts[1]

    def test_privacy_lookup(self):
        self.assertRefused(404, "not_found", {"find": {"email": "stranger@example.com"}})
        call = self.entry.call_ids[0]
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": "Stranger", "email": "Stranger@example.com"}
        )
        wizard.action_lookup()
        line = wizard.line_ids.filtered(lambda line: line.res_model == call._name)
        self.assertEqual(line.res_id, call.id)
        line.action_unlink()
        self.assertFalse(call.exists())
