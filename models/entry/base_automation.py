from odoo import fields, models

from ...tools.run import RuleRun
from ..workflow.ir_actions_server_types import CAMPAIGN_STATES


class BaseAutomation(models.Model):
    _inherit = "base.automation"

    marketing_entry_ids = fields.One2many(
        "marketing.campaign.entry",
        "automation_id",
        string="Entries of Campaigns",
        context={"active_test": False},
        help="The way into a campaign that has made this rule, and keeps it.",
    )

    def _process(self, records, domain_post=None):
        """Odoo runs the actions of a rule record by record, each in an environment of its own; all
        that a rule is about enter a campaign, or leave it, at once."""
        if not records:
            return
        run = RuleRun()
        actions = self.sudo().action_server_ids
        if actions and all(
            action.state in CAMPAIGN_STATES and not action.group_ids for action in actions
        ):
            for action in actions:
                run.note(action, records.filtered(self._check_trigger_fields).ids)
        else:
            super(BaseAutomation, self.with_context(marketing_rule_run=run))._process(
                records, domain_post=domain_post
            )
        for action_id, res_ids in run.moves.items():
            action = self.env["ir.actions.server"].sudo().browse(action_id)
            action._move_for_rule(res_ids, is_computing=self._is_computing(records))

    def _is_computing(self, records):
        """Whether Odoo is about to compute what has changed in these records, perhaps one by one
        and below each other: nothing may be searched for now."""
        names = {
            name
            for values in (self.env.context.get("old_values") or {}).values()
            for name in values
        }
        return any(self.env.protected(records._fields[name]) & records for name in names)
