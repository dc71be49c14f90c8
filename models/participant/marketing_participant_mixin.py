from odoo import fields, models

from ...tools.rpc import on_one_record


class MarketingParticipantMixin(models.AbstractModel):
    """For models whose forms lead to the journeys of a record through campaigns."""

    _name = "marketing.participant.mixin"
    _description = "Record with Campaign Journeys"

    marketing_participant_count = fields.Integer(
        "Campaign Journeys",
        compute="_compute_marketing_participant_count",
        groups="marketing_automation.group_marketing_automation_user",
    )

    def _compute_marketing_participant_count(self):
        counts = dict(
            self.env["marketing.participant"]._read_group(
                self._get_marketing_participant_domain(), ["res_id"], ["__count"]
            )
        )
        for record in self:
            record.marketing_participant_count = counts.get(record._origin.id, 0)

    def _get_marketing_participant_domain(self):
        return [
            ("res_id", "in", self._origin.ids),
            ("campaign_id.model_name", "=", self._name),
            ("is_test", "=", False),
        ]

    @on_one_record
    def action_view_marketing_participants(self):
        """Open the journeys of this record; the journey itself if there is one only."""
        participants = self.env["marketing.participant"].search(
            self._get_marketing_participant_domain()
        )
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Campaign Journeys"),
            "res_model": "marketing.participant",
            "domain": [("id", "in", participants.ids)],
            "context": {"create": False},
        }
        if len(participants) == 1:
            return {**action, "views": [[False, "form"]], "res_id": participants.id}
        return {**action, "views": [[False, "list"], [False, "form"]]}
