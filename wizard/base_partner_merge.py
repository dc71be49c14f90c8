from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_reference_fields(self, src_partners, dst_partner):
        """The journeys of merged contacts go on with the one that is left."""
        res = super()._update_reference_fields(src_partners, dst_partner)
        self.env["marketing.participant"]._move_to_record(
            "res.partner", src_partners.ids, dst_partner.id
        )
        return res
