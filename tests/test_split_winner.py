"""A split finds the branch on which people react best."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_other_way import WaysCase
from .test_steering import START


class WinnerCase(WaysCase):
    """Twelve contacts come to a split whose branches send an email each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts += cls.create_contacts(8, name="Other {i}", email="other{i}@example.com")
        cls.campaign.domain = str([("id", "in", cls.contacts.ids)])
        cls.split = cls.create_step(
            cls,
            "split",
            split_winner="open",
            split_winner_after_number=2,
            split_winner_after_type="days",
            split_winner_min_runs=12,
        )
        cls.a, cls.b = cls.split.branch_ids
        cls.mails = {
            branch: cls.create_step(cls, "email", branch=branch, name=f"Mail {branch.name}")
            for branch in (cls.a, cls.b)
        }

    def runs_on(self, branch):
        return self.split.trace_ids.filtered(lambda trace: trace.branch_id == branch)

    def start_split(self, number_of_a=6):
        """Start, and put so many runs on the first branch, whatever the hash says."""
        self.a.weight, self.b.weight = MOST, 1
        self.contacts[number_of_a:].active = False
        self.start()
        self.a.weight, self.b.weight = 1, MOST
        self.contacts.active = True
        self.start_again()
        self.a.weight = self.b.weight = 1
        with self.at(START):
            self.hand_over(self.campaign)
        self.assertEqual(len(self.runs_on(self.a)), number_of_a)
        self.assertEqual(len(self.runs_on(self.b)), 12 - number_of_a)

    def start_again(self):
        with self.at(START):
            self.run_jobs()

    def react(self, branch, number, hours=1, event="mail_open", mail=None):
        """The first so many runs on a branch react to the message."""
        with self.at(fields.Datetime.to_datetime(START) + timedelta(hours=hours)):
            traces = (mail or self.mails[branch]).trace_ids.filtered(
                lambda trace: trace.participant_id in self.runs_on(branch).participant_id
            )
            for trace in traces.sorted("id")[:number]:
                self.assertTrue(trace.process_event(event))


# Of two branches, all but one run in a million take the one with this weight.
MOST = 1_000_000


