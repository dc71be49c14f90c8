"""Sending hours in words: on the form of the campaign, and as the reason why a message waits."""

from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from ...tools.openings import get_zone, to_local

# So many holidays are named.
MOST_HOLIDAYS = 3
DASH = "\N{EN DASH}"
MONDAY = date(2024, 1, 1)
DAY = timedelta(days=1)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    sending_hours_text = fields.Char(
        "Sending Hours in Words",
        compute="_compute_sending_hours_text",
        help="When messages go out, by whose clock, and the next days on which none do.",
    )

    @api.depends("sending_calendar_id", "sending_timezone", "user_id.tz")
    @api.depends_context("lang")
    def _compute_sending_hours_text(self):
        for campaign in self:
            campaign.sending_hours_text = (
                campaign._describe_sending_hours() if campaign.sending_calendar_id else False
            )

    def _describe_sending_hours(self):
        """Such as that of Mon to Fri, by the recipient's time, and closed on 25 Dec."""
        _, openings = self.env._, self._get_openings()
        hours = self._describe_weeks(openings)
        if not hours:
            return _("Never: this schedule has no hours")
        if self.sending_timezone == "recipient":
            text = _("%(hours)s, recipient's time", hours=hours)
        else:
            place = self._describe_place(self._get_timezone())
            text = _("%(hours)s, time in %(place)s", hours=hours, place=place)
        holidays = self._describe_holidays(openings)
        return _("%(hours)s; closed on %(days)s", hours=text, days=holidays) if holidays else text

    def _describe_weeks(self, openings):
        first, second = (self._describe_week(openings, week) for week in (0, 1))
        if first == second:
            return first
        nothing = self.env._("nothing")
        return self.env._(
            "first week: %(first)s; second week: %(second)s",
            first=first or nothing,
            second=second or nothing,
        )

    def _describe_week(self, openings, week):
        """The hours of a week, days with the same ones together; empty where it has none."""
        days = openings.get_week(week)
        _, parts = self.env._, []
        for windows in dict.fromkeys(filter(None, days)):
            alike = [day for day in range(7) if days[day] == windows]
            hours = ", ".join(DASH.join(map(self._describe_minute, window)) for window in windows)
            names = _("every day") if len(alike) == 7 else self._describe_days(alike)
            if windows == ((0, 24 * 60),):
                hours = _("all day")
            parts.append(_("%(days)s %(hours)s", days=names, hours=hours))
        return ", ".join(parts)

    def _describe_days(self, days):
        """Days of the week; three or more that follow each other as a range."""
        runs = []
        for day in days:
            if runs and runs[-1][-1] == day - 1:
                runs[-1].append(day)
            else:
                runs.append([day])
        names = [format_date(self.env, MONDAY + day * DAY, date_format="ccc") for day in range(7)]
        return ", ".join(
            self.env._("%(first)s to %(last)s", first=names[run[0]], last=names[run[-1]])
            if len(run) > 2
            else ", ".join(names[day] for day in run)
            for run in runs
        )

    def _describe_minute(self, minute):
        return self.env["marketing.activity"]._describe_time_of_day(minute / 60)

    def _describe_holidays(self, openings):
        """The next days on which it is closed though it would be open."""
        today = to_local(fields.Datetime.now(), get_zone(self._get_timezone()))
        closings = [
            (max(begin, today), end) for begin, end in openings.get_holidays() if end > today
        ]
        names = [self._describe_closing(*closing) for closing in closings[:MOST_HOLIDAYS]]
        if left := len(closings) - len(names):
            names.append(self.env._("%s more", left))
        return ", ".join(names)

    def _describe_closing(self, begin, end):
        first, last = (
            # Odoo would bring a datetime to the reader's clock.
            format_date(self.env, moment.date(), date_format="d MMM")
            for moment in (begin, end - timedelta(minutes=1))
        )
        return first if first == last else f" {DASH} ".join((first, last))

    @api.model
    def _describe_place(self, zone):
        """The city that a time zone is named after."""
        return zone.rpartition("/")[2].replace("_", " ")


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    sending_zone = fields.Char(
        "Time Zone",
        compute="_compute_sending_zone",
        help="By whose clock the sending hours go for this message. Empty for who may not read its"
        " record: the time zone is the record's.",
    )

    @api.depends("campaign_id.sending_timezone", "participant_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sending_zone(self):
        self.sending_zone = False
        readable = self.participant_id._filtered_readable()
        traces = self.filtered(lambda trace: trace.participant_id in readable)
        for campaign, own in traces.grouped("campaign_id").items():
            zones = campaign.sudo()._get_sending_zones(own.mapped("res_id"))
            for trace in own:
                trace.sending_zone = zones[trace.res_id]

    def _describe_wait_for_hours(self):
        """Until when a message waits for its sending hours, by whose clock."""
        _ = self.env._
        if self.schedule_date >= self.hold_end:
            return _(
                "There are none before its time is up: %(moment)s",
                moment=self._describe_hold_end(),
            )
        zone = get_zone(self.sending_zone or self.env.user.tz or "UTC").key
        is_soon = self.schedule_date - fields.Datetime.now() < 6 * DAY
        moment = format_datetime(
            self.env,
            self.schedule_date,
            tz=zone,
            dt_format="EEEE H:mm" if is_soon else "EEEE d MMMM H:mm",
        )
        if not self.sending_zone:
            return _("Waits for %(moment)s", moment=moment)
        place = self.campaign_id._describe_place(zone)
        return _("Waits for %(moment)s in %(place)s", moment=moment, place=place)
