"""The way that a participant took through the workflow."""

from odoo import api, fields, models

from ...tools.rpc import by_text, on_one_record
from ...tools.states import SCHEDULED


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    @on_one_record
    def get_journey(self):
        """The workflow with the way that this participant took through it.

        Activities that were taken out of the workflow are in it if the participant had come to
        them.

        :return: ``steps``: the activities; ``traces``: by id of the activity its last visit, with
            all ``visits`` where there are several
        :rtype: dict
        """
        self.check_access("read")
        traces = {}
        for activity, visits in self.trace_ids.grouped("activity_id").items():
            visits = visits.sorted("visit")
            traces[activity.id] = visits[-1]._get_journey_entry()
            if len(visits) > 1:
                traces[activity.id]["visits"] = [visit._get_visit_entry() for visit in visits]
        return {
            "steps": (
                self.campaign_id.marketing_activity_ids | self.trace_ids.activity_id
            )._get_workflow_steps(),
            "traces": by_text(traces),
        }


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    is_message = fields.Boolean(
        "Is of a Message",
        compute="_compute_is_message",
        help="Its step sends something: the form shows what became of it.",
    )

    @api.depends("activity_type")
    def _compute_is_message(self):
        messages = self.env["marketing.activity"]._get_message_types()
        for trace in self:
            trace.is_message = trace.activity_type in messages

    def _get_journey_entry(self):
        """This trace as the workflow view shows it."""
        events = self.env["marketing.activity"]._get_events()
        to_string = fields.Datetime.to_string
        throttled_until = self._get_throttled_until()
        held = self.state_msg if self._is_held() else ""
        return {
            **self._get_visit_entry(),
            "reason": (self.state != SCHEDULED and self.state_msg) or "",
            "waiting": "" if throttled_until else self._get_waiting_text() or "",
            "hold": self._describe_throttle() if throttled_until else held,
            "branch_reason": self.branch_reason or "",
            "wait_since": to_string(self.wait_since),
            "awaited": self.wait_since and self.state == SCHEDULED and self.activity_id.content,
            "came_from": self.is_jump and self.parent_id.activity_id.id,
            "events": {
                key: to_string(self[event.date_field])
                for key, event in events.items()
                if event.category == self.activity_type and self[event.date_field]
            },
        }

    def _get_visit_entry(self):
        """What is shown of each visit of a step."""
        to_string = fields.Datetime.to_string
        return {
            "id": self.id,
            "visit": self.visit,
            "state": self.state,
            "outcome": self.outcome,
            "label": dict(self._fields["outcome"]._description_selection(self.env))[self.outcome],
            "schedule_date": to_string(self._get_throttled_until() or self.schedule_date),
            "execution_date": to_string(self.execution_date),
            "branch": self.branch_id.id,
            "branch_name": self.branch_id.display_name or "",
        }
