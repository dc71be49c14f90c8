"""Campaigns among the other parts of Odoo: jobs, Email Marketing, merges, deletions."""

import json
from ast import literal_eval

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..hooks import _forget_fields, uninstall_hook
from ..models.engine.jobs import EXECUTION_JOB
from .common import MarketingAutomationCase, MessagingCase

ENROL = "marketing_automation.ir_cron_campaign_sync_participants"
EXECUTE = "marketing_automation.ir_cron_campaign_execute_activities"
ENROL_LOGGER = "odoo.addons.marketing_automation.models.engine.enrol"
RUN_LOGGER = "odoo.addons.marketing_automation.models.engine.run"


@tagged("post_install", "-at_install")
class TestMailingsApart(MessagingCase):
    """Mailings of campaigns live apart from those of Email and SMS Marketing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts[0])
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours").mass_mailing_id
        cls.sms = cls.create_activity(cls.campaign, "sms", delay="0 hours").mass_mailing_id

    def test_hidden_in_the_menus(self):
        plain = self.env["mailing.mailing"].create(
            [
                {"subject": "Plain", "mailing_type": mailing_type, "mailing_model_id": model.id}
                for mailing_type, model in (
                    ("mail", self.campaign.model_id),
                    ("sms", self.campaign.model_id),
                )
            ]
        )
        shown = {
            "mass_mailing.mailing_mailing_action_mail": plain[0],
            "mass_mailing.action_view_mass_mailings_from_campaign": plain[0],
            "mass_mailing_sms.mailing_mailing_action_sms": plain[1],
        }
        for xml_id, mailing in shown.items():
            domain = literal_eval(self.env.ref(xml_id).domain)
            found = self.env["mailing.mailing"].search(domain)
            self.assertIn(mailing, found, xml_id)
            self.assertFalse(found & (self.mail + self.sms), xml_id)

    def test_mailing_that_an_activity_takes_is_hidden_too(self):
        mailing = self.create_mailing(self.campaign, use_in_marketing_automation=False)
        self.create_activity(self.campaign, mass_mailing_id=mailing.id)
        self.assertTrue(mailing.use_in_marketing_automation)
        self.assertEqual(mailing.campaign_id, self.campaign.utm_campaign_id)

    def test_buttons_of_mailings_are_refused(self):
        for mailing in (self.mail, self.sms):
            for method in (
                "action_put_in_queue",
                "action_launch",
                "action_schedule",
                "action_send_mail",
                "action_send_sms",
            ):
                with (
                    self.subTest(mailing.mailing_type, method=method),
                    self.assertRaisesRegex(UserError, "belongs to a marketing campaign"),
                ):
                    getattr(mailing, method)()
        self.assertFalse((self.mail + self.sms).mailing_trace_ids)

    def test_queue_job_never_sends_them(self):
        mailings = self.mail + self.sms
        for state in ("in_queue", "sending"):
            mailings.write({"state": state, "schedule_type": "now"})
            with mute_logger("odoo.addons.mass_mailing.models.mailing"):
                self.run_cron("mass_mailing.ir_cron_mass_mailing_queue")
            self.assertFalse(mailings.mailing_trace_ids)

    def test_no_statistics_mail(self):
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_start_campaign()
            self.run_jobs()
            self.env["mail.mail"].search([("mailing_id", "=", self.mail.id)]).write(
                {"state": "sent"}
            )
            with self.mockSMSGateway():
                self.run_cron("ir_cron_send_texts")
        before = self.env["mail.mail"].search([])
        with self.at("2025-03-03 09:00:00"):
            self.run_cron("mass_mailing.ir_cron_mass_mailing_queue")
        self.assertFalse(self.env["mail.mail"].search([]) - before)
        for mailing in self.mail + self.sms:
            self.assertFalse(mailing.kpi_mail_required)
            self.assertEqual(mailing.state, "draft")

    def test_no_wake_ups_of_the_ab_test_job(self):
        cron = self.env.ref("mass_mailing.ir_cron_mass_mailing_ab_testing")
        count = lambda: self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])  # noqa: E731
        before = count()
        campaign = self.create_campaign(self.contacts)
        activity = self.create_activity(campaign, delay="0 hours")
        activity.mass_mailing_id.subject = "Changed"
        campaign.action_start_campaign()
        self.run_jobs()
        self.assertEqual(activity.processed, 2)
        self.assertEqual(count(), before)

    def test_plain_mailings_work_as_before(self):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Plain",
                "body_html": "<p>Plain</p>",
                "mailing_model_id": self.campaign.model_id.id,
                "mailing_domain": [("id", "in", self.contacts.ids)],
            }
        )
        mailing.action_put_in_queue()
        self.run_cron("mass_mailing.ir_cron_mass_mailing_queue")
        self.assertEqual(mailing.state, "done")
        self.assertEqual(len(mailing.mailing_trace_ids), 2)


@tagged("post_install", "-at_install")
class TestMergesAndDeletions(MarketingAutomationCase):
    """Records go, journeys go on or end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.first = cls.create_activity(cls.campaign, "action", delay="0 hours")
        cls.second = cls.create_activity(
            cls.campaign, "action", delay="1 days", parent_id=cls.first.id
        )

    def start(self, records=None):
        if records is not None:
            self.campaign.domain = str([("id", "in", records.ids)])
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_start_campaign()
            self.run_jobs()

    def next_day(self):
        with self.at("2025-03-02 09:00:00"):
            self.run_cron(EXECUTE)

    def merge(self, target, *sources):
        partners = target.union(*sources)
        self.env["base.partner.merge.automatic.wizard"]._merge(partners.ids, target)
        self.env.invalidate_all()

    def test_deleted_record(self):
        self.start()
        participant = self.participant_of(self.campaign, self.contacts[0])
        self.contacts[0].unlink()
        self.assertEqual(participant.state, "unlinked")
        trace = participant.trace_ids.filtered(lambda trace: trace.activity_id == self.second)
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "unlinked"))
        self.assertIn("deleted", trace.state_msg)
        self.assertTrue(participant.display_name)
        self.assertFalse(participant.resource_ref)
        with self.assertRaisesRegex(UserError, "deleted"):
            participant.action_set_running()
        self.next_day()
        self.assertEqual(self.second.processed, 2)
        self.assertEqual(self.first.processed, 3, "The past does not shrink")

    def delete_in_sql(self, contact):
        self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [contact.id])
        self.env.invalidate_all()

    def test_record_that_vanished_without_a_word(self):
        self.start()
        participant = self.participant_of(self.campaign, self.contacts[0])
        self.delete_in_sql(self.contacts[0])
        self.next_day()
        self.assertEqual(participant.state, "unlinked")
        self.assertEqual(self.second.processed, 2)

    def test_enrolment_notices_vanished_records(self):
        self.start()
        participant = self.participant_of(self.campaign, self.contacts[0])
        self.delete_in_sql(self.contacts[0])
        self.run_cron(ENROL)
        self.assertEqual(participant.state, "unlinked")

    def test_merge_with_somebody_who_does_not_take_part(self):
        self.start(self.contacts[0])
        participant = self.campaign.participant_ids
        self.campaign.domain = str([("id", "in", self.contacts.ids)])
        self.merge(self.contacts[1], self.contacts[0])
        self.assertEqual(participant.state, "running")
        self.assertEqual(participant.res_id, self.contacts[1].id)
        self.assertEqual(set(participant.trace_ids.mapped("res_id")), {self.contacts[1].id})
        self.next_day()
        self.assertEqual(participant.state, "completed")
        self.assertEqual(self.second.processed, 1)

    def test_merge_of_two_participants(self):
        """Both have a journey: that of the contact who stays goes on, the other one ends."""
        self.start()
        gone = self.participant_of(self.campaign, self.contacts[0])
        kept = self.participant_of(self.campaign, self.contacts[1])
        self.merge(self.contacts[1], self.contacts[0])
        self.assertEqual((gone.state, kept.state), ("unlinked", "running"))
        self.next_day()
        self.assertEqual(self.second.processed, 2)
        self.assertEqual(self.first.processed, 3)

    def test_merge_of_three_two_of_whom_take_part(self):
        self.start(self.contacts[:2])
        self.merge(self.contacts[2], self.contacts[0], self.contacts[1])
        states = sorted(self.campaign.participant_ids.mapped("state"))
        self.assertEqual(states, ["running", "unlinked"])
        running = self.campaign.participant_ids.filtered(lambda one: one.state == "running")
        self.assertEqual(running.res_id, self.contacts[2].id)

    def test_merge_of_leads(self):
        self.responsible.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        leads = self.env["crm.lead"].create(
            [{"name": f"Lead {i}", "email_from": f"lead{i}@example.com"} for i in range(2)]
        )
        model = self.env["ir.model"]._get("crm.lead")
        campaign = self.create_campaign(leads[1], model_id=model.id)
        action = self.create_server_action("pass", model_id=model.id)
        self.create_activity(campaign, "action", server_action_id=action.id, delay="1 days")
        campaign.action_start_campaign()
        campaign.sync_participants()
        target = leads.merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual(campaign.participant_ids.res_id, target.id)
        self.assertEqual(campaign.participant_ids.state, "running")
        self.assertEqual(campaign.participant_ids.trace_ids.res_id, target.id)


