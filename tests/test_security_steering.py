"""Steps that steer, and their branches: nobody changes those of others, or learns from them what
they may not see."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_security_acceptance import AcceptanceCase
from .test_security_back_doors import BackDoorsCase

QUIET = ("odoo.addons.base.models.ir_rule", "odoo.orm.models", "odoo.models")
REFUSED = (AccessError, ValidationError)


def field_of(env, name, model="res.partner"):
    return env["ir.model.fields"]._get(model, name)


class SteeringDoorsCase(BackDoorsCase):
    """The boss's campaign has steps of all types, and so has the attacker's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.their_steps = cls.create_steps(cls.theirs, cls.their_mail)
        cls.own_mail = cls.create_activity(cls.own, delay="0 hours")
        cls.own_steps = cls.create_steps(cls.own, cls.own_mail)
        cls.theirs.action_update_participants()
        cls.theirs.execute_activities()

    @classmethod
    def create_steps(cls, campaign, mail):
        steps = {
            kind: cls.create_activity(campaign, kind, delay="0 hours", parent_id=mail.id)
            for kind in ("split", "goto")
        }
        steps["condition"] = cls.create_activity(
            campaign,
            "condition",
            delay="0 hours",
            branch_ids=[Command.create({"name": "Test", "domain": "[('name', '=', 'Y')]"})],
        )
        steps["wait"] = cls.create_activity(
            campaign,
            "wait",
            delay="0 hours",
            wait_type="filter",
            wait_domain="[('name', '=', 'Y')]",
        )
        steps["goto"].write({"goto_activity_id": mail.id, "interval_number": 1})
        return steps

    def branch(self, steps, kind="condition"):
        return steps[kind].branch_ids[0]


