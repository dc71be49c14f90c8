from odoo import api, models
from odoo.exceptions import UserError

from ...tools.values import check_vals

# What all users may change in the UTM campaign of a marketing campaign. Each mailing that is made
# for it writes the settings of A/B tests, which campaigns do not have.
HARMLESS_FIELDS = {"color", "stage_id", "tag_ids"}
HARMLESS_PREFIX = "ab_testing_"


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    def write(self, vals):
        """All users may write UTM campaigns, but not rename or archive a marketing campaign, nor
        say for whom it runs."""
        guarded = {
            name: value
            for name, value in vals.items()
            if name not in HARMLESS_FIELDS and not name.startswith(HARMLESS_PREFIX)
        }
        campaigns = self._get_marketing_campaigns() if guarded else None
        if not campaigns:
            return super().write(vals)
        check_vals(self, guarded)
        if "user_id" in vals:
            campaigns._track_prepare(["user_id"])
        res = super().write(vals)
        # Those that are written themselves have no responsible yet, and check it afterwards.
        campaigns = campaigns.with_env(self.env).filtered(
            lambda campaign: not self.env.is_protected(campaign._fields["user_id"], campaign)
        )
        if not self.env.su:
            campaigns._check_may_operate()
        if "user_id" in vals:
            campaigns._note_responsible()
        return res

    @api.constrains("user_id")
    def _check_timezone_of_responsible(self):
        self._get_marketing_campaigns()._check_timezone()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """A translated name is a name, too."""
        if not self.env.su:
            self._get_marketing_campaigns().with_env(self.env)._check_may_operate()
        return super()._update_field_translations(field_name, translations, digest, source_lang)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_marketing_campaign(self):
        campaign = self._get_marketing_campaigns()[:1]
        if campaign:
            raise UserError(
                self.env._(
                    "“%(campaign)s” is a marketing campaign: delete that one first.",
                    campaign=campaign.name,
                )
            )

    def _get_marketing_campaigns(self):
        """The marketing campaigns that these are the UTM campaigns of, as superuser."""
        return (
            self.env["marketing.campaign"]
            .sudo()
            .with_context(active_test=False)
            .search([("utm_campaign_id", "in", self.ids)])
        )
