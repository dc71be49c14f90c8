"""Ways into a campaign, and who comes in by them."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..tools.admission import Wanted
from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestEntries(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)

    def start(self, records=None, **vals):
        """A running campaign that lets nobody in by itself."""
        vals.setdefault("entry_ids", [])
        campaign = self.create_campaign(self.contacts if records is None else records, **vals)
        self.create_activity(campaign, "action")
        campaign.action_start_campaign()
        return campaign

    def reasons(self, answers):
        return [answer["reason"] for answer in answers]

    # ------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------

    def test_new_campaign_has_a_filter(self):
        campaign = self.create_campaign(self.contacts)
        self.assertEqual(campaign.entry_ids.mapped("entry_type"), ["filter"])
        self.assertEqual(campaign.entry_ids.display_name, "Everybody who matches the filter")

    def test_filter_entry_lets_in(self):
        campaign = self.start(entry_ids=[(0, 0, {"entry_type": "filter"})])
        campaign.sync_participants()
        self.assertEqual(campaign.participant_ids.entry_id, campaign.entry_ids)
        self.assertEqual(campaign.entry_ids.participant_count, 4)

    def test_without_a_filter_entry_nobody_comes_in_by_itself(self):
        campaign = self.start()
        campaign.sync_participants()
        self.run_cron("ir_cron_campaign_sync_participants")
        self.assertFalse(campaign.participant_ids)

    def test_only_new_records(self):
        """Also where the campaign is stopped, and started again, in between."""
        new = self.create_contacts(2, email="new{i}@example.com")
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2025-03-02 09:00:00' WHERE id = ANY(%s)",
            [new.ids],
        )
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2025-03-01 08:59:59' WHERE id = ANY(%s)",
            [self.contacts.ids],
        )
        with self.at("2025-03-01 09:00:00"):
            campaign = self.start(
                self.contacts + new, entry_ids=[(0, 0, {"entry_type": "filter", "only_new": True})]
            )
            campaign.action_stop_campaign()
        with self.at("2025-03-03 09:00:00"):
            campaign.action_start_campaign()
            campaign.sync_participants()
        self.assertEqual(sorted(campaign.participant_ids.mapped("res_id")), new.ids)

    def test_copy_has_its_own_entries(self):
        campaign = self.create_campaign(
            self.contacts, entry_ids=[(0, 0, {"entry_type": "manual", "name": "Hand"})]
        )
        copy = campaign.copy()
        self.assertEqual(copy.entry_ids.mapped("name"), ["Hand"])
        self.assertEqual(campaign.entry_ids.mapped("name"), ["Hand"])
        self.assertFalse(self.create_campaign(self.contacts, entry_ids=[]).copy().entry_ids)

    def test_entry_with_participants_is_archived(self):
        campaign = self.start(entry_ids=[(0, 0, {"entry_type": "filter"})])
        campaign.sync_participants()
        entry = campaign.entry_ids
        entry.unlink()
        self.assertTrue(entry.exists())
        self.assertFalse(entry.active)
        self.assertEqual(campaign.entry_ids, entry)

    def test_one_filter_is_enough(self):
        campaign = self.create_campaign(self.contacts)
        with self.assertRaisesRegex(ValidationError, "Campaign “Campaign” can have one"):
            campaign.entry_ids.copy()

    # ------------------------------------------------------------
    # Enrol
    # ------------------------------------------------------------

    def test_enrol_answers_for_each(self):
        campaign = self.start(self.contacts[:3])
        self.contacts[1].email = self.contacts[0].email
        ids = [*self.contacts.ids, 999999999]
        answers = campaign.enrol(ids)
        self.assertEqual([answer["res_id"] for answer in answers], ids)
        self.assertEqual(self.reasons(answers), ["", "duplicate", "", "unmatched", "not_found"])
        self.assertEqual([a["created"] for a in answers], [True, False, True, False, False])
        first = self.participant_of(campaign, self.contacts[0])
        self.assertEqual(answers[0]["participant_id"], first.id)
        self.assertEqual(answers[1]["participant_id"], first.id)
        self.assertEqual(first.trace_ids.state, "scheduled")
        self.assertEqual(
            campaign.enrol(self.contacts[0].ids),
            [
                {
                    "res_id": self.contacts[0].id,
                    "participant_id": first.id,
                    "created": False,
                    "reason": "known",
                }
            ],
        )

    def test_key_makes_a_run_once(self):
        campaign = self.start()
        [one] = campaign.enrol(self.contacts[0].ids, " S0012 ")
        [same] = campaign.enrol(self.contacts[0].ids, "S0012")
        [other] = campaign.enrol(self.contacts[0].ids, "S0013")
        self.assertEqual((same["participant_id"], same["reason"]), (one["participant_id"], "known"))
        self.assertTrue(other["created"])
        runs = campaign.participant_ids.sorted("run_number")
        self.assertEqual(runs.mapped("run_number"), [1, 2])
        self.assertEqual(runs.mapped("entry_key"), ["S0012", "S0013"])

    def test_campaign_that_does_not_run(self):
        campaign = self.start()
        campaign.action_stop_campaign()
        with self.assertRaisesRegex(UserError, "“Campaign” does not run"):
            campaign.enrol(self.contacts.ids)

    def test_source_and_moment(self):
        campaign = self.start()
        campaign._admit([Wanted(self.contacts[0].id, source="res.partner,1")])
        self.assertEqual(campaign.participant_ids.source_ref, "res.partner,1")

    def test_exit_records(self):
        campaign = self.start()
        campaign.enrol(self.contacts[:2].ids)
        self.assertEqual(campaign.exit_records(self.contacts.ids), 2)
        self.assertEqual(set(campaign.participant_ids.mapped("state")), {"exited"})
        self.assertEqual(campaign.exit_records(self.contacts.ids), 0)
