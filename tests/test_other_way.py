"""In a test, another way is tried at a step that steers; and each way says why it was taken."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_steering import START, SteeringCase


class WaysCase(SteeringCase):
    def launch(self, contact=None):
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": (contact or self.contacts[0]).id}
        )
        return self.env["marketing.participant"].browse(wizard.action_launch_test()["res_id"])

    def create_condition(self, parent=None, **vals):
        return self.create_step(
            "condition",
            parent,
            branch_ids=[Command.create({"name": "VIP", "domain": "[('function', '=', 'VIP')]"})],
            **vals,
        )

    def trace(self, run, step):
        return run.trace_ids.filtered(lambda trace: trace.activity_id == step)

    def steps_of(self, run, state=None):
        traces = run.trace_ids.filtered(lambda trace: not state or trace.state == state)
        return traces.activity_id


@tagged("post_install", "-at_install")
class TestOtherWay(WaysCase):
    def test_what_has_not_been_executed_is_taken_back(self):
        condition = self.create_condition()
        otherwise, vip = self.branch(condition, "otherwise"), self.branch(condition, "VIP")
        later = self.create_step("action", branch=otherwise, delay="1 days")
        special = self.create_step("action", branch=vip, delay="2 days")
        always = self.create_step("action", condition, delay="3 days")
        run = self.launch()
        trace = self.trace(run, condition)
        trace.action_execute()
        self.assertEqual(trace.branch_id, otherwise)
        self.assertEqual(self.steps_of(run, "scheduled"), later + always)
        self.assertIs(trace.action_take_branch(vip.id), True)
        self.assertEqual((trace.state, trace.branch_id), ("processed", vip))
        self.assertEqual(self.steps_of(run), condition + special + always)
        self.assertEqual(self.steps_of(run, "scheduled"), special + always)
        self.assertEqual(run.state, "running")

    def test_what_has_been_executed_stays(self):
        condition = self.create_condition()
        otherwise, vip = self.branch(condition, "otherwise"), self.branch(condition, "VIP")
        first = self.create_step("action", branch=otherwise)
        second = self.create_step("action", first)
        again = self.create_step("goto", first, goto_activity_id=first.id, max_visits=2)
        run = self.launch()
        trace = self.trace(run, condition)
        trace.action_execute()
        self.trace(run, first).action_execute()
        self.trace(run, again).action_execute()
        self.assertEqual(self.trace(run, first).mapped("visit"), [2, 1])
        trace.action_take_branch(vip.id)
        self.assertEqual(self.steps_of(run), condition + first + again)
        self.assertEqual(set(run.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(run.state, "completed")
        trace.action_take_branch(otherwise.id)
        self.assertEqual(self.steps_of(run, "scheduled"), second + first, "It goes on there")
        self.assertEqual(self.trace(run, first).mapped("visit"), [2, 1])

    def test_one_that_waits(self):
        wait = self.create_step("wait", wait_type="filter", wait_domain="[('function', '=', 'X')]")
        met, late = self.branch(wait, "met"), self.branch(wait, "timeout")
        late_step = self.create_step("action", branch=late)
        run = self.launch()
        trace = self.trace(run, wait)
        trace.action_take_branch(late.id)
        self.assertEqual((trace.state, trace.branch_id), ("processed", late))
        self.assertEqual(self.steps_of(run, "scheduled"), late_step)
        trace.action_take_branch(met.id)
        self.assertEqual(trace.branch_id, met)
        self.assertEqual(self.steps_of(run), wait)
        self.assertEqual(run.state, "completed")

    def test_a_run_that_has_exited_goes_on(self):
        condition = self.create_condition()
        otherwise, vip = self.branch(condition, "otherwise"), self.branch(condition, "VIP")
        out = self.create_step("exit", branch=otherwise)
        special = self.create_step("action", branch=vip)
        run = self.launch()
        self.trace(run, condition).action_execute()
        self.trace(run, out).action_execute()
        self.assertEqual(run.state, "exited")
        self.trace(run, condition).action_take_branch(vip.id)
        self.assertEqual((run.state, run.exit_reason), ("running", False))
        self.assertEqual(self.steps_of(run, "scheduled"), special)

    def test_filters_hold(self):
        condition = self.create_condition(activity_domain="[('function', '=', 'Nobody')]")
        run = self.launch()
        run.trace_ids.action_take_branch(self.branch(condition, "VIP").id)
        self.assertEqual((run.trace_ids.state, run.trace_ids.branch_id.id), ("rejected", False))

    def test_errors(self):
        condition = self.create_condition()
        other = self.create_condition()
        split = self.create_step("split")
        vip = self.branch(condition, "VIP")
        run = self.launch()
        trace = self.trace(run, condition)
        for wrong in (self.branch(other, "VIP").id, split.branch_ids[0].id, 2**31 - 1):
            with self.assertRaisesRegex(UserError, "no branch of “condition begin”"):
                trace.action_take_branch(wrong)
        for wrong in ("1", None, [vip.id], True, 1.5, -1, 2**40):
            with self.assertRaises(ValidationError):
                trace.action_take_branch(wrong)
        self.start()
        real = self.trace_of(condition, self.contacts[0])
        with self.assertRaisesRegex(UserError, "Only in a test"):
            real.action_take_branch(vip.id)
        trace.action_cancel()
        with self.assertRaisesRegex(UserError, "is Cancelled"):
            trace.action_take_branch(vip.id)
        with self.assertRaisesRegex(UserError, "Choose one"):
            run.trace_ids.action_take_branch(vip.id)


@tagged("post_install", "-at_install")
class TestReasons(WaysCase):
    def reason(self, step, contact):
        trace = self.trace_of(step, contact)
        entry = trace._get_journey_entry()
        self.assertEqual(entry["branch"], trace.branch_id.id)
        self.assertEqual(entry["branch_reason"], trace.branch_reason or "")
        return trace.branch_reason

    def test_condition(self):
        self.contacts[0].function = "VIP"
        mail = self.create_step("email", name="Welcome")
        filters = self.create_condition()
        events = self.create_step(
            "condition",
            mail,
            delay="1 days",
            branch_ids=[
                Command.create(
                    {
                        "branch_type": "event",
                        "event_activity_id": mail.id,
                        "event": "mail_open",
                        "event_negative": negative,
                    }
                )
                for negative in (False, True)
            ],
        )
        self.start()
        with self.at(START):
            self.hand_over(self.campaign)
            self.trace_of(mail, self.contacts[0]).process_event("mail_open")
            self.assertFalse(self.reason(events, self.contacts[0]))
        self.go_on(hours=25)
        self.assertEqual(self.reason(filters, self.contacts[0]), "The record matches “VIP”")
        self.assertEqual(self.reason(filters, self.contacts[1]), "No other branch held")
        self.assertEqual(self.reason(events, self.contacts[0]), "“Welcome” was opened")
        self.assertEqual(self.reason(events, self.contacts[1]), "“Welcome” was not opened")

    def test_split(self):
        split = self.create_step("split")
        split.branch_ids[0].weight = 100
        split.branch_ids[1].weight = 0
        self.start()
        self.assertEqual(self.reason(split, self.contacts[0]), "At random: 100 of 100")

    def test_wait(self):
        self.contacts[0].function = "Won"
        mail = self.create_step("email", name="Welcome", delay="1 days")
        wait = self.create_step(
            "wait",
            wait_type="filter",
            wait_domain="[('function', '=', 'Won')]",
            wait_limit=True,
            wait_limit_number=1,
        )
        event = self.create_step(
            "wait", mail, wait_type="event", wait_activity_id=mail.id, wait_event="mail_click"
        )
        self.start()
        self.go_on(hours=24)
        with self.at(START):
            self.hand_over(self.campaign)
            self.trace_of(mail, self.contacts[0]).process_event("mail_click")
        self.go_on(hours=25)
        self.assertIn("Job Position is Won", self.reason(wait, self.contacts[0]))
        self.assertEqual(self.reason(wait, self.contacts[1]), "The time was up")
        self.assertEqual(self.reason(event, self.contacts[0]), "“Welcome” was clicked")

    def test_by_hand(self):
        wait = self.create_step("wait", wait_type="filter", wait_domain="[('function', '=', 'X')]")
        condition = self.create_condition()
        run = self.launch()
        self.trace(run, wait).action_execute()
        self.assertEqual(self.trace(run, wait).branch_reason, "Chosen by hand")
        trace = self.trace(run, condition)
        trace.action_execute()
        self.assertEqual(trace.branch_reason, "No other branch held")
        trace.action_take_branch(self.branch(condition, "VIP").id)
        self.assertEqual(trace.branch_reason, "Chosen by hand")
