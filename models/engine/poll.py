"""What comes true with nobody to tell it is looked for, a step or a way in with one query, every
five minutes: runs need not wait any longer, a split has its winner, a date has come, sending hours
are others."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.rpc import on_records
from ...tools.states import STATES

POLL_JOB = "marketing_automation.ir_cron_poll"


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @on_records
    def poll_campaigns(self):
        """Look now for what runs of these campaigns wait for, of all running ones by default, and
        for records whose date to come in has come.

        Who need not wait any longer goes on with the next run of the job.

        :return: the number of runs that have stopped waiting
        :rtype: int
        """
        running = [("state", "=", "running")]
        campaigns = self.filtered_domain(running) if self else self.search(running)
        campaigns._check_may_operate()
        for entry in campaigns.sudo().entry_ids._filtered_polled():
            entry._look()
        steps = campaigns.sudo().marketing_activity_ids
        number = sum(step._poll() for step in steps._filtered_polled())
        for step in steps._filtered_bound_to_hours():
            step._review_hours()
        self.env["marketing.trace"].sudo()._take_back_closed()
        self._wake_up_when_due()
        return number

    @api.model
    def _cron_poll(self):
        """Look for who comes in, and what runs wait for, in all running campaigns: a way in, or a
        step, in one transaction."""
        campaigns = self.search([("state", "=", "running")])
        for entry in campaigns.entry_ids._filtered_polled():
            with entry.campaign_id._apart(f"The look of entry {entry.id}", POLL_JOB):
                entry._look()
                self.env["ir.cron"]._commit_progress(1)
        for step in campaigns.marketing_activity_ids._filtered_polled():
            with step.campaign_id._apart(f"The poll of activity {step.id}", POLL_JOB):
                step._poll()
                self.env["ir.cron"]._commit_progress(1)
        for step in campaigns.marketing_activity_ids._filtered_bound_to_hours():
            with step.campaign_id._apart(f"The review of activity {step.id}", POLL_JOB):
                step._review_hours()
                self.env["ir.cron"]._commit_progress(1)
        with self._apart("The look for messages whose hours are over", POLL_JOB):
            self.env["marketing.trace"]._take_back_closed()
        self._wake_up_when_due()

    @api.model
    def _poll_soon(self):
        """Have the job look as soon as this transaction is over."""
        self.env.ref(POLL_JOB).sudo()._trigger()


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _filtered_polled(self):
        """Those of these steps at which something may come true that nobody tells."""
        return self.filtered(lambda step: step._get_step_type().is_polled(step))

    def _poll(self):
        """Look for what may have come true at this step, unless something keeps it from running.

        :return: the number of runs that have stopped waiting
        """
        return 0 if self._get_run_problems() else self._get_step_type().poll(self)

    def _release_waiting(self):
        """Runs that wait at this step, and for which it has come true, are due from now on.

        What a date of the record says now is when they are due.

        :return: their number
        """
        self.ensure_one()
        self.env.flush_all()
        found, condition = self._get_step_type().get_awaited(self)
        now = fields.Datetime.now()
        with self.campaign_id._limited_search():
            rows = self.env.execute_query(
                SQL(
                    """
                    UPDATE marketing_trace trace
                    SET schedule_date = %(now)s, write_date = %(now)s
                    FROM marketing_activity activity %(found)s
                    WHERE trace.activity_id = %(activity_id)s AND activity.id = trace.activity_id
                        AND trace.state = %(scheduled)s AND trace.wait_since IS NOT NULL
                        AND trace.is_test IS NOT TRUE
                        AND (trace.schedule_date IS NULL OR trace.schedule_date > %(now)s)
                        AND %(condition)s
                    RETURNING trace.id
                    """,
                    activity_id=self.id,
                    found=SQL(", (%s) AS awaited", found) if found else SQL(),
                    condition=condition,
                    now=now,
                    **STATES,
                )
            )
        self.env["marketing.trace"].invalidate_model(["schedule_date", "write_date"])
        return len(rows)
