"""What could not be done when an event happened is done by the job."""

from odoo import api, fields, models
from odoo.tools import SQL


class MarketingLateEvent(models.Model):
    """A record to which something has happened, and that could not be let into a campaign, or out
    of it, at that moment: another transaction was in the way, the campaign is broken, or a file is
    imported.

    The transaction of the event adds rows and never waits. The enrolment job takes them.
    """

    _name = "marketing.late.event"
    _description = "Marketing Automation: Event That Waits"
    _log_access = False

    action_id = fields.Many2one(
        "ir.actions.server",
        required=True,
        ondelete="cascade",
        index=True,
        help="What the automation rule runs: it lets into a campaign, or out of it.",
    )
    res_id = fields.Integer("Record ID", required=True, help="Record of the model of the action.")

    @api.model
    def _keep(self, action, res_ids):
        """
        :param action: server action
        :param list res_ids: ids of records of its model
        """
        is_first = not self.search_count([("action_id", "=", action.id)], limit=1)
        self.create([{"action_id": action.id, "res_id": res_id} for res_id in res_ids])
        if is_first:
            self.env["marketing.campaign"]._enrol_soon()

    @api.model
    def _take_all(self):
        """Let in, and out, all that wait, action by action, in transactions of their own."""
        for (action,) in self._read_group([], ["action_id"]):
            campaign = action.marketing_campaign_id
            with campaign._apart(f"Events of server action {action.id}"):
                self._take(action)

    @api.model
    def _take(self, action):
        """Those of one action, whose campaign runs."""
        if not action._is_open_for_rules():
            return
        rows = self.env.execute_query(
            SQL("DELETE FROM marketing_late_event WHERE action_id = %s RETURNING res_id", action.id)
        )
        action._move(sorted({res_id for (res_id,) in rows}))
