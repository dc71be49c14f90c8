"""The branches of steps as the canvas saves them: they have keys, too, and what is taken out can be
put back until the form is saved."""

from uuid import uuid4

from odoo import fields, models
from odoo.fields import Command

from ...tools.taken_out import leave_out


class MarketingActivityBranch(models.Model):
    _name = "marketing.activity.branch"
    _inherit = ["marketing.key.mixin", "marketing.activity.branch"]

    key = fields.Char(default=lambda self: f"k{uuid4().hex}")
    is_taken_out = fields.Boolean(
        store=False,
        copy=False,
        help="Only in commands of a step: the branch is taken out of it. In commands of a campaign"
        " it goes after all that follows it; a new one is not created.",
    )

    _unique_key = models.UniqueIndex(
        "(activity_id, key) WHERE key IS NOT NULL",
        "Two branches of a step cannot have the same key.",
    )

    def _init_column(self, column_name):
        """Branches of before have none: a default would be the same for all of them."""
        return None if column_name == "key" else super()._init_column(column_name)

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    def onchange(self, values, field_names, fields_spec):
        return super().onchange(leave_out(values), field_names, fields_spec)


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def onchange(self, values, field_names, fields_spec):
        """Branches that a change takes away can be put back by the client, as those that people
        take out."""
        result = super().onchange(leave_out(values), field_names, fields_spec)
        commands = result.get("value", {}).get("branch_ids")
        if commands and "is_taken_out" in fields_spec["branch_ids"].get("fields", {}):
            result["value"]["branch_ids"] = [
                Command.update(command[1], {"is_taken_out": True})
                if command[0] == Command.DELETE
                else command
                for command in commands
            ]
        return result


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def onchange(self, values, field_names, fields_spec):
        return super().onchange(leave_out(values), field_names, fields_spec)
