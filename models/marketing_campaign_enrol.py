"""First step of the engine: records of the target become participants."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

ENROL_BATCH_SIZE = 200_000


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def sync_participants(self):
        """Enrol the records that match now and do not take part yet, where campaigns run.

        :raise UserError: if the filter or the target cannot be used
        """
        self._check_may_operate()
        running = self.filtered(lambda campaign: campaign.state == "running")
        for campaign in running:
            if problems := campaign._get_own_problems():
                raise UserError(
                    self.env._(
                        "Campaign “%(campaign)s” cannot enrol anybody:\n%(problems)s",
                        campaign=campaign.name,
                        problems="\n".join(problems),
                    )
                )
        for _count in running.sudo()._enrol_in_batches():
            pass
        self._wake_up_when_due()
        return True

    @api.model
    def _cron_sync_participants(self):
        """Enrol for all running campaigns, in slices; a broken campaign only hurts itself.

        The one that has waited longest comes first: a run whose time is up keeps nobody
        waiting for ever.
        """
        cron = self.env["ir.cron"]
        running = self.search(
            [("state", "=", "running")], order="last_try_date ASC NULLS FIRST, id"
        )
        for campaign in running._stop_without_responsible():
            try:
                # Noted before, so that it comes last next time even if it takes all the time.
                campaign.last_try_date = fields.Datetime.now()
                cron._commit_progress()
                in_their_language = campaign.with_context(lang=campaign.user_id.lang)
                if problems := in_their_language._get_own_problems():
                    campaign._notify_problems(problems)
                    continue
                campaign._unlink_lost_participants()
                for count in campaign._enrol_in_batches():
                    if not cron._commit_progress(count):
                        self._enrol_soon()
                        return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                _logger.info("Campaign %s met another transaction, it enrols again", campaign.id)
                self._enrol_soon()
            except Exception as error:
                self.env.cr.rollback()
                _logger.exception("Campaign %s could not enrol", campaign.id)
                campaign._notify_failure(error)
            cron._commit_progress()
        self.env["mailing.trace"]._settle_left_over()
        self.env["marketing.participant"]._settle_left_over()
        self.env["link.tracker.click"]._recount_clicks()
        self._wake_up_when_due()

    @api.model
    def _enrol_soon(self):
        """Have the job enrol as soon as this transaction is committed."""
        self.env.ref("marketing_automation.ir_cron_campaign_sync_participants").sudo()._trigger()

    def _unlink_lost_participants(self):
        """End the journeys of records that were deleted where no code could notice."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT res_id FROM marketing_participant participant
                WHERE campaign_id = %s AND state != 'unlinked' AND res_id != 0
                    AND NOT EXISTS (SELECT FROM %s AS record WHERE record.id = participant.res_id)
                """,
                self.id,
                SQL.identifier(self.env[self.model_name]._table),
            )
        )
        if rows:
            self.env["marketing.participant"]._unlink_records(
                self.model_name, [res_id for (res_id,) in rows]
            )

    def _enrol_in_batches(self):
        """Enrol batch after batch; yields the number of new participants of each, so
        that the caller can commit in between."""
        for campaign in self:
            last_id = 0
            # One enrolment of a campaign at a time: unicity is checked against what is there.
            while last_id is not None and campaign.try_lock_for_update(allow_referencing=True):
                count, last_id = campaign._enrol(last_id)
                campaign.last_sync_date = fields.Datetime.now()
                yield count

    def _enrol(self, after_id):
        """Make participants, with their first traces, of the next batch of records.

        Two SQL statements, whatever the number of records: PostgreSQL searches with
        several processes only where it writes nothing.

        :param int after_id: go on behind this record
        :return: number of new participants, and the id of the last record or None
            when there are no more
        :rtype: tuple
        """
        self.ensure_one()
        participants = self.env["marketing.participant"]
        traces = self.env["marketing.trace"]
        triggers = self.marketing_activity_ids.mapped("trigger_type")
        self.env.flush_all()
        with self._limited_search():
            [(record_ids,)] = self.env.execute_query(
                SQL(
                    "SELECT array_agg(id ORDER BY id) FROM (%s) AS candidate",
                    self._candidates_sql(after_id),
                )
            )
        if not record_ids:
            return 0, None
        query = SQL(
            """
            WITH participant AS (
                INSERT INTO marketing_participant
                    (campaign_id, res_id, company_id, state, is_test, create_date, write_date)
                SELECT %(campaign_id)s, id, %(company_id)s, %(state)s, FALSE, %(now)s, %(now)s
                FROM unnest(%(record_ids)s) AS candidate (id)
                ON CONFLICT DO NOTHING
                RETURNING id, res_id, company_id, is_test, create_date
            ),
            trace AS (%(first_traces)s)
            SELECT count(*) FROM participant
            """,
            record_ids=record_ids,
            campaign_id=self.id,
            company_id=participants._company_sql(self.env[self.model_name], SQL("candidate.id")),
            state="running" if "begin" in triggers else "completed",
            now=fields.Datetime.now(),
            first_traces=traces._first_traces_sql(self, SQL("SELECT * FROM participant")),
        )
        [(count,)] = self.env.execute_query(query)
        participants.invalidate_model()
        traces.invalidate_model()
        return count, record_ids[-1] if len(record_ids) == ENROL_BATCH_SIZE else None

    def _candidates_sql(self, after_id):
        """Records that match and do not take part, as ``SELECT id``, by id.

        The search runs as the responsible: record rules, companies, archived records
        and custom search methods apply as they would in a list.
        """
        self.ensure_one()
        model = self._responsible_env()[self.model_name].with_context(
            active_test=not self.include_archived
        )
        query = model._search(self._get_searched_domain())
        record_id = SQL.identifier(query.table, "id")
        query.add_where(SQL("%s > %s", record_id, after_id))
        query.add_where(
            SQL(
                """NOT EXISTS (
                    SELECT FROM marketing_participant known
                    WHERE known.campaign_id = %s AND known.res_id = %s AND NOT known.is_test
                )""",
                self.id,
                record_id,
            )
        )
        if not self.unique_field_id:
            return SQL(
                "%s ORDER BY id LIMIT %s",
                query.select(SQL("%s AS id", record_id)),
                ENROL_BATCH_SIZE,
            )
        return SQL("%s ORDER BY id LIMIT %s", self._unique_sql(model, query), ENROL_BATCH_SIZE)
