"""All six ways into one campaign, each from its form to the figures."""

from odoo import fields
from odoo.tests import Form, get_db_name, tagged

from .entry_webhook_case import WebhookCase


@tagged("post_install", "-at_install")
class TestWaysIn(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What rules put into the classes of the registry goes with them.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.meeting = cls.env["ir.model.fields"].create(
            {
                "name": "x_meeting",
                "field_description": "Meeting",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "ttype": "datetime",
            }
        )
        cls.tag = cls.env["res.partner.category"].create({"name": "VIP"})
        cls.responsible.password = "marketer-password"

    def add_entry(self, entry_type, **values):
        """An entry as the responsible makes it in its form."""
        entries = self.env["marketing.campaign.entry"].with_user(self.responsible)
        form = Form(entries.with_context(default_campaign_id=self.campaign.id))
        form.entry_type = entry_type
        for name, value in values.items():
            setattr(form, name, value)
        return form.save().sudo()

    def add_by_hand(self, record):
        dialogs = self.env["marketing.campaign.enrol"].with_user(self.responsible)
        selected = {"active_model": record._name, "active_ids": record.ids}
        Form(dialogs.with_context(**selected)).save().action_enrol()

    def enrol_by_rpc(self, record):
        self.env.flush_all()
        [answer] = self.xmlrpc_object.execute_kw(
            get_db_name(),
            self.responsible.id,
            "marketer-password",
            "marketing.campaign",
            "enrol",
            [self.campaign.ids, record.ids, "S1"],
        )
        self.env.invalidate_all()
        self.assertTrue(answer["created"])

    def test_from_the_form_to_the_figures(self):
        now = fields.Datetime.now()
        begin, soon, later = (fields.Datetime.add(now, hours=hours) for hours in (1, 2, 4))
        contacts = self.create_contacts(5, email="way-in-{i}@example.com")
        by_date, by_event, by_hand, by_webhook, by_rpc = contacts
        self.campaign = self.create_campaign(
            domain="[('email', '=like', 'way-in-%')]", entry_ids=[]
        )
        self.create_activity(self.campaign, "action", delay="9 days")
        tag = f"res.partner.category,{self.tag.id}"
        entries = {
            "filter": self.add_entry("filter", only_new=True),
            "date": self.add_entry(
                "date", date_field_id=self.meeting, date_number=-1, time_of_day=0
            ),
            "event": self.add_entry("event", event="tag", event_ref=tag),
            "manual": self.add_entry("manual"),
            "webhook": self.add_entry("webhook"),
        }
        with self.at(begin):
            self.campaign.action_start_campaign()
            self.assertFalse(self.campaign.participant_ids)
        with self.at(soon):
            new = self.create_contacts(1, email="way-in-new@example.com")
        by_date.x_meeting = fields.Datetime.add(soon, days=1, hours=1)
        by_event.category_id = self.tag
        self.add_by_hand(by_hand)
        self.assertEqual(self.call({"id": by_webhook.id}, entries["webhook"])[0], 201)
        self.enrol_by_rpc(by_rpc)
        with self.at(later):
            self.run_cron("ir_cron_campaign_sync_participants")
            self.run_cron("ir_cron_poll")
        self.env.invalidate_all()
        self.assertEqual(
            {run.res_id: run.entry_id for run in self.campaign.participant_ids},
            {
                new.id: entries["filter"],
                by_date.id: entries["date"],
                by_event.id: entries["event"],
                by_hand.id: entries["manual"],
                by_webhook.id: entries["webhook"],
                by_rpc.id: entries["manual"],
            },
        )
        self.assertEqual(
            {kind: entry.participant_count for kind, entry in entries.items()},
            {"filter": 1, "date": 1, "event": 1, "manual": 2, "webhook": 1},
        )
        campaign = self.campaign.with_user(self.responsible)
        self.assertEqual(campaign.total_participant_count, 6)
        for entry in entries.values():
            action = entry.with_user(self.responsible).action_view_participants()
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(found.entry_id, entry)
            self.assertEqual(len(found), entry.participant_count)
