from odoo import fields, models

from ...tools.run import RuleRun


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
        """Odoo runs the actions of a rule record by record; all that it is about enter a campaign
        at once."""
        run = RuleRun()
        res = super(BaseAutomation, self.with_context(marketing_rule_run=run))._process(
            records, domain_post=domain_post
        )
        for action_id, res_ids in run.moves.items():
            self.env["ir.actions.server"].sudo().browse(action_id)._move_for_rule(res_ids)
        return res
