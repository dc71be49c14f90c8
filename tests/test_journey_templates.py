"""The templates that steer, run to their ends by the real jobs, on each of their ways."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import freeze_all_time

from .test_templates import START, TemplateCase


class JourneyCase(TemplateCase):
    def run_all_jobs(self, campaign):
        """All jobs, as often as a server runs them, until there is nothing more to do now."""
        self.run_cron("ir_cron_poll")
        self.run_jobs()
        self.hand_over(campaign)
        self.run_cron("ir_cron_campaign_execute_activities")
        self.hand_over(campaign)

    def go_to(self, campaign, days, hours=0):
        """So long after the start, with all that has come to be due on each day until then."""
        start = fields.Datetime.to_datetime(START)
        while self.day < days:
            self.day += 1
            with self.at(start + timedelta(days=self.day)):
                self.run_all_jobs(campaign)
        with self.at(start + timedelta(days=days, hours=hours)):
            self.run_all_jobs(campaign)

    def load_and_start(self, name, user=None):
        with self.at(START):
            campaign = self.load(name, user)
        self.start_and_run(campaign)
        return campaign

    def start_and_run(self, campaign):
        self.day = 0
        with self.at(START):
            campaign.action_start_campaign()
            self.run_all_jobs(campaign)

    def react(self, campaign, name, record, event):
        """Something happens to what a step has sent to a record."""
        with self.at(fields.Datetime.to_datetime(START) + timedelta(days=self.day)):
            message = self.message_of(campaign, name, record)
            getattr(message, f"set_{event}")()
            self.run_all_jobs(campaign)

    def done(self, campaign, record):
        """Names of the steps that a record has passed, in order, without those that steer."""
        traces = self.participant_of(campaign, record).trace_ids.filtered(
            lambda trace: (
                trace.state == "processed" and trace.activity_type in ("email", "sms", "action")
            )
        )
        return traces.sorted(lambda trace: (trace.execution_date, trace.id)).activity_id.mapped(
            "name"
        )

    def assert_over(self, campaign):
        """Nothing is left to do for anybody, but to react to what they have got, and nothing has
        failed."""
        traces = campaign.participant_ids.trace_ids
        self.assertNotIn("error", traces.mapped("state"))
        left = traces.filtered(
            lambda trace: trace.state == "scheduled" and (trace.schedule_date or trace.wait_since)
        )
        self.assertFalse(left.mapped("activity_id.name"))

    def set_age(self, records, date):
        self.env.cr.execute(
            f"UPDATE {records._table} SET create_date = %s WHERE id = ANY(%s)",
            (date, records.ids),
        )
        records.invalidate_recordset()


@tagged("post_install", "-at_install")
class TestAbandonedOpportunity(JourneyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won_stage = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.names = ("at once", "soon", "late", "replies", "silent", "lost")
        with freeze_all_time(fields.Datetime.to_datetime(START)):
            cls.leads = {
                name: cls.env["crm.lead"].create(
                    {
                        "name": name,
                        "type": "opportunity",
                        "contact_name": name,
                        "email_from": f"{name.replace(' ', '.')}@example.com",
                        "expected_revenue": 500,
                        "user_id": cls.salesperson.id,
                    }
                )
                for name in cls.names
            }

    def win(self, name):
        with self.at(fields.Datetime.to_datetime(START) + timedelta(days=self.day)):
            self.leads[name].stage_id = self.won_stage

    def test_all_ways(self):
        with self.at("2025-02-20 10:00:00"):
            old = self.leads["silent"].copy({"email_from": "old@example.com"})
            old.stage_id = self.won_stage
        worthless = self.leads["silent"].copy(
            {"email_from": "worthless@example.com", "expected_revenue": 0}
        )
        with self.at(START):
            self.leads["at once"].stage_id = self.won_stage
        campaign = self.load_and_start("abandoned_opportunity", self.lead_marketer)
        self.assertFalse(self.participant_of(campaign, old), "It was won before")
        self.assertFalse(self.participant_of(campaign, worthless))
        self.assertEqual(self.done(campaign, self.leads["at once"]), ["Thank you"])
        self.go_to(campaign, 3)
        self.win("soon")
        self.go_to(campaign, 6)
        self.leads["lost"].action_set_lost()
        self.assertEqual(self.done(campaign, self.leads["soon"]), ["Thank you"])
        self.assertFalse(self.done(campaign, self.leads["silent"]))
        self.go_to(campaign, 7)
        self.assertEqual(self.done(campaign, self.leads["silent"]), ["Reminder"])
        self.go_to(campaign, 8)
        self.react(campaign, "Reminder", self.leads["replies"], "replied")
        self.assertEqual(self.calls_of(self.leads["replies"]).user_id, self.salesperson)
        self.win("late")
        self.go_to(campaign, 10)
        self.assertFalse(self.calls_of(self.leads["silent"]))
        self.go_to(campaign, 11)
        self.assertEqual(self.done(campaign, self.leads["late"]), ["Reminder", "Thank you"])
        self.assertEqual(self.calls_of(self.leads["silent"]).user_id, self.salesperson)
        with self.at("2025-03-14 12:00:00"):
            self.calls_of(self.leads["silent"]).action_feedback()
        self.go_to(campaign, 14)
        called = ["Reminder", "Call about the offer"]
        self.assertEqual(self.done(campaign, self.leads["silent"]), called)
        self.assertEqual(
            self.done(campaign, self.leads["replies"]), [*called, "Set a high priority"]
        )
        self.assertEqual(self.leads["replies"].priority, "2")
        self.assertFalse(self.done(campaign, self.leads["lost"]))
        self.assert_over(campaign)

    def test_nobody_hears_twice(self):
        campaign = self.load_and_start("abandoned_opportunity", self.lead_marketer)
        self.go_to(campaign, 40)
        traces = campaign.participant_ids.trace_ids
        self.assertEqual(set(traces.mapped("visit")), {1})
        self.assertEqual(len(self.calls_of(self.leads["silent"])), 1)


@tagged("post_install", "-at_install")
class TestReEngagement(JourneyCase):
    def test_all_ways(self):
        newsletter = self.env.ref("mass_mailing.mailing_list_data")
        names = ("opens", "bounces", "clicks late", "only opens late", "silent")
        readers = {
            name: self.create_subscriber(f"{name.replace(' ', '.')}@example.com", newsletter)
            for name in (*names, "new")
        }
        stranger = self.create_subscriber("stranger@example.com")
        for name in names:
            self.set_age(readers[name], "2024-01-15 10:00:00")
        self.set_age(stranger, "2024-01-15 10:00:00")
        self.set_age(readers["new"], "2025-02-01 10:00:00")
        campaign = self.load_and_start("re_engagement")
        for outsider in (stranger, readers["new"]):
            self.assertFalse(self.participant_of(campaign, outsider))
        self.react(campaign, "First question", readers["opens"], "opened")
        self.react(campaign, "First question", readers["bounces"], "bounced")
        self.assertTrue(readers["bounces"].is_blacklisted)
        self.go_to(campaign, 6)
        self.assertEqual(self.done(campaign, readers["opens"]), ["First question"])
        self.go_to(campaign, 7)
        self.assertEqual(self.done(campaign, readers["opens"]), ["First question", "Thank you"])
        asked = ["First question", "Last question"]
        for name in ("clicks late", "only opens late", "silent"):
            self.assertEqual(self.done(campaign, readers[name]), asked)
        self.go_to(campaign, 9)
        self.react(campaign, "Last question", readers["only opens late"], "opened")
        self.react(campaign, "Last question", readers["clicks late"], "clicked")
        self.assertEqual(self.done(campaign, readers["clicks late"]), [*asked, "Thank you"])
        self.go_to(campaign, 20)
        self.assertIn(newsletter, readers["silent"].list_ids)
        self.go_to(campaign, 21)
        stay = {name for name in names if newsletter in readers[name].list_ids}
        self.assertEqual(stay, {"opens", "clicks late", "bounces"})
        self.assertEqual(
            self.done(campaign, readers["silent"]), [*asked, "Remove from the newsletter"]
        )
        self.assert_over(campaign)

    def test_after_its_list_was_deleted(self):
        first = self.load("re_engagement")
        action = self.activity(first, "Remove from the newsletter").server_action_id
        self.env.ref("mass_mailing.mailing_list_data").unlink()
        again = self.load("re_engagement")
        self.assertEqual(
            self.activity(again, "Remove from the newsletter").server_action_id, action
        )
        self.assertEqual(action.sudo().marketing_list_id.name, "Newsletter")
        again.action_start_campaign()


@tagged("post_install", "-at_install")
class TestEventFollowUp(JourneyCase):
    def test_all_ways(self):
        campaign = self.load("event_follow_up")
        attended, missed_it = (
            self.env.ref(f"marketing_automation.partner_category_webinar_{key}")
            for key in ("attended", "missed")
        )
        came, replies, missed, reads, stranger = self.create_contacts(
            5, user_id=self.salesperson.id
        )
        (came | replies).category_id = attended
        (missed | reads).category_id = missed_it
        self.marketer.tz = "Europe/Brussels"
        campaign = self.load_and_start("event_follow_up")
        self.assertEqual(len(campaign.participant_ids), 4)
        self.assertFalse(self.participant_of(campaign, stranger))
        self.assertFalse(self.done(campaign, came), "It is 10 in Brussels already")
        self.go_to(campaign, 0, hours=23)
        self.assertFalse(self.done(campaign, came))
        self.go_to(campaign, 1)
        self.assertEqual(self.done(campaign, came), ["Thank you for coming"])
        self.assertEqual(self.done(campaign, missed), ["We missed you"])
        self.react(campaign, "We missed you", reads, "opened")
        self.go_to(campaign, 3)
        self.assertEqual(self.done(campaign, missed), ["We missed you", "Text message"])
        self.assertEqual(self.done(campaign, reads), ["We missed you"])
        self.go_to(campaign, 4)
        self.assertEqual(self.done(campaign, came), ["Thank you for coming", "Offer a talk"])
        self.assertEqual(self.done(campaign, reads), ["We missed you", "Offer a talk"])
        self.go_to(campaign, 5)
        self.react(campaign, "Offer a talk", came, "clicked")
        self.react(campaign, "Offer a talk", replies, "replied")
        for contact in (came, replies):
            self.assertEqual(self.calls_of(contact).user_id, self.salesperson)
        self.assertFalse(self.calls_of(missed))
        self.assert_over(campaign)


@tagged("post_install", "-at_install")
class TestAbWelcome(JourneyCase):
    def create_readers(self, number, name="reader"):
        readers = self.env["mailing.contact"].create(
            [{"name": name, "email": f"{name}{n}@example.com"} for n in range(number)]
        )
        self.set_age(readers, fields.Datetime.now())
        return readers

    def test_all_ways(self):
        with self.at(START):
            readers = self.create_readers(40)
        old = self.create_subscriber("old@example.com")
        self.set_age(old, "2025-03-02 23:59:00")
        campaign = self.load_and_start("ab_welcome")
        self.assertFalse(self.participant_of(campaign, old))
        ways = {
            name: readers.filtered(lambda r, name=name: self.done(campaign, r) == [name])
            for name in ("Welcome A", "Welcome B")
        }
        self.assertEqual(sum(map(len, ways.values())), 40)
        self.assertTrue(all(8 < len(ways[name]) < 32 for name in ways))
        for name, (bounces, *_others) in ways.items():
            self.react(campaign, name, bounces, "bounced")
            self.assertTrue(bounces.is_blacklisted)
        self.go_to(campaign, 3)
        self.assertFalse(self.activity(campaign, "Ask for interests").processed)
        self.go_to(campaign, 4)
        for name, (_bounces, clicks, ignores, *_others) in ways.items():
            self.assertEqual(self.done(campaign, clicks), [name, "Ask for interests"])
            self.react(campaign, "Ask for interests", clicks, "clicked")
            self.assertEqual(clicks.tag_ids.mapped("name"), ["Hot Contact"])
            self.assertFalse(ignores.tag_ids)
        self.assert_over(campaign)

    def test_winner(self):
        """After 200 who have had three days, everybody gets the email with more clicks."""
        with self.at(START):
            self.create_readers(40)
            campaign = self.load("ab_welcome")
        split = self.activity(campaign, "Which welcome is better?")
        self.assertEqual(split.split_winner_min_runs, 200)
        split.split_winner_min_runs = 40
        self.start_and_run(campaign)
        _a, b = split.branch_ids
        with self.at("2025-03-04 09:00:00"):
            self.activity(campaign, "Welcome B").trace_ids[:3].mailing_trace_ids.set_clicked()
        self.go_to(campaign, 2)
        self.assertFalse(split.winner_branch_id, "They still have time")
        self.go_to(campaign, 3)
        self.assertEqual(split.winner_branch_id, b)
        with self.at("2025-03-06 10:00:00"):
            late = self.create_readers(12, "late")
        self.go_to(campaign, 4)
        self.assertEqual(
            {way.name for reader in late for way in self.trace_of(split, reader).branch_id},
            {b.name},
        )
