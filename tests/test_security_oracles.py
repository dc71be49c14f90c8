"""Nothing that a marketing user can ask tells what they may not see.

An oracle is a field, a default or a method whose answer depends on a hidden value. Two worlds that
differ in one such value must give the same answers to all calls. ``MARKETING_CALLS=5000`` draws so
many calls, other ones at each run; without it a fixed set of about 300.
"""

import re
from typing import NamedTuple

from hypothesis import strategies as st

from odoo import Command, fields
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import MarketingAutomationMixin
from .fuzz import fuzz

LOGGERS = (
    "odoo.sql_db",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.orm.models",
    "odoo.service.model",
)
ENGINE_LOGGERS = ("odoo.addons.marketing_automation.models.engine.run",)
MODELS = (
    "marketing.campaign",
    "marketing.activity",
    "marketing.activity.branch",
    "marketing.participant",
    "marketing.trace",
    "marketing.campaign.test",
    "mailing.trace",
    "sms.tracker",
    "mailing.mailing",
    "utm.campaign",
)
# Clocks and numbers of what was made for the question.
CHANGING = {"write_date", "create_date", "id", "display_name"}


class Secret(NamedTuple):
    """A value that differs between the worlds.

    :param columns: where it is, in the row of the record
    :param domain: a filter on the target whose matches depend on it
    """

    record: object
    columns: tuple
    values: tuple
    domain: list


