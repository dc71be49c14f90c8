"""What a new step begins with."""

from odoo import api, models


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.model
    def default_get(self, fields):
        """Where the trigger is chosen beforehand, the delay is the one that it proposes."""
        values = super().default_get(fields)
        trigger = self._get_triggers().get(values.get("trigger_type"))
        # Of a delay that is given, neither part is changed.
        if (
            trigger
            and trigger.proposed_delay[0]
            and {"interval_number", "interval_type"}.issubset(fields)
            and "default_interval_number" not in self.env.context
        ):
            values["interval_number"], values["interval_type"] = trigger.proposed_delay
        return values
