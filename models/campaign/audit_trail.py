"""What people do with a campaign is in its chatter, and stays there."""

from odoo import api, models
from odoo.exceptions import UserError

from ...tools.rpc import on_records
from ...tools.values import check_vals

# Keys of the context by which a client asks the chatter for silence.
SILENCE = ("mail_notrack", "tracking_disable")
# What readers add to a message; all else is what it says.
OF_READERS = {
    "message_link_preview_ids",
    "needaction",
    "notification_ids",
    "notified_partner_ids",
    "pinned_at",
    "reaction_ids",
    "starred",
    "starred_partner_ids",
}


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @on_records
    def message_post(self, *, message_type="notification", **kwargs):
        """What people post is theirs, whatever they call it: only the system makes notes that
        nobody deletes."""
        check_vals(self.env["mail.message"], {"message_type": message_type})
        if message_type == "notification" and not self.env.su:
            message_type = "comment"
        return super().message_post(message_type=message_type, **kwargs)

    def _without_silence(self):
        """These records, in whose chatter people cannot leave anything out."""
        if self.env.su or not any(map(self.env.context.get, SILENCE)):
            return self
        return self.with_context(**dict.fromkeys(SILENCE, False))


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        """As :meth:`message_post`, for those who make messages directly."""
        if not self.env.su:
            default = self.env.context.get("default_model")
            vals_list = [
                {**vals, "message_type": "comment"}
                if vals.get("model", default) == "marketing.campaign"
                and vals.get("message_type", "notification") == "notification"
                else vals
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - OF_READERS:
            self._check_no_trail()
        res = super().write(vals)
        if not {"message_type", "model"}.isdisjoint(vals):
            self._check_no_trail()
        return res

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
