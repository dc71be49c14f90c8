"""The way that a participant took through the workflow."""

from odoo import fields, models

from ...tools.rpc import by_text, on_one_record
from ...tools.states import SCHEDULED


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    @on_one_record
    def get_journey(self):
        """The workflow with the way that this participant took through it.

        Activities that were taken out of the workflow are in it if the participant had come to
        them.

        :return: ``steps``: the activities; ``traces``: by id of the activity
        :rtype: dict
        """
        self.check_access("read")
        return {
            "steps": (
                self.campaign_id.marketing_activity_ids | self.trace_ids.activity_id
            )._get_workflow_steps(),
            "traces": by_text(
                {trace.activity_id.id: trace._get_journey_entry() for trace in self.trace_ids}
            ),
        }


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    def _get_journey_entry(self):
        """This trace as the workflow view shows it."""
        events = self.env["marketing.activity"]._get_events()
        to_string = fields.Datetime.to_string
        return {
            "id": self.id,
            "state": self.state,
            "label": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "schedule_date": to_string(self.schedule_date),
            "execution_date": to_string(self.execution_date),
            "reason": (self.state != SCHEDULED and self.state_msg) or "",
            "waiting": self._get_waiting_text() or "",
            "branch": self.branch_id.id,
            "branch_reason": self.branch_reason or "",
            "events": {
                key: to_string(self[event.date_field])
                for key, event in events.items()
                if event.category == self.activity_type and self[event.date_field]
            },
        }
