"""Files and links of mailings are as much of what a campaign sends as their texts."""

from odoo import api, models
from odoo.fields import Domain


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _check_may_change_content(self):
        """Check it, and note who has changed what campaigns send.

        :raise AccessError: if a campaign sends it for somebody who may do more than the user
        """
        campaigns = self.sudo().marketing_activity_ids.campaign_id.with_env(self.env)
        campaigns._check_may_act_for()
        campaigns._note_editor()

    @api.ondelete(at_uninstall=False)
    def _unlink_if_may_change_content(self):
        self._check_may_change_content()


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        # Whoever may read an image gives it a token.
        if set(vals) - {"access_token"}:
            self._check_may_change_content()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_may_change_content(self):
        self._check_may_change_content()

    def _check_may_change_content(self):
        if self.env.su:
            return
        files = self.sudo()
        of_mailings = files.filtered(lambda file: file.res_model == "mailing.mailing")
        sent = Domain("attachment_ids", "in", files.ids) | Domain(
            "id", "in", of_mailings.mapped("res_id")
        )
        mailings = self.env["mailing.mailing"].sudo().with_context(active_test=False)
        mailings.search(sent & Domain("use_in_marketing_automation", "=", True)).with_env(
            self.env
        )._check_may_change_content()


class LinkTracker(models.Model):
    _inherit = "link.tracker"

    def write(self, vals):
        """Links that were sent lead where the mailing said."""
        self.mass_mailing_id._check_may_change_content()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_may_change_content(self):
        self.mass_mailing_id._check_may_change_content()
