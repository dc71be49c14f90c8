"""Entries by events: an automation rule of Odoo notices, the entry lets in."""

from unittest.mock import Mock, patch

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..models.entry import event_kind
from .entry_event_case import EventCase

MAIL = """Return-Path: <{sender}>
To: {to}
From: {sender}
Subject: Question
Message-ID: <{number}@customer.example.com>
In-Reply-To: {reply_to}
Content-Type: text/plain; charset=utf-8

Hello
"""


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
        """Odoo's rules hear what is written on their records, not on the tags of these: as if it
        was. Who has the tag already does not get it."""
        contacts = self.create_contacts(4)
        contacts[0].category_id = self.tag
        self.listen("tag", event_ref=f"res.partner.category,{self.tag.id}")
        groups = "base.group_user,base.group_partner_manager"
        user = new_test_user(self.env, "tagger", groups=groups)
        tags = (self.tag + self.other_tag).with_user(user)
        tags.write({"partner_ids": [Command.link(contacts[1].id)]})
        self.assertEqual(contacts[1].category_id, self.tag + self.other_tag)
        self.assertIn_(contacts[1])
        self.tag.with_user(user).partner_ids = contacts[:3]
        self.assertEqual(self.tag.partner_ids, contacts[:3])
        self.assertIn_(*contacts[1:3])

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
