from odoo import models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "marketing.participant.mixin"]

    def _merge_dependences(self, opportunities):
        """The journeys of merged leads go on with the one that is left."""
        res = super()._merge_dependences(opportunities)
        self.env["marketing.participant"]._move_to_record(
            self._name, (opportunities - self).ids, self.id
        )
        return res
