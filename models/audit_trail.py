"""What people do with a campaign is in its chatter, and stays there."""

from odoo import api, models
from odoo.exceptions import UserError

# Keys of the context by which a client asks the chatter for silence.
SILENCE = ("mail_notrack", "tracking_disable")
# What a message in the chatter says.
CONTENT = {"author_id", "body", "date", "message_type", "model", "res_id", "tracking_value_ids"}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model_create_multi
    def create(self, vals_list):
        campaigns = super(MarketingCampaign, self._without_silence()).create(vals_list)
        return campaigns.with_env(self.env)

    def write(self, vals):
        return super(MarketingCampaign, self._without_silence()).write(vals)

    def _without_silence(self):
        """These records, in whose chatter people cannot leave anything out."""
        if self.env.su or not any(map(self.env.context.get, SILENCE)):
            return self
        return self.with_context(**dict.fromkeys(SILENCE, False))


class MailMessage(models.Model):
    _inherit = "mail.message"

    def write(self, vals):
        if not CONTENT.isdisjoint(vals):
            self._check_no_trail()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_trail(self):
        self._check_no_trail()

    def _check_no_trail(self):
        """Comments are their authors'; what the system has noted is nobody's."""
        if not self.env.su and any(
            message.model == "marketing.campaign" and message.message_type == "notification"
            for message in self.sudo()
        ):
            raise UserError(
                self.env._("What was done with a campaign is not changed or deleted afterwards.")
            )
