from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.queues import EMAILS, TEXTS
from .engine.jobs import BATCH_SIZE_PARAMETER, EXECUTION_JOB
from .engine.search import SEARCH_SECONDS, SEARCH_SECONDS_PARAMETER
from .participant.retention import DELETE_PARAMETER, FORGET_PARAMETER
from .policy.frequency_cap import CAP_DAYS, CAP_PARAMETERS, DAYS_PARAMETER, POLICY_PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    marketing_job_count = fields.Integer(
        "Campaign Jobs Side by Side",
        help="How many jobs execute steps at once, where many are due. Odoo needs as many"
        " free cron workers, on one host or several.",
    )
    marketing_batch_size = fields.Integer(
        "Campaign Batch Size",
        config_parameter=BATCH_SIZE_PARAMETER,
        default=200,
        help="How many steps a job executes in one transaction, at most.",
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

    marketing_email_cap = fields.Integer(
        "Emails for One Address",
        config_parameter=CAP_PARAMETERS["mail"],
        help="How many emails of Email Marketing and of campaigns one address gets at most, within"
        " the days below. Newsletters are counted, but always go out. 0: no limit.",
    )
    marketing_sms_cap = fields.Integer(
        "Text Messages for One Number",
        config_parameter=CAP_PARAMETERS["sms"],
        help="How many text messages of SMS Marketing and of campaigns one number gets at most,"
        " within the days below. 0: no limit.",
    )
    marketing_cap_days = fields.Integer(
        "Days of the Limit",
        config_parameter=DAYS_PARAMETER,
        default=CAP_DAYS,
        help="For how many days, of 24 hours each, a message counts.",
    )
    marketing_cap_policy = fields.Selection(
        [("wait", "Wait until they may go out"), ("skip", "Skip them")],
        string="Messages beyond the Limit",
        config_parameter=POLICY_PARAMETER,
        default="wait",
        help="What campaigns do with a message to an address that has got as many as it may. It"
        " waits a week at most, or until its step expires.",
    )

    @api.constrains(
        "marketing_email_cap",
        "marketing_sms_cap",
        "marketing_cap_days",
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
            if min(settings.marketing_email_cap, settings.marketing_sms_cap) < 0:
                raise ValidationError(
                    self.env._(
                        "Messages for one address: enter 0 for no limit, or a positive number."
                    )
                )
            if settings.marketing_cap_days < 1:
                raise ValidationError(
                    self.env._("Messages for one address are counted for 1 day at least.")
                )
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
        log = self.env["marketing.message.log"]
        caps = [log._get_cap(trace_type) for trace_type in CAP_PARAMETERS]
        res = super().set_values()
        if caps != [log._get_cap(trace_type) for trace_type in CAP_PARAMETERS]:
            self.env["marketing.trace"].sudo()._ask_capped_again(SQL("TRUE"))
        campaign = self.env["marketing.campaign"]
        campaign._set_jobs(EXECUTION_JOB, self.marketing_job_count)
        campaign._set_jobs(EMAILS.job, self.marketing_sender_count)
        campaign._set_jobs(TEXTS.job, self.marketing_text_sender_count)
        return res
