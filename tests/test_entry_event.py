"""Entries by events: an automation rule of Odoo notices, the entry lets in."""

import time
from unittest.mock import Mock, patch

from odoo import Command, api
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from ..hooks import uninstall_hook
from ..models.entry import event_kind
from ..models.entry.ir_actions_server import LOCK_SECONDS
from .committed import ParallelCase
from .common import MarketingAutomationCase

ACTION_LOGGER = "odoo.addons.marketing_automation.models.entry.ir_actions_server"
ENROL_JOB = "marketing_automation.ir_cron_campaign_sync_participants"
ENROL_LOGGER = "odoo.addons.marketing_automation.models.engine.enrol"
MAIL = """Return-Path: <{sender}>
To: {to}
From: {sender}
Subject: Question
Message-ID: <{number}@customer.example.com>
In-Reply-To: {reply_to}
Content-Type: text/plain; charset=utf-8

Hello
"""


class EventCase(MarketingAutomationCase):
    """A running campaign for contacts, with one entry, by an event."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What rules put into the classes of the registry goes with them.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.responsible.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.tag, cls.other_tag = cls.env["res.partner.category"].create(
            [{"name": "VIP"}, {"name": "Other"}]
        )
        cls.list = cls.env["mailing.list"].create({"name": "News"})

    def model(self, name):
        return self.env["ir.model"]._get(name)

    def listen(self, event="created", campaign=None, user=None, start=True, **vals):
        """A campaign with an entry by this event.

        :param dict campaign: values of the campaign
        :param user: who makes it
        """
        self.campaign = self.create_campaign(
            domain="[]", entry_ids=[], unique_field_id=False, **(campaign or {})
        )
        self.create_activity(
            self.campaign,
            "action",
            delay="1 days",
            server_action_id=self.create_server_action(model_id=self.campaign.model_id.id).id,
        )
        entries = self.env["marketing.campaign.entry"].with_user(user or self.env.user)
        entry = entries.create(
            {
                "campaign_id": self.campaign.id,
                "entry_type": "event",
                "event": event,
                **vals,
            }
        ).sudo()
        if start:
            self.campaign.action_start_campaign()
            self.assertFalse(entry._get_problems())
        return entry

    def res_ids(self):
        self.campaign.invalidate_recordset(["participant_ids"])
        return sorted(self.campaign.participant_ids.mapped("res_id"))

    def assertIn_(self, *records):
        self.assertEqual(self.res_ids(), sorted(record.id for record in records))

    def stages(self):
        return self.env["crm.stage"].search([], limit=3)

    def create_lead(self, **vals):
        return self.env["crm.lead"].create({"name": "Lead", "type": "opportunity", **vals})


@tagged("post_install", "-at_install")
class TestEvents(EventCase):
    def test_created(self):
        before = self.create_contacts(1)
        entry = self.listen()
        contacts = self.create_contacts(2)
        self.assertIn_(*contacts)
        self.assertEqual(self.campaign.participant_ids.entry_id, entry)
        self.assertEqual(set(self.campaign.participant_ids.mapped("entry_key")), {""})
        before.function = "Changed"
        self.assertIn_(*contacts)
        self.assertEqual(entry.participant_count, 2)
        self.assertEqual(entry.description, "When a “Contact” is created")

    def test_created_and_filtered(self):
        entry = self.listen(event_domain="[('function', '=', 'Boss')]")
        boss, _worker = self.create_contacts(1, function="Boss") + self.create_contacts(1)
        self.assertIn_(boss)
        self.assertEqual(entry.description, "When a “Contact” is created (Job Position is Boss)")

    def test_filter_of_the_campaign(self):
        self.listen()
        self.campaign.domain = "[('function', '=', 'Boss')]"
        boss = self.create_contacts(1, function="Boss") + self.create_contacts(1)
        self.assertIn_(boss[0])

    def test_starts_to_match(self):
        contacts = self.create_contacts(3, color=1)
        self.listen(
            "matched",
            campaign={"reentry": "always"},
            event_domain="[('color', '>', 5), ('function', '!=', 'Boss')]",
        )
        contacts[0].color = 6
        self.assertIn_(contacts[0])
        contacts[0].color = 7
        contacts[0].name = "Other"
        self.assertIn_(contacts[0])
        contacts[0].color = 1
        contacts[0].color = 6
        self.assertIn_(contacts[0], contacts[0])
        contacts[1].write({"color": 8, "function": "Boss"})
        self.assertIn_(contacts[0], contacts[0])
        contacts[1].function = False
        self.assertIn_(*contacts[0], contacts[0], contacts[1])
        new = self.create_contacts(1, color=9)
        self.assertIn_(*contacts[0], contacts[0], contacts[1], new)

    def test_change_that_another_one_follows(self):
        """Both are watched: it is one event."""
        lead = self.create_lead(expected_revenue=100, probability=10)
        self.env.flush_all()
        self.listen(
            "matched",
            campaign={"model_id": self.model("crm.lead").id, "reentry": "always"},
            event_domain="[('probability', '>', 50), ('prorated_revenue', '>', 50)]",
        )
        lead.write({"probability": 80})
        self.env.flush_all()
        self.assertIn_(lead)
        lead.write({"probability": 20})
        self.assertIn_(lead)
        lead.write({"probability": 90, "expected_revenue": 200})
        self.env.flush_all()
        self.assertIn_(lead, lead)

    def test_values_that_follow_from_each_other(self):
        """Odoo computes them one by one, the next one within the one before."""
        company = self.create_contacts(1, is_company=True)
        children = self.create_contacts(150, parent_id=company.id)
        self.env.flush_all()
        self.listen("matched", event_domain="[('complete_name', 'like', 'Boss')]")
        company.name = "Boss"
        self.env.cr.flush()
        self.assertIn_(company, *children)
        new = self.create_contacts(150, parent_id=company.id)
        self.env.cr.flush()
        self.assertIn_(company, *children, *new)

    def test_filter_that_leads_to_other_records(self):
        parents = self.create_contacts(2, function="Boss") + self.create_contacts(1)
        contact = self.create_contacts(1)
        entry = self.listen(
            "matched",
            campaign={"reentry": "always"},
            event_domain="[('parent_id.function', '=', 'Boss')]",
        )
        self.assertEqual(entry.automation_id.trigger_field_ids.mapped("name"), ["parent_id"])
        self.assertFalse(entry.automation_id.filter_pre_domain)
        contact.parent_id = parents[2]
        self.assertIn_()
        contact.parent_id = parents[0]
        self.assertIn_(contact)
        contact.parent_id = parents[1]
        self.assertIn_(contact, contact)

    def test_rule_watches_what_it_needs(self):
        entry = self.listen("matched", event_domain="[('color', '>', 5)]")
        self.assertEqual(entry.automation_id.trigger_field_ids.mapped("name"), ["color"])
        contact = self.create_contacts(1, color=1)
        with patch.object(type(entry), "_admit_events", autospec=True, side_effect=AssertionError):
            contact.write({"function": "Boss", "name": "Else"})

    def test_stage(self):
        stages = self.stages()
        lead = self.create_lead(stage_id=stages[0].id)
        entry = self.listen(
            "stage",
            campaign={"model_id": self.model("crm.lead").id},
            event_ref=f"crm.stage,{stages[1].id}",
        )
        self.assertEqual(
            entry.description, f"When a “{self.model('crm.lead').name}” reaches {stages[1].name}"
        )
        lead.stage_id = stages[2]
        self.assertIn_()
        lead.stage_id = stages[1]
        self.assertIn_(lead)
        born = self.create_lead(stage_id=stages[1].id)
        self.assertIn_(lead, born)

    def test_tag_of_contacts(self):
        contacts = self.create_contacts(3)
        entry = self.listen(
            "tag", campaign={"reentry": "always"}, event_ref=f"res.partner.category,{self.tag.id}"
        )
        self.assertEqual(entry.description, "When a “Contact” gets tag VIP")
        contacts[0].category_id = self.other_tag
        self.assertIn_()
        contacts[:2].category_id = [Command.link(self.tag.id)]
        self.assertIn_(*contacts[:2])
        contacts[0].category_id = [Command.link(self.other_tag.id)]
        contacts[0].category_id = [Command.unlink(self.other_tag.id)]
        self.assertIn_(*contacts[:2])

    def test_tag_from_its_own_form(self):
        """Odoo's rules hear what is written on their records, not on the tags of these."""
        contacts = self.create_contacts(1)
        self.listen("tag", event_ref=f"res.partner.category,{self.tag.id}")
        self.tag.partner_ids = [Command.link(contacts.id)]
        self.assertEqual(contacts.category_id, self.tag)
        self.assertIn_()

    def test_tag_of_leads(self):
        tag = self.env["crm.tag"].create({"name": "Hot"})
        lead = self.create_lead()
        self.listen(
            "tag",
            campaign={"model_id": self.model("crm.lead").id},
            event_ref=f"crm.tag,{tag.id}",
        )
        lead.tag_ids = tag
        self.assertIn_(lead)

    def test_message_by_email(self):
        lead = self.create_lead(email_from="customer@example.com")
        self.listen("message", campaign={"model_id": self.model("crm.lead").id})
        ours = lead.message_post(
            body="Ours", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        lead.message_post(body="Note", subtype_xmlid="mail.mt_note")
        self.assertIn_()
        text = MAIL.format(
            sender="customer@example.com",
            to="catchall@example.com",
            number=1,
            reply_to=ours.message_id,
        )
        self.env["mail.thread"].message_process("crm.lead", text)
        self.assertIn_(lead)

    def test_subscribed(self):
        contact, other = self.env["mailing.contact"].create(
            [{"name": "A", "email": "a@example.com"}, {"name": "B", "email": "b@example.com"}]
        )
        entry = self.listen(
            "subscribed",
            campaign={"model_id": self.model("mailing.contact").id},
            event_list_id=self.list.id,
        )
        self.assertEqual(entry.event_model_id.model, "mailing.subscription")
        self.assertEqual(entry.source_field, "contact_id")
        self.assertEqual(entry.description, "When subscribed to News")
        subscriptions = self.env["mailing.subscription"]
        other_list = self.list.create({"name": "Other"})
        subscriptions.create({"contact_id": contact.id, "list_id": other_list.id})
        leaving = subscriptions.create(
            {"contact_id": other.id, "list_id": self.list.id, "opt_out": True}
        )
        self.assertIn_()
        subscription = subscriptions.create({"contact_id": contact.id, "list_id": self.list.id})
        self.assertIn_(contact)
        self.assertEqual(
            self.campaign.participant_ids.source_ref, f"mailing.subscription,{subscription.id}"
        )
        leaving.opt_out = False
        self.assertIn_(contact, other)

    def test_subscribed_however_odoo_does_it(self):
        """As a many2many, from both sides, of which rules hear nothing."""
        contact, other, third, fourth = self.env["mailing.contact"].create(
            [{"name": f"C{i}", "email": f"c{i}@example.com"} for i in range(4)]
        )
        self.listen(
            "subscribed",
            campaign={"model_id": self.model("mailing.contact").id},
            event_list_id=self.list.id,
        )
        new = contact.create({"name": "New", "list_ids": [Command.link(self.list.id)]})
        self.assertIn_(new)
        contact.list_ids |= self.list
        self.assertIn_(contact, new)
        contact.list_ids |= self.list.create({"name": "Other"})
        self.list.contact_ids |= other
        self.assertIn_(contact, other, new)
        third.subscription_ids = [Command.create({"list_id": self.list.id})]
        self.list._add_records(fourth)
        self.assertIn_(contact, other, third, fourth, new)
        self.assertEqual(len(self.campaign.participant_ids), 5)

    def test_import_into_a_list(self):
        self.listen(
            "subscribed",
            campaign={"model_id": self.model("mailing.contact").id},
            event_list_id=self.list.id,
        )
        self.env["mailing.contact.import"].create(
            {
                "mailing_list_ids": [Command.link(self.list.id)],
                "contact_list": "one@example.com\ntwo@example.com",
            }
        ).action_import()
        self.assertIn_(*self.list.contact_ids)
        self.assertEqual(len(self.list.contact_ids), 2)

    def test_form_of_a_visitor(self):
        """A website form makes its record as the superuser, for who visits."""
        self.listen("form", campaign={"model_id": self.model("crm.lead").id})
        self.create_lead()
        self.assertIn_()
        public = self.env.ref("base.public_user")
        lead = self.env["crm.lead"].with_user(public).sudo().create({"name": "By form"})
        self.assertIn_(lead)
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        other = self.env["crm.lead"].with_user(portal).sudo().create({"name": "By form"})
        self.assertIn_(lead, other)

    def test_form_in_a_request(self):
        """The website's own form: who has sent the request counts."""
        self.listen("form", campaign={"model_id": self.model("crm.lead").id})
        for user, is_visitor in (
            (self.responsible, False),
            (self.env.ref("base.public_user"), True),
        ):
            request = Mock(env=self.env(user=user))
            with patch.object(event_kind, "request", request):
                lead = self.create_lead()
            self.assertEqual(lead.id in self.res_ids(), is_visitor)

    def test_stored_values_that_odoo_computes(self):
        """They change while Odoo computes them, others wait for it."""
        lead = self.create_lead(expected_revenue=100, probability=10)
        self.env.flush_all()
        self.listen(
            "matched",
            campaign={"model_id": self.model("crm.lead").id},
            event_domain="[('prorated_revenue', '>', 50)]",
        )
        lead.write({"probability": 20})
        self.env.flush_all()
        self.assertIn_()
        lead.write({"probability": 80, "name": "Hot"})
        self.env.cr.flush()
        self.assertIn_(lead)
        self.env.invalidate_all()
        self.assertEqual(lead.prorated_revenue, 80)


@tagged("post_install", "-at_install")
class TestSources(EventCase):
    """The record of the event leads to the one that comes in."""

    def setUp(self):
        super().setUp()
        self.contacts = self.create_contacts(3)

    def listen_to_leads(self, event="created", **vals):
        return self.listen(event, event_model_id=self.model("crm.lead").id, **vals)

    def test_run_for_each_lead(self):
        entry = self.listen_to_leads("stage", event_ref=f"crm.stage,{self.stages()[1].id}")
        self.assertEqual(entry.source_field, "partner_id")
        leads = (
            self.create_lead(partner_id=self.contacts[0].id)
            + self.create_lead(partner_id=self.contacts[0].id)
            + self.create_lead()
        )
        leads.stage_id = self.stages()[1]
        self.assertIn_(self.contacts[0], self.contacts[0])
        self.assertEqual(
            sorted(self.campaign.participant_ids.mapped("source_ref")),
            sorted(f"crm.lead,{lead.id}" for lead in leads[:2]),
        )
        leads.stage_id = self.stages()[0]
        leads.stage_id = self.stages()[1]
        self.assertEqual(len(self.campaign.participant_ids), 2, "One for each, once")

    def test_rule_of_the_campaign_instead(self):
        self.listen_to_leads(is_keyed_by_source=False)
        leads = [self.create_lead(partner_id=self.contacts[0].id) for _i in range(3)]
        self.assertIn_(self.contacts[0])
        self.assertEqual(self.campaign.participant_ids.source_ref, f"crm.lead,{leads[0].id}")

    def test_path_of_several_fields(self):
        self.listen_to_leads(source_field="user_id.partner_id")
        self.create_lead(user_id=self.responsible.id)
        self.assertIn_(self.responsible.partner_id)

    def test_same_model(self):
        """Something happens to a contact of a company, which comes in."""
        company = self.create_contacts(1, is_company=True)
        self.listen(source_field="parent_id")
        self.create_contacts(1, parent_id=company.id)
        self.assertIn_(company)

    def test_paths_that_lead_nowhere(self):
        for path in ("name", "partner_id.name", "tag_ids", "nothing", "user_id", "partner_id.", ""):
            with self.subTest(path), self.assertRaises(ValidationError):
                self.listen_to_leads(source_field=path)

    def test_path_that_the_responsible_may_not_read(self):
        entry = self.listen_to_leads(start=False)
        self.responsible.group_ids -= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.assertIn("may not read", " ".join(entry._get_problems()))


@tagged("post_install", "-at_install")
class TestCrowds(EventCase):
    def test_thousands_are_one_admission(self):
        self.listen()
        campaigns = type(self.campaign)
        with patch.object(
            campaigns, "_admit", autospec=True, side_effect=campaigns._admit
        ) as admit:
            contacts = self.create_contacts(300)
        self.assertEqual(admit.call_count, 1)
        self.assertIn_(*contacts)

    def test_number_of_queries(self):
        """It does not grow with the records, beside what their creation costs."""
        self.listen()
        self.create_contacts(3)

        def count(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.create_contacts(number)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        listened = count(300) - count(20)
        self.campaign.action_stop_campaign()
        silent = count(300) - count(20)
        self.assertLessEqual(listened, silent + 5)

    def test_import_of_a_file(self):
        self.listen(event_domain="[('function', '=', 'Boss')]")
        result = self.env["res.partner"].load(
            ["name", "function"], [[f"Row {i}", "Boss" if i % 2 else "Other"] for i in range(40)]
        )
        self.assertEqual(len(result["ids"]), 40)
        self.assertEqual(len(self.res_ids()), 20)

    def test_file_that_changes_records(self):
        """Odoo changes them one by one; the job lets them in at once."""
        contacts = self.create_contacts(30)
        self.listen("matched", event_domain="[('function', '=', 'Boss')]")
        triggers = self.env["ir.cron.trigger"].search_count([])
        self.env["res.partner"].with_context(import_file=True).load(
            [".id", "function"], [[str(contact.id), "Boss"] for contact in contacts]
        )
        self.assertIn_()
        self.assertLessEqual(self.env["ir.cron.trigger"].search_count([]), triggers + 1)
        campaigns = type(self.campaign)
        with patch.object(
            campaigns, "_admit", autospec=True, side_effect=campaigns._admit
        ) as admit:
            self.run_jobs()
        self.assertEqual(admit.call_count, 1)
        self.assertIn_(*contacts)


@tagged("post_install", "-at_install")
class TestSafety(EventCase):
    """Whoever causes an event needs no rights, notices nothing, and is not disturbed."""

    def test_no_rights_are_needed(self):
        user = mail_new_test_user(
            self.env, login="creator", groups="base.group_user,base.group_partner_manager"
        )
        self.listen()
        contact = self.env["res.partner"].with_user(user).create({"name": "New"})
        self.assertIn_(contact)
        with self.assertRaises(AccessError):
            self.campaign.with_user(user).name  # noqa: B018

    @mute_logger(ACTION_LOGGER, ENROL_LOGGER)
    def test_failure_blocks_nobody_and_is_made_up_for(self):
        self.listen()
        campaigns = type(self.campaign)
        with patch.object(campaigns, "_admit", side_effect=ZeroDivisionError):
            contact = self.create_contacts(1)
            contact.flush_recordset()
        self.assertTrue(contact.exists())
        self.assertIn_()
        self.assertEqual(self.env["marketing.late.event"].search([]).res_id, contact.id)
        with patch.object(campaigns, "_admit", side_effect=UserError("It is broken")):
            self.run_jobs()
        self.assertIn("It is broken", self.campaign.activity_ids.note)
        self.run_jobs()
        self.assertIn_(contact)
        self.assertFalse(self.env["marketing.late.event"].search([]))

    @mute_logger(ACTION_LOGGER)
    def test_what_is_written_in_the_same_request_stays(self):
        """Notes of changed values are written at the end of a request: they survive, too."""
        lead = self.create_lead()
        self.env.cr.flush()
        entry = self.listen(
            "matched",
            campaign={"model_id": self.model("crm.lead").id},
            event_domain="[('expected_revenue', '>', 5)]",
        )
        with patch.object(type(entry), "_search_events", side_effect=ZeroDivisionError):
            lead.write({"expected_revenue": 10, "stage_id": self.stages()[2].id})
            self.env.cr.flush()
        self.assertEqual(lead.expected_revenue, 10)
        tracked = lead.message_ids.sudo().tracking_value_ids.field_id.mapped("name")
        self.assertIn("stage_id", tracked)

    def test_filter_is_no_code(self):
        entry = self.listen(start=False)
        for text in (
            "[('name', '=', user.name)]",
            "__import__('os').system('true')",
            "[('id', 'in', [x for x in (1, 2)])]",
        ):
            with self.subTest(text), self.assertRaises(ValidationError):
                entry.event_domain = text
        entry.event = "matched"
        entry.event_domain = "[('name', '=', \"' + str(uid) + '\")]"
        self.assertEqual(
            entry.automation_id.filter_domain, repr([("name", "=", "' + str(uid) + '")])
        )

    def test_field_that_the_author_may_not_read(self):
        field = self.env.registry["res.partner"]._fields["function"]
        with (
            patch.object(field, "groups", "base.group_system"),
            self.assertRaises(ValidationError),
        ):
            self.listen(user=self.responsible, event_domain="[('function', '=', 'Boss')]")

    def test_records_that_the_author_may_not_see(self):
        """The entry is that of a colleague of the responsible, who sees less."""
        author = mail_new_test_user(
            self.env,
            login="author",
            groups="base.group_user,sales_team.group_sale_salesman,"
            "marketing_automation.group_marketing_automation_user",
        )
        admin = self.env.ref("base.user_admin")
        entry = self.listen(
            campaign={"user_id": admin.id},
            start=False,
            event_model_id=self.model("crm.lead").id,
        )
        entry.filter_user_id = author
        self.campaign.action_start_campaign()
        contacts = self.create_contacts(2)
        self.create_lead(partner_id=contacts[0].id, user_id=admin.id)
        self.create_lead(partner_id=contacts[1].id, user_id=author.id)
        self.assertIn_(contacts[1])

    def test_rules_are_the_systems(self):
        entry = self.listen(user=self.responsible)
        rule = self.env["base.automation"].create(
            {
                "name": "Of the administrator",
                "model_id": self.model("res.partner").id,
                "trigger": "on_create",
            }
        )
        mine = entry.with_user(self.responsible)
        for vals in ({"automation_id": rule.id}, {"rule_values": {}}):
            with self.assertRaises(AccessError):
                mine.write(vals)
            with self.assertRaises(AccessError):
                mine.create({"campaign_id": self.campaign.id, "entry_type": "event", **vals})
        with self.assertRaises(AccessError):
            entry.automation_id.with_user(self.responsible).read(["name"])


@tagged("post_install", "-at_install")
class TestRule(EventCase):
    """The rule is the entry's: made, switched, changed and deleted with it."""

    def test_active_while_the_entry_lets_in(self):
        entry = self.listen(start=False, user=self.responsible)
        rule = entry.automation_id
        self.assertEqual(rule.model_id, self.campaign.model_id)
        self.assertEqual(rule.action_server_ids.mapped("state"), ["marketing_enrol"])
        self.assertEqual(rule.action_server_ids.marketing_campaign_id, self.campaign)
        self.assertFalse(rule.active)
        self.campaign.action_start_campaign()
        self.assertTrue(rule.active)
        entry.active = False
        self.assertFalse(rule.active)
        entry.active = True
        self.assertTrue(rule.active)
        self.campaign.action_stop_campaign()
        self.assertFalse(rule.active)
        self.create_contacts(1)
        self.campaign.action_start_campaign()
        self.assertIn_()
        self.campaign.action_archive()
        self.assertFalse(rule.active)

    def test_changes_of_the_entry(self):
        entry = self.listen()
        rule = entry.automation_id
        entry.write({"event": "tag", "event_ref": f"res.partner.category,{self.tag.id}"})
        self.assertEqual(entry.automation_id, rule)
        self.assertEqual(rule.trigger_field_ids.name, "category_id")
        self.assertFalse(entry._get_problems())
        self.create_contacts(1)
        self.assertIn_()
        contact = self.create_contacts(1, category_id=[Command.link(self.tag.id)])
        self.assertIn_(contact)
        entry.write({"event": "created", "event_model_id": self.model("crm.lead").id})
        self.assertFalse(rule.exists())
        self.assertEqual(entry.automation_id.model_id.model, "crm.lead")
        self.assertTrue(entry.automation_id.active)

    def test_another_type(self):
        entry = self.listen()
        rule = entry.automation_id
        entry.entry_type = "manual"
        self.assertFalse(rule.exists() or entry.automation_id)

    def test_deleted_with_the_entry(self):
        entry = self.listen()
        rule, action = entry.automation_id, entry.automation_id.action_server_ids
        entry.unlink()
        self.assertFalse(rule.exists() or action.exists())

    def test_switched_off_with_an_entry_that_stays_as_history(self):
        entry = self.listen()
        contact = self.create_contacts(1)
        entry.unlink()
        self.assertFalse(entry.active)
        self.assertFalse(entry.automation_id.active)
        self.create_contacts(1)
        self.assertIn_(contact)

    def test_deleted_with_the_campaign(self):
        entry = self.listen()
        rule = entry.automation_id
        self.campaign.action_stop_campaign()
        self.campaign.unlink()
        self.assertFalse(rule.exists())

    def test_copy_has_its_own(self):
        entry = self.listen()
        copy = self.campaign.copy()
        copied = copy.entry_ids
        self.assertEqual(copied.event, "created")
        self.assertTrue(copied.automation_id)
        self.assertNotEqual(copied.automation_id, entry.automation_id)
        self.assertEqual(copied.automation_id.action_server_ids.marketing_campaign_id, copy)
        self.assertFalse(copied.automation_id.active)

    def test_other_target(self):
        entry = self.listen(start=False)
        self.campaign.marketing_activity_ids.unlink()
        self.campaign.model_id = self.model("crm.lead")
        self.assertEqual(entry.event_model_id.model, "crm.lead")
        self.assertEqual(entry.automation_id.model_id.model, "crm.lead")

    def test_other_responsible(self):
        """The rule lets in with the rights of the new one."""
        other = mail_new_test_user(
            self.env,
            login="other",
            groups="base.group_user,marketing_automation.group_marketing_automation_user",
        )
        self.env["ir.rule"].create(
            {
                "name": "No bosses",
                "model_id": self.model("res.partner").id,
                "domain_force": str(["|", ("function", "!=", "Boss"), ("user_ids", "!=", False)]),
            }
        )
        self.listen()
        self.campaign.user_id = other
        contacts = self.create_contacts(1, function="Boss") + self.create_contacts(1)
        self.assertIn_(contacts[1])

    def test_changed_by_an_administrator(self):
        entry = self.listen()
        for change in (
            lambda rule: rule.write({"filter_domain": "[('id', '<', 0)]"}),
            lambda rule: rule.write({"active": False}),
            lambda rule: rule.write({"trigger": "on_create_or_write"}),
            lambda rule: rule.action_server_ids.unlink(),
            lambda rule: rule.unlink(),
        ):
            change(entry.automation_id)
            [problem] = entry._get_problems()
            self.assertIn("make it anew", problem)
            self.campaign.name += "!"
            self.assertTrue(entry._get_problems(), "Nothing is put back by the way")
            entry.with_user(self.responsible).action_renew_rule()
            self.assertFalse(entry._get_problems())
        contact = self.create_contacts(1)
        self.assertIn_(contact)

    def test_uninstallation(self):
        entry = self.listen()
        rule = entry.automation_id
        with self.enter_registry_test_mode():
            uninstall_hook(self.env)
        self.assertFalse(rule.exists())


@tagged("post_install", "-at_install")
class TestDialog(EventCase):
    """Two clicks."""

    def form(self, event, campaign=None):
        self.campaign = self.create_campaign(**(campaign or {}))
        form = Form(
            self.env["marketing.campaign.entry"]
            .with_user(self.responsible)
            .with_context(default_campaign_id=self.campaign.id, default_entry_type="event")
        )
        form.event = event
        return form

    def test_created(self):
        form = self.form("created")
        self.assertEqual(form.event_model_id.model, "res.partner")
        entry = form.save()
        self.assertEqual(entry.sudo().automation_id.trigger, "on_create")

    def test_tag(self):
        form = self.form("tag")
        self.assertEqual(form.event_ref_model_id.model, "res.partner.category")
        form.event_ref = f"res.partner.category,{self.tag.id}"
        self.assertFalse(form.save()._get_problems())

    def test_subscribed(self):
        form = self.form(
            "subscribed",
            {
                "model_id": self.model("mailing.contact").id,
                "user_id": self.responsible.id,
            },
        )
        self.assertEqual(form.event_model_id.model, "mailing.subscription")
        self.assertEqual(form.source_field, "contact_id")
        form.event_list_id = self.list
        entry = form.save()
        self.assertFalse(entry._get_problems())

    def test_what_does_not_happen(self):
        entry = self.listen(start=False)
        for vals in (
            {"event": "stage"},
            {"event": "subscribed"},
            {"event_model_id": self.model("ir.config_parameter").id},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                entry.write(vals)

    def test_what_is_missing(self):
        entry = self.listen("tag", start=False)
        self.assertIn("Stage or Tag", " ".join(entry._get_problems()))
        entry.event = "matched"
        self.assertIn("set the filter", " ".join(entry._get_problems()))
        with self.assertRaisesRegex(UserError, "set the filter"):
            self.campaign.action_start_campaign()


@tagged("post_install", "-at_install")
class TestAtTheSameMoment(ParallelCase):
    """An event does not wait for a transaction that lets in the same people."""

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            campaign = self.campaign(env)
            self.create_activity(env, interval_number=1, interval_type="days")
            campaign.entry_ids.unlink()
            campaign.entry_ids = [
                Command.create(
                    {
                        "entry_type": "event",
                        "event": "matched",
                        "event_domain": "[('function', '=', 'Boss')]",
                    }
                )
            ]
            campaign.action_start_campaign()
            self.entry_id = campaign.entry_ids.id

    def clean_up(self):
        with self.environment() as env:
            env["marketing.campaign.entry"].browse(self.entry_id)._remove_rule()
        return super().clean_up()

    def change(self, env):
        env["res.partner"].browse(self.partner_ids).function = "Boss"

    def run_job(self):
        with self.environment() as env:
            env.ref(ENROL_JOB).method_direct_trigger()

    def count(self, env):
        return len(self.campaign(env).participant_ids), env["marketing.late.event"].search_count([])

    @mute_logger(ACTION_LOGGER)
    def test_another_transaction_is_not_over(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            self.campaign(env).enrol(self.partner_ids)
            start = time.monotonic()
            with self.environment() as other:
                self.change(other)
            self.assertLess(time.monotonic() - start, 2 * LOCK_SECONDS + 5)
            with self.environment() as other:
                self.assertEqual(self.count(other), (0, 6))
            cr.rollback()
        self.run_job()
        with self.environment() as env:
            self.assertEqual(self.count(env), (6, 0))
            self.assertEqual(self.campaign(env).participant_ids.entry_id.id, self.entry_id)

    @mute_logger(ACTION_LOGGER)
    def test_another_transaction_was_quicker(self):
        with self.environment() as env:
            env.cr.execute("SELECT 1")
            with self.environment() as other:
                self.campaign(other).enrol(self.partner_ids)
            self.change(env)
        self.run_job()
        with self.environment() as env:
            self.assertEqual(self.count(env), (6, 0))
            functions = env["res.partner"].browse(self.partner_ids).mapped("function")
            self.assertEqual(functions, ["Boss"] * 6)
