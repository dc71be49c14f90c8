"""What a webhook writes to the records that it finds, or makes."""

import json

from odoo import fields
from odoo.tests import tagged

from ..models.entry.webhook_values import READERS, UNREADABLE
from .entry_webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestWebhookValues(WebhookCase):
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
