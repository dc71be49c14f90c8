import re
from ast import literal_eval

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.misc import file_path

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import MarketingAutomationCase

NAMES = {
    "hot_contacts",
    "welcome",
    "double_optin",
    "commercial_prospection",
    "schedule_calls",
    "prioritize_hot_leads",
    "abandoned_opportunity",
    "re_engagement",
    "event_follow_up",
    "ab_welcome",
}
LEAD_TEMPLATES = ("schedule_calls", "prioritize_hot_leads", "abandoned_opportunity")
START = "2025-03-03 09:00:00"
LATER = "2025-03-03 10:00:00"


class TemplateCase(MarketingAutomationCase):
    """Campaigns of templates, loaded by somebody who has no other rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketer = mail_new_test_user(
            cls.env,
            login="template_marketer",
            email="template.marketer@example.com",
            groups="base.group_user,marketing_automation.group_marketing_automation_user",
            tz="UTC",
        )
        cls.lead_marketer = mail_new_test_user(
            cls.env,
            login="template_lead_marketer",
            email="template.lead.marketer@example.com",
            groups="base.group_user,marketing_automation.group_marketing_automation_user,"
            "sales_team.group_sale_salesman_all_leads",
            tz="UTC",
        )
        cls.salesperson = mail_new_test_user(
            cls.env,
            login="template_salesperson",
            email="template.salesperson@example.com",
            groups="base.group_user,sales_team.group_sale_salesman",
        )

    # ------------------------------------------------------------
    # Tools
    # ------------------------------------------------------------

    def load(self, name, user=None):
        """The campaign that a template makes."""
        campaigns = self.env["marketing.campaign"].with_user(user or self.marketer)
        action = campaigns.get_action_marketing_campaign_from_template(name)
        self.assertEqual(action["type"], "ir.actions.act_window")
        self.assertEqual(action["res_model"], "marketing.campaign")
        return campaigns.browse(action["res_id"])

    def activity(self, campaign, name):
        return campaign.marketing_activity_ids.filtered(lambda activity: activity.name == name)

    def start(self, campaign):
        campaign.action_start_campaign()
        self.go_on(campaign)

    def go_on(self, campaign):
        campaign.sync_participants()
        campaign.execute_activities()
        self.hand_over(campaign)

    def message_of(self, campaign, name, record):
        """The statistics of the message that an activity has sent to a record."""
        traces = self.trace_of(self.activity(campaign, name), record)
        self.assertEqual(traces.state, "processed", traces.state_msg)
        return traces.mailing_trace_ids

    def create_subscriber(self, email, lists=None):
        return self.env["mailing.contact"].create(
            {"name": "Subscriber", "email": email, "list_ids": lists.ids if lists else False}
        )

    def create_lead(self, **vals):
        return self.env["crm.lead"].create(
            {"name": "Request", "email_from": "lead@example.com", "user_id": False, **vals}
        )

    def calls_of(self, record):
        call = self.env.ref("mail.mail_activity_data_call")
        return record.activity_ids.filtered(lambda activity: activity.activity_type_id == call)


@tagged("post_install", "-at_install")
class TestTemplates(TemplateCase):
    """Each template, run to its end; those that steer are in test_journey_templates."""

    # ------------------------------------------------------------
    # All templates
    # ------------------------------------------------------------

    def test_info(self):
        info = self.env["marketing.campaign"].with_user(self.marketer).get_campaign_templates_info()
        self.assertEqual(set(info), NAMES)
        for template in info.values():
            self.assertEqual(set(template), {"title", "description", "icon", "steps"})
            self.assertTrue(template["title"] and template["description"] and template["steps"])
            self.assertTrue(file_path(template["icon"].removeprefix("/")))

    def test_unknown_template(self):
        with self.assertRaisesRegex(UserError, "no campaign template “nothing”"):
            self.load("nothing")
        with self.assertRaises(UserError):
            self.load("__class__")

    def test_needs_the_group(self):
        with self.assertRaises(AccessError):
            self.load("hot_contacts", self.salesperson)
        self.assertFalse(
            self.env.ref(
                "marketing_automation.server_action_tag_hot_contact", raise_if_not_found=False
            )
        )

    def test_lead_templates_need_access_to_leads(self):
        for name in LEAD_TEMPLATES:
            with self.subTest(template=name), self.assertRaisesRegex(UserError, "may not read"):
                self.load(name)

    def test_all_can_start(self):
        for name in sorted(NAMES):
            with self.subTest(template=name):
                campaign = self.load(name, self.lead_marketer)
                self.assertEqual(campaign.state, "draft")
                self.assertEqual(campaign.user_id, self.lead_marketer)
                self.assertTrue(campaign.unique_field_id)
                self.assertTrue(literal_eval(campaign.domain))
                campaign.action_start_campaign()
                self.assertEqual(campaign.state, "running")

    def test_loading_twice_shares_records(self):
        first, models = {}, ("ir.actions.server", "res.partner.category", "mailing.list")
        for name in sorted(NAMES):
            first[name] = self.load(name, self.lead_marketer)
        counts = [self.env[model].search_count([]) for model in models]
        for name in sorted(NAMES):
            with self.subTest(template=name):
                second = self.load(name, self.lead_marketer)
                self.assertNotEqual(second, first[name])
                actions = [
                    campaign.marketing_activity_ids.sorted("id").mapped("server_action_id")
                    for campaign in (first[name], second)
                ]
                self.assertEqual(*actions)
                mailings = (first[name] | second).marketing_activity_ids.mass_mailing_id
                self.assertEqual(
                    len(mailings), 2 * len(second.marketing_activity_ids.mass_mailing_id)
                )
        self.assertEqual([self.env[model].search_count([]) for model in models], counts)

    def test_bodies(self):
        """Both bodies are written, say who sends them, and leave nothing to fill in."""
        self.env.company.write(
            {"name": "Fairview <Garden> & Co", "website": "https://www.example.com"}
        )
        campaigns = self.env["marketing.campaign"].concat(
            *(self.load(name, self.lead_marketer) for name in sorted(NAMES))
        )
        mailings = campaigns.marketing_activity_ids.mass_mailing_id.filtered(
            lambda mailing: mailing.mailing_type == "mail"
        )
        self.assertEqual(len(mailings), 18)
        self.assertEqual(len(set(mailings.mapped("subject"))), 18)
        for mailing in mailings:
            with self.subTest(mailing=mailing.subject):
                self.assertTrue(mailing.preview)
                self.assertTrue(mailing.email_from)
                self.assertFalse(mailing.is_body_empty)
                self.assertIn("o_layout o_default_theme", mailing.body_arch)
                self.assertIn('data-snippet="s_text_block"', mailing.body_arch)
                self.assertIn('id="design-element"', mailing.body_arch)
                self.assertNotIn("<section", mailing.body_html)
                for body in (mailing.body_arch, mailing.body_html):
                    self.assertEqual(body.count("Fairview &lt;Garden&gt; &amp; Co"), 2)
                    self.assertIn('href="/unsubscribe_from_list"', body)
                    self.assertEqual(body.count('href="https://www.example.com"'), 1)
                    self.assertNotRegex(body.lower(), r"lorem|href=\"#|\[[a-z ]+\]|{{|todo|None")
                    self.assertEqual(
                        re.findall(r"t-out=\"[^\"]*\"", body), [self.placeholder(mailing)]
                    )

    def test_text_messages(self):
        """They name their recipient and a link, and can be stopped."""
        self.env.company.website = "https://www.example.com"
        mailings = self.env["mailing.mailing"].concat(
            *(
                self.load(name, self.lead_marketer).marketing_activity_ids.mass_mailing_id
                for name in sorted(NAMES)
            )
        )
        [text] = mailings.filtered(lambda mailing: mailing.mailing_type == "sms")
        self.assertIn("{{ object.name }}", text.body_plaintext)
        self.assertIn("https://www.example.com", text.body_plaintext)
        self.assertTrue(text.sms_allow_unsubscribe)

    def placeholder(self, mailing):
        field = "contact_name" if mailing.mailing_model_name == "crm.lead" else "name"
        return f't-out="object.{field}"'

    def test_user_without_address(self):
        self.marketer.email = self.env.company.email = False
        self.env.company.name = "Fairview"
        mailing = self.load("hot_contacts").marketing_activity_ids.mass_mailing_id
        self.assertRegex(mailing.email_from, r"Fairview.*<[^ ]+@[^ ]+>")

    def test_copy(self):
        campaign = self.load("commercial_prospection")
        copy = campaign.copy()
        workflows = [
            {
                (
                    activity.name,
                    activity.parent_id.name,
                    activity.trigger_type,
                    activity.server_action_id,
                )
                for activity in each.marketing_activity_ids
            }
            for each in (campaign, copy)
        ]
        self.assertEqual(*workflows)
        mailings = copy.marketing_activity_ids.mass_mailing_id
        self.assertEqual(len(mailings), 3)
        self.assertFalse(mailings & campaign.marketing_activity_ids.mass_mailing_id)
        self.assertFalse(any(mailings.mapped("is_body_empty")))
        copy.action_start_campaign()

    # ------------------------------------------------------------
    # One by one
    # ------------------------------------------------------------

    def test_hot_contacts(self):
        with self.at(START):
            clicks, opens = self.create_contacts(2)
            campaign = self.load("hot_contacts")
            self.start(campaign)
            self.assertFalse(self.participant_of(campaign, self.marketer.partner_id), "a colleague")
            self.message_of(campaign, "Welcome email", clicks).set_clicked()
            self.message_of(campaign, "Welcome email", opens).set_opened()
            self.go_on(campaign)
        self.assertEqual(clicks.category_id.mapped("name"), ["Hot Contact"])
        self.assertFalse(opens.category_id)
        self.assertEqual(self.participant_of(campaign, clicks).state, "completed")

    def test_hot_contacts_keeps_other_tags(self):
        tag = self.env["res.partner.category"].create({"name": "Friend"})
        with self.at(START):
            contact = self.create_contacts(1, category_id=tag.ids)
            campaign = self.load("hot_contacts")
            self.start(campaign)
            self.message_of(campaign, "Welcome email", contact).set_clicked()
            self.go_on(campaign)
        self.assertEqual(set(contact.category_id.mapped("name")), {"Friend", "Hot Contact"})

    def test_welcome(self):
        bounces, reads, old = (
            self.create_subscriber(f"{name}@example.com") for name in ("bounces", "reads", "old")
        )
        self.env.cr.execute("UPDATE mailing_contact SET create_date = %s", (START,))
        self.env.cr.execute(
            "UPDATE mailing_contact SET create_date = '2025-02-01' WHERE id = %s", (old.id,)
        )
        with self.at(START):
            campaign = self.load("welcome")
            self.start(campaign)
            self.assertFalse(self.participant_of(campaign, old))
            self.message_of(campaign, "Welcome email", bounces).set_bounced()
            self.message_of(campaign, "Welcome email", reads).set_clicked()
            self.go_on(campaign)
        self.assertTrue(bounces.is_blacklisted)
        self.assertFalse(reads.is_blacklisted)

    def test_double_optin(self):
        newsletter = self.env.ref("mass_mailing.mailing_list_data")
        with self.at(START):
            confirms, ignores = (
                self.create_subscriber(f"{n}@example.com", newsletter)
                for n in ("confirms", "ignores")
            )
            stranger = self.create_subscriber("stranger@example.com")
            twin = self.create_subscriber("Confirms@example.com ", newsletter)
            blacklisted = self.create_subscriber("blacklisted@example.com", newsletter)
            self.env["mail.blacklist"]._add(blacklisted.email)
            campaign = self.load("double_optin")
            self.assertEqual(campaign.model_name, "mailing.contact")
            self.assertEqual(campaign.unique_field_id.sudo().name, "email")
            self.start(campaign)
            for outsider in (stranger, twin, blacklisted):
                self.assertFalse(self.participant_of(campaign, outsider))
            confirmation = self.activity(campaign, "Confirmation")
            self.assertEqual(self.trace_of(confirmation, confirms).state, "scheduled")
        confirmed = self.env["mailing.list"].search([("name", "=", "Confirmed contacts")])
        self.assertEqual(len(confirmed), 1)
        with self.at(LATER):
            campaign.execute_activities()
            message = self.message_of(campaign, "Confirmation", confirms)
            body = message.mail_mail_id.body_html
            self.assertEqual(len(re.findall(r"href=\"[^\"]*/r/", body)), 1, "one link is tracked")
            self.assertIn("unsubscribe", body)
            self.message_of(campaign, "Confirmation", ignores).set_opened()
            self.assertNotIn(confirmed, confirms.list_ids)
            message.set_clicked()
            campaign.execute_activities()
        self.assertEqual(confirms.list_ids, newsletter | confirmed)
        self.assertEqual(ignores.list_ids, newsletter)
        self.assertEqual(len(confirms.subscription_ids), 2)
        self.assertEqual(self.participant_of(campaign, confirms).state, "completed")

    def test_double_optin_when_confirmed_already(self):
        newsletter = self.env.ref("mass_mailing.mailing_list_data")
        with self.at(START):
            campaign = self.load("double_optin")
            confirmed = self.env.ref("marketing_automation.mailing_list_confirmed")
            contact = self.create_subscriber("again@example.com", newsletter | confirmed)
            self.start(campaign)
        with self.at(LATER):
            campaign.execute_activities()
            self.message_of(campaign, "Confirmation", contact).set_clicked()
            campaign.execute_activities()
        self.assertEqual(
            self.trace_of(self.activity(campaign, "Add to list"), contact).state, "processed"
        )
        self.assertEqual(len(contact.subscription_ids), 2)

    def test_double_optin_after_its_list_was_deleted(self):
        first = self.load("double_optin")
        action = self.activity(first, "Add to list").server_action_id
        self.env.ref("marketing_automation.mailing_list_confirmed").unlink()
        again = self.load("double_optin")
        confirmed = self.env.ref("marketing_automation.mailing_list_confirmed")
        self.assertEqual(self.activity(again, "Add to list").server_action_id, action)
        self.assertEqual(action.sudo().value, str(confirmed.id))
        self.assertEqual(action.sudo().resource_ref, confirmed)

    def test_double_optin_takes_a_list_of_that_name(self):
        known = self.env["mailing.list"].create({"name": "Confirmed contacts"})
        campaign = self.load("double_optin")
        action = self.activity(campaign, "Add to list").server_action_id
        self.assertEqual(action.sudo().resource_ref, known)

    def test_commercial_prospection(self):
        with self.at(START):
            curious, replies, silent = self.create_contacts(3, user_id=self.salesperson.id)
            campaign = self.load("commercial_prospection")
            self.start(campaign)
            self.message_of(campaign, "Free catalog", curious).set_clicked()
            self.message_of(campaign, "Free catalog", replies).set_replied()
            self.go_on(campaign)
            self.assertEqual(self.calls_of(replies).user_id, self.salesperson)
            self.assertFalse(self.calls_of(curious))
        with self.at("2025-03-04 09:00:00"):
            campaign.execute_activities()
            self.message_of(campaign, "Offer help", curious).set_replied()
            campaign.execute_activities()
            self.assertEqual(self.calls_of(curious).user_id, self.salesperson)
            self.assertFalse(
                self.trace_of(self.activity(campaign, "Offer help"), silent).schedule_date
            )
        with self.at("2025-03-06 09:00:00"):
            campaign.execute_activities()
            self.assertEqual(
                self.trace_of(self.activity(campaign, "Reminder"), curious).state, "canceled"
            )
            self.message_of(campaign, "Reminder", silent).set_clicked()
        with self.at("2025-03-07 09:00:00"):
            campaign.execute_activities()
        self.assertEqual(self.calls_of(silent).user_id, self.salesperson)

    def test_commercial_prospection_without_salesperson(self):
        with self.at(START):
            contact = self.create_contacts(1)
            campaign = self.load("commercial_prospection")
            self.start(campaign)
            self.message_of(campaign, "Free catalog", contact).set_replied()
            campaign.execute_activities()
        self.assertEqual(self.calls_of(contact).user_id, self.marketer)

    def test_schedule_calls(self):
        contact = self.create_contacts(1, user_id=self.salesperson.id)
        lead = self.create_lead(partner_id=contact.id)
        second = self.create_lead(partner_id=contact.id)
        stranger = self.create_lead(email_from="stranger@example.com", partner_id=False)
        campaign = self.load("schedule_calls", self.lead_marketer)
        self.start(campaign)
        self.assertEqual(self.calls_of(lead).user_id, self.salesperson)
        self.assertFalse(self.calls_of(stranger))
        self.assertFalse(self.calls_of(second), "one call is enough for both leads of a contact")

    def test_schedule_calls_with_the_salesperson_of_the_company(self):
        company = self.env["res.partner"].create(
            {"name": "Company", "is_company": True, "user_id": self.salesperson.id}
        )
        contact = self.create_contacts(1, parent_id=company.id)
        contact.user_id = False
        lead = self.create_lead(partner_id=contact.id, user_id=self.lead_marketer.id)
        self.start(self.load("schedule_calls", self.lead_marketer))
        self.assertEqual(self.calls_of(lead).user_id, self.salesperson)

    def test_prioritize_hot_leads(self):
        opens, ignores, urgent = (
            self.create_lead(email_from=f"lead{n}@example.com", priority=priority)
            for n, priority in enumerate("013")
        )
        campaign = self.load("prioritize_hot_leads", self.lead_marketer)
        self.start(campaign)
        self.message_of(campaign, "Answer", opens).set_opened()
        self.message_of(campaign, "Answer", urgent).set_opened()
        campaign.execute_activities()
        self.assertEqual((opens.priority, ignores.priority, urgent.priority), ("2", "1", "3"))
