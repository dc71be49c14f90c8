"""What looks wrong before a start: each check is an object that looks at a campaign.

An addon adds one by extending :meth:`marketing.campaign._get_review_checks`.
"""

from odoo import models

from .check import ERROR
from .content_checks import DummyLinks, EmptyText, NoOptOut, NoUnsubscribeLink, Placeholders
from .sender_checks import Delivery, SenderDomains, Senders, ServerLimits
from .workflow_checks import EverybodyEnters, FiltersThatFail, Impatience, NobodyEnters, Problems


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _get_review_checks(self):
        """What is looked at before a start, in this order.

        :rtype: list[Check]
        """
        return [
            Problems(),
            FiltersThatFail(),
            NobodyEnters(),
            EverybodyEnters(),
            Delivery(),
            Placeholders(),
            DummyLinks(),
            Senders(),
            SenderDomains(),
            ServerLimits(),
            EmptyText(),
            NoUnsubscribeLink(),
            NoOptOut(),
            Impatience(),
        ]

    def _find_what_looks_wrong(self, audience):
        """All findings, the worst first.

        :param Audience audience: who enters; None where that cannot be found out
        :rtype: list[Finding]
        """
        findings = [
            finding for check in self._get_review_checks() for finding in check.look(self, audience)
        ]
        return sorted(findings, key=lambda finding: finding.severity != ERROR)