@tagged("post_install", "-at_install")
class TestBranchesOfOthers(SteeringDoorsCase):
    def state(self):
        """All that is known of the boss's branches and steps."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT * FROM marketing_activity_branch WHERE activity_id = ANY(%s) ORDER BY id",
            [self.theirs.marketing_activity_ids.ids],
        )
        branches = self.env.cr.fetchall()
        self.env.cr.execute(
            "SELECT * FROM marketing_activity WHERE campaign_id = %s ORDER BY id", [self.theirs.id]
        )
        return branches, self.env.cr.fetchall()

    def test_01_writing_them(self):
        before = self.state()
        branch = self.branch(self.their_steps)
        split = self.branch(self.their_steps, "split")
        for values in (
            {"name": "Mine"},
            {"domain": "[('id', '>', 0)]"},
            {"sequence": 99},
            {"active": False},
            {"branch_type": "event"},
            {"event_activity_id": self.their_mail.id},
            {"activity_id": self.own_steps["condition"].id},
        ):
            self.assertRefused(branch, "write", values, error=REFUSED)
            self.assertRefused(branch, "web_save", values, {}, error=REFUSED)
        for values in ({"weight": 0}, {"is_holdout": True}):
            self.assertRefused(split, "write", values)
        for method in ("unlink", "action_archive", "copy"):
            self.assertRefused(branch, method)
        for values in (
            {"activity_id": self.their_steps["condition"].id, "name": "Mine"},
            {"activity_id": self.their_steps["split"].id, "branch_type": "random"},
        ):
            self.assertRefused(branch.browse(), "create", [values])
            self.assertRefused(
                branch.browse(),
                "create",
                [{}],
                context={f"default_{name}": value for name, value in values.items()},
            )
        self.assertEqual(self.state(), before)

    def test_02_through_own_steps(self):
        """Commands on the lists of one's own records."""
        before = self.state()
        branch, step = self.branch(self.their_steps), self.their_steps["condition"]
        for command in (
            Command.update(branch.id, {"domain": "[('id', '>', 0)]"}),
            Command.delete(branch.id),
            Command.unlink(branch.id),
            Command.link(branch.id),
            Command.set(branch.ids),
        ):
            values = {"branch_ids": [command]}
            self.assertRefused(self.own_steps["condition"], "write", values, error=REFUSED)
            lines = [Command.update(self.own_steps["condition"].id, values)]
            self.assertRefused(self.own, "write", {"marketing_activity_ids": lines}, error=REFUSED)
            new = {"name": "New", "campaign_id": self.own.id, "activity_type": "condition"}
            self.assertRefused(step.browse(), "create", [{**new, **values}], error=REFUSED)
        for command in (Command.update(step.id, {"name": "Mine"}), Command.link(step.id)):
            self.assertRefused(self.own_mail, "write", {"child_ids": [command]}, error=REFUSED)
        self.assertEqual(self.state(), before)

    def test_03_changing_their_steps(self):
        before = self.state()
        for kind, values in (
            ("wait", {"wait_domain": "[('id', '>', 0)]"}),
            ("wait", {"wait_type": "time"}),
            ("wait", {"wait_limit": True}),
            ("wait", {"wait_date_field_id": field_of(self.env, "create_date").id}),
            ("goto", {"goto_activity_id": self.their_action.id}),
            ("goto", {"max_visits": 1000}),
            ("split", {"winner_branch_id": self.their_steps["split"].branch_ids[0].id}),
        ):
            self.assertRefused(self.their_steps[kind], "write", values)
        self.assertEqual(self.state(), before)

    def test_04_steering_their_runs(self):
        participant = self.their_trace.participant_id
        waiting = self.trace_of(self.their_steps["wait"], self.contact)
        self.assertTrue(waiting.wait_since)
        self.assertRefused(participant, "action_exit")
        self.assertRefused(waiting, "action_execute")
        self.assertRefused(waiting, "action_cancel")
        self.assertRefused(self.theirs, "poll_campaigns")
        self.assertEqual((participant.state, waiting.state), ("running", "scheduled"))

    def test_05_links_between_campaigns(self):
        own, theirs = self.own_steps, self.their_mail
        self.assertRefused(
            own["goto"], "write", {"goto_activity_id": theirs.id}, error=ValidationError
        )
        self.assertRefused(
            own["wait"], "write", {"wait_activity_id": theirs.id}, error=ValidationError
        )
        self.assertRefused(
            self.branch(own),
            "write",
            {"branch_type": "event", "event": "mail_open", "event_activity_id": theirs.id},
            error=ValidationError,
        )
        for branch in self.branch(self.their_steps, "split"), self.branch(own):
            self.assertRefused(
                own["split"], "write", {"winner_branch_id": branch.id}, error=ValidationError
            )
        values = {
            "name": "On theirs",
            "campaign_id": self.own.id,
            "activity_type": "action",
            "trigger_type": "branch",
            "parent_id": own["condition"].id,
            "branch_id": self.branch(self.their_steps).id,
        }
        self.assertRefused(self.own_mail.browse(), "create", [values], error=ValidationError)

    def test_06_links_that_a_move_makes(self):
        """What is linked with a step does not stay in another campaign than it."""
        second = self.create_campaign(self.contact, name="Second", user_id=self.attacker.id)
        target = self.create_activity(self.own, delay="0 hours")
        for step, values in (
            (self.own_steps["goto"], {"goto_activity_id": target.id}),
            (self.own_steps["wait"], {"wait_activity_id": target.id}),
            (
                self.branch(self.own_steps),
                {"branch_type": "event", "event": "mail_open", "event_activity_id": target.id},
            ),
        ):
            with self.env.cr.savepoint() as savepoint:
                step.write(values)
                move = {"campaign_id": second.id}
                self.assertRefused(target, "write", move, error=ValidationError)
                if step._name == "marketing.activity":
                    self.assertRefused(step, "write", move, error=ValidationError)
                else:
                    self.assertRefused(step.activity_id, "write", move, error=ValidationError)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_07_traces_are_written_by_the_system(self):
        trace = self.trace_of(self.own_steps["condition"], self.contact)
        trace = trace or self.their_trace
        branch = self.branch(self.own_steps)
        for values in (
            {"branch_id": branch.id},
            {"visit": 2},
            {"wait_since": "2025-01-01 00:00:00"},
            {"is_jump": True},
            {"schedule_date": False},
        ):
            self.assertRefused(trace, "write", values)
            self.assertRefused(
                trace.browse(),
                "create",
                [
                    {
                        "participant_id": trace.participant_id.id,
                        "activity_id": self.own_mail.id,
                        **values,
                    }
                ],
            )
            for records, name in (
                (self.own_mail, "trace_ids"),
                (self.own, "participant_ids"),
            ):
                command = Command.update(trace.id, values)
                if name == "participant_ids":
                    nested = {"trace_ids": [command]}
                    command = Command.update(trace.participant_id.id, nested)
                self.assertRefused(records, "write", {name: [command]})
        for values in ({"exit_reason": "step"}, {"state": "exited"}, {"exit_date": False}):
            self.assertRefused(trace.participant_id, "write", values)


