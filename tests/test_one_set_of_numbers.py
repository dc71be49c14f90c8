"""One campaign, and every place that shows its figures: they are the same, and add up."""

from unittest.mock import patch

from lxml import etree

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_messages_mail import MailFlowCase

OUTCOMES = ("processed", "scheduled", "elsewhere", "excluded", "rejected", "error")
# Columns of the list of messages whose sum are those who were reached.
COLUMNS = (
    "sent",
    "scheduled",
    "marketing_waiting",
    "marketing_elsewhere",
    "canceled",
    "marketing_rejected",
    "failed",
)


@tagged("post_install", "-at_install")
class TestOneSetOfNumbers(MailFlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(8)
        (cls.clicker, cls.bouncer, cls.silent, blocked, invalid, without, boss, cls.unlucky) = (
            cls.contacts
        )
        cls.env["mail.blacklist"].create({"email": blocked.email})
        invalid.email = "nowhere"
        without.email = False
        boss.function = "Boss"
        cls.campaign.write(
            {"domain": str([("id", "in", cls.contacts.ids)]), "unique_field_id": False}
        )
        cls.mail.write({"name": "Welcome", "activity_domain": str([("function", "!=", "Boss")])})
        cls.reminder = cls.create_activity(
            cls.campaign,
            trigger="mail_not_open",
            parent_id=cls.mail.id,
            delay="2 days",
            name="Reminder",
        )
        cls.removed = cls.create_activity(cls.campaign, delay="0 hours", name="News")
        for activity in cls.mail + cls.reminder + cls.removed:
            activity.mass_mailing_id.subject = activity.name

    def setUp(self):
        super().setUp()
        self.run_campaign()
        self.campaign = self.campaign.with_user(self.responsible)

    @mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.mail.models.mail_thread")
    def run_campaign(self):
        """The only email of a step that is taken out afterwards goes to all who have an address;
        a test counts nowhere."""
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.silent.id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        test.trace_ids.filtered(lambda trace: trace.activity_id == self.mail).action_execute()
        self.send_mails()
        self.visit(self.pixel_of(self.silent))
        self.start(self.campaign)
        self.fail_to_send(self.trace(self.mail, self.unlucky))
        self.send_mails()
        self._mails = [mail for mail in self._mails if mail["subject"] == "Welcome"]
        self.visit(self.links_of(self.mail_to(self.clicker)["body"])[0])
        self.visit(self.pixel_of(self.bouncer))
        self.bounce(self.bouncer)
        self.removed.unlink()
        self.run_jobs()

    def fail_to_send(self, trace):
        mail = trace.mailing_trace_ids.mail_mail_id
        server = type(self.env["ir.mail_server"])
        with patch.object(server, "_connect__", side_effect=OSError("Connection refused")):
            mail.send()
        self.env.invalidate_all()

    def count(self, action):
        return self.env[action["res_model"]].search_count(action["domain"])

    def read_view(self, action, view):
        """What a list shows, read as the web client does.

        :return: values by name of the record
        """
        model = self.env[action["res_model"]].with_user(self.responsible)
        arch = etree.fromstring(model.get_view(view, "list")["arch"])
        names = [node.get("name") for node in arch.iterfind("field")]
        specification = {name: {} for name in [*names, "display_name"]}
        found = model.web_search_read(action.get("domain", []), specification)
        return {record["display_name"]: record for record in found["records"]}

    # ------------------------------------------------------------
    # The same everywhere
    # ------------------------------------------------------------

    def test_expectation(self):
        """The card of the first step, by hand."""
        figures = self.campaign.get_workflow_metrics()["activities"][str(self.mail.id)]
        self.assertEqual(
            {key: figures[key] for key in ("reached", *OUTCOMES, "queued", "sent", "delivered")},
            {
                "reached": 8,
                "processed": 3,
                "scheduled": 0,
                "elsewhere": 0,
                "excluded": 3,
                "rejected": 1,
                "error": 1,
                "queued": 0,
                "sent": 3,
                "delivered": 2,
            },
        )
        self.assertEqual(
            figures["rates"],
            {
                "open": {"count": 2, "base": 3},
                "click": {"count": 1, "base": 3},
                "reply": {"count": 0, "base": 3},
                "bounce": {"count": 1, "base": 3},
            },
        )
        figures = self.campaign.get_workflow_metrics()["activities"][str(self.reminder.id)]
        self.assertEqual(
            (figures["reached"], figures["scheduled"], figures["elsewhere"]), (4, 1, 3)
        )

    def test_all_who_joined_add_up(self):
        """On each card those who have reached the step, on the first one all who joined."""
        metrics = self.campaign.get_workflow_metrics()
        for figures in metrics["activities"].values():
            self.assertEqual(figures["reached"], sum(figures[key] for key in OUTCOMES))
            self.assertEqual(figures["processed"], figures["sent"] + figures["queued"])
        first = metrics["activities"][str(self.mail.id)]
        self.assertEqual(first["reached"], metrics["participants"])
        overview = self.campaign.get_overview()
        states = ("running", "completed", "exited", "removed")
        self.assertEqual(overview["participants"], sum(overview[state] for state in states))

    def test_each_number_opens_so_many(self):
        for activity in self.campaign.marketing_activity_ids:
            figures = activity._get_card_figures()[activity.id]
            for key in ("reached", *OUTCOMES, "queued", "sent", "delivered", *figures["rates"]):
                with self.subTest(activity=activity.name, figure=key):
                    self.assertEqual(self.count(activity.action_view_figure(key)), figures[key])
            for key, reasons in figures["reasons"].items():
                self.assertEqual(sum(reason["count"] for reason in reasons), figures[key])
                for reason in reasons:
                    opened = self.count(activity.action_view_figure(key, reason["key"]))
                    self.assertEqual(opened, reason["count"])
        self.assertEqual(len(self.mail._get_card_figures()[self.mail.id]["reasons"]["excluded"]), 3)

    def test_overview_shows_what_cards_show(self):
        cards = self.campaign.get_workflow_metrics()["activities"]
        self.assertEqual(self.campaign.get_overview()["activities"], cards)

    def test_list_and_form_of_messages_show_what_cards_show(self):
        cards = self.campaign.get_workflow_metrics()["activities"]
        action = self.campaign.action_view_mailings()
        rows = self.read_view(action, action["views"][0][0])
        self.assertEqual(len(rows), 3, "That of the step that was taken out is among them")
        for row in rows.values():
            self.assertEqual(row["marketing_reached"], sum(row[name] for name in COLUMNS))
        for activity in self.campaign.marketing_activity_ids:
            card, mailing = cards[str(activity.id)], activity.mass_mailing_id
            row = rows[mailing.display_name]
            for name, key in (
                ("marketing_reached", "reached"),
                ("sent", "sent"),
                ("scheduled", "queued"),
                ("marketing_waiting", "scheduled"),
                ("marketing_elsewhere", "elsewhere"),
                ("canceled", "excluded"),
                ("marketing_rejected", "rejected"),
                ("failed", "error"),
                ("delivered", "delivered"),
            ):
                self.assertEqual((row[name], mailing[name]), (card[key], card[key]), name)
            for name, key in (
                ("opened_ratio", "open"),
                ("clicks_ratio", "click"),
                ("replied_ratio", "reply"),
                ("bounced_ratio", "bounce"),
            ):
                rate = card["rates"][key]
                self.assertAlmostEqual(
                    row[name], 100 * rate["count"] / (rate["base"] or 1), places=2
                )

    def test_totals_are_the_sums(self):
        """Dashboard, both lists of campaigns, overview, and what UTM says of the campaign."""
        totals = self.campaign.get_overview()["messages"]
        self.assertEqual(totals["sent"], 8, "3 of the first step, 5 of the one taken out")
        action = {"res_model": "marketing.campaign", "domain": [("id", "=", self.campaign.id)]}
        for view in ("marketing_campaign_view_list", "marketing_campaign_view_list_overview"):
            [row] = self.read_view(action, self.env.ref(f"marketing_automation.{view}").id).values()
            self.assertEqual(row["message_sent_count"], totals["sent"])
            for key in ("open", "click", "reply", "bounce"):
                rate = totals["rates"][key]
                self.assertAlmostEqual(row[f"message_{key}_rate"], rate["count"] / rate["base"])
        utm = self.campaign.utm_campaign_id
        for name, key in (("opened_ratio", "open"), ("bounced_ratio", "bounce")):
            rate = totals["rates"][key]
            self.assertAlmostEqual(utm[name], 100 * rate["count"] / rate["base"], places=2)
        self.assertAlmostEqual(utm.received_ratio, 100 * 7 / 8, places=2)

    def test_dashboard_shows_rates(self):
        """What it shows of messages is what the list shows."""
        view = self.env.ref("marketing_automation.marketing_campaign_view_kanban")
        arch = etree.fromstring(self.campaign.get_view(view.id, "kanban")["arch"])
        names = {node.get("name") for node in arch.iter("field")}
        self.assertLessEqual(
            {"message_sent_count", "message_open_rate", "message_click_rate"}, names
        )

    def test_reports_show_what_cards_show(self):
        """The report of traces, as it opens: steps by outcome; and that of participants."""
        cards = self.campaign.all_activity_ids._get_figures()
        action = self.env.ref("marketing_automation.marketing_trace_action")
        self.assertIn("search_default_live", action.context)
        traces = self.env["marketing.trace"].with_user(self.responsible)
        live = [("is_test", "=", False), ("campaign_id", "=", self.campaign.id)]
        groups = traces.formatted_read_group(live, ["activity_id", "outcome"], ["__count"])
        found = {(group["activity_id"][0], group["outcome"]): group["__count"] for group in groups}
        expected = {
            (activity_id, key): figures[key]
            for activity_id, figures in cards.items()
            for key in OUTCOMES
            if figures[key]
        }
        self.assertEqual(found, expected)
        for group in groups:
            domain = [*live, *group["__extra_domain"]]
            self.assertEqual(traces.search_count(domain), group["__count"])
        for view_type in ("graph", "pivot"):
            arch = etree.fromstring(traces.get_view(False, view_type)["arch"])
            names = [node.get("name") for node in arch.iterfind("field")]
            self.assertEqual(names[:2], ["activity_id", "outcome"])
        overview = self.campaign.get_overview()
        states = self.env["marketing.participant"].formatted_read_group(
            live, ["state"], ["__count"]
        )
        names = {"unlinked": "removed"}
        for group in states:
            key = names.get(group["state"], group["state"])
            self.assertEqual(overview[key], group["__count"])
        self.assertEqual(
            sum(group["__count"] for group in states),
            self.count(self.campaign.action_view_participants()),
        )

    def test_email_marketing_has_no_second_set(self):
        """Its report counts messages of tests and of earlier attempts, and shares of others."""
        names = (self.mail + self.reminder + self.removed).mass_mailing_id.mapped("name")
        self.assertFalse(self.env["mailing.trace.report"].search([("name", "in", names)]))

    def test_a_trace_has_the_name_of_its_outcome(self):
        """Where it is listed, and in a journey."""
        labels = dict(self.env["marketing.trace"]._selection_outcome())
        for trace in self.campaign.participant_ids.trace_ids:
            [outcome] = [
                key
                for key in OUTCOMES
                if self.count(trace.activity_id.action_view_figure(key))
                and trace.filtered_domain([("outcome", "=", key)])
            ]
            self.assertEqual(trace.outcome, outcome)
            entry = trace.participant_id.get_journey()["traces"][str(trace.activity_id.id)]
            self.assertEqual((entry["outcome"], entry["label"]), (outcome, labels[outcome]))
