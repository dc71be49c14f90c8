"""What is forgotten about people; the numbers stay."""

from odoo import api, models
from odoo.tools import SQL

from ...tools.states import FORGOTTEN

# Mass mailing wants an id; no record has this one.
NOBODY = -1


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    @api.model
    def _anonymise_messages_to(self, model_name, res_ids):
        """What the messages to deleted records say of them is deleted too."""
        self.env.flush_all()
        self._anonymise_messages(
            SQL(
                """
                SELECT trace.id FROM marketing_trace trace
                JOIN marketing_participant participant ON participant.id = trace.participant_id
                JOIN marketing_campaign campaign ON campaign.id = participant.campaign_id
                WHERE campaign.model_name = %s AND participant.res_id = ANY(%s)
                """,
                model_name,
                list(res_ids),
            )
        )
        self.env["marketing.campaign.entry.call"]._forget(
            [("entry_id.model_name", "=", model_name), ("res_id", "in", list(res_ids))]
        )

    def _forget(self):
        """End these journeys for good, and no longer know whose they were.

        They stay counted, and who they were is recognised, so as not to begin anew.
        """
        self._cancel_scheduled("user")
        self.env["mailing.trace"]._delete_unsent(self._traces_sql())
        self.env["marketing.message.log"]._forget_messages(self._traces_sql())
        self.env["marketing.campaign.entry.call"]._forget([("participant_id", "in", self.ids)])
        tests = self.filtered("is_test")
        (self - tests)._anonymise()
        tests.unlink()

    def _anonymise(self):
        self.env.flush_all()
        traces = self._traces_sql()
        self._anonymise_messages(traces)
        self.env.execute_query(
            SQL(
                "UPDATE marketing_trace SET res_id = %s, state_detail = NULL, error_cause = NULL"
                " WHERE id IN (%s) RETURNING id",
                FORGOTTEN,
                traces,
            )
        )
        self.env["marketing.trace"]._forget_todos(traces)
        for campaign, participants in self.grouped("campaign_id").items():
            campaign._forget_participants(participants)
        self.env.invalidate_all()

    @api.model
    def _anonymise_messages(self, marketing_traces):
        """Leave of messages only what is counted.

        :param SQL marketing_traces: query of the ids of marketing traces
        """
        self.env.execute_query(
            SQL(
                """
                WITH message AS (
                    UPDATE mailing_trace
                    SET res_id = %s, email = NULL, sms_number = NULL, sms_code = NULL,
                        message_id = NULL, failure_reason = NULL
                    WHERE marketing_trace_id IN (%s) AND res_id != %s
                    RETURNING id
                )
                UPDATE link_tracker_click SET ip = NULL
                WHERE mailing_trace_id IN (SELECT id FROM message)
                RETURNING id
                """,
                NOBODY,
                marketing_traces,
                NOBODY,
            )
        )
        self.env["mailing.trace"].invalidate_model()
        self.env["link.tracker.click"].invalidate_model(["ip"])

    def _traces_sql(self):
        """Query of the ids of these participants' traces."""
        return SQL("SELECT id FROM marketing_trace WHERE participant_id = ANY(%s)", self.ids)
