"""What a step does without code, chosen in the activity's dialog."""

from unittest.mock import patch

import requests

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .test_execution import ExecutionCase

VIEW = "marketing_automation.marketing_activity_view_form"


class ActionCase(ExecutionCase):
    """A marketer builds steps in the dialog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "VIP"})
        cls.list = cls.env["mailing.list"].create({"name": "News"})

    def choose(self, kind, activity=None, campaign=None, user=None, **values):
        """Choose what a step does, as the dialog does it.

        :param activity: an existing one, to change it
        """
        campaign = campaign or self.campaign
        activities = self.env["marketing.activity"].with_user(user or self.responsible)
        form = Form(
            (activity or activities)
            .with_env(activities.env)
            .with_context(default_campaign_id=campaign.id),
            VIEW,
        )
        form.activity_type = "action"
        form.action_kind = kind
        for name, value in values.items():
            if name == "action_webhook_field_ids":
                for record in value:
                    form.action_webhook_field_ids.add(record)
            else:
                setattr(form, name, value)
        if not activity:
            form.interval_number = 0
        return form.save()

    def field(self, name, model="res.partner"):
        return self.env["ir.model.fields"]._get(model, name)

    def lead_campaign(self, **vals):
        """A campaign on a lead."""
        lead = self.env["crm.lead"].create({"name": "Lead", "email_from": "lead@example.com"})
        return lead, self.create_campaign(
            lead, model_id=self.env["ir.model"]._get_id("crm.lead"), **vals
        )

    def run_campaign(self, campaign):
        campaign.action_start_campaign()
        self.run_jobs()


@tagged("post_install", "-at_install")
class TestChoices(ActionCase):
    """Each choice does what it says, and says what it does."""

    def test_tag(self):
        self.contacts[0].category_id = self.env["res.partner.category"].create({"name": "Old"})
        added = self.choose("tag_add", action_record=self.tag)
        self.assertEqual(added.name, "Add tag VIP")
        self.assertEqual(added.content, "Add tag VIP")
        self.start()
        self.assertEqual(self.states(added), ["processed"] * 4)
        self.assertEqual(self.contacts.mapped("category_id.name"), ["Old", "VIP"])
        self.assertEqual(self.contacts[1].category_id, self.tag)
        removed = self.choose("tag_remove", action_record=self.tag)
        self.assertEqual(removed.content, "Remove tag VIP")
        self.campaign.action_update_participants()
        self.run_jobs()
        self.assertEqual(self.contacts.category_id.mapped("name"), ["Old"])

    def test_update_of_each_type_of_field(self):
        country = self.env.ref("base.be")
        for name, values, expected, words in (
            ("function", {"action_value": "Boss"}, "Boss", "Set Job Position to Boss"),
            ("function", {}, False, "Clear Job Position"),
            ("color", {"action_value": "7"}, 7, "Set Color Index to 7"),
            ("is_company", {"action_value": "true"}, True, "Set Is a Company to Yes"),
            ("is_company", {"action_value": "false"}, False, "Set Is a Company to No"),
            ("type", {"action_value": "other"}, "other", "Set Address Type to Other"),
            ("country_id", {"action_record": country}, country, "Set Country to Belgium"),
            ("category_id", {"action_record": self.tag}, self.tag, "Add VIP to Tags"),
        ):
            with self.subTest(name, **values):
                campaign = self.create_campaign(self.contacts)
                values = {"action_field_id": self.field(name), **values}
                if name == "category_id":
                    # The same as "Add a Tag", said otherwise.
                    values["action_operation"] = "add"
                activity = self.choose("field", campaign=campaign, **values)
                if name != "category_id":
                    self.assertEqual(activity.content, words)
                    self.assertEqual(activity.action_kind, "field")
                    self.assertEqual(activity.action_field_id, self.field(name))
                self.run_campaign(campaign)
                self.assertEqual(self.contacts[0][name], expected)

    def test_values_that_the_field_cannot_hold(self):
        for name, value in (("color", "blue"), ("type", "nowhere"), ("is_company", "perhaps")):
            with self.subTest(name), self.assertRaises(ValidationError):
                self.env["marketing.activity"].create(
                    {
                        "name": "Update",
                        "campaign_id": self.campaign.id,
                        "activity_type": "action",
                        "action_kind": "field",
                        "action_field_id": self.field(name).id,
                        "action_value": value,
                    }
                )

    def test_stage_and_salesperson(self):
        lead, campaign = self.lead_campaign(user_id=self.env.ref("base.user_admin").id)
        admin = self.env.ref("base.user_admin")
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        stage = self.choose("stage", campaign=campaign, user=admin, action_record=won)
        person = self.choose("user", campaign=campaign, user=admin, action_record=self.responsible)
        self.assertEqual(stage.content, f"Set Stage to {won.name}")
        self.assertEqual(person.content, "Set Salesperson to Marketer")
        self.assertEqual(person.action_kind, "user")
        self.run_campaign(campaign)
        self.assertEqual(lead.stage_id, won)
        self.assertEqual(lead.user_id, self.responsible)

    def test_activity_of_the_records_user_or_the_responsible(self):
        seller = mail_new_test_user(self.env, login="seller", name="Seller")
        self.contacts[0].user_id = seller
        step = self.choose("activity", action_summary="Call back", action_deadline_number=3)
        self.assertEqual(step.content, "Schedule “Call back”")
        self.start()
        activities = self.contacts.activity_ids.sorted("res_id")
        self.assertEqual(activities.mapped("summary"), ["Call back"] * 4)
        self.assertEqual(activities[0].user_id, seller)
        self.assertEqual(activities[1:].user_id, self.responsible)
        self.assertEqual(step.action_deadline_number, 3)

    def test_note(self):
        step = self.choose("note", action_note="Clicked <b>twice</b>\n{{ object.name }}")
        self.start()
        note = self.contacts[0].message_ids[0]
        self.assertIn("Clicked &lt;b&gt;twice&lt;/b&gt;<br>{{ object.name }}", note.body)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        self.assertEqual(note.author_id, self.responsible.partner_id)
        self.assertIn("Log note “Clicked <b>twice</b>", step.content)

    def test_webhook(self):
        admin = self.env.ref("base.user_admin")
        campaign = self.create_campaign(self.contacts[0], user_id=admin.id)
        step = self.choose(
            "webhook",
            campaign=campaign,
            user=admin,
            action_webhook_url="https://www.example.com/hook?key=secret",
            action_webhook_field_ids=self.field("email"),
        )
        self.assertEqual(step.content, "Send to www.example.com")
        with patch.object(requests, "post") as post:
            campaign.action_start_campaign()
            campaign.sync_participants()
            campaign.execute_activities()
            self.env.cr.postcommit.run()
        self.assertIn("contact0@example.com", post.call_args.kwargs["data"])

    def test_each_target_has_its_choices(self):
        lead_campaign = self.lead_campaign()[1]
        mailing_campaign = self.create_campaign(
            model_id=self.env["ir.model"]._get_id("mailing.contact")
        )
        for campaign, missing in (
            (self.campaign, {"stage", "webhook"}),
            (mailing_campaign, {"stage", "user", "activity", "webhook"}),
        ):
            activity = self.env["marketing.activity"].with_user(self.responsible)
            activity = activity.new({"campaign_id": campaign.id})
            keys = {choice["key"] for choice in activity.action_kinds}
            everything = dict(activity._fields["action_kind"]._description_selection(self.env))
            self.assertEqual(set(everything) - keys, missing)
        admin = self.env.ref("base.user_admin")
        activity = self.env["marketing.activity"].with_user(admin)
        activity = activity.new({"campaign_id": lead_campaign.id})
        labels = {choice["key"]: choice["label"] for choice in activity.action_kinds}
        self.assertEqual(labels["stage"], "Change Stage")
        self.assertEqual(labels["user"], "Change Salesperson")
        self.assertIn("webhook", labels)


@tagged("post_install", "-at_install")
class TestBeneath(ActionCase):
    """The server action belongs to the step."""

    def test_change_changes_the_same_action(self):
        step = self.choose("tag_add", action_record=self.tag)
        action = step.server_action_id
        self.assertTrue(action.made_by_marketing)
        gold = self.env["res.partner.category"].create({"name": "Gold"})
        self.choose("tag_add", step, action_record=gold)
        self.assertEqual(step.server_action_id, action)
        self.assertEqual(action.name, "Add tag Gold")
        self.assertEqual(step.content, "Add tag Gold")
        gold.name = "Platinum"
        step.invalidate_recordset()
        self.assertEqual(step.content, "Add tag Platinum")

    def test_one_value_alone(self):
        """Clients write just what they change."""
        step = self.choose("activity", action_summary="Call", action_deadline_number=2)
        step.action_summary = "Write"
        self.assertEqual((step.action_summary, step.action_deadline_number), ("Write", 2))
        step.write({"action_deadline_number": 5})
        self.env.invalidate_all()
        self.assertEqual((step.action_summary, step.action_deadline_number), ("Write", 5))

    def test_second_thoughts_in_the_dialog(self):
        """Values of another choice or field are not taken over; what is there stays."""
        step = self.choose("field", action_field_id=self.field("function"), action_value="Boss")
        with Form(step, VIEW) as form:
            form.action_field_id = self.field("street")
            self.assertFalse(form.action_value)
            form.action_value = "Main Street"
            form.action_kind = "tag_add"
            self.assertFalse(form.action_record)
            form.action_kind = "field"
            self.assertEqual(form.action_field_id, self.field("function"))
            self.assertEqual(form.action_value, "Boss")
        self.assertEqual(step.content, "Set Job Position to Boss")

    def test_picked_action_is_not_changed(self):
        library = self.create_server_action()
        step = self.create_activity(self.campaign, "action", server_action_id=library.id)
        self.assertEqual(step.action_kind, "existing")
        self.assertEqual(step.content, "Server action")
        before = library.copy_data()
        self.choose("note", step, action_note="Noted")
        self.assertNotEqual(step.server_action_id, library)
        self.assertEqual(library.copy_data(), before)
        self.choose("existing", step, server_action_id=library)
        self.assertEqual(step.server_action_id, library)

    def test_action_that_others_use_is_not_changed(self):
        step = self.choose("note", action_note="Mine")
        action = step.server_action_id
        other = self.create_activity(self.campaign, "action", server_action_id=action.id)
        self.choose("note", step, action_note="Changed")
        self.assertEqual(other.action_note, "Mine")
        self.assertEqual(step.action_note, "Changed")
        self.assertNotEqual(step.server_action_id, action)

    def test_copy_has_its_own(self):
        step = self.choose("note", action_note="Mine")
        copy = self.campaign.with_user(self.responsible).copy().marketing_activity_ids
        self.assertNotEqual(copy.server_action_id, step.server_action_id)
        self.assertEqual(copy.server_action_id.name, step.server_action_id.name)
        copy.action_note = "Theirs"
        self.assertEqual(step.action_note, "Mine")

    def test_what_nobody_uses_is_deleted(self):
        step = self.choose("note", action_note="Mine")
        first = step.server_action_id
        library = self.create_server_action()
        self.choose("tag_add", step, action_record=self.tag)
        shown = self.choose("note", action_note="In a menu").server_action_id.sudo()
        shown.create_action()
        kept = step.server_action_id
        (self.campaign.marketing_activity_ids - step).unlink()
        self.env["ir.actions.server"]._gc_made_by_marketing()
        self.assertFalse(first.exists())
        self.assertTrue(all(action.exists() for action in (library, kept, shown)))

    def test_what_is_gone_is_said(self):
        steps = {
            "tag": self.choose("tag_add", action_record=self.tag),
            "list": self.choose("list_add", action_list_id=self.list),
            "user": self.choose("user", action_record=mail_new_test_user(self.env, "gone")),
        }
        self.assertFalse(self.campaign._get_problems())
        self.tag.unlink()
        self.list.action_archive()
        self.env["res.users"].search([("login", "=", "gone")]).action_archive()
        for step in steps.values():
            problem = " ".join(step._get_problems())
            self.assertIn(step.name, problem)
            self.assertIn("it is gone, or was archived", problem)
        with self.assertRaisesRegex(UserError, "Tags"):
            self.campaign.action_start_campaign()

    def test_journey_says_what_is_done(self):
        step = self.choose("tag_add", action_record=self.tag)
        self.start()
        [drawn] = self.campaign.participant_ids[0].get_journey()["steps"]
        self.assertEqual((drawn["id"], drawn["content"]), (step.id, "Add tag VIP"))
