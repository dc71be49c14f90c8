"""Entries by events: what their tests have in common."""

from .common import MarketingAutomationCase


class EventCase(MarketingAutomationCase):
    """A running campaign for contacts, with one entry, by an event."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What rules put into the classes of the registry goes with them.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.responsible.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.tag, cls.other_tag = cls.env["res.partner.category"].create(
            [{"name": "VIP"}, {"name": "Other"}]
        )
        cls.list = cls.env["mailing.list"].create({"name": "News"})

    def model(self, name):
        return self.env["ir.model"]._get(name)

    def listen(self, event="created", campaign=None, user=None, start=True, **vals):
        """A campaign with an entry by this event.

        :param dict campaign: values of the campaign
        :param user: who makes it
        """
        self.campaign = self.create_campaign(
            domain="[]", entry_ids=[], unique_field_id=False, **(campaign or {})
        )
        self.create_activity(
            self.campaign,
            "action",
            delay="1 days",
            server_action_id=self.create_server_action(model_id=self.campaign.model_id.id).id,
        )
        entries = self.env["marketing.campaign.entry"].with_user(user or self.env.user)
        entry = entries.create(
            {
                "campaign_id": self.campaign.id,
                "entry_type": "event",
                "event": event,
                **vals,
            }
        ).sudo()
        if start:
            self.campaign.action_start_campaign()
            self.assertFalse(entry._get_problems())
        return entry

    def res_ids(self):
        self.campaign.invalidate_recordset(["participant_ids"])
        return sorted(self.campaign.participant_ids.mapped("res_id"))

    def assertIn_(self, *records):
        self.assertEqual(self.res_ids(), sorted(record.id for record in records))

    def stages(self):
        return self.env["crm.stage"].search([], limit=3)

    def create_lead(self, **vals):
        return self.env["crm.lead"].create({"name": "Lead", "type": "opportunity", **vals})
