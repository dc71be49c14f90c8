"""Who has been in a campaign comes in again, or not."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..tools.admission import Wanted
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

    # ------------------------------------------------------------
    # Who is the same
    # ------------------------------------------------------------

    def test_runs_of_the_same_person_count_as_one(self):
        """By the address that they have now, and by one of several that others have."""
        campaign = self.start("after_end", domain="[('name', 'like', 'Contact')]")
        self.assertEqual(self.enrol(campaign, START), "")
        other, several, early = self.create_contacts(3, email="contact0@EXAMPLE.com")
        several.email = "several@example.com, contact0@example.com"
        early.email = "early@example.com"
        for record in (other, several):
            [answer] = campaign.enrol(record.ids)
            self.assertEqual(answer["reason"], "under_way", record.email)
            self.assertEqual(answer["participant_id"], campaign.participant_ids.id)
        campaign.participant_ids.action_exit()
        [answer] = campaign.enrol(several.ids)
        self.assertTrue(answer["created"])
        self.assertEqual(campaign.participant_ids.mapped("run_number"), [2, 1])
        answers = campaign.enrol((early + self.contact + other + several).ids)
        self.assertEqual(
            [answer["reason"] for answer in answers], ["", "under_way", "under_way", "under_way"]
        )

    def test_same_person_twice_in_a_call(self):
        campaign = self.start("always", domain="[('name', 'like', 'Contact')]")
        twin, several = self.create_contacts(2, email="contact0@example.com")
        several.email = "several@example.com, contact0@example.com"
        ids = [several.id, self.contact.id, twin.id, several.id]
        answers = campaign.enrol(ids)
        self.assertEqual(
            [answer["reason"] for answer in answers], ["", "duplicate", "duplicate", "duplicate"]
        )
        self.assertEqual(len({answer["participant_id"] for answer in answers}), 1)
        self.assertEqual(
            [answer["reason"] for answer in campaign.enrol([twin.id, several.id, twin.id], "A")],
            ["", "duplicate", "duplicate"],
        )

    def test_filter_with_the_same_people(self):
        """The first one whom no run keeps out comes in again, whatever they are known by."""
        several, _twin = self.create_contacts(2, email="contact0@example.com")
        several.email = "several@example.com, contact0@example.com"
        campaign = self.start(
            "after_end",
            "7 days",
            domain="[('name', 'like', 'Contact')]",
            entry_ids=[(0, 0, {"entry_type": "filter"})],
        )
        with self.at(START):
            campaign.sync_participants()
            self.assertEqual(campaign.participant_ids.mapped("res_id"), self.contact.ids)
        with self.at("2025-04-01 09:00:00"):
            campaign.sync_participants()
            self.assertEqual(len(campaign.participant_ids), 1, "It is under way")
            campaign.participant_ids.action_exit()
            self.contact.unlink()
            campaign.sync_participants()
            self.assertEqual(len(campaign.participant_ids), 2)
        with self.at("2025-04-01 10:00:00"):
            campaign.participant_ids.filtered(lambda p: p.state == "running").action_exit()
            campaign.sync_participants()
            self.assertEqual(len(campaign.participant_ids), 2, "It is too soon")
        with self.at("2025-04-08 09:00:00"):
            campaign.sync_participants()
        self.assertEqual(sorted(campaign.participant_ids.mapped("run_number")), [1, 2, 3])
        self.assertEqual(campaign.participant_ids[:2].mapped("res_id"), several.ids * 2)

    def test_another_unicity_counts_at_once(self):
        """Also while the job has yet to recognise those who take part by it."""
        twin = self.create_contacts(1, email="contact0@example.com")
        campaign = self.start(
            "never", unique_field_id=False, domain=str([("id", "in", (self.contact + twin).ids)])
        )
        self.assertEqual(self.enrol(campaign, START), "")
        campaign.unique_field_id = self.env["ir.model.fields"]._get("res.partner", "email")
        self.assertFalse(campaign._is_identified())
        [answer] = campaign.enrol(twin.ids)
        self.assertEqual(answer["reason"], "known")
        self.assertFalse(campaign._is_identified(), "That is left to the job")
        self.run_cron("ir_cron_campaign_sync_participants")
        self.assertTrue(campaign._is_identified())

    def test_who_was_forgotten_does_not_come_in_again(self):
        campaign = self.start("always")
        self.assertEqual(self.enrol(campaign, START), "")
        campaign._admit([Wanted(self.contact.id, "S0012", "res.partner,1")])
        campaign.participant_ids._forget()
        self.assertEqual(self.enrol(campaign, "2026-03-01 09:00:00"), "known")
        self.assertEqual(self.enrol(campaign, "2026-03-01 09:00:00", "S0012"), "known")
        runs = campaign.participant_ids
        self.assertFalse(any(runs.mapped("source_ref")))
        self.assertNotIn("S0012", str(runs.mapped("entry_key")))
        self.assertEqual(self.enrol(campaign, "2026-03-01 09:00:00", "S0013"), "")

    # ------------------------------------------------------------
    # Merges
    # ------------------------------------------------------------

    def merge(self, *keys, reentry="always", ended=()):
        """Runs of the contact, and of another one that becomes the contact, with these keys.

        :return: keys and numbers of the runs that the contact then has, in their order
        """
        other = self.create_contacts(1, email="other@example.com")
        campaign = self.start("always", domain=str([("id", "in", (self.contact + other).ids)]))
        for record, record_keys in zip(self.contact + other, keys, strict=True):
            for key in record_keys:
                [answer] = campaign.enrol(record.ids, key)
                if (record == other, key) in ended:
                    run = self.env["marketing.participant"].browse(answer["participant_id"])
                    run.action_exit()
        campaign.reentry = reentry
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.contact + other).ids, self.contact
        )
        runs = campaign.participant_ids.filtered(lambda run: run.res_id == self.contact.id)
        self.assertEqual(runs.trace_ids.mapped("res_id"), [self.contact.id] * len(runs))
        return runs.sorted("id").mapped(lambda run: (run.entry_key, run.run_number))

    def test_merged_runs_go_on_beside_each_other(self):
        self.assertEqual(
            self.merge(["", "A"], ["", "A", "B"]), [("", 1), ("A", 2), ("", 3), ("B", 4)]
        )

    def test_merged_runs_of_one_at_a_time(self):
        self.assertEqual(self.merge([""], ["", ""], reentry="after_end"), [("", 1)])
        self.assertEqual(
            self.merge([""], [""], reentry="after_end", ended={(True, "")}), [("", 1), ("", 2)]
        )

    def test_merged_runs_of_those_who_come_once(self):
        self.assertEqual(self.merge(["A"], ["", ""], reentry="never")[0], ("A", 1))
        self.assertEqual(self.merge([""], ["", "B"], reentry="never"), [("", 1), ("B", 2)])