@tagged("post_install", "-at_install")
class TestUninstall(MarketingAutomationCase):
    """What the addon leaves behind."""

    def setUp(self):
        super().setUp()
        # As Odoo says it when it runs the hook.
        self.env.ref("base.module_marketing_automation").state = "to remove"

    def test_email_marketing_is_as_before(self):
        activity = self.create_activity(self.create_campaign())
        self.env["marketing.campaign"]._set_jobs(EXECUTION_JOB, 3)
        uninstall_hook(self.env)
        for xmlid, domain in (
            ("mass_mailing.mailing_mailing_action_mail", "[('mailing_type', '=', 'mail')]"),
            ("mass_mailing_sms.mailing_mailing_action_sms", "[('mailing_type', '=', 'sms')]"),
        ):
            self.assertEqual(self.env.ref(xmlid).domain, domain)
        self.assertFalse(activity.mass_mailing_id.active)
        self.assertEqual(len(self.env["marketing.campaign"]._get_jobs(EXECUTION_JOB)), 1)
        functions = SQL("SELECT proname FROM pg_proc WHERE proname LIKE %s", "marketing%")
        self.assertEqual(self.env.execute_query(functions), [])
        report = SQL("SELECT pg_get_viewdef('mailing_trace_report')")
        self.assertNotIn("use_in_marketing_automation", str(self.env.execute_query(report)))

    def test_again(self):
        """The uninstallation was interrupted, or what it drops was dropped before."""
        uninstall_hook(self.env)
        uninstall_hook(self.env)

    def test_conditions_that_people_wrote(self):
        """However they are written and combined, they go; all else stays as it is."""
        action = self.env.ref("mass_mailing.mailing_mailing_action_mail")
        for before, after in (
            ("[('use_in_marketing_automation', '!=', True)]", "[]"),
            ('[["use_in_marketing_automation", "=", active_id and 1]]', "[]"),
            (
                "['|', ('use_in_marketing_automation', '=', False), ('user_id', '=', uid)]",
                "[('user_id', '=', uid)]",
            ),
            (
                "['&', '!', ('use_in_marketing_automation', 'in', [True]), '|',"
                " ('state', '=', 'done'), ('create_date', '>', context_today())]",
                "['|', ('state', '=', 'done'), ('create_date', '>', context_today())]",
            ),
            ("[('marketing_activity_ids.name', 'ilike', 'x'), ('id', '>', 5)]", "[('id', '>', 5)]"),
            (
                "[('mailing_trace_ids', 'any', [('marketing_trace_id', '!=', False),"
                " ('trace_status', '=', 'sent')])]",
                "[('mailing_trace_ids', 'any', [('trace_status', '=', 'sent')])]",
            ),
            ("[('mailing_trace_ids.marketing_trace_id', '=', 5)]", "[]"),
            (
                "[('state', '=', 'done')] + [('use_in_marketing_automation', '=', False)]",
                "[('state', '=', 'done')] + []",
            ),
            (
                "[('subject', '=', 'use_in_marketing_automation')]",
                "[('subject', '=', 'use_in_marketing_automation')]",
            ),
            ("[('state',  '=', 'done')]", "[('state',  '=', 'done')]"),
        ):
            with self.subTest(domain=before):
                action.domain = before
                _forget_fields(self.env)
                self.assertEqual(action.domain, after)

    def test_contexts_and_favorites_that_people_wrote(self):
        action = self.env.ref("mass_mailing.mailing_mailing_action_mail")
        favorite = self.env["ir.filters"].create(
            {
                "name": "Automated",
                "model_id": "mailing.mailing",
                "domain": "[('use_in_marketing_automation', '=', True), ('user_id', '=', uid)]",
                "context": "{'group_by': ['use_in_marketing_automation', 'sent_date:month']}",
                "sort": '["use_in_marketing_automation desc", "sent_date"]',
                "active": False,
            }
        )
        action.context = (
            "{'default_use_in_marketing_automation': False, 'default_user_id': uid,"
            " 'group_by': 'use_in_marketing_automation'}"
        )
        uninstall_hook(self.env)
        self.assertEqual(action.context, "{'default_user_id': uid}")
        self.assertEqual(favorite.domain, "[('user_id', '=', uid)]")
        self.assertEqual(favorite.context, "{'group_by': ['sent_date:month']}")
        favorite.flush_recordset()  # PostgreSQL checks that it is JSON
        self.assertEqual(json.loads(favorite.sort), ["sent_date"])
