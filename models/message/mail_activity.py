from odoo import api, fields, models
from odoo.fields import NO_ACCESS

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ...tools.run import ActionRun

# What decides until when an open activity is in time, and whether it is open.
SETTLING_FIELDS = {"active", "date_deadline", "user_id"}


class MailActivity(models.Model):
    """Calls, to-dos... that a step of a campaign has created tell it what becomes of them."""

    _inherit = "mail.activity"

    marketing_trace_id = fields.Many2one(
        "marketing.trace",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=NO_ACCESS,
        help="The executed step that has created it. Only the engine writes it: otherwise"
        " everybody could set off what waits for it.",
    )

    @api.model
    def default_get(self, fields):
        """The context of a client says nothing of campaigns, be it in Odoo's own hands."""
        values = super().default_get(fields)
        values.pop("marketing_trace_id", None)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        if run := ActionRun.of(self.env):
            run.note(activities)
        return activities

    def write(self, vals):
        traces = self._get_open_traces() if SETTLING_FIELDS.intersection(vals) else None
        res = super().write(vals)
        if traces:
            traces._settle_todos()
        return res

    def unlink(self):
        """Cancelled, if open; not where it goes with its record."""
        if self.env.context.get(MODULE_UNINSTALL_FLAG):
            # The column may be gone already.
            return super().unlink()
        traces = self._get_open_traces(of_records=True)
        res = super().unlink()
        traces._settle_todos()
        return res

    def _get_open_traces(self, of_records=False):
        """Traces of the open ones of these activities, as superuser.

        :param bool of_records: only of activities whose record is still there
        """
        linked = self.sudo().filtered(
            lambda activity: activity.active and activity.marketing_trace_id
        )
        if of_records:
            for model_name, activities in linked.grouped("res_model").items():
                records = linked.env[model_name].browse(activities.mapped("res_id")).exists()
                linked -= activities.filtered(
                    lambda activity, ids=set(records._ids): activity.res_id not in ids
                )
        return linked.marketing_trace_id
