"""A runaway is stopped: an activity that fails again and again waits until it is mended."""

from odoo import fields, models
from odoo.tools import SQL

from ...tools.rpc import on_records
from ...tools.states import ERROR, FORGOTTEN, STATES, Outcome

# Failures in a row, with the same cause, that pause an activity.
RUNAWAY_LIMIT = 20
# Writing these mends nothing.
OWN_FIELDS = {"is_paused", "is_updating", "require_sync", "resume_date", "update_date"}


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    is_paused = fields.Boolean(
        "Paused",
        copy=False,
        readonly=True,
        help="It failed many times in a row for the same reason. What is scheduled waits until"
        " the step, or what it sends or runs, is changed, or its failures are tried again.",
    )
    resume_date = fields.Datetime(
        "Resumed On", copy=False, readonly=True, help="Failures until then do not count any more."
    )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_retry_failed(self):
        """Schedule anew, for now, what failed, and go on where an activity was paused.

        Not for those whose record was deleted or forgotten, or whose run was ended.
        """
        self.campaign_id._check_may_operate()
        self._check_in_workflow()
        self.env.flush_all()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE marketing_trace trace
                SET state = %(scheduled)s, state_reason = NULL, state_detail = NULL,
                    error_cause = NULL, schedule_date = %(now)s, execution_date = NULL,
                    hold_end = NULL, write_date = %(now)s
                FROM marketing_participant participant
                WHERE trace.activity_id = ANY(%(ids)s) AND trace.state = %(error)s
                    AND NOT trace.is_test AND participant.id = trace.participant_id
                    AND participant.state NOT IN (%(unlinked)s, %(exited)s)
                    AND participant.res_id != %(forgotten)s
                RETURNING trace.participant_id
                """,
                now=now,
                ids=self.ids,
                forgotten=FORGOTTEN,
                **STATES,
            )
        )
        self.env["marketing.trace"].invalidate_model()
        self.env["marketing.participant"].sudo()._settle(
            SQL("id = ANY(%s)", [participant_id for (participant_id,) in rows])
        )
        self.sudo()._resume()
        return True

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _pause_if_runaway(self):
        """Pause the activity where all that it did last failed in the same way.

        :return: whether it is paused
        :rtype: bool
        """
        self.ensure_one()
        if not self.is_paused:
            self.env.flush_all()
            last = self.env.execute_query(
                SQL(
                    """
                    SELECT id, state, state_reason, state_detail, error_cause
                    FROM marketing_trace
                    WHERE activity_id = %s AND NOT is_test
                        AND execution_date > coalesce(%s, '-infinity'::timestamp)
                    ORDER BY execution_date DESC, id DESC LIMIT %s
                    """,
                    self.id,
                    self.resume_date or None,
                    RUNAWAY_LIMIT,
                )
            )
            if is_runaway(last):
                self._pause(Outcome(*last[0]))
        return self.is_paused

    def _pause(self, outcome):
        """Execute nothing any more, and tell the responsible.

        :param Outcome outcome: the last failure
        """
        self.is_paused = True
        campaign = self.campaign_id.with_context(lang=self.campaign_id.user_id.lang)
        reasons = dict(campaign.env["marketing.trace"]._selection_state_reason())
        campaign._notify_problems(
            [
                campaign.env._(
                    "“%(activity)s” failed %(count)s times in a row and is paused. Mend it, then"
                    " press “Retry failed” on it. %(cause)s",
                    activity=self.name,
                    count=RUNAWAY_LIMIT,
                    cause=outcome.detail or reasons.get(outcome.reason) or "",
                )
            ]
        )

    def _resume_if_mended(self, vals):
        """These values were written: what was paused tries it again, unless they mend nothing."""
        if not OWN_FIELDS.issuperset(vals):
            self._resume_mended()

    def _resume_mended(self):
        """What these activities do was changed: those that are paused try it again."""
        if paused := self.filtered("is_paused"):
            paused._resume()

    def _resume(self):
        """Go on: what was scheduled meanwhile is executed."""
        self.write({"is_paused": False, "resume_date": fields.Datetime.now()})
        self.env["marketing.campaign"]._wake_up_when_due()


def is_runaway(outcomes):
    """Whether the last outcomes are failures of the same kind, at the same place.

    :param list outcomes: tuples of the first values of an ``Outcome``
    """
    last = [Outcome(*outcome) for outcome in outcomes[-RUNAWAY_LIMIT:]]
    causes = {(outcome.state, outcome.reason, outcome.cause) for outcome in last}
    return len(last) == RUNAWAY_LIMIT and len(causes) == 1 and last[0].state == ERROR
