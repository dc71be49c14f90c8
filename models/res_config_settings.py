from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.queues import EMAILS, TEXTS
from .engine.jobs import BATCH_SIZE_PARAMETER, EXECUTION_JOB
from .engine.search import SEARCH_SECONDS, SEARCH_SECONDS_PARAMETER
from .participant.retention import DELETE_PARAMETER, FORGET_PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    marketing_job_count = fields.Integer(
        "Campaign Jobs Side by Side",
        help="How many jobs execute activities at once, where many are due. Odoo needs as many"
        " free cron workers, on one host or several.",
    )
    marketing_batch_size = fields.Integer(
        "Campaign Batch Size",
        config_parameter=BATCH_SIZE_PARAMETER,
        default=200,
        help="How many activities a job executes in one transaction, at most.",
    )

    marketing_sender_count = fields.Integer(
        "Email Senders Side by Side",
        help="How many jobs send emails of campaigns at once, each with a connection of its own"
        " to the mail server. Odoo needs as many free cron workers, on one host or several.",
    )

    marketing_text_sender_count = fields.Integer(
        "Text Message Senders Side by Side",
        help="How many jobs hand text messages of campaigns to their provider at once. Odoo needs"
        " as many free cron workers, on one host or several.",
    )

    marketing_search_seconds = fields.Integer(
        "Campaign Search Limit",
        config_parameter=SEARCH_SECONDS_PARAMETER,
        default=SEARCH_SECONDS,
        help="How many seconds a job searches for the records of one campaign. Where that is too"
        " short, the campaign waits and its responsible is told.",
    )
    marketing_retention_months = fields.Integer(
        "Forget Finished Journeys after",
        config_parameter=FORGET_PARAMETER,
        help="How many months after its end a campaign forgets whose journey it was. All numbers"
        " stay. 0: never.",
    )
    marketing_delete_traces_months = fields.Integer(
        "Delete Traces of Finished Journeys after",
        config_parameter=DELETE_PARAMETER,
        help="How many months after its end the traces of a journey are deleted, with the"
        " statistics of its messages in Email and SMS Marketing. Figures of campaigns stay."
        " 0: never.",
    )

    @api.constrains(
        "marketing_job_count",
        "marketing_batch_size",
        "marketing_sender_count",
        "marketing_text_sender_count",
        "marketing_search_seconds",
        "marketing_retention_months",
        "marketing_delete_traces_months",
    )
    def _check_marketing(self):
        for settings in self:
            months = settings.marketing_retention_months, settings.marketing_delete_traces_months
            if min(months) < 0:
                raise ValidationError(
                    self.env._(
                        "Finished journeys cannot be forgotten or deleted after less than 0 months."
                    )
                )
            if settings.marketing_job_count < 1 or settings.marketing_batch_size < 1:
                raise ValidationError(
                    self.env._("Campaigns need at least one job, and a batch size of at least 1.")
                )
            if settings.marketing_sender_count < 1:
                raise ValidationError(self.env._("Campaigns need at least one sender of emails."))
            if settings.marketing_text_sender_count < 1:
                raise ValidationError(
                    self.env._("Campaigns need at least one sender of text messages.")
                )
            if settings.marketing_search_seconds < 1:
                raise ValidationError(
                    self.env._("Campaigns need at least one second to search for records.")
                )

    @api.model
    def get_values(self):
        campaign = self.env["marketing.campaign"]
        return {
            **super().get_values(),
            "marketing_job_count": len(campaign._get_jobs(EXECUTION_JOB)),
            "marketing_sender_count": len(campaign._get_jobs(EMAILS.job)),
            "marketing_text_sender_count": len(campaign._get_jobs(TEXTS.job)),
        }

    def set_values(self):
        res = super().set_values()
        campaign = self.env["marketing.campaign"]
        campaign._set_jobs(EXECUTION_JOB, self.marketing_job_count)
        campaign._set_jobs(EMAILS.job, self.marketing_sender_count)
        campaign._set_jobs(TEXTS.job, self.marketing_text_sender_count)
        return res
