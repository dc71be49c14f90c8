"""Campaigns say which mailing lists they mail for; until now that was read off the filter."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False, "tracking_disable": True})
    campaigns = env["marketing.campaign"].search(
        [("model_name", "=", "mailing.contact"), ("mailing_list_ids", "=", False)]
    )
    campaigns._compute_mailing_list_ids()
