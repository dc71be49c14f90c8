"""Records come into mailing lists and out of them, by steps and by server actions."""

from odoo.tests import Form, tagged

from .test_actions_without_code import ActionCase


@tagged("post_install", "-at_install")
class TestLists(ActionCase):
    """Into a mailing list and out of it, by the address."""

    def members(self, opt_out=False):
        subscriptions = self.list.subscription_ids.filtered(lambda sub: sub.opt_out == opt_out)
        return subscriptions.contact_id.sorted("email").mapped("email")

    def subscribe(self, email, opt_out=False, **vals):
        contact = self.env["mailing.contact"].create({"name": "Known", "email": email, **vals})
        self.env["mailing.subscription"].create(
            {"contact_id": contact.id, "list_id": self.list.id, "opt_out": opt_out}
        )
        return contact

    def test_contacts_are_added(self):
        self.contacts[0].email = '"One" <ONE@example.com>'
        known = self.env["mailing.contact"].create({"name": "Known", "email": "One@Example.com"})
        self.subscribe("contact1@example.com", opt_out=True)
        self.subscribe("contact2@example.com")
        self.contacts[3].email = False
        new = self.contacts.create({"name": "New", "email": "new@example.com"})
        twice = self.contacts.create({"name": "Twice", "email": "NEW@example.com"})
        self.campaign.write(
            {
                "domain": str([("id", "in", (self.contacts | new | twice).ids)]),
                "unique_field_id": False,
            }
        )
        step = self.choose("list_add", action_list_id=self.list)
        self.assertEqual(step.content, "Add to list News")
        self.start()
        self.assertEqual(
            self.members(), ["One@Example.com", "contact2@example.com", "new@example.com"]
        )
        self.assertEqual(self.members(opt_out=True), ["contact1@example.com"])
        self.assertEqual(known.list_ids, self.list)
        created = self.env["mailing.contact"].search([("email", "=", "new@example.com")])
        self.assertEqual(created.name, "New")
        self.assertEqual(set(step.trace_ids.mapped("state")), {"processed"})

    def test_contacts_are_removed(self):
        self.subscribe("contact0@example.com")
        self.subscribe("CONTACT0@example.com")
        self.subscribe("contact1@example.com", opt_out=True)
        self.subscribe("other@example.com")
        step = self.choose("list_remove", action_list_id=self.list)
        self.assertEqual(step.content, "Remove from list News")
        self.start()
        self.assertEqual(self.members(), ["other@example.com"])
        self.assertEqual(self.members(opt_out=True), ["contact1@example.com"])

    def test_who_has_opted_out_stays_out_after_a_removal(self):
        self.subscribe("contact0@example.com", opt_out=True)
        self.list._remove_records(self.contacts)
        self.list._add_records(self.contacts)
        self.assertEqual(self.members(opt_out=True), ["contact0@example.com"])
        self.assertNotIn("contact0@example.com", self.members())

    def test_leads(self):
        lead, campaign = self.lead_campaign(user_id=self.env.ref("base.user_admin").id)
        lead.contact_name = "Lena Lead"
        self.choose(
            "list_add",
            campaign=campaign,
            user=self.env.ref("base.user_admin"),
            action_list_id=self.list,
        )
        self.run_campaign(campaign)
        self.assertEqual(self.list.contact_ids.mapped("name"), ["Lena Lead"])
        self.assertEqual(self.list.contact_ids.mapped("email"), ["lead@example.com"])

    def test_mailing_contacts(self):
        contacts = self.env["mailing.contact"].create(
            [
                {"name": "First", "email": "first@example.com"},
                {"name": "Again", "email": "First@example.com"},
                {"name": "Left", "email": "left@example.com"},
                {"name": "Nobody"},
            ]
        )
        self.subscribe("LEFT@example.com", opt_out=True)
        campaign = self.create_campaign(
            contacts,
            model_id=self.env["ir.model"]._get_id("mailing.contact"),
            unique_field_id=False,
        )
        self.choose("list_add", campaign=campaign, action_list_id=self.list)
        self.run_campaign(campaign)
        self.assertEqual(len(self.members()), 2)
        self.assertEqual(self.members(opt_out=True), ["LEFT@example.com"])
        self.assertEqual(contacts.filtered("list_ids"), contacts[:2])

    def test_rule_and_list_view(self):
        """Odoo's own ways to run server actions have them, too."""
        form = Form(self.env["ir.actions.server"])
        form.model_id = self.env["ir.model"]._get("res.partner")
        form.state = "mailing_list_add"
        form.marketing_list_id = self.list
        action = form.save()
        self.assertEqual(action.name, "Add to News")
        records = {"active_model": "res.partner", "active_ids": self.contacts.ids}
        action.with_context(**records).run()
        self.assertEqual(len(self.members()), 4)
        action.state = "mailing_list_remove"
        action.with_context(**records).run()
        self.assertEqual(self.members(), [])

    def test_in_sets(self):
        """The number of queries does not grow with the records."""
        many = self.create_contacts(60, email="many{i}@example.com")
        self.list._add_records(self.create_contacts(2, email="warm{i}@example.com"))
        self.env.flush_all()

        def count(records):
            before = self.env.cr.sql_log_count
            self.list._add_records(records)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = count(many[:10])
        self.assertLessEqual(count(many[10:]), few + 5)
