"""The workflow as the canvas saves it: all changes at once, steps named by keys."""

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
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
