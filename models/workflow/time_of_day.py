"""The time of day at which a step is due: "3 days later, at 9:00"."""

from odoo import api, fields, models

CALENDAR_UNITS = ("days", "weeks", "months")


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    time_of_day = fields.Float(
        help="Hours since midnight in the time zone of the campaign; 0:00 for no fixed time."
    )
    due_hour = fields.Float(
        "Due at",
        compute="_compute_due_hour",
        store=True,
        help="The time of day, where the delay is one of days, weeks or months; 0 for no fixed"
        " time. A wait has none: its time of day says until when it waits.",
    )

    _check_time_of_day = models.Constraint(
        "CHECK(time_of_day >= 0 AND time_of_day < 24)", "A time of day is from 0:00 to 23:59."
    )

    @api.depends("time_of_day", "interval_type", "activity_type")
    def _compute_due_hour(self):
        for activity in self:
            is_free = activity._get_step_type().has_time_of_its_own
            has_days = activity.interval_type in CALENDAR_UNITS
            activity.due_hour = activity.time_of_day if has_days and not is_free else 0
