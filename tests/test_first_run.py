"""An empty database teaches: pictures of templates, sample contacts, and first steps."""

from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..tools.samples import is_sample
from .common import MarketingAutomationCase, MessagingCase
from .test_templates import LEAD_TEMPLATES, NAMES, TemplateCase

SHARED_MODELS = ("ir.actions.server", "mailing.list", "res.partner.category", "marketing.campaign")


@tagged("post_install", "-at_install")
class TestPictures(TemplateCase):
    def draw(self, user=None):
        campaigns = self.env["marketing.campaign"].with_user(user or self.lead_marketer)
        return {
            name: info["steps"] for name, info in campaigns.get_campaign_templates_info().items()
        }

    def get_shape(self, steps):
        """Names of steps and ways by the one before, without ids."""
        names = {step["id"]: step["name"] for step in steps}
        ways = {
            branch["id"]: branch["name"] or branch["type"]
            for step in steps
            for branch in step["branches"] or ()
        }
        return sorted(
            (
                step["name"],
                names.get(step["parent_id"]),
                ways.get(step["branch_id"]),
                step["activity_type"],
                step["trigger_type"],
                step["interval_number"],
                step["interval_type"],
                names.get(step["goto_activity_id"]),
                [(way["name"], way["type"]) for way in step["branches"] or ()],
            )
            for step in steps
        )

    def test_they_are_what_is_made(self):
        """The picture and the workflow of the campaign are the same."""
        pictures = self.draw()
        self.assertEqual(set(pictures), NAMES)
        for name, picture in pictures.items():
            campaign = self.load(name, self.lead_marketer)
            made = campaign.marketing_activity_ids._get_workflow_steps()
            with self.subTest(template=name):
                self.assertEqual(self.get_shape(picture), self.get_shape(made))
                ids = [step["id"] for step in picture]
                self.assertEqual(len(ids), len(set(ids)))

    def test_nothing_is_made(self):
        before = {model: self.env[model].search_count([]) for model in SHARED_MODELS}
        data = self.env["ir.model.data"].search_count([])
        self.draw()
        self.assertEqual({model: self.env[model].search_count([]) for model in before}, before)
        self.assertEqual(self.env["ir.model.data"].search_count([]), data)

    def test_shared_records_are_not_changed(self):
        """Those of templates that were loaded before, and whose tag or list is gone since."""
        self.load("hot_contacts")
        action = self.env.ref("marketing_automation.server_action_tag_hot_contact")
        before = action.value
        self.env.ref("marketing_automation.partner_category_hot_contact").unlink()
        self.draw()
        self.assertEqual(action.value, before)

    def test_who_may_not_read_leads_sees_the_pictures_too(self):
        pictures = self.draw(self.marketer)
        for name in LEAD_TEMPLATES:
            self.assertTrue(pictures[name])

    def test_clients_cannot_ask_for_a_template_that_makes_nothing(self):
        campaigns = self.env["marketing.campaign"].with_user(self.marketer)
        campaigns = campaigns.with_context(marketing_template_drawn=True)
        campaigns.get_action_marketing_campaign_from_template("hot_contacts")
        self.assertTrue(self.env.ref("marketing_automation.partner_category_hot_contact"))


@tagged("post_install", "-at_install")
class TestSamples(MessagingCase):
    def setUp(self):
        super().setUp()
        self.campaigns = self.env["marketing.campaign"].with_user(self.responsible)

    def get_samples(self):
        contacts = self.env["mailing.contact"].search([("email", "!=", False)])
        return contacts.filtered(lambda contact: is_sample(contact.email_normalized))

    def test_a_list_with_contacts(self):
        number = self.campaigns.create_sample_contacts()
        samples = self.get_samples()
        self.assertEqual(len(samples), number)
        self.assertEqual(samples.list_ids.contact_ids, samples)
        self.assertEqual(len(set(samples.mapped("name"))), number)
        self.assertFalse(any(samples.mapped("is_blacklisted")))

    def test_they_are_there_once(self):
        number = self.campaigns.create_sample_contacts()
        self.assertEqual(self.campaigns.create_sample_contacts(), number)
        self.assertEqual(len(self.get_samples()), number)

    def test_one_click_removes_them(self):
        other = self.env["mailing.contact"].create({"name": "Real", "email": "real@example.com"})
        number = self.campaigns.create_sample_contacts()
        sample_list = self.get_samples().list_ids
        self.assertEqual(self.campaigns.remove_sample_contacts(), number)
        self.assertFalse(self.get_samples())
        self.assertFalse(sample_list.exists())
        self.assertTrue(other.exists())
        self.assertEqual(self.campaigns.remove_sample_contacts(), 0)
        self.assertEqual(self.campaigns.create_sample_contacts(), number, "and they come again")

    def test_no_mail_server_hears_of_them(self):
        """They go through the workflow as others do; what they get is taken for sent."""
        self.campaigns.create_sample_contacts()
        samples = self.get_samples()
        real = self.env["mailing.contact"].create({"name": "Real", "email": "real@example.com"})
        campaign = self.create_campaign(
            samples | real, model_id=self.env["ir.model"]._get_id("mailing.contact")
        )
        hello = self.create_activity(campaign, delay="0 hours")
        later = self.create_activity(campaign, "exit", parent_id=hello.id, delay="0 hours")
        self.start(campaign)
        self.send_mails()
        self.assertEqual(len(self._mails), 1)
        self.assertTrue(self.mail_to(real))
        traces = hello.trace_ids.mailing_trace_ids
        self.assertEqual(set(traces.mapped("trace_status")), {"sent"})
        self.assertEqual(len(traces), len(samples) + 1)
        self.run_jobs()
        self.assertEqual(len(later.trace_ids), len(samples) + 1)

    def test_nor_of_a_plain_email_or_mailing(self):
        self.campaigns.create_sample_contacts()
        sample = self.get_samples()[0]
        mail = self.env["mail.mail"].create(
            {"subject": "Hello", "body_html": "<p>Hello</p>", "email_to": sample.email}
        )
        partner = self.env["res.partner"].create({"name": "Copy", "email": sample.email})
        mail += mail.copy({"email_to": False, "recipient_ids": [(4, partner.id)]})
        with self.mock_mail_gateway():
            self.mail_unlink_sent = False
            mail.send()
        self.assertFalse(self._mails)
        self.assertEqual(set(mail.mapped("state")), {"sent"})

    def test_others_beside_them_get_theirs(self):
        self.campaigns.create_sample_contacts()
        mail = self.env["mail.mail"].create(
            {"body_html": "<p>Hello</p>", "email_to": "ada@sample.example.com, b@example.com"}
        )
        with self.mock_mail_gateway():
            mail.send()
        self.assertEqual(len(self._mails), 1)


