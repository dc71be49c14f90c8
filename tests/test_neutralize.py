from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.engine.jobs import JOBS
from ..tools.queues import QUEUES, TEXTS
from .common import MessagingCase


@tagged("post_install", "-at_install")
class TestNeutralize(MessagingCase):
    """After ``odoo neutralize`` nothing leaves the house."""

    @mute_logger("odoo.modules.neutralize")
    def test_campaign_in_the_middle(self):
        Campaign, Server = self.env["marketing.campaign"], self.env["ir.mail_server"]
        for job in JOBS:
            Campaign._set_jobs(job, 2)
        forced = Server.create({"name": "Of the mailing", "smtp_host": "mail.example.com"})
        campaign = self.create_campaign(self.create_contacts(2))
        activity = self.create_activity(campaign, "email", delay="0 hours")
        activity.mass_mailing_id.mail_server_id = forced
        self.start(campaign)
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()

        jobs = Campaign.env["ir.cron"].concat(*map(Campaign._get_jobs, JOBS))
        self.assertEqual(len(jobs), 6)
        self.assertFalse(any(jobs.mapped("active")))
        self.assertEqual(Server.search([]).mapped("smtp_host"), ["invalid"])
        self.assertFalse(forced.active)
        # Nothing wakes them, nor do more of them work.
        self.env["ir.cron.trigger"].search([]).unlink()
        Campaign._wake_up_senders()
        Campaign._wake_up_senders(queue=TEXTS)
        Campaign._wake_up()
        Campaign._enrol_soon()
        self.assertFalse(self.env["ir.cron.trigger"].search([]))
        for queue in QUEUES:
            Campaign._set_jobs(queue.job, 3)
            self.assertFalse(any(Campaign._get_jobs(queue.job).mapped("active")))
        # Nor does an email leave by itself.
        self.assertEqual(
            self.env["mail.mail"]
            .search([("mailing_id", "=", activity.mass_mailing_id.id)])
            .mapped("state"),
            ["outgoing"] * 2,
        )
