"""What is forgotten about people; the numbers stay."""

from odoo import api, fields, models
from odoo.tools import SQL

RETENTION_PARAMETER = "marketing_automation.retention_months"
BATCH_SIZE = 10_000
# Mass mailing wants an id; no record has this one.
NOBODY = -1


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    @api.model
    def _unlink_records(self, model_name, res_ids):
        """What the messages to deleted records say of them is deleted too."""
        res = super()._unlink_records(model_name, res_ids)
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
        return res

    def _forget(self):
        """End these journeys, and no longer know whose they were; they stay counted."""
        self.trace_ids.filtered(lambda trace: trace.state == "scheduled")._cancel("user")
        tests = self.filtered("is_test")
        (self - tests)._anonymise()
        tests.unlink()

    def _anonymise(self):
        self.env.flush_all()
        traces = SQL("SELECT id FROM marketing_trace WHERE participant_id = ANY(%s)", self.ids)
        self._anonymise_messages(traces)
        self.env.execute_query(
            SQL(
                "UPDATE marketing_trace SET res_id = 0, state_detail = NULL WHERE id IN (%s)"
                " RETURNING id",
                traces,
            )
        )
        self.env.execute_query(
            SQL(
                "UPDATE marketing_participant SET res_id = 0 WHERE id = ANY(%s) RETURNING id",
                self.ids,
            )
        )
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

    @api.autovacuum
    def _gc_finished_journeys(self):
        """Forget journeys that ended longer ago than the setting says.

        Until a campaign is archived it must know whom it has had, or they would all begin
        anew: of those it forgets what the messages say of them.

        :return: numbers of journeys that were forgotten, and that are left to forget
        """
        months = self.env["ir.config_parameter"].sudo().get_param(RETENTION_PARAMETER, "")
        if not months.isdigit() or not int(months):
            return 0, 0
        self.env.flush_all()
        before = fields.Datetime.subtract(fields.Datetime.now(), months=int(months))
        of_active, of_archived = (
            [
                participant_id
                for (participant_id,) in self.env.execute_query(
                    self._finished_sql(before, is_active)
                )
            ]
            for is_active in (True, False)
        )
        self.browse(of_archived)._forget()
        self._anonymise_messages(
            SQL("SELECT id FROM marketing_trace WHERE participant_id = ANY(%s)", of_active)
        )
        done = len(of_active) + len(of_archived)
        return done, int(BATCH_SIZE in (len(of_active), len(of_archived)))

    @api.model
    def _finished_sql(self, before, is_active):
        """Query of the journeys that ended before a moment and are not forgotten yet."""
        return SQL(
            """
            SELECT participant.id FROM marketing_participant participant
            JOIN marketing_campaign campaign ON campaign.id = participant.campaign_id
            WHERE participant.state != 'running' AND participant.res_id != 0
                AND participant.write_date < %(before)s
                AND campaign.active = %(is_active)s
                AND NOT EXISTS (
                    SELECT FROM marketing_trace trace
                    WHERE trace.participant_id = participant.id
                        AND (trace.state = 'scheduled' OR trace.execution_date >= %(before)s)
                )
                AND (NOT %(is_active)s OR EXISTS (
                    SELECT FROM marketing_trace trace
                    JOIN mailing_trace message ON message.marketing_trace_id = trace.id
                    WHERE trace.participant_id = participant.id AND message.res_id != %(nobody)s
                ))
            ORDER BY participant.id LIMIT %(limit)s
            """,
            before=before,
            is_active=is_active,
            nobody=NOBODY,
            limit=BATCH_SIZE,
        )
