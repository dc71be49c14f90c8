"""What happens by age to journeys that have ended."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.parameters import get_positive
from ...tools.states import FORGOTTEN, STATES
from .privacy import NOBODY

FORGET_PARAMETER = "marketing_automation.retention_months"
DELETE_PARAMETER = "marketing_automation.delete_traces_months"
BATCH_SIZE = 10_000


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    archived_date = fields.Datetime(
        "Archived On",
        compute="_compute_archived_date",
        store=True,
        help="From then on the time counts after which finished journeys are forgotten.",
    )

    @api.depends("active")
    def _compute_archived_date(self):
        """Campaigns that were archived before this was kept count from now."""
        for campaign in self:
            campaign.archived_date = (
                False if campaign.active else campaign.archived_date or fields.Datetime.now()
            )


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    has_deleted_traces = fields.Boolean(
        "Traces Deleted",
        readonly=True,
        help="The journey ended so long ago that its traces were deleted. It never begins anew.",
    )

    # ------------------------------------------------------------
    # JOBS
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_finished_journeys(self):
        """Forget whose journeys ended longer ago than the setting says.

        Until a campaign has been archived for as long it knows whom it has had: of those it
        forgets what the messages say of them.

        :return: numbers of journeys that were forgotten, and that are left to forget
        """
        before = self._get_retention_date(FORGET_PARAMETER)
        if not before:
            return 0, 0
        of_archived = self._get_ended(
            before,
            SQL("campaign.archived_date < %s AND participant.res_id != %s", before, FORGOTTEN),
        )
        of_active = self._get_ended(
            before,
            SQL(
                """
                campaign.active AND EXISTS (
                    SELECT FROM marketing_trace trace
                    JOIN mailing_trace message ON message.marketing_trace_id = trace.id
                    WHERE trace.participant_id = participant.id AND message.res_id != %s
                )
                """,
                NOBODY,
            ),
        )
        of_archived._forget()
        self._anonymise_messages(of_active._traces_sql())
        is_more = BATCH_SIZE in (len(of_active), len(of_archived))
        return len(of_active) + len(of_archived), int(is_more)

    @api.autovacuum
    def _gc_traces(self):
        """Delete the traces of journeys that ended longer ago than the setting says.

        :return: numbers of journeys whose traces were deleted, and that are left
        """
        before = self._get_retention_date(DELETE_PARAMETER)
        if not before:
            return 0, 0
        ended = self._get_ended(before, SQL("participant.has_deleted_traces IS NOT TRUE"))
        ended._delete_traces()
        return len(ended), int(len(ended) == BATCH_SIZE)

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    @api.model
    def _get_retention_date(self, parameter):
        """The moment so many months ago as a setting says; None for 0 months."""
        months = get_positive(self.env, parameter)
        return months and fields.Datetime.subtract(fields.Datetime.now(), months=months)

    @api.model
    def _get_ended(self, before, condition):
        """The next batch of journeys that ended before a moment.

        :param SQL condition: on ``participant`` and its ``campaign``
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT participant.id FROM marketing_participant participant
                JOIN marketing_campaign campaign ON campaign.id = participant.campaign_id
                WHERE participant.state != %(running)s AND participant.write_date < %(before)s
                    AND NOT EXISTS (
                        SELECT FROM marketing_trace trace
                        WHERE trace.participant_id = participant.id
                            AND (trace.state = %(scheduled)s OR trace.execution_date >= %(before)s)
                    )
                    AND %(condition)s
                ORDER BY participant.id LIMIT %(limit)s
                """,
                before=before,
                condition=condition,
                limit=BATCH_SIZE,
                **STATES,
            )
        )
        return self.browse(participant_id for (participant_id,) in rows)

    def _delete_traces(self):
        """Delete the traces of these participants, with the statistics of their messages.

        Figures keep them; the participants stay, so that nobody begins anew.
        """
        self._anonymise_messages(self._traces_sql())
        self.env["marketing.activity.figures"]._keep(self._traces_sql())
        for query in (
            SQL("DELETE FROM mailing_trace WHERE marketing_trace_id IN (%s)", self._traces_sql()),
            SQL("DELETE FROM marketing_trace WHERE participant_id = ANY(%s)", self.ids),
            SQL(
                "UPDATE marketing_participant SET has_deleted_traces = TRUE WHERE id = ANY(%s)",
                self.ids,
            ),
        ):
            self.env.cr.execute(query)
        self.env.invalidate_all()
