"""Webhooks: what their tests have in common."""

import json

from odoo.fields import Command
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .common import MarketingAutomationMixin

QUIET = ("odoo.addons.marketing_automation.models.entry.webhook_call", "odoo.sql_db", "odoo.http")


class WebhookCase(MarketingAutomationMixin, HttpCase):
    """A running campaign with a webhook that finds contacts by their address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.contact = cls.contacts[0]
        cls.campaign = cls.create_campaign(domain="[]", entry_ids=[])
        cls.create_activity(cls.campaign, "action", delay="1 days")
        cls.entry = cls.create_entry(cls.campaign)
        cls.campaign.action_start_campaign()

    @classmethod
    def create_entry(cls, campaign, mapping=(), **vals):
        """A webhook of the campaign.

        :param mapping: names of fields, and places in the call, or values that begin with ``=``
        """
        names = dict(mapping)
        return cls.env["marketing.campaign.entry"].create(
            {
                "campaign_id": campaign.id,
                "entry_type": "webhook",
                "mapping_ids": [
                    Command.create(cls.mapping_values(campaign, *item)) for item in names.items()
                ],
                **vals,
            }
        )

    @classmethod
    def mapping_values(cls, campaign, name, place):
        return {
            "field_id": cls.env["ir.model.fields"]._get(campaign.model_name, name).id,
            **({"constant": place[1:]} if place.startswith("=") else {"place": place}),
        }

    def map(self, **places):
        """Fields that the webhook writes, see :meth:`create_entry`."""
        self.entry.mapping_ids = [
            Command.clear(),
            *(Command.create(self.mapping_values(self.campaign, *item)) for item in places.items()),
        ]

    def call(self, payload=None, entry=None, body=None, path=None, headers=None):
        """Call a webhook.

        :return: the HTTP status and the answer
        """
        self.env.flush_all()
        entry = entry or self.entry
        response = self.url_open(
            path or entry.webhook_url.removeprefix(entry.get_base_url()),
            data=json.dumps(payload) if body is None else body,
            headers={"Content-Type": "application/json", **(headers or {})},
            method="POST",
        )
        self.env.invalidate_all()
        self.assertNotIn("Traceback", response.text)
        return response.status_code, response.json()

    def assertRefused(self, status, reason, *args, **kwargs):
        """A call lets nobody in, and changes nothing."""
        before = self.count()
        with mute_logger(*QUIET):
            found, answer = self.call(*args, **kwargs)
        self.assertEqual((found, answer["reason"]), (status, reason), answer)
        self.assertFalse(answer["created"])
        self.assertTrue(answer["message"])
        self.assertEqual(self.count(), before)
        return answer

    def count(self):
        return [
            self.env[name].search_count([])
            for name in ("marketing.participant", "res.partner", "crm.lead", "mailing.contact")
        ]
