"""The workflow as the canvas saves it: all changes at once, steps named by keys."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import MarketingAutomationCase


@tagged("post_install", "-at_install")
class TestEdition(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.create_campaign(cls.create_contacts(3), name="Welcome")
        cls.first = cls.create_activity(cls.campaign, name="First")
        cls.second = cls.create_activity(
            cls.campaign, "sms", "mail_not_open", "3 days", parent_id=cls.first.id, name="Second"
        )

    def save(self, *commands, campaign=None):
        """Write lines of the form as the responsible."""
        campaign = campaign or self.campaign
        campaign.with_user(self.responsible).write({"marketing_activity_ids": list(commands)})

    def line(self, key, activity_type="action", trigger="activity", **vals):
        """Values of a step that is not saved."""
        return {
            "key": key,
            "name": key.capitalize(),
            "activity_type": activity_type,
            "trigger_type": trigger,
            **vals,
        }

    def way(self, key, **vals):
        """The command for a branch that is not saved."""
        return Command.create({"key": key, "name": key, "branch_type": "random", **vals})

    def step(self, key, campaign=None):
        steps = (campaign or self.campaign).marketing_activity_ids
        return steps.filtered(lambda step: step.key == key)

    def test_whole_workflow_at_once(self):
        """A new campaign, and all its steps, are saved together; none was saved before."""
        campaign = (
            self.env["marketing.campaign"]
            .with_user(self.responsible)
            .create(
                {
                    "name": "New",
                    "marketing_activity_ids": [
                        Command.create(
                            self.line(
                                "offer", "email", "branch", parent_key="fork", branch_key="late"
                            )
                        ),
                        Command.create(
                            self.line("back", "goto", parent_key="offer", goto_key="hello")
                        ),
                        Command.create(
                            self.line(
                                "fork",
                                "split",
                                "mail_open",
                                parent_key="hello",
                                branch_ids=[self.way("early"), self.way("late")],
                            )
                        ),
                        Command.create(self.line("hello", "email", "begin")),
                    ],
                }
            )
        )
        hello, fork, offer, back = (
            self.step(key, campaign) for key in ("hello", "fork", "offer", "back")
        )
        self.assertEqual(len(campaign.marketing_activity_ids), 4)
        self.assertEqual((fork.parent_id, fork.trigger_type), (hello, "mail_open"))
        self.assertEqual((offer.parent_id, offer.branch_id), (fork, fork.branch_ids[1]))
        self.assertEqual(fork.branch_ids.mapped("key"), ["early", "late"])
        self.assertEqual((back.parent_id, back.goto_activity_id), (offer, hello))
        self.assertFalse(hello.parent_id)

    def test_insert_on_a_line(self):
        self.save(
            Command.create(
                self.line("between", "action", "mail_not_open", parent_id=self.first.id)
            ),
            Command.update(self.second.id, {"trigger_type": "activity", "parent_key": "between"}),
        )
        between = self.step("between")
        self.assertEqual((between.parent_id, between.trigger_type), (self.first, "mail_not_open"))
        self.assertEqual((self.second.parent_id, self.second.trigger_type), (between, "activity"))

    def test_saved_steps_change_places(self):
        """Each would come after the other, if one was moved after the other."""
        third = self.create_activity(
            self.campaign, "action", parent_id=self.second.id, name="Third"
        )
        self.save(
            Command.update(
                self.second.id, {"parent_key": str(third.id), "trigger_type": "activity"}
            ),
            Command.update(third.id, {"parent_key": str(self.first.id)}),
        )
        self.assertEqual(third.parent_id, self.first)
        self.assertEqual(self.second.parent_id, third)

    def test_the_step_before_changes_too(self):
        """A step and what it comes after are changed together: neither alone could be."""
        self.save(
            Command.update(self.first.id, {"activity_type": "action", "mass_mailing_id": False}),
            Command.update(
                self.second.id, {"parent_key": str(self.first.id), "trigger_type": "activity"}
            ),
        )
        self.assertEqual(self.first.activity_type, "action")
        self.assertEqual(self.second.parent_id, self.first)
        self.assertEqual(self.second.trigger_type, "activity")

    def test_keys_that_nobody_has(self):
        """The error names the campaign and the step; nothing is saved."""
        lines = {
            "nowhere": self.line("lost", parent_key="nowhere"),
            "elsewhere": self.line("lost", "goto", "begin", goto_key="elsewhere"),
            "new7": self.line("lost", trigger="branch", parent_key="fork", branch_key="new7"),
            "newer": self.line("lost", trigger="branch", parent_key="fork", branch_key="newer"),
        }
        for key, values in lines.items():
            with (
                self.subTest(key),
                self.assertRaises(ValidationError) as caught,
                self.env.cr.savepoint(),
            ):
                self.save(
                    Command.create(self.line("fork", "split", "begin")), Command.create(values)
                )
            message = str(caught.exception)
            for part in ("“Lost”", "“Welcome”", f"“{key}”"):
                self.assertIn(part, message)
        self.assertFalse(self.step("lost") | self.step("fork"))

    def test_steps_of_other_campaigns(self):
        other = self.create_campaign(name="Other")
        strange = self.create_activity(other, name="Strange")
        for command in (
            Command.update(strange.id, {"parent_key": str(self.first.id)}),
            Command.update(self.second.id, {"parent_key": str(strange.id)}),
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.save(command)

    def test_checks_come_when_all_have_their_places(self):
        """A circle, and a trigger that the step before does not have, are refused as ever."""
        with self.assertRaisesRegex(ValidationError, "in a circle"), self.env.cr.savepoint():
            self.save(
                Command.create(self.line("one", parent_key="two")),
                Command.create(self.line("two", parent_key="one")),
            )
        with self.assertRaisesRegex(ValidationError, "cannot happen"), self.env.cr.savepoint():
            self.save(
                Command.create(self.line("one", "sms", "begin")),
                Command.create(self.line("two", trigger="mail_open", parent_key="one")),
            )

    def test_take_out(self):
        """What is taken out goes last: what came after it has moved away. New ones never were."""
        third = self.create_activity(
            self.campaign, "action", parent_id=self.second.id, name="Third"
        )
        fourth = self.create_activity(
            self.campaign, "action", parent_id=self.second.id, name="Fourth"
        )
        self.save(
            Command.update(self.second.id, {"is_taken_out": True}),
            Command.create(self.line("undone", parent_id=self.second.id, is_taken_out=True)),
            Command.update(third.id, {"parent_key": str(self.first.id)}),
        )
        self.assertEqual(self.campaign.marketing_activity_ids, self.first | third)
        self.assertFalse(fourth.exists() | self.second.exists())

    def test_taken_out_of_a_running_campaign(self):
        """What has happened in it stays, as if it was deleted."""
        action = self.create_activity(self.campaign, "action", delay="0 hours", name="Action")
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()
        self.save(Command.update(action.id, {"is_taken_out": True}))
        self.assertEqual(self.campaign.marketing_activity_ids, self.first | self.second)
        self.assertEqual((action.active, len(action.trace_ids)), (False, 3))

    def test_moves_ask_for_an_update(self):
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.marketing_activity_ids.require_sync = False
        self.save(
            Command.create(self.line("between", parent_id=self.first.id)),
            Command.update(self.second.id, {"parent_key": "between", "trigger_type": "activity"}),
        )
        self.assertTrue(self.second.require_sync)
        self.assertTrue(self.step("between").require_sync)

    @mute_logger("odoo.sql_db")
    def test_keys(self):
        """Unique in a campaign, no number, not copied."""
        self.save(Command.create(self.line("mine", "email", "begin")))
        for key in ("mine", "12", ""):
            with self.subTest(key), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.env["marketing.activity"].create(
                    {**self.line(key, trigger="begin"), "campaign_id": self.campaign.id}
                ).flush_recordset()
        copy = self.campaign.copy()
        self.assertEqual(len(copy.marketing_activity_ids), 3)
        self.assertFalse(any(copy.marketing_activity_ids.mapped("key")))

    def test_clients_that_know_no_keys(self):
        """Programs go on naming ids, one after the other; a key of their own is theirs to leave."""
        self.save(
            Command.create(
                {
                    "name": "Third",
                    "activity_type": "exit",
                    "trigger_type": "activity",
                    "parent_id": self.second.id,
                }
            ),
            Command.create({"name": "Begin", "activity_type": "exit", "parent_id": False}),
            Command.create(
                {"name": "Last", "activity_type": "exit", "parent_key": str(self.first.id)}
            ),
        )
        third, begin, last = self.campaign.marketing_activity_ids.sorted("id")[2:]
        self.assertEqual((third.parent_id, third.key), (self.second, False))
        self.assertEqual((begin.parent_id, begin.trigger_type), (third.browse(), "begin"))
        self.assertEqual((last.parent_id, last.trigger_type), (self.first, "activity"))

    def test_form_of_a_step_after_an_unsaved_one(self):
        """What can follow is known before anything is saved."""
        spec = {name: {} for name in ("parent_key", "branch_key", "parent_events")}
        fork = self.line("fork", "split", "begin")
        lines = [
            [0, "virtual_1", self.line("hello", "email", "begin")],
            [0, "virtual_2", fork],
        ]
        activities = self.env["marketing.activity"].with_user(self.responsible)
        spec["parent_branches"] = {}

        def get_form(**place):
            values = self.line("next", "action", **place)
            campaign = {"id": self.campaign.id, "marketing_activity_ids": lines}
            return activities.onchange({"campaign_id": campaign, **values}, ["parent_key"], spec)[
                "value"
            ]

        self.assertIn("mail_open", get_form(parent_key="hello")["parent_events"])
        self.assertFalse(get_form(parent_key="nobody").get("parent_events"))

    def test_what_is_proposed_to_a_step_after_an_unsaved_one(self):
        """A wait takes the message before, which is called by its name."""
        fork = self.line("fork", "split", "activity", parent_key=str(self.first.id))
        campaign = {
            "id": self.campaign.id,
            "marketing_activity_ids": [[0, "virtual_1", {**fork, "parent_id": self.first.id}]],
        }
        values = self.line("next", "wait", "branch", parent_key="fork", branch_key="new0")
        spec = {"wait_activity_id": {"fields": {"display_name": {}}}}
        activities = self.env["marketing.activity"].with_user(self.responsible)
        self.env.invalidate_all()
        answer = activities.onchange({"campaign_id": campaign, **values}, ["activity_type"], spec)
        first = {"id": self.first.id, "display_name": self.first.name}
        self.assertEqual(answer["value"]["wait_activity_id"], first)

    def test_another_place_is_chosen_in_the_form(self):
        """A place that is named by key gives way to one that is picked."""
        spec = {name: {} for name in ("parent_id", "parent_key", "branch_key")}
        activities = self.env["marketing.activity"].with_user(self.responsible)
        values = self.line("next", parent_key="hello", branch_key="new0", parent_id=False)
        values["campaign_id"] = self.campaign.id

        def pick(**picked):
            return activities.onchange({**values, **picked}, list(picked), spec)["value"]

        self.assertEqual(pick(parent_id=self.first.id), {"parent_key": False, "branch_key": False})
        self.assertEqual(pick(trigger_type="begin"), {"parent_key": False, "branch_key": False})
        own_key = {"parent_id": self.first.id, "parent_key": str(self.first.id)}
        self.assertNotIn("parent_key", pick(**own_key))


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
        names = ("trigger_type", "parent_id", "branch_id", "branch_key", "parent_branches")
        spec = {name: {} for name in names}
        activities = self.env["marketing.activity"].with_user(self.responsible)
        self.env.invalidate_all()
        value = activities.onchange(values, [], spec)["value"]
        self.assertEqual((value["branch_id"], value["branch_key"]), (False, "new"))
        self.assertIn("new", [way["key"] for way in value["parent_branches"]])
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


@tagged("post_install", "-at_install")
class TestCopies(MarketingAutomationCase):
    """Steps are pasted in a campaign that need not be saved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.create_campaign(name="Welcome")
        cls.hello = cls.create_activity(cls.campaign, name="Hello")
        cls.fork = cls.create_activity(
            cls.campaign, "condition", parent_id=cls.hello.id, name="Read it?"
        )
        cls.way = cls.fork.branch_ids[0]
        cls.way.write(
            {"branch_type": "event", "event_activity_id": cls.hello.id, "event": "mail_open"}
        )
        cls.back = cls.create_activity(
            cls.campaign,
            "goto",
            "branch",
            "2 days",
            parent_id=cls.fork.id,
            branch_id=cls.way.id,
            goto_activity_id=cls.hello.id,
            max_visits=3,
            name="Back",
        )

    def get_copies(self, steps, campaign, model=None):
        model = model or campaign.model_id
        return steps.with_user(self.responsible).get_copies(model.id, campaign.id)

    def paste(self, copies, campaign, paste="paste"):
        """Save the copies as the canvas does."""
        lines = [
            {
                **copy["values"],
                "key": f"{paste}-{copy['id']}",
                "name": copy["name"],
                "trigger_type": copy["trigger_type"] if copy["parent_id"] else "begin",
                "parent_key": copy["parent_id"] and f"{paste}-{copy['parent_id']}",
                "branch_key": copy["branch"],
                "copied_from": f"{paste}/{copy['id']}",
            }
            for copy in copies["steps"]
        ]
        campaign.with_user(self.responsible).write(
            {"marketing_activity_ids": [Command.create(line) for line in lines]}
        )
        pasted = campaign.marketing_activity_ids.filtered(
            lambda step: (step.key or "").startswith(f"{paste}-")
        )
        return {step.name: step for step in pasted}

    def test_nothing_is_saved(self):
        """Neither steps nor messages: the form in which they are pasted may be discarded."""
        names = ("marketing.activity", "mailing.mailing", "ir.actions.server", "ir.attachment")
        before = [self.env[name].search_count([]) for name in names]
        copies = self.get_copies(self.hello | self.fork | self.back, self.campaign)
        self.assertEqual([self.env[name].search_count([]) for name in names], before)
        self.assertEqual([copy["name"] for copy in copies["steps"]], ["Hello", "Read it?", "Back"])
        self.assertEqual(copies["left_out"], [])

    def test_message(self):
        """The copy has one of its own once it is saved, and no further one when it changes."""
        original = self.hello.mass_mailing_id
        copies = self.get_copies(self.hello, self.campaign)
        hello = self.paste(copies, self.campaign)["Hello"]
        mailing = hello.mass_mailing_id
        self.assertNotEqual(mailing, original)
        self.assertEqual(mailing.body_html, original.body_html)
        self.assertEqual(mailing.marketing_activity_ids, hello)
        self.campaign.write(
            {"marketing_activity_ids": [Command.update(hello.id, {"name": "Hello again"})]}
        )
        self.assertEqual(hello.mass_mailing_id, mailing)

    def test_text_written_before_the_save(self):
        """It is the text of the copy: the original stays as it is."""
        text = self.create_activity(self.campaign, "sms", name="Text")
        text.sms_text = "Hello"
        copies = self.get_copies(text, self.campaign)
        copies["steps"][0]["values"]["sms_text"] = "Hello again"
        copy = self.paste(copies, self.campaign)["Text"]
        self.assertEqual(copy.sms_text, "Hello again")
        self.assertEqual(text.sms_text, "Hello")

    def test_another_message(self):
        """What was chosen, or written, before the save is not copied."""
        copies = self.get_copies(self.hello, self.campaign)
        own = self.hello.mass_mailing_id.with_user(self.responsible).copy_for_step()
        copies["steps"][0]["values"]["mass_mailing_id"] = own
        copy = self.paste(copies, self.campaign)["Hello"]
        self.assertEqual(copy.mass_mailing_id.id, own)

    def test_message_is_gone(self):
        """The original was deleted before the copy is saved: it is said, nothing is saved."""
        draft = self.create_campaign(name="Draft")
        step = self.create_activity(draft, name="Gone")
        copies = self.get_copies(step, self.campaign)
        mailing = step.mass_mailing_id
        draft.unlink()
        mailing.unlink()
        with self.assertRaisesRegex(ValidationError, "no value for “Mailing”"):
            self.paste(copies, self.campaign)

    def test_copies_name_one_another(self):
        """What looked at, or went on at, another one that was copied does so at the copy."""
        campaign = self.create_campaign(name="Other")
        copies = self.get_copies(self.hello | self.fork | self.back, campaign)
        for paste in ("one", "two"):
            steps = self.paste(copies, campaign, paste)
            hello, fork, back = steps["Hello"], steps["Read it?"], steps["Back"]
            self.assertEqual(fork.parent_id, hello)
            self.assertEqual((back.parent_id, back.trigger_type), (fork, "branch"))
            self.assertEqual(back.branch_id, fork.branch_ids[0])
            keys = [branch["key"] for branch in copies["steps"][1]["branches"]]
            self.assertEqual(fork.branch_ids.mapped("key"), keys)
            self.assertEqual(back.branch_id.event_activity_id, hello)
            self.assertEqual((back.goto_activity_id, back.max_visits), (hello, 3))
            self.assertEqual((back.interval_number, back.interval_type), (2, "days"))
            self.assertEqual(len(fork.branch_ids), len(self.fork.branch_ids))
        self.assertEqual(self.back.goto_activity_id, self.hello)

    def test_what_is_not_copied(self):
        """In the same campaign it is what it was; in another one it stays behind, and is told."""
        steps = self.paste(self.get_copies(self.back, self.campaign), self.campaign)
        self.assertEqual(steps["Back"].goto_activity_id, self.hello)
        other = self.create_campaign(name="Other")
        copies = self.get_copies(self.fork | self.back, other)
        self.assertEqual(
            copies["left_out"],
            [
                f"“{name}” names “Hello”, which is not copied: choose another one."
                for name in ("Read it?", "Back")
            ],
        )
        steps = self.paste(copies, other)
        self.assertFalse(steps["Back"].goto_activity_id)
        self.assertFalse(steps["Read it?"].branch_ids.event_activity_id)

    def test_another_target(self):
        """What is made for contacts is left out of a campaign for leads, and it is said."""
        action = self.create_activity(self.campaign, "action", name="Touch")
        self.hello.activity_domain = "[('is_company', '=', True)]"
        model = self.env["ir.model"]._get("crm.lead")
        leads = self.create_campaign(name="Leads", model_id=model.id)
        copies = self.get_copies(self.hello | action, leads)
        told = " ".join(copies["left_out"])
        for part in ("“Hello”: its message", "“Hello”: its filter", "“Touch”: its action"):
            self.assertIn(part, told)
        steps = self.paste(copies, leads)
        self.assertFalse(steps["Hello"].mass_mailing_id)
        self.assertFalse(steps["Touch"].server_action_id)
        self.assertEqual(steps["Hello"].activity_domain, "[]")

    def test_what_is_gone(self):
        """What was deleted, or taken out, since it was copied."""
        model = self.campaign.model_id
        self.back.unlink()
        for steps, target in (
            (self.hello | self.back, model.id),
            (self.hello, 2**30),
        ):
            with self.assertRaises(ValidationError):
                steps.with_user(self.responsible).get_copies(target)
        employee = new_test_user(self.env, "no_marketer", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.hello.with_user(employee).get_copies(model.id)

    def test_new_campaign(self):
        """The campaign in which it is pasted is not saved either."""
        copies = self.get_copies(self.hello, self.campaign.browse(), self.campaign.model_id)
        campaign = (
            self.env["marketing.campaign"].with_user(self.responsible).create({"name": "New"})
        )
        hello = self.paste(copies, campaign)["Hello"]
        self.assertTrue(hello.mass_mailing_id)
        self.assertEqual(hello.mass_mailing_id.campaign_id, campaign.utm_campaign_id)
