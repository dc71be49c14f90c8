from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import MarketingAutomationCase

CONNECT = "odoo.addons.marketing_automation.models.campaign.delivery.socket.create_connection"


@tagged("post_install", "-at_install")
class TestWorkflowView(MarketingAutomationCase):
    """What the server tells the workflow view, and the actions that its numbers open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.touch = cls.create_activity(
            cls.campaign,
            "action",
            delay="0 hours",
            name="Touch",
            activity_domain=str([("id", "in", cls.contacts[:3].ids)]),
        )
        cls.later = cls.create_activity(
            cls.campaign, delay="2 days", name="Later", parent_id=cls.touch.id
        )

    def run_campaign(self):
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()

    def as_marketer(self, records):
        return records.with_user(self.responsible)

    def test_rules(self):
        """The client knows of every trigger, event and type that the server knows of."""
        Activity = self.env["marketing.activity"]
        rules = self.as_marketer(Activity).get_workflow_rules()
        self.assertEqual(
            [rule["key"] for rule in rules["triggers"]], list(Activity._get_triggers())
        )
        self.assertEqual([rule["key"] for rule in rules["events"]], list(Activity._get_events()))
        self.assertEqual(
            [rule["key"] for rule in rules["types"]],
            Activity._fields["activity_type"].get_values(self.env),
        )
        [not_open] = [rule for rule in rules["triggers"] if rule["key"] == "mail_not_open"]
        self.assertEqual(
            (not_open["event"], not_open["category"], not_open["negative"]),
            ("mail_open", "email", True),
        )

    def test_missing_content(self):
        """What the client says of a step without content is what keeps the campaign from a
        start."""
        rules = self.as_marketer(self.env["marketing.activity"]).get_workflow_rules()
        missing = {rule["key"]: rule["missing"] for rule in rules["types"] if rule["missing"]}
        self.assertEqual(set(missing), {"email", "sms", "action", "goto"})
        for key in ("email", "action", "goto"):
            step = self.env["marketing.activity"].create(
                {
                    "name": "Empty",
                    "campaign_id": self.campaign.id,
                    "activity_type": key,
                    "trigger_type": "begin",
                }
            )
            self.assertFalse(step.content)
            self.assertIn(missing[key] % {"activity": "Empty"}, self.campaign._get_problems())
            step.unlink()

    def test_metrics(self):
        """Figures and history of each step, without tests."""
        with self.at("2026-03-02 10:00:00"):
            self.env["marketing.participant"].create(
                {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id, "is_test": True}
            )
            self.run_campaign()
        metrics = self.as_marketer(self.campaign).get_workflow_metrics()
        self.assertEqual(metrics["participants"], 4)
        touch = metrics["activities"][str(self.touch.id)]
        self.assertEqual((touch["processed"], touch["rejected"]), (3, 1))
        self.assertEqual(touch["history"], [["2026-03-02", 3, 1]])
        later = metrics["activities"][str(self.later.id)]
        self.assertEqual((later["scheduled"], later["sent"], later["history"]), (3, 0, []))

    def test_metrics_queries_do_not_grow_with_the_workflow(self):
        self.run_campaign()

        def count_queries():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.campaign.get_workflow_metrics()
            return self.env.cr.sql_log_count - before

        count_queries()
        small = count_queries()
        for i in range(10):
            self.create_activity(self.campaign, "action", name=f"Step {i}", parent_id=self.touch.id)
        self.assertEqual(count_queries(), small)

    def test_numbers_open_what_they_count(self):
        self.run_campaign()
        figures = self.campaign.get_workflow_metrics()["activities"][str(self.touch.id)]
        for figure in ("processed", "rejected", "scheduled"):
            action = self.as_marketer(self.touch).action_view_figure(figure)
            participants = self.as_marketer(self.env[action["res_model"]]).search(action["domain"])
            self.assertEqual(len(participants), figures[figure], figure)

    def test_matching_records(self):
        """The count of the filter tab is what a click on it shows."""
        self.contacts[0].active = False
        for includes_archived, expected in ((False, self.contacts[1:3]), (True, self.contacts[:3])):
            self.campaign.include_archived = includes_archived
            action = self.as_marketer(self.touch).action_view_matching_records()
            records = self.env[action["res_model"]].with_context(**action["context"])
            self.assertEqual(records.search(action["domain"]), expected)
            self.assertEqual(self.as_marketer(self.touch).get_matching_count(), len(expected))

    def test_journey(self):
        self.run_campaign()
        done, rejected = (self.participant_of(self.campaign, self.contacts[i]) for i in (0, 3))
        journey = self.as_marketer(done).get_journey()
        self.assertEqual([step["name"] for step in journey["steps"]], ["Touch", "Later"])
        self.assertEqual(journey["steps"][1]["parent_id"], self.touch.id)
        states = {key: trace["state"] for key, trace in journey["traces"].items()}
        self.assertEqual(states, {str(self.touch.id): "processed", str(self.later.id): "scheduled"})
        journey = self.as_marketer(rejected).get_journey()
        self.assertEqual(list(journey["traces"]), [str(self.touch.id)])
        self.assertTrue(journey["traces"][str(self.touch.id)]["reason"])

    def test_problems(self):
        """Each problem names the activity that a click opens; an empty workflow has none."""
        self.assertFalse(self.campaign.problem_list)
        self.later.mass_mailing_id.active = False
        self.campaign.invalidate_recordset()
        [problem] = self.as_marketer(self.campaign).problem_list
        self.assertEqual(problem["activity_id"], self.later.id)
        self.assertIn("Later", problem["message"])
        self.assertFalse(self.create_campaign().problem_list)

    def test_delivery_warnings(self):
        """A campaign says which of its messages cannot be sent; only administrators are led on."""

        def get_warnings(user=self.responsible):
            self.campaign.invalidate_recordset(["delivery_warnings"])
            return self.campaign.with_user(user).delivery_warnings

        self.env["ir.mail_server"].search([]).active = False
        self.env["iap.account"].search([]).unlink()
        with patch(CONNECT, side_effect=ConnectionRefusedError):
            [warning] = get_warnings()
            self.assertIn("mail server", warning["message"])
            self.assertFalse(warning["action"])
            [warning] = get_warnings(self.env.ref("base.user_admin"))
            self.assertEqual(warning["action"], "base.action_ir_mail_server_list")
            self.env["ir.mail_server"].create({"name": "Here", "smtp_host": "mail.example.com"})
            self.assertFalse(get_warnings())
        self.create_activity(self.campaign, "sms", name="Text")
        [warning] = get_warnings()
        self.assertIn("SMS account", warning["message"])
        service = self.env.ref("sms.iap_service_sms")
        account = self.env["iap.account"].create({"service_id": service.id})
        for state in ("unregistered", "banned"):
            account.state = state
            self.assertTrue(get_warnings(), state)
        for state in ("registered", False):
            account.state = state
            self.assertFalse(get_warnings(), state)

    def test_the_default_mail_server_has_to_answer(self):
        self.env["ir.mail_server"].search([]).active = False
        with patch(CONNECT) as connection:
            self.assertFalse(self.campaign.delivery_warnings)
        connection.assert_called_once()

    def test_overview(self):
        with self.at("2026-03-02 10:00:00"):
            self.run_campaign()
        with self.at("2026-03-04 10:00:00"):
            self.campaign.execute_activities()
            overview = self.as_marketer(self.campaign).get_overview()
            self.assertEqual(overview["messages"]["sent"], 0, "They are queued.")
            self.hand_over(self.campaign)
        overview = self.as_marketer(self.campaign).get_overview()
        self.assertEqual((overview["participants"], overview["messages"]["sent"]), (4, 3))
        self.assertEqual(overview["trend"], [["2026-03-02", 4, 3], ["2026-03-04", 0, 3]])

    def test_journeys_of_a_contact(self):
        self.run_campaign()
        contact = self.contacts[0]
        self.env["marketing.participant"].create(
            {"campaign_id": self.campaign.id, "res_id": contact.id, "is_test": True}
        )
        participant = self.participant_of(self.campaign, contact)
        self.assertEqual(self.as_marketer(contact).marketing_participant_count, 1)
        action = self.as_marketer(contact).action_view_marketing_participants()
        self.assertEqual(action["res_id"], participant.id)
        self.assertFalse(self.create_contacts(1).marketing_participant_count)

    def test_text_messages_are_written_in_the_activity(self):
        """The text becomes a mailing of the activity, and is changed there."""
        activity = self.as_marketer(self.env["marketing.activity"]).create(
            {
                "campaign_id": self.campaign.id,
                "name": "Text",
                "activity_type": "sms",
                "sms_text": "Hello",
            }
        )
        mailing = activity.mass_mailing_id
        self.assertEqual(
            (mailing.mailing_type, mailing.subject, mailing.body_plaintext),
            ("sms", "Text", "Hello"),
        )
        self.assertEqual(mailing.mailing_model_id, self.campaign.model_id)
        self.assertTrue(mailing.use_in_marketing_automation)
        self.assertFalse(activity.sms_allow_unsubscribe)
        activity.write({"sms_text": "Bye", "sms_allow_unsubscribe": True})
        self.assertEqual(activity.mass_mailing_id, mailing)
        self.assertEqual((mailing.body_plaintext, mailing.sms_allow_unsubscribe), ("Bye", True))
        self.env.invalidate_all()
        activity.sms_text = "Good night"  # alone, as clients write it
        self.assertEqual(
            (mailing.body_plaintext, mailing.sms_allow_unsubscribe), ("Good night", True)
        )

    def test_picked_text_message(self):
        """What is picked shows its text, and stays as it is."""
        library = self.create_mailing(self.campaign, "sms", body_plaintext="From the library")
        activity = self.as_marketer(
            self.create_activity(self.campaign, "sms", name="Text", delay="1 days")
        )
        before = activity.mass_mailing_id
        text = before.body_plaintext
        with Form(activity) as form:
            form.mass_mailing_id = library
            self.assertEqual(form.sms_text, "From the library")
        self.assertEqual(activity.mass_mailing_id, library)
        self.assertEqual((before.body_plaintext, library.body_plaintext), (text, form.sms_text))

    def test_message_of_another_type(self):
        """The email does not follow its activity to text messages."""
        email = self.later.mass_mailing_id
        with Form(self.as_marketer(self.later)) as form:
            form.activity_type = "sms"
            self.assertFalse(form.mass_mailing_id)
            form.sms_text = "Hello"
        self.assertEqual(self.later.mass_mailing_id.body_plaintext, "Hello")
        self.assertFalse(email.body_plaintext)

    def test_testers_are_told_of_events(self):
        """The open page of a test shows real events; live journeys tell nobody."""
        email = self.create_activity(self.campaign, delay="0 hours", name="Hello")
        self.run_campaign()
        action = (
            self.as_marketer(self.env["marketing.campaign.test"])
            .create({"campaign_id": self.campaign.id, "res_id": self.contacts[0].id})
            .action_launch_test()
        )
        test = self.env["marketing.participant"].browse(action["res_id"])
        trace = test.trace_ids.filtered(lambda trace: trace.activity_id == email)
        self.as_marketer(trace).action_execute()
        news = []

        def send(self, channel, notification_type, message):
            if notification_type == "marketing_automation.journey":
                news.append((channel, message))

        with patch.object(type(self.env["bus.bus"]), "_sendone", send):
            self.trace_of(email, self.contacts[1]).mailing_trace_ids.set_opened()
            self.assertFalse(news)
            trace.mailing_trace_ids.set_opened()
        self.assertEqual(news, [(self.responsible.partner_id, {"participant_id": test.id})])

    def test_without_group(self):
        """Who is no marketer reads nothing of a campaign."""
        self.run_campaign()
        employee = mail_new_test_user(self.env, login="employee_x", groups="base.group_user")
        for call in (
            self.campaign.with_user(employee).get_workflow_metrics,
            self.campaign.with_user(employee).get_overview,
            self.campaign.participant_ids[0].with_user(employee).get_journey,
            self.touch.with_user(employee).get_matching_count,
            self.touch.with_user(employee).action_view_matching_records,
            self.contacts[0].with_user(employee).action_view_marketing_participants,
        ):
            with self.subTest(call.__name__), self.assertRaises(AccessError):
                call()


@tagged("post_install", "-at_install")
class TestGoneTypes(MarketingAutomationCase):
    """The addon of a type of steps was uninstalled: people are told, and nothing runs."""

    def test_step_and_trigger_of_an_addon_that_is_gone(self):
        campaign = self.create_campaign(self.create_contacts(2))
        step = self.create_activity(campaign, name="On paper", delay="0 hours")
        child = self.create_activity(campaign, parent_id=step.id, name="Afterwards")
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        self.hand_over(campaign)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_activity SET trigger_type = 'letter_return' WHERE id = %s", [child.id]
        )
        self.env.cr.execute(
            "UPDATE marketing_activity SET activity_type = 'letter' WHERE id = %s", [step.id]
        )
        self.env.invalidate_all()
        campaign.read()
        problems = " ".join(problem["message"] for problem in campaign.problem_list)
        self.assertIn("“On paper”: the app of its type was uninstalled.", problems)
        self.assertIn("“Afterwards” can never be reached", problems)
        child._mark_changed()
        campaign.action_update_participants()
        self.assertEqual(child.trace_ids.mapped("schedule_date"), [False, False])
