from odoo import models

from ..tools.run import MarketingRun


class SmsComposer(models.TransientModel):
    _inherit = "sms.composer"

    def _prepare_mass_sms_values(self, records):
        values_all = super()._prepare_mass_sms_values(records)
        closings = MarketingRun.of(self.env).closings
        for res_id in closings.keys() & values_all.keys():
            values_all[res_id]["marketing_send_until"] = closings[res_id]
        return values_all

    def _prepare_mass_sms_trace_values(self, record, sms_values):
        values = super()._prepare_mass_sms_trace_values(record, sms_values)
        run = MarketingRun.of(self.env)
        if trace_id := run.traces.get(record.id):
            values.update(marketing_trace_id=trace_id, is_test_trace=run.is_test)
        return values

    def _get_done_record_ids(self, records, recipients_info):
        """Being in a campaign twice on purpose is no duplicate, and past traces are not read."""
        if self.mailing_id.use_in_marketing_automation:
            return []
        return super()._get_done_record_ids(records, recipients_info)

    def _get_optout_record_ids(self, records, recipients_info):
        record_ids = super()._get_optout_record_ids(records, recipients_info)
        if self.mailing_id.use_in_marketing_automation and records._name == "mailing.contact":
            record_ids += records._get_opted_out(self.mailing_id).ids
        return record_ids
