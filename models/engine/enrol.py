"""First step of the engine: records of the target become participants."""

import logging
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.admission import Wanted
from ...tools.rpc import on_records
from ...tools.sets import to_array
from ...tools.states import FORGOTTEN, UNLINKED

_logger = logging.getLogger(__name__)

ENROLMENT_JOB = "marketing_automation.ir_cron_campaign_sync_participants"
ENROL_BATCH_SIZE = 200_000
# Those who may have been in before are decided on one by one.
REENTRY_BATCH_SIZE = 50_000


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @on_records
    def sync_participants(self):
        """Enrol the records that match now and do not take part yet, where campaigns run.

        :raise UserError: if the filter or the target cannot be used
        """
        self._check_may_operate()
        if sum(self._check_can_enrol().sudo()._enrol_in_batches()):
            self._wake_up_when_due()
        return True

    def _check_can_enrol(self):
        """Those of these campaigns that run.

        :raise UserError: if the filter or the target of one cannot be used
        """
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
        return running

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.model
    def _cron_sync_participants(self):
        """Start what was planned, put right what was left over, apply changes of workflows, and
        enrol for all running campaigns, in slices; what fails only hurts itself.

        The other job is woken for what is due, whatever happened.
        """
        self._start_planned()
        self._repair()
        self.env["marketing.late.event"]._take_all()
        if not (self._update_all() and self._enrol_all()):
            self._enrol_soon()
        self._wake_up_when_due()

    def _repair(self):
        """What could not be finished when it happened, each kind by itself."""
        for name, repair in (
            ("Failures of messages", self.env["mailing.trace"]._settle_left_over),
            ("Deleted emails", self.env["mailing.trace"]._cancel_without_email),
            ("Queued messages", self.env["marketing.trace"]._take_back_queued),
            ("Removed activities", self.env["marketing.activity"]._cancel_left_over),
            ("Events", self.env["marketing.trace"]._settle_missed_events),
            ("States of participants", self.env["marketing.participant"]._settle_left_over),
            ("Numbers of clicks", self.env["link.tracker.click"]._recount_clicks),
        ):
            with self._apart(name):
                repair()

    def _update_all(self):
        """Apply changes to participants, where that was left to the job.

        :return: whether there was time for all
        """
        updating = self.env["marketing.activity"].search([("is_updating", "=", True)])
        for campaign in updating.campaign_id:
            with campaign._apart(f"The update of campaign {campaign.id}"):
                for count in campaign._update_in_batches():
                    if not self.env["ir.cron"]._commit_progress(count):
                        return False
        return True

    def _enrol_all(self):
        """Enrol for all running campaigns. The one that has waited longest comes first: a run
        whose time is up keeps nobody waiting for ever.

        :return: whether there was time for all
        """
        running = self.search(
            [("state", "=", "running")], order="last_try_date ASC NULLS FIRST, id"
        )
        for campaign in running._stop_without_responsible():
            with campaign._apart(f"The enrolment of campaign {campaign.id}"):
                # Noted before, so that it comes last next time even if it takes all the time.
                campaign._note_moment("last_try_date")
                self.env["ir.cron"]._commit_progress()
                in_their_language = campaign.with_context(lang=campaign.user_id.lang)
                if problems := in_their_language._get_own_problems():
                    campaign._notify_problems(problems)
                    continue
                campaign._unlink_lost_participants()
                for count in campaign._enrol_in_batches():
                    if not self.env["ir.cron"]._commit_progress(count):
                        return False
        return True

    @contextmanager
    def _apart(self, name, job=ENROLMENT_JOB):
        """A part of a job in transactions of its own, which the others survive.

        :param str name: of the part, for the log
        :param str job: external id of the job, which runs again where another transaction is met
        """
        try:
            yield
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            _logger.info("%s met another transaction, it is tried again", name)
            self.env.ref(job).sudo()._trigger()
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("%s failed", name)
            if self:
                self._notify_failure(error)
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _get_repair_start(self):
        """What has changed since then may not have been put right: an hour before the last run
        of the job, since transactions end later than they begin."""
        last = self.env.context.get("lastcall") or fields.Datetime.now()
        return fields.Datetime.subtract(last, hours=1)

    @api.model
    def _enrol_soon(self, date=None):
        """Have the job enrol as soon as this transaction is committed.

        :param datetime date: then instead, in UTC
        """
        self.env.ref(ENROLMENT_JOB).sudo()._trigger(date)

    def _unlink_lost_participants(self):
        """End the journeys of records that were deleted where no code could notice."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT res_id FROM marketing_participant participant
                WHERE campaign_id = %s AND state != %s AND res_id != %s
                    AND NOT EXISTS (SELECT FROM %s AS record WHERE record.id = participant.res_id)
                """,
                self.id,
                UNLINKED,
                FORGOTTEN,
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
            while last_id is not None:
                count, last_id = campaign._enrol_next(last_id)
                yield count

    def _enrol_at_once(self):
        """Enrol one batch; the job does the rest."""
        for campaign in self:
            _count, last_id = campaign._enrol_next(0)
            if last_id is not None:
                self._enrol_soon()

    def _enrol_next(self, after_id):
        """As ``_enrol``, unless somebody else is at it: one enrolment of a campaign at a time,
        since unicity is checked against what is there. All that is there is identified first."""
        if not self.try_lock_for_update(allow_referencing=True):
            return 0, None
        if self._identify_next():
            return 0, after_id
        count, last_id = self._enrol(after_id)
        self._note_moment("last_sync_date")
        return count, last_id

    def _note_moment(self, name):
        """Write when the engine was here. That is no change that people make: nothing is tracked,
        checked, or read for it.

        :param str name: field of the campaign
        """
        self.env.cr.execute(
            SQL(
                "UPDATE marketing_campaign SET %s = %s WHERE id = ANY(%s)",
                SQL.identifier(name),
                fields.Datetime.now(),
                self.ids,
            )
        )
        self.invalidate_recordset([name], flush=False)

    def _enrol(self, after_id):
        """Make participants, with their first traces, of the next batch of records that come in
        by the filter.

        Two SQL statements, whatever the number of records: PostgreSQL searches with
        several processes only where it writes nothing. Those whose values need Python are
        identified by some more.

        :param int after_id: go on behind this record
        :return: number of new participants, and the id of the last record or None
            when there are no more
        :rtype: tuple
        """
        self.ensure_one()
        entry = self._get_open_entry("filter")
        if not entry:
            return 0, None
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
        if self.reentry == "never":
            count = self._enrol_new(record_ids, entry)
        else:
            wanted = [Wanted(res_id) for res_id in record_ids]
            count = sum(answer["created"] for answer in self._admit(wanted, entry))
        return count, record_ids[-1] if len(record_ids) == self._get_slice_size() else None

    def _get_slice_size(self):
        """How many records are taken in at a time."""
        return ENROL_BATCH_SIZE if self.reentry == "never" else REENTRY_BATCH_SIZE

    def _enrol_new(self, record_ids, entry):
        """Make participants of records that match, none of whom takes part yet.

        :return: their number
        """
        candidates = SQL(
            """
            SELECT candidate.id, %(identity)s AS identity, NULL AS other_identities,
                '' AS entry_key, 1 AS run_number, NULL AS source,
                %(now)s::timestamp AS create_date
            FROM unnest(%(record_ids)s::integer[]) AS candidate (id)
            %(records)s
            """,
            record_ids=to_array(record_ids),
            now=fields.Datetime.now(),
            **self._identity_sql(),
        )
        [(count, odd_ids)] = self.env.execute_query(
            SQL(
                """
                WITH %s
                SELECT count(*), array_agg(id) FILTER (WHERE identity IS NULL) FROM participant
                """,
                self._insert_runs_sql(candidates, entry),
            )
        )
        if odd_ids:
            self._identify(odd_ids, are_new=True)
        self._invalidate_runs()
        return count

    def _candidates_sql(self, after_id):
        """The next records that match and that no run keeps out, as ``SELECT id``, by id."""
        self.ensure_one()
        domain = self._get_searched_domain()
        if self._get_open_entry("filter").only_new:
            domain &= Domain("create_date", ">=", self.start_date)
        return SQL(
            "%s ORDER BY id LIMIT %s",
            self._one_of_each_sql(self._new_query(domain, after_id)),
            self._get_slice_size(),
        )

    def _new_query(self, domain, after_id=0):
        """Records that match and that no run keeps out.

        The search runs as the responsible: record rules, companies, archived records
        and custom search methods apply as they would in a list.

        :param Domain domain: see :meth:`_get_searched_domain`
        :param int after_id: only those behind this record
        :rtype: Query
        """
        query = self._get_audience_model()._search(domain)
        record_id = SQL.identifier(query.table, "id")
        query.add_where(SQL("%s > %s", record_id, after_id))
        query.add_where(
            SQL(
                """NOT EXISTS (
                    SELECT FROM marketing_participant known
                    WHERE known.campaign_id = %s AND known.res_id = %s AND NOT known.is_test
                        AND %s
                )""",
                self.id,
                record_id,
                self._blocking_sql(),
            )
        )
        if self._has_others():
            query.add_where(
                SQL(
                    "NOT EXISTS (SELECT FROM (%s) AS other WHERE other.identity = %s)",
                    self._others_sql(self._blocking_sql()),
                    self._hash_record_sql(record_id),
                )
            )
        return query

    def _one_of_each_sql(self, query):
        """Of the records of a query those that take part, one of each person: ``SELECT id``.

        :param Query query: see :meth:`_new_query`
        """
        if not self.unique_field_id:
            return query.select(SQL("%s AS id", SQL.identifier(query.table, "id")))
        return self._unique_sql(self._keys_sql(self._get_audience_model(), query))