@tagged("post_install", "-at_install")
class TestFirstSteps(MarketingAutomationCase):
    """The list ticks itself off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = mail_new_test_user(
            cls.env,
            login="beginner",
            email="beginner@example.com",
            groups="base.group_user,base.group_partner_manager,"
            "marketing_automation.group_marketing_automation_user",
        )
        cls.campaigns = cls.env["marketing.campaign"].with_user(cls.user)

    def get_done(self):
        self.env.flush_all()
        self.env.invalidate_all()
        progress = self.campaigns.get_first_steps()
        return progress and [step["key"] for step in progress["steps"] if step["done"]]

    def age(self, campaign, hours):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_campaign SET create_date = create_date - %s * interval '1 hour'"
            " WHERE id = %s",
            [hours, campaign.id],
        )
        self.env.invalidate_all()

    def test_all_of_it(self):
        self.assertEqual(self.get_done(), [])
        self.assertIs(self.campaigns.get_first_steps()["campaign"], False)
        campaign = self.create_campaign(user_id=self.user.id, domain="[('id', '=', 0)]")
        self.assertEqual(self.get_done(), ["begin"])
        self.assertEqual(
            self.campaigns.get_first_steps()["campaign"], {"id": campaign.id, "name": "Campaign"}
        )
        contacts = self.create_contacts(1)
        campaign.domain = str([("id", "in", contacts.ids)])
        self.assertEqual(self.get_done(), ["begin", "audience"])
        email = self.create_activity(campaign, delay="0 hours")
        self.assertEqual(self.get_done(), ["begin", "audience"], "It came with the campaign")
        self.age(campaign, 1)
        self.assertEqual(self.get_done(), ["begin", "audience", "messages"])
        email.mass_mailing_id.body_html = False
        self.assertEqual(self.get_done(), ["begin", "audience"])
        email.mass_mailing_id.body_html = "<p>Hello</p>"
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": campaign.id, "res_id": contacts.id}
        )
        wizard.action_launch_test()
        self.assertNotIn("test", self.get_done())
        campaign.participant_ids.trace_ids.action_execute()
        self.assertEqual(self.get_done(), ["begin", "audience", "messages", "test"])
        campaign.action_start_campaign()
        self.assertEqual(self.get_done(), ["begin", "audience", "messages", "test", "start"])

    def test_it_goes_when_a_campaign_runs_since_yesterday(self):
        contacts = self.create_contacts(1)
        campaign = self.create_campaign(contacts, user_id=self.user.id)
        self.create_activity(campaign)
        campaign.action_start_campaign()
        self.age(campaign, 25)
        self.assertFalse(self.campaigns.get_first_steps())
        self.create_campaign(user_id=self.user.id, name="A second one")
        self.assertFalse(self.campaigns.get_first_steps(), "It is the first one that is taught")

    def test_campaigns_of_others_tick_nothing(self):
        self.create_campaign()
        self.assertEqual(self.get_done(), [])

    def test_hidden_for_good(self):
        settings = self.env["res.users.settings"]._find_or_create_for_user(self.user)
        settings.with_user(self.user).set_res_users_settings({"marketing_first_steps_hidden": True})
        self.assertFalse(self.campaigns.get_first_steps())
        others = self.env["marketing.campaign"].with_user(self.responsible)
        self.assertTrue(others.get_first_steps(), "The others have theirs")

    def test_a_filter_that_cannot_be_used(self):
        campaign = self.create_campaign(user_id=self.user.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_campaign SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s",
            [campaign.id],
        )
        self.assertEqual(self.get_done(), ["begin"])

    def test_samples_are_counted(self):
        self.assertEqual(self.campaigns.get_first_steps()["samples"], 0)
        number = self.campaigns.create_sample_contacts()
        self.assertEqual(self.campaigns.get_first_steps()["samples"], number)