@tagged("post_install", "-at_install")
class TestSplitWinner(WinnerCase):
    def test_significant(self):
        self.start_split()
        self.react(self.a, 1)
        self.react(self.b, 6)
        self.go_on(hours=47)
        self.assertFalse(self.split.winner_branch_id, "Nobody has had the full time")
        self.assertIn("too few so far", self.split.split_verdict)
        self.go_on(hours=48)
        self.assertEqual(self.split.winner_branch_id, self.b)
        self.assertEqual(
            self.split.split_verdict, "A 16.7 % of 6, B 100.0 % of 6: “B” is better (p = 0.003)"
        )
        self.assertRegex(
            self.campaign.message_ids[0].body, "from now on everybody takes “B”. A 16.7 % of 6"
        )
        later = self.create_contacts(6, name="Later {i}", email="later{i}@example.com")
        self.campaign.domain = str([("id", "in", (self.contacts + later).ids)])
        self.go_on(hours=49)
        for contact in later:
            trace = self.trace_of(self.split, contact)
            self.assertEqual(trace.branch_id, self.b)
            self.assertEqual(trace.branch_reason, "Everybody takes it: it is the winner")
        self.assertEqual(self.runs_on(self.a)[0].branch_reason, "At random: 1 of 2")
        self.assertEqual(self.split.content, "All: B")

    def test_not_significant(self):
        self.start_split()
        self.react(self.a, 2)
        self.react(self.b, 4)
        self.go_on(hours=48)
        self.assertFalse(self.split.winner_branch_id)
        self.assertEqual(
            self.split.split_verdict,
            "A 33.3 % of 6, B 66.7 % of 6: not significant yet (p = 0.25)",
        )
        self.split.split_fallback = "best"
        self.go_on(hours=49)
        self.assertEqual(self.split.winner_branch_id, self.b)
        self.assertEqual(
            self.split.split_verdict, "A 33.3 % of 6, B 66.7 % of 6: not significant (p = 0.25)"
        )

    def test_too_few(self):
        self.split.split_winner_min_runs = 13
        self.split.split_fallback = "best"
        self.start_split()
        self.react(self.b, 6)
        self.go_on(hours=60)
        self.assertFalse(self.split.winner_branch_id)
        self.assertEqual(
            self.split.split_verdict,
            "A 0.0 % of 6, B 100.0 % of 6: too few so far, at least 13 must have had their time",
        )
        self.split.split_winner_min_runs = 12
        self.go_on(hours=61)
        self.assertEqual(self.split.winner_branch_id, self.b)

    def test_at_least_one_on_each_branch(self):
        self.split.split_fallback = "best"
        self.start_split(number_of_a=12)
        self.go_on(hours=60)
        self.assertFalse(self.split.winner_branch_id)

    def test_what_happens_later_does_not_count(self):
        self.start_split()
        self.react(self.b, 5)
        self.react(self.b, 1, hours=1, event="mail_click")
        self.react(self.a, 5, hours=48.1)
        self.go_on(hours=50)
        self.assertEqual(
            self.split.sudo().split_counts, {str(self.a.id): [6, 0], str(self.b.id): [6, 5]}
        )

    def test_messages_far_below_and_behind_a_merge(self):
        """The same message counts for the branch on which a run has come to it; what was sent
        before the split does not count."""
        before = self.create_step("email", name="Before", delay="0 hours")
        last = self.create_step("email", self.mails[self.a], name="Last")
        self.create_step("goto", self.mails[self.b], goto_activity_id=last.id)
        self.create_step("goto", last, goto_activity_id=before.id, max_visits=1)
        self.start_split()
        self.go_on(hours=0.5)
        self.assertEqual(len(last.trace_ids), 12)
        with self.at(START):
            self.hand_over(self.campaign)
        self.react(self.a, 2, mail=last)
        self.react(self.b, 3, mail=last)
        for branch in (self.a, self.b):
            self.react(branch, 6, mail=before)
        self.go_on(hours=48)
        self.assertEqual(
            self.split.sudo().split_counts, {str(self.a.id): [6, 2], str(self.b.id): [6, 3]}
        )

    def test_control_group_never_wins(self):
        self.split.write(
            {
                "split_fallback": "best",
                "branch_ids": [
                    Command.create({"name": "Nothing", "branch_type": "random", "is_holdout": True})
                ],
            }
        )
        nothing = self.branch(self.split, "Nothing")
        with self.assertRaisesRegex(ValidationError, "no control group"):
            nothing.action_take_for_all()
        nothing.weight = 0
        self.start_split()
        self.go_on(hours=48)
        self.assertEqual(self.split.winner_branch_id, self.a, "The first of equals")

    def test_three_branches(self):
        """The best is compared with the second best, and any of three pairs could have been it."""
        self.split.branch_ids = [Command.create({"name": "C", "branch_type": "random"})]
        c = self.branch(self.split, "C")
        self.create_step("email", branch=c)
        counts = {self.a.id: (100, 30), self.b.id: (100, 45), c.id: (100, 10)}
        self.assertFalse(self.split._decide(counts), "p = 0.028 of one pair, 0.085 of three")
        self.assertEqual(self.split._decide({**counts, self.b.id: (100, 50)}), self.b.id)

    def test_tests_and_choices_by_hand_do_not_count(self):
        self.start_split()
        run = self.launch()
        self.trace(run, self.split).action_take_branch(self.b.id)
        self.go_on(hours=48)
        self.assertEqual(
            self.split.sudo().split_counts, {str(self.a.id): [6, 0], str(self.b.id): [6, 0]}
        )

    def test_it_looks_only_when_there_is_something_new(self):
        self.start_split()
        self.go_on(hours=1)
        self.assertEqual(
            self.split.split_look_date, fields.Datetime.to_datetime("2025-03-05 09:00:00")
        )
        with self.at("2025-03-05 08:55:00"):
            self.assertFalse(self.split._looks_for_winner())
        with self.at("2025-03-05 09:00:00"):
            self.assertTrue(self.split._looks_for_winner())
            self.run_cron("ir_cron_poll")
            self.assertFalse(self.split._looks_for_winner())

    # ------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------

    def test_chosen_and_taken_back(self):
        """What was not split is not compared."""
        self.start_split()
        self.react(self.a, 6)
        with self.at("2025-03-03 12:00:00"):
            self.assertIs(self.b.with_user(self.responsible).action_take_for_all(), True)
        self.assertEqual(self.split.winner_branch_id, self.b)
        self.assertIn("everybody takes “B”", self.campaign.message_ids[0].body)
        self.go_on(hours=48)
        self.assertEqual(self.split.winner_branch_id, self.b, "It looks no more")
        with self.at("2025-03-05 12:00:00"):
            self.assertIs(self.split.with_user(self.responsible).action_clear_winner(), True)
        self.go_on(hours=70)
        self.assertFalse(self.split.winner_branch_id)
        self.assertEqual(
            self.split.sudo().split_counts, {str(self.a.id): [0, 0], str(self.b.id): [0, 0]}
        )

    def test_a_branch_that_goes_does_not_win(self):
        self.start_split()
        self.b.action_take_for_all()
        self.mails[self.b].unlink()
        self.b.unlink()
        self.assertFalse(self.b.active)
        self.assertFalse(self.split.winner_branch_id)

    def test_winner_is_a_branch_of_the_split(self):
        other = self.create_step("split")
        condition = self.create_condition()
        for branch in (other.branch_ids[0], condition.branch_ids[0]):
            with self.assertRaisesRegex(ValidationError, "cannot be the winner of “split begin”"):
                self.split.winner_branch_id = branch
        with self.assertRaisesRegex(ValidationError, "no control group"):
            condition.branch_ids[0].action_take_for_all()
        with self.assertRaisesRegex(UserError, "Choose one"):
            self.split.branch_ids.action_take_for_all()

    def test_numbers_are_not_written_by_users(self):
        for name, value in (
            ("split_since", START),
            ("split_look_date", START),
            ("winner_date", START),
        ):
            with self.assertRaisesRegex(AccessError, "noted by the system"):
                self.split.with_user(self.responsible).write({name: value})

    def test_numbers_of_other_companies(self):
        """Who does not see all companies is told what was found, without numbers."""
        self.start_split()
        self.react(self.b, 6)
        self.split.split_winner_min_runs = 10
        self.go_on(days=2)
        split = self.split.with_user(self.responsible)
        self.assertIn("% of 6", split.split_verdict)
        self.env["res.company"].create({"name": "Elsewhere"})
        split.invalidate_recordset()
        self.assertRegex(split.split_verdict, "^“B” is better")
        with self.assertRaises(AccessError):
            split.read(["split_counts"])
        with self.assertRaises(AccessError):
            split.write({"split_counts": {}})

    def test_poll_by_hand(self):
        self.start_split()
        self.react(self.b, 6)
        with self.at("2025-03-05 09:00:00"):
            self.campaign.poll_campaigns()
        self.assertEqual(self.split.winner_branch_id, self.b)

    def test_copy(self):
        self.start_split()
        self.b.action_take_for_all()
        copy = self.campaign.copy().marketing_activity_ids.filtered("branch_ids")
        self.assertEqual(copy.split_winner, "open")
        self.assertFalse(copy.winner_branch_id or copy.winner_date or copy.split_counts)