@tagged("post_install", "-at_install")
class TestAuthors(SteeringDoorsCase):
    """Who wrote a test is noted by the system, whatever a client says."""

    NAMES = ("filter_user_id", "wait_filter_user_id", "wait_date_user_id")

    def test_11_written(self):
        branch = self.branch(self.own_steps)
        values = {"filter_user_id": self.boss.id}
        self.assertRefused(branch, "write", values)
        commands = {"branch_ids": [Command.update(branch.id, values)]}
        self.assertRefused(branch.activity_id, "write", commands)
        lines = {"marketing_activity_ids": [Command.update(branch.activity_id.id, commands)]}
        self.assertRefused(self.own, "write", lines)
        for name in self.NAMES:
            self.assertRefused(self.own_steps["wait"], "write", {name: self.boss.id})

    def test_12_created(self):
        forged = dict.fromkeys(self.NAMES, self.boss.id)
        step = {
            "name": "New",
            "campaign_id": self.own.id,
            "activity_type": "condition",
            "branch_ids": [Command.create({"name": "New", "filter_user_id": self.boss.id})],
            **forged,
        }
        context = {f"default_{name}": self.boss.id for name in self.NAMES}
        activities = self.env["marketing.activity"]
        for number in (
            self.rpc(activities, "create", step),
            self.rpc(activities, "create", step, context=context),
            self.rpc(activities.browse(self.own_steps["condition"].id), "copy", forged)[0],
        ):
            activity = activities.browse(number)
            self.assertAttackers(activity)
        branch = self.branch(self.own_steps, "split")
        [copied] = self.rpc(branch, "copy", {"filter_user_id": self.boss.id})
        self.assertEqual(branch.browse(copied).filter_user_id, self.attacker)

    def test_13_copy_of_the_campaign_of_somebody_else(self):
        [copied] = self.rpc(self.theirs, "copy")
        copy = self.theirs.browse(copied)
        self.assertEqual(copy.user_id, self.attacker)
        for activity in copy.marketing_activity_ids:
            self.assertAttackers(activity)

    def test_14_each_question_has_its_author(self):
        """Who chooses a date does not make the filter beside it theirs."""
        wait = self.own_steps["wait"]
        self.rpc(wait, "write", {"wait_domain": "[('name', '=', 'Z')]"})
        values = {"wait_date_field_id": field_of(self.env, "create_date").id}
        self.rpc(wait, "write", values, user=self.boss)
        self.assertEqual(wait.wait_filter_user_id, self.attacker)
        self.assertEqual(wait.wait_date_user_id, self.boss)

    def assertAttackers(self, activity):
        for name in self.NAMES:
            self.assertEqual(activity[name], self.attacker)
        for branch in activity.branch_ids:
            self.assertEqual(branch.filter_user_id, self.attacker)


