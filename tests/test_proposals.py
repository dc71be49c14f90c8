"""What is offered first: delays, fields, actions, and the record of a test."""

from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..tools.relative_dates import describe_relative
from .common import USER_GROUPS, MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestDelays(MarketingAutomationCase):
    """What has not happened at once, may yet happen."""

    def test_a_step_with_a_negative_trigger_begins_with_3_days(self):
        campaign = self.create_campaign()
        email = self.create_activity(campaign)
        context = {"default_campaign_id": campaign.id, "default_parent_id": email.id}
        activities = self.env["marketing.activity"].with_context(**context)
        for trigger, delay in {
            "mail_not_open": (3, "days"),
            "mail_not_click": (3, "days"),
            "mail_open": (0, "hours"),
            "activity": (0, "hours"),
        }.items():
            form = Form(activities.with_context(default_trigger_type=trigger))
            self.assertEqual((form.interval_number, form.interval_type), delay, trigger)

    def test_a_delay_that_is_given_stays(self):
        activities = self.env["marketing.activity"].with_context(
            default_trigger_type="mail_not_open", default_interval_number=5
        )
        names = ["interval_number", "interval_type", "trigger_type"]
        values = activities.default_get(names)
        self.assertEqual((values["interval_number"], values["interval_type"]), (5, "hours"))
        campaign = self.create_campaign()
        email = self.create_activity(campaign)
        activities = activities.with_context(default_interval_number=None)
        silent = activities.create(
            {
                "name": "Silent",
                "campaign_id": campaign.id,
                "parent_id": email.id,
                "activity_type": "exit",
                "interval_number": 2,
            }
        )
        self.assertEqual((silent.interval_number, silent.interval_type), (2, "hours"))

    def test_the_browser_is_told(self):
        rules = self.env["marketing.activity"].with_user(self.responsible).get_workflow_rules()
        delays = {rule["key"]: (rule["delay"], rule["delay_unit"]) for rule in rules["triggers"]}
        self.assertEqual(delays["sms_not_click"], (3, "days"))
        self.assertEqual(delays["begin"], (0, "hours"))


@tagged("post_install", "-at_install")
class TestOrder(MarketingAutomationCase):
    def search_unicity(self, model_name, text="", limit=8):
        """What the campaign's form offers for "Unicity based on", as the browser asks."""
        model = self.env["ir.model"]._get(model_name)
        fields = self.env["ir.model.fields"].with_user(self.responsible)
        domain = [
            ("model_id", "=", model.id),
            ("store", "=", True),
            ("ttype", "in", ["char", "integer", "many2one", "selection", "text"]),
        ]
        found = fields.with_context(marketing_target=model_name, hide_model=1).name_search(
            text, domain, limit=limit
        )
        return fields.sudo().browse([field_id for field_id, _name in found]).mapped("name")

    def test_fields_that_tell_people_apart_come_first(self):
        self.assertEqual(self.search_unicity("res.partner")[:4], ["email", "phone", "vat", "ref"])
        self.assertEqual(self.search_unicity("crm.lead")[:3], ["email_from", "phone", "partner_id"])
        self.assertEqual(self.search_unicity("mailing.contact", limit=2), ["email", "mobile"])

    def test_others_follow_and_are_found(self):
        names = self.search_unicity("res.partner", limit=None)
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("color", names)
        self.assertIn("function", self.search_unicity("res.partner", "Job"))
        self.assertEqual(len(self.search_unicity("res.partner")), 8)

    def test_other_searches_stay_as_they_are(self):
        fields = self.env["ir.model.fields"].with_context(marketing_target="no.such.model")
        self.assertEqual(
            fields.name_search("Email", limit=5),
            self.env["ir.model.fields"].name_search("Email", limit=5),
        )

    def test_actions_that_suit_the_target_come_first(self):
        group = "sales_team.group_sale_salesman_all_leads"
        self.responsible.group_ids += self.env.ref(group)
        for model_name, expected in {
            "res.partner": ["tag_add", "tag_remove", "list_add"],
            "mailing.contact": ["list_add", "list_remove", "tag_add"],
            "crm.lead": ["activity", "stage", "user", "tag_add"],
        }.items():
            campaign = self.create_campaign(model_id=self.env["ir.model"]._get_id(model_name))
            activities = self.env["marketing.activity"].with_user(self.responsible)
            activity = activities.new({"campaign_id": campaign.id})
            kinds = [kind["key"] for kind in activity.action_kinds]
            self.assertEqual(kinds[: len(expected)], expected, model_name)
            self.assertEqual(kinds[-1], "existing")


@tagged("post_install", "-at_install")
class TestOwnRecord(MarketingAutomationCase):
    """A test goes to the one who launches it, where that is possible."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)

    def proposed(self, user=None, **vals):
        campaign = self.create_campaign(**vals)
        wizards = self.env["marketing.campaign.test"].with_user(user or self.responsible)
        return wizards.create({"campaign_id": campaign.id}).resource_ref

    def test_own_contact(self):
        own = self.responsible.partner_id
        self.assertEqual(self.proposed(domain="[]"), own)
        self.assertEqual(self.proposed(domain=str([("id", "in", (self.contacts + own).ids)])), own)

    def test_the_first_one_that_matches_where_it_does_not(self):
        """Nothing would be done for a record that does not match."""
        domain = [("id", "in", self.contacts.ids)]
        first = self.env["res.partner"].search(domain, limit=1)
        self.assertEqual(self.proposed(domain=str(domain)), first)

    def test_own_contact_where_nothing_matches(self):
        self.assertEqual(self.proposed(domain="[('id', '=', 0)]"), self.responsible.partner_id)

    def test_record_with_the_own_address(self):
        subscribers = self.env["mailing.contact"].create(
            [
                {"name": "A", "email": "a@example.com"},
                {"name": "Z", "email": "Marketer <MARKETER@example.com>"},
            ]
        )
        found = self.proposed(
            model_id=self.env["ir.model"]._get_id("mailing.contact"),
            domain=str([("id", "in", subscribers.ids)]),
        )
        self.assertEqual(found, subscribers[1])

    def test_user_without_an_address(self):
        user = mail_new_test_user(
            self.env, login="nameless", email=False, groups=",".join(USER_GROUPS)
        )
        subscriber = self.env["mailing.contact"].create({"name": "A", "email": "a@example.com"})
        found = self.proposed(
            user,
            model_id=self.env["ir.model"]._get_id("mailing.contact"),
            domain=str([("id", "=", subscriber.id)]),
        )
        self.assertEqual(found, subscriber)


@tagged("post_install", "-at_install")
class TestRelativeDates(MarketingAutomationCase):
    def describe(self, domain):
        campaign = self.create_campaign()
        activity = self.create_activity(campaign)
        return activity._describe_filter(str(domain))

    def test_in_words(self):
        for value, words in {
            "today": "today",
            "today -7d": "7 days ago",
            "today -1w": "1 week ago",
            "now +2H": "in 2 hours",
            "today =1d": None,
            "=monday": None,
        }.items():
            self.assertEqual(describe_relative(self.env, value), words)

    def test_filters_with_them(self):
        label = self.env["res.partner"]._fields["create_date"]._description_string(self.env)
        lately = [("create_date", ">=", "today -7d"), ("create_date", "<", "today +1d")]
        self.assertEqual(self.describe(lately), f"{label} is in the last 7 days")
        self.assertEqual(
            self.describe([("create_date", ">=", "today -7d")]), f"{label} is not before 7 days ago"
        )
        self.assertEqual(
            self.describe([("create_date", "<", "2025-01-01")]), f"{label} is before 2025-01-01"
        )
