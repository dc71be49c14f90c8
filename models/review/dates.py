"""When the messages of a campaign go out, if it starts at a moment."""

from odoo import models
from odoo.tools import SQL

from ...tools.timing import shift_to_time_sql


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _get_first_dates(self, moment, zones):
        """When each step is executed for the first ones, as far as that is known: not behind waits
        and events.

        Messages keep to the sending hours.

        :param datetime moment: when they enter, in UTC
        :param list zones: by whose clocks, see :meth:`_get_zones_of_hours`
        :return: moments in UTC by step
        :rtype: dict
        """
        dates = {self.env["marketing.activity"]: moment}
        for level in self.marketing_activity_ids._get_levels():
            steps = level.filtered(lambda step: step.parent_id in dates and _is_certain(step))
            due = steps._shift_dates([dates[step.parent_id] for step in steps])
            for step, date in due.items():
                if step._get_step_type().kind == "message" and step._keeps_to_hours():
                    date = self._find_first_opening(date, zones)
                if date:
                    dates[step] = date
        return {step: date for step, date in dates.items() if step}

    def _get_zones_of_hours(self, res_ids):
        """By whose clocks the sending hours of these records go; none where nothing keeps to hours.

        :param list res_ids: ids of records of the target
        :return: names in the tz database
        :rtype: list[str]
        """
        if not any(step._keeps_to_hours() for step in self.marketing_activity_ids):
            return []
        zones = set(self._get_sending_zones(res_ids).values())
        return sorted(zones or {self._get_timezone()})

    def _find_first_opening(self, date, zones):
        """The first moment from then on at which a message may leave; None: not within a year."""
        hours = self._get_openings()
        openings = [hours.find(date, zone) for zone in zones]
        return min((opening.begin for opening in openings if opening), default=None)


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _shift_dates(self, dates):
        """When these steps are due.

        :param list dates: when the step before each is executed
        :rtype: dict
        """
        if not self:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, %s
                FROM unnest(%s, %s::timestamp[], %s, %s, %s::float[])
                    AS step (id, date, number, unit, hours)
                """,
                shift_to_time_sql(
                    SQL("date"),
                    SQL("number"),
                    SQL("unit"),
                    SQL("hours"),
                    self.campaign_id._get_timezone(),
                ),
                self.ids,
                dates,
                self.mapped("interval_number"),
                self.mapped("interval_type"),
                [step.due_hour for step in self],
            )
        )
        return {self.browse(step_id): date for step_id, date in rows}


def _is_certain(step):
    """Whether it is known when a step comes after the one before."""
    trigger = step._get_trigger()
    is_event = bool(trigger.event) and not trigger.negative
    return not is_event and step.parent_id.activity_type not in ("wait", "goto")