@tagged("post_install", "-at_install")
class TestQuestionsOfSteps(SteeringDoorsCase):
    """What a step asks of a record is what its author could ask in a list view."""

    def hide(self, name="comment"):
        self.patch(self.env["res.partner"]._fields[name], "groups", "base.group_system")

    def test_21_field_that_only_others_may_read(self):
        self.hide()
        secret = "[('comment', 'ilike', 'Secret')]"
        branch, wait = self.branch(self.own_steps), self.own_steps["wait"]
        self.assertRefused(
            branch, "write", {"domain": secret}, error=ValidationError, regex="may not be read"
        )
        self.assertRefused(
            wait, "write", {"wait_domain": secret}, error=ValidationError, regex="may not be read"
        )
        lines = {"branch_ids": [Command.create({"domain": secret})]}
        self.assertRefused(branch.activity_id, "write", lines, error=ValidationError)

    def test_22_date_that_only_others_may_read(self):
        self.hide("create_date")
        values = {"wait_type": "date", "wait_date_field_id": field_of(self.env, "create_date").id}
        self.assertRefused(
            self.own_steps["wait"],
            "write",
            values,
            error=ValidationError,
            regex="may not be read",
        )

    def test_23_fields_that_are_no_dates_of_the_target(self):
        for field in (
            field_of(self.env, "name"),
            field_of(self.env, "color"),
            field_of(self.env, "active"),
            field_of(self.env, "parent_id"),
            field_of(self.env, "create_date", "crm.lead"),
            field_of(self.env, "activity_date_deadline"),
        ):
            self.assertRefused(
                self.own_steps["wait"],
                "write",
                {"wait_date_field_id": field.id},
                error=ValidationError,
                regex="date of the target",
            )

    def test_24_what_was_written_before_the_field_was_hidden(self):
        """It keeps the campaign from its start, and tells nothing once it runs."""
        wait, branch = self.own_steps["wait"], self.branch(self.own_steps)
        for values in (
            {"wait_domain": "[('comment', 'ilike', 'Secret')]"},
            {"wait_type": "date", "wait_date_field_id": field_of(self.env, "create_date").id},
        ):
            wait.with_user(self.boss).write(values)
            self.hide(wait.wait_date_field_id.sudo().name or "comment")
            self.assertCannotStart(self.own, "may not be read")
        wait.wait_type = "time"
        branch.with_user(self.boss).domain = "[('comment', 'ilike', 'Secret')]"
        self.assertCannotStart(self.own, "may not be read")
        self.contact.comment = "Secret"
        self.env.cr.execute(
            "UPDATE marketing_campaign SET state = 'running' WHERE id = %s", [self.own.id]
        )
        self.env.invalidate_all()
        with mute_logger(*QUIET, "odoo.addons.marketing_automation.models.engine.run"):
            self.run_jobs()
        self.assertFalse(branch.activity_id.trace_ids.branch_id)


