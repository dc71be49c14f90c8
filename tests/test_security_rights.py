"""Who may do what, over real XML-RPC, JSON-2 and HTTP.

The tables state the rights; the tests go through all of their cells.
"""

import json
import xmlrpc.client

from odoo import fields
from odoo.tests import HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import MarketingAutomationMixin

GROUPS = {
    "none": "base.group_portal",
    "internal": "base.group_user",
    "email": "base.group_user,mass_mailing.group_mass_mailing_user",
    "user": "base.group_user,marketing_automation.group_marketing_automation_user",
    "admin": "base.group_user,marketing_automation.group_marketing_automation_admin",
}

# Who may create, read, write and delete, by initials of these; all others get an access error.
RIGHTS = {
    # Only administrators delete participants, so also campaigns that have some.
    "marketing.campaign": {"user": "crw", "admin": "crwd"},
    "marketing.activity": {"user": "crwd", "admin": "crwd"},
    "marketing.participant": {"user": "r", "admin": "rd"},
    "marketing.trace": {"user": "r", "admin": "r"},
    "marketing.activity.figures": {"user": "r", "admin": "r"},
    "marketing.campaign.test": {"user": "crwd", "admin": "crwd"},
    "ir.actions.server": {"user": "r", "admin": "r"},
}

# Methods that those with a marketing group may call; nobody else.
METHODS = {
    "marketing.campaign": (
        "action_accept",
        "action_start_campaign",
        "action_review",
        "action_cancel_planned_start",
        "action_stop_campaign",
        "action_update_participants",
        "action_launch_test",
        "action_try_now",
        "action_view_participants",
        "action_view_tests",
        "action_view_clicks",
        "action_view_mailings",
        "action_view_overview",
        "action_open_campaign",
        "get_overview",
        "get_sending",
        "execute_activities",
        "poll_campaigns",
        "sync_participants",
        "get_workflow_metrics",
    ),
    "marketing.activity": (
        "action_retry_failed",
        "action_view_matching_records",
        "get_matching_count",
        "action_clear_winner",
        "get_removal",
    ),
    "marketing.participant": ("check_completed", "get_journey"),
    "marketing.trace": ("action_cancel",),
}


