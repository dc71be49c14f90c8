"""The middle of the engine: a batch of one activity is claimed, filtered and run."""

import logging
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from odoo import fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.failures import get_cause, get_reason
from ...tools.openings import AT_ANY_TIME
from ...tools.piece import in_one_piece
from ...tools.states import (
    BY_HAND,
    ERROR,
    EXITED,
    EXPIRED,
    FAILED,
    FILTERED_OUT,
    FORGOTTEN,
    PARENT_FAILED,
    PROCESSED,
    REACTED_OTHERWISE,
    RECORD_GONE,
    RUN_ENDED,
    SCHEDULED,
    Outcome,
)
from ...tools.timing import shift_sql
from .runaway import is_runaway

_logger = logging.getLogger(__name__)

RUN_BATCH_SIZE = 200
# How many more are looked at than there are places for messages: some may not go out yet.
SPARE_CLAIMS = 50


class Claim(NamedTuple):
    """A trace that this transaction has locked in order to execute it.

    :param end: when its message is cancelled, if it may not go out before
    :param held: why it did not go out at its date, if it has been looked at before
    :param source: what has led the record into the campaign, as ``model,id``
    :param send_until: until when its message may leave, in UTC; None: at any time
    """

    trace_id: int
    res_id: int
    is_test: bool
    is_expired: bool
    is_ruled_out: bool
    is_orphan: bool
    is_over: bool
    end: datetime
    held: str | None
    source: str | None
    send_until: datetime | None = None


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    # ------------------------------------------------------------
    # CLAIM
    # ------------------------------------------------------------

    def _claim(self, trace_ids=None, limit=None):
        """Lock the next due traces, oldest first; those that another worker has are
        passed over.

        :param list trace_ids: these traces, whether they are due or not, instead
        :param int limit: at most so many
        :rtype: list[Claim]
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT trace.id, trace.res_id, trace.is_test, %(is_expired)s, %(is_ruled_out)s,
                    %(is_orphan)s, %(is_over)s, %(end)s,
                    CASE WHEN trace.hold_end IS NOT NULL THEN trace.state_reason END,
                    participant.source
                FROM marketing_trace trace
                JOIN marketing_activity activity ON activity.id = trace.activity_id
                JOIN marketing_participant participant ON participant.id = trace.participant_id
                LEFT JOIN marketing_trace parent ON parent.id = trace.parent_id
                WHERE trace.activity_id = %(activity_id)s AND %(condition)s
                ORDER BY trace.schedule_date, trace.id
                LIMIT %(limit)s
                FOR UPDATE OF trace SKIP LOCKED
                """,
                activity_id=self.id,
                condition=self._claimable_sql(trace_ids),
                end=self._hold_end_sql(),
                limit=limit or (RUN_BATCH_SIZE if trace_ids is None else len(trace_ids)),
                **self._get_refusals_sql(is_asked_for=trace_ids is not None),
            )
        )
        return [Claim(*row) for row in rows]

    def _claimable_sql(self, trace_ids=None):
        """Which rows of ``trace`` may be executed: those that are due, or these.

        :param list trace_ids: what was asked for, whether it is due or not
        """
        if trace_ids is not None:
            return SQL(
                "trace.state IN (%s, %s) AND trace.id = ANY(%s)", SCHEDULED, ERROR, trace_ids
            )
        return SQL(
            "trace.state = %s AND trace.is_test IS NOT TRUE"
            " AND trace.schedule_date <= %s AND trace.held_until IS NULL",
            SCHEDULED,
            fields.Datetime.now(),
        )

    def _get_refusals_sql(self, is_asked_for):
        """Why ``trace``, below ``parent``, of ``participant`` is not executed, as conditions.

        :param bool is_asked_for: what somebody wants to be executed now does not expire
        :rtype: dict[str, SQL]
        """
        ruled_out = self.env["marketing.trace"]._ruled_out_sql(self)
        return {
            "is_expired": SQL("FALSE") if is_asked_for else self._expired_sql(),
            "is_ruled_out": SQL(
                "(parent.id IS NOT NULL AND trace.is_jump IS NOT TRUE"
                " AND trace.wait_since IS NULL AND %s)",
                ruled_out,
            ),
            "is_orphan": SQL("(parent.id IS NOT NULL AND parent.state != %s)", PROCESSED),
            "is_over": SQL("(participant.state = %s)", EXITED),
        }

    def _of_highest_priority(self):
        """Those of the campaigns that go first: where an address may get few messages, it gets
        theirs."""
        highest = max(self.campaign_id.mapped("priority"), default=None)
        return self.filtered(lambda activity: activity.campaign_id.priority == highest)

    def _first_of_each_campaign(self):
        """One activity of each campaign, the first in this order."""
        first = {}
        for activity in self:
            first.setdefault(activity.campaign_id.id, activity.id)
        return self.browse(first.values())

    def _expired_sql(self):
        """Whether ``trace`` could not be executed in time."""
        if not self.validity_duration:
            return SQL("FALSE")
        return SQL(
            "(trace.wait_since IS NULL AND trace.hold_end IS NULL AND coalesce(%s < %s, FALSE))",
            self._expiry_sql(),
            fields.Datetime.now(),
        )

    def _expiry_sql(self):
        """When ``trace`` expires, where the step does."""
        return shift_sql(
            SQL("trace.schedule_date"),
            SQL("activity.validity_duration_number"),
            SQL("activity.validity_duration_type"),
            self.campaign_id._get_timezone(),
        )

    # ------------------------------------------------------------
    # EXECUTE
    # ------------------------------------------------------------

    def _execute_one_batch(self, limit=None):
        """Claim, execute and commit one batch in the scheduled job.

        :param int limit: at most so many traces
        :return: number of traces, 0 if the activity has to wait; and the seconds that
            the job has left
        :rtype: tuple[int, float]
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        done = 0
        try:
            in_their_language = self.with_context(lang=self.campaign_id.user_id.lang)
            if problems := in_their_language._get_run_problems():
                self.campaign_id._notify_problems(problems)
            elif not self._pause_if_runaway():
                done = self._execute_due(limit)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            _logger.info("Activity %s met another transaction, it tries again later", self.id)
            self.env["marketing.campaign"]._wake_up(
                fields.Datetime.add(fields.Datetime.now(), minutes=1)
            )
            done = 0
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("Activity %s could not execute a batch", self.id)
            self.campaign_id._notify_failure(error, self)
            done = 0
        seconds_left = cron._commit_progress(done)
        self.env.invalidate_all()
        return done, seconds_left

    def _execute_due(self, limit=None):
        """Claim and execute the next due traces.

        :param int limit: at most so many, of what is done one by one
        :return: how many were executed or have waited for a place for too long
        """
        if self._get_step_type().kind == "steering":
            return self._steer()
        places, canceled = self._take_places()
        if places == 0:
            return canceled
        if places is not None:
            limit = min(places + SPARE_CLAIMS, limit or RUN_BATCH_SIZE)
        claims = self._claim(limit=limit)
        self._execute(claims, is_due=True, places=places)
        return len(claims) + canceled

    def _execute_now(self, trace_ids):
        """Execute these traces, whether they are due or not.

        :param list trace_ids: their ids
        """
        if self._get_step_type().kind == "steering":
            self._steer(trace_ids)
        else:
            claims = self._claim(trace_ids)
            self._execute([claim._replace(send_until=AT_ANY_TIME) for claim in claims])

    def _execute(self, claims, is_due=False, places=None):
        """Execute claimed traces, and settle what became of them.

        :param bool is_due: whether they are at their date; what somebody asks for is not held up
        :param int places: how many messages may be queued; the others stay due
        """
        for batch in distinct(claims, is_in_order=places is not None):
            number = self._execute_distinct(batch, is_due, places)
            places = places and places - number

    def _execute_distinct(self, claims, is_due, places):
        """Execute claimed traces of one kind, each of another record.

        :return: how many were run
        """
        outcomes, ready = [], []
        for claim in claims:
            if claim.res_id == FORGOTTEN:
                outcomes.append((claim.trace_id, *BY_HAND))
            elif claim.is_over:
                outcomes.append((claim.trace_id, *RUN_ENDED))
            elif claim.is_orphan:
                outcomes.append((claim.trace_id, *PARENT_FAILED))
            elif claim.is_ruled_out:
                outcomes.append((claim.trace_id, *REACTED_OTHERWISE))
            elif claim.is_expired:
                outcomes.append((claim.trace_id, *EXPIRED))
            else:
                ready.append(claim)
        matching, existing = self._match([claim.res_id for claim in ready])
        outcomes += [
            (claim.trace_id, *(FILTERED_OUT if claim.res_id in existing else RECORD_GONE))
            for claim in ready
            if claim.res_id not in matching
        ]
        missing = [claim.res_id for claim in ready if claim.res_id not in existing]
        ready = [claim for claim in ready if claim.res_id in matching]
        if is_due:
            ready, refused = self._pass_gate(ready, places)
            outcomes += refused
        ran = self._run(ready)
        self._note_left(ran)
        self.env["marketing.trace"]._settle_outcomes(outcomes + ran)
        if is_runaway(ran) and not claims[0].is_test:
            self._pause(Outcome(*ran[-1]))
        if missing:
            self.env["marketing.participant"]._unlink_records(self.model_name, missing)
        return len(ready)

    def _match(self, res_ids):
        """Which of these records match the applied filter, and which exist at all.

        :rtype: tuple[set[int], set[int]]
        """
        model = self.campaign_id._get_audience_model()
        with self.campaign_id._limited_search():
            matching = model.search(
                self._get_searched_domain() & Domain("id", "in", res_ids), order="id"
            )
        existing = model.sudo().browse(res_ids).exists() - matching
        return set(matching._ids), {*matching._ids, *existing._ids}

    # ------------------------------------------------------------
    # RUN
    # ------------------------------------------------------------

    def _run(self, claims):
        """Do what the activity is for; a failure is narrowed down to the record that causes it.

        A runaway ends early: what is not in the result was not tried.

        :return: a tuple for each trace, of as many values of an ``Outcome`` as it needs
        :rtype: list[tuple]
        """
        if not claims:
            return []
        message = self.env._("A step of a campaign cannot commit or roll back.")
        try:
            with in_one_piece(self.env.cr, message):
                return self._get_step_type().run(self, claims)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            if len(claims) == 1:
                _logger.warning(
                    "Activity %s failed on %s,%s",
                    self.id,
                    self.model_name,
                    claims[0].res_id,
                    exc_info=True,
                )
                return [self._get_failure(claims[0], error)]
        if self.server_action_id._runs_alone():
            return self._run_one_by_one(claims)
        half = len(claims) // 2
        outcomes = self._run(claims[:half])
        return outcomes if is_runaway(outcomes) else outcomes + self._run(claims[half:])

    def _get_failure(self, claim, error):
        """The outcome of a trace whose execution raised an error."""
        env = self.with_context(lang=self.campaign_id.user_id.lang).env
        reason = get_reason(env, error, self.mass_mailing_id.subject, claim.res_id)
        return Outcome(claim.trace_id, *FAILED, reason, get_cause(error))

    def _run_one_by_one(self, claims):
        outcomes = []
        for claim in claims:
            outcomes += self._run([claim])
            if is_runaway(outcomes):
                break
        return outcomes


def distinct(claims, is_in_order=False):
    """Split claims into batches of live traces or of tests, in which no record occurs twice:
    messages and actions tell traces apart by their records.

    :param bool is_in_order: whether those of a batch all come before those of the next one
    """
    batches = {}
    seen, last = Counter(), 0
    for claim in claims:
        key = claim.is_test, claim.res_id
        number = max(seen[key], last if is_in_order else 0)
        batches.setdefault((claim.is_test, number), []).append(claim)
        seen[key], last = number + 1, number
    return list(batches.values())
