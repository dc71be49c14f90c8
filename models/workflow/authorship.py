"""Who wrote the filter of a step: it finds nothing that they may not see."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# Who wrote what a step asks of the record, by field.
AUTHORS = {
    "activity_domain": "filter_user_id",
    "wait_domain": "wait_filter_user_id",
    "wait_date_field_id": "wait_date_user_id",
}
COMPARISON_FIELDS = {"winner_date", "split_since", "split_look_date", "split_counts"}


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    filter_user_id = fields.Many2one(
        "res.users",
        string="Filter by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Who wrote the filter: it finds nothing that they may not see.",
    )

    @api.model
    def _get_authorship(self):
        """Who has made a new step."""
        return dict.fromkeys(AUTHORS.values(), self.env.uid)

    def _note_authorship(self, vals):
        """Note who has written these values."""
        if self.env.su:
            return
        if written := {author: self.env.uid for name, author in AUTHORS.items() if name in vals}:
            self.sudo().write(written)
        if set(vals) - {"require_sync"}:
            self.campaign_id._note_editor()

    def _set_authors(self, user):
        """All filters of these steps are this user's from now on."""
        self.write(dict.fromkeys(AUTHORS.values(), user.id))
        self.branch_ids.filter_user_id = user

    def _check_system_fields(self, vals):
        """
        :raise AccessError: if a user writes what the activity notes itself
        """
        if self.env.su:
            return
        if not set(AUTHORS.values()).isdisjoint(vals):
            raise AccessError(self.env._("Who wrote a filter is noted by the system."))
        if not COMPARISON_FIELDS.isdisjoint(vals):
            raise AccessError(self.env._("How the branches compare is noted by the system."))

    def _get_searched_domain(self):
        """The applied filter as the campaign searches it, see there."""
        campaign = self.campaign_id
        return Domain.AND(
            [
                campaign._get_searched_domain(),
                *(
                    campaign._as_seen_by(step.filter_user_id, step._get_domain())
                    for step in self._get_path()
                ),
            ]
        )

    def _get_code_problems(self):
        """Code reads with the rights of the responsible what somebody else wants to know."""
        campaign = self.campaign_id
        if campaign.acceptance_date or campaign._is_trusted(campaign.editor_id):
            return []
        return [
            self.env._(
                "“%(activity)s”: its message has placeholders that are code. %(user)s must"
                " accept the campaign, which %(editor)s has changed.",
                activity=self.name,
                user=campaign.user_id.name,
                editor=campaign.editor_id.name,
            )
        ]
