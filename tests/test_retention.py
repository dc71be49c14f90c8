from ast import literal_eval

from odoo.tests import tagged

from ..models.participant import retention as marketing_participant_retention
from ..models.participant.retention import DELETE_PARAMETER
from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestDeletedTraces(MarketingAutomationCase):
    """A setting deletes the traces of old journeys; numbers stay, and nobody begins anew."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours")
        cls.reminder = cls.create_activity(
            cls.campaign, trigger="mail_not_open", parent_id=cls.mail.id, delay="1 days"
        )

    def run_journeys(self):
        """Two journeys that ended in March 2025; the third one goes on for years."""
        with self.at("2025-03-03 09:00:00"):
            self.campaign.action_start_campaign()
            self.run_jobs()
            self.hand_over(self.campaign)
            self.trace_of(self.mail, self.contacts[0]).process_event("mail_click")
        with self.at("2025-03-05 09:00:00"):
            self.trace_of(self.reminder, self.contacts[2]).schedule_date = "2035-01-01"
            self.run_jobs()

    def collect(self, moment, months="12"):
        self.env["ir.config_parameter"].set_param(DELETE_PARAMETER, months)
        with self.at(moment):
            result = self.env["marketing.participant"]._gc_traces()
        self.env.invalidate_all()
        return result

    def test_nothing_is_deleted_by_default(self):
        self.run_journeys()
        self.assertEqual(self.collect("2055-01-01 09:00:00", months=""), (0, 0))
        self.assertEqual(self.collect("2055-01-01 09:00:00", months="0"), (0, 0))

    def test_old_journeys_lose_their_traces_only(self):
        self.run_journeys()
        before = self.campaign.get_overview()
        self.assertEqual(self.collect("2026-03-03 08:00:00"), (0, 0), "It is not a year ago.")
        self.assertEqual(self.collect("2026-03-06 09:00:00"), (2, 0))
        self.assertEqual(self.collect("2026-03-06 09:00:00"), (0, 0), "Once is enough.")
        participants = self.campaign.participant_ids.sorted("res_id")
        self.assertEqual(participants.mapped("has_deleted_traces"), [True, True, False])
        self.assertEqual(participants.trace_ids.mapped("res_id"), self.contacts[2:].ids * 2)
        self.assertEqual(
            self.env["mailing.trace"]
            .search([("mass_mailing_id", "=", self.mail.mass_mailing_id.id)])
            .mapped("res_id"),
            self.contacts[2:].ids,
        )
        self.assertEqual(self.campaign.get_overview(), before)
        self.env["marketing.activity.figures"]._gc_merge()
        self.assertEqual(self.campaign.get_overview(), before)

    def test_clicks_stay_counted(self):
        """Those of people, once their messages are deleted; robots and tests never count."""
        self.run_journeys()
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id}
        )
        test = self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])
        test.trace_ids.action_execute()
        link = self.env["link.tracker"].create(
            {
                "url": "https://www.example.com",
                "campaign_id": self.campaign.utm_campaign_id.id,
                "mass_mailing_id": self.mail.mass_mailing_id.id,
                "source_id": self.mail.mass_mailing_id.source_id.id,
            }
        )
        for message in (
            self.trace_of(self.mail, self.contacts[0]).mailing_trace_ids,
            self.trace_of(self.mail, self.contacts[2]).mailing_trace_ids,
            test.trace_ids.mailing_trace_ids,
            self.env["mailing.trace"],
        ):
            self.env["link.tracker.click"].add_click(
                link.code, ip="203.0.113.7", country_code=False, mailing_trace_id=message.id
            )
        self.env.invalidate_all()
        self.assertEqual(self.count_clicks(), [2, 2, 2])
        test.unlink()
        self.assertEqual(self.count_clicks(), [2, 2, 2])
        self.collect("2026-03-06 09:00:00")
        self.assertEqual(self.count_clicks(), [2, 2, 2])
        # Email Marketing deletes its statistics too, with a mailing for example.
        self.env["mailing.trace"].search(
            [("mass_mailing_id", "=", self.mail.mass_mailing_id.id)]
        ).unlink()
        self.assertEqual(self.count_clicks(), [2, 2, 2])

    def count_clicks(self):
        """Clicks of the campaign on its form, behind its button, and in the report."""
        self.env.invalidate_all()
        report = self.env.ref("marketing_automation.link_tracker_click_action")
        domains = [
            self.campaign.action_view_clicks()["domain"],
            [
                *literal_eval(report.domain),
                ("campaign_id", "=", self.campaign.utm_campaign_id.id),
            ],
        ]
        clicks = self.env["link.tracker.click"]
        return [
            self.campaign.link_tracker_click_count,
            *(clicks.search_count(domain) for domain in domains),
        ]

    def test_nobody_begins_anew(self):
        self.run_journeys()
        self.collect("2026-03-06 09:00:00")
        newcomer = self.create_contacts(1, email="newcomer@example.com")
        with self.at("2026-03-06 10:00:00"):
            self.campaign.domain = str([("id", "in", (self.contacts + newcomer).ids)])
            late = self.create_activity(self.campaign, "action", delay="0 hours")
            self.campaign.action_update_participants()
            self.run_jobs()
        self.assertEqual(self.mail.processed, 4, "Three, and the newcomer")
        self.assertCountEqual(late.trace_ids.mapped("res_id"), (self.contacts[2] + newcomer).ids)
        self.assertEqual(self.participant_of(self.campaign, self.contacts[0]).state, "completed")

    def test_a_batch_at_a_time(self):
        self.run_journeys()
        self.patch(marketing_participant_retention, "BATCH_SIZE", 1)
        self.assertEqual(self.collect("2026-03-06 09:00:00"), (1, 1), "There is more to do.")
        self.assertEqual(self.collect("2026-03-06 09:00:00"), (1, 1))
        self.assertEqual(self.collect("2026-03-06 09:00:00"), (0, 0))

    def test_setting(self):
        settings = self.env["res.config.settings"].create({"marketing_delete_traces_months": 36})
        settings.set_values()
        self.assertEqual(self.env["ir.config_parameter"].get_param(DELETE_PARAMETER), "36")
