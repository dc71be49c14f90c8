"""The recipes in ``doc/integrations.md`` are executed as they stand, by a user who has just the
rights that they name."""

import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .committed import CommittedCase
from .entry_webhook_case import WebhookCase

DOCUMENT = Path(__file__).parents[1] / "doc" / "integrations.md"
RECIPE = re.compile(r"<!-- recipe: (\w+) -->\n```(\w+)\n(.*?)```", re.DOTALL)
# What the page says about the rights of the technical user.
GROUPS = ("base.group_user", "marketing_automation.group_marketing_automation_user")
EMAIL = "ada.recipes@example.com"


@tagged("post_install", "-at_install")
class TestIntegrations(CommittedCase):
    user_id = False

    def setUp(self):
        super().setUp()
        self.recipes = {
            name: (language, code)
            for name, language, code in RECIPE.findall(DOCUMENT.read_text(encoding="utf-8"))
        }
        with self.environment() as env:
            env = env(context={"mail_notrack": True, "mail_auto_subscribe_no_notify": True})
            user = (
                env["res.users"]
                .with_context(no_reset_password=True)
                .create(
                    {
                        "name": "Program",
                        "login": "recipes",
                        "email": "recipes@example.com",
                        "group_ids": [Command.set([env.ref(name).id for name in GROUPS])],
                    }
                )
            )
            self.user_id = user.id
            contact = env["res.partner"].create({"name": "Ada", "email": EMAIL})
            self.partner_ids = contact.ids
            campaign = env["marketing.campaign"].create(
                {
                    "name": "Recipes",
                    "user_id": user.id,
                    "domain": f"[('email', '=', '{EMAIL}')]",
                    "entry_ids": [Command.create({"entry_type": "manual"})],
                }
            )
            self.campaign_id = campaign.id
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "use_in_marketing_automation": True,
                    "body_html": "<p>Hello</p>",
                    "user_id": user.id,
                }
            )
            for number in (0, 7):
                env["marketing.activity"].create(
                    {
                        "campaign_id": campaign.id,
                        "activity_type": "email",
                        "mass_mailing_id": mailing.copy().id,
                        "name": f"After {number} days",
                        "interval_type": "days",
                        "interval_number": number,
                    }
                )
            campaign.action_start_campaign()
            key = (
                env["res.users.apikeys"]
                .with_user(user)
                .sudo()
                ._generate(None, "Recipes", fields.Datetime.now() + timedelta(days=1))
            )
            self.variables = {
                "ODOO_URL": HttpCase.base_url(),
                "ODOO_DB": self.registry.db_name,
                "ODOO_USER": user.login,
                "ODOO_KEY": key,
                "CAMPAIGN": str(campaign.id),
                "EMAIL": EMAIL,
            }

    def clean_up(self):
        res = super().clean_up()
        with self.environment() as env:
            user = env["res.users"].browse(self.user_id).exists()
            partner = user.partner_id
            env["res.users.apikeys"].search([("user_id", "=", user.id)]).unlink()
            user.unlink()
            partner.unlink()
        return res

    def execute(self, name, **variables):
        """Execute a recipe, in a process of its own.

        :return: the lines that it prints
        """
        language, code = self.recipes.pop(name)
        command = {
            "python": [sys.executable, "-c", code],
            "bash": [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", code],
        }[language]
        done = subprocess.run(
            command,
            env={"PATH": os.environ["PATH"], **self.variables, **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.splitlines()

    def runs(self, env):
        return env["marketing.campaign"].browse(self.campaign_id).participant_ids

    def check_journey(self, key):
        """The run of an order got its mail, clicked, and was ended."""
        with self.environment() as env:
            run = self.runs(env).filtered(lambda run: run.entry_key == key)
            self.assertEqual((run.state, run.exit_reason), ("exited", "user"))
            done = run.trace_ids.filtered(lambda trace: trace.state == "processed")
            self.assertTrue(done.links_click_datetime)
            self.assertEqual((run.trace_ids - done).mapped("state"), ["canceled"])

    def test_xmlrpc(self):
        lines = self.execute("xmlrpc")
        self.assertEqual(lines[-2:], ["True", "1"])
        self.check_journey("S0001")

    def test_json2(self):
        if not shutil.which("curl"):
            self.skipTest("The recipe needs curl")
        lines = self.execute("json2")
        self.assertIn('"created": false', lines[0])
        self.assertEqual(lines[-2:], ["true", "1"])
        self.check_journey("S0002")

    def test_webhook(self):
        if not shutil.which("curl"):
            self.skipTest("The recipe needs curl")
        with self.environment() as env:
            field = env["ir.model.fields"]._get
            entry = env["marketing.campaign.entry"].create(
                {
                    "campaign_id": self.campaign_id,
                    "entry_type": "webhook",
                    "has_webhook_secret": True,
                    "mapping_ids": [
                        Command.create({"place": place, "field_id": field("res.partner", name).id})
                        for place, name in (("/values/name", "name"), ("/values/job", "function"))
                    ],
                }
            )
            token = f"{entry.id}-{entry.webhook_token}"
            variables = {
                "WEBHOOK": f"{HttpCase.base_url()}/marketing/entry/{token}",
                "WEBHOOK_SECRET": entry.webhook_secret,
            }
        [line] = self.execute("webhook", **variables)
        self.assertIn('"created": true', line)
        with self.environment() as env:
            self.assertEqual(self.runs(env).entry_key, "S0003")

    def test_all_recipes_are_executed(self):
        text = DOCUMENT.read_text(encoding="utf-8")
        self.assertEqual(set(self.recipes), {"xmlrpc", "json2", "webhook"})
        blocks = re.findall(r"^```\w+$", text, re.MULTILINE)
        self.assertEqual(len(blocks), len(self.recipes), "A block without a name is not executed")


@tagged("post_install", "-at_install")
class TestRecipesInWords(WebhookCase):
    """Settings have the names that the page gives them, and do what it says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What rules put into the classes of the registry goes with them.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.text = " ".join(DOCUMENT.read_text(encoding="utf-8").split())

    def named(self, model_name, field_name, value):
        """A choice, if the page calls it by its name, and its field by its."""
        field = self.env[model_name]._fields[field_name]
        label = dict(field._description_selection(self.env))[value]
        self.assertIn(f"*{label}*", self.text)
        return value

    def create_rule(self, model_name, **action):
        return self.env["base.automation"].create(
            {
                "name": "Rule",
                "model_id": self.env["ir.model"]._get_id(model_name),
                "trigger": self.named("base.automation", "trigger", "on_create"),
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Action",
                            "model_id": self.env["ir.model"]._get_id(model_name),
                            **action,
                            "state": self.named("ir.actions.server", "state", action["state"]),
                        }
                    )
                ],
            }
        )

    def test_rule_in_the_same_odoo(self):
        self.create_rule(
            "res.partner", state="marketing_enrol", marketing_campaign_id=self.campaign.id
        )
        contact = self.create_contacts(1)
        self.assertTrue(self.participant_of(self.campaign, contact))
        self.named("ir.actions.server", "state", "marketing_exit")

    def test_rule_of_another_odoo(self):
        for name, value in (("find_place", "/email_from"), ("key_place", "/_id")):
            label = self.entry._fields[name].string
            self.assertIn(f"*{label}*: `{value}`", self.text)
            self.entry[name] = value
        self.create_rule(
            "crm.lead",
            state="webhook",
            webhook_url=self.entry.webhook_url,
            webhook_field_ids=[
                Command.set(self.env["ir.model.fields"]._get("crm.lead", "email_from").ids)
            ],
        )
        for _number in range(2):
            with patch("requests.post") as post:
                lead = self.env["crm.lead"].create(
                    {"name": "Lead", "email_from": self.contact.email}
                )
                self.env.cr.postcommit.run()
            [[[url], sent]] = post.call_args_list
            self.assertEqual(url, self.entry.webhook_url)
            self.assertEqual(self.call(body=sent["data"], headers=sent["headers"])[0], 201)
            run = self.participant_of(self.campaign, self.contact).sorted("id")[-1]
            self.assertEqual(run.entry_key, str(lead.id))

    def test_website_form(self):
        leads = self.env["ir.model"]._get_id("crm.lead")
        self.responsible.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        campaign = self.create_campaign(domain="[]", entry_ids=[], model_id=leads)
        action = self.create_server_action(code="pass", model_id=leads)
        self.create_activity(campaign, "action", server_action_id=action.id)
        self.env["marketing.campaign.entry"].create(
            {
                "campaign_id": campaign.id,
                "entry_type": "event",
                "event": self.named("marketing.campaign.entry", "event", "form"),
            }
        )
        campaign.action_start_campaign()
        # As the controller of the website does it.
        visitor = self.env.ref("base.public_user")
        lead = self.env["crm.lead"].with_user(visitor).sudo().create({"name": "By form"})
        self.assertTrue(self.participant_of(campaign, lead))