@tagged("post_install", "-at_install")
class TestEyesOfSteps(AcceptanceCase):
    """The colleague is responsible; what the author asks is answered from what both may see."""

    DOMAIN = str([("channel_ids.message_ids.body", "like", "merger")])

    def add(self, kind, **vals):
        [number] = self.call(
            self.author,
            self.env["marketing.activity"],
            "create",
            [
                {
                    "name": kind,
                    "campaign_id": self.campaign.id,
                    "activity_type": kind,
                    "interval_number": 0,
                    **vals,
                }
            ],
        )
        return self.env["marketing.activity"].browse(number)

    def start_as_colleagues(self):
        self.name_colleague()
        self.accept()
        self.call(self.author, self.campaign, "action_start_campaign")

    def way(self, step):
        self.run_cron("ir_cron_poll")
        self.run_jobs()
        self.env.invalidate_all()
        return step.trace_ids.branch_id.branch_type

    def test_31_condition(self):
        for domain in self.DOMAIN, "['!', " + self.DOMAIN[1:]:
            with self.subTest(domain), self.env.cr.savepoint() as savepoint:
                branch = Command.create({"domain": domain})
                step = self.add("condition", branch_ids=[branch])
                self.talk(self.colleague, "merger")
                self.start_as_colleagues()
                self.assertEqual(self.way(step), "otherwise" if "!" not in domain else "filter")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_32_wait(self):
        """Neither at once, nor when the conversation comes up later."""
        step = self.add("wait", wait_type="filter", wait_domain=self.DOMAIN)
        self.start_as_colleagues()
        self.assertFalse(self.way(step))
        self.talk(self.colleague, "merger")
        self.assertFalse(self.way(step))
        self.talk(self.author, "merger")
        self.assertEqual(self.way(step), "met")

    def test_33_date_of_a_record_that_the_author_may_not_see(self):
        """The audience is the responsible's."""
        step = self.add(
            "wait",
            wait_type="date",
            wait_date_field_id=field_of(self.env, "create_date").id,
        )
        self.start_as_colleagues()
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"user.id != {self.author.id} and [(1, '=', 1)]"
                f" or [('id', '!=', {self.contact.id})]",
            }
        )
        self.campaign.filter_user_id = self.campaign.marketing_activity_ids.filter_user_id = False
        self.assertEqual(self.way(step), "timeout", "As if there were none")

    def test_34_any_change_of_a_branch_asks_again(self):
        step = self.add("condition", branch_ids=[Command.create({"domain": "[('id', '>', 1)]"})])
        branch = step.branch_ids[0]
        for method, *args in (
            ("write", {"domain": "[('id', '>', 2)]"}),
            ("write", {"sequence": 3}),
            ("copy",),
            ("unlink",),
        ):
            self.name_colleague()
            self.accept()
            self.assertTrue(self.campaign.acceptance_date)
            self.call(self.author, branch, method, *args)
            self.assertFalse(self.campaign.acceptance_date, method)
            self.assertEqual(self.campaign.editor_id, self.author)


@tagged("post_install", "-at_install")
class TestWhole(SteeringDoorsCase):
    """A step always has the ways out that it needs, whatever clients do to them."""

    def ways(self, step):
        return sorted(step.branch_ids.mapped("branch_type"))

    def test_41_branches_that_stay(self):
        for kind in ("condition", "wait"):
            step = self.own_steps[kind]
            before = self.ways(step)
            for name in ("otherwise", "met", "timeout"):
                for method, *args in (("unlink",), ("action_archive",), ("write", {"active": 0})):
                    branch = step.branch_ids.filtered(lambda b, name=name: b.branch_type == name)
                    if branch:
                        self.rpc(branch, method, *args)
                        self.env.invalidate_all()
                        self.assertEqual(self.ways(step), before, (name, method))

    def test_42_second_one_of_a_kind(self):
        condition = self.own_steps["condition"]
        before = self.ways(condition)
        values = {"activity_id": condition.id, "branch_type": "otherwise"}
        self.rpc(condition.branch_ids.browse(), "create", [values])
        self.assertEqual(self.ways(condition), before)
        last = condition.branch_ids[-1]
        self.assertEqual(last.branch_type, "otherwise")
        self.rpc(last, "write", {"branch_type": "filter"})
        self.assertEqual(self.ways(condition), ["filter", "filter", "otherwise"])

    def test_43_with_followers(self):
        condition = self.own_steps["condition"]
        for branch in condition.branch_ids:
            self.create_activity(
                self.own,
                "action",
                "branch",
                "0 hours",
                parent_id=condition.id,
                branch_id=branch.id,
            )
            for method, *args in (
                ("unlink",),
                ("action_archive",),
                ("write", {"activity_id": self.own_steps["split"].id}),
            ):
                self.assertRefused(branch, method, *args, error=UserError)

    def test_44_type_that_is_changed_back_and_forth(self):
        condition = self.own_steps["condition"]
        for kind in ("split", "wait", "condition"):
            self.rpc(condition, "write", {"activity_type": kind})
            allowed = condition._get_step_type().branch_types
            self.assertTrue(condition.branch_ids)
            self.assertLessEqual(set(self.ways(condition)), set(allowed))
