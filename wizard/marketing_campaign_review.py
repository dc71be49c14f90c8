import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import hmac

from ..tools.rpc import on_one_record


class MarketingCampaignReview(models.TransientModel):
    """What a start would do, and the start itself, now or at a date."""

    _name = "marketing.campaign.review"
    _inherit = ["marketing.sample.mixin"]
    _description = "Review of a Marketing Campaign Before Its Start"

    resource_ref = fields.Reference(
        string="With the data of",
        help="The messages are filled in with what you see of this record, and sent to you only.",
    )
    activity_id = fields.Many2one(
        "marketing.activity",
        string="Message",
        domain="[('campaign_id', '=', campaign_id), ('mass_mailing_id', '!=', False)]",
        ondelete="cascade",
        help="Which one is sent to you. Empty: all, one after the other.",
    )
    start_type = fields.Selection(
        [("now", "Now"), ("later", "At a date")], string="Start", default="now", required=True
    )
    start_date = fields.Datetime(
        "Starts On", help="When the campaign starts by itself, if it is not started now."
    )
    prospect = fields.Json(
        compute="_compute_prospect",
        help="Who enters, whom each message reaches and what looks wrong, whenever the campaign"
        " starts, and a seal. The form gives it back, so that another date looks at nothing of it"
        " again; without its seal it is made again.",
    )
    review = fields.Json(
        compute="_compute_review",
        help="The same, and when the messages go if it starts at the chosen moment; see the"
        " campaign.",
    )
    can_start = fields.Boolean(
        compute="_compute_prospect", help="Nothing keeps the campaign from running."
    )

    @api.depends("campaign_id")
    @api.depends_context("uid", "lang")
    def _compute_prospect(self):
        for wizard in self:
            campaign = wizard.campaign_id._origin
            prospect = campaign._get_prospect() if campaign else False
            wizard.prospect = prospect and {
                "content": prospect,
                "seal": wizard._get_seal(prospect),
            }
            wizard.can_start = bool(prospect) and not any(
                finding["severity"] == "error" for finding in prospect["findings"]
            )

    @api.depends("prospect", "start_date", "start_type")
    @api.depends_context("uid", "lang")
    def _compute_review(self):
        for wizard in self:
            campaign = wizard.campaign_id._origin
            wizard.review = False
            if campaign:
                prospect = wizard._get_sealed_prospect() or campaign._get_prospect()
                wizard.review = campaign._date_prospect(prospect, wizard._get_start_date())

    def _get_sealed_prospect(self):
        """The prospect that the form has given back, if it is just as the user has got it for this
        campaign; else None."""
        given = self.prospect
        if not isinstance(given, dict) or given.keys() != {"content", "seal"}:
            return None
        content = given["content"]
        return content if given["seal"] == self._get_seal(content) else None

    def _get_seal(self, prospect):
        """What goes with a prospect that was made here, for this user."""
        made_for = [self.campaign_id._origin.id, self.env.uid, self.env.lang]
        message = json.dumps([*made_for, prospect], sort_keys=True)
        return hmac(self.env(su=True), "marketing_automation-review", message)

    def _get_own_domain(self, model):
        """What others get is looked at: the record is another one than the user's own."""
        return Domain.FALSE

    def _get_start_date(self):
        """The chosen moment; None for now."""
        return self.start_date or None if self.start_type == "later" else None

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_one_record
    def action_start(self):
        """Start the campaign, or plan that.

        :raise UserError: if something keeps the campaign from running
        """
        campaign = self.campaign_id
        if self.start_type == "now":
            campaign.action_start_campaign()
        else:
            campaign.action_plan_start(self.start_date)
        return {"type": "ir.actions.act_window_close"}

    @on_one_record
    def action_send_samples(self):
        """Send the chosen message, or all, to the user who asks.

        :raise UserError: if a message could not be sent, or there is none
        """
        campaign = self.campaign_id
        campaign._check_may_operate()
        record = self._get_record()
        steps = self.activity_id or campaign.marketing_activity_ids._sorted_by_depth()
        if self.activity_id.campaign_id not in (campaign, self.env["marketing.campaign"]):
            raise UserError(
                self.env._(
                    "“%(activity)s” is no step of campaign “%(campaign)s”.",
                    activity=self.activity_id.name,
                    campaign=campaign.name,
                )
            )
        steps = steps.filtered("mass_mailing_id")
        if not steps:
            raise UserError(
                self.env._("Campaign “%(campaign)s” has no message yet.", campaign=campaign.name)
            )
        recipients = [step.mass_mailing_id._send_sample(record) for step in steps]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Sent to %(recipients)s: %(messages)s",
                    recipients=", ".join(dict.fromkeys(recipients)),
                    messages=", ".join(steps.mapped("name")),
                ),
            },
        }
