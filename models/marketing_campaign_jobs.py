"""How many jobs execute activities side by side, and how large their batches are."""

from odoo import api, models

from ..tools.pace import Pace
from . import marketing_activity_run

FIRST_JOB = "marketing_automation.ir_cron_campaign_execute_activities"
BATCH_SIZE_PARAMETER = "marketing_automation.batch_size"


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def _get_execution_jobs(self):
        """The scheduled jobs that execute activities.

        Odoo runs a scheduled job once at a time; each of these copies of the first one
        can run in a worker of its own, on any host.
        """
        first = self.env.ref(FIRST_JOB).sudo().with_context(active_test=False)
        return first + first.search(
            [
                ("id", "!=", first.id),
                ("model_id", "=", first.model_id.id),
                ("code", "=", first.code),
            ],
            order="id",
        )

    @api.model
    def _set_execution_jobs(self, count):
        """Have this many of these jobs.

        :param int count: 1 or more
        :raise UserError: if a job that is to go runs at this moment
        """
        jobs = self._get_execution_jobs()
        jobs[max(count, 1) :].unlink()
        for number in range(len(jobs) + 1, count + 1):
            jobs[0].copy({"name": f"{jobs[0].name} ({number})", "active": jobs[0].active})

    @api.model
    def _wake_up_next_job(self):
        """Have the job after the present one run too."""
        present = self.env.context.get("cron_id")
        following = self._get_execution_jobs().filtered(lambda job: present and job.id > present)
        if following:
            following[0]._trigger()

    @api.model
    def _begin_pace(self):
        """The pace of this run of a job."""
        progress = self.env["ir.cron.progress"].sudo()
        progress = progress.browse(self.env.context.get("ir_cron_progress_id"))
        size = self.env["ir.config_parameter"].sudo().get_param(BATCH_SIZE_PARAMETER, "")
        return Pace(
            int(size) if size.isdigit() and int(size) else marketing_activity_run.RUN_BATCH_SIZE,
            # Odoo counts the present run too until it has ended.
            was_cut_off=progress.timed_out_counter > 1,
        )
