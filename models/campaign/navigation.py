"""Where the buttons of a campaign lead."""

from odoo import models

from ...tools.rpc import on_one_record


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @on_one_record
    def action_launch_test(self):
        """Open the dialog in which a record is picked for a test."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_automation.marketing_campaign_test_action"
        )
        action["context"] = {"default_campaign_id": self.id, "dialog_size": "medium"}
        return action

    @on_one_record
    def action_view_mailings(self):
        """Open the mailings of the campaign, which Email Marketing does not show."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Messages"),
            "res_model": "mailing.mailing",
            "views": [
                [self.env.ref("marketing_automation.mailing_mailing_view_list").id, "list"],
                [self.env.ref("marketing_automation.mailing_mailing_view_form").id, "form"],
            ],
            "domain": [("id", "in", self.all_activity_ids.mass_mailing_id.ids)],
            "context": {"create": False},
        }

    @on_one_record
    def action_view_participants(self):
        """Open the participants, without those of tests."""
        return self._action_view_participants(self.env._("Participants"), is_test=False)

    @on_one_record
    def action_view_tests(self):
        """Open the participants of tests."""
        return self._action_view_participants(self.env._("Tests"), is_test=True)

    @on_one_record
    def action_view_clicks(self):
        """Open the clicks on the links of the campaign, without those of tests."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_automation.link_tracker_click_action"
        )
        action["domain"] = [
            ("campaign_id", "=", self.utm_campaign_id.id),
            ("counts_for_campaign", "=", True),
        ]
        return action

    def _action_view_participants(self, name, is_test):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "marketing.participant",
            "view_mode": "list,form",
            "domain": [("campaign_id", "=", self.id), ("is_test", "=", is_test)],
            "context": {"create": False},
        }

    @on_one_record
    def action_view_overview(self):
        """Open the overview: totals, trend and funnel."""
        return self._action_open_form("marketing_automation.marketing_campaign_view_form_overview")

    @on_one_record
    def action_open_campaign(self):
        """Open the form in which the campaign is edited."""
        return self._action_open_form("marketing_automation.marketing_campaign_view_form")

    def _action_open_form(self, view):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [[self.env.ref(view).id, "form"]],
        }
