"""What becomes of runs whose records are deleted, or merged into others."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.states import FORGOTTEN, STATES, UNLINKED


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    @api.model
    def _unlink_records(self, model_name, res_ids):
        """Records were deleted: their journeys end.

        :param str model_name: model of the records
        :param list res_ids: ids of the records
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE marketing_participant participant
                SET state = %(unlinked)s, write_date = %(now)s
                FROM marketing_campaign campaign
                WHERE campaign.id = participant.campaign_id AND campaign.model_name = %(model)s
                    AND participant.res_id = ANY(%(res_ids)s) AND participant.res_id != %(nobody)s
                    AND participant.state != %(unlinked)s
                RETURNING participant.id
                """,
                model=model_name,
                res_ids=list(res_ids),
                nobody=FORGOTTEN,
                now=fields.Datetime.now(),
                **STATES,
            )
        )
        if rows:
            self.invalidate_model(["state", "write_date"])
            lost = self.browse(lost_id for (lost_id,) in rows)
            lost._cancel_scheduled(UNLINKED)
            self.env["marketing.trace"].sudo()._cancel_of_gone(lost.ids)
            self.env["marketing.trace"]._forget_todos(lost._traces_sql())
        self._anonymise_messages_to(model_name, res_ids)

    @api.model
    def _move_to_record(self, model_name, source_ids, target_id):
        """Records were merged: the journeys go on with the one that is left, unless it
        takes part in the same campaign already, or has one with the same key. Where people come in
        again, it has all of them, but no second one under way where they come in after the end of
        the last. Neither is enrolled again.

        :param str model_name: model of the records
        :param list source_ids: ids of the records that go
        :param int target_id: id of the record that stays
        """
        self.env.flush_all()
        self._move_sources(model_name, source_ids, target_id)
        self.sudo().search(
            [
                ("campaign_id.model_name", "=", model_name),
                ("res_id", "in", source_ids),
                ("is_test", "=", False),
            ]
        )._complete_identities()
        moved = self.env.execute_query(
            SQL(
                """
                WITH run AS (
                    SELECT participant.id, participant.res_id,
                        first_value(participant.res_id) OVER (
                            PARTITION BY participant.campaign_id, participant.is_test, %(lane)s
                            ORDER BY participant.res_id != %(target_id)s, participant.id
                        ) AS keeper
                    FROM marketing_participant participant
                    JOIN marketing_campaign campaign ON campaign.id = participant.campaign_id
                    WHERE campaign.model_name = %(model)s
                        AND participant.res_id = ANY(%(res_ids)s)
                        AND participant.res_id != %(nobody)s
                ), moved AS (
                    UPDATE marketing_participant participant
                    SET res_id = %(target_id)s, write_date = %(now)s
                    FROM run
                    WHERE participant.id = run.id AND run.res_id != %(target_id)s
                        AND (participant.is_test OR run.res_id = run.keeper)
                    RETURNING participant.id, participant.campaign_id, participant.is_test
                ), trace AS (
                    UPDATE marketing_trace SET res_id = %(target_id)s, write_date = %(now)s
                    WHERE participant_id IN (SELECT id FROM moved)
                )
                SELECT campaign_id, array_agg(id) FROM moved WHERE NOT is_test GROUP BY campaign_id
                """,
                model=model_name,
                res_ids=[target_id, *source_ids],
                target_id=target_id,
                lane=self.env["marketing.campaign"]._lane_sql(),
                nobody=FORGOTTEN,
                now=fields.Datetime.now(),
            )
        )
        for campaign_id, participant_ids in moved:
            campaign = self.env["marketing.campaign"].sudo().browse(campaign_id)
            campaign._add_identities(participant_ids)
            campaign._number_runs(target_id)
        self._move_sources(model_name, source_ids, target_id)
        self.invalidate_model(["res_id", "run_number", "write_date"])
        self.env["marketing.trace"].invalidate_model(["res_id", "write_date"])
