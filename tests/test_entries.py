"""Ways into a campaign, and who comes in by them."""

import runpy
from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..tools.admission import Wanted
from .common import USER_GROUPS, MarketingAutomationCase

MIGRATIONS = Path(__file__).parents[1] / "migrations/19.0.1.5.0"


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

    def test_problems_name_their_entry(self):
        campaign = self.create_campaign(self.contacts)
        self.create_activity(campaign)
        entry = campaign.entry_ids
        self.env.cr.execute(
            "UPDATE marketing_campaign_entry SET entry_type = 'gone' WHERE id = %s", [entry.id]
        )
        self.env.invalidate_all()
        [problem] = campaign.problem_list
        self.assertEqual((problem["entry_id"], problem["activity_id"]), (entry.id, False))
        self.assertIn("uninstalled", problem["message"])
        entry.active = False
        self.assertFalse(campaign.problem_list)

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

    def test_archived_entry_lets_nobody_in(self):
        campaign = self.start(entry_ids=[(0, 0, {"entry_type": "manual"})])
        entry = campaign.entry_ids
        entry.active = False
        with self.assertRaisesRegex(UserError, "“Campaign” is archived"):
            campaign._admit([Wanted(self.contacts[0].id)], entry)
        campaign.enrol(self.contacts.ids)
        self.assertFalse(campaign.participant_ids.entry_id)

    def test_dry_run_changes_nothing(self):
        campaign = self.start()
        answers = campaign._admit([Wanted(res_id) for res_id in self.contacts.ids], dry_run=True)
        self.assertEqual(self.reasons(answers), [""] * 4)
        self.assertFalse(any(answer["created"] for answer in answers))
        self.assertFalse(campaign.participant_ids)

    def test_number_of_queries_is_constant(self):
        campaign = self.start(domain="[('name', 'like', 'Contact')]", reentry="always")
        contacts = self.create_contacts(200, email="many{i}@example.com")
        counts = []
        for size in (1, 200):
            for _round in range(2):  # the first one fills caches
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                campaign.with_user(self.responsible).enrol(contacts[:size].ids)
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[3])
        self.assertLess(counts[1], 40)

    def test_bad_input(self):
        campaign = self.start()
        for ids in (None, "1", 5, ["1"], [True], [0], [-1], [2**31], [1.5], {"id": 1}):
            with self.assertRaisesRegex(ValidationError, "“Campaign”", msg=ids):
                campaign.enrol(ids)
            with self.assertRaisesRegex(ValidationError, "“Campaign”", msg=ids):
                campaign.exit_records(ids)
        for key in (5, ["A"], "A" * 201, "A\0"):
            with self.assertRaisesRegex(ValidationError, "“Campaign”", msg=key):
                campaign.enrol(self.contacts.ids, key)
        self.assertEqual(campaign.enrol([]), [])
        self.assertTrue(campaign.enrol(self.contacts[0].ids, f"  {'A' * 200}\n")[0]["created"])
        self.assertEqual(campaign.participant_ids.entry_key, "A" * 200)

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def make_marketer(self, **vals):
        return mail_new_test_user(
            self.env, login="other", groups=",".join(USER_GROUPS), email="o@example.com", **vals
        )

    def test_only_what_one_sees(self):
        """Nobody learns whether a record of another company takes part, or is there."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.contacts[0].company_id = company
        campaign = self.start(user_id=self.env.ref("base.user_admin").id)
        self.env.ref("base.user_admin").company_ids += company
        campaign.enrol(self.contacts[:2].ids)
        campaign.user_id = self.responsible
        answers = campaign.with_user(self.responsible).enrol(self.contacts.ids)
        self.assertEqual(self.reasons(answers), ["not_found", "known", "", ""])
        self.assertFalse(answers[0]["participant_id"])
        theirs = campaign.with_user(self.responsible)
        self.assertEqual(theirs.exit_records(self.contacts.ids), 3)
        self.assertEqual(self.participant_of(campaign, self.contacts[0]).state, "running")

    def test_only_what_the_responsible_sees(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.contacts[0].company_id = company
        campaign = self.start()
        answers = campaign.enrol(self.contacts[:2].ids)
        self.assertEqual(self.reasons(answers), ["not_found", ""])

    def test_entries_are_part_of_what_the_responsible_accepts(self):
        campaign = self.start()
        marketer = self.make_marketer()
        self.assertTrue(campaign.acceptance_date)
        entry = self.env["marketing.campaign.entry"].with_user(marketer)
        entry = entry.create({"campaign_id": campaign.id, "entry_type": "manual"})
        self.assertEqual((campaign.editor_id, entry.filter_user_id), (marketer, marketer))
        self.assertFalse(campaign.acceptance_date)
        with self.assertRaises(AccessError):
            entry.filter_user_id = self.responsible
        campaign.user_id = self.env.ref("base.user_admin")
        for change in (
            lambda: entry.write({"active": False}),
            entry.unlink,
            lambda: entry.copy({"entry_type": "webhook"}),
            lambda: campaign.with_user(marketer).write({"reentry": "always"}),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_what_is_done_with_entries_is_noted(self):
        campaign = self.start()
        entry = self.env["marketing.campaign.entry"].create(
            {"campaign_id": campaign.id, "entry_type": "manual"}
        )
        entry.active = False
        entry.unlink()
        notes = campaign.message_ids.sorted("id").mapped("preview")[-3:]
        self.assertEqual(
            notes,
            [
                "Entry added: Records that are added by hand",
                "Entry changed: Records that are added by hand → Records that are added by hand,"
                " not active",
                "Entry removed: Records that are added by hand, not active",
            ],
        )

    def test_entry_stays_with_its_campaign(self):
        campaign = self.start(entry_ids=[(0, 0, {"entry_type": "manual"})])
        with self.assertRaisesRegex(ValidationError, "stays with campaign “Campaign”"):
            campaign.entry_ids.campaign_id = self.create_campaign(self.contacts)

    # ------------------------------------------------------------
    # Migration
    # ------------------------------------------------------------

    def test_campaigns_of_before_have_a_filter_entry(self):
        """Nobody is enrolled again, also where the migration is run twice."""
        campaign = self.start(entry_ids=[(0, 0, {"entry_type": "filter"})])
        draft = self.create_campaign(self.contacts)
        campaign.sync_participants()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM marketing_campaign_entry")
        self.env.cr.execute("UPDATE marketing_participant SET entry_id = NULL")
        self.env.cr.execute("UPDATE marketing_campaign SET start_date = NULL")
        for script in ("pre-start_date", "post-entries") * 2:
            path = MIGRATIONS / f"{script}.py"
            runpy.run_path(str(path))["migrate"](self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        for each in (campaign, draft):
            self.assertEqual(each.entry_ids.mapped("entry_type"), ["filter"])
            self.assertTrue(each.entry_ids.active)
        self.assertEqual(campaign.participant_ids.entry_id, campaign.entry_ids)
        self.assertEqual(campaign.start_date, min(campaign.participant_ids.mapped("create_date")))
        self.assertFalse(draft.start_date)
        before = campaign.participant_ids
        self.run_cron("ir_cron_campaign_sync_participants")
        self.assertEqual(campaign.participant_ids, before)
