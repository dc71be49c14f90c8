"""Campaigns that feed each other, or themselves, are cut off."""

from itertools import product

from odoo import Command, fields
from odoo.tests import tagged

from ..models.engine.admit import MAX_RUNS
from .entry_event_case import EventCase

START = "2025-03-01 09:00:00"
# How many runs of a record begin within a day at most, by the rule about coming in again.
MOST = {"never": 1, "after_end": MAX_RUNS, "always": MAX_RUNS}


class LoopCase(EventCase):
    """Steps that let the records of a campaign into another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)

    def feeding(self, name, reentry="always"):
        """A campaign that records are handed over to."""
        return self.create_campaign(
            self.contacts,
            name=name,
            reentry=reentry,
            entry_ids=[Command.create({"entry_type": "manual"})],
        )

    def feed(self, campaign, other, delay="0 hours"):
        """A step of a campaign that lets its records into another one."""
        action = self.env["ir.actions.server"].create(
            {
                "name": f"To {other.name}",
                "model_id": campaign.model_id.id,
                "state": "marketing_enrol",
                "marketing_campaign_id": other.id,
            }
        )
        return self.create_activity(campaign, "action", delay=delay, server_action_id=action.id)

    def run_until_quiet(self, hours=48):
        """Let the jobs run, hour after hour.

        :return: the largest number of runs of one record within a day, by campaign
        """
        start = fields.Datetime.to_datetime(START)
        for hour in range(0, hours, 6):
            with self.at(fields.Datetime.add(start, hours=hour)):
                for _round in range(MAX_RUNS + 5):
                    self.run_cron("ir_cron_campaign_execute_activities")

    def counts(self, campaign):
        """Runs of each contact."""
        campaign.invalidate_recordset(["participant_ids"])
        res_ids = campaign.participant_ids.mapped("res_id")
        return [res_ids.count(contact.id) for contact in self.contacts]

    def notes(self, campaign):
        """What the responsible was told of too many runs."""
        return campaign.activity_ids.filtered(
            lambda activity: str(MAX_RUNS) in (activity.note or "")
        )


@tagged("post_install", "-at_install")
class TestTwoCampaigns(LoopCase):
    def test_every_policy(self):
        for first, second in product(MOST, repeat=2):
            with self.subTest(first=first, second=second):
                a, b = self.feeding("A", first), self.feeding("B", second)
                steps = self.feed(a, b) + self.feed(b, a)
                with self.at(START):
                    (a + b).action_start_campaign()
                    a.enrol(self.contacts.ids)
                    for _round in range(2 * MAX_RUNS + 5):
                        self.run_cron("ir_cron_campaign_execute_activities")
                self.assertCutOff(a, b, steps)

    def test_through_events(self):
        """What the step of each changes of a record is the event of the other's entry."""
        for first, second in product(MOST, repeat=2):
            with self.subTest(first=first, second=second):
                campaigns, steps = [], self.env["marketing.activity"]
                for reentry, awaited, written in (
                    (first, "To A", "To B"),
                    (second, "To B", "To A"),
                ):
                    self.listen(
                        "matched",
                        campaign={"reentry": reentry},
                        start=False,
                        event_domain=f"[('function', '=', '{awaited}')]",
                    )
                    self.campaign.marketing_activity_ids.unlink()
                    self.campaign.domain = str([("id", "in", self.contacts.ids)])
                    action = self.create_server_action(
                        f"records.write({{'function': '{written}'}})"
                    )
                    steps += self.create_activity(
                        self.campaign, "action", delay="0 hours", server_action_id=action.id
                    )
                    campaigns.append(self.campaign)
                a, b = campaigns
                with self.at(START):
                    self.contacts.function = False
                    (a + b).action_start_campaign()
                    self.contacts.function = "To A"
                    for _round in range(2 * MAX_RUNS + 5):
                        self.run_cron("ir_cron_campaign_execute_activities")
                    (a + b).action_stop_campaign()
                self.assertCutOff(a, b, steps)

    def assertCutOff(self, a, b, steps):
        """Everybody came into both campaigns, not too often, and the responsible was told."""
        for campaign in (a, b):
            for count in self.counts(campaign):
                self.assertLessEqual(count, MOST[campaign.reentry])
                self.assertGreaterEqual(count, 1)
            self.assertLessEqual(len(self.notes(campaign)), 1)
        states = set(steps.trace_ids.mapped("state"))
        self.assertEqual(states, {"processed"}, "It is no failure of a step")
        if a.reentry == b.reentry == "always":
            self.assertEqual(self.counts(a), [MAX_RUNS] * 2)
            self.assertEqual(len(self.notes(a)) + len(self.notes(b)), 1)

    def test_told_once_a_day(self):
        a, b = self.feeding("A"), self.feeding("B")
        self.feed(a, b)
        self.feed(b, a)
        with self.at(START):
            (a + b).action_start_campaign()
            a.enrol(self.contacts.ids)
        self.run_until_quiet(18)
        self.assertEqual(len(self.notes(a)) + len(self.notes(b)), 1)
        [note] = self.notes(a) + self.notes(b)
        self.assertEqual(note.user_id, self.responsible)


@tagged("post_install", "-at_install")
class TestOneCampaign(LoopCase):
    def test_step_that_lets_into_its_own_campaign(self):
        campaign = self.feeding("Self")
        step = self.feed(campaign, campaign)
        with self.at(START):
            campaign.action_start_campaign()
            campaign.enrol(self.contacts.ids)
            for _round in range(MAX_RUNS + 5):
                self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(self.counts(campaign), [MAX_RUNS] * 2)
        self.assertEqual(set(step.trace_ids.mapped("state")), {"processed"})

    def test_step_that_causes_the_event_of_its_own_entry(self):
        for reentry, expected in (("never", 1), ("after_end", 1), ("always", MAX_RUNS)):
            with self.subTest(reentry):
                entry = self.listen(
                    "matched",
                    campaign={"reentry": reentry},
                    start=False,
                    event_domain="[('function', 'like', 'Touched')]",
                )
                self.campaign.marketing_activity_ids.unlink()
                self.campaign.domain = str([("id", "in", self.contacts.ids)])
                # It stops to match, and starts again.
                self.create_activity(
                    self.campaign,
                    "action",
                    delay="0 hours",
                    server_action_id=self.create_server_action(
                        "records.write({'function': False})\nrecords.write({'function': 'Touched'})"
                    ).id,
                )
                with self.at(START):
                    self.contacts.function = False
                    self.campaign.action_start_campaign()
                    self.contacts.function = "Touched"
                    for _round in range(MAX_RUNS + 5):
                        self.run_cron("ir_cron_campaign_execute_activities")
                self.assertEqual(entry.participant_count, 2 * expected)
                self.assertEqual(self.counts(self.campaign), [expected] * 2)
                states = set(self.campaign.participant_ids.trace_ids.mapped("state"))
                self.assertEqual(states, {"processed"})

    def test_limit_of_keyed_runs(self):
        """Each run makes another record that makes a run of its own."""
        self.listen("created", start=False, event_model_id=self.model("crm.lead").id)
        self.campaign.marketing_activity_ids.unlink()
        self.create_activity(
            self.campaign,
            "action",
            delay="0 hours",
            server_action_id=self.create_server_action(
                "env['crm.lead'].create({'name': 'Again', 'partner_id': record.id})"
            ).id,
        )
        with self.at(START):
            self.campaign.action_start_campaign()
            self.create_lead(partner_id=self.contacts[0].id)
            for _round in range(MAX_RUNS + 5):
                self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(self.counts(self.campaign), [MAX_RUNS, 0])
