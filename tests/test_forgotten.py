"""Who was forgotten is over: nothing happens to them any more, and they never begin anew."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.participant.retention import FORGET_PARAMETER
from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestForgotten(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.action = cls.create_server_action("if record.color != 1: raise UserError('No')")
        cls.step = cls.create_activity(
            cls.campaign, "action", delay="0 hours", server_action_id=cls.action.id
        )
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours")

    def start(self):
        self.campaign.action_start_campaign()
        self.run_jobs()

    def test_another_try_is_not_theirs(self):
        """They had no record any more, and each of them, in all campaigns, was "removed"."""
        self.start()
        other = self.create_campaign(self.contacts[0])
        self.create_activity(other, delay="1 days")
        other.action_start_campaign()
        self.run_jobs()
        self.participant_of(other, self.contacts[0])._forget()
        forgotten = self.participant_of(self.campaign, self.contacts[0])
        forgotten._forget()
        trace = forgotten.trace_ids.filtered(lambda trace: trace.activity_id == self.step)
        self.assertEqual(trace.state, "error")
        self.contacts.color = 1
        self.step.action_retry_failed()
        self.run_jobs()
        self.assertEqual(trace.state, "error")
        self.assertEqual(
            self.campaign.participant_ids.mapped("state"), ["completed"] * 3, "Nobody is removed."
        )
        self.assertEqual(other.participant_ids.state, "completed")
        with self.assertRaisesRegex(UserError, "forgotten"):
            trace.action_execute()
        with self.assertRaisesRegex(UserError, "forgotten"):
            forgotten.action_set_running()

    def test_update_is_not_theirs(self):
        self.start()
        forgotten = self.participant_of(self.campaign, self.contacts[0])
        forgotten._forget()
        before = len(forgotten.trace_ids)
        late = self.create_activity(self.campaign, "action", delay="0 hours")
        below = self.create_activity(self.campaign, "action", parent_id=self.mail.id)
        self.campaign.action_update_participants()
        self.run_jobs()
        self.assertEqual(len(forgotten.trace_ids), before)
        self.assertEqual(len(late.trace_ids), 2)
        self.assertEqual(len(below.trace_ids), 2)
        self.assertEqual(forgotten.state, "completed")

    def test_record_0_is_nobody(self):
        self.start()
        self.campaign.participant_ids._forget()
        self.env["marketing.participant"]._unlink_records("res.partner", [0])
        self.env["marketing.participant"]._move_to_record("res.partner", [0], self.contacts[0].id)
        self.campaign._unlink_lost_participants()
        self.env.invalidate_all()
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})
        self.assertEqual(set(self.campaign.participant_ids.mapped("res_id")), {0})

    def test_what_has_not_left_is_deleted(self):
        self.start()
        trace = self.trace_of(self.mail, self.contacts[0])
        mail = trace.mailing_trace_ids.mail_mail_id
        self.assertEqual(mail.state, "outgoing")
        self.participant_of(self.campaign, self.contacts[0])._forget()
        self.assertFalse(mail.exists(), "It holds the address, and would still go out.")
        self.assertEqual(trace.state, "canceled")
        self.assertTrue(self.trace_of(self.mail, self.contacts[1]).mailing_trace_ids.mail_mail_id)

    # ------------------------------------------------------------
    # Never again
    # ------------------------------------------------------------

    def forget_by_retention(self):
        """The campaign ends in March 2025, is archived, and starts again two years later."""
        self.contacts.color = 1
        with self.at("2025-03-01 09:00:00"):
            self.start()
            self.hand_over(self.campaign)
        with self.at("2025-04-01 09:00:00"):
            self.campaign.action_archive()
            self.env.flush_all()
        self.env["ir.config_parameter"].set_param(FORGET_PARAMETER, "12")
        with self.at("2027-03-01 09:00:00"):
            self.env["marketing.participant"]._gc_finished_journeys()
            self.env.invalidate_all()
            self.campaign.action_unarchive()

    def test_nobody_begins_anew_after_the_retention(self):
        self.forget_by_retention()
        self.assertEqual(set(self.campaign.participant_ids.mapped("res_id")), {0})
        self.contacts[0].email = "other@example.com"
        twin, newcomer = self.create_contacts(2, email="new{i}@example.com")
        twin.email = self.contacts[1].email.upper()
        self.contacts[2].unlink()
        again = self.create_contacts(3)[2:]
        self.campaign.domain = str([("id", "in", (self.contacts + twin + newcomer + again).ids)])
        with self.at("2027-03-01 10:00:00"):
            self.start()
        known = self.campaign.participant_ids.filtered("res_id")
        self.assertEqual(known.mapped("res_id"), newcomer.ids)
        self.assertEqual(len(self.campaign.participant_ids), 4)

    def test_each_of_several_addresses_is_recognised(self):
        self.contacts[0].email = "a@example.com; b@example.com"
        self.forget_by_retention()
        self.contacts[0].unlink()
        (one, several, newcomer) = self.create_contacts(3)
        one.email = "B@example.com"
        several.email = "c@example.com; a@example.com"
        newcomer.email = "c@example.com; d@example.com"
        self.campaign.domain = str([("id", "in", (one + several + newcomer).ids)])
        with self.at("2027-03-01 10:00:00"):
            self.start()
        known = self.campaign.participant_ids.filtered("res_id")
        self.assertEqual(known.mapped("res_id"), newcomer.ids)

    def test_without_unicity_the_record_counts(self):
        self.campaign.unique_field_id = False
        self.forget_by_retention()
        twin = self.create_contacts(1)
        self.campaign.domain = str([("id", "in", (self.contacts + twin).ids)])
        with self.at("2027-03-01 10:00:00"):
            self.start()
        known = self.campaign.participant_ids.filtered("res_id")
        self.assertEqual(known.mapped("res_id"), twin.ids)

    def test_nobody_begins_anew_who_asked_to_be_forgotten(self):
        self.start()
        self.participant_of(self.campaign, self.contacts[0])._forget()
        self.run_jobs()
        self.assertFalse(self.participant_of(self.campaign, self.contacts[0]))

    def test_identities_tell_nobody(self):
        """Neither whose they are, nor that two campaigns had the same person."""
        self.start()
        other = self.create_campaign(self.contacts)
        self.create_activity(other)
        other.action_start_campaign()
        self.run_jobs()
        participants = (self.campaign + other).participant_ids
        participants._forget()
        hashes = participants.mapped("identity") + participants.mapped("other_identities")
        self.assertEqual(len(set(hashes)), 12)
        self.assertTrue(all(len(value) == 64 for value in hashes))
        readable = participants.with_user(self.responsible).fields_get()
        self.assertNotIn("identity", readable)
        self.assertNotIn("other_identities", readable)

    def test_records_are_not_hashed_where_nobody_was_forgotten(self):
        """Enrolling hashes the values only; without unicity it finds candidates without hashes."""
        self.start()
        self.assertEqual(self.campaign._candidates_sql(0).code.count("sha256"), 1)
        self.campaign.unique_field_id = False
        self.assertNotIn("sha256", self.campaign._candidates_sql(0).code)
        self.participant_of(self.campaign, self.contacts[0])._forget()
        self.assertEqual(self.campaign._candidates_sql(0).code.count("sha256"), 1)

    def test_archived_date(self):
        with self.at("2025-04-01 09:00:00"):
            self.campaign.action_archive()
            self.env.flush_all()
        with self.at("2025-05-01 09:00:00"):
            self.campaign.active = False
            self.env.flush_all()
        self.assertEqual(self.campaign.archived_date.isoformat(" "), "2025-04-01 09:00:00")
        self.campaign.action_unarchive()
        self.assertFalse(self.campaign.archived_date)
