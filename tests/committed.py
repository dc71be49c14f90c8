from contextlib import contextmanager

from odoo import api
from odoo.modules.registry import Registry
from odoo.tests import common


class CommittedCase(common.BaseCase):
    """Transactions of their own; what they leave is removed after each test."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(common.get_db_name())
        self.addCleanup(self.clean_up)

    @contextmanager
    def environment(self):
        """A transaction of its own, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def clean_up(self):
        """Remove the campaign, all that it has, and its contacts."""
        with self.environment() as env:
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            campaign.action_stop_campaign()
            mailings = campaign.marketing_activity_ids.mass_mailing_id
            actions = campaign.marketing_activity_ids.server_action_id
            utm = campaign.utm_campaign_id
            env["mail.mail"].search([("mailing_id", "in", mailings.ids)]).unlink()
            campaign.unlink()
            (mailings | env["mailing.mailing"].search([("campaign_id", "=", utm.id)])).unlink()
            actions.unlink()
            utm.unlink()
            env["res.partner"].browse(self.partner_ids).exists().unlink()
