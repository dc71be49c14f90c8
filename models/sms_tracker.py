from odoo import models


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def write(self, vals):
        """Odoo checks its rules before it writes: another message may be one of a campaign."""
        res = super().write(vals)
        if "mailing_trace_id" in vals:
            self.mailing_trace_id._check_may_change()
        return res

    def _update_sms_mailings(self, trace_status, traces):
        """The mailing of a campaign is never "sending" or "done": Odoo's mailing jobs
        would send it to everybody, or report on it."""
        plain = traces.filtered(lambda trace: not trace.mass_mailing_id.use_in_marketing_automation)
        return super()._update_sms_mailings(trace_status, plain) if plain else None
