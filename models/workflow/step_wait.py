"""Steps at which a run waits: for an event, for the record, or for a moment."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...tools.domains import parse_domain
from ...tools.timing import moment_sql, next_weekday_sql, shift_sql
from .marketing_activity import INTERVAL_TYPES
from .step_steering import ARRIVAL, SteeringStep

_lt = LazyTranslate("marketing_automation")

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class WaitStep(SteeringStep):
    key = "wait"
    label = _lt("Wait")
    icon = "fa-hourglass-half"
    does = _lt("Starts to wait")
    branch_types = ("met", "timeout")
    has_time_of_its_own = True
    described_by = (
        "wait_type",
        "wait_event",
        "wait_activity_id.name",
        "wait_domain",
        "wait_date_field_id",
        "wait_date_number",
        "wait_date_type",
        "wait_weekday",
        "time_of_day",
        "wait_limit",
        "wait_limit_number",
        "wait_limit_type",
    )
    timing_fields = (
        "wait_type",
        "wait_date_field_id",
        "wait_date_number",
        "wait_date_type",
        "wait_weekday",
        "wait_limit",
        "wait_limit_number",
        "wait_limit_type",
    )

    def get_first_branches(self, env):
        return [
            {"branch_type": key, "sequence": sequence}
            for sequence, key in enumerate(self.branch_types)
        ]

    def propose(self, activity):
        """It waits for the message before, and not for ever."""
        values = super().propose(activity)
        if not activity.wait_activity_id:
            before = activity._get_eventful_before()
            events = before.possible_events or [False]
            values.update(wait_activity_id=before, wait_event=events[0], wait_limit=True)
        return values

    def get_tests(self, activity):
        query = self._get_awaited_query(activity)
        return {"awaited": query} if query else {}

    def get_awaited(self, activity):
        """What ends the waiting of a run, for the poll.

        :return: query of records ``awaited`` that ``trace`` has to be about, if any; and the
            condition
        :rtype: tuple[SQL, SQL]
        """
        if query := self._get_awaited_query(activity):
            condition = SQL("awaited.id = trace.res_id")
            if activity.wait_type == "date":
                now = SQL("%s::timestamp", fields.Datetime.now())
                condition = SQL("%s AND %s <= %s", condition, activity._awaited_date_sql(), now)
            return activity._select_sql(*query), condition
        return None, activity._happened_sql(activity.wait_activity_id, activity.wait_event)

    def _get_awaited_query(self, activity):
        """The records for which it has come true, or whose date is known.

        :return: their model, query, and date field; None where no record is looked at
        """
        if activity.wait_type == "filter":
            author = activity.wait_filter_user_id
            return (*activity._find(author, activity._get_wait_domain()), None)
        if activity.wait_type == "date":
            author, field = activity.wait_date_user_id, activity.wait_date_field_id.sudo()
            return (*activity._find(author, Domain(field.name, "!=", False)), field.name)
        return None

    def get_filters(self, activity):
        field = activity.wait_date_field_id.sudo()
        if activity.wait_type == "filter":
            return [activity.wait_domain]
        return [_get_date_filter(field)] if activity.wait_type == "date" and field else []

    def branch_sql(self, activity):
        met, timeout = (
            activity.branch_ids.filtered(lambda branch, key=key: branch.branch_type == key).id
            for key in self.branch_types
        )
        now, limit = SQL("%s::timestamp", fields.Datetime.now()), activity._time_limit_sql(ARRIVAL)
        if activity.wait_type == "date":
            date = activity._awaited_date_sql()
            return SQL(
                "CASE WHEN %s IS NULL OR %s < %s THEN %s WHEN %s <= %s THEN %s END",
                date,
                activity._time_limit_sql(date),
                ARRIVAL,
                timeout,
                date,
                now,
                met,
            )
        if activity.wait_type == "time":
            return SQL(
                "CASE WHEN trace.wait_since IS NOT NULL AND trace.schedule_date <= %s THEN %s END",
                now,
                met,
            )
        if activity.wait_type == "filter":
            is_met = SQL("awaited.id IS NOT NULL")
        else:
            is_met = activity._happened_sql(activity.wait_activity_id, activity.wait_event)
        return SQL(
            "CASE WHEN %s THEN %s WHEN %s <= %s THEN %s END", is_met, met, limit, now, timeout
        )

    def limit_sql(self, activity):
        if activity.wait_type == "date":
            return activity._awaited_date_sql()
        if activity.wait_type == "time":
            return next_weekday_sql(
                SQL("%s::timestamp", fields.Datetime.now()),
                SQL("activity.wait_weekday"),
                SQL("activity.time_of_day"),
                activity.campaign_id._get_timezone(),
            )
        return activity._time_limit_sql(ARRIVAL)

    def is_polled(self, activity):
        return activity.wait_type != "time"

    def poll(self, activity):
        return activity._release_waiting()

    def get_problems(self, activity):
        return activity._get_wait_problems()

    def get_way_problems(self, activity, ways):
        return activity._get_awaited_problems(ways)

    def can_take(self, activity, branch):
        """Time is up where there is a limit; a date may be empty."""
        if branch.branch_type == "timeout" and activity.wait_type != "date":
            return activity.wait_limit and activity.wait_type != "time"
        return super().can_take(activity, branch)

    def takes_time(self, activity, branch):
        if branch.branch_type == "timeout" and activity.wait_type in ("event", "filter"):
            return activity.wait_limit_number > 0
        return activity.wait_type == "time"

    def describe(self, activity):
        return activity._describe_wait()

    def explain(self, trace):
        _ = trace.env._
        if trace.branch_id.branch_type == "met":
            return trace.activity_id._explain_met()
        if trace.activity_id.wait_type == "date":
            return _("The date was empty, or too long ago")
        return _("The time was up")


def _get_date_filter(field):
    """Which records have a date, as a domain in text."""
    return repr([(field.name, "!=", False)])


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    wait_type = fields.Selection(
        [
            ("event", "Until something happens to an earlier message"),
            ("filter", "Until the record matches a filter"),
            ("date", "Until a date of the record"),
            ("time", "Until a day of the week and a time"),
        ],
        string="Wait",
        default="event",
    )
    wait_domain = fields.Char(
        "Until It Matches",
        default="[]",
        help="Who comes to match is noticed within five minutes.",
    )
    wait_filter_user_id = fields.Many2one(
        "res.users",
        string="Wait by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Who wrote the filter that is waited for: it finds nothing that they may not see.",
    )
    wait_event = fields.Selection(selection="_selection_wait_event", string="Event")
    wait_activity_id = fields.Many2one(
        "marketing.activity",
        string="Of Step",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('campaign_id', '=', campaign_id), ('id', '!=', id)]",
        help="An earlier step of the same run. One that is not saved yet can be chosen once the"
        " campaign is saved.",
    )
    wait_event_keys = fields.Json(
        related="wait_activity_id.possible_events",
        string="Events to Wait for",
        help="Keys of the events that can be chosen.",
    )
    wait_date_field_id = fields.Many2one(
        "ir.model.fields",
        string="Date",
        ondelete="set null",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('date', 'datetime')),"
        " ('store', '=', True)]",
    )
    wait_date_user_id = fields.Many2one(
        "res.users",
        string="Date by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Who chose the date: dates that they may not see are none.",
    )
    wait_date_number = fields.Integer(
        "After the Date", default=0, help="Before the date, where it is negative."
    )
    wait_date_type = fields.Selection(INTERVAL_TYPES, default="days", required=True)
    wait_weekday = fields.Selection(WEEKDAYS, string="Day of the Week", help="Empty: any day.")
    wait_limit = fields.Boolean("Time Limit", help="Go on by “Time's up” after this time.")
    wait_limit_number = fields.Integer("Time Limit Number", default=7)
    wait_limit_type = fields.Selection(INTERVAL_TYPES, default="days", required=True)

    _check_wait_date_number = models.Constraint(
        "CHECK(wait_date_number BETWEEN -10000 AND 10000)",
        "A wait ends at most 10,000 before or after a date.",
    )
    _check_wait_limit_number = models.Constraint(
        "CHECK(wait_limit_number BETWEEN 0 AND 10000)",
        "The time limit of a wait cannot be negative, nor more than 10,000.",
    )

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), WaitStep.key: WaitStep()}

    @api.model
    def _selection_wait_event(self):
        return self.env["marketing.activity.branch"]._selection_event()

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("wait_activity_id", "wait_date_field_id", "campaign_id")
    def _check_what_is_waited_for(self):
        for activity in self:
            awaited, field = activity.wait_activity_id, activity.wait_date_field_id.sudo()
            values = {"activity": activity.name, "campaign": activity.campaign_id.name}
            if awaited and awaited.campaign_id != activity.campaign_id:
                raise ValidationError(
                    self.env._(
                        "“%(activity)s” of campaign “%(campaign)s” cannot wait for a step of"
                        " another campaign.",
                        **values,
                    )
                )
            if field and not (
                field.model_id == activity.model_id.sudo()
                and field.store
                and field.ttype in ("date", "datetime")
            ):
                raise ValidationError(
                    self.env._(
                        "“%(activity)s” of campaign “%(campaign)s” cannot wait for “%(field)s”:"
                        " choose a stored date of the target.",
                        field=field.field_description,
                        **values,
                    )
                )

    @api.constrains("wait_date_field_id")
    def _check_wait_date_field_id(self):
        """When a step goes on tells the date."""
        for activity in self.filtered("wait_date_field_id"):
            field = activity.wait_date_field_id.sudo()
            try:
                activity.campaign_id._check_filter(_get_date_filter(field))
            except ValueError as error:
                raise ValidationError(activity._get_filter_problem(error)) from error

    @api.constrains("wait_domain", "campaign_id")
    def _check_wait_domain(self):
        for activity in self.filtered("model_name"):
            try:
                activity.campaign_id._check_filter(activity.wait_domain)
            except ValueError as error:
                raise ValidationError(activity._get_filter_problem(error)) from error

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.onchange("wait_activity_id")
    def _onchange_wait_activity_id(self):
        """Only what can happen to the activity."""
        possible = self.wait_activity_id.possible_events or [False]
        if self.wait_event not in possible:
            self.wait_event = possible[0]

    # ------------------------------------------------------------
    # ENGINE
    # ------------------------------------------------------------

    def _get_wait_domain(self):
        """The filter that is waited for as a Domain.

        :raise ValueError: if it cannot be used
        """
        return parse_domain(self.env[self.model_name], self.wait_domain)

    def _awaited_date_sql(self):
        """The moment that a date of the record stands for; NULL where it is empty."""
        return moment_sql(
            SQL("awaited.date"),
            SQL("activity.wait_date_number"),
            SQL("activity.wait_date_type"),
            SQL("activity.time_of_day"),
            self.campaign_id._get_timezone(),
            is_day=self.wait_date_field_id.sudo().ttype == "date",
        )

    def _time_limit_sql(self, date):
        """The end of the time limit that begins at a date; NULL if there is none."""
        if not self.wait_limit:
            return SQL("NULL::timestamp")
        return shift_sql(
            date,
            SQL("activity.wait_limit_number"),
            SQL("activity.wait_limit_type"),
            self.campaign_id._get_timezone(),
        )

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _get_wait_problems(self):
        _, name = self.env._, self.name
        if self.wait_type == "event" and not (self.wait_activity_id and self.wait_event):
            return [_("“%(activity)s”: choose what it waits for.", activity=name)]
        if self.wait_type == "date" and not self.wait_date_field_id:
            return [_("“%(activity)s”: choose the date that it waits for.", activity=name)]
        if self.wait_type == "filter":
            try:
                domain = self._get_wait_domain()
            except ValueError as error:
                return [self._get_filter_problem(error)]
            if domain.is_true():
                return [_("“%(activity)s”: set the filter that it waits for.", activity=name)]
        return []

    def _get_awaited_problems(self, ways):
        """Why this wait would never end, or cannot know its date.

        :param Ways ways: through the whole workflow
        """
        _, awaited = self.env._, self.wait_activity_id
        if self.wait_type == "event" and awaited and self.wait_event:
            problems = awaited._get_event_problems(self.wait_event, ways, self)
            if self.wait_limit and self.wait_event in awaited._get_possible_events():
                # It is met never, but it ends.
                return []
            if not problems and awaited._lacks_links(self.wait_event):
                problems = [
                    _(
                        "“%(activity)s” would wait for ever: put a link into the message of"
                        " “%(awaited)s”, or give “%(activity)s” a time limit.",
                        activity=self.name,
                        awaited=awaited.name,
                    )
                ]
            return problems
        author, field = self.wait_date_user_id, self.wait_date_field_id.sudo()
        if self.wait_type == "date" and author and field:
            model = self.env[self.model_name].with_user(author)
            if not model._has_field_access(model._fields[field.name], "read"):
                return [
                    _(
                        "“%(activity)s”: %(user)s, who chose the date “%(date)s”, may not read it"
                        " any more: choose another date.",
                        activity=self.name,
                        user=author.sudo().name,
                        date=field.field_description,
                    )
                ]
        return []
