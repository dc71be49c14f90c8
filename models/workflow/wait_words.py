"""What a step waits for, and why a run does not wait any more, in words."""

from odoo import models


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _describe_wait(self):
        """Until when a run waits, in a few words."""
        until, _ = self._describe_awaited(), self.env._
        if not (self.wait_limit and self.wait_type in ("event", "filter")):
            return until
        limit = self._describe_duration(self.wait_limit_number, self.wait_limit_type)
        return _("%(until)s, at most %(limit)s", until=until, limit=limit)

    def _describe_awaited(self):
        _ = self.env._
        if self.wait_type == "event":
            awaited = self.wait_activity_id._describe_event(self.wait_event)
            return _("Until %(event)s", event=awaited) if self.wait_activity_id else ""
        if self.wait_type == "filter":
            awaited = self._describe_filter(self.wait_domain)
            return _("Until %(filter)s", filter=awaited) if awaited else _("Until it matches")
        time = self._describe_time_of_day(self.time_of_day)
        if self.wait_type == "time":
            weekdays = dict(self._fields["wait_weekday"]._description_selection(self.env))
            if not self.wait_weekday:
                return _("Until the next %(time)s", time=time)
            return _("Next %(weekday)s %(time)s", weekday=weekdays[self.wait_weekday], time=time)
        day = self._describe_awaited_date()
        return _("%(day)s, at %(time)s", day=day, time=time) if self.time_of_day else day

    def _describe_awaited_date(self):
        _ = self.env._
        number = self.wait_date_number
        values = {
            "delay": self._describe_duration(abs(number), self.wait_date_type),
            "date": self.wait_date_field_id.sudo().field_description or "",
        }
        if number > 0:
            return _("%(delay)s after “%(date)s”", **values)
        if number < 0:
            return _("%(delay)s before “%(date)s”", **values)
        return _("On “%(date)s”", **values)

    def _explain_met(self):
        """Why a run does not wait here any more."""
        _ = self.env._
        if self.wait_type == "event":
            return self.wait_activity_id._describe_event(self.wait_event)
        if self.wait_type == "filter":
            awaited = self._describe_filter(self.wait_domain)
            if awaited:
                return _("The record matches “%(filter)s”", filter=awaited)
            return _("The record matches the filter")
        return _("It was time: %(moment)s", moment=self._describe_awaited())
