"""Who knows the secret of a webhook, and what a call may do."""

import json

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .entry_webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestWebhookSecrets(WebhookCase):
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


@tagged("post_install", "-at_install")
class TestWebhookRights(WebhookCase):
    """It may do what the responsible may."""

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
