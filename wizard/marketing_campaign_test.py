from odoo import fields, models

from ..tools.rpc import on_one_record


class MarketingCampaignTest(models.TransientModel):
    """Dialog that starts a test of a campaign with one record."""

    _name = "marketing.campaign.test"
    _inherit = ["marketing.sample.mixin"]
    _description = "Launch a Test of a Marketing Campaign"

    resource_ref = fields.Reference(
        help="The workflow really runs for it: it gets the messages, and actions change it.",
    )

    @on_one_record
    def action_launch_test(self):
        """Make the test participant, and open its page.

        :raise UserError: if no record of the target was picked
        """
        self.campaign_id._check_may_operate()
        record = self._get_record()
        participant = (
            self.env["marketing.participant"]
            .sudo()
            .create({"campaign_id": self.campaign_id.id, "res_id": record.id, "is_test": True})
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test"),
            "res_model": "marketing.participant",
            "res_id": participant.id,
            "views": [[False, "form"]],
        }
