"""What people without a mouse, without sight or on a phone meet: axe-core in each screen."""

import json
from importlib.util import find_spec
from pathlib import Path

from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from .common import MarketingAutomationMixin

AXE = Path(find_spec("axe_playwright_python").origin).with_name("axe.min.js")
BUNDLES = ("web.assets_web", "web.assets_backend_lazy")
WINDOW = {"type": "ir.actions.act_window", "target": "current"}


class AccessibilityCase(MarketingAutomationMixin, HttpCase):
    """Opens screens in a browser, and looks for what keeps people from using them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.axe = cls.env["ir.attachment"].create(
            {
                "name": AXE.name,
                "raw": AXE.read_bytes(),
                "mimetype": "application/javascript",
                "public": True,
            }
        )
        for bundle in BUNDLES:  # else each test makes them again
            assets = cls.env["ir.qweb"]._get_asset_bundle(bundle)
            assets.css()
            assets.js()

    def check(self, screens, size="1366x768", touch=False):
        """Look at screens one after the other, in one browser.

        :param screens: see ``checkAccessibility`` in ``static/tests/tours/accessibility.js``
        """
        self.browser_size, self.touch_enabled = size, touch
        address = f"/web/content/{self.axe.id}/{AXE.name}"
        self.browser_js(
            "/odoo/marketing-automation",
            f"odoo.checkAccessibility({json.dumps(address)}, {json.dumps(screens)})",
            ready="odoo.isReady && 'checkAccessibility' in odoo",
            login="admin",
            timeout=300,
        )


def form_of(record, view=None):
    """The action that opens a record, in its form or in another one."""
    view_id = view and record.env.ref(f"marketing_automation.{view}").id
    return {
        **WINDOW,
        "name": record.display_name,
        "res_model": record._name,
        "res_id": record.id,
        "views": [[view_id or False, "form"]],
    }


@tagged("post_install", "-at_install")
class TestAccessibility(AccessibilityCase):
    """No screen has a finding of impact serious or critical, on a desktop and on a phone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(6)
        cls.empty = cls.create_campaign(name="New campaign")
        cls.draft = cls.create_draft()
        cls.running = cls.create_running()
        cls.test = cls.env["marketing.participant"].create(
            {
                "campaign_id": cls.running.id,
                "res_id": cls.contacts[0].id,
                "is_test": True,
            }
        )

    @classmethod
    def create_draft(cls):
        """Steps and entries of all types, many with a problem."""
        campaign = cls.create_campaign(cls.contacts, name="Draft")
        first = cls.create_activity(campaign, name="First")
        details = {
            "action": {"validity_duration": True},
            "goto": {"goto_activity_id": first.id},
            "sms": {"mass_mailing_id": False},
            "wait": {"wait_type": "time", "wait_weekday": "0", "wait_limit": True},
        }
        for activity_type in cls.env["marketing.activity"]._get_step_types():
            cls.create_activity(
                campaign,
                activity_type,
                name=activity_type.capitalize(),
                parent_id=first.id,
                **details.get(activity_type, {}),
            )
        entry_types = set(cls.env["marketing.campaign.entry"]._get_entry_types())
        campaign.entry_ids = [
            Command.create({"entry_type": entry_type, "active": entry_type != "manual"})
            for entry_type in entry_types - set(campaign.entry_ids.mapped("entry_type"))
        ]
        return campaign

    @classmethod
    def create_running(cls):
        """Half of the audience has opened the first email."""
        campaign = cls.create_campaign(cls.contacts, name="Running campaign")
        hello = cls.create_activity(campaign, delay="0 hours", name="Hello")
        for trigger in ("mail_open", "mail_not_open"):
            cls.create_activity(
                campaign, "action", trigger, "1 days", name=f"If {trigger}", parent_id=hello.id
            )
        cls.create_activity(campaign, "sms", name="Later", delay="2 days", validity_duration=True)
        campaign.action_start_campaign()
        campaign.sync_participants()
        campaign.execute_activities()
        messages = hello.trace_ids.mailing_trace_ids
        messages.set_sent()
        messages[:3].set_opened()
        return campaign

    def test_desktop(self):
        self.check(self.screens())

    def test_phone(self):
        self.check(self.screens(), size="390x844", touch=True)

    def screens(self):
        return [
            *self.screens_of_lists(),
            *self.screens_of_campaigns(),
            *self.screens_of_steps(),
            *self.screens_of_participants(),
            *self.screens_of_reports(),
            {
                "name": "Settings",
                "action": {
                    **WINDOW,
                    "res_model": "res.config.settings",
                    "views": [[False, "form"]],
                    "context": {"module": "mass_mailing"},
                },
                "ready": "#marketing_cap",
                "within": ".o_setting_box[id^='marketing_']",
            },
        ]

    def screens_of_lists(self):
        dashboard = "marketing_automation.marketing_campaign_action"
        campaigns = {**WINDOW, "name": "Campaigns", "res_model": "marketing.campaign"}
        return [
            {
                "name": "Dashboard",
                "action": dashboard,
                "ready": ".o_kanban_record:contains(Running campaign)",
            },
            {
                "name": "Menu of the button New",
                "action": dashboard,
                "ready": ".o_kanban_record",
                "clicks": [[".o_marketing_new_menu", ".o-dropdown--menu"]],
            },
            {
                "name": "Templates",
                "action": dashboard,
                "ready": ".o_kanban_record",
                "clicks": [
                    [".o_marketing_new_menu", ".o-dropdown--menu"],
                    [".o-dropdown--menu .dropdown-item", ".modal .o_marketing_template"],
                ],
            },
            {
                "name": "List of campaigns",
                "action": {**campaigns, "views": [[False, "list"]]},
                "ready": ".o_data_row",
            },
            {
                "name": "Dashboard without a campaign",
                "action": {**campaigns, "views": [[False, "kanban"]], "domain": [["id", "=", 0]]},
                "ready": ".o_marketing_template",
            },
        ]

    def screens_of_campaigns(self):
        sections = ("audience", "entries", "sending", "options")
        opened = {
            "Menu of a step": [".o_mwf_card .o_mwf_menu", ".o-dropdown--menu"],
            "Menu of what can follow": [".o_mwf_card + .o_mwf_add", ".o_mwf_step_menu"],
            "Panel of a step": [".o_mwf_card", ".o_mwf_side [name='activity_type']"],
            "Panel of an entry": [".o_mwf_entry", ".o_mwf_side [name='entry_type']"],
            **{
                f"Section {name}": [
                    f".o_marketing_section_button[name='{name}']",
                    ".o_marketing_section",
                ]
                for name in sections
            },
        }
        return [
            {"name": "New campaign", "action": form_of(self.empty), "ready": ".o_mwf_first"},
            {
                "name": "Running campaign",
                "action": form_of(self.running),
                "ready": ".o_mwf_card .o_mwf_rates",
            },
            *(
                {
                    "name": name,
                    "action": form_of(self.draft),
                    "ready": ".o_mwf_card",
                    "clicks": [click],
                }
                for name, click in opened.items()
            ),
        ]

    def screens_of_steps(self):
        """The form of a step of each type, and of an entry of each type."""
        steps = {step.activity_type: step for step in self.draft.marketing_activity_ids}
        entries = {entry.entry_type: entry for entry in self.draft.entry_ids}
        return [
            {
                "name": f"Form of {name}",
                "action": form_of(record),
                "ready": f".o_form_view {form} [name='name'], {form}.o_form_view [name='name']",
            }
            for form, records in (
                (".o_marketing_activity_form", steps),
                (".o_marketing_entry_form", entries),
            )
            for name, record in records.items()
        ]

    def screens_of_participants(self):
        return [
            {
                "name": "Journey",
                "action": form_of(self.running.participant_ids[0]),
                "ready": ".o_mwf_status",
            },
            {"name": "Test", "action": form_of(self.test), "ready": ".o_mwf_buttons"},
            {
                "name": "Trace",
                "action": form_of(self.running.participant_ids[0].trace_ids[0]),
                "ready": ".o_form_view",
            },
            {
                "name": "Launch a test",
                "action": self.running.action_launch_test(),
                "ready": ".modal [name='resource_ref'] input",
            },
            {
                "name": "Add to a campaign",
                "action": {
                    **self.env.ref(
                        "marketing_automation.marketing_campaign_enrol_action"
                    )._get_action_dict(),
                    "context": {
                        "active_model": "res.partner",
                        "active_ids": self.contacts.ids,
                        "active_id": self.contacts[0].id,
                    },
                },
                "ready": ".modal .o_form_view",
            },
        ]

    def screens_of_reports(self):
        overview = "marketing_campaign_view_form_overview"
        reports = {
            "Traces": "marketing_trace_action",
            "Participants": "marketing_participant_action",
            "Clicks": "link_tracker_click_action",
        }
        return [
            {
                "name": "Overview",
                "action": form_of(self.running, overview),
                "ready": ".o_marketing_funnel",
            },
            {
                "name": "List of overviews",
                "action": "marketing_automation.marketing_campaign_action_overview",
                "ready": ".o_data_row",
            },
            {
                "name": "Pressure",
                "action": "marketing_automation.marketing_message_log_action_pressure",
                "ready": ".o_marketing_pressure table",
            },
            *(
                {
                    "name": name,
                    "action": f"marketing_automation.{action}",
                    "ready": ".o_graph_renderer",
                }
                for name, action in reports.items()
            ),
        ]


