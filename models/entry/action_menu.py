"""“Add to a Campaign” and “Remove from a Campaign” in the action menus of lists and forms."""

from odoo import api, models

from ...tools.states import RUNNING

GROUP = "marketing_automation.group_marketing_automation_user"


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def _search_open_by_hand(self, model_name):
        """The running campaigns for a model to which the user may add records by hand."""
        return self.search(
            [
                ("state", "=", RUNNING),
                ("model_name", "=", model_name),
                (
                    "entry_ids",
                    "any",
                    [("entry_type", "=", "manual"), ("active", "=", True)],
                ),
            ]
        ).filtered(lambda campaign: campaign._may_act_for_responsible())

    @api.model
    def _get_menu_actions(self, model_name):
        """What the user can do with records of a model, as the web client wants bindings.

        :rtype: list[dict]
        """
        if not self.env.user.has_group(GROUP):
            return []
        actions = self.env["ir.actions.act_window"].sudo()
        if self._search_open_by_hand(model_name):
            actions += self.env.ref("marketing_automation.marketing_campaign_enrol_action").sudo()
        under_way = [
            ("campaign_id.model_name", "=", model_name),
            ("campaign_id.active", "=", True),
            ("is_test", "=", False),
            ("state", "=", RUNNING),
        ]
        if self.env["marketing.participant"].search_count(under_way, limit=1):
            actions += self.env.ref("marketing_automation.marketing_campaign_exit_action").sudo()
        return actions.read(["name", "binding_view_types"])


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def get_bindings(self, model_name):
        bindings = super().get_bindings(model_name)
        if actions := self.env["marketing.campaign"]._get_menu_actions(model_name):
            bindings = {**bindings, "action": [*bindings.get("action", ()), *actions]}
        return bindings
