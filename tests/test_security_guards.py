"""What people keep: their campaigns, what is written about them, and what others must not see.

See ``test_security_back_doors.py`` for the *attacker* and the *boss*; the *colleague* has the
rights of the attacker.
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .test_security_back_doors import ADMIN, USER
from .test_security_side_doors import SideDoorsCase


@tagged("post_install", "-at_install")
class TestDeleteAndArchive(SideDoorsCase):
    """A campaign that is gone, forgotten or restored writes to everybody again."""

    def test_01_archive(self):
        self.rpc(self.theirs, "action_stop_campaign")
        self.assertRefused(self.theirs, "action_archive", regex="more than you")
        self.assertRefused(self.theirs, "write", {"active": False}, regex="more than you")
        self.assertTrue(self.theirs.active)

    def test_02_restore(self):
        self.rpc(self.theirs, "action_archive", user=self.boss)
        self.assertRefused(self.theirs, "action_unarchive", regex="more than you")
        self.assertFalse(self.theirs.active)
        self.rpc(self.theirs, "action_unarchive", user=self.boss)

    def test_03_rename(self):
        for values in ({"name": "Mine"}, {"title": "Mine"}):
            self.assertRefused(self.theirs, "write", values, regex="more than you")
        self.assertEqual(self.theirs.name, "Theirs")

    def test_04_state(self):
        self.assertRefused(self.theirs, "write", {"state": "draft"}, regex="more than you")
        self.rpc(self.theirs, "write", {"state": "stopped"})
        self.assertEqual(self.theirs.state, "stopped")
        self.assertRefused(self.theirs, "write", {"state": "running"}, regex="more than you")

    def test_05_last_synchronisation(self):
        """The job serves the one that has waited longest."""
        values = {"last_sync_date": "2099-01-01 00:00:00"}
        for campaign in self.theirs, self.own:
            for user in self.attacker, self.boss:
                self.assertRefused(campaign, "write", values, user=user)

    def test_06_what_is_everybodys(self):
        for values in (
            {"color": 3},
            {"tag_ids": [Command.link(self.env["utm.tag"].create({"name": "Autumn"}).id)]},
            {"state": "stopped"},
        ):
            self.rpc(self.theirs, "write", values)

    def test_07_utm_campaign(self):
        utm = self.theirs.utm_campaign_id
        for user in self.employee, self.mailer, self.attacker:
            for values in ({"title": "Mine"}, {"name": "Mine"}, {"active": False}):
                self.assertRefused(utm, "write", values, user=user)
            self.assertRefused(utm, "action_archive", user=user)
            self.assertRefused(utm, "update_field_translations", "title", {"en_US": "x"}, user=user)
            self.assertRefused(utm, "unlink", user=user, error=(AccessError, UserError))
            self.rpc(utm, "write", {"color": 4}, user=user)
        self.rpc(utm, "write", {"title": "Boss"}, user=self.boss)
        plain = self.env["utm.campaign"].create({"title": "Plain"})
        self.rpc(plain, "write", {"title": "Renamed"}, user=self.employee)

    def test_08_delete(self):
        new = self.create_campaign(self.contact, name="New", user_id=self.boss.id)
        self.assertRefused(new, "unlink", regex="more than you")
        self.rpc(self.theirs, "action_stop_campaign")
        self.assertRefused(self.theirs, "unlink", regex="more than you")
        self.rpc(self.theirs + new, "unlink", user=self.boss)
        self.assertFalse((self.theirs + new).exists())

    def test_09_delete_with_participants(self):
        """Only administrators delete participants, so also what takes them along."""
        self.create_activity(self.own)
        self.rpc(self.own, "action_start_campaign")
        self.run_jobs()
        self.rpc(self.own, "action_stop_campaign")
        self.assertRefused(self.own.participant_ids, "unlink")
        self.assertRefused(self.own, "unlink", regex="Archive it instead")
        self.attacker.group_ids += self.env.ref(ADMIN)
        self.rpc(self.own, "unlink")
        self.assertFalse(self.own.exists())

    def test_10_delete_after_a_test(self):
        self.create_activity(self.own)
        wizard = self.env["marketing.campaign.test"].with_user(self.attacker)
        wizard.create({"campaign_id": self.own.id, "res_id": self.contact.id}).action_launch_test()
        self.rpc(self.own, "unlink")
        self.assertFalse(self.own.exists())


@tagged("post_install", "-at_install")
class TestTrail(SideDoorsCase):
    """Notes of the system stay as they are; those of people are theirs."""

    def setUp(self):
        super().setUp()
        self.env.flush_all()
        self.env.cr.flush()
        self.rpc(self.theirs, "action_stop_campaign", user=self.boss)
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()
        self.note = self.theirs.message_ids.filtered(
            lambda message: message.sudo().tracking_value_ids
        )[:1]

    def test_21_every_field_of_a_note(self):
        """None but what readers add can be written, whatever Odoo or other addons call it."""
        of_readers = {
            "message_link_preview_ids",
            "needaction",
            "notification_ids",
            "notified_partner_ids",
            "pinned_at",
            "reaction_ids",
            "starred",
            "starred_partner_ids",
        }
        boss = self.boss.partner_id.id
        samples = {
            "subject": "x",
            "email_from": "x@example.com",
            "subtype_id": False,
            "parent_id": False,
            "record_name": "x",
            "is_internal": False,
            "partner_ids": [Command.link(boss)],
            "attachment_ids": [Command.clear()],
            "mail_activity_type_id": False,
            "author_id": boss,
            "author_guest_id": False,
            "message_id": "<x>",
            "reply_to": "x@example.com",
            "message_type": "comment",
        }
        self.assertTrue(self.note)
        for name in set(self.note._fields) - of_readers:
            values = {name: samples.get(name, False)}
            self.assertRefused(
                self.note, "write", values, user=self.boss, error=(AccessError, UserError)
            )

    def test_22_what_readers_add(self):
        self.rpc(self.note, "toggle_message_starred", user=self.boss)
        self.assertIn(self.boss.partner_id, self.note.starred_partner_ids)
        self.rpc(
            self.note,
            "write",
            {
                "reaction_ids": [
                    Command.create({"content": "👍", "partner_id": self.boss.partner_id.id})
                ]
            },
            user=self.boss,
        )
        self.assertTrue(self.note.reaction_ids)

    def test_23_note_in_the_name_of_the_boss(self):
        """The boss deletes it."""
        values = {"author_id": self.boss.partner_id.id, "body": "I stop all campaigns."}
        for context in ({}, {"default_message_type": "notification"}):
            notes = [
                self.rpc(self.theirs, "message_post", **values, **kwargs, context=context)
                for kwargs in ({}, {"message_type": "notification"})
            ]
            notes += [
                *self.rpc(
                    self.env["mail.message"],
                    "create",
                    [
                        {**values, "model": self.theirs._name, "res_id": self.theirs.id, **kwargs}
                        for kwargs in ({}, {"message_type": "notification"})
                    ],
                    context=context,
                )
            ]
            self.assertEqual(len(notes), 4)
            for note in notes:
                self.rpc(self.env["mail.message"].browse(note), "unlink", user=self.boss)

    def test_24_note_that_moves_here(self):
        note = self.rpc(
            self.env["mail.message"],
            "create",
            [
                {
                    "author_id": self.boss.partner_id.id,
                    "body": "I stop all campaigns.",
                    "message_type": "notification",
                    "model": "mailing.mailing",
                    "res_id": self.create_mailing(self.own).id,
                }
            ],
        )
        note = self.env["mail.message"].browse(note)
        self.assertRefused(
            note,
            "write",
            {"model": self.theirs._name, "res_id": self.theirs.id},
            error=(AccessError, UserError),
        )


@tagged("post_install", "-at_install")
class TestExternalIds(SideDoorsCase):
    """External ids can be taken by an import."""

    def test_31_ids_of_shared_records(self):
        ids = self.env["ir.model.data"]
        for name, template in (
            ("server_action_blacklist", "welcome"),
            ("partner_category_hot_contact", "hot_contacts"),
            ("server_action_call_prospect", "commercial_prospection"),
            ("mailing_list_confirmed", "double_optin"),
        ):
            ids.search([("module", "=", "marketing_automation"), ("name", "=", name)]).unlink()
            self.env.registry.clear_cache()
            result = self.rpc(
                self.own.browse(), "load", ["id", "name"], [[f"marketing_automation.{name}", "x"]]
            )
            self.assertTrue(result["ids"], result)
            with self.subTest(template):
                action = self.rpc(
                    self.own.browse(), "get_action_marketing_campaign_from_template", template
                )
                campaign = self.own.browse(action["res_id"])
                self.rpc(campaign, "action_start_campaign")
                again = self.rpc(
                    self.own.browse(), "get_action_marketing_campaign_from_template", template
                )
                self.assertEqual(
                    campaign.marketing_activity_ids.server_action_id,
                    self.own.browse(again["res_id"]).marketing_activity_ids.server_action_id,
                )

    def test_32_type_of_calls(self):
        self.env.ref("mail.mail_activity_data_call")
        data = self.env["ir.model.data"].search(
            [("module", "=", "mail"), ("name", "=", "mail_activity_data_call")]
        )
        data.write({"model": "res.partner", "res_id": self.contact.id})
        self.env.registry.clear_cache()
        self.assertEqual(self.own._get_call_activity_type()._name, "mail.activity.type")


@tagged("post_install", "-at_install")
class TestServerActionFields(SideDoorsCase):
    """What an action writes, sends and to whom is the administrators' to see."""

    SECRET = (
        "code",
        "value",
        "html_value",
        "resource_ref",
        "selection_value",
        "webhook_url",
        "webhook_field_ids",
        "webhook_sample_payload",
        "activity_note",
        "activity_summary",
        "activity_user_id",
        "partner_ids",
        "sequence_id",
    )

    def test_41_reading(self):
        action = self.create_server_action(
            False, state="object_write", update_path="function", value="record.secret"
        )
        for name in self.SECRET:
            with self.subTest(name):
                self.assertRefused(action, "read", [name])
                self.assertRefused(action.browse(), "search_read", [], [name])
                # The search on the names of activities is about one's own tasks.
                if name not in ("activity_summary", "activity_user_id", "webhook_sample_payload"):
                    self.assertRefused(action.browse(), "search", [(name, "!=", False)])
        shown = ["name", "display_name", "model_id", "model_name", "state"]
        values = self.rpc(action, "read", shown)
        self.assertEqual(values[0]["name"], action.name)
        self.assertFalse(set(self.SECRET) & set(self.rpc(action.browse(), "fields_get")))

    def test_42_no_other_text_that_a_person_has_written(self):
        """A field that Odoo adds is looked at before marketing users see it."""
        model = self.env["ir.actions.server"].with_user(self.attacker)
        texts = {
            name
            for name, field in model._fields.items()
            if field.type in ("char", "text", "html", "binary", "json")
            and field.store
            and model._has_field_access(field, "read")
        }
        self.assertEqual(
            texts,
            {
                "activity_user_field_name",
                "automated_name",
                "binding_view_types",
                "followers_partner_field_name",
                "help",
                "name",
                "path",
                "type",
                "update_path",
            },
        )

    def test_45_formulas_of_fields(self):
        """Fields are picked for unicity, by name; Odoo shows them to administrators only."""
        field = self.env["ir.model.fields"].create(
            {
                "name": "x_secret",
                "field_description": "Secret",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "ttype": "char",
                "store": False,
                "readonly": True,
                "compute": "for record in self: record['x_secret'] = 'key'",
                "depends": "name",
            }
        )
        for name in "compute", "depends":
            self.assertRefused(field, "read", [name])
            self.assertRefused(field.browse(), "search", [(name, "ilike", "key")])
            self.assertTrue(self.rpc(field, "read", [name], user=self.boss)[0][name])
        [values] = self.rpc(field, "read", ["display_name", "ttype"])
        self.assertEqual(values["ttype"], "char")

    def test_43_form(self):
        """Marketing users open the action that they picked."""
        hook = {"state": "webhook", "webhook_url": "https://example.com/hook?key=secret"}
        call = {"state": "next_activity", "activity_summary": "Call"}
        update = {"state": "object_write", "update_path": "function", "value": "Touched"}
        for values in {}, hook, call, update, {"state": "object_create", "value": "New"}:
            action = self.create_server_action(**values)
            form = Form(action.with_user(self.attacker))
            self.assertEqual(form.name, action.name)
            self.assertFalse(set(self.SECRET) & set(form._view["fields"]))

    def test_44_picker(self):
        action = self.create_server_action(name="Touch")
        found = self.rpc(
            action.browse(),
            "name_search",
            "Touch",
            [("model_id", "=", self.own.model_id.id), ("usage", "=", "ir_actions_server")],
        )
        self.assertIn(action.id, [action_id for action_id, _name in found])


