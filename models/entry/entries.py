"""A campaign and its ways in."""

from odoo import Command, api, fields, models

# What entries let in whom for, beside what they are themselves.
ADAPTED_FIELDS = {"active", "domain", "model_id", "name", "state", "user_id", "utm_campaign_id"}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    entry_ids = fields.One2many(
        "marketing.campaign.entry",
        "campaign_id",
        string="Entries",
        # Those that let nobody in any more are shown, too.
        context={"active_test": False},
        copy=True,
        default=lambda self: [Command.create({"entry_type": "filter"})],
        help="The ways in. Who may enter by any of them is the campaign's filter.",
    )
    start_date = fields.Datetime(
        "First Started On",
        compute="_compute_start_date",
        store=True,
        copy=False,
        help="When the campaign was started for the first time.",
    )

    @api.depends("state")
    def _compute_start_date(self):
        for campaign in self:
            is_new = campaign.state == "running" and not campaign.start_date
            campaign.start_date = fields.Datetime.now() if is_new else campaign.start_date

    def _get_open_entry(self, entry_type):
        """The active entry of a type of which a campaign has no second one; empty if there is
        none.

        :param str entry_type: key of the type
        """
        return self.entry_ids.filtered(
            lambda entry: entry.active and entry.entry_type == entry_type
        )[:1]

    def _let_in(self):
        """These campaigns have started, or go on: their entries let in from now on."""
        if not self:
            return
        # What every way in needs, made now: nobody waits for the transaction of another.
        self._get_identity_secret()
        for campaign in self.sudo():
            campaign._identify_next()
        self.entry_ids._start()

    def _adapt_entries(self, vals):
        """These values were written: entries let in others, or nobody any more."""
        if not ADAPTED_FIELDS.isdisjoint(vals):
            self.entry_ids._adapt()
