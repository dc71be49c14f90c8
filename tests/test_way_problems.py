"""What keeps a campaign with steps that steer from a start, in sentences that say what to do."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .test_other_way import WaysCase


class ProblemsCase(WaysCase):
    def problems(self, step=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return [
            problem["message"]
            for problem in self.campaign._get_problem_list()
            if not step or problem["activity_id"] == step.id
        ]

    def assertProblem(self, step, text):
        """It is the only one of the step, and keeps the campaign from a start."""
        [problem] = self.problems(step)
        self.assertIn(text, problem)
        with self.assertRaisesRegex(UserError, "cannot start"):
            self.campaign.action_start_campaign()

    def look_at(self, parent, step, event="mail_open", **vals):
        """A condition on an event of a step."""
        test = {"branch_type": "event", "event_activity_id": step.id, "event": event, **vals}
        return self.create_step("condition", parent, branch_ids=[Command.create(test)])

    def wait_for(self, parent, step, event="mail_open", **vals):
        return self.create_step(
            "wait", parent, wait_type="event", wait_activity_id=step.id, wait_event=event, **vals
        )


@tagged("post_install", "-at_install")
class TestProblemsOfTests(ProblemsCase):
    def test_condition(self):
        condition = self.create_step("condition")
        self.assertProblem(condition, "set the filter of “Matches the filter”")
        condition.branch_ids[0].unlink()
        self.assertProblem(condition, "add a branch with a test")
        condition.branch_ids = [Command.create({"branch_type": "event", "name": "Opened"})]
        self.assertProblem(condition, "choose the event of “Opened”")

    def test_weights(self):
        split = self.create_step("split")
        split.branch_ids.weight = 0
        self.assertProblem(split, "give at least one of its branches a weight")

    def test_event_that_cannot_happen(self):
        text = self.create_step("sms", name="Text")
        condition = self.look_at(text, text, "mail_open")
        self.assertProblem(condition, "cannot happen to “Text”: choose another event")
        wait = self.wait_for(text, text, "mail_open", wait_limit=True)
        condition.branch_ids[0].event = "sms_click"
        self.assertProblem(wait, "cannot happen to “Text”: choose another event")
        wait.wait_event = "sms_bounce"
        self.assertFalse(self.problems())

    def test_clicks_without_links(self):
        mail = self.create_step("email", name="Mail")
        condition = self.look_at(mail, mail, "mail_click")
        wait = self.wait_for(mail, mail, "mail_click")
        self.assertFalse(self.problems())
        mail.mass_mailing_id.body_html = "<p>Hello</p>"
        self.assertIn("put a link into the message of “Mail”", *self.problems(condition))
        self.assertProblem(wait, "or give “wait activity” a time limit")
        wait.wait_limit = True
        condition.branch_ids[0].event_negative = True
        self.assertFalse(self.problems())

    def test_step_that_does_not_come_before(self):
        first = self.create_step("action")
        condition = self.create_step("condition", first)
        late = self.create_step("email", condition, name="Late")
        test = {"branch_type": "event", "event_activity_id": late.id, "event": "mail_open"}
        condition.branch_ids[0].write(test)
        wait = self.wait_for(first, late)
        self.assertFalse(self.problems(wait), "It goes out beside it")
        self.assertProblem(condition, "“Late” does not come before it")
        below = self.create_step("email", wait, name="Below")
        wait.wait_activity_id = below
        self.assertIn("“Below” does not come before it", *self.problems(wait))
        wait.wait_limit = True
        self.assertFalse(self.problems(wait))
        wait.write({"wait_limit": False, "wait_activity_id": late.id})
        self.create_step("goto", below, goto_activity_id=first.id, delay="1 hours")
        self.create_step("goto", late, goto_activity_id=first.id, delay="1 hours")
        self.assertFalse(self.problems(), "A way leads back")

    def test_step_on_another_branch(self):
        split = self.create_step("split")
        a, b = split.branch_ids
        mail = self.create_step("email", branch=a, name="Mail of A")
        wait = self.create_step(
            "wait", branch=b, wait_type="event", wait_activity_id=mail.id, wait_event="mail_open"
        )
        self.assertProblem(wait, "“Mail of A” does not come before it")
        goto = self.create_step("goto", branch=b, goto_activity_id=mail.id)
        self.assertFalse(self.problems())
        goto.unlink()
        self.assertTrue(self.problems())
        self.create_step("goto", mail, goto_activity_id=wait.id)
        self.assertFalse(self.problems())

    def test_date_that_its_author_may_not_read(self):
        author = mail_new_test_user(
            self.env,
            login="author",
            groups="base.group_user,marketing_automation.group_marketing_automation_user",
        )
        field = self.env["ir.model.fields"]._get("res.partner", "create_date")
        wait = self.create_step("wait", wait_type="date", wait_date_field_id=field.id)
        wait.wait_date_user_id = author
        self.assertFalse(self.problems())
        date = self.env.registry["res.partner"]._fields["create_date"]
        self.patch(date, "groups", "base.group_system")
        self.assertProblem(wait, "choose another date")
        wait.wait_date_field_id = False
        self.assertProblem(wait, "choose the date that it waits for")


@tagged("post_install", "-at_install")
class TestProblemsOfWays(ProblemsCase):
    def test_nowhere_and_itself(self):
        step = self.create_step("action")
        goto = self.create_step("goto", step)
        self.assertProblem(goto, "choose the step to go on at")
        goto.goto_activity_id = goto
        self.assertProblem(goto, "it cannot go on at itself")

    def test_circle(self):
        first = self.create_step("action", name="First")
        mail = self.create_step("email", first, name="Mail")
        opened = self.create_step("action", mail, name="Opened", trigger="mail_open")
        wait = self.wait_for(opened, mail, "mail_click", name="Wait")
        goto = self.create_step(
            "goto",
            branch=self.branch(wait, "met"),
            goto_activity_id=first.id,
            max_visits=5,
            name="Again",
        )
        circle = "“First”, “Mail”, “Opened”, “Wait”, “Again”"
        self.assertProblem(goto, circle)
        for step in (first, mail, opened, goto):
            step.interval_number = 1
            self.assertFalse(self.problems())
            step.interval_number = 0
        self.assertTrue(self.problems())
        wait.wait_limit = True
        goto.branch_id = self.branch(wait, "timeout")
        self.assertFalse(self.problems(), "Until time is up, time passes")
        wait.wait_limit_number = 0
        self.assertTrue(self.problems())
        wait.write({"wait_type": "time", "time_of_day": 9})
        goto.branch_id = self.branch(wait, "met")
        self.assertFalse(self.problems())

    def test_circle_of_steps_that_go_on_elsewhere(self):
        first = self.create_step("goto", name="First")
        second = self.create_step("goto", name="Second", goto_activity_id=first.id)
        first.goto_activity_id = second
        self.assertProblem(first, "“Second”, “First”")

    def test_branch_that_is_gone(self):
        condition = self.create_condition()
        vip = self.branch(condition, "VIP")
        step = self.create_step("action", branch=vip, name="Special")
        below = self.create_step("action", step, name="Below")
        self.assertFalse(self.problems())
        vip.flush_recordset()
        self.env.cr.execute(
            "UPDATE marketing_activity_branch SET active = FALSE WHERE id = %s", vip.ids
        )
        self.env.cr.execute(
            "INSERT INTO marketing_activity_branch (activity_id, branch_type, active, domain)"
            " VALUES (%s, 'filter', TRUE, '[(''id'', ''='', 1)]')",
            [condition.id],
        )
        self.env.invalidate_all()
        self.assertProblem(step, "“Special” can never be reached: choose the branch of")
        self.assertTrue(self.problems(below))
        self.create_step("goto", goto_activity_id=step.id)
        self.assertFalse(self.problems())

    def test_time_is_up_without_a_limit(self):
        wait = self.create_step("wait", wait_type="filter", wait_domain="[('city', '=', 'X')]")
        late = self.create_step("action", branch=self.branch(wait, "timeout"), name="Late")
        self.assertProblem(late, "“Late” can never be reached: give “wait begin” a time limit")
        wait.wait_limit = True
        self.assertFalse(self.problems())
        wait.write({"wait_type": "time", "time_of_day": 9})
        self.assertProblem(late, "“Late” can never be reached")
        field = self.env["ir.model.fields"]._get("res.partner", "create_date")
        wait.write({"wait_type": "date", "wait_date_field_id": field.id, "wait_limit": False})
        self.assertFalse(self.problems(), "The date may be empty")


@tagged("post_install", "-at_install")
class TestProblemsOfWinners(ProblemsCase):
    def test_incomplete(self):
        split = self.create_step("split", split_winner="reply")
        a, b = split.branch_ids
        mail = self.create_step("email", branch=a)
        self.create_step("sms", branch=b)
        self.assertFalse(self.problems())
        split.split_winner_after_number = 0
        self.assertProblem(split, "give people time to react")
        split.split_winner_after_number = 1
        split.split_winner_min_runs = 0
        self.assertProblem(split, "how many runs")
        split.split_winner_min_runs = 10
        b.weight = 0
        self.assertProblem(split, "two branches with a weight")
        b.weight = 50
        mail.unlink()
        self.assertProblem(split, "replied")
        split.split_winner = "click"
        self.assertFalse(self.problems())
        split.write({"split_winner": "none", "split_winner_after_number": 0})
        self.assertFalse(self.problems())
