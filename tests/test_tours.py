import json
import re
from collections import Counter

from odoo import Command, fields
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open, mute_logger

from .common import MarketingAutomationMixin


@tagged("post_install", "-at_install")
class TestTours(MarketingAutomationMixin, HttpCase):
    """What a marketer does in the browser, from the first campaign to the reports.

    A tour fails on each error in the browser's console.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        # More than a list shows: what is typed has to find the one that is wanted.
        for number in range(10):
            cls.create_server_action(name=f"Action {number}")
        cls.mark = cls.create_server_action(
            name="Mark as hot",
            state="object_write",
            update_path="function",
            value="hot",
            group_ids=[Command.link(cls.env.ref("base.group_user").id)],
        )

    def tour(self, name, record=None, path=None):
        """Run a tour as the marketer; it begins at the form of a record, or at a path."""
        if record is not None:
            path = f"/odoo/{record._name}/{record.id}"
        self.start_tour(
            path or "/odoo/marketing-automation", f"marketing_automation_{name}", login="marketer"
        )
        self.env.invalidate_all()

    def create_running_campaign(self):
        """A campaign with one step that was executed for both contacts, and one that is not due."""
        campaign = self.create_campaign(self.contacts, name="Running campaign")
        touch = self.create_activity(
            campaign, "action", delay="0 hours", name="Touch", server_action_id=self.mark.id
        )
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        return campaign, touch

    def delete_campaigns(self):
        """Leave the dashboard empty."""
        campaigns = self.env["marketing.campaign"].search([])
        campaigns.action_stop_campaign()
        campaigns.unlink()

    def test_campaign_from_scratch(self):
        self.delete_campaigns()
        vip = self.env["res.partner.category"].create({"name": "VIP"})
        self.create_mailing(
            self.create_campaign(active=False, name="Library"), subject="Ready email"
        )
        self.tour("campaign")
        campaign = self.env["marketing.campaign"].search([("name", "=", "Three levels")])
        self.assertEqual(campaign.state, "running")
        activities = campaign.marketing_activity_ids

        def find(name):
            return activities.filtered(lambda step: step.name in (name, f"{name} (copy)"))

        hello, mark, texts = find("Hello"), find("Mark"), find("Text")
        self.assertEqual(len(texts), 2, "The branch was duplicated")
        self.assertEqual(len(texts.mass_mailing_id), 2, "with a text message of its own")
        self.assertEqual(texts.parent_id, hello)
        self.assertEqual(mark.parent_id, texts)
        self.assertEqual(set(texts.mapped("trigger_type")), {"mail_not_open"})
        self.assertEqual(set(texts.mapped("interval_number")), {2})
        self.assertEqual(set(mark.mapped("trigger_type")), {"sms_click"})
        self.assertTrue(all(texts.mass_mailing_id.mapped("use_in_marketing_automation")))
        self.assertEqual(set(texts.mapped("sms_text")), {"See https://www.example.com"})
        tags = find("Add tag VIP")
        self.assertEqual(tags.mapped("action_record"), [vip, vip])
        self.assertEqual(len(tags.server_action_id), 2, "each with an action of its own")

    def test_building(self):
        """By the palette, on lines, by pills, and by what is dragged."""
        campaign = self.create_campaign(self.contacts)
        first = self.create_activity(campaign, delay="0 hours", name="First")
        self.tour("building", campaign)
        steps = {step.name: step for step in campaign.marketing_activity_ids}
        self.assertEqual(set(steps), {"First", "Second", "Between", "Text"})
        self.assertEqual(steps["Text"].parent_id, first)
        self.assertEqual(steps["Between"].parent_id, steps["Text"])
        self.assertEqual(steps["Second"].parent_id, steps["Between"])
        self.assertEqual((steps["Text"].interval_number, steps["Text"].interval_type), (2, "days"))

    def test_several_steps_at_once(self):
        """Duplicated, cut and pasted in their campaign, and copied to another one."""
        campaign = self.create_campaign(self.contacts, name="One campaign")
        hello = self.create_activity(campaign, name="Hello")
        self.create_activity(campaign, "action", "activity", name="Touch", parent_id=hello.id)
        text = self.create_activity(campaign, "sms", name="Text", delay="2 days")
        back = self.create_activity(
            campaign,
            "goto",
            "activity",
            name="Back",
            parent_id=text.id,
            goto_activity_id=hello.id,
            max_visits=2,
        )
        other = self.create_campaign(self.contacts, name="Other campaign")
        first = self.create_activity(other, name="First")
        originals = (hello | text).mass_mailing_id
        mailings = self.env["mailing.mailing"].search([])
        self.tour("several_steps", path=f"/odoo/marketing-automation/{campaign.id}")

        copies = {step.name: step for step in campaign.marketing_activity_ids if step.key}
        self.assertEqual(
            set(copies), {"Hello (copy)", "Touch (copy)", "Text (copy)", "Back (copy)"}
        )
        touch = campaign.marketing_activity_ids.filtered(lambda step: step.name == "Touch")
        self.assertEqual(copies["Hello (copy)"].parent_id, touch)
        self.assertEqual(copies["Text (copy)"].parent_id, touch)
        self.assertEqual(copies["Touch (copy)"].parent_id, copies["Hello (copy)"])
        self.assertEqual(copies["Back (copy)"].parent_id, copies["Text (copy)"])
        self.assertEqual(copies["Back (copy)"].goto_activity_id, copies["Hello (copy)"])
        self.assertEqual(back.goto_activity_id, hello)

        pasted = {step.name: step for step in other.marketing_activity_ids - first}
        self.assertEqual(set(pasted), {"Hello", "Touch", "Text", "Back", *copies})
        self.assertEqual((pasted["Hello"] | pasted["Text"]).parent_id, first)
        self.assertEqual(pasted["Hello (copy)"].parent_id, pasted["Touch"])
        self.assertEqual(pasted["Back"].goto_activity_id, pasted["Hello"])
        self.assertEqual(pasted["Back"].max_visits, 2)
        delays = pasted["Text"].interval_number, pasted["Text"].interval_type
        self.assertEqual(delays, (2, "days"))

        # Each copy has a message of its own, and there are no others.
        steps = (campaign | other).marketing_activity_ids.filtered("mass_mailing_id")
        self.assertEqual(len(steps.mass_mailing_id), len(steps))
        self.assertEqual((hello | text).mass_mailing_id, originals)
        new = self.env["mailing.mailing"].search([]) - mailings
        self.assertFalse(new - steps.mass_mailing_id)
        self.assertEqual(pasted["Text"].sms_text, text.sms_text)

    def test_entries(self):
        """From a campaign that nobody comes into to a record that is added by hand."""
        campaign = self.create_campaign(self.contacts, entry_ids=[])
        self.create_activity(campaign, delay="1 days")
        self.tour("entries", campaign)
        self.assertEqual(campaign.entry_ids.mapped("entry_type"), ["manual"])
        self.assertEqual(campaign.entry_ids.name, "Trade fair")
        self.assertEqual((campaign.reentry, campaign.reentry_delay_number), ("after_end", 2))
        self.assertEqual(campaign.state, "running")
        campaign.reentry = "never"
        self.tour("add_by_hand", self.contacts[0])
        self.assertEqual(campaign.participant_ids.res_id, self.contacts[0].id)
        self.assertEqual(campaign.participant_ids.entry_id, campaign.entry_ids)

    def test_webhook(self):
        """A program of others is understood by clicks on what it has sent, and lets in."""
        campaign = self.create_campaign(
            domain="[]", entry_ids=[Command.create({"entry_type": "webhook", "name": "Shop"})]
        )
        self.create_activity(campaign, delay="1 days")
        campaign.action_start_campaign()
        entry = campaign.entry_ids
        buyer = {"mail": "ada.webhook@example.com", "job": "Programmer"}

        def call():
            self.env.flush_all()
            response = self.url_open(
                entry.webhook_url.removeprefix(entry.get_base_url()),
                data=json.dumps({"order": {"number": "SO-1", "buyer": buyer}}),
            )
            self.env.invalidate_all()
            return response.status_code

        with mute_logger("odoo.addons.marketing_automation.models.entry.webhook_call"):
            self.assertEqual(call(), 400)
        self.tour("webhook", campaign)
        self.assertEqual([call(), call()], [201, 200])
        run = campaign.participant_ids
        self.assertEqual((run.entry_id, run.entry_key), (entry, "SO-1"))
        contact = self.env["res.partner"].browse(run.res_id)
        self.assertEqual((contact.email, contact.function), tuple(buyer.values()))

    def test_steps_that_steer(self):
        campaign = self.create_campaign(self.contacts)
        hello = self.create_activity(campaign, name="Hello", delay="1 days")
        self.tour("steering", campaign)
        steps = {step.name: step for step in campaign.marketing_activity_ids}
        condition, split, wait = (steps[name] for name in ("Read it", "Which one", "Patience"))
        opened, otherwise = condition.branch_ids
        self.assertEqual((opened.event_activity_id, opened.event), (hello, "mail_open"))
        self.assertEqual(split.branch_id, opened)
        self.assertEqual(split.branch_ids.mapped("weight"), [50, 150])
        self.assertEqual(wait.branch_id, otherwise)
        self.assertEqual((wait.wait_activity_id, wait.wait_event), (hello, "mail_click"))
        met, timeout = wait.branch_ids
        self.assertEqual((steps["Enough"].branch_id, steps["Again"].branch_id), (met, timeout))
        self.assertEqual(steps["Again"].goto_activity_id, hello)
        self.assertFalse(campaign.problem_list)

    def test_branches(self):
        """What was taken out with a branch, and put back, is saved as it is drawn."""
        campaign = self.create_campaign(self.contacts)
        split = self.create_activity(campaign, "split", name="Which one", delay="0 hours")
        ways = split.branch_ids
        ways[0].name = "First way"
        second = self.create_activity(
            campaign,
            "exit",
            "branch",
            name="Second",
            parent_id=split.id,
            branch_id=ways[0].id,
        )
        self.tour("branches", campaign)
        self.assertEqual(split.branch_ids[:2], ways)
        self.assertEqual(split.branch_ids.mapped("name"), ["First way", "B", "Third way"])
        steps = {step.name: step for step in campaign.marketing_activity_ids}
        self.assertEqual(set(steps), {"Which one", "Second", "Third"})
        self.assertEqual((steps["Second"], second.branch_id), (second, ways[0]))
        self.assertEqual(steps["Third"].branch_id, split.branch_ids[2])

    def test_load_template(self):
        self.create_campaign(name="Existing")
        before = self.env["marketing.campaign"].search_count([])
        self.tour("template")
        self.assertEqual(self.env["marketing.campaign"].search_count([]), before + 1)

    def test_first_campaign(self):
        self.delete_campaigns()
        contact = self.contacts[0]
        contact.name = "0 comes first"
        tour = self.env.ref("marketing_automation.first_campaign_tour")
        self.tour("first_campaign", path=tour.url)
        campaign = self.env["marketing.campaign"].search([])
        self.assertEqual(campaign.state, "draft")
        test = campaign.participant_ids
        self.assertEqual((test.is_test, test.res_id), (True, contact.id))
        first = campaign.marketing_activity_ids.filtered(lambda activity: not activity.parent_id)
        self.assertEqual(first.trace_ids.state, "processed", "The first step was run")

    def test_ten_clicks(self):
        """From the empty dashboard to a running campaign whose every step was tested."""
        self.delete_campaigns()
        contact = self.contacts[0]
        contact.name = "0 comes first"
        self.tour("ten_clicks")
        campaign = self.env["marketing.campaign"].search([])
        self.assertEqual(campaign.state, "running")
        test = campaign.participant_ids.filtered("is_test")
        self.assertEqual((test.state, test.res_id), ("completed", contact.id))
        self.assertEqual(set(test.trace_ids.mapped("state")), {"processed"})
        runs = self.count_runs("campaign_tour", "ten_clicks")
        self.assertEqual(list(runs), ["click"], "Nothing is typed")
        self.assertLessEqual(runs["click"], 10)

    def test_first_run(self):
        """From an empty database to a campaign of one's own, tested and running."""
        self.delete_campaigns()
        self.env["mailing.contact"].search([]).unlink()
        self.tour("first_run")
        campaign = self.env["marketing.campaign"].search([])
        self.assertEqual(campaign.state, "running")
        message = campaign.marketing_activity_ids.mass_mailing_id
        self.assertEqual(message.subject, "Good to have you, from all of us")
        test = campaign.participant_ids.filtered("is_test")
        self.assertIn("processed", test.trace_ids.mapped("state"))
        self.assertIn("@sample.", test.resource_ref.email)
        self.assertEqual(self.count_runs("first_run_tour", "first_run"), {"click": 13, "edit": 1})

    def count_runs(self, file, name):
        """What somebody does in a tour, counted: clicks, and texts that are typed."""
        with file_open(f"marketing_automation/static/tests/tours/{file}.js") as source:
            tour = source.read().split(f'"marketing_automation_{name}"')[1].split("\n});")[0]
        return Counter(re.findall(r'run: "(\w+)', tour))

    def test_test_run(self):
        campaign = self.create_campaign(self.contacts)
        hello = self.create_activity(campaign, name="Hello", delay="1 days")
        self.create_activity(
            campaign,
            "action",
            "mail_open",
            name="Reader",
            parent_id=hello.id,
            server_action_id=self.mark.id,
        )
        self.create_activity(
            campaign, "email", "mail_not_open", "3 days", name="Silent", parent_id=hello.id
        )
        self.tour("test_run", campaign)
        self.assertFalse(campaign.total_participant_count)
        test = campaign.participant_ids
        self.assertEqual((test.is_test, test.state), (True, "completed"))
        record = self.env["res.partner"].browse(test.res_id)
        self.assertEqual(record.function, "hot")

    def test_update_running_campaign(self):
        campaign, touch = self.create_running_campaign()
        self.tour("update", campaign)
        self.assertEqual(campaign.marketing_activity_ids, touch)
        self.assertFalse(campaign.require_sync)
        self.assertEqual(touch.trace_ids.mapped("state"), ["processed"] * 2)

    def test_journey(self):
        campaign, touch = self.create_running_campaign()
        self.create_activity(
            campaign,
            "action",
            name="Later",
            delay="3 days",
            parent_id=touch.id,
            server_action_id=self.mark.id,
        )
        campaign.action_update_participants()
        self.tour("journey", self.contacts[0])

    def test_held_mail_server(self):
        """The page says what is queued and why it does not leave; it is tried again from there."""
        campaign = self.create_campaign(self.contacts, name="Running campaign")
        email = self.create_activity(campaign, delay="0 hours", name="Hello")
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        email.mass_mailing_id._hold("451 4.7.1 Too much mail")
        hold = self.env["marketing.mailing.hold"].search(
            [("mailing_id", "=", email.mass_mailing_id.id)]
        )
        self.assertGreater(hold.until, fields.Datetime.now())
        self.tour("held", campaign)
        self.assertLessEqual(hold.until, fields.Datetime.now())

    def test_reports(self):
        campaign, _touch = self.create_running_campaign()
        email = self.create_activity(campaign, delay="0 hours", name="Hello")
        campaign.action_update_participants()
        campaign.execute_activities()
        self.assertTrue(email.trace_ids)
        self.tour("reports")
