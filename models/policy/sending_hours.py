"""Messages go out in the sending hours of their campaign only."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.states import OUTSIDE_HOURS
from .gate import Hold


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    sending_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Sending Hours",
        ondelete="restrict",
        tracking=True,
        help="Emails and text messages go out in these hours only, and not on public holidays."
        " Empty: at any time.",
    )
    sending_timezone = fields.Selection(
        [("recipient", "Recipient's time"), ("responsible", "Responsible's time")],
        default="recipient",
        required=True,
        tracking=True,
        help="By whose clock the sending hours go. The time zone of a recipient is the record's"
        " own, else the only one of its country, else that of its company.",
    )
    outside_hours = fields.Selection(
        [("wait", "Wait for the next opening"), ("skip", "Skip the message")],
        default="wait",
        required=True,
        tracking=True,
        help="What becomes of a message that is due outside the sending hours. It waits a week at"
        " most, or until its step expires.",
    )

    def _get_openings(self):
        """The sending hours.

        :rtype: Openings
        """
        calendar = self.sudo().sending_calendar_id
        return calendar._get_openings(self.sudo().user_id.company_id)

    def _get_hours_problems(self):
        """What is wrong with the sending hours, as sentences that say what to do.

        :rtype: list[str]
        """
        calendar, _ = self.sudo().sending_calendar_id, self.env._
        if not calendar:
            return []
        if not calendar.active:
            return [
                _(
                    "Sending hours “%(hours)s” are archived: choose others.",
                    hours=calendar.name,
                )
            ]
        if not self._get_openings().find(fields.Datetime.now(), self._get_timezone()):
            return [
                _(
                    "Sending hours “%(hours)s” have no opening within a year: choose others, or"
                    " enter hours there.",
                    hours=calendar.name,
                )
            ]
        return []

    def _get_sending_zones(self, res_ids):
        """By whose clocks the sending hours go.

        :param list res_ids: records of the target
        :return: names in the tz database, by id of the record
        :rtype: dict[int, str]
        """
        zones = dict.fromkeys(res_ids, self._get_timezone())
        if self.sending_timezone == "recipient":
            zones |= dict(self.env.execute_query(self._sending_zones_sql([("id", "in", res_ids)])))
        return zones

    def _sending_zones_sql(self, domain):
        """``SELECT id, zone`` of records, whoever may see them.

        :param domain: on the target
        """
        model = self.env[self.model_name].sudo().with_context(active_test=False)
        query = model._search(domain)
        zone = self._timezone_sql(query)
        return query.select(
            SQL("%s AS id", SQL.identifier(query.table, "id")), SQL("%s AS zone", zone)
        )


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    ignore_sending_hours = fields.Boolean(
        help="This message goes out at its date, whatever the sending hours of the campaign."
    )
    is_message = fields.Boolean(
        "Sends Something", compute="_compute_is_message", help="Its type sends messages."
    )
    has_sending_hours = fields.Boolean(
        compute="_compute_has_sending_hours", help="The campaign has sending hours."
    )
    is_exempt = fields.Boolean(
        "Goes Out at Any Time",
        compute="_compute_is_exempt",
        help="It does not keep to the sending hours that the campaign has.",
    )

    @api.depends("activity_type")
    def _compute_is_message(self):
        for activity in self:
            activity.is_message = activity._get_step_type().kind == "message"

    @api.depends("campaign_id.sending_calendar_id")
    def _compute_has_sending_hours(self):
        for activity in self:
            activity.has_sending_hours = bool(activity.sudo().campaign_id.sending_calendar_id)

    @api.depends("ignore_sending_hours", "is_message", "has_sending_hours")
    def _compute_is_exempt(self):
        for activity in self:
            activity.is_exempt = (
                activity.ignore_sending_hours and activity.is_message and activity.has_sending_hours
            )

    def _keeps_to_hours(self):
        """Whether messages of this step go out in sending hours only."""
        return self.has_sending_hours and not self.ignore_sending_hours

    def _find_openings(self, claims, now):
        """When these messages may go out, from now on, next; None: not within a year.

        :param list claims: claimed traces
        :param datetime now: the present moment
        :return: by id of the trace; empty, where they may go out at any time
        :rtype: dict[int, Opening | None]
        """
        if not claims or not self._keeps_to_hours():
            return {}
        hours = self.campaign_id._get_openings()
        zones = self.campaign_id._get_sending_zones([claim.res_id for claim in claims])
        openings = {zone: hours.find(now, zone) for zone in set(zones.values())}
        return {claim.trace_id: openings[zones[claim.res_id]] for claim in claims}

    def _find_outside_hours(self, openings, claims, now):
        """Which of these messages may not go out, since it is outside the sending hours.

        :param dict openings: see :meth:`_find_openings`
        :param list claims: claimed traces
        :param datetime now: the present moment
        :rtype: dict[int, Hold]
        """
        holds = {}
        for claim in claims if openings else ():
            opening = openings[claim.trace_id]
            if opening and opening.begin <= now:
                continue
            until = opening.begin if opening else claim.end
            if self.campaign_id.outside_hours == "skip":
                until = None
            holds[claim.trace_id] = Hold(OUTSIDE_HOURS, until)
        return holds
