from odoo import models


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def _update_sms_mailings(self, trace_status, traces):
        """The mailing of a campaign is never "sending" or "done": Odoo's mailing jobs
        would send it to everybody, or report on it."""
        plain = traces.filtered(lambda trace: not trace.mass_mailing_id.use_in_marketing_automation)
        return super()._update_sms_mailings(trace_status, plain) if plain else None
