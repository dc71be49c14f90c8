"""Participants are runs, keyed by who takes part: nobody begins anew."""

import runpy
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.participant import identity
from .common import MarketingAutomationCase

MIGRATIONS = Path(__file__).parents[1] / "migrations/19.0.1.4.0"


class IdentityCase(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours")
        cls.later = cls.create_activity(
            cls.campaign, "action", delay="1 days", parent_id=cls.mail.id
        )

    def start(self):
        self.campaign.action_start_campaign()
        self.run_jobs()

    def enrol(self, records):
        """Those of these records that the campaign takes in now."""
        before = self.campaign.participant_ids
        self.campaign.domain = str([("id", "in", records.ids)])
        self.campaign.sync_participants()
        new = self.campaign.participant_ids - before
        return records.browse(new.mapped("res_id")).sorted("id")

    def create_run(self, record, entry_key):
        return self.env["marketing.participant"].create(
            {"campaign_id": self.campaign.id, "res_id": record.id, "entry_key": entry_key}
        )

    def known(self, participants):
        """All by which each is recognised."""
        return [
            {p.identity, *(p.other_identities or "").split()} for p in participants.sorted("id")
        ]


@tagged("post_install", "-at_install")
class TestIdentity(IdentityCase):
    def test_edited_value_is_not_free(self):
        self.start()
        self.contacts[0].email = "new@example.com"
        twin = self.create_contacts(1)
        self.assertFalse(self.enrol(self.contacts + twin), "It is who takes part already.")

    def test_deleted_record_does_not_free_its_value(self):
        self.start()
        self.contacts[0].unlink()
        twin, newcomer = self.create_contacts(2, email="contact{i}@example.com")
        newcomer.email = "newcomer@example.com"
        self.assertEqual(self.enrol(twin + newcomer), newcomer)

    def test_each_of_several_addresses_stays_taken(self):
        self.contacts[0].email = "a@example.com; b@example.com"
        self.start()
        self.contacts[0].email = "c@example.com"
        self.contacts[1].unlink()
        one, several, newcomer = self.create_contacts(3)
        one.email = "B@example.com"
        several.email = "d@example.com, a@example.com"
        newcomer.email = "d@example.com; e@example.com"
        self.assertEqual(self.enrol(one + several + newcomer), newcomer)
        self.assertEqual(
            [len(hashes) for hashes in self.known(self.campaign.participant_ids)], [2, 1, 1, 1, 2]
        )

    def test_database_keeps_the_promise(self):
        self.start()
        first = self.participant_of(self.campaign, self.contacts[0])
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.create_run(self.contacts[0], "")
        run = self.create_run(self.contacts[0], "order 1")
        self.assertEqual(run.identity, first.identity)
        self.assertEqual((first.entry_key, first.run_number), ("", 1))
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.create_run(self.contacts[0], "order 1")

    def test_tests_have_no_identity(self):
        tests = self.env["marketing.participant"].create(
            [{"campaign_id": self.campaign.id, "res_id": self.contacts[0].id, "is_test": True}] * 2
        )
        self.assertEqual(tests.mapped("identity"), [False, False])

    def test_campaigns_do_not_share_identities(self):
        self.start()
        other = self.create_campaign(self.contacts)
        self.create_activity(other)
        other.action_start_campaign()
        other.sync_participants()
        hashes = (self.campaign + other).participant_ids.mapped("identity")
        self.assertEqual(len(set(hashes)), 8)

    # ------------------------------------------------------------
    # Runs of one record
    # ------------------------------------------------------------

    def test_runs_beside_each_other(self):
        """Each gets what it is due; the record is one and the same."""
        with self.at("2025-03-01 09:00:00"):
            self.start()
            run = self.create_run(self.contacts[0], "order 1")
            self.campaign.execute_activities()
            self.hand_over(self.campaign)
            self.assertFalse(self.enrol(self.contacts))
        runs = self.campaign.participant_ids.filtered(lambda p: p.res_id == self.contacts[0].id)
        self.assertEqual(len(runs), 2)
        self.assertEqual(self.mail.processed, 5)
        self.assertEqual(len(self.mail.trace_ids.mailing_trace_ids), 5)
        first = runs - run
        self.assertTrue(run.trace_ids.mailing_trace_ids)
        run.trace_ids.filtered(lambda trace: trace.activity_id == self.mail).process_event(
            "mail_click"
        )
        clicked = self.mail.trace_ids.filtered("links_click_datetime")
        self.assertEqual(clicked.participant_id, run, "The other message was not clicked.")
        with self.at("2025-03-02 10:00:00"):
            self.run_jobs()
        self.assertEqual(set(first.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(set(run.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(self.contacts[0].marketing_participant_count, 2)

    def test_due_together(self):
        """In one batch, of which messages and actions tell traces apart by their records."""
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        runs = self.create_run(self.contacts[0], "a") + self.create_run(self.contacts[0], "b")
        self.campaign.execute_activities()
        self.assertEqual(runs.trace_ids.mapped("state").count("processed"), 2)
        self.assertEqual(len(runs.trace_ids.mailing_trace_ids), 2)

    def test_all_runs_end_with_the_record(self):
        self.start()
        self.create_run(self.contacts[0], "a")
        runs = self.participant_of(self.campaign, self.contacts[0])
        self.contacts[0].unlink()
        self.env.invalidate_all()
        self.assertEqual(set(runs.mapped("state")), {"unlinked"})

    def test_all_runs_move_with_the_record(self):
        self.campaign.domain = str([("id", "=", self.contacts[0].id)])
        self.start()
        self.create_run(self.contacts[0], "a")
        runs = self.participant_of(self.campaign, self.contacts[0])
        taken = self.create_run(self.contacts[1], "a")
        self.env["marketing.participant"]._move_to_record(
            "res.partner", self.contacts[:1].ids, self.contacts[1].id
        )
        self.assertEqual(
            runs.sorted("entry_key").mapped("res_id"),
            self.contacts[1::-1].ids,
            "The run with the same key stays.",
        )
        self.assertEqual(taken.res_id, self.contacts[1].id)

    # ------------------------------------------------------------
    # Merged records
    # ------------------------------------------------------------

    def merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"]._merge((source + target).ids, target)

    def test_neither_of_two_merged_records_begins_anew(self):
        self.campaign.domain = str([("id", "=", self.contacts[0].id)])
        self.contacts[1].email = "b@example.com; c@example.com"
        self.start()
        participant = self.campaign.participant_ids
        self.merge(self.contacts[0], self.contacts[1])
        self.assertEqual(participant.res_id, self.contacts[1].id)
        twins = self.create_contacts(3)
        twins[1].email = "b@example.com"
        twins[2].email = "c@example.com"
        self.assertFalse(self.enrol(self.contacts[1] + twins))
        participant._forget()
        self.assertFalse(self.enrol(self.contacts[1] + twins))

    def test_merged_into_one_who_takes_part(self):
        self.start()
        self.merge(self.contacts[0], self.contacts[1])
        twin = self.create_contacts(1)
        self.assertFalse(self.enrol(self.contacts[1:] + twin))

    # ------------------------------------------------------------
    # Another unicity
    # ------------------------------------------------------------

    def set_unicity(self, name):
        self.campaign.unique_field_id = self.env["ir.model.fields"]._get("res.partner", name)

    def test_two_become_one(self):
        """Both stay, and what they have in common is taken for all others."""
        self.contacts[1:3].function = "Buyer"
        self.start()
        self.set_unicity("function")
        buyer, seller = self.create_contacts(2, email=False)
        buyer.function = "Buyer"
        seller.function = "Seller"
        self.assertEqual(self.enrol(buyer + seller), seller)
        participants = self.campaign.participant_ids.sorted("id")
        self.assertEqual(participants[:4].mapped("res_id"), self.contacts.ids)
        self.assertEqual(len(set(participants.mapped("identity"))), 5)
        hashes = self.known(participants)
        [common] = hashes[1] & hashes[2]
        self.assertEqual(common, participants[1].identity, "The first one has the identity.")
        participants[1].unlink()
        self.assertFalse(self.enrol(buyer), "It is still taken.")

    def test_what_was_known_before_stays_known(self):
        self.start()
        self.contacts[0].email = "edited@example.com"
        self.campaign.unique_field_id = False
        twin = self.create_contacts(1)
        self.assertEqual(self.enrol(twin), twin)
        self.set_unicity("email")
        twins = self.create_contacts(2)
        twins[1].email = "edited@example.com"
        self.assertFalse(self.enrol(twins))

    def test_in_batches(self):
        """Nobody is enrolled before all are identified; where somebody waits, the job goes on."""
        self.start()
        self.contacts.function = "Buyer"
        newcomer = self.create_contacts(1, email=False, function="Buyer")
        self.set_unicity("function")
        self.campaign.domain = str([("id", "=", newcomer.id)])
        with patch.object(identity, "IDENTIFY_BATCH_SIZE", 3):
            self.campaign.action_update_participants()
            self.assertGreater(self.campaign.identify_from, 0)
            self.assertFalse(self.participant_of(self.campaign, newcomer))
            self.run_cron("ir_cron_campaign_sync_participants")
        self.assertEqual(self.campaign.identify_from, 0)
        self.assertFalse(self.participant_of(self.campaign, newcomer))

    def test_forgotten_before_the_job_gets_there(self):
        self.start()
        self.contacts.function = "Buyer"
        self.set_unicity("function")
        self.participant_of(self.campaign, self.contacts[0])._forget()
        (self.campaign.participant_ids.filtered("res_id")).unlink()
        newcomer = self.create_contacts(1, email=False, function="Buyer")
        self.assertFalse(self.enrol(newcomer + self.contacts[0]))


@tagged("post_install", "-at_install")
class TestUpdate(IdentityCase):
    """The update to 19.0.1.4.0 changes nothing but the new columns."""

    def make_history(self):
        self.contacts[2].email = "two@example.com; more@example.com"
        self.contacts += self.create_contacts(6, email="more{i}@example.com")
        self.contacts[4].email = False
        self.campaign.domain = str([("id", "in", self.contacts.ids)])
        with self.at("2025-03-01 09:00:00"):
            self.start()
            self.hand_over(self.campaign)
            self.trace_of(self.mail, self.contacts[0]).process_event("mail_click")
        with self.at("2025-03-02 10:00:00"):
            self.run_jobs()
        self.contacts[1].email = self.contacts[0].email
        self.contacts[3].unlink()
        self.participant_of(self.campaign, self.contacts[5])._forget()
        self.participant_of(self.campaign, self.contacts[6])._forget()
        self.env["marketing.participant"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id, "is_test": True}
        )

    def forget_columns(self):
        """The table as it was before."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            DROP INDEX marketing_participant_once, marketing_participant_others;
            ALTER TABLE marketing_participant ADD COLUMN record_identity varchar;
            UPDATE marketing_participant SET record_identity = split_part(other_identities, ' ', 1)
            WHERE res_id = 0;
            -- Both had the same value.
            UPDATE marketing_participant SET identity = CASE WHEN res_id = 0 THEN
                (SELECT min(identity) FROM marketing_participant known WHERE res_id = 0)
            END;
            ALTER TABLE marketing_participant DROP COLUMN other_identities,
                DROP COLUMN entry_key, DROP COLUMN run_number;
            UPDATE marketing_campaign SET identity_kind = NULL, identify_from = NULL;
            """
        )
        self.env.invalidate_all()

    def migrate(self):
        self.run_script("pre")
        # As the ORM does it in between.
        model = self.env["marketing.participant"]
        for index in model._table_objects.values():
            index.apply_to_database(model)
        self.run_script("end")

    def run_script(self, stage):
        script = runpy.run_path(str(MIGRATIONS / f"{stage}-identities.py"))
        script["migrate"](self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()

    def snapshot(self):
        """All that people see."""
        self.env.flush_all()
        self.env.invalidate_all()
        participants = self.campaign.participant_ids.sorted("id")
        return {
            "overview": self.campaign.get_overview(),
            "figures": self.campaign.get_workflow_metrics(),
            "participants": participants.read(
                ["res_id", "state", "is_test", "create_date", "write_date", "entry_key"]
            ),
            "traces": participants.trace_ids.sorted("id").read(
                ["state", "state_reason", "schedule_date", "execution_date", "res_id"]
            ),
        }

    def identities(self):
        self.env.cr.execute(
            "SELECT id, identity, other_identities, entry_key, run_number"
            " FROM marketing_participant ORDER BY id"
        )
        return self.env.cr.fetchall()

    def test_update(self):
        self.make_history()
        before = self.snapshot()
        self.forget_columns()
        self.migrate()
        self.assertEqual(self.snapshot(), before)
        first = self.identities()
        live = self.campaign.participant_ids.filtered(lambda p: not p.is_test)
        self.assertEqual(len(set(live.mapped("identity"))), len(live))
        self.assertTrue(all(live.mapped("identity")))
        for _time in range(2):
            self.migrate()
            self.assertEqual(self.identities(), first)
        self.assertEqual(self.snapshot(), before)
        self.assert_nobody_begins_anew()

    def assert_nobody_begins_anew(self):
        addresses = [
            "contact0@example.com",
            "more@example.com",
            "two@example.com",
        ]
        twins = self.create_contacts(len(addresses))
        for twin, address in zip(twins, addresses, strict=True):
            twin.email = address
        newcomer = self.create_contacts(1, email="newcomer@example.com")
        everybody = self.env["res.partner"].browse((self.contacts + twins).exists().ids)
        self.assertEqual(self.enrol(everybody + newcomer), newcomer)

    def test_interrupted_update(self):
        self.make_history()
        before = self.snapshot()
        self.forget_columns()
        campaign = type(self.campaign)
        identify = campaign._identify
        batches = []

        def fail(campaign, ids):
            batches.append(ids)
            if len(batches) == 3:
                raise InterruptedError
            identify(campaign, ids)

        with (
            patch.object(identity, "IDENTIFY_BATCH_SIZE", 2),
            patch.object(campaign, "_identify", fail),
            # Unlike assertRaises, it undoes nothing: the jobs commit each batch.
            suppress(InterruptedError),
        ):
            self.migrate()
        self.env.flush_all()
        done = [row for row in self.identities() if row[1]]
        self.assertEqual(len(done), 4, "What was done before stays.")
        self.migrate()
        self.assertEqual(self.snapshot(), before)
        self.assertLessEqual({*done}, {*self.identities()})
        self.assert_nobody_begins_anew()
