"""Other programs call the webhook of a campaign, over HTTP."""

import json

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from ..models.entry.webhook_values import READERS, UNREADABLE
from .common import MarketingAutomationMixin

QUIET = ("odoo.addons.marketing_automation.models.entry.webhook_call", "odoo.sql_db", "odoo.http")


class WebhookCase(MarketingAutomationMixin, HttpCase):
    """A running campaign with a webhook that finds contacts by their address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.contact = cls.contacts[0]
        cls.campaign = cls.create_campaign(domain="[]", entry_ids=[])
        cls.create_activity(cls.campaign, "action", delay="1 days")
        cls.entry = cls.create_entry(cls.campaign)
        cls.campaign.action_start_campaign()

    @classmethod
    def create_entry(cls, campaign, mapping=(), **vals):
        """A webhook of the campaign.

        :param mapping: names of fields, and places in the call, or values that begin with ``=``
        """
        names = dict(mapping)
        return cls.env["marketing.campaign.entry"].create(
            {
                "campaign_id": campaign.id,
                "entry_type": "webhook",
                "mapping_ids": [
                    Command.create(cls.mapping_values(campaign, *item)) for item in names.items()
                ],
                **vals,
            }
        )

    @classmethod
    def mapping_values(cls, campaign, name, place):
        return {
            "field_id": cls.env["ir.model.fields"]._get(campaign.model_name, name).id,
            **({"constant": place[1:]} if place.startswith("=") else {"place": place}),
        }

    def map(self, **places):
        """Fields that the webhook writes, see :meth:`create_entry`."""
        self.entry.mapping_ids = [
            Command.clear(),
            *(Command.create(self.mapping_values(self.campaign, *item)) for item in places.items()),
        ]

    def call(self, payload=None, entry=None, body=None, path=None, headers=None):
        """Call a webhook.

        :return: the HTTP status and the answer
        """
        self.env.flush_all()
        entry = entry or self.entry
        response = self.url_open(
            path or entry.webhook_url.removeprefix(entry.get_base_url()),
            data=json.dumps(payload) if body is None else body,
            headers={"Content-Type": "application/json", **(headers or {})},
            method="POST",
        )
        self.env.invalidate_all()
        self.assertNotIn("Traceback", response.text)
        return response.status_code, response.json()

    def assertRefused(self, status, reason, *args, **kwargs):
        """A call lets nobody in, and changes nothing."""
        before = self.count()
        with mute_logger(*QUIET):
            found, answer = self.call(*args, **kwargs)
        self.assertEqual((found, answer["reason"]), (status, reason), answer)
        self.assertFalse(answer["created"])
        self.assertTrue(answer["message"])
        self.assertEqual(self.count(), before)
        return answer

    def count(self):
        return [
            self.env[name].search_count([])
            for name in ("marketing.participant", "res.partner", "crm.lead", "mailing.contact")
        ]


@tagged("post_install", "-at_install")
class TestWebhook(WebhookCase):
    # ------------------------------------------------------------
    # Who
    # ------------------------------------------------------------

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

    # ------------------------------------------------------------
    # Again
    # ------------------------------------------------------------

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

    # ------------------------------------------------------------
    # Secrets
    # ------------------------------------------------------------

    def assertUnknown(self, status, reason, **kwargs):
        """Who does not know the secrets leaves nothing in the database."""
        calls = self.env["marketing.campaign.entry.call"].search_count([])
        self.assertRefused(status, reason, {"id": self.contact.id}, **kwargs)
        self.assertEqual(self.env["marketing.campaign.entry.call"].search_count([]), calls)

    def test_wrong_address(self):
        token = self.entry.webhook_token
        number = self.entry.id
        others = self.create_entry(self.campaign)
        for path in (
            "x",
            f"{number}",
            f"{number}-",
            f"{number}-{token[:-1]}",
            f"{number}-{token}x",
            f"{others.id}-{token}",
            f"{number + 1000}-{token}",
            f"-{number}-{token}",
            f"{10**30}-{token}",
            f"٣-{token}",
            f"{number}-%00",
            f"{number}-%ff",
            f"{number}-é",
        ):
            with self.subTest(path=path):
                self.assertUnknown(404, "no_entry", path=f"/marketing/entry/{path}")

    def test_other_types_have_no_address(self):
        self.entry.entry_type = "manual"
        path = f"/marketing/entry/{self.entry.id}-{self.entry.webhook_token}"
        self.assertUnknown(404, "no_entry", path=path)
        self.assertFalse(self.entry.webhook_url)

    def test_renewed(self):
        before = self.entry.webhook_url
        self.assertTrue(self.entry.with_user(self.responsible).action_renew_webhook())
        self.assertNotEqual(self.entry.webhook_url, before)
        self.assertUnknown(404, "no_entry", path=before.removeprefix(self.entry.get_base_url()))
        self.assertEqual(self.call({"id": self.contact.id})[0], 201)
        self.assertIn("was renewed", str(self.campaign.message_ids.mapped("body")))

    def test_secret_in_a_header(self):
        self.entry.has_webhook_secret = True
        secret = self.entry.webhook_secret
        for headers in (
            {},
            {"X-Marketing-Secret": "x"},
            {"X-Marketing-Secret": secret[:-1]},
            {"Authorization": f"Basic {secret}"},
            {"Authorization": "Bearer "},
            {"Authorization": "Bearer é".encode()},
        ):
            with self.subTest(headers=headers):
                self.assertUnknown(401, "unauthorized", headers=headers)
        name, value = self.entry.webhook_header.split(": ")
        self.assertEqual(self.call({"id": self.contact.id}, headers={name: value})[0], 201)
        self.assertEqual(
            self.call({"id": self.contacts[1].id}, headers={"X-Marketing-Secret": secret})[0], 201
        )

    def test_who_sees_secrets(self):
        entry = self.entry.with_user(self.responsible)
        self.assertTrue(entry.webhook_url)
        self.call({"id": self.contact.id, "note": "private"})
        entry.has_webhook_secret = True
        self.assertIn("Bearer ", entry.webhook_header)
        self.assertIn("private", entry.call_ids.content)
        other = mail_new_test_user(
            self.env,
            login="other",
            groups="base.group_user,marketing_automation.group_marketing_automation_user",
        )
        theirs = entry.with_user(other)
        self.assertEqual(
            [theirs.webhook_url, theirs.webhook_header, theirs.webhook_example], [False] * 3
        )
        self.assertFalse(theirs.call_ids.content)
        refused = self.env["marketing.campaign.entry.call"].create(
            {"entry_id": self.entry.id, "status": 422, "reason": "bad_value", "message": "private"}
        )
        self.assertEqual(refused.with_user(self.responsible).answer, "private")
        self.assertEqual(refused.with_user(other).answer, "bad_value")
        with self.assertRaises(AccessError):
            theirs.action_renew_webhook()
        for user in (self.responsible, other):
            for name in ("webhook_token", "webhook_secret"):
                with self.assertRaises(AccessError):
                    entry.with_user(user).read([name])
                with self.assertRaises(AccessError):
                    entry.with_user(user).write({name: "x"})
                with self.assertRaises(AccessError):
                    entry.with_user(user).search([(name, "=like", "a%")])

    def test_copies_have_their_own(self):
        self.map(phone="/values/phone")
        self.call({"id": self.contact.id})
        copy = self.campaign.copy().entry_ids
        self.assertTrue(copy.webhook_url)
        self.assertNotEqual(copy.webhook_token, self.entry.webhook_token)
        self.assertNotEqual(copy.webhook_secret, self.entry.webhook_secret)
        self.assertEqual(copy.mapping_ids.place, "/values/phone")
        self.assertFalse(copy.call_ids)

    # ------------------------------------------------------------
    # Bad calls
    # ------------------------------------------------------------

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

    # ------------------------------------------------------------
    # Values
    # ------------------------------------------------------------

    def test_create(self):
        self.entry.is_creating = True
        self.map(name="/values/name", phone="/values/tel/0", function="=Visitor", comment="/note")
        status, answer = self.call(
            {
                "find": {"email": "New@example.com"},
                "values": {"name": "New", "tel": ["+3212345678"]},
                "note": "<b onclick=alert(1)>hello</b>",
            }
        )
        self.assertEqual(status, 201)
        partner = self.env["res.partner"].search([("email_normalized", "=", "new@example.com")])
        self.assertEqual(
            (partner.name, partner.email, partner.phone, partner.function),
            ("New", "New@example.com", "+3212345678", "Visitor"),
        )
        self.assertIn("&lt;b onclick", partner.comment)
        self.assertEqual(partner.create_uid, self.responsible)
        self.assertNotIn(self.responsible.partner_id, partner.message_partner_ids)
        self.assertEqual(self.participant_of(self.campaign, partner).id, answer["participant_id"])
        self.assertRefused(409, "known", {"find": {"email": "new@example.com"}})
        self.assertRefused(404, "not_found", {"id": partner.id + 1000})

    def test_create_without_a_name(self):
        self.entry.is_creating = True
        self.assertEqual(self.call({"find": {"email": "new@example.com"}})[0], 201)
        partner = self.env["res.partner"].search([("email", "=", "new@example.com")])
        self.assertEqual(partner.name, "new@example.com")

    def test_create_leads_and_subscribers(self):
        group = self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.responsible.group_ids += group
        newsletter = self.env["mailing.list"].create({"name": "Our newsletter"})
        tag = self.env["crm.tag"].create({"name": "From afar"})
        for model_name, mapping, check in (
            (
                "crm.lead",
                {"name": "/values/subject", "tag_ids": "=From afar", "country_id": "/values/land"},
                lambda lead: (
                    (lead.name, lead.tag_ids, lead.country_id.code) == ("Hello", tag, "BE")
                ),
            ),
            (
                "mailing.contact",
                {
                    "name": "/values/subject",
                    "list_ids": "=Our newsletter",
                    "country_id": "/values/land",
                },
                lambda contact: (contact.name, contact.list_ids) == ("Hello", newsletter),
            ),
        ):
            campaign = self.create_campaign(
                domain="[]", entry_ids=[], model_id=self.env["ir.model"]._get_id(model_name)
            )
            action = self.create_server_action(
                code="pass", model_id=self.env["ir.model"]._get_id(model_name)
            )
            self.create_activity(campaign, "action", server_action_id=action.id)
            entry = self.create_entry(campaign, mapping, is_creating=True)
            name = entry.find_field_id.name
            campaign.action_start_campaign()
            payload = {
                "find": {name: "new@example.com"},
                "values": {"subject": "Hello", "land": "BE"},
            }
            self.assertEqual(self.call(payload, entry)[0], 201, model_name)
            record = self.env[model_name].search([(name, "=", "new@example.com")])
            self.assertTrue(check(record), model_name)
            self.assertEqual(self.call(payload, entry)[0], 409)

    def test_who_is_not_let_in_is_not_made(self):
        self.entry.is_creating = True
        self.campaign.domain = "[('function', '=', 'Visitor')]"
        self.assertRefused(409, "unmatched", {"find": {"email": "new@example.com"}})
        self.map(function="=Visitor")
        self.assertEqual(self.call({"find": {"email": "new@example.com"}})[0], 201)

    def test_update(self):
        self.map(phone="/values/phone", function="/values/job")
        payload = {"id": self.contact.id, "values": {"phone": "+321", "job": None}, "key": "1"}
        self.contact.function = "Baker"
        self.assertEqual(self.call(payload)[0], 201)
        self.assertEqual(self.contact.function, "Baker")
        self.entry.is_writing = True
        self.assertEqual(self.call(payload)[0], 200)
        self.assertEqual(self.contact.function, "Baker", "The same key again changes nothing")
        self.assertEqual(self.call({**payload, "key": "2"})[0], 201)
        self.assertEqual((self.contact.phone, self.contact.function), ("+321", False))
        self.assertEqual(self.contact.write_uid, self.responsible)

    def test_update_that_matches(self):
        self.map(function="/values/job")
        self.entry.is_writing = True
        self.campaign.domain = "[('function', '=', 'Baker')]"
        payload = {"id": self.contact.id, "values": {"job": "Butcher"}}
        self.assertRefused(409, "unmatched", payload)
        self.assertFalse(self.contact.function)
        self.assertEqual(self.call({**payload, "values": {"job": "Baker"}})[0], 201)

    def test_responsible_is_told_of_too_many(self):
        self.campaign.reentry = "always"
        self.map(function="/values/job")
        self.entry.is_writing = True
        self.env["ir.config_parameter"].set_param("marketing_automation.max_runs_a_day", "2")
        payload = {"id": self.contact.id, "values": {"job": "Baker"}}
        for _number in range(2):
            self.assertEqual(self.call(payload)[0], 201)
        self.assertRefused(409, "too_many", {**payload, "values": {"job": "Butcher"}})
        self.assertEqual(self.contact.function, "Baker")
        self.assertTrue(self.campaign.too_many_date)
        self.assertEqual(self.call({**payload, "key": "1"})[0], 201)

    def test_bad_values(self):
        self.entry.is_writing = True
        self.map(
            name="/values/name",
            type="/values/type",
            color="/values/color",
            is_company="/values/company",
            country_id="/values/country",
            category_id="/values/tags",
            comment="/values/comment",
            partner_latitude="/values/latitude",
        )
        for name, bad in (
            ("name", [True, ["x"], {"a": 1}, "x" * 2_000, "x" * 10**6]),
            ("type", ["nothing", 1, True, ["contact"]]),
            ("color", ["1", 1.5, True, 2**31, 10**30, [1]]),
            ("company", ["true", 1, None]),
            ("country", ["Nowhere", 10**8, -1, True, "%", [4, 1], {"id": 1}]),
            ("tags", [[[6, 0, [1]]], [[0, 0, {"name": "x"}]], "Nothing", None, [0], [True]]),
            ("comment", [["x"], True, "x" * 200_000]),
            ("latitude", ["1", True, 10**400, [1.0]]),
        ):
            for value in bad:
                with self.subTest(name=name, value=str(value)[:30]):
                    answer = self.assertRefused(
                        422, "bad_value", {"id": self.contact.id, "values": {name: value}}
                    )
                    self.assertIn(f"/values/{name}", answer["message"])
                    self.assertLess(len(answer["message"]), 300)
        self.assertEqual(self.contact.name, "Contact 0")

    def test_good_values(self):
        self.entry.is_writing = True
        tags = self.env["res.partner.category"].create([{"name": "T1"}, {"name": "T2"}])
        self.contact.category_id = tags[0]
        self.map(
            is_company="/values/company",
            color="/values/color",
            country_id="/values/country",
            category_id="/values/tags",
            lang="=en_US",
            partner_latitude="/values/latitude",
            ref="/values/number",
        )
        values = {
            "company": True,
            "color": 3,
            "country": "BE",
            "tags": ["T2"],
            "latitude": 50,
            "number": 17,
        }
        self.assertEqual(self.call({"id": self.contact.id, "values": values})[0], 201)
        contact = self.contact
        self.assertEqual(
            (contact.is_company, contact.color, contact.country_id.code, contact.category_id),
            (True, 3, "BE", tags),
        )
        self.assertEqual((contact.partner_latitude, contact.ref, contact.lang), (50, "17", "en_US"))

    def test_emptied_by_mistake(self):
        self.entry.is_writing = True
        self.map(name="/values/name")
        for value in (None, ""):
            self.assertRefused(422, "refused", {"id": self.contact.id, "values": {"name": value}})

    def test_dates(self):
        leads = self.env["crm.lead"]
        for name, value, read in (
            ("date_deadline", "2025-03-31", fields.Date.to_date("2025-03-31")),
            ("date_open", "2025-03-31T12:00:00.5+02:00", "2025-03-31 10:00:00"),
            ("date_open", "2025-03-31T12:00:00Z", "2025-03-31 12:00:00"),
            ("date_open", "2025-03-31 12:00:00", "2025-03-31 12:00:00"),
        ):
            read = fields.Datetime.to_datetime(read) if name == "date_open" else read
            with self.subTest(value=value):
                self.assertEqual(READERS[leads._fields[name].type](leads, None, value), read)
        for name, value in (
            ("date_deadline", "31/03/2025"),
            ("date_deadline", "2025-02-30"),
            ("date_deadline", 20250331),
            ("date_open", "soon"),
            ("date_open", 1743415200),
            ("date_open", "0001-01-01T00:00:00+14:00"),
            ("date_open", "2025-03-31 25:00"),
        ):
            with self.subTest(value=value):
                try:
                    read = READERS[leads._fields[name].type](leads, None, value)
                except UNREADABLE:
                    continue
                self.fail(read)

    def test_constant_that_is_gone(self):
        """Callers are not told what they have not sent."""
        self.entry.is_writing = True
        tag = self.env["res.partner.category"].create({"name": "Internal name"})
        self.map(category_id="=Internal name")
        tag.unlink()
        answer = self.assertRefused(409, "not_running", {"id": self.contact.id})
        self.assertNotIn("Internal", json.dumps(answer))
        self.assertIn("Internal", self.entry.call_ids[0].content)

    def test_rules_of_the_record(self):
        """What Odoo says may name what the caller has not sent."""
        self.entry.is_writing = True
        parent = self.env["res.partner"].create({"name": "Secret Holding"})
        child = self.env["res.partner"].create({"name": "Child", "parent_id": parent.id})
        self.map(parent_id="/values/parent")
        answer = self.assertRefused(
            422, "refused", {"id": parent.id, "values": {"parent": child.id}}
        )
        self.assertIn("/values/parent", answer["message"])
        self.assertNotIn("Holding", json.dumps(answer))
        self.assertTrue(self.entry.call_ids[0].content)

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_rights_of_the_responsible(self):
        """Neither sees nor writes a call more than they do."""
        rule = self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.contact.id})]",
            }
        )
        self.assertRefused(404, "not_found", {"id": self.contact.id})
        self.assertRefused(404, "not_found", {"find": {"email": self.contact.email}})
        rule.write({"perm_read": False})
        self.map(function="/values/job")
        self.entry.is_writing = True
        answer = self.assertRefused(
            422, "refused", {"id": self.contact.id, "values": {"job": "Baker"}}
        )
        self.assertNotIn("Not this one", json.dumps(answer))
        self.assertNotIn(self.contact.name, json.dumps(answer))

    def test_may_not_create(self):
        self.entry.is_creating = True
        self.responsible.group_ids -= self.env.ref("base.group_partner_manager")
        self.assertRefused(409, "not_running", {"find": {"email": "new@example.com"}})
        self.assertIn("may not create", self.entry.call_ids[0].content)

    def test_fields_that_calls_cannot_write(self):
        entry = self.entry.with_user(self.responsible)
        for name in (
            "id",
            "create_date",
            "commercial_partner_id",
            "email_normalized",
            "display_name",
            "child_ids",
            "user_ids",
            "image_1920",
            "signup_type",
            "message_follower_ids",
        ):
            field = self.env["ir.model.fields"]._get("res.partner", name)
            with self.subTest(name=name), self.assertRaises(ValidationError):
                entry.mapping_ids = [Command.create({"field_id": field.id, "place": "/values/x"})]

    def test_bad_mappings(self):
        field = self.env["ir.model.fields"]._get("res.partner", "color")
        of_leads = self.env["ir.model.fields"]._get("crm.lead", "name")
        for vals in (
            {"field_id": field.id},
            {"field_id": field.id, "place": "color"},
            {"field_id": field.id, "place": "/a", "constant": "1"},
            {"field_id": field.id, "constant": "red"},
            {"field_id": of_leads.id, "place": "/a"},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self.entry.mapping_ids = [Command.create(vals)]
        for name in ("find_place", "key_place"):
            with self.assertRaises(ValidationError):
                self.entry[name] = "customer.email"

    def test_who_may_change_the_mapping(self):
        self.map(phone="/values/phone")
        self.campaign.user_id = self.env.ref("base.user_admin")
        line = self.entry.mapping_ids.with_user(self.responsible)
        with self.assertRaises(AccessError):
            line.place = "/x"
        with self.assertRaises(AccessError):
            line.unlink()
        with self.assertRaises(AccessError):
            line.copy({"entry_id": self.entry.id, "field_id": line.field_id.id + 1})

    # ------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------

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
