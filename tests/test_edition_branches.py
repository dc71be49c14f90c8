"""Branches as the canvas saves them: by keys, and taken out until the save."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestEditionOfBranches(MarketingAutomationCase):
    """Branches that are added, changed and taken out with the rest of the workflow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.create_campaign(cls.create_contacts(3), name="Welcome")
        cls.fork = cls.create_activity(cls.campaign, "split", delay="0 hours", name="Fork")
        cls.first, cls.second = cls.fork.branch_ids
        cls.below = cls.create_activity(
            cls.campaign,
            "action",
            "branch",
            parent_id=cls.fork.id,
            branch_id=cls.second.id,
            name="Below",
        )
        cls.third = cls.first.copy({"name": "C", "sequence": 5})

    def save(self, branch_commands, *commands):
        """Write what the canvas sends, as the responsible."""
        ways = Command.update(self.fork.id, {"branch_ids": branch_commands})
        self.campaign.with_user(self.responsible).write(
            {"marketing_activity_ids": [ways, *commands]}
        )

    def take_out(self, branch):
        return Command.update(branch.id, {"is_taken_out": True})

    def test_with_what_hangs_below(self):
        """A branch goes after what follows it; one that was never saved never comes to be."""
        self.save(
            [
                self.take_out(self.second),
                Command.create({"key": "undone", "branch_type": "random", "is_taken_out": True}),
                Command.create({"key": "added", "branch_type": "random", "is_taken_out": False}),
            ],
            Command.update(self.below.id, {"is_taken_out": True}),
        )
        self.assertFalse(self.second.exists() or self.below.exists())
        self.assertEqual(self.fork.branch_ids[:2], self.first | self.third)
        self.assertEqual(self.fork.branch_ids[2:].mapped("key"), ["added"])

    def test_another_type(self):
        """The step changes its type in the same save in which what followed its branches goes."""
        ways = [self.take_out(branch) for branch in self.fork.branch_ids]
        values = {"activity_type": "action", "server_action_id": self.below.server_action_id.id}
        for state in ("draft", "running"):
            with self.subTest(state), self.env.cr.savepoint() as savepoint:
                if state == "running":
                    self.campaign.action_start_campaign()
                    self.campaign.sync_participants()
                    self.campaign.execute_activities()
                self.campaign.with_user(self.responsible).write(
                    {
                        "marketing_activity_ids": [
                            Command.update(self.fork.id, {**values, "branch_ids": ways}),
                            Command.update(self.below.id, {"is_taken_out": True}),
                        ]
                    }
                )
                self.assertEqual(self.fork.activity_type, "action")
                self.assertFalse(self.fork.branch_ids or self.below.exists())
                savepoint.rollback()

    def test_what_followed_has_moved(self):
        self.save(
            [self.take_out(self.second)],
            Command.update(
                self.below.id,
                {
                    "parent_key": str(self.fork.id),
                    "branch_key": self.third.key,
                    "trigger_type": "branch",
                },
            ),
        )
        self.assertFalse(self.second.exists())
        self.assertEqual(self.below.branch_id, self.third)

    def test_followed_branch_stays(self):
        with self.assertRaisesRegex(ValidationError, "followed by Below"), self.env.cr.savepoint():
            self.save([self.take_out(self.second)])
        self.assertTrue(self.second.exists())

    def test_put_back(self):
        """Who takes a branch out and puts it back has changed nothing but what else was typed."""
        self.save([Command.update(self.second.id, {"is_taken_out": False, "weight": 70})])
        self.assertEqual(self.fork.branch_ids, self.first | self.second | self.third)
        self.assertEqual((self.second.weight, self.below.branch_id), (70, self.second))

    def test_running_campaign(self):
        """What has happened stays, also the branch that was taken."""
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()
        taken = self.fork.trace_ids.branch_id
        ways = {branch: branch.taken_count for branch in taken}
        self.save(
            [self.take_out(branch) for branch in taken],
            Command.update(self.below.id, {"is_taken_out": True}),
        )
        self.assertFalse(self.fork.branch_ids & taken)
        self.assertEqual(set(taken.mapped("active")), {False})
        self.assertEqual(self.fork.trace_ids.branch_id, taken)
        self.assertEqual({branch: branch.taken_count for branch in taken}, ways)
        self.assertEqual(sum(ways.values()), 3)

    def test_branches_of_other_steps(self):
        """Nothing is taken out but of the workflow that is saved."""
        strange = self.create_activity(self.create_campaign(name="Other"), "split").branch_ids
        self.save([self.take_out(strange[0])])
        self.assertEqual(strange.exists(), strange)

    def test_form_of_a_step_alone(self):
        """A form of one step saves it as that of the campaign does."""
        self.fork.with_user(self.responsible).write(
            {
                "branch_ids": [
                    self.take_out(self.third),
                    Command.create(
                        {"key": "undone", "branch_type": "random", "is_taken_out": True}
                    ),
                ]
            }
        )
        self.assertEqual(self.fork.branch_ids, self.first | self.second)

    @mute_logger("odoo.sql_db")
    def test_keys(self):
        """Each has one of its own from the first moment; those of before are called by id."""
        keys = self.fork.branch_ids.mapped("key")
        self.assertEqual(len(set(keys)), 3)
        self.assertTrue(all(keys))
        for key in (self.first.key, "12", ""):
            with self.subTest(key), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.second.key = key
                self.second.flush_recordset()
        self.first.key = False
        self.second.key = False
        self.fork.branch_ids.flush_recordset()
        drawn = [branch["key"] for branch in self.fork.branches]
        self.assertEqual(drawn, [str(self.first.id), str(self.second.id), self.third.key])
        place = {"parent_key": str(self.fork.id), "branch_key": str(self.first.id)}
        self.save([], Command.update(self.below.id, place))
        self.assertEqual(self.below.branch_id, self.first)

    def onchange(self, values, names, spec):
        step = self.fork.with_user(self.responsible)
        self.env.invalidate_all()
        return step.onchange(values, names, spec)["value"]

    def test_form_without_what_is_taken_out(self):
        """All that the form says is as if it was gone: shares, and what is drawn."""
        commands = [
            self.take_out(self.third),
            Command.update(self.first.id, {"weight": 150}),
            (Command.CREATE, "virtual_1", {"branch_type": "random", "is_taken_out": True}),
        ]
        spec = {"branches": {}, "content": {}, "branch_ids": {"fields": {"is_taken_out": {}}}}
        value = self.onchange({"branch_ids": commands}, ["branch_ids"], spec)
        self.assertEqual([way["id"] for way in value["branches"]], (self.first | self.second).ids)
        self.assertEqual(value["content"], "150 / 50")
        step = {"id": self.fork.id, "branch_ids": commands}
        branch = self.first.with_user(self.responsible)
        value = branch.onchange({"activity_id": step, "weight": 150}, ["weight"], {"share": {}})
        self.assertEqual(value["value"], {"share": 0.75})

    def test_step_on_a_branch_that_is_not_saved(self):
        """The form leaves it where it was drawn, and shows its way; another one can be chosen."""
        ways = [(Command.CREATE, "virtual_1", {"key": "new", "name": "D", "branch_type": "random"})]
        lines = [(Command.UPDATE, self.fork.id, {"branch_ids": ways})]
        values = {
            "campaign_id": {"id": self.campaign.id, "marketing_activity_ids": lines},
            "name": "Next",
            "activity_type": "action",
            "trigger_type": "branch",
            "parent_id": self.fork.id,
            "parent_key": str(self.fork.id),
            "branch_id": False,
            "branch_key": "new",
        }
        names = (
            *("trigger_type", "parent_id", "branch_id"),
            *("branch_key", "branch_name", "parent_branches"),
        )
        spec = {name: {} for name in names}
        activities = self.env["marketing.activity"].with_user(self.responsible)
        self.env.invalidate_all()
        value = activities.onchange(values, [], spec)["value"]
        self.assertEqual((value["branch_id"], value["branch_key"]), (False, "new"))
        self.assertIn("new", [way["key"] for way in value["parent_branches"]])
        self.assertEqual(value["branch_name"], "D")
        emptied = {**values, "parent_id": False, "parent_key": False}
        value = activities.onchange(emptied, ["parent_id"], spec)["value"]
        self.assertFalse(value.get("branch_name"))
        chosen = {**values, "branch_id": self.first.id}
        value = activities.onchange(chosen, ["branch_id"], spec)["value"]
        self.assertEqual(value["branch_key"], False)

    def test_new_step_in_the_form(self):
        """Its branches have keys of their own, whatever the key of the step."""
        values = {"campaign_id": self.campaign.id, "activity_type": "split", "key": "mine"}
        context = {f"default_{name}": value for name, value in values.items()}
        spec = {
            "activity_type": {},
            "branches": {},
            "branch_ids": {"fields": {"key": {}, "name": {}, "branch_type": {}}},
        }
        activities = self.env["marketing.activity"].with_user(self.responsible)
        value = activities.with_context(**context).onchange({}, [], spec)["value"]
        keys = [way["key"] for way in value["branches"]]
        self.assertEqual(len({*keys, "mine"}), 3)
        self.assertEqual([command[2]["key"] for command in value["branch_ids"]], keys)

    def test_another_type_in_the_form(self):
        """What the form takes away, since the type knows no such branches, can be put back."""
        spec = {
            "branches": {},
            "branch_ids": {"fields": {"key": {}, "branch_type": {}, "is_taken_out": {}}},
        }
        value = self.onchange({"activity_type": "condition"}, ["activity_type"], spec)
        commands = value["branch_ids"]
        gone = [command[1] for command in commands if command[0] == Command.UPDATE]
        self.assertCountEqual(gone, self.fork.branch_ids.ids)
        self.assertTrue(all(command[2]["is_taken_out"] for command in commands[: len(gone)]))
        made = [command[2] for command in commands if command[0] == Command.CREATE]
        self.assertEqual([values["branch_type"] for values in made], ["filter", "otherwise"])
        self.assertEqual([way["key"] for way in value["branches"]], [v["key"] for v in made])