@tagged("post_install", "-at_install")
class TestRights(MarketingAutomationMixin, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            key: mail_new_test_user(cls.env, login=f"rights_{key}", groups=groups)
            for key, groups in GROUPS.items()
        }
        expiry = fields.Datetime.add(fields.Datetime.now(), hours=1)
        cls.keys = {
            key: cls.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", key, expiry)
            for key, user in cls.users.items()
        }
        cls.contact = cls.create_contacts(1)

    def setUp(self):
        super().setUp()
        self.calls = 0

    def make(self, user):
        """A campaign of the user's own, that has begun: one record of each model."""
        campaign = self.create_campaign(self.contact, user_id=user.id)
        activity = self.create_activity(campaign, delay="1 hours")
        campaign.state = "running"
        campaign.sync_participants()
        campaign.state = "stopped"
        self.env.flush_all()
        wizard = self.env["marketing.campaign.test"].create({"campaign_id": campaign.id})
        return {
            "marketing.campaign": campaign,
            "marketing.activity": activity,
            "marketing.participant": campaign.participant_ids,
            "marketing.trace": activity.trace_ids,
            "marketing.activity.figures": self.env["marketing.activity.figures"].create(
                {
                    "activity_id": activity.id,
                    "moment": "2025-03-01 09:00:00",
                    "metric": "processed",
                    "number": 1,
                }
            ),
            "marketing.campaign.test": wizard,
            "ir.actions.server": self.create_server_action(),
        }

    # ------------------------------------------------------------
    # Ways to call
    # ------------------------------------------------------------

    def json2(self, key, model, method, **arguments):
        """Call with JSON-2; without a key for ``public``."""
        self.calls += 1
        headers = {"Content-Type": "application/json", "X-Odoo-Database": get_db_name()}
        if key in self.keys:
            headers["Authorization"] = f"bearer {self.keys[key]}"
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.sql_db"):
            return self.url_open(
                f"/json/2/{model}/{method}", data=json.dumps(arguments), headers=headers
            )

    def xmlrpc(self, key, model, method, *arguments):
        """Call with XML-RPC.

        :return: the result, or the text of the fault
        """
        self.calls += 1
        user = self.users[key]
        with mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc", "odoo.sql_db"):
            try:
                return self.xmlrpc_object.execute_kw(
                    get_db_name(), user.id, self.keys[key], model, method, list(arguments)
                )
            except xmlrpc.client.Fault as fault:
                return fault

    def operations(self, model, record, values):
        """Method and arguments by initial of the operation; the last one deletes."""
        return {
            "r": ("read", {"ids": record.ids, "fields": ["id"]}),
            "w": ("write", {"ids": record.ids, "vals": values}),
            "c": ("create", {"vals_list": [values]}),
            "d": ("unlink", {"ids": record.ids}),
        }

    def values(self, model, records):
        campaign = records["marketing.campaign"]
        return {
            "marketing.campaign": {"name": "Mine", "user_id": campaign.user_id.id},
            "marketing.activity": {"name": "Mine", "campaign_id": campaign.id},
            "marketing.participant": {"campaign_id": campaign.id, "res_id": self.contact.id},
            "marketing.trace": {
                "participant_id": records["marketing.participant"].id,
                "activity_id": records["marketing.activity"].id,
            },
            "marketing.activity.figures": {
                "activity_id": records["marketing.activity"].id,
                "moment": "2025-03-01 09:00:00",
            },
            "marketing.campaign.test": {"campaign_id": campaign.id},
            "ir.actions.server": {"name": "Mine", "model_id": campaign.model_id.id},
        }[model]

    # ------------------------------------------------------------
    # Tables
    # ------------------------------------------------------------

    def test_rights_over_json2(self):
        for key in self.users:
            for model, rights in RIGHTS.items():
                is_marketer = key in ("user", "admin")
                records = self.make(self.users[key] if is_marketer else self.responsible)
                operations = self.operations(model, records[model], self.values(model, records))
                for initial, (method, arguments) in operations.items():
                    with self.subTest(group=key, model=model, method=method):
                        response = self.json2(key, model, method, **arguments)
                        if initial in rights.get(key, ""):
                            self.assertEqual(response.status_code, 200, response.text)
                        else:
                            self.assertEqual(response.status_code, 403, response.text)
                            self.assertIn("AccessError", response.json()["name"])
        self.assertEqual(self.calls, 5 * 7 * 4)

    def test_nobody_without_a_key(self):
        records = self.make(self.responsible)
        for model in RIGHTS:
            operations = self.operations(model, records[model], self.values(model, records))
            for method, arguments in operations.values():
                with self.subTest(model=model, method=method):
                    self.assertEqual(
                        self.json2("public", model, method, **arguments).status_code, 401
                    )

    def test_rights_over_xmlrpc(self):
        for key in self.users:
            for model, rights in RIGHTS.items():
                is_marketer = key in ("user", "admin")
                records = self.make(self.users[key] if is_marketer else self.responsible)
                record, values = records[model], self.values(model, records)
                for initial, arguments in {
                    "r": ("read", record.ids, ["id"]),
                    "w": ("write", record.ids, values),
                    "c": ("create", [values]),
                    "d": ("unlink", record.ids),
                }.items():
                    with self.subTest(group=key, model=model, method=arguments[0]):
                        result = self.xmlrpc(key, model, *arguments)
                        if initial in rights.get(key, ""):
                            self.assertNotIsInstance(result, xmlrpc.client.Fault, result)
                        else:
                            self.assertIsInstance(result, xmlrpc.client.Fault)
                            # Odoo's code of an access error
                            self.assertEqual(result.faultCode, 4, result.faultString)
                            self.assertNotIn("Traceback", result.faultString)
        self.assertEqual(self.calls, 5 * 7 * 4)

    def test_methods(self):
        for key in self.users:
            may = key in ("user", "admin")
            for model, methods in METHODS.items():
                for method in methods:
                    records = self.make(self.users[key] if may else self.responsible)
                    with self.subTest(group=key, model=model, method=method):
                        response = self.json2(key, model, method, ids=records[model].ids)
                        self.assertEqual(response.status_code, 200 if may else 403, response.text)

    def test_methods_with_arguments(self):
        for key in self.users:
            may = key in ("user", "admin")
            records = self.make(self.users[key] if may else self.responsible)
            records["marketing.campaign"].state = "running"
            trace, wizard = records["marketing.trace"], records["marketing.campaign.test"]
            split = self.create_activity(records["marketing.campaign"], "split")
            self.env["marketing.participant"].create(
                {
                    "campaign_id": records["marketing.campaign"].id,
                    "res_id": self.contact.id,
                    "is_test": True,
                }
            )
            self.env.flush_all()
            template = "get_action_marketing_campaign_from_template"
            for model, method, arguments in (
                ("marketing.trace", "process_event", {"ids": trace.ids, "event": "mail_open"}),
                ("marketing.trace", "action_execute", {"ids": trace.ids}),
                (
                    "marketing.trace",
                    "action_take_branch",
                    {"ids": split.trace_ids.ids, "branch_id": split.branch_ids[0].id},
                ),
                (
                    "marketing.activity.branch",
                    "action_take_for_all",
                    {"ids": split.branch_ids[0].ids},
                ),
                ("marketing.campaign", "get_campaign_templates_info", {}),
                ("marketing.campaign", template, {"template_name": "welcome"}),
                ("marketing.campaign.test", "action_launch_test", {"ids": wizard.ids}),
                (
                    "marketing.participant",
                    "action_exit",
                    {"ids": records["marketing.participant"].ids},
                ),
                (
                    "marketing.participant",
                    "action_set_completed",
                    {"ids": records["marketing.participant"].ids},
                ),
            ):
                with self.subTest(group=key, model=model, method=method):
                    if method == "action_launch_test" and may:
                        wizard.create_uid = self.users[key]
                    response = self.json2(key, model, method, **arguments)
                    self.assertEqual(response.status_code, 200 if may else 403, response.text)

    def test_all_public_methods_are_known(self):
        """Whoever adds one is asked to state here who may call it."""
        of_all = {
            *("create", "read", "write", "unlink", "copy_data", "default_get", "onchange"),
            *("message_post", "action_archive", "action_unarchive"),
        }
        known = {
            "marketing.trace": {
                "process_event",
                "action_execute",
                "action_open_record",
                "action_take_branch",
            },
            "marketing.campaign": {
                "get_campaign_templates_info",
                "get_action_marketing_campaign_from_template",
                "get_first_steps",
                "create_sample_contacts",
                "remove_sample_contacts",
                "copy",
                "unlink",
                "enrol",
                "exit_records",
                "action_plan_start",
            },
            "marketing.activity": {
                "get_workflow_rules",
                "action_open_server_action",
                "action_view_figure",
                "get_links",
                "copy",
                "get_copies",
                "unlink",
            },
            "marketing.participant": {
                "action_set_completed",
                "action_set_running",
                "action_exit",
                "action_open_record",
                "action_open_source",
            },
        }
        for model, methods in METHODS.items():
            public = set()
            for owner in type(self.env[model]).mro():
                if owner.__module__.startswith("odoo.addons.marketing_automation."):
                    public |= {
                        name
                        for name, value in vars(owner).items()
                        if callable(value)
                        and not name.startswith("_")
                        and not getattr(value, "_api_private", False)
                    }
            self.assertEqual(public - set(methods) - known[model] - of_all, set(), model)

    def test_menu(self):
        menu = self.env.ref("marketing_automation.marketing_automation_menu")
        for key, user in self.users.items():
            if key != "none":
                visible = menu.with_user(user)._filter_visible_menus()
                self.assertEqual(bool(visible), key in ("user", "admin"), key)

    def test_web_client(self):
        """What a browser of a portal user or a stranger gets."""
        address = "/odoo/action-marketing_automation.marketing_campaign_action"
        for login in (None, "rights_none"):
            self.authenticate(login, login)
            response = self.url_open(address, allow_redirects=False)
            self.assertIn(response.status_code, (303, 403))
            self.assertNotIn("marketing", response.headers.get("Location", "").split("?")[0])
