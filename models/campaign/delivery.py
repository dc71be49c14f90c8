"""Whether what a campaign sends can leave the house."""

import socket

from odoo import api, fields, models
from odoo.tools import config

from odoo.addons.sms.tools.sms_api import SmsApi

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
TIMEOUT = 0.2  # seconds


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    delivery_warnings = fields.Json(
        compute="_compute_delivery_warnings",
        help="Why messages would not arrive, and the action that leads to what is missing.",
    )

    @api.depends("marketing_activity_ids.active", "marketing_activity_ids.activity_type", "user_id")
    def _compute_delivery_warnings(self):
        for campaign in self:
            types = campaign.marketing_activity_ids.mapped("activity_type")
            warnings = []
            if "email" in types and not self._has_mail_server():
                warnings.append(
                    {
                        "message": self.env._(
                            "Emails cannot be sent: there is no outgoing mail server."
                        ),
                        "action": "base.action_ir_mail_server_list",
                    }
                )
            if "sms" in types and not campaign._has_sms_account():
                warnings.append(
                    {
                        "message": self.env._(
                            "Text messages cannot be sent: there is no registered SMS account."
                        ),
                        "action": "iap.iap_account_action",
                    }
                )
            if not self.env.user.has_group("base.group_system"):
                for warning in warnings:
                    warning["action"] = False
            campaign.delivery_warnings = warnings

    @api.model
    def _has_mail_server(self):
        """Whether a mail server is set up; the default one has to answer on this host."""
        MailServer = self.env["ir.mail_server"].sudo()
        if MailServer.search_count(MailServer._find_mail_server_allowed_domain(), limit=1):
            return True
        host, port = config.get("smtp_server"), config.get("smtp_port") or 25
        if host not in LOCAL_HOSTS:
            return bool(host)
        try:
            with socket.create_connection((host, port), timeout=TIMEOUT):
                return True
        except OSError:
            return False

    def _has_sms_account(self):
        """Whether Odoo's own SMS service has an account; other providers say it themselves."""
        company = self.user_id.company_id or self.env.company
        if company.sudo()._get_sms_api_class() is not SmsApi:
            return True
        return bool(
            self.env["iap.account"]
            .sudo()
            .search_count(
                [
                    ("service_name", "=", "sms"),
                    ("company_ids", "in", [False, company.id]),
                    # Not known before it was looked up.
                    ("state", "in", ["registered", False]),
                ],
                limit=1,
            )
        )
