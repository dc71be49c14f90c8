"""Clients on the network: XML-RPC and JSON-2."""

import inspect
import json
import xmlrpc.client
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import EMAIL_BODY, MarketingAutomationMixin

ADDON = "odoo.addons.marketing_automation."
RPC_LOGGERS = ("odoo.http", "odoo.addons.rpc.controllers.xmlrpc", "odoo.service.model")


@tagged("post_install", "-at_install")
class TestRpc(MarketingAutomationMixin, HttpCase):
    """A marketer's program builds and runs campaigns from elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.responsible.password = "marketer-password"
        cls.outsider = mail_new_test_user(cls.env, login="outsider", groups="base.group_user")
        cls.outsider.password = "outsider-password"
        cls.administrator = mail_new_test_user(
            cls.env,
            login="administrator",
            groups="marketing_automation.group_marketing_automation_admin",
        )
        cls.administrator.password = "administrator-password"
        cls.contacts = cls.create_contacts(2)

    def execute(self, model, method, *args, user=None, **kwargs):
        """Call a method by XML-RPC."""
        user = user or self.responsible
        # Another process has nothing in its cache.
        self.env.invalidate_all()
        return self.xmlrpc_object.execute_kw(
            get_db_name(), user.id, f"{user.login}-password", model, method, args, kwargs
        )

    def api_key(self, user):
        return (
            self.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate(None, "Program", fields.Datetime.now() + timedelta(days=1))
        )

    def post(self, model, method, user=None, **kwargs):
        """Call a method by JSON-2."""
        if user not in self.keys:
            self.keys[user] = self.api_key(user or self.responsible)
        return self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(kwargs),
            headers={
                "Authorization": f"bearer {self.keys[user]}",
                "Content-Type": "application/json",
            },
            method="POST",
        )

    def setUp(self):
        super().setUp()
        self.keys = {}

    # ------------------------------------------------------------
    # A whole campaign
    # ------------------------------------------------------------

    def campaign_values(self):
        return {
            "name": "From afar",
            "model_id": self.env["ir.model"]._get_id("res.partner"),
            "domain": str([("id", "in", self.contacts.ids)]),
        }

    def mailing_values(self):
        return {
            "subject": "Hello",
            "mailing_type": "mail",
            "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            "body_arch": EMAIL_BODY,
            "body_html": EMAIL_BODY,
        }

    def activity_values(self, campaign_id, mailing_id=False, **values):
        return {
            "name": "Mail" if mailing_id else "Action",
            "campaign_id": campaign_id,
            "activity_type": "email" if mailing_id else "action",
            "mass_mailing_id": mailing_id,
            "trigger_type": "begin",
            "interval_number": 0,
            "interval_type": "hours",
            **values,
        }

    def child_values(self, campaign_id, parent_id):
        return self.activity_values(
            campaign_id,
            server_action_id=self.create_server_action().id,
            trigger_type="mail_open",
            parent_id=parent_id,
        )

    def assertRan(self, traces):
        """Two contacts got the mail; for each, something waits for the mail to be opened."""
        found = sorted((trace["trigger_type"], trace["state"]) for trace in traces)
        self.assertEqual(found, [("begin", "processed")] * 2 + [("mail_open", "scheduled")] * 2)

    def test_campaign_over_xmlrpc(self):
        campaign_id = self.execute("marketing.campaign", "create", self.campaign_values())
        mailing_id = self.execute("mailing.mailing", "create", self.mailing_values())
        mail_id = self.execute(
            "marketing.activity", "create", self.activity_values(campaign_id, mailing_id)
        )
        self.execute("marketing.activity", "create", self.child_values(campaign_id, mail_id))
        for method in ("action_start_campaign", "sync_participants", "execute_activities"):
            self.assertIs(self.execute("marketing.campaign", method, [campaign_id]), True)
        domain = [["campaign_id", "=", campaign_id]]
        traces = self.execute(
            "marketing.trace", "search_read", domain, fields=["trigger_type", "state"]
        )
        self.assertRan(traces)
        sent = [trace["id"] for trace in traces if trace["state"] == "processed"]
        self.assertIs(self.execute("marketing.trace", "process_event", sent[:1], "mail_open"), True)
        self.assertIs(
            self.execute("marketing.trace", "process_event", sent[:1], "mail_open"), False
        )
        self.execute("marketing.campaign", "execute_activities", [campaign_id])
        [campaign] = self.execute(
            "marketing.campaign",
            "read",
            [campaign_id],
            ["state", "total_participant_count", "completed_participant_count"],
        )
        self.assertEqual(
            campaign,
            {
                "id": campaign_id,
                "state": "running",
                "total_participant_count": 2,
                "completed_participant_count": 1,
            },
        )

    def test_entry_by_an_event(self):
        campaign_id = self.execute("marketing.campaign", "create", self.campaign_values())
        entry_id = self.execute(
            "marketing.campaign.entry",
            "create",
            {"campaign_id": campaign_id, "entry_type": "event", "event": "created"},
        )
        self.assertIs(
            self.execute("marketing.campaign.entry", "action_renew_rule", [entry_id]), True
        )
        [entry] = self.execute("marketing.campaign.entry", "read", [entry_id], ["automation_id"])
        self.assertTrue(entry["automation_id"])
        action = self.execute("marketing.campaign.entry", "action_view_participants", [entry_id])
        self.assertEqual(action["res_model"], "marketing.participant")

    def test_campaign_over_json2(self):
        def call(model, method, **kwargs):
            response = self.post(model, method, **kwargs)
            self.assertEqual(response.status_code, 200, response.text)
            return response.json()

        [campaign_id] = call("marketing.campaign", "create", vals_list=[self.campaign_values()])
        [mailing_id] = call("mailing.mailing", "create", vals_list=[self.mailing_values()])
        [mail_id] = call(
            "marketing.activity",
            "create",
            vals_list=[self.activity_values(campaign_id, mailing_id)],
        )
        call("marketing.activity", "create", vals_list=[self.child_values(campaign_id, mail_id)])
        for method in ("action_start_campaign", "sync_participants", "execute_activities"):
            self.assertIs(call("marketing.campaign", method, ids=[campaign_id]), True)
        traces = call(
            "marketing.trace",
            "search_read",
            domain=[["campaign_id", "=", campaign_id]],
            fields=["trigger_type", "state"],
        )
        self.assertRan(traces)

    def test_error_reaches_the_client(self):
        campaign_id = self.execute("marketing.campaign", "create", self.campaign_values())
        with (
            mute_logger(*RPC_LOGGERS),
            self.assertRaisesRegex(xmlrpc.client.Fault, "Add a first step"),
        ):
            self.execute("marketing.campaign", "action_start_campaign", [campaign_id])
        with mute_logger(*RPC_LOGGERS):
            response = self.post("marketing.campaign", "action_start_campaign", ids=[campaign_id])
        self.assertEqual(response.status_code, 422)
        self.assertIn("Add a first step", response.json()["message"])
        [campaign] = self.execute("marketing.campaign", "read", [campaign_id], ["state"])
        self.assertEqual(campaign["state"], "draft")

    # ------------------------------------------------------------
    # All methods
    # ------------------------------------------------------------

    def public_methods(self):
        """Methods that this addon adds and that clients may call, as (model, method)."""
        found = set()
        for model_name, model in self.env.registry.items():
            classes = model.mro()
            for index, cls in enumerate(classes):
                if not cls.__module__.startswith(ADDON):
                    continue
                for name, method in vars(cls).items():
                    if (
                        not inspect.isfunction(method)
                        or name.startswith("_")
                        or getattr(method, "_api_private", False)
                    ):
                        continue
                    overridden = any(
                        name in vars(other)
                        for other in classes[index + 1 :]
                        if not other.__module__.startswith(ADDON)
                    )
                    if not overridden:
                        found.add((model_name, name))
        return found

    def create_calls(self):
        """Records and arguments with which each public method does its work."""
        campaign = self.create_campaign(self.contacts)
        mail = self.create_activity(campaign, delay="0 hours")
        action = self.create_activity(campaign, "action", parent_id=mail.id, delay="1 days")
        split = self.create_activity(campaign, "split", delay="1 days")
        webhook = self.env["marketing.campaign.entry"].create(
            {"campaign_id": campaign.id, "entry_type": "webhook"}
        )
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        self.hand_over(campaign)
        participants = campaign.participant_ids
        waiting = action.trace_ids
        test = {"campaign_id": campaign.id, "res_id": self.contacts[0].id, "is_test": True}
        ended, tried = self.env["marketing.participant"].create([test, test])
        wizard = (
            self.env["marketing.campaign.test"]
            .with_user(self.responsible)
            .create({"campaign_id": campaign.id, "res_id": self.contacts[0].id})
        )
        entry = self.env["marketing.campaign.entry"].create(
            {
                "campaign_id": self.create_campaign(self.contacts).id,
                "entry_type": "event",
                "event": "created",
            }
        )
        participants[0].source = f"res.partner,{self.contacts[1].id}"
        by_hand = self.create_campaign(self.contacts, entry_ids=[(0, 0, {"entry_type": "manual"})])
        self.create_activity(by_hand)
        by_hand.action_start_campaign()
        planned = self.create_campaign(self.contacts)
        self.create_activity(planned)
        review = (
            self.env["marketing.campaign.review"]
            .with_user(self.responsible)
            .create({"campaign_id": planned.id, "res_id": self.contacts[0].id})
        )
        selection = {
            "campaign_id": by_hand.id,
            "model_name": "res.partner",
            "record_domain": str([("id", "in", self.contacts.ids)]),
        }
        calls = {
            "marketing.activity": [
                ("get_workflow_rules", None, {}),
                ("get_matching_count", mail, {}),
                ("get_links", mail, {}),
                ("action_view_matching_records", mail, {}),
                *(
                    ("action_view_figure", mail, {"figure": figure})
                    for figure in ("sent", "open", "click", "reply", "bounce")
                ),
                ("action_retry_failed", mail, {}),
                ("action_open_server_action", action, {}),
                ("get_copies", action, {"model_id": campaign.model_id.id}),
                ("action_clear_winner", split, {}),
                ("get_removal", action, {}),
            ],
            "marketing.activity.branch": [("action_take_for_all", split.branch_ids[0], {})],
            "marketing.campaign": [
                ("get_campaign_templates_info", None, {}),
                (
                    "get_action_marketing_campaign_from_template",
                    None,
                    {"template_name": "hot_contacts"},
                ),
                ("create_sample_contacts", None, {}),
                ("remove_sample_contacts", None, {}),
                ("get_first_steps", None, {}),
                ("get_workflow_metrics", campaign, {}),
                ("get_overview", campaign, {}),
                ("get_sending", campaign, {}),
                ("action_try_now", campaign, {}),
                ("action_view_overview", campaign, {}),
                ("action_open_campaign", campaign, {}),
                ("action_accept", campaign, {}),
                ("action_start_campaign", campaign, {}),
                ("sync_participants", campaign, {}),
                ("execute_activities", campaign, {}),
                ("poll_campaigns", campaign, {}),
                ("enrol", campaign, {"res_ids": self.contacts.ids, "entry_key": "S0012"}),
                ("exit_records", campaign, {"res_ids": [2**31 - 1]}),
                ("action_update_participants", campaign, {}),
                ("action_launch_test", campaign, {}),
                ("action_review", campaign, {}),
                ("action_plan_start", planned, {"moment": "2999-01-01 00:00:00"}),
                ("action_cancel_planned_start", planned, {}),
                ("action_view_mailings", campaign, {}),
                ("action_view_participants", campaign, {}),
                ("action_view_tests", campaign, {}),
                ("action_view_clicks", campaign, {}),
                ("action_stop_campaign", campaign, {}),
            ],
            "marketing.campaign.entry": [
                ("action_renew_rule", entry, {}),
                ("action_view_participants", entry, {}),
                ("action_renew_webhook", webhook, {}),
            ],
            "marketing.campaign.test": [("action_launch_test", wizard, {})],
            "marketing.campaign.review": [
                ("action_send_samples", review, {}),
                ("action_start", review, {}),
            ],
            "marketing.campaign.enrol": [
                (
                    "action_enrol",
                    self.env["marketing.campaign.enrol"]
                    .with_user(self.responsible)
                    .create(selection),
                    {},
                )
            ],
            "marketing.campaign.exit": [
                (
                    "action_exit",
                    self.env["marketing.campaign.exit"]
                    .with_user(self.responsible)
                    .create(selection),
                    {},
                )
            ],
            "marketing.message.log": [("get_pressure", None, {})],
            "marketing.participant": [
                ("get_journey", participants[0], {}),
                ("check_completed", participants[0], {}),
                ("action_set_completed", ended, {}),
                ("action_set_running", ended, {}),
                ("action_open_record", participants[0], {}),
                ("action_open_source", participants[0], {}),
                ("action_exit", ended, {}),
            ],
            "marketing.trace": [
                ("process_event", mail.trace_ids[0], {"event": "mail_click"}),
                ("action_open_record", mail.trace_ids[0], {}),
                ("action_execute", waiting[0], {}),
                ("action_cancel", waiting[1], {}),
                (
                    "action_take_branch",
                    split.trace_ids & tried.trace_ids,
                    {"branch_id": split.branch_ids[0].id},
                ),
            ],
            "mailing.mailing": [("copy_for_step", mail.mass_mailing_id, {})],
            "res.partner": [("action_view_marketing_participants", self.contacts[0], {})],
        }
        return [(model, *call) for model, entries in calls.items() for call in entries]

    # Where it is implemented for all models; clients call it on those.
    ABSTRACT = {
        ("marketing.participant.mixin", "action_view_marketing_participants"),
        ("crm.lead", "action_view_marketing_participants"),
    }

    FOR_ADMINISTRATORS = {("marketing.message.log", "get_pressure")}

    def get_caller(self, model, method):
        """Who may call a method; None: any marketer."""
        return self.administrator if (model, method) in self.FOR_ADMINISTRATORS else None

    def test_no_public_method_is_forgotten(self):
        called = {(model, method) for model, method, _records, _kwargs in self.create_calls()}
        self.assertEqual(self.public_methods() - self.ABSTRACT, called)

    def test_all_methods_return_what_xmlrpc_can_carry(self):
        for model, method, records, kwargs in self.create_calls():
            with self.subTest(model=model, method=method):
                args = [] if records is None else [records.ids]
                user = self.get_caller(model, method)
                self.assertIsNotNone(self.execute(model, method, *args, user=user, **kwargs))

    def test_all_methods_return_something_over_json2(self):
        for model, method, records, kwargs in self.create_calls():
            with self.subTest(model=model, method=method):
                if records is not None:
                    kwargs = {"ids": records.ids, **kwargs}
                response = self.post(model, method, self.get_caller(model, method), **kwargs)
                self.assertEqual(response.status_code, 200, response.text)
                self.assertIsNotNone(response.json())

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_others_are_refused(self):
        for model, method, records, kwargs in self.create_calls():
            if model == "res.partner":
                continue
            with self.subTest(model=model, method=method), mute_logger(*RPC_LOGGERS):
                args = [] if records is None else [records.ids]
                with self.assertRaisesRegex(xmlrpc.client.Fault, "not allowed"):
                    self.execute(model, method, *args, user=self.outsider, **kwargs)
        for model in (
            "marketing.campaign",
            "marketing.campaign.entry",
            "marketing.activity",
            "marketing.participant",
            "marketing.trace",
            "marketing.campaign.test",
            "marketing.campaign.review",
        ):
            for method, args in (
                ("search_read", [[]]),
                ("create", [{}]),
            ):
                with (
                    self.subTest(model=model, method=method),
                    mute_logger(*RPC_LOGGERS),
                    self.assertRaisesRegex(xmlrpc.client.Fault, "not allowed"),
                ):
                    self.execute(model, method, *args, user=self.outsider)

    def test_engine_cannot_be_called(self):
        for model, method in (
            ("marketing.campaign", "_cron_execute_activities"),
            ("marketing.campaign", "_enrol_in_batches"),
            ("marketing.trace", "_settle_events"),
            ("mailing.mailing", "_queue_emails"),
        ):
            with (
                self.subTest(method=method),
                mute_logger(*RPC_LOGGERS),
                self.assertRaises(xmlrpc.client.Fault),
            ):
                self.execute(model, method, [])