@tagged("post_install", "-at_install")
class TestInput(MarketingAutomationMixin, HttpCase):
    """A workflow with branches is built, read and changed with the keyboard alone, and on a
    phone."""

    def build(self, tour):
        """Run a tour in a new campaign."""
        campaign = self.create_campaign()
        self.start_tour(
            f"/odoo/marketing.campaign/{campaign.id}",
            f"marketing_automation_{tour}",
            login="marketer",
            timeout=180,
        )
        self.env.invalidate_all()
        return [
            (step.name, step.activity_type, step.trigger_type, step.parent_id.name)
            for step in campaign.marketing_activity_ids.sorted("id")
        ]

    def test_keyboard(self):
        self.assertEqual(
            self.build("keyboard"),
            [
                ("Hello", "email", "begin", False),
                ("Reader", "email", "mail_open", "Hello"),
                ("Silent", "email", "mail_not_open", "Hello"),
                ("Late", "email", "mail_click", "Reader"),
            ],
        )
        with file_open("marketing_automation/static/tests/tours/keyboard_tour.js") as source:
            self.assertNotIn("click", source.read(), "Nothing is done with a mouse")

    def test_phone(self):
        self.browser_size, self.touch_enabled = "390x844", True
        self.assertEqual(
            self.build("phone"),
            [
                ("Hello", "email", "begin", False),
                ("Has read it", "exit", "mail_open", "Hello"),
                ("Silent", "email", "mail_not_open", "Hello"),
            ],
        )
