from odoo import http

from odoo.addons.sms.controllers.main import SmsController


class MarketingSmsController(SmsController):
    @http.route()
    def update_sms_status(self, message_statuses):
        """Reports that say the same are taken together, however the provider lists them."""
        for report in message_statuses:
            self._check_status_values(report["uuids"], report["sms_status"], message_statuses)
        uuids = [uuid for report in message_statuses for uuid in report["uuids"]]
        if len(set(uuids)) == len(uuids):
            by_status = {}
            for report in message_statuses:
                by_status.setdefault(report["sms_status"], []).extend(report["uuids"])
            message_statuses = [
                {"sms_status": status, "uuids": uuids} for status, uuids in by_status.items()
            ]
        return super().update_sms_status(message_statuses)