@tagged("post_install", "-at_install")
class TestOracles(MarketingAutomationMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "marketing_automation.group_marketing_automation_user"
        cls.asker = new_test_user(cls.env, "asker", groups=f"base.group_user,{groups}", tz="UTC")
        cls.boss = new_test_user(cls.env, "boss", groups=f"base.group_system,{groups}", tz="UTC")
        cls.boss.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        company = cls.env["res.company"].create({"name": "Another company"})
        cls.boss.company_ids |= company
        cls.lead = cls.env["crm.lead"].create({"name": "Alpha", "expected_revenue": 1})
        cls.contact = cls.create_contacts(1, name="Somebody")
        cls.foreign = cls.create_contacts(1, name="Alpha", company_id=company.id)
        cls.campaigns = {name: cls.make(cls.boss, name) for name in ("crm.lead", "res.partner")}
        cls.own = cls.create_campaign(cls.contact, name="Own", user_id=cls.asker.id)
        cls.create_activity(cls.own, delay="0 hours")
        message = cls.campaigns["res.partner"].participant_ids.trace_ids.mailing_trace_ids.filtered(
            lambda message: message.res_id == cls.contact.id
        )
        tracker = cls.env["sms.tracker"].create(
            {"sms_uuid": "a" * 32, "mailing_trace_id": message.id}
        )
        alpha = ("Alpha", "Omega")
        cls.secrets = [
            Secret(
                cls.lead, ("expected_revenue",), (1000, 2000), [("expected_revenue", ">", 1500)]
            ),
            Secret(cls.lead, ("name",), alpha, [("name", "=", "Alpha")]),
            Secret(cls.contact, ("comment",), alpha, [("comment", "ilike", "Alpha")]),
            Secret(cls.foreign, ("name", "complete_name"), alpha, [("name", "=", "Alpha")]),
            Secret(message, ("message_id",), alpha, [("message_id", "=", "Alpha")]),
            Secret(tracker, ("sms_uuid",), ("a" * 32, "b" * 32), [("sms_uuid", "=", "a" * 32)]),
        ]

    @classmethod
    def make(cls, user, model_name):
        """A campaign that runs, for all records with a secret."""
        records = cls.lead if model_name == "crm.lead" else cls.contact | cls.foreign
        campaign = cls.create_campaign(
            records,
            name=model_name,
            user_id=user.id,
            model_id=cls.env["ir.model"]._get_id(model_name),
        )
        cls.create_activity(campaign, delay="0 hours")
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        return campaign

    # ------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------

    def questions(self):
        """What there is to ask, whatever the secret is.

        :rtype: list[tuple] of model, method, arguments and keywords; ``...`` stands for the filter
        """
        found = []
        own, all_campaigns = self.own.ids, [self.own.id, *(c.id for c in self.campaigns.values())]
        for name in MODELS:
            model = self.env[name]
            for field in model._fields.values():
                if field.name in CHANGING:
                    continue
                found.append((name, "search_read", [[], [field.name]], {}))
                found.append((name, "search", [[(field.name, "ilike", "Alpha")]], {}))
                found.append((name, "search", [[(field.name, "=", "Alpha")]], {}))
                found.append((name, "search", [[]], {"order": field.name}))
                found.append((name, "formatted_read_group", [[], [field.name], ["__count"]], {}))
                found.append((name, "export_data", [model.search([]).ids, [field.name]], {}))
                if field.relational or field.type in ("reference", "many2one_reference"):
                    spec = {field.name: {"fields": {"display_name": {}}}}
                    found.append((name, "web_search_read", [[], spec], {}))
            for text in ("Alpha", "Omega", "a", "Activity: Alpha"):
                found.append((name, "name_search", [text], {}))
            found.append((name, "search_read", [[], ["display_name"]], {}))
        for ids in (own, all_campaigns[1:2], all_campaigns[2:]):
            activities = self.env["marketing.campaign"].browse(ids).marketing_activity_ids.ids
            participants = self.env["marketing.campaign"].browse(ids).participant_ids
            for method in (
                "get_overview",
                "get_workflow_metrics",
                "poll_campaigns",
                "action_launch_test",
                "action_start_campaign",
                "sync_participants",
                "execute_activities",
                "action_view_participants",
            ):
                found.append(("marketing.campaign", method, [ids], {}))
            for method in ("get_matching_count", "action_view_matching_records"):
                found.append(("marketing.activity", method, [activities], {}))
            for participant in participants:
                for method in ("get_journey", "action_open_record"):
                    found.append(("marketing.participant", method, participant.ids, {}))
            wizards, spec = "marketing.campaign.test", {"res_id": {}, "resource_ref": {}}
            values = {"campaign_id": ids[0]}
            found += [
                (wizards, "onchange", [[], values, ["campaign_id"], spec], {}),
                (
                    wizards,
                    "onchange",
                    [
                        [],
                        values,
                        ["campaign_id"],
                        {"resource_ref": {"fields": {"display_name": {}}}},
                    ],
                    {},
                ),
                (wizards, "web_save", [[], values, {"res_id": {}}], {}),
                (
                    wizards,
                    "default_get",
                    [["res_id"]],
                    {"context": {"default_campaign_id": ids[0]}},
                ),
            ]
            for record in (self.lead, self.contact, self.foreign):
                values = {"campaign_id": ids[0], "res_id": record.id}
                spec = {"resource_ref": {"fields": {"display_name": {}}}, "res_id": {}}
                found.append((wizards, "web_save", [[], values, spec], {}))
        form = {"domain": {}, "problem_list": {}, "mailing_list_ids": {}, "unique_field_id": {}}
        found += [
            ("marketing.campaign", "write", [own, {"domain": ...}], {}),
            (
                "marketing.activity",
                "write",
                [self.own.marketing_activity_ids.ids, {"activity_domain": ...}],
                {},
            ),
            ("marketing.campaign", "onchange", [own, {"domain": ...}, ["domain"], form], {}),
            ("marketing.campaign", "search_count", [[("participant_ids", "any", ...)]], {}),
            ("marketing.activity.branch", "search_count", [...], {}),
            ("marketing.participant", "search_count", [...], {}),
            ("marketing.trace", "search_count", [...], {}),
            ("mailing.trace", "search_count", [...], {}),
            ("sms.tracker", "search_count", [...], {}),
        ]
        return found

    def answer(self, secret, value, question):
        """What is said in the world in which the secret has this value."""
        model, method, args, kwargs = question
        with self.env.cr.savepoint() as savepoint, mute_logger(*LOGGERS):
            self.set_world(secret, value)
            try:
                result = call_kw(
                    self.env[model].with_user(self.asker),
                    method,
                    self.fill_in(args, secret),
                    dict(kwargs),
                )
                self.env.flush_all()
                said = repr(result)
                if method in ("sync_participants", "execute_activities", "write"):
                    said += repr(
                        self.own.with_user(self.asker).read(
                            ["total_participant_count", "problem_list", "mailing_list_ids"]
                        )
                    )
            except Exception as error:
                # Refusals tell as well; what is no question at all (a field that is not searched
                # by) is the same in all worlds.
                said = f"{type(error).__name__}: {error}"
            savepoint.rollback()
        self.env.invalidate_all()
        # Ids of what was made for the question.
        return re.sub(r"'id': \d+", "'id'", said)

    def set_world(self, secret, value):
        """Give the secret a value, and the own campaign, which runs, a filter on it, past all
        checks."""
        self.env.flush_all()
        for column in secret.columns:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(secret.record._table),
                    SQL.identifier(column),
                    value,
                    secret.record.id,
                )
            )
        name = secret.record._name
        if name not in ("crm.lead", "res.partner"):
            name = "res.partner"
        self.env.cr.execute(
            SQL(
                "UPDATE marketing_campaign SET state = 'running', model_id = %s, model_name = %s,"
                " domain = %s WHERE id = %s",
                self.env["ir.model"]._get_id(name),
                name,
                str(secret.domain),
                self.own.id,
            )
        )
        self.env.invalidate_all()

    def fill_in(self, value, secret):
        """The arguments, with the filter of the secret in its places."""
        if value is ...:
            return secret.domain
        if isinstance(value, dict):
            return {
                key: str(secret.domain) if each is ... else self.fill_in(each, secret)
                for key, each in value.items()
            }
        if isinstance(value, list | tuple):
            return type(value)(self.fill_in(each, secret) for each in value)
        return value

    def assertSame(self, secret, question):
        first, second = (self.answer(secret, value, question) for value in secret.values)
        self.assertEqual(first, second, f"{question} tells {secret.columns} of {secret.record}")

    def observe(self, secret, value):
        """What the owner of a campaign sees of its steps that ask for the secret."""
        record = secret.record
        audience = record if record._name in ("crm.lead", "res.partner") else self.contact
        question = str(secret.domain)
        said = []
        with self.env.cr.savepoint() as savepoint, mute_logger(*LOGGERS, *ENGINE_LOGGERS):
            self.own.domain = str([("id", "=", audience.id)])
            condition, wait = (
                self.create_activity(self.own, kind, delay="0 hours", **vals)
                for kind, vals in (
                    ("condition", {"branch_ids": [Command.create({"name": "Asks"})]}),
                    ("wait", {"wait_type": "filter", "wait_limit": True}),
                )
            )
            self.set_world(secret, value)
            for query, step in (
                (
                    "UPDATE marketing_activity_branch SET domain = %s, filter_user_id = %s"
                    " WHERE branch_type = 'filter' AND activity_id = %s",
                    condition,
                ),
                (
                    "UPDATE marketing_activity SET wait_domain = %s, wait_filter_user_id = %s"
                    " WHERE id = %s",
                    wait,
                ),
            ):
                self.env.cr.execute(query, [question, self.asker.id, step.id])
            self.env.cr.execute(
                "UPDATE marketing_campaign SET domain = %s WHERE id = %s",
                [str([("id", "=", audience.id)]), self.own.id],
            )
            self.env.invalidate_all()
            for method in (
                "sync_participants",
                "execute_activities",
                "poll_campaigns",
                "execute_activities",
            ):
                try:
                    with self.env.cr.savepoint():
                        own = self.own.with_user(self.asker)
                        said.append(repr(getattr(own, method)()))
                except Exception as error:
                    said.append(f"{type(error).__name__}: {error}")
            for step in (condition, wait):
                traces = self.env["marketing.trace"].with_user(self.asker)
                found = traces.search([("activity_id", "=", step.id)])
                said.append(
                    [
                        (trace.state, trace.branch_id.branch_type, trace.state_reason)
                        for trace in found
                    ]
                )
            savepoint.rollback()
        self.env.invalidate_all()
        return re.sub(r"\d+", "0", repr(said))

    # ------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------

    def test_steps_tell_nothing(self):
        """Which way a run goes, and whether it waits, depends on nothing hidden."""
        self.patch(self.env["res.partner"]._fields["comment"], "groups", "base.group_system")
        with self.at(fields.Datetime.now()):
            for secret in self.secrets:
                with self.subTest(record=secret.record, columns=secret.columns):
                    first, second = (self.observe(secret, value) for value in secret.values)
                    self.assertEqual(first, second)

    def test_steps_tell_what_one_may_know(self):
        """The searcher finds what is there to find."""
        values, domain = ("Alpha", "Omega"), [("function", "=", "Alpha")]
        known = Secret(self.contact, ("function",), values, domain)
        with self.at(fields.Datetime.now()):
            first, second = (self.observe(known, value) for value in known.values)
        self.assertIn("'filter'", first)
        self.assertIn("'met'", first)
        self.assertNotIn("'filter'", second)
        self.assertNotIn("'met'", second)

    def test_the_searcher_finds_oracles(self):
        """Who may read the secret gets other answers."""
        with self.at(fields.Datetime.now()):
            secret = self.secrets[1]
            self.asker.group_ids |= self.env.ref("sales_team.group_sale_manager")
            question = ("marketing.participant", "search_read", [[], ["display_name"]], {})
            first, second = (self.answer(secret, value, question) for value in secret.values)
            self.assertNotEqual(first, second)

    def test_nothing_tells(self):
        self.patch(self.env["res.partner"]._fields["comment"], "groups", "base.group_system")
        questions = self.questions()
        with self.at(fields.Datetime.now()):
            fuzz(
                100,
                self.assertSame,
                secret=st.sampled_from(self.secrets),
                question=st.sampled_from(questions),
            )
