"""Names of records are found, and shown, only to those who may read the records."""

import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import USER_GROUPS, MarketingAutomationMixin


@tagged("post_install", "-at_install")
class TestNames(MarketingAutomationMixin, HttpCase):
    """The reader may read contacts of one company, and no leads at all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.theirs = cls.env["res.company"].create({"name": "Theirs"})
        cls.reader = mail_new_test_user(
            cls.env,
            login="reader",
            password="reader",
            groups=",".join([*USER_GROUPS, "base.group_allow_export"]),
        )
        cls.seen = cls.create_contacts(1, name="Ada Seen", email="seen@example.com")
        cls.archived = cls.create_contacts(
            1, name="Ada Archived", email="archived@example.com", active=False
        )
        cls.hidden = cls.create_contacts(1, name="Ada Hidden", email="hidden@example.com")
        contacts = cls.seen + cls.archived + cls.hidden
        cls.lead = cls.env["crm.lead"].create({"name": "Ada Lead", "email_from": "l@example.com"})
        cls.campaign = cls.create_campaign(contacts, include_archived=True)
        cls.lead_campaign = cls.create_campaign(
            cls.lead,
            model_id=cls.env["ir.model"]._get_id("crm.lead"),
            user_id=cls.env.ref("base.user_admin").id,
        )
        for campaign in (cls.campaign, cls.lead_campaign):
            action = cls.create_server_action("pass", model_id=campaign.model_id.id)
            first = cls.create_activity(
                campaign, "action", delay="0 hours", name="Welcome", server_action_id=action.id
            )
            cls.create_activity(
                campaign,
                "action",
                delay="1 hours",
                name="Later",
                server_action_id=action.id,
                parent_id=first.id,
            )
            campaign.action_start_campaign()
            campaign.sync_participants()
            campaign.execute_activities()
        # It took part as everybody's, and is theirs now.
        cls.hidden.company_id = cls.theirs
        cls.participants = (cls.campaign + cls.lead_campaign).participant_ids
        cls.traces = cls.participants.trace_ids
        cls.message = cls.env["mailing.trace"].create(
            {
                "trace_type": "mail",
                "model": "res.partner",
                "res_id": cls.hidden.id,
                "marketing_trace_id": cls.trace_of(
                    cls, cls.campaign.marketing_activity_ids[:1], cls.hidden
                ).id,
            }
        )
        cls.env.flush_all()

    def rpc(self, model, method, *args, user="reader", **kwargs):
        self.authenticate(user, user)
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {"params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        self.assertNotIn("error", response)
        return response["result"]

    def found(self, domain, model="marketing.participant", user="reader"):
        scope = [("id", "in", [*self.participants.ids, *self.traces.ids])]
        field = "res_id"
        rows = self.rpc(model, "search_read", [*scope, *domain], fields=[field], user=user)
        return {row[field] for row in rows}

    def test_search(self):
        """Of participants and of traces; each by the search of its target."""
        seen, archived = self.seen.id, self.archived.id
        for operator, value, expected in (
            ("ilike", "ada", {seen, archived}),
            ("ilike", "ada s", {seen}),
            ("=", "Ada Seen", {seen}),
            ("in", ["Ada Archived", "Ada Hidden", "Ada Lead"], {archived}),
            ("ilike", "hidden", set()),
            ("ilike", "lead", set()),
            ("=ilike", "ada%", {seen, archived}),
            ("ilike", "nobody", set()),
        ):
            with self.subTest(operator=operator, value=value):
                self.assertEqual(self.found([("display_name", operator, value)]), expected)
                self.assertEqual(
                    self.found(
                        [("participant_id.display_name", operator, value)], "marketing.trace"
                    ),
                    expected,
                )
        everybody = {self.hidden.id, self.lead.id, seen, archived}
        self.assertEqual(self.found([("display_name", "ilike", "")]), everybody)
        self.assertEqual(self.found([("display_name", "not ilike", "hidden")]), everybody)
        self.assertEqual(self.found([("display_name", "!=", "Ada Seen")]), everybody - {seen})
        self.assertEqual(
            self.found([("participant_id", "ilike", "ada")], "marketing.trace"), {seen, archived}
        )

    def test_search_of_somebody_with_all_rights(self):
        self.env.ref("base.user_admin").write(
            {"company_ids": [(4, self.theirs.id)], "company_id": self.env.company.id}
        )
        self.env.ref("base.user_admin").group_ids += self.env.ref(
            "marketing_automation.group_marketing_automation_admin"
        ) + self.env.ref("sales_team.group_sale_manager")
        found = self.rpc(
            "marketing.participant",
            "search_read",
            [("display_name", "ilike", "Ada"), ("id", "in", self.participants.ids)],
            fields=["res_id"],
            user="admin",
            context={"allowed_company_ids": [self.env.company.id, self.theirs.id]},
        )
        self.assertEqual(len(found), 4)
        found = self.rpc(
            "marketing.participant",
            "search_read",
            [("display_name", "ilike", "Hidden")],
            fields=["res_id"],
            user="admin",
            context={"allowed_company_ids": [self.env.company.id]},
        )
        self.assertFalse(found, "Companies that are switched off hide their records")

    def test_search_of_traces_by_both_parts(self):
        for operator, value, expected in (
            ("ilike", "welcome", 4),
            ("ilike", "Welcome: Ada S", 1),
            ("=", "Welcome: Ada Seen", 1),
            ("=", "Welcome: Ada Hidden", 0),
            ("ilike", "Later: Ada", 2),
        ):
            with self.subTest(operator=operator, value=value):
                names = self.rpc(
                    "marketing.trace",
                    "name_search",
                    value,
                    [("id", "in", self.traces.ids)],
                    operator=operator,
                )
                self.assertEqual(len(names), expected)
                self.assertNotIn("Hidden", str(names))

    def test_what_an_error_says(self):
        """It often names the record."""
        for trace in self.traces:
            trace.write({"state": "error", "state_reason": "failed"})
            trace.state_detail = f"{trace.participant_id.sudo().display_name} has no phone."
        self.env.flush_all()
        rows = self.rpc(
            "marketing.trace",
            "search_read",
            [("id", "in", self.traces.ids)],
            fields=["res_id", "state_msg"],
        )
        for row in rows:
            message = "It could not be done"
            if row["res_id"] in (self.seen + self.archived).ids:
                message += f": {self.env['res.partner'].browse(row['res_id']).name} has no phone."
            self.assertEqual(row["state_msg"], message)
        for name, args in (
            ("search_read", [[], ["state_detail"]]),
            ("search", [[("state_detail", "ilike", "Hidden")]]),
        ):
            with self.assertRaisesRegex(Exception, "state_detail"), mute_logger("odoo.http"):
                self.rpc("marketing.trace", name, *args)

    def test_name_search(self):
        names = self.rpc("marketing.participant", "name_search", "ada")
        self.assertEqual(sorted(name for _id, name in names), ["Ada Archived", "Ada Seen"])
        names = self.rpc(
            "marketing.participant", "name_search", "", [("id", "in", self.participants.ids)]
        )
        self.assertEqual(len(names), 4)
        self.assertIn(f"Record {self.hidden.id}", dict(names).values())

    def test_no_way_shows_hidden_names(self):
        """Odoo reads the names of references as superuser."""
        participants, traces = self.participants.ids, self.traces.ids
        name = {"fields": {"display_name": {}}}
        trace = {
            "display_name": {},
            "participant_id": {"fields": {"display_name": {}, "resource_ref": name}},
            "parent_id": {"fields": {"display_name": {}, "participant_id": name}},
        }
        calls = [
            ("marketing.trace", "read", [traces]),
            ("marketing.trace", "web_read", [traces, trace]),
            ("marketing.trace", "export_data", [traces, ["display_name", "participant_id"]]),
            ("marketing.trace", "export_data", [traces, ["parent_id", "participant_id/id"]]),
            ("marketing.participant", "read", [participants]),
            ("marketing.participant", "web_read", [participants, {"trace_ids": {"fields": trace}}]),
            ("marketing.participant", "export_data", [participants, ["display_name"]]),
            ("marketing.participant", "export_data", [participants, ["resource_ref"]]),
            ("mailing.trace", "read", [self.message.ids, ["marketing_trace_id"]]),
            (
                "mailing.trace",
                "web_read",
                [self.message.ids, {"marketing_trace_id": {"fields": trace}}],
            ),
        ]
        for model, groupby, ids in (
            ("marketing.trace", "participant_id", traces),
            ("marketing.trace", "parent_id", traces),
            ("mailing.trace", "marketing_trace_id", self.message.ids),
        ):
            domain = [("id", "in", ids)]
            calls += [
                (model, "formatted_read_group", [domain, [groupby], ["__count"]]),
                (model, "web_read_group", [domain, [groupby]]),
                (model, "read_group", [domain, [groupby], [groupby]]),
                (model, "search_panel_select_range", [groupby]),
            ]
        for model, method, args in calls:
            with self.subTest(model=model, method=method, args=args[1:]):
                result = json.dumps(self.rpc(model, method, *args))
                self.assertNotIn("Ada Hidden", result)
                self.assertNotIn("Ada Lead", result)
