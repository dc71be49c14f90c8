"""Steps that steer: condition, split, go to, exit; for waits see ``test_waits``."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.workflow.step_split import SCALE, get_place
from .common import MarketingAutomationCase

START = "2025-03-03 09:00:00"  # a Monday


class SteeringCase(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(4)
        cls.campaign = cls.create_campaign(cls.contacts)

    def create_step(self, activity_type, parent=None, branch=None, **vals):
        """A step at once after another one, or on its branch."""
        vals.setdefault("delay", "0 hours")
        if branch:
            vals.update(parent_id=branch.activity_id.id, branch_id=branch.id, trigger="branch")
        elif parent:
            vals["parent_id"] = parent.id
        return self.create_activity(self.campaign, activity_type, **vals)

    def branch(self, step, name):
        """The branch with this name, or of this type."""
        return step.branch_ids.filtered(lambda branch: name in (branch.name, branch.branch_type))

    def start(self):
        with self.at(START):
            self.campaign.action_start_campaign()
            self.run_jobs()

    def go_on(self, hours=0, **delta):
        """Run the jobs, polls included, so much time after the start."""
        moment = fields.Datetime.to_datetime(START) + timedelta(hours=hours, **delta)
        with self.at(moment):
            self.run_cron("ir_cron_poll")
            self.run_jobs()

    def done(self, step):
        """The contacts for whom a step was executed."""
        traces = step.trace_ids.filtered(lambda trace: trace.state == "processed")
        return self.contacts.filtered(lambda contact: contact.id in traces.mapped("res_id"))

    def way(self, step, contact):
        return self.trace_of(step, contact).branch_id


@tagged("post_install", "-at_install")
class TestCondition(SteeringCase):
    def test_first_filter_that_holds_wins(self):
        vip, known, other = self.contacts[0], self.contacts[1], self.contacts[2]
        vip.write({"function": "VIP", "city": "Known"})
        known.city = "Known"
        condition = self.create_step(
            "condition",
            branch_ids=[
                Command.create({"name": "VIP", "domain": "[('function', '=', 'VIP')]"}),
                Command.create({"name": "Known", "domain": "[('city', '=', 'Known')]"}),
            ],
        )
        self.assertEqual(
            condition.branch_ids.mapped("branch_type"), ["filter", "filter", "otherwise"]
        )
        followers = {
            name: self.create_step("action", branch=self.branch(condition, name))
            for name in ("VIP", "Known", "otherwise")
        }
        always = self.create_step("action", condition)
        self.start()
        self.assertEqual(self.way(condition, vip).name, "VIP")
        self.assertEqual(self.way(condition, known).name, "Known")
        self.assertEqual(self.way(condition, other).branch_type, "otherwise")
        self.assertEqual(self.done(followers["VIP"]), vip)
        self.assertEqual(self.done(followers["Known"]), known)
        self.assertEqual(self.done(followers["otherwise"]), self.contacts[2:])
        self.assertEqual(self.done(always), self.contacts)
        self.assertEqual(
            followers["VIP"].trace_ids.mapped("res_id"), vip.ids, "Others have no trace there"
        )
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})

    def test_events_of_earlier_messages(self):
        mail = self.create_step("email")
        condition = self.create_step(
            "condition",
            mail,
            delay="2 days",
            branch_ids=[
                Command.create(
                    {
                        "name": "Opened",
                        "branch_type": "event",
                        "event_activity_id": mail.id,
                        "event": "mail_open",
                    }
                ),
                Command.create(
                    {
                        "name": "Not bounced",
                        "branch_type": "event",
                        "event_activity_id": mail.id,
                        "event": "mail_bounce",
                        "event_negative": True,
                    }
                ),
            ],
        )
        self.start()
        with self.at("2025-03-03 10:00:00"):
            self.hand_over(self.campaign)
            self.trace_of(mail, self.contacts[0]).process_event("mail_open")
            self.trace_of(mail, self.contacts[1]).process_event("mail_bounce")
        self.go_on(hours=50)
        self.assertEqual(self.way(condition, self.contacts[0]).name, "Opened")
        self.assertFalse(self.trace_of(condition, self.contacts[1]).branch_id, "Bounced: ended")
        self.assertEqual(self.way(condition, self.contacts[2]).name, "Not bounced")

    def test_click_on_one_link(self):
        """A link is known by its address: a copy of the campaign has links of its own."""
        mail = self.create_step("email")
        link, other = (
            self.env["link.tracker"].create({"url": f"https://www.example.com/{name}"})
            for name in ("offer", "imprint")
        )
        condition = self.create_step(
            "condition",
            mail,
            delay="2 days",
            branch_ids=[
                Command.create(
                    {
                        "name": "Offer",
                        "branch_type": "event",
                        "event_activity_id": mail.id,
                        "event": "mail_click",
                        "event_link_id": link.id,
                    }
                )
            ],
        )
        self.start()
        with self.at("2025-03-03 10:00:00"):
            self.hand_over(self.campaign)
            for contact, clicked in zip(
                self.contacts, (link, other, link.copy({"label": "Of the copy"})), strict=False
            ):
                trace = self.trace_of(mail, contact)
                trace.process_event("mail_click")
                self.env["link.tracker.click"].create(
                    {"link_id": clicked.id, "mailing_trace_id": trace.mailing_trace_ids.id}
                )
        self.go_on(hours=50)
        ways = [self.way(condition, contact).name for contact in self.contacts]
        self.assertEqual(ways, ["Offer", False, "Offer", False])


@tagged("post_install", "-at_install")
class TestSplit(SteeringCase):
    def test_the_same_run_gets_the_same_branch(self):
        split = self.create_step("split")
        self.assertEqual(split.branch_ids.mapped("name"), ["A", "B"])
        self.start()
        for contact in self.contacts:
            trace = self.trace_of(split, contact)
            place = get_place(trace.participant_id.id, split.id)
            self.assertEqual(trace.branch_id.name, "A" if place * 2 < SCALE else "B")

    def test_nothing_follows_a_control_group(self):
        split = self.create_step("split")
        a, b = split.branch_ids
        b.is_holdout = True
        whatever = self.create_step("action", split)
        self.start()
        controls = self.contacts.filtered(lambda contact: self.way(split, contact) == b)
        self.assertEqual(self.done(whatever), self.contacts - controls)
        b.weight, a.weight = 1, 0
        more = self.create_contacts(2, email="more{i}@example.com")
        self.campaign.domain = str([("id", "in", (self.contacts + more).ids)])
        self.go_on(hours=1)
        self.assertEqual(self.way(split, more[0]), b)
        self.assertFalse(self.trace_of(whatever, more[0]))

    def test_weights(self):
        split = self.create_step("split")
        a, b = split.branch_ids
        a.weight, b.weight = 0, 3
        self.start()
        self.assertEqual(split.trace_ids.branch_id, b)


@tagged("post_install", "-at_install")
class TestGoto(SteeringCase):
    def test_branches_merge(self):
        split = self.create_step("split")
        target = self.create_step("action", branch=split.branch_ids[0])
        after = self.create_step("action", target)
        self.create_step("goto", branch=split.branch_ids[1], goto_activity_id=target.id)
        self.create_step("goto", split, goto_activity_id=target.id)
        self.start()
        self.assertEqual(self.done(target), self.contacts)
        self.assertEqual(self.done(after), self.contacts)
        self.assertEqual(len(target.trace_ids), 4, "Who was there already ends this branch")

    def test_who_waits_to_get_there_comes_now(self):
        """That something may lead to a step one day, or did not, is no visit."""
        mail = self.create_step("email")
        call = self.create_step("action", mail, trigger="mail_click")
        reminder = self.create_step("action", mail, trigger="mail_not_open", delay="3 days")
        for target in (call, reminder):
            self.create_step("goto", mail, trigger="mail_reply", goto_activity_id=target.id)
        self.start()
        first = self.contacts[0]
        with self.at(START):
            self.hand_over(self.campaign)
            self.trace_of(mail, first).process_event("mail_reply")
        self.go_on(hours=1)
        self.assertEqual(self.done(call), first)
        self.go_on(hours=72)
        self.assertEqual(self.done(reminder), self.contacts - first)
        self.go_on(hours=73)
        self.assertEqual(self.done(reminder), self.contacts, "Its delay counts from the jump")
        with self.at("2025-03-07 09:00:00"):
            self.trace_of(mail, first).process_event("mail_click")
        self.go_on(hours=100)
        self.assertEqual(self.trace_of(call, first).state, "processed", "Once is enough")
        self.assertEqual(len(self.trace_of(call, first)), 1)

    def test_loop_with_limit(self):
        first = self.create_step("action", delay="1 days")
        again = self.create_step("goto", first, goto_activity_id=first.id, max_visits=3)
        self.start()
        for days in range(1, 6):
            self.go_on(hours=24 * days)
        traces = first.trace_ids.filtered(lambda trace: trace.res_id == self.contacts[0].id)
        self.assertEqual(sorted(traces.mapped("visit")), [1, 2, 3])
        self.assertEqual(
            sorted(traces.mapped("schedule_date")),
            [fields.Datetime.to_datetime(f"2025-03-0{day} 09:00:00") for day in (4, 5, 6)],
        )
        self.assertEqual(len(again.trace_ids), 12)
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})


@tagged("post_install", "-at_install")
class TestExit(SteeringCase):
    def test_ends_all_that_is_scheduled(self):
        condition = self.create_step(
            "condition",
            branch_ids=[Command.create({"name": "Out", "domain": "[('function', '=', 'Out')]"})],
        )
        self.contacts[0].function = "Out"
        later = self.create_step("action", condition, delay="1 days")
        self.create_step("exit", branch=self.branch(condition, "Out"), delay="1 hours")
        self.start()
        self.go_on(hours=2)
        participant = self.participant_of(self.campaign, self.contacts[0])
        self.assertEqual((participant.state, participant.exit_reason), ("exited", "step"))
        self.assertEqual(participant.exit_date, fields.Datetime.to_datetime("2025-03-03 11:00:00"))
        trace = self.trace_of(later, self.contacts[0])
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "exited"))
        self.go_on(hours=30)
        self.assertEqual(self.done(later), self.contacts[1:])

    def test_what_failed_is_not_tried_again(self):
        failing = self.create_step(
            "action", server_action_id=self.create_server_action("raise UserError('No')").id
        )
        self.create_step("exit", delay="1 hours")
        with mute_logger("odoo.addons.marketing_automation.models.engine.run"):
            self.start()
        self.go_on(hours=2)
        failing.action_retry_failed()
        self.assertEqual(set(failing.trace_ids.mapped("state")), {"error"})
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"exited"})

    def test_by_hand(self):
        later = self.create_step("action", delay="1 days")
        self.start()
        participant = self.participant_of(self.campaign, self.contacts[0])
        participant.action_exit()
        self.assertEqual((participant.state, participant.exit_reason), ("exited", "user"))
        self.assertEqual(self.trace_of(later, self.contacts[0]).state, "canceled")
        participant.action_set_running()
        self.assertEqual((participant.state, participant.exit_reason), ("running", False))


@tagged("post_install", "-at_install")
class TestBranches(SteeringCase):
    def test_nothing_follows_what_ends(self):
        step = self.create_step("exit")
        with self.assertRaisesRegex(ValidationError, "Nothing can follow"):
            self.create_step("action", step)

    def test_copy(self):
        mail = self.create_step("email")
        wait = self.create_step(
            "wait", mail, wait_type="event", wait_activity_id=mail.id, wait_event="mail_open"
        )
        condition = self.create_step(
            "condition",
            branch=self.branch(wait, "met"),
            branch_ids=[
                Command.create(
                    {
                        "branch_type": "event",
                        "event_activity_id": mail.id,
                        "event": "mail_click",
                        "event_negative": True,
                    }
                )
            ],
        )
        self.create_step(
            "goto", branch=self.branch(condition, "otherwise"), goto_activity_id=mail.id, name="Go"
        )
        copy = self.campaign.copy()
        steps = {step.activity_type: step for step in copy.marketing_activity_ids}
        self.assertEqual(steps["wait"].wait_activity_id, steps["email"])
        self.assertEqual(steps["condition"].branch_id.activity_id, steps["wait"])
        self.assertEqual(steps["condition"].branch_ids[0].event_activity_id, steps["email"])
        self.assertEqual(len(steps["condition"].branch_ids), 2)
        self.assertEqual(steps["goto"].goto_activity_id, steps["email"])
        self.assertEqual(steps["goto"].branch_id.activity_id, steps["condition"])
