"""Bad input gets a clear error, and loses nothing."""

from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MarketingAutomationCase, MessagingCase


@tagged("post_install", "-at_install")
class TestBadInput(MarketingAutomationCase):
    """Campaigns and activities that cannot work are refused as they are written."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.lead_model = cls.env["ir.model"]._get("crm.lead")

    def assertRefused(self, record, values, message):
        before = record.read(list(values))
        with self.assertRaises(UserError) as refusal:
            record.write(values)
            record.flush_recordset()
        self.assertRegex(str(refusal.exception), message)
        record.invalidate_recordset(flush=False)
        self.assertEqual(record.read(list(values)), before)

    # ------------------------------------------------------------
    # Filters
    # ------------------------------------------------------------

    def test_filter_of_a_campaign(self):
        for domain in (
            "[('gone', '=', 1)]",
            "[('name', 'sounds like', 'x')]",
            "[('name', '=', uid)]",
            "__import__('os').system('true')",
            "[(",
            "nonsense",
            "42",
            "[('name', '=')]",
            "[('parent_id.gone', '=', 1)]",
            "['|', ('name', '=', 'x')]",
        ):
            with self.subTest(domain=domain):
                self.assertRefused(self.campaign, {"domain": domain}, "“Campaign” cannot be used")

    def test_empty_filter_means_everybody(self):
        for domain in ("", "[]", False, "  "):
            self.campaign.domain = domain
            self.assertTrue(self.campaign._get_domain().is_true())

    def test_filter_of_an_activity(self):
        activity = self.create_activity(self.campaign, "action")
        for domain in ("[('gone', '=', 1)]", "[(", "[('name', '=', uid)]"):
            with self.subTest(domain=domain):
                self.assertRefused(activity, {"activity_domain": domain}, f"“{activity.name}”")

    def test_favorite_filter_of_another_model(self):
        favorite = self.env["mailing.filter"].create(
            {
                "name": "Hot",
                "mailing_model_id": self.lead_model.id,
                "mailing_domain": "[('name', '=', 'x')]",
            }
        )
        self.assertRefused(
            self.campaign, {"mailing_filter_id": favorite.id}, "made for another target"
        )

    # ------------------------------------------------------------
    # Models and fields
    # ------------------------------------------------------------

    def test_target_that_nobody_can_write_to(self):
        with self.assertRaisesRegex(ValidationError, "needs a target"):
            self.create_campaign(model_id=self.env["ir.model"]._get_id("res.country"))

    def test_unicity_field_of_another_model_or_not_stored(self):
        for model, name in (("crm.lead", "email_from"), ("res.partner", "contact_address")):
            field = self.env["ir.model.fields"]._get(model, name)
            self.assertRefused(self.campaign, {"unique_field_id": field.id}, "cannot be unique on")

    def _forget_model(self, campaign):
        """As the uninstallation of the addon of the target does."""
        self.env.cr.execute(
            "UPDATE marketing_campaign SET model_id = NULL WHERE id = %s", [campaign.id]
        )
        self.env.cr.execute(
            "UPDATE marketing_campaign SET model_name = 'gone.model' WHERE id = %s", [campaign.id]
        )
        self.env.invalidate_all()

    def test_model_gone(self):
        activity = self.create_activity(self.campaign, "action")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self._forget_model(self.campaign)
        self.assertEqual(self.campaign.total_participant_count, 2)
        self.assertTrue(activity.domain)
        for participant in self.campaign.participant_ids:
            self.assertTrue(participant.display_name)
            self.assertFalse(participant.resource_ref)
        self.assertTrue(activity.trace_ids[0].display_name)
        with self.assertRaisesRegex(UserError, "app was uninstalled"):
            self.campaign.sync_participants()
        with self.assertRaisesRegex(UserError, "app was uninstalled"):
            activity.trace_ids[0].action_execute()
        self.run_jobs()
        self.assertEqual(set(activity.trace_ids.mapped("state")), {"scheduled"})
        self.assertIn("app was uninstalled", self.campaign.activity_ids.note)
        self.campaign.action_stop_campaign()
        with self.assertRaisesRegex(UserError, "app was uninstalled"):
            self.campaign.action_start_campaign()
        self.campaign.name = "Kept"
        self.campaign.action_archive()

    def test_model_gone_before_a_test(self):
        self.create_activity(self.campaign, "action")
        self._forget_model(self.campaign)
        wizard = self.env["marketing.campaign.test"].create({"campaign_id": self.campaign.id})
        with self.assertRaisesRegex(UserError, "Pick a record"):
            wizard.action_launch_test()

    def create_custom_field(self):
        return self.env["ir.model.fields"].create(
            {
                "name": "x_number",
                "field_description": "Number",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "ttype": "char",
            }
        )

    def test_field_of_the_filter_gone(self):
        field = self.create_custom_field()
        self.create_activity(self.campaign, "action")
        self.campaign.domain = "[('x_number', '=', '1')]"
        self.campaign.action_start_campaign()
        field.unlink()
        with self.assertRaisesRegex(UserError, "x_number"):
            self.campaign.sync_participants()
        self.run_jobs()
        self.assertIn("x_number", self.campaign.activity_ids.note)
        self.campaign.domain = str([("id", "=", self.contacts[0].id)])
        self.run_jobs()
        self.assertEqual(self.campaign.total_participant_count, 1)

    def test_field_of_unicity_cannot_go(self):
        field = self.create_custom_field()
        self.campaign.unique_field_id = field
        with self.assertRaisesRegex(UserError, "is unique on “Number”"):
            field.unlink()

    def test_time_zones_of_the_database(self):
        campaigns = self.env["marketing.campaign"]
        self.assertTrue(campaigns._knows_timezone("Europe/Paris"))
        self.assertFalse(campaigns._knows_timezone("Mars/Olympus"))

    def test_time_zone_that_the_database_does_not_know(self):
        """Python may know more of them, or have another edition of their table."""
        Campaign = self.env.registry["marketing.campaign"]
        self.patch(Campaign, "_knows_timezone", lambda _self, name: name != "Asia/Tokyo")
        colleague = self.env["res.users"].create(
            {"name": "Colleague", "login": "colleague", "tz": "Asia/Tokyo"}
        )
        message = "Colleague .* campaign “Campaign.* time zone “Asia/Tokyo”"
        for record in (self.campaign, self.campaign.utm_campaign_id):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                record.user_id = colleague
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            self.create_campaign(self.contacts, user_id=colleague.id)
        with self.assertRaisesRegex(ValidationError, "Marketer .*“Asia/Tokyo”"):
            self.responsible.tz = "Asia/Tokyo"
        self.responsible.tz = "Europe/Paris"

    # ------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_negative_numbers(self):
        activity = self.create_activity(self.campaign, "action")
        for name, constraint in (
            ("interval_number", "marketing_activity_check_interval_number"),
            ("validity_duration_number", "marketing_activity_check_validity_duration_number"),
        ):
            with self.assertRaisesRegex(IntegrityError, constraint), self.cr.savepoint():
                activity[name] = -1
                activity.flush_recordset()
            activity.invalidate_recordset(flush=False)
            [constraint] = self.env["ir.model.constraint"].search([("name", "=", constraint)])
            self.assertIn("cannot be negative", constraint.message)

    @mute_logger("odoo.sql_db")
    def test_huge_interval(self):
        """Dates that nothing could read are refused."""
        for delay in ("10001 months", "2000000000 months"):
            with (
                self.assertRaisesRegex(IntegrityError, "marketing_activity_check_interval_number"),
                self.cr.savepoint(),
            ):
                self.create_activity(self.campaign, "action", delay=delay)
        activity = self.create_activity(self.campaign, "action", delay="10000 months")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.assertGreater(activity.trace_ids[0].schedule_date.year, 2800)

    def test_parent(self):
        first = self.create_activity(self.campaign, "action", name="First")
        second = self.create_activity(self.campaign, "action", name="Second", parent_id=first.id)
        third = self.create_activity(self.campaign, "action", name="Third", parent_id=second.id)
        values = {"parent_id": third.id, "trigger_type": "activity"}
        self.assertRefused(first, values, "in a circle")
        self.assertRefused(second, {"parent_id": second.id}, "in a circle")
        self.assertRefused(second, {"parent_id": False}, "Choose the step")
        other = self.create_activity(self.create_campaign(self.contacts), "action")
        self.assertRefused(second, {"parent_id": other.id}, "another campaign")
        self.assertRefused(second, {"trigger_type": "mail_open"}, "cannot happen to “First”")
        self.assertRefused(second, {"trigger_type": "sms_click"}, "cannot happen to “First”")

    def test_type_of_a_parent(self):
        parent = self.create_activity(self.campaign, name="Parent")
        self.create_activity(self.campaign, "action", "mail_click", parent_id=parent.id)
        action = self.create_server_action()
        self.assertRefused(
            parent,
            {"activity_type": "action", "server_action_id": action.id},
            "cannot happen to “Parent”",
        )

    def test_campaign_of_a_parent(self):
        parent = self.create_activity(self.campaign, "action")
        self.create_activity(self.campaign, "action", parent_id=parent.id)
        other = self.create_campaign(self.contacts)
        self.assertRefused(parent, {"campaign_id": other.id}, "another campaign")

    def test_mailing_of_another_model_or_type(self):
        activity = self.create_activity(self.campaign)
        for vals in (
            {"mailing_model_id": self.lead_model.id},
            {"mailing_type": "sms"},
        ):
            mailing = self.create_mailing(self.campaign, **vals)
            self.assertRefused(activity, {"mass_mailing_id": mailing.id}, "another target or type")

    def test_server_action_of_another_model(self):
        activity = self.create_activity(self.campaign, "action")
        action = self.create_server_action("pass", model_id=self.lead_model.id)
        self.assertRefused(activity, {"server_action_id": action.id}, "made for another model")

    def test_mailing_that_is_changed_behind_the_activity(self):
        """Its target changes after the activity took it."""
        activity = self.create_activity(self.campaign, delay="0 hours")
        mailing = activity.mass_mailing_id
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        mailing.mailing_model_id = self.lead_model
        with self.assertRaisesRegex(UserError, "another target or type"):
            self.campaign.execute_activities()
        self.campaign.action_stop_campaign()
        with self.assertRaisesRegex(UserError, "another target or type"):
            self.campaign.action_start_campaign()

    def test_unknown_event(self):
        activity = self.create_activity(self.campaign, delay="0 hours")
        self.campaign.action_start_campaign()
        self.run_jobs()
        with self.assertRaisesRegex(UserError, "no event “mail_eaten”"):
            activity.trace_ids[0].process_event("mail_eaten")

    def test_errors_are_translated(self):
        """The text that people read is taken from the translations."""
        self.env["res.lang"]._activate_lang("fr_FR")
        translations = "odoo.tools.translate.CodeTranslations.get_python_translations"
        with patch(translations, return_value={}) as looked_up, self.assertRaises(UserError):
            self.campaign.with_context(lang="fr_FR").action_start_campaign()
        self.assertIn("marketing_automation", {call.args[0] for call in looked_up.call_args_list})


@tagged("post_install", "-at_install")
class TestPoorSurroundings(MessagingCase):
    """What a fresh database lacks stops no campaign."""

    def test_no_mail_server_and_no_time_zone(self):
        """The mail server that is tried then does not answer."""
        self.env["ir.mail_server"].search([]).unlink()
        self.responsible.tz = False
        contact = self.create_contacts(1)
        campaign = self.create_campaign(contact)
        activity = self.create_activity(campaign, delay="0 days")
        self.start(campaign)
        MailServer = type(self.env["ir.mail_server"])
        with patch.object(MailServer, "_connect__", side_effect=OSError("Connection refused")):
            self.run_cron("ir_cron_send_emails")
        trace = self.trace_of(activity, contact)
        self.assertEqual((trace.state, trace.mailing_trace_status), ("processed", "outgoing"))
        hold = self.env["marketing.mailing.hold"].search([])
        self.assertEqual(hold.mailing_id, activity.mass_mailing_id)
        self.assertEqual(hold.reason, "Connection refused")

    def test_no_sms_credit(self):
        contact = self.create_contacts(1)
        campaign = self.create_campaign(contact)
        activity = self.create_activity(campaign, "sms", delay="0 hours")
        self.start(campaign)
        self.send_sms(sim_error="credit")
        trace = self.trace_of(activity, contact)
        self.assertEqual((trace.state, trace.state_reason), ("error", "sms_credit"))
