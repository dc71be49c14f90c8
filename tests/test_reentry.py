"""Who has been in a campaign comes in again, or not."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import MarketingAutomationCase

START = "2025-03-01 09:00:00"


@tagged("post_install", "-at_install")
class TestReentry(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.create_contacts(1)

    def start(self, reentry, delay="0 days", **vals):
        number, unit = delay.split()
        vals.setdefault("entry_ids", [])
        campaign = self.create_campaign(
            self.contact,
            reentry=reentry,
            reentry_delay_number=int(number),
            reentry_delay_type=unit,
            **vals,
        )
        self.create_activity(campaign, "action")
        with self.at(START):
            campaign.action_start_campaign()
        return campaign

    def enrol(self, campaign, moment, *key):
        with self.at(moment):
            [answer] = campaign.enrol(self.contact.ids, *key)
        return answer["reason"]

    def test_never(self):
        campaign = self.start("never")
        self.assertEqual(self.enrol(campaign, START), "")
        campaign.participant_ids.action_exit()
        self.assertEqual(self.enrol(campaign, "2026-03-01 09:00:00"), "known")

    def test_after_end(self):
        campaign = self.start("after_end")
        self.assertEqual(self.enrol(campaign, START), "")
        self.assertEqual(self.enrol(campaign, "2026-03-01 09:00:00"), "under_way")
        campaign.participant_ids.action_exit()
        self.assertEqual(self.enrol(campaign, "2026-03-01 09:00:00"), "")
        runs = campaign.participant_ids.sorted("id")
        self.assertEqual(runs.mapped("run_number"), [1, 2])
        self.assertEqual(runs.mapped("entry_key"), ["", " 2"])

    def test_least_time(self):
        campaign = self.start("always", "1 months")
        self.assertEqual(self.enrol(campaign, START), "")
        self.assertEqual(self.enrol(campaign, "2025-04-01 08:59:59"), "too_soon")
        self.assertEqual(self.enrol(campaign, "2025-04-01 09:00:00"), "")

    def test_limit_of_runs_a_day(self):
        campaign = self.start("always")
        reasons = [self.enrol(campaign, START) for _number in range(12)]
        self.assertEqual(reasons, [""] * 10 + ["too_many"] * 2)
        self.assertEqual(len(campaign.activity_ids), 1)
        self.assertEqual(self.enrol(campaign, START, "mine"), "")
        self.assertEqual(self.enrol(campaign, "2025-03-02 09:00:00"), "")

    def test_filter_lets_in_again(self):
        campaign = self.start("after_end", "7 days", entry_ids=[(0, 0, {"entry_type": "filter"})])
        for moment, runs in (
            (START, 1),
            ("2025-03-07 09:00:00", 1),
            ("2025-03-08 09:00:00", 2),
            ("2025-03-20 09:00:00", 2),
        ):
            with self.at(moment):
                campaign.sync_participants()
                self.assertEqual(len(campaign.participant_ids), runs)
                if moment < "2025-03-08 09:00:00":
                    campaign.participant_ids.action_exit()
        self.assertEqual(campaign.participant_ids.mapped("run_number"), [2, 1])

    def test_filter_needs_a_day(self):
        with self.assertRaisesRegex(ValidationError, "“Campaign” lets all in"):
            self.start("always", "23 hours", entry_ids=[(0, 0, {"entry_type": "filter"})])
        campaign = self.start("always", "23 hours")
        with self.assertRaises(ValidationError):
            campaign.entry_ids = [(0, 0, {"entry_type": "filter"})]
