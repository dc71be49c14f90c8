"""Entries by dates: what their tests have in common."""

from datetime import datetime

from .common import MarketingAutomationCase

START = datetime(2025, 3, 1, 8)


class DateEntryCase(MarketingAutomationCase):
    """Contacts have a birthday (a date), and a meeting (with its time)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_field("x_birthday", "date")
        cls.create_field("x_meeting", "datetime")
        cls.contacts = cls.create_contacts(3, tz="UTC")

    @classmethod
    def create_field(cls, name, kind):
        return cls.env["ir.model.fields"].create(
            {
                "name": name,
                "field_description": name[2:].capitalize(),
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "ttype": kind,
            }
        )

    @classmethod
    def get_field(cls, name, model_name="res.partner"):
        return cls.env["ir.model.fields"]._get(model_name, name)

    def create_entry(self, campaign, name="x_birthday", **vals):
        return self.env["marketing.campaign.entry"].create(
            {
                "campaign_id": campaign.id,
                "entry_type": "date",
                "date_field_id": self.get_field(name).id,
                **vals,
            }
        )

    def start(self, records=None, reentry="never", name="x_birthday", at=START, **vals):
        """A running campaign with one date entry."""
        campaign = self.create_campaign(
            self.contacts if records is None else records, entry_ids=[], reentry=reentry
        )
        self.create_activity(campaign, "action", delay="1 days")
        self.create_entry(campaign, name, **vals)
        with self.at(at):
            campaign.action_start_campaign()
        return campaign

    def look(self, campaign, *moments):
        for moment in moments:
            with self.at(moment):
                self.assertTrue(campaign.entry_ids._filtered_polled())
                for entry in campaign.entry_ids:
                    entry._look()

    def runs(self, campaign):
        """What came in, as tuples of the record and the moment."""
        campaign.invalidate_recordset()
        return sorted((run.res_id, run.create_date) for run in campaign.participant_ids)
