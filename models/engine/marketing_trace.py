from collections import defaultdict

from lxml.builder import E

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ...tools.rpc import on_one_record, on_records
from ...tools.states import ERROR, REASONS, SCHEDULED, TRACE_STATES
from ...tools.triggers import following
from ...tools.unchecked import UncheckedMany2one

# Between the names of the activity and the participant.
NAME_SEPARATOR = ": "


class MarketingTrace(models.Model):
    """One activity for one participant: planned, done, or not done and why.

    Traces of a message remember themselves when it was opened, clicked, replied to
    or bounced, since statuses of mass mailing overwrite each other.
    """

    _name = "marketing.trace"
    _description = "Marketing Trace"
    _order = "id DESC"

    participant_id = fields.Many2one(
        "marketing.participant", required=True, readonly=True, ondelete="cascade"
    )
    activity_id = fields.Many2one(
        "marketing.activity", "Step", required=True, readonly=True, ondelete="cascade", index=True
    )
    campaign_id = fields.Many2one(related="activity_id.campaign_id")
    activity_type = fields.Selection(related="activity_id.activity_type")
    trigger_type = fields.Selection(related="activity_id.trigger_type")
    res_id = fields.Integer("Record ID", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    is_test = fields.Boolean("Test", required=True, default=False, readonly=True)
    parent_id = fields.Many2one(
        "marketing.trace", readonly=True, ondelete="set null", index="btree_not_null"
    )
    child_ids = fields.One2many("marketing.trace", "parent_id", string="Children", readonly=True)
    visit = fields.Integer(
        default=1,
        required=True,
        readonly=True,
        help="How often the participant has come to this step: 1, 2, ... What follows a step is"
        " part of the same visit.",
    )
    is_jump = fields.Boolean(
        "Came by Go to",
        readonly=True,
        help="A “go to” led here, not the step before.",
    )
    branch_id = UncheckedMany2one(
        "marketing.activity.branch",
        readonly=True,
        help="The branch of this step that was taken.",
    )
    is_chosen = fields.Boolean(
        "Branch Chosen by Hand",
        readonly=True,
        help="Somebody has chosen the branch of this step, or did not let the run wait.",
    )
    hold_end = fields.Datetime(
        "Waits at Most Until",
        readonly=True,
        copy=False,
        help="Of a message that may not go out yet, for the reason given: if it may not by then, it"
        " is cancelled. That is when the step expires, or a week after it has begun to wait.",
    )
    wait_since = fields.Datetime(
        "Waits Since",
        readonly=True,
        help="When a step that waits has begun to. The date is then when its time is up.",
    )
    state = fields.Selection(
        list(TRACE_STATES.items()),
        default=SCHEDULED,
        required=True,
        readonly=True,
    )
    schedule_date = fields.Datetime(
        readonly=True,
        help="When it is due. Empty while an event is waited for, or until the previous message is"
        " sent.",
    )
    execution_date = fields.Datetime(
        "Done On", readonly=True, help="When it was done, filtered out or cancelled."
    )
    sent_datetime = fields.Datetime(
        "Handed Over On",
        readonly=True,
        help="When the message was handed over to the mail server or the SMS provider; empty while"
        " it is queued. Of a server action, when it was done. What follows counts from then.",
    )
    state_reason = fields.Selection(
        selection="_selection_state_reason",
        string="Reason",
        readonly=True,
        help="Why it was not done, or may not be yet, or what went wrong.",
    )
    state_detail = fields.Text(
        "Details",
        readonly=True,
        groups="base.group_system",
        help="What the system said when it went wrong. It may name the record: others find it in"
        " the explanation of the records that they may read.",
    )
    error_cause = fields.Char(
        "Kind of Error",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Kind and place of the error: by it the same failure of many records is recognised.",
    )
    state_msg = fields.Text("Explanation", compute="_compute_state_msg")
    # fate of the message
    open_datetime = fields.Datetime("Opened On", readonly=True)
    links_click_datetime = fields.Datetime("Clicked On", readonly=True)
    reply_datetime = fields.Datetime("Replied On", readonly=True)
    bounce_datetime = fields.Datetime("Bounced On", readonly=True)
    mailing_trace_ids = fields.One2many(
        "mailing.trace", "marketing_trace_id", string="Message Statistics", readonly=True
    )
    mailing_trace_status = fields.Selection(
        selection=lambda self: self.env["mailing.trace"]._fields["trace_status"].selection,
        string="Message Status",
        compute="_compute_mailing_trace_status",
    )

    _once = models.UniqueIndex("(participant_id, activity_id, visit)")
    # What the job looks for: the due traces of an activity, oldest first. Cards count them; the
    # condition is written as the ORM writes it, or PostgreSQL would not recognise it.
    _due = models.Index(
        "(activity_id, schedule_date, id, company_id)"
        " WHERE state = 'scheduled' AND is_test IS NOT TRUE"
    )
    # What is polled: those who wait at a step.
    _waiting = models.Index(
        "(activity_id, res_id) WHERE wait_since IS NOT NULL AND state = 'scheduled'"
    )
    # What an activity did last.
    _history = models.Index("(activity_id, execution_date) WHERE execution_date IS NOT NULL")

    def _selection_state_reason(self):
        return [
            *((key, self.env._(label)) for key, label in REASONS.items()),
            *self.env["mailing.trace"]._fields["failure_type"]._description_selection(self.env),
        ]

    @api.private
    def init(self):
        # The columns that are counted come to be in the same update, those of an addon in its own.
        self.pool.post_init(self.env["marketing.activity.figures"]._count_in_database)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("activity_id.name", "participant_id.display_name")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        for trace in self:
            trace.display_name = NAME_SEPARATOR.join(
                [trace.activity_id.name or "", trace.participant_id.display_name or ""]
            )

    @api.model
    def _search_display_name(self, operator, value):
        """By either part of the name, or by both with the separator."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        texts = value if operator == "in" else [value]
        domains = [
            Domain("activity_id.name", operator, text)
            | Domain("participant_id.display_name", operator, text)
            for text in texts
            if operator in ("like", "ilike")
        ]
        for text in texts:
            parts = str(text or "").split(NAME_SEPARATOR)
            for number in range(1, len(parts)):
                activity = NAME_SEPARATOR.join(parts[:number])
                participant = NAME_SEPARATOR.join(parts[number:])
                one = "=" if operator == "in" else operator
                domains.append(
                    Domain("activity_id.name", one, activity)
                    & Domain("participant_id.display_name", one, participant)
                )
        return Domain.OR(domains)

    @api.depends(
        "state",
        "state_reason",
        "state_detail",
        "schedule_date",
        "hold_end",
        "wait_since",
        "trigger_type",
    )
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_state_msg(self):
        reasons = dict(self._selection_state_reason())
        details = {trace.id: trace.state_detail for trace in self.sudo() if trace.state_detail}
        # What was said may name the record.
        readable = self.browse(details).participant_id._filtered_readable()
        for trace in self:
            reason = reasons.get(trace.state_reason)
            if trace._is_held():
                parts, separator = [reason, trace._describe_hold()], ". "
            else:
                detail = details.get(trace.id) if trace.participant_id in readable else None
                parts, separator = [reason, detail], ": "
            message = separator.join(part for part in parts if part)
            trace.state_msg = message or trace._get_waiting_text()

    def _get_waiting_text(self):
        """What a scheduled trace waits for, False where it only has its date."""
        if self.state != SCHEDULED:
            return False
        if self.wait_since:
            return self.env._("Waits: %s", self.activity_id.content)
        if until := self._get_throttled_until():
            moment = format_datetime(self.env, until, dt_format="H:mm")
            return self.env._(
                "%(reason)s. Waits for %(moment)s", reason=self._describe_throttle(), moment=moment
            )
        if self.schedule_date:
            return False
        if self.trigger_type in following(self.activity_id._get_triggers()):
            return self.env._("Waits until the message is sent")
        return self.env._("Waits for the event")

    @api.depends("mailing_trace_ids.trace_status")
    def _compute_mailing_trace_status(self):
        for trace in self:
            trace.mailing_trace_status = trace.mailing_trace_ids.sorted("id")[-1:].trace_status

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """The form says when what happened that can happen to the message, or to the to-do."""
        arch, view = super()._get_view(view_id, view_type, **options)
        categories, hidden = defaultdict(list), {}
        for event in self.env["marketing.activity"]._get_events().values():
            name = event.date_field
            categories[name].append(event.category)
            hidden[name] = (
                f"not {name}" if event.needs else f"activity_type not in {categories[name]}"
            )
        for group in arch.xpath("//form//group[@name='events']"):
            for name, invisible in hidden.items():
                group.append(E.field(name=name, invisible=invisible))
        return arch, view

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_execute(self):
        """Execute now, whatever the schedule date; also a new try after an error.

        :raise UserError: if a trace has been executed, or its campaign or activity
            cannot run
        """
        self.campaign_id._check_may_operate()
        for trace in self:
            if trace.state not in (SCHEDULED, ERROR):
                raise UserError(
                    self.env._(
                        "“%(trace)s” of campaign “%(campaign)s” is %(state)s: only what waits"
                        " or has failed can be run.",
                        trace=trace.display_name,
                        campaign=trace.campaign_id.name,
                        state=dict(self._fields["state"]._description_selection(self.env))[
                            trace.state
                        ],
                    )
                )
        self.participant_id._check_not_forgotten()
        for activity, traces in self.sudo().grouped("activity_id").items():
            if problems := activity._get_run_problems():
                raise UserError("\n".join(problems))
            activity._execute_now(traces.ids)
        self.env["marketing.campaign"]._wake_up_when_due()
        return True

    @on_records
    def action_cancel(self):
        """Cancel what is scheduled, and what depends on it."""
        self.campaign_id._check_may_operate()
        self.sudo()._cancel(SQL("id = ANY(%s)", self.ids), "user")
        return True

    @on_one_record
    def process_event(self, event):
        """Take note of an event of this trace's message or to-do, as if it had really happened.

        :param str event: mail_open, mail_reply, mail_click, mail_bounce, sms_click, sms_bounce,
            activity_done, activity_overdue or activity_canceled
        :return: True if the event was taken; False if it came before or cannot happen
            to this trace
        :rtype: bool
        :raise UserError: if there is no such event
        """
        self.campaign_id._check_may_operate()
        events = self.env["marketing.activity"]._get_events()
        if not isinstance(event, str) or event not in events:
            raise UserError(
                self.env._(
                    "There is no event “%(event)s”. Known events: %(events)s.",
                    event=event,
                    events=", ".join(events),
                )
            )
        if events[event].category != self.activity_type:
            return False
        return bool(self.sudo()._settle_events([event]))

    @on_records
    def action_open_record(self):
        """Open the record that the trace is about."""
        return self.participant_id.action_open_record()
