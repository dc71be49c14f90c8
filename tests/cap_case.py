"""The frequency cap: what its tests have in common."""

from datetime import datetime, timedelta

from .common import MessagingCase

START = datetime(2025, 3, 3, 9)


class CapCase(MessagingCase):
    """Campaigns for the same contacts, in a world of frozen time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.responsible.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")

    def setUp(self):
        super().setUp()
        self.env["marketing.message.log"].search([]).unlink()
        self.set_cap(marketing_email_cap=1)

    def set_cap(self, **vals):
        self.env["res.config.settings"].create(vals).execute()

    def prepare(self, name="Campaign", activity_type="email", delay="0 hours", **vals):
        campaign = self.create_campaign(vals.pop("records", self.contacts), name=name, **vals)
        activity = self.create_activity(campaign, activity_type, delay=delay)
        campaign.action_start_campaign()
        return activity

    def run_at(self, **delay):
        """What is due is executed, and leaves at once."""
        with self.at(START + timedelta(**delay)):
            self.run_jobs()
            self.send_mails()
            self.send_sms()
        self.env.invalidate_all()

    def states(self, activity):
        return activity.trace_ids.sorted("res_id").mapped("state")

    def assertWaits(self, activity, **delay):
        traces = activity.trace_ids
        self.assertEqual(set(traces.mapped("state")), {"scheduled"})
        self.assertEqual(set(traces.mapped("state_reason")), {"capped"})
        self.assertEqual(set(traces.mapped("schedule_date")), {START + timedelta(**delay)})
