"""The form of steps that steer, and what the web client is told of them."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .test_steering import SteeringCase

FORM = "marketing_automation.marketing_activity_view_form"


@tagged("post_install", "-at_install")
class TestSteeringForm(SteeringCase):
    def form(self, activity_type, parent=None, trigger=None):
        """The dialog of a new step, as the canvas opens it."""
        context = {"default_campaign_id": self.campaign.id}
        if parent:
            context.update(default_parent_id=parent.id, default_trigger_type=trigger or "activity")
        form = Form(self.env["marketing.activity"].with_context(**context), FORM)
        form.activity_type = activity_type
        return form

    def test_a_condition_begins_with_a_test_and_otherwise(self):
        form = self.form("condition")
        self.assertEqual(form.name, "Condition", "Nobody has to think of a name")
        with form.branch_ids.edit(0) as branch:
            self.assertEqual(branch.branch_type, "filter")
            branch.name = "VIP"
            branch.domain = "[('function', '=', 'VIP')]"
        with form.branch_ids.new() as branch:
            branch.name = "Known"
            branch.domain = "[('city', '=', 'Known')]"
        condition = form.save()
        self.assertEqual(condition.branch_ids.mapped("branch_type"), ["filter"] * 2 + ["otherwise"])
        self.assertEqual(condition.branch_ids.mapped("name"), ["VIP", "Known", False])

    def test_branches_do_not_get_what_the_step_is_given(self):
        """The canvas names a new step: its branches are named by their tests."""
        activities = self.env["marketing.activity"].with_context(
            default_campaign_id=self.campaign.id,
            default_activity_type="condition",
            default_name="Condition",
        )
        spec = {
            "name": {},
            "activity_type": {},
            "branches": {},
            "branch_ids": {"fields": {"name": {}}},
        }
        value = activities.onchange({}, [], spec)["value"]
        self.assertEqual(value["name"], "Condition")
        self.assertEqual([branch["name"] for branch in value["branches"]], ["", ""])
        self.assertEqual([vals["name"] for _code, _id, vals in value["branch_ids"]], [False, False])

    def test_otherwise_is_last_wherever_it_is_dragged(self):
        condition = self.create_step("condition")
        otherwise = self.branch(condition, "otherwise")
        condition.branch_ids = [
            Command.create({"name": "Late", "sequence": otherwise.sequence + 7}),
        ]
        condition.invalidate_recordset()
        self.assertEqual(condition.branch_ids[-1], otherwise)
        self.assertEqual(condition.branches[-1]["type"], "otherwise")

    def test_an_event_of_the_message_before_is_proposed(self):
        mail = self.create_step("email")
        text = self.create_step("sms", mail)
        later = self.create_step("action", text)
        form = self.form("condition", later)
        self.assertEqual(sorted(form.eventful_ids), sorted((mail + text).ids))
        with form.branch_ids.edit(0) as branch:
            branch.branch_type = "event"
            self.assertEqual(branch.event_activity_id, text)
            self.assertEqual(branch.event, "sms_click")
            branch.event_activity_id = mail
            self.assertIn("mail_open", branch.event_keys)
            self.assertIn(branch.event, branch.event_keys, "Of a text message it was another")
            branch.event = "mail_reply"
            branch.event_negative = True
        condition = form.save()
        self.assertEqual(
            condition.branches[0]["description"],
            f"“{mail.name}” was not replied to",
            condition.branches,
        )

    def test_shares_follow_the_weights(self):
        form = self.form("split")
        self.assertEqual(form.name, "Split")
        with form.branch_ids.edit(1) as branch:
            branch.weight = 150
        split = form.save()
        self.assertEqual(split.branch_ids.mapped("name"), ["A", "B"])
        self.assertEqual(split.branch_ids.mapped("share"), [0.25, 0.75])
        split.branch_ids.name = False
        self.assertEqual(split.branch_ids.mapped("display_name"), ["50 of 200", "150 of 200"])
        split.branch_ids.weight = 0
        self.assertEqual(split.branch_ids.mapped("share"), [0, 0])

    def test_a_split_chooses_its_winner(self):
        form = self.form("split")
        form.split_winner = "click"
        form.split_winner_after_number = 3
        form.split_winner_min_runs = 200
        form.split_fallback = "best"
        split = form.save()
        self.assertEqual((split.split_winner, split.split_fallback), ("click", "best"))
        with Form(split, FORM) as form:
            form.winner_branch_id = split.branch_ids[1]
        self.assertEqual([way["is_winner"] for way in split.branches], [False, True])

    def test_time_of_day(self):
        """Of delays in days and more; a wait has its own."""
        form = self.form("email")
        form.interval_type = "days"
        form.time_of_day = 9
        self.assertEqual(form.due_hour, 9)
        form.interval_type = "minutes"
        self.assertEqual(form.due_hour, 0)
        with self.assertRaises(AssertionError):
            form.time_of_day = 10
        form = self.form("wait")
        form.interval_type = "days"
        form.wait_type = "time"
        form.time_of_day = 10
        self.assertEqual(form.due_hour, 0)

    def test_a_wait_is_for_the_message_before_and_not_for_ever(self):
        mail = self.create_step("email")
        form = self.form("wait", mail)
        self.assertEqual((form.wait_type, form.wait_activity_id), ("event", mail))
        self.assertEqual(form.wait_event, "mail_open")
        self.assertTrue(form.wait_limit)
        wait = form.save()
        self.assertEqual(wait.branch_ids.mapped("branch_type"), ["met", "timeout"])
        self.assertFalse(wait._get_step_type().get_problems(wait))

    def test_another_type_has_other_branches_and_another_name(self):
        form = self.form("condition")
        form.activity_type = "wait"
        self.assertEqual(form.name, "Wait")
        form.activity_type = "split"
        form.name = "Which subject"
        form.activity_type = "exit"
        self.assertEqual(form.name, "Which subject", "It was written")
        self.assertFalse(form.save().branch_ids)

    def test_the_first_branch_that_nothing_follows_is_proposed(self):
        split = self.create_step("split")
        a, b = split.branch_ids
        self.assertEqual(self.form("action", split, "branch").branch_id, a)
        self.create_step("exit", branch=a)
        form = self.form("exit", split, "branch")
        self.assertEqual(form.branch_id, b)
        form.branch_id = a
        step = form.save()
        self.assertEqual((step.trigger_type, step.branch_id), ("branch", a))
        with Form(step, FORM) as form:
            form.trigger_type = "activity"
            self.assertFalse(form.branch_id)
            form.trigger_type = "branch"
            self.assertEqual(form.branch_id, b, "The other one is followed already")
            form.branch_id = a
        b.is_holdout, b.name = True, "Nobody"
        form = self.form("action", split, "branch")
        self.assertEqual(form.branch_id, a, "Not the control group")

    def test_parents_are_what_can_be_followed(self):
        step = self.create_step("email")
        self.assertNotIn("goto", step.parent_types)
        self.assertNotIn("exit", step.parent_types)
        self.assertIn("wait", step.parent_types)
        self.assertIn("sms", step.parent_types)
        form = Form(step, FORM)
        form.trigger_type = "branch"
        self.assertEqual(form.parent_types, ["condition", "split", "wait"])
        form.trigger_type = "mail_open"
        self.assertEqual(form.parent_types, ["email"])

    def test_a_branch_with_followers_is_not_removed(self):
        split = self.create_step("split")
        follower = self.create_step("exit", branch=split.branch_ids[0], name="Follower")
        form = Form(split, FORM)
        form.branch_ids.remove(0)
        with self.assertRaisesRegex(ValidationError, "“A” of.*is followed by Follower"):
            form.save()
        follower.unlink()
        with Form(split, FORM) as form:
            form.branch_ids.remove(0)
        self.assertEqual(split.branch_ids.mapped("name"), ["B"])

    def test_rules_tell_what_can_be_followed(self):
        rules = self.env["marketing.activity"].get_workflow_rules()
        types = {kind["key"]: kind for kind in rules["types"]}
        self.assertEqual(
            {key for key, kind in types.items() if not kind["can_be_followed"]}, {"goto", "exit"}
        )
        self.assertEqual(list(types["wait"]["branch_types"]), ["met", "timeout"])
        self.assertEqual(types["split"]["kind"], "steering")

    def test_links_of_a_message_can_be_chosen_before_it_is_sent(self):
        mail = self.create_step("email")
        mailing = mail.mass_mailing_id
        mailing.body_html = '<p><a href="https://www.example.com/a">Catalog</a></p>'
        [[link_id, label]] = mail.get_links()
        self.assertEqual(label, "Catalog")
        self.assertEqual(mail.get_links(), [[link_id, label]])
        link = self.env["link.tracker"].browse(link_id)
        self.assertEqual(link.url, "https://www.example.com/a")
        self.start()
        self.hand_over(self.campaign)
        self.assertEqual(mail.get_links(), [[link_id, label]], "Sending has found it")
        self.assertFalse(self.create_step("exit").get_links())

    def test_counts_of_branches_leave_out_tests(self):
        split = self.create_step("split")
        a, b = split.branch_ids
        b.weight = 0
        self.campaign.action_launch_test()
        self.start()
        test = self.env["marketing.participant"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id, "is_test": True}
        )
        test.trace_ids.action_execute()
        self.assertEqual(test.trace_ids.branch_id, a)
        [step] = self.campaign.marketing_activity_ids._get_workflow_steps()
        self.assertEqual([branch["taken"] for branch in step["branches"]], [4, 0])

    def test_journey_shows_the_way_and_all_visits(self):
        mail = self.create_step("email")
        wait = self.create_step(
            "wait",
            mail,
            wait_activity_id=mail.id,
            wait_event="mail_click",
            wait_limit=True,
            wait_limit_number=2,
        )
        again = self.create_step(
            "goto", branch=self.branch(wait, "timeout"), goto_activity_id=mail.id, max_visits=2
        )
        self.start()
        participant = self.trace_of(mail, self.contacts[0]).participant_id
        with self.at("2025-03-03 09:00:00"):
            self.hand_over(self.campaign)
            self.run_jobs()
            traces = participant.get_journey()["traces"]
        waiting = traces[str(wait.id)]
        self.assertEqual(waiting["wait_since"], "2025-03-03 09:00:00")
        self.assertEqual(waiting["schedule_date"], "2025-03-05 09:00:00")
        self.assertIn(f"Until “{mail.name}” was clicked", waiting["awaited"])
        self.assertNotIn("visits", waiting)
        self.go_on(49)
        traces = participant.get_journey()["traces"]
        sent = traces[str(mail.id)]
        self.assertEqual([visit["visit"] for visit in sent["visits"]], [1, 2])
        self.assertEqual((sent["visit"], sent["came_from"]), (2, again.id))
        [waited, _waiting] = traces[str(wait.id)]["visits"]
        self.assertEqual(waited["branch"], self.branch(wait, "timeout").id)
        self.assertEqual(waited["branch_name"], "Time's up")
        [drawn] = [step for step in participant.get_journey()["steps"] if step["id"] == again.id]
        self.assertEqual(drawn["goto_activity_id"], mail.id)
        self.assertEqual(drawn["branch_id"], self.branch(wait, "timeout").id)

    def test_exited_participants_are_counted(self):
        self.create_step("exit")
        self.start()
        overview = self.campaign.get_overview()
        self.assertEqual((overview["participants"], overview["exited"]), (4, 4))
        self.assertEqual(self.campaign.exited_participant_count, 4)
        with self.assertRaises(UserError):
            self.campaign.participant_ids[0].with_user(
                self.env.ref("base.public_user")
            ).action_exit()
