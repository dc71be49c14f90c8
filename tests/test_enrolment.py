"""Records of the target become participants."""

from datetime import datetime
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..models.engine import enrol as marketing_campaign_enrol
from .common import USER_GROUPS, MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestEnrolment(MarketingAutomationCase):
    """Who takes part, and who does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)

    def start(self, records=None, **vals):
        """A running campaign with one activity and its first participants."""
        campaign = self.create_campaign(self.contacts if records is None else records, **vals)
        self.create_activity(campaign, "action")
        campaign.action_start_campaign()
        campaign.sync_participants()
        return campaign

    def assertEnrolled(self, campaign, records):
        self.assertEqual(sorted(campaign.participant_ids.mapped("res_id")), sorted(records.ids))

    # ------------------------------------------------------------
    # Filter
    # ------------------------------------------------------------

    def test_only_matching_records_take_part(self):
        self.contacts[0].function = "Buyer"
        campaign = self.start(
            domain=str([("id", "in", self.contacts.ids), ("function", "=", "Buyer")])
        )
        self.assertEnrolled(campaign, self.contacts[0])
        self.assertEqual(campaign.participant_ids.state, "running")
        self.assertEqual(campaign.participant_ids.trace_ids.state, "scheduled")

    def test_record_that_matches_later_takes_part_later(self):
        campaign = self.start(
            domain=str([("id", "in", self.contacts.ids), ("function", "=", "Buyer")])
        )
        self.assertEnrolled(campaign, self.contacts.browse())
        self.contacts[2].function = "Buyer"
        self.run_cron("ir_cron_campaign_sync_participants")
        self.assertEnrolled(campaign, self.contacts[2])

    def test_update_participants_enrols_at_once(self):
        campaign = self.start()
        more = self.create_contacts(1, email="late@example.com")
        campaign.domain = str([("id", "in", (self.contacts + more).ids)])
        campaign.action_update_participants()
        self.assertEnrolled(campaign, self.contacts + more)

    def test_record_that_no_longer_matches_stays(self):
        campaign = self.start()
        campaign.domain = str([("id", "=", self.contacts[0].id)])
        campaign.sync_participants()
        self.assertEnrolled(campaign, self.contacts)

    def test_enrolling_again_changes_nothing(self):
        campaign = self.start()
        before = campaign.participant_ids
        campaign.sync_participants()
        self.run_cron("ir_cron_campaign_sync_participants")
        self.assertEqual(campaign.participant_ids, before)
        self.assertEqual(len(before.trace_ids), len(self.contacts))

    def test_looking_is_no_change_of_the_campaign(self):
        with self.at("2025-03-01 09:00:00"):
            campaign = self.start()
        before = campaign.read(["write_date", "write_uid", "message_ids"])
        with self.at("2025-03-01 10:00:00"):
            self.run_cron("ir_cron_campaign_sync_participants")
        noted = campaign.last_sync_date, campaign.last_try_date
        self.assertEqual(noted, (datetime(2025, 3, 1, 10),) * 2)
        self.assertEqual(campaign.read(["write_date", "write_uid", "message_ids"]), before)

    def test_job_enrols_for_running_campaigns_only(self):
        draft = self.create_campaign(self.contacts)
        self.create_activity(draft, "action")
        stopped = self.start(self.contacts[0])
        stopped.action_stop_campaign()
        stopped.domain = draft.domain
        self.run_cron("ir_cron_campaign_sync_participants")
        self.assertFalse(draft.participant_ids)
        self.assertEnrolled(stopped, self.contacts[0])

    def test_start_enrols_without_waiting_for_the_hour(self):
        campaign = self.create_campaign(self.contacts)
        self.create_activity(campaign, "action")
        cron = self.env.ref("marketing_automation.ir_cron_campaign_sync_participants")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        campaign.action_start_campaign()
        new = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        self.assertEqual(len(new), 1)

    def test_audience_in_several_batches(self):
        campaign = self.create_campaign(self.contacts)
        self.create_activity(campaign, "action")
        with patch.object(marketing_campaign_enrol, "ENROL_BATCH_SIZE", 2):
            campaign.action_start_campaign()
            campaign.sync_participants()
        self.assertEnrolled(campaign, self.contacts)
        self.assertEqual(len(campaign.participant_ids.trace_ids), 4)

    def test_relative_date_follows_the_time_zone_of_the_responsible(self):
        """At 23:00 UTC it is tomorrow already in Tokyo."""
        self.responsible.tz = "Asia/Tokyo"
        event = self.contacts[0]
        domain = [("id", "in", self.contacts.ids), ("create_date", "<", "today")]
        with self.at("2025-03-01 23:00:00"):
            self.env.cr.execute(
                "UPDATE res_partner SET create_date = '2025-03-01 14:00:00' WHERE id = %s",
                [event.id],
            )
            self.env.cr.execute(
                "UPDATE res_partner SET create_date = '2025-03-01 16:00:00' WHERE id = ANY(%s)",
                [(self.contacts - event).ids],
            )
            self.env.invalidate_all()
            self.assertEnrolled(self.start(domain=str(domain)), event)

    # ------------------------------------------------------------
    # Unicity
    # ------------------------------------------------------------

    def test_address_is_the_default_unicity(self):
        campaign = self.create_campaign()
        self.assertEqual(campaign.unique_field_id.name, "email")

    def test_case_and_spaces_make_no_other_address(self):
        self.contacts[0].email = "Same@Example.com"
        self.contacts[1].email = "  same@example.COM "
        self.contacts[2].email = '"Same" <same@example.com>'
        self.assertEnrolled(self.start(), self.contacts[0] + self.contacts[3])

    def test_lowest_id_takes_part(self):
        self.contacts.email = "same@example.com"
        self.contacts[0].function = "Late"
        campaign = self.start()
        self.assertEnrolled(campaign, self.contacts[0])

    def test_empty_values_are_no_duplicates(self):
        self.contacts[:2].email = False
        self.contacts[2:].email = "   "
        self.assertEnrolled(self.start(), self.contacts)

    def test_value_of_a_participant_is_taken_for_later_records(self):
        campaign = self.start(self.contacts[3])
        self.contacts[:2].email = self.contacts[3].email.upper()
        campaign.domain = str([("id", "in", self.contacts.ids)])
        campaign.sync_participants()
        self.assertEnrolled(campaign, self.contacts[2:])

    def test_unicity_over_batches(self):
        (self.contacts[0] + self.contacts[3]).email = "same@example.com"
        campaign = self.create_campaign(self.contacts)
        self.create_activity(campaign, "action")
        with patch.object(marketing_campaign_enrol, "ENROL_BATCH_SIZE", 1):
            campaign.action_start_campaign()
            campaign.sync_participants()
        self.assertEnrolled(campaign, self.contacts[:3])

    def test_unicity_on_a_many2one(self):
        company, other = self.create_contacts(2, email=False, is_company=True)
        self.contacts[:2].parent_id = company
        self.contacts[2].parent_id = other
        field = self.env["ir.model.fields"]._get("res.partner", "parent_id")
        campaign = self.start(unique_field_id=field.id)
        # The last one has no company, which makes it nobody's duplicate.
        self.assertEnrolled(campaign, self.contacts - self.contacts[1])

    def test_unicity_on_text_minds_case(self):
        self.contacts[0].function = "Buyer"
        self.contacts[1].function = "buyer"
        self.contacts[2].function = "Buyer"
        field = self.env["ir.model.fields"]._get("res.partner", "function")
        campaign = self.start(unique_field_id=field.id)
        self.assertEnrolled(campaign, self.contacts - self.contacts[2])

    def test_no_unicity(self):
        self.contacts.email = "same@example.com"
        self.assertEnrolled(self.start(unique_field_id=False), self.contacts)

    def test_tests_take_nobodys_place(self):
        campaign = self.create_campaign(self.contacts)
        self.create_activity(campaign, "action")
        self.env["marketing.participant"].create(
            [{"campaign_id": campaign.id, "res_id": self.contacts[0].id, "is_test": True}] * 2
        )
        self.contacts[1].email = self.contacts[0].email
        campaign.action_start_campaign()
        campaign.sync_participants()
        live = campaign.participant_ids.filtered(lambda participant: not participant.is_test)
        self.assertEqual(live.mapped("res_id"), (self.contacts - self.contacts[1]).ids[::-1])

    def test_unicity_of_leads_and_mailing_contacts(self):
        for model, values in (("crm.lead", "email_from"), ("mailing.contact", "email")):
            records = self.env[model].create(
                [
                    {"name": "First", values: "one@example.com"},
                    {"name": "Second", values: "ONE@example.com"},
                    {"name": "Third", values: False},
                    {"name": "Fourth", values: False},
                ]
            )
            if model == "crm.lead":
                self.responsible.group_ids += self.env.ref(
                    "sales_team.group_sale_salesman_all_leads"
                )
            campaign = self.create_campaign(records, model_id=self.env["ir.model"]._get_id(model))
            self.assertEqual(campaign.unique_field_id.name, values)
            self.create_activity(
                campaign,
                "action",
                server_action_id=self.create_server_action(
                    "pass", model_id=campaign.model_id.id
                ).id,
            )
            campaign.action_start_campaign()
            campaign.sync_participants()
            self.assertEnrolled(campaign, records - records[1])

    # ------------------------------------------------------------
    # Archived records, rights
    # ------------------------------------------------------------

    def test_archived_records_take_part_only_on_request(self):
        self.contacts[0].active = False
        campaign = self.start()
        self.assertEnrolled(campaign, self.contacts[1:])
        campaign.include_archived = True
        campaign.sync_participants()
        self.assertEnrolled(campaign, self.contacts)

    def test_companies_of_the_responsible(self):
        ours = self.env["res.company"].create({"name": "Ours"})
        theirs = self.env["res.company"].create({"name": "Theirs"})
        self.env.ref("base.res_partner_rule").active = True
        self.responsible.write({"company_ids": [Command.set(ours.ids)], "company_id": ours.id})
        self.contacts[0].company_id = ours
        self.contacts[1].company_id = theirs
        self.assertEnrolled(self.start(), self.contacts - self.contacts[1])

    def test_all_companies_of_the_responsible_count(self):
        first, second = self.env["res.company"].create([{"name": "First"}, {"name": "Second"}])
        self.responsible.write(
            {"company_ids": [Command.set((first + second).ids)], "company_id": first.id}
        )
        self.contacts[0].company_id = first
        self.contacts[1].company_id = second
        self.assertEnrolled(self.start(), self.contacts)

    def test_record_rules_of_the_responsible(self):
        """A salesperson who sees their own leads only does not reach those of others."""
        seller = mail_new_test_user(
            self.env,
            login="seller",
            groups=",".join([*USER_GROUPS, "sales_team.group_sale_salesman"]),
        )
        leads = self.env["crm.lead"].create(
            [
                {"name": "Own", "email_from": "own@example.com", "user_id": seller.id},
                {"name": "Other", "email_from": "other@example.com", "user_id": self.env.uid},
            ]
        )
        model = self.env["ir.model"]._get_id("crm.lead")
        campaign = self.create_campaign(leads, model_id=model, user_id=seller.id)
        action = self.create_server_action("pass", model_id=model)
        self.create_activity(campaign, "action", server_action_id=action.id)
        campaign.action_start_campaign()
        self.run_cron("ir_cron_campaign_sync_participants")
        self.assertEnrolled(campaign, leads[0])

    def test_target_that_the_responsible_may_not_read(self):
        lead = self.env["crm.lead"].create({"name": "Lead"})
        model = self.env["ir.model"]._get_id("crm.lead")
        campaign = self.create_campaign(lead, model_id=model)
        action = self.create_server_action("pass", model_id=model)
        self.create_activity(campaign, "action", server_action_id=action.id)
        with self.assertRaisesRegex(UserError, "may not read"):
            campaign.action_start_campaign()

    # ------------------------------------------------------------
    # Many records
    # ------------------------------------------------------------

    def _count_statements(self, color, size):
        """SQL statements that enrolling, then settling, takes for contacts of a color."""
        campaign = self.create_campaign(domain=str([("color", "=", color)]), unique_field_id=False)
        activity = self.create_activity(campaign, "action", delay="0 hours")
        self.create_activity(campaign, "action", delay="1 days", parent_id=activity.id)
        campaign.action_start_campaign()
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        before = self.env.cr.sql_log_count
        campaign.sync_participants()
        enrolled = self.env.cr.sql_log_count
        self.env.invalidate_all()
        traces = activity.trace_ids.ids
        start = self.env.cr.sql_log_count
        self.env["marketing.trace"]._settle_outcomes(
            [(trace_id, "processed", None, None) for trace_id in traces]
        )
        self.env.flush_all()
        settled = self.env.cr.sql_log_count
        self.assertEqual(len(campaign.participant_ids), size)
        self.assertEqual(len(campaign.participant_ids.trace_ids), 2 * size)
        return enrolled - before, settled - start

    def test_number_of_statements_does_not_grow(self):
        sizes = {901: 10, 902: 1_000, 903: 10_000}
        for color, size in sizes.items():
            self.env.cr.execute(
                """
                INSERT INTO res_partner (name, complete_name, active, type, color)
                SELECT 'Bulk ' || i, 'Bulk ' || i, TRUE, 'contact', %s FROM generate_series(1, %s) i
                """,
                [color, size],
            )
        _warm_up, few, many = (self._count_statements(*item) for item in sizes.items())
        # Which of Odoo's own caches are warm may differ by a query or two.
        self.assertAlmostEqual(few[0], many[0], delta=2)
        self.assertEqual(few[1], many[1])
        self.assertLess(sum(many), 60)
