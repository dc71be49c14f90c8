"""Copies of steps, as the canvas pastes them: nothing comes to be before the save."""

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import MarketingAutomationCase


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