@tagged("post_install", "-at_install")
class TestUnicity(SideDoorsCase):
    """What a campaign reads is checked when it runs."""

    def test_51_field_that_the_new_responsible_may_not_read(self):
        """Who is left out would tell which hidden values are equal."""
        field = self.env["ir.model.fields"]._get("res.partner", "signup_type")
        self.contact.signup_type = self.other.signup_type = "reset"
        self.theirs.write({"domain": "[]", "unique_field_id": field.id})
        self.rpc(self.theirs, "action_stop_campaign")
        self.rpc(self.theirs, "write", {"user_id": self.attacker.id})
        before = len(self.theirs.participant_ids)
        self.assertRefused(
            self.theirs, "action_start_campaign", error=UserError, regex="may not read"
        )
        self.theirs.env.cr.execute(
            "UPDATE marketing_campaign SET state = 'running' WHERE id = %s", [self.theirs.id]
        )
        self.env.invalidate_all()
        self.run_jobs()
        self.assertEqual(len(self.theirs.participant_ids), before)
        self.assertIn("may not read", self.theirs.activity_ids[:1].note)


@tagged("post_install", "-at_install")
class TestLongNames(SideDoorsCase):
    """Everybody who opens the campaign would wait for them."""

    def test_61_names(self):
        long = "x" * 10_000_000
        activity = self.create_activity(self.own)
        for records, name in ((self.own, "name"), (self.own, "title"), (activity, "name")):
            self.assertRefused(
                records, "write", {name: long}, error=ValidationError, regex="too long"
            )
        self.assertRefused(
            self.own.browse(), "create", [{"name": long}], error=ValidationError, regex="too long"
        )
        self.assertRefused(
            self.own, "copy", {"name": long}, error=ValidationError, regex="too long"
        )
        self.assertRefused(
            self.own.utm_campaign_id,
            "write",
            {"title": long},
            error=ValidationError,
            regex="too long",
        )

    def test_62_filters_may_be_long(self):
        self.rpc(self.own, "write", {"domain": str([("id", "in", list(range(1, 10000)))])})


@tagged("post_install", "-at_install")
class TestColleague(SideDoorsCase):
    """The same rights: nothing is in the way."""

    def test_71_colleague(self):
        colleague = mail_new_test_user(
            self.env, login="colleague", groups=f"base.group_user,{USER}"
        )
        self.rpc(self.own, "write", {"name": "Ours"}, user=colleague)
        self.rpc(self.own, "action_archive", user=colleague)
        self.rpc(self.own, "unlink", user=colleague)
