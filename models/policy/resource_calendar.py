"""The hours of a working schedule in which messages may leave."""

from datetime import timedelta

from odoo import fields, models

from ...tools.openings import MOST_DAYS, Openings, get_zone, to_local

# Whatever the clock of the reader shows: a holiday may have begun a day before, or end a day later.
MARGIN = timedelta(days=2)


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _get_openings(self, company):
        """The hours by the wall clock, and without breaks and public holidays.

        :param company: whose holidays count that are not of one schedule, where this one is of no
            company
        :rtype: Openings
        """
        self.ensure_one()
        attendances = []
        # Those of a flexible schedule, left over from before, mean nothing to Odoo.
        for row in self.attendance_ids if self.schedule_type == "fully_fixed" else ():
            if row._is_work_period():
                weeks = (int(row.week_type or 0),) if self.two_weeks_calendar else (0, 1)
                attendances += [
                    (int(row.dayofweek) + 7 * week, row.hour_from, row.hour_to) for week in weeks
                ]
        zone = get_zone(self.tz)
        holidays = [
            (to_local(holiday.date_from, zone), to_local(holiday.date_to, zone))
            for holiday in self._get_holidays(company)
        ]
        return Openings(attendances, holidays)

    def _get_holidays(self, company):
        """Public holidays of a year: time off of nobody in particular, of this schedule or of all
        of its company."""
        now = fields.Datetime.now()
        return self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("date_to", ">=", now - MARGIN),
                ("date_from", "<=", now + timedelta(days=MOST_DAYS) + MARGIN),
                "|",
                ("calendar_id", "=", self.id),
                "&",
                ("calendar_id", "=", False),
                ("company_id", "in", [False, (self.company_id or company).id]),
            ],
            order="date_from, id",
        )
