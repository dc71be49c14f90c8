"""How many have taken which branch."""

from collections import Counter

from odoo import fields, models

from .metrics import TAKEN


class MarketingActivityBranch(models.Model):
    _inherit = "marketing.activity.branch"

    taken_count = fields.Integer(
        "Taken",
        compute="_compute_taken_count",
        help="How many runs have taken this branch, a run that comes by several times counted each"
        " time; without tests.",
    )

    def _compute_taken_count(self):
        numbers = self._origin._count_taken()
        for branch in self:
            branch.taken_count = numbers[branch._origin.id]

    def _count_taken(self):
        """How often these branches were taken, by runs of companies that one may see.

        :return: by id of the branch
        :rtype: Counter
        """
        counted = self.env["marketing.activity.figures"]
        rows = counted._read_figures(self.activity_id, ["branch_id"], [TAKEN])
        return Counter({branch.id: number for _activity, branch, number in rows})
