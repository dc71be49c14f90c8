"""Third step of the engine: due traces are claimed and executed, batch by batch."""

import logging
import time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.rpc import on_records
from ...tools.states import STATES
from .jobs import EXECUTION_JOB

_logger = logging.getLogger(__name__)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @on_records
    def execute_activities(self):
        """Execute what is due now for these campaigns, where they run, in this transaction.

        :raise UserError: if a due activity cannot run
        """
        self._check_may_operate()
        # Who asks for it by hand does not wait.
        self.env["marketing.trace"].sudo()._release_held(
            SQL("activity_id = ANY(%s)", self.marketing_activity_ids.ids)
        )
        self.env["marketing.trace"].sudo()._settle_late_todos()
        waiting = self.env["marketing.activity"]
        while due := self.sudo()._get_due_activities() - waiting:
            for activity in due._of_highest_priority():
                if problems := activity._get_run_problems():
                    raise UserError("\n".join(problems))
                # What other workers hold stays due.
                if activity._pause_if_runaway() or not activity._execute_due():
                    waiting |= activity
        self._wake_up_when_due()
        return True

    @api.model
    def _cron_execute_activities(self):
        """Execute what is due in all running campaigns, one transaction a batch.

        If nothing is due, it waits for the seconds that make a click certain which has woken
        it. It ends with a wake-up for the next due moment; when the time of the job is up it
        asks for another run.
        """
        Trace = self.env["marketing.trace"]
        Trace._release_held(SQL("held_until <= %s", fields.Datetime.now()))
        self._notice_late_todos()
        has_time = self._execute_due()
        while has_time and (until := Trace._get_next_release()):
            # What happens in the meantime is seen by the next transaction only.
            if not self.env["ir.cron"]._commit_progress():
                self._wake_up()
                return
            time.sleep(Trace._get_pause_before(until))
            Trace._release_held(SQL("held_until <= %s", until))
            has_time = self._execute_due()

    @api.model
    def _notice_late_todos(self):
        """Take note of what people have not done in time, in a transaction of its own."""
        try:
            if self.env["marketing.trace"]._settle_late_todos():
                self.env["ir.cron"]._commit_progress()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            _logger.info("Somebody did what was late at the same moment; it is looked at later")
            self._wake_up(fields.Datetime.add(fields.Datetime.now(), minutes=1))

    @api.model
    def _execute_due(self):
        """Execute what is due now; each round gives one batch to each campaign of the highest
        priority.

        :return: whether the job has time left
        :rtype: bool
        """
        campaigns = self.search([("state", "=", "running")])._stop_without_responsible()
        waiting = self.env["marketing.activity"]
        pace = self._begin_pace()
        while due := campaigns._get_due_activities() - waiting:
            if pace.needs_help():
                self._wake_up_next_job(EXECUTION_JOB)
            in_turn = pace.ordered(due)._of_highest_priority()
            for activity in in_turn._first_of_each_campaign():
                start = time.monotonic()
                done, seconds_left = activity._execute_one_batch(pace.size_of(activity))
                pace.note(activity, done, time.monotonic() - start)
                if not done:
                    waiting |= activity
                if not seconds_left:
                    self._wake_up()
                    return False
        self._wake_up_when_due(waiting)
        return True

    def _get_due_activities(self):
        """Activities of running campaigns that have due traces, the longest due first."""
        if not self:
            return self.env["marketing.activity"]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.id
                FROM marketing_campaign campaign
                JOIN marketing_activity activity ON activity.campaign_id = campaign.id
                JOIN LATERAL (
                    SELECT schedule_date
                    FROM marketing_trace
                    WHERE activity_id = activity.id AND state = %(scheduled)s
                        AND is_test IS NOT TRUE
                        AND schedule_date <= %(now)s AND held_until IS NULL
                    ORDER BY schedule_date LIMIT 1
                ) AS due ON TRUE
                WHERE campaign.id = ANY(%(ids)s) AND campaign.state = %(running)s
                    AND activity.active AND activity.is_paused IS NOT TRUE
                    AND activity.is_updating IS NOT TRUE
                ORDER BY due.schedule_date, activity.id
                """,
                ids=self.ids,
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        return self.env["marketing.activity"].browse([activity_id for (activity_id,) in rows])

    # ------------------------------------------------------------
    # WAKE-UPS
    # ------------------------------------------------------------

    @api.model
    def _wake_up(self, date=None):
        """Have the job run at a moment, at once by default.

        :param datetime date: in UTC
        """
        if not date or date <= fields.Datetime.now():
            # Always a row of its own: one that is there already may belong to a run that
            # started before this transaction can be seen.
            self._get_execution_job()._trigger()
        elif self.env.execute_query(SQL("SELECT WHERE NOT %s", self._wakes_up_sql(date))):
            self._get_execution_job()._trigger(at=date)

    @api.model
    def _wakes_up_sql(self, date):
        """Whether the job is to run anyhow between now and a date."""
        return SQL(
            "EXISTS (SELECT FROM ir_cron_trigger"
            " WHERE cron_id = %s AND call_at > %s AND call_at <= %s)",
            self._get_execution_job().id,
            fields.Datetime.now(),
            date,
        )

    @api.model
    def _get_execution_job(self):
        # Visitors wait for this: no query to see that it exists.
        job_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "marketing_automation.ir_cron_campaign_execute_activities"
        )
        return self.env["ir.cron"].sudo().browse(job_id)

    @api.model
    def _wake_up_when_due(self, waiting=None):
        """Have the job run when the next trace of a running campaign is due, or a to-do late.

        :param waiting: activities that cannot run for now
        """
        self.env.flush_all()
        [(date,)] = self.env.execute_query(
            SQL(
                """
                SELECT least(
                    min(next.schedule_date),
                    (SELECT min(activity_deadline) FROM marketing_trace)
                )
                FROM marketing_campaign campaign
                JOIN marketing_activity activity ON activity.campaign_id = campaign.id
                JOIN LATERAL (
                    SELECT schedule_date
                    FROM marketing_trace
                    WHERE activity_id = activity.id AND state = %(scheduled)s
                        AND is_test IS NOT TRUE
                        AND schedule_date IS NOT NULL AND held_until IS NULL
                    ORDER BY schedule_date LIMIT 1
                ) AS next ON TRUE
                WHERE campaign.state = %(running)s AND activity.id != ALL(%(waiting)s)
                    AND activity.active AND activity.is_paused IS NOT TRUE
                    AND activity.is_updating IS NOT TRUE
                """,
                waiting=waiting.ids if waiting else [],
                **STATES,
            )
        )
        if date:
            self._wake_up(date)
