"""How many jobs of a kind work side by side, and how large their batches are."""

from odoo import api, models

from ...tools.pace import Pace
from ...tools.parameters import get_positive
from ...tools.queues import QUEUES
from . import run

EXECUTION_JOB = "marketing_automation.ir_cron_campaign_execute_activities"
# The first of each kind of job that may run beside copies of its own.
JOBS = (EXECUTION_JOB, *(queue.job for queue in QUEUES))
BATCH_SIZE_PARAMETER = "marketing_automation.batch_size"


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def _get_jobs(self, first_job):
        """The scheduled jobs of a kind.

        Odoo runs a scheduled job once at a time; each of these copies of the first one
        can run in a worker of its own, on any host.

        :param str first_job: external id
        """
        first = self.env.ref(first_job).sudo().with_context(active_test=False)
        return first + first.search(
            [
                ("id", "!=", first.id),
                ("model_id", "=", first.model_id.id),
                ("code", "=", first.code),
            ],
            order="id",
        )

    @api.model
    def _set_jobs(self, first_job, count):
        """Have this many of these jobs.

        :param str first_job: external id
        :param int count: 1 or more
        :raise UserError: if a job that is to go runs at this moment
        """
        jobs = self._get_jobs(first_job)
        jobs[max(count, 1) :].unlink()
        for number in range(len(jobs) + 1, count + 1):
            jobs[0].copy({"name": f"{jobs[0].name} ({number})", "active": jobs[0].active})

    @api.model
    def _wake_up_next_job(self, first_job):
        """Have the job after the present one run too."""
        present = self.env.context.get("cron_id")
        following = self._get_jobs(first_job).filtered(lambda job: present and job.id > present)
        if following:
            following[0]._trigger()

    @api.model
    def _begin_pace(self):
        """The pace of this run of a job that executes activities."""
        return Pace(
            get_positive(self.env, BATCH_SIZE_PARAMETER, run.RUN_BATCH_SIZE),
            was_cut_off=self._was_cut_off(),
        )

    @api.model
    def _was_cut_off(self):
        """Whether the run of the present job before this one was ended by force."""
        progress = self.env["ir.cron.progress"].sudo()
        progress = progress.browse(self.env.context.get("ir_cron_progress_id"))
        # Odoo counts the present run too until it has ended.
        return progress.timed_out_counter > 1
