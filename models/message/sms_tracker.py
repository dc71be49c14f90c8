from odoo import models

from .set_writing import AT_ONCE

# What is read of the mailing traces of many text messages.
TRACE_FIELDS = [
    "marketing_trace_id",
    "mass_mailing_id",
    "sent_datetime",
    "trace_status",
    "trace_type",
]


class SmsTracker(models.Model):
    _inherit = "sms.tracker"

    def write(self, vals):
        """Odoo checks its rules before it writes: another message may be one of a campaign."""
        res = super().write(vals)
        if "mailing_trace_id" in vals:
            self.mailing_trace_id._check_may_change()
        return res

    def _update_sms_traces(self, trace_status, failure_type=False, failure_reason=False):
        """The provider reports on many text messages of campaigns at once."""
        trackers = self
        traces = self.mailing_trace_id
        traces.fetch(TRACE_FIELDS)
        if traces.mass_mailing_id.filtered("use_in_marketing_automation"):
            trackers = self.with_context(marketing_set=AT_ONCE)
        return super(SmsTracker, trackers)._update_sms_traces(
            trace_status, failure_type, failure_reason
        )

    def _update_sms_mailings(self, trace_status, traces):
        """The mailing of a campaign is never "sending" or "done": Odoo's mailing jobs
        would send it to everybody, or report on it."""
        plain = traces.mass_mailing_id.filtered(
            lambda mailing: not mailing.use_in_marketing_automation
        )
        if not plain:
            return None
        if plain != traces.mass_mailing_id:
            traces = traces.filtered(lambda trace: trace.mass_mailing_id in plain)
        return super()._update_sms_mailings(trace_status, traces)
