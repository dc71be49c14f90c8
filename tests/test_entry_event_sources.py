"""Entries by events of other records, which lead to those that come in; and by many at once."""

from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .entry_event_case import EventCase


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
