"""The rules of a campaign in plain Python: what the tests expect of the engine.

This is the specification once more, written to be read: one participant and one
activity at a time, no database, no batches, no shortcuts. It is told the same story
as the engine (time passes, recipients react, people edit the workflow) and says what
became of every record at every activity.

Moments are naive datetimes in UTC, as Odoo stores them.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .clocks import get_moment, next_weekday, on_clock, shift, shift_to_time
from .reference_policies import Gate, Message, Throttle

# What an event of a message brings with it.
IMPLIED = {"mail_click": ("mail_open",), "mail_reply": ("mail_open",)}
BOUNCES = ("mail_bounce", "sms_bounce")
# So many runs of a person may begin within a day, without a key.
MAX_RUNS = 10
# What cannot happen to a to-do any more once something has.
EXCLUDED = {
    "activity_done": ("activity_overdue", "activity_canceled"),
    "activity_canceled": ("activity_done", "activity_overdue"),
}

# Triggers by the kind of activity that they can follow.
AFTER_ANY = ("activity",)
AFTER = {
    "email": (
        *AFTER_ANY,
        "mail_open",
        "mail_not_open",
        "mail_reply",
        "mail_not_reply",
        "mail_click",
        "mail_not_click",
        "mail_bounce",
    ),
    "sms": (*AFTER_ANY, "sms_click", "sms_not_click", "sms_bounce"),
    "action": AFTER_ANY,
    "todo": (*AFTER_ANY, "activity_done", "activity_overdue", "activity_canceled"),
    "paint": AFTER_ANY,
    "condition": (*AFTER_ANY, "branch"),
    "split": (*AFTER_ANY, "branch"),
    "wait": (*AFTER_ANY, "branch"),
    "goto": (),
    "exit": (),
}
STEERING = ("condition", "split", "wait", "goto", "exit")
EVENTS = {
    "email": ("mail_open", "mail_click", "mail_reply", "mail_bounce"),
    "sms": ("sms_click", "sms_bounce"),
    "todo": ("activity_done", "activity_overdue", "activity_canceled"),
}


def get_share(participant_id, activity_id, total):
    """Where a run is on a scale of so many parts at a split: the same each time it is asked."""
    text = f"{participant_id}/{activity_id}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) * total / 2**32


def execute(campaigns, now):
    """Execute all that is due in these campaigns, and what becomes due by that.

    Those of the highest priority go first. Their activities take turns, the one first that has
    been due for longest; of two, the one of the first campaign, or that came first.
    """
    for campaign in campaigns:
        campaign.notice_late(now)
    waiting = set()
    while turns := _get_turns(campaigns, now, waiting):
        for campaign, activity in turns:
            if not campaign.take_turn(activity, now):
                waiting.add(activity)


def _get_turns(campaigns, now, waiting):
    """Pairs of a campaign and an activity, in their order."""
    turns = {
        (campaign, activity): (date, place, campaign.activities.index(activity))
        for place, campaign in enumerate(campaigns)
        for activity, date in campaign.get_turns(now, waiting).items()
    }
    highest = max((campaign.priority for campaign, _activity in turns), default=None)
    first = [turn for turn in turns if turn[0].priority == highest]
    return sorted(first, key=turns.get)


@dataclass(eq=False)
class Record:
    """A row of the target model, as far as a campaign cares.

    :param key: records are taken in by this order
    :param identities: what the deduplication field has, made comparable: one value, or each of
        several addresses; none if it is empty
    :param no_mail: why no mail can be sent to it, if none can
    :param no_sms: the same for text messages
    :param matches: whether the campaign's filter lets it pass
    :param moment: a date of the record, or a moment in UTC, that can be waited for
    :param created: when it came to be
    :param addresses: where messages of a kind go
    :param timezone: where it lives; None where that is not known: where the responsible is
    """

    key: int
    identities: frozenset[str] = frozenset()
    no_mail: str | None = None
    no_sms: str | None = None
    breaks_actions: bool = False
    matches: bool = True
    active: bool = True
    exists: bool = True
    color: int = 0
    moment: date | datetime | None = None
    created: datetime | None = None
    timezone: str | None = None
    is_tagged: bool = False
    addresses: dict[str, frozenset[str]] = field(
        default_factory=lambda: dict.fromkeys(("email", "sms"), frozenset())
    )


@dataclass
class Entry:
    """A way in, beside the filter.

    :param kind: date; or an event: color, tag, lead
    :param offset: of a date: so long after, or before, it
    :param hour: and at which time of day, by the clock of the record
    :param color: of a color: which
    :param is_keyed: of a lead: whether each makes a run of its own
    """

    kind: str
    offset: tuple[int, str] = (0, "days")
    hour: float = 0
    color: int = 0
    is_keyed: bool = False


@dataclass(eq=False)
class Branch:
    """One of the ways out of a step.

    :param kind: filter or event, tried in order, and otherwise; random; met or timeout
    :param filter: of kind filter: whether a record takes it
    :param activity: of kind event: the earlier step to which it has happened
    :param event: and what, or what not
    :param link: and for clicks, on which link, None for any
    :param weight: of kind random: its share, by the sum of all
    """

    name: str
    kind: str
    filter: Callable[[Record], bool] = lambda record: True
    activity: "Activity | None" = None
    event: str | None = None
    is_negative: bool = False
    link: str | None = None
    weight: int = 0


@dataclass(eq=False)
class Wait:
    """What a step waits for.

    :param kind: event, filter, date or time
    :param activity: the earlier step whose event it is
    :param offset: how long after, or before, the date of the record
    :param hour: time of day, of a date or a weekday
    :param weekday: 0 for Monday, None for any
    :param limit: how long it waits at most, or how old the date may be; None for no limit
    """

    kind: str
    activity: "Activity | None" = None
    event: str | None = None
    filter: Callable[[Record], bool] = lambda record: True
    offset: tuple[int, str] = (0, "days")
    hour: float = 0
    weekday: int | None = None
    limit: tuple[int, str] | None = None


@dataclass(eq=False)
class Activity:
    """A step of the workflow.

    :param kind: email, sms, action, todo: an action that creates a to-do, paint: one that gives
        the record a color; condition, split, wait, goto or exit
    :param due_days: in how many days the to-do is due
    :param filter: whether a record passes this activity's own filter
    :param hour: the time of day at which it is due, 0 for none; a wait has its own
    :param expiry: how long after its date it can still be executed, None for ever
    :param branches: the ways out, in order
    :param branch: on which of its parent's ways it comes, with the trigger branch
    :param winner: the branch of a split that everybody takes by now
    :param keeps_hours: whether its message goes out in sending hours only
    :param goto: where a goto goes on, at most so many times in all
    """

    name: str
    kind: str
    trigger: str = "begin"
    parent: "Activity | None" = None
    delay: tuple[int, str] = (0, "hours")
    expiry: tuple[int, str] | None = None
    filter: Callable[[Record], bool] = lambda record: True
    due_days: int = 0
    color: int = 0
    id: int = 0
    branches: list[Branch] = field(default_factory=list)
    branch: Branch | None = None
    winner: Branch | None = None
    keeps_hours: bool = True
    wait: Wait | None = None
    goto: "Activity | None" = None
    max_visits: int = 1
    hour: float = 0

    def get_due(self, moment, timezone):
        """When it is due, counted from a moment."""
        hour = 0 if self.kind == "wait" else self.hour
        return shift_to_time(moment, self.delay, hour, timezone)

    @property
    def is_message(self):
        return self.kind in ("email", "sms")

    @property
    def steers(self):
        return self.kind in STEERING

    def branch_of(self, kind):
        return next(branch for branch in self.branches if branch.kind == kind)

    @property
    def event(self):
        """The event of the parent that the trigger is about, if any."""
        if self.trigger in ("begin", "activity", "branch"):
            return None
        return self.trigger.replace("_not_", "_")

    @property
    def waits_for_event(self):
        return bool(self.event) and "_not_" not in self.trigger

    def waits_for(self, trace, event):
        """Whether it is a step that waits for an event of another trace."""
        wait = self.wait
        return bool(wait) and (wait.kind, wait.activity, wait.event) == (
            "event",
            trace.activity,
            event,
        )

    def path(self):
        """The activity and those above it."""
        return [self, *(self.parent.path() if self.parent else [])]

    def is_ruled_out_by(self, events):
        """Whether it cannot happen any more once these have happened to its parent."""
        if any(event in events for event in BOUNCES):
            return self.event not in BOUNCES
        if any(self.event in EXCLUDED.get(event, ()) for event in events):
            return True
        return "_not_" in self.trigger and self.event in events


@dataclass(eq=False)
class Trace:
    """One visit of one activity by one participant.

    :param visit: how often the participant has come to the activity
    :param parent: what it follows
    :param is_jump: whether a goto led here
    :param date: when it is to be executed, None while it waits for an event
    :param since: of a step that waits, since when; its date is then when its time is up
    :param branch: the way that was taken
    :param links: the links of the message that were followed
    :param executed: when it was
    :param events: first moments of what the recipient did with the message
    :param runs: how often the activity did its work
    :param is_queued: whether its message has not left yet
    :param sent: when it was handed over, or the action was executed: what follows counts from then
    :param is_taken_back: whether its message was taken back, by a stop or since its hours were over
    :param message: the last one, as it counts for its addresses
    :param hold_end: of a message that is held up: until when, at most
    :param leaves_until: of one that is queued: when its hours are over
    :param has_todo: whether a to-do was created
    :param is_open: whether it is neither done nor cancelled
    :param due: when it will be late; none once it is, or is not open
    """

    participant: "Participant"
    activity: Activity
    visit: int = 1
    parent: "Trace | None" = None
    is_jump: bool = False
    state: str = "scheduled"
    reason: str | None = None
    date: datetime | None = None
    since: datetime | None = None
    branch: Branch | None = None
    links: set[str] = field(default_factory=set)
    executed: datetime | None = None
    events: dict[str, datetime] = field(default_factory=dict)
    runs: int = 0
    is_queued: bool = False
    sent: datetime | None = None
    is_taken_back: bool = False
    message: Message | None = None
    hold_end: datetime | None = None
    leaves_until: datetime | None = None
    has_todo: bool = False
    is_open: bool = False
    due: datetime | None = None

    @property
    def is_derived(self):
        """Whether it says no more than what follows from its parent."""
        return self.state == "scheduled" or self.reason in ("event", "parent")

    @property
    def is_ruled_out(self):
        """Whether what has happened to its parent keeps it from happening; not who has come there
        already, or by a go to."""
        is_asked = self.parent and not (self.is_jump or self.since)
        return bool(is_asked) and self.activity.is_ruled_out_by(self.parent.events)

    @property
    def is_unreached(self):
        """Whether it only says that something may lead there one day."""
        return self.state == "scheduled" and not self.date and not self.since

    def may_happen(self, event):
        """Whether an event is news, and can happen to what was done."""
        if event in self.events or any(event in EXCLUDED.get(e, ()) for e in self.events):
            return False
        return self.has_todo or event not in EVENTS["todo"]

    def close(self):
        """Nothing of its to-do is waited for any more."""
        self.is_open, self.due = False, None

    def cancel(self, reason):
        self.state, self.reason = "canceled", reason

    def leave_workflow(self):
        """What is scheduled is not executed, what is queued is not sent."""
        if self.state == "scheduled":
            self.cancel("removed")
        elif self.is_queued and not self.sent:
            self.cancel("removed")
            self.is_queued = False
            self.runs -= 1


@dataclass(eq=False)
class Participant:
    """A run of a record.

    :param number: which run of the same person it is
    :param key: what made it a run of its own, empty for nothing
    :param entry: the kind of way by which it came, empty if by none
    :param source: what it is about, empty where that is the record itself
    :param traces: by activity and visit
    :param exit: why it ended before its last step, and when
    :param forgotten: the state for good of one who was forgotten
    :param identities: by which it is recognised, besides the record, whatever becomes of that
    """

    record: Record
    enrolled: datetime
    id: int = 0
    number: int = 1
    key: str = ""
    entry: str = ""
    source: str = ""
    traces: dict[tuple[Activity, int], Trace] = field(default_factory=dict)
    exit: tuple[str, datetime] | None = None
    forgotten: str | None = None
    identities: frozenset[str] = frozenset()

    @property
    def is_gone(self):
        return bool(self.forgotten) or not self.record.exists

    @property
    def is_over(self):
        """Whether nothing may happen to it any more."""
        return bool(self.exit) or self.is_gone

    def traces_of(self, activity):
        """The visits of an activity."""
        return [trace for trace in self.traces.values() if trace.activity is activity]

    def has_met(self, activity, event, link=None):
        """Whether something has happened at any visit of an activity."""
        return any(
            event in trace.events and (not link or link in trace.links)
            for trace in self.traces_of(activity)
        )

    @property
    def state(self):
        if self.forgotten:
            return self.forgotten
        if not self.record.exists:
            return "unlinked"
        if self.exit:
            return "exited"
        scheduled = any(trace.state == "scheduled" for trace in self.traces.values())
        return "running" if scheduled else "completed"


class Reference(Gate, Throttle):
    """A campaign.

    :param unique: records with an identity in common are the same person; may change
    :param number_of: the number of the participant of a record with a number of its run, by which
        splits are made
    :param entry: who comes in by the filter: all, those that are new, or none
    :param others: other ways in, each of another kind
    :param order_of: of what is due at the same moment, what goes first: that with the lowest number

    ``priority`` is that of the campaign: whose is the highest, goes first.
    ``reentry`` is who comes in again: never, after_end or always, so long after the last run began
    as ``least_time`` says.
    """

    def __init__(
        self,
        activities,
        timezone="UTC",
        unique=False,
        include_archived=False,
        number_of=lambda record, number: record.key,
        entry="all",
        others=(),
        order_of=lambda trace: 0,
    ):
        self.activities = list(activities)
        self.past = []  # activities that were taken out after somebody had gone through them
        self.timezone = timezone
        self.unique = unique
        self.identified_as_unique = unique
        self.include_archived = include_archived
        self.number_of = number_of
        self.order_of = order_of
        self.entry = entry
        self.others = {other.kind: other for other in others}
        self.looked_until = None  # at dates
        self.reentry = "never"
        self.least_time = (0, "days")
        self.running = False
        self.priority = 1
        self.started = self.running_since = None
        self.participants = []
        self.messages = []  # that count for the cap
        self.departures = []  # when messages have left
        self.changed = []
        self.clicks = 0  # of people on links of messages, however many of one person
        self.scans = 0  # what looked like clicks, and was none

    def trace(self, record, activity, visit=1):
        """Of the first run of a record."""
        return self.runs_of(record)[0].traces[activity, visit]

    def traces(self):
        return [t for p in self.participants for t in list(p.traces.values())]

    def runs_of(self, record):
        return [participant for participant in self.participants if participant.record is record]

    def start(self, now):
        if not self.running:
            self.looked_until = now  # what has come before is not made up for
            self.running_since = now
        self.running = True
        self.started = self.started or now

    # ------------------------------------------------------------
    # The job
    # ------------------------------------------------------------

    def enrol(self, records, now):
        """Take in the records that come in by the filter, one after the other."""
        if not self.running:
            return
        self._identify_all()
        for record in sorted(records, key=lambda record: record.key):
            if self.entry == "none" or (self.entry == "new" and record.created < self.started):
                continue
            if not self._get_refusal(record, "", now, self._runs_of_person(record)):
                self._take_in(record, "", now, "filter")

    def admit(self, records, key, now):
        """Take in records that somebody hands over.

        :return: for each of them why it is not taken in, an empty text if it is
        """
        return [reason for reason, _run in self._admit([(record, key, now) for record in records])]

    def look(self, records, now):
        """Let in whose date has come since the last look, each from its moment on. A person who has
        two records, or two dates, has a run of each moment."""
        entry = self.others.get("date")
        if not self.running or not entry:
            return
        begin, self.looked_until = self.looked_until, now
        moments = {
            record: get_moment(record.moment, entry.offset, entry.hour, self.zone_of(record))
            for record in records
            if record.exists and record.moment
        }
        due = [record for record, moment in moments.items() if begin < moment <= now]
        due.sort(key=lambda record: (moments[record], record.key))
        while due:
            answers = self._admit([(record, "", moments[record]) for record in due], "date")
            due = [
                record
                for record, (reason, run) in zip(due, answers, strict=True)
                if reason == "duplicate" and run.enrolled != moments[record]
            ]

    def zone_of(self, record):
        return record.timezone or self.timezone

    def paint(self, record, color, now):
        """A record gets a color."""
        was, record.color = record.color, color
        entry = self.others.get("color")
        if entry and was != color == entry.color:
            self.notice(record, "color", now)

    def notice(self, record, event, now, source=""):
        """Something has happened to a record, or to another one that leads to it, its source."""
        entry = self.others.get(event)
        if self.running and entry:
            self._admit([(record, source if entry.is_keyed else "", now)], event, source)

    def _admit(self, wanted, entry="", source=""):
        """Take in, in their order, those who may.

        :param list wanted: tuples of a record, a key, and the moment from which its steps count
        :param source: what the runs are about
        :return: for each, why it is not taken in; and its run, or the one of the same call that
            keeps it out
        """
        answers, made = [], []
        is_limited = entry not in ("", "date")
        for record, key, moment in wanted:
            runs = self._runs_of_person(record)
            before = [run for run in runs if run not in made]
            same = [run for run in runs if run in made and (not key or run.key == key)]
            reason = self._get_refusal(record, key, moment, before)
            if not reason and same:
                reason = "duplicate"
            elif not reason and (is_limited or not key) and self._is_too_often(runs, moment):
                reason = "too_many"
            run = same[0] if same else None
            if not reason:
                run = self._take_in(record, key, moment, entry, source)
                made.append(run)
            answers.append((reason, run))
        return answers

    def _get_refusal(self, record, key, now, runs):
        """Why a record is not taken in, where a person has these runs."""
        if not record.exists:
            return "not_found"
        if key:
            if any(run.key == key for run in runs):
                return "known"
        elif runs and (self.reentry == "never" or any(run.forgotten for run in runs)):
            return "known"
        if not self._is_in_audience(record):
            return "unmatched"
        if key or not runs:
            return ""
        if self.reentry == "after_end" and any(run.state == "running" for run in runs):
            return "under_way"
        if any(shift(run.enrolled, self.least_time, self.timezone) > now for run in runs):
            return "too_soon"
        return ""

    def _is_too_often(self, runs, now):
        """Whether so many runs began within a day that no further one may."""
        return len([run for run in runs if run.enrolled > now - timedelta(days=1)]) >= MAX_RUNS

    def _runs_of_person(self, record):
        """The runs of a record, and of whom it has, or had, an identity in common with."""
        return [
            run
            for run in self.participants
            if run.record is record or (self.unique and record.identities & self._names_of(run))
        ]

    def _names_of(self, run):
        """By what a run is recognised, be it that the job has yet to note it."""
        is_late = not self.identified_as_unique and not run.is_gone
        return run.identities | (run.record.identities if is_late else frozenset())

    def _take_in(self, record, key, now, entry="", source=""):
        number = max((run.number for run in self._runs_of_person(record)), default=0) + 1
        participant = Participant(
            record, now, self.number_of(record, number), number, key, entry, source
        )
        self.participants.append(participant)
        self._identify(participant)
        for activity in self.activities:
            if activity.trigger == "begin":
                self._derive(participant, activity)
        return participant

    def _identify_all(self):
        """After the campaign became unique."""
        for participant in self.participants:
            self._identify_anew(participant)
        self.identified_as_unique = self.unique

    def _identify(self, participant):
        """Recognise it by what its record has now, too. What it had before is never free again."""
        if self.unique and not participant.is_gone:
            participant.identities |= participant.record.identities

    def _identify_anew(self, participant):
        """The same, where that was left until now."""
        if not self.identified_as_unique:
            self._identify(participant)

    def execute(self, now):
        """Notice what is late, then execute all that is due, and what becomes due by that."""
        execute([self], now)

    def get_turns(self, now, waiting):
        """The activities that have something due, but those that wait: since when, by each."""
        turns = {}
        for trace in self._due(now) if self.running else ():
            if trace.activity not in waiting:
                turns.setdefault(trace.activity, trace.date)
        return turns

    def take_turn(self, activity, now):
        """Execute what is due at an activity, unless all of it has to wait for a place.

        :return: whether it need not
        """
        self.places = self.take_places(activity, now)
        if self.places == 0:
            return False
        # Who passes a step goes on once all that is due there is decided.
        passed = [t for t in self._due(now, activity) if self._execute(t, now)]
        for trace in passed:
            self._go_on(trace, now)
        return True

    def _execute(self, trace, now):
        """Execute a trace that is due, unless it is too late for it.

        :return: whether it has passed a step that steers
        """
        expiry = trace.activity.expiry
        # Who waits was there in time.
        waits = trace.since or trace.hold_end
        expires = expiry and not waits and shift(trace.date, expiry, self.timezone)
        if trace.participant.exit:
            self._refuse(trace, "exited", now)
        elif trace.is_ruled_out:
            self._refuse(trace, "event", now)
        elif expires and expires < now:
            self._refuse(trace, "expired", now)
        else:
            return self._run(trace, now)
        return False

    def run(self, trace, now):
        """Somebody wants a trace to be executed, be it due or not; who waits goes on."""
        if trace.is_ruled_out:
            self._refuse(trace, "event", now)
        elif self._run(trace, now, is_asked_for=True):
            self._go_on(trace, now)

    def _run(self, trace, now, is_asked_for=False):
        record, activity = trace.participant.record, trace.activity
        obstacle = {"email": record.no_mail, "sms": record.no_sms}.get(activity.kind)
        matches = self._is_in_audience(record) and all(a.filter(record) for a in activity.path())
        is_asked = activity.is_message and matches and not trace.participant.exit
        if is_asked and not is_asked_for and self.hold_up(trace, now):
            return False
        trace.is_queued = trace.is_taken_back = False
        trace.sent = None
        if trace.participant.exit:
            self._refuse(trace, "exited", now)
        elif not record.exists:
            self._refuse(trace, "unlinked", now)
        elif not matches:
            self._refuse(trace, "filter", now, "rejected")
        elif obstacle:
            self._refuse(trace, obstacle, now)
        elif activity.kind == "action" and record.breaks_actions:
            self._refuse(trace, "failed", now, "error")
        elif activity.steers:
            return self._steer(trace, now, is_asked_for)
        else:
            if activity.kind == "paint":
                # Its own run is under way still, whoever comes in by it.
                self.paint(record, activity.color, now)
            trace.executed, trace.state, trace.reason = now, "processed", None
            trace.runs += 1
            trace.is_queued = activity.is_message
            trace.leaves_until = datetime.max if is_asked_for else self.get_closing(trace, now)
            trace.sent = None if trace.is_queued else now
            if trace.is_queued:
                self.count(trace)
            if activity.kind == "todo":
                trace.has_todo = trace.is_open = True
                trace.due = self.end_of(self._today(now) + timedelta(days=activity.due_days))
            self._derive_children(trace)
        return False

    def _refuse(self, trace, reason, now, state="canceled"):
        trace.executed, trace.state, trace.reason, trace.since = now, state, reason, None
        trace.hold_end = None

    def _due(self, now, activity=None):
        """What is due, of all or of one activity, the oldest first."""
        due = [
            trace
            for trace in self.traces()
            if trace.state == "scheduled"
            and trace.date
            and trace.date <= now
            and activity in (None, trace.activity)
        ]
        return sorted(due, key=lambda trace: (trace.date, self.order_of(trace)))

    def _is_in_audience(self, record):
        return record.exists and record.matches and (record.active or self.include_archived)

    # ------------------------------------------------------------
    # Steps that steer
    # ------------------------------------------------------------

    def _steer(self, trace, now, is_asked_for):
        """Decide where a run goes on, once; or that it waits.

        :return: whether it goes on
        """
        activity, branch = trace.activity, None
        if activity.kind == "condition":
            branch = self._get_way(trace)
        elif activity.kind == "split":
            branch = activity.winner or self._get_lot(trace)
        elif activity.kind == "wait":
            # It counts from the moment it was due, not from when the job came.
            arrival = trace.since or trace.date or now
            branch, until = self._look(trace, arrival, now)
            if not branch and is_asked_for:
                branch = activity.branch_of("timeout" if activity.wait.limit else "met")
            trace.since = arrival
            if not branch:
                trace.date = until
                return False
        trace.executed, trace.state, trace.reason = now, "processed", None
        trace.branch, trace.sent = branch, now
        return True

    def _go_on(self, trace, now):
        """What comes of it that a run has passed a step."""
        activity = trace.activity
        if activity.kind == "goto":
            self._jump(trace, now)
        elif activity.kind == "exit":
            self._exit(trace.participant, "step", now)
        self._derive_children(trace)

    def _get_way(self, trace):
        """The first branch of a condition that holds."""
        participant = trace.participant
        for branch in trace.activity.branches:
            if branch.kind == "filter" and branch.filter(participant.record):
                return branch
            if branch.kind == "event":
                has_met = participant.has_met(branch.activity, branch.event, branch.link)
                if has_met != branch.is_negative:
                    return branch
        return trace.activity.branch_of("otherwise")

    def _get_lot(self, trace):
        """A branch of a split at random, by weights."""
        branches = trace.activity.branches
        total = sum(branch.weight for branch in branches)
        share = get_share(trace.participant.id, trace.activity.id, total)
        until = 0
        for branch in branches:
            until += branch.weight
            if share < until:
                return branch
        raise ValueError("No branch has a weight")

    def _look(self, trace, arrival, now):
        """The branch of a wait, None as long as it waits; and until when it then does."""
        activity, wait = trace.activity, trace.activity.wait
        met, timeout = activity.branch_of("met"), activity.branch_of("timeout")
        if wait.kind == "time":
            if trace.since:
                return (met if trace.date <= now else None), trace.date
            return None, next_weekday(now, wait.weekday, wait.hour, self.timezone)
        if wait.kind == "date":
            moment = self._get_awaited_moment(wait, trace.participant.record)
            if not moment or (wait.limit and shift(moment, wait.limit, self.timezone) < arrival):
                return timeout, None
            return (met if moment <= now else None), moment
        if wait.kind == "filter":
            is_met = wait.filter(trace.participant.record)
        else:
            is_met = trace.participant.has_met(wait.activity, wait.event)
        until = wait.limit and shift(arrival, wait.limit, self.timezone)
        if is_met:
            return met, until
        return (timeout if until and until <= now else None), until

    def _get_awaited_moment(self, wait, record):
        """So long after, or before, the date of the record, at a time of day."""
        return get_moment(record.moment, wait.offset, wait.hour, self.timezone)

    def _jump(self, trace, now):
        """Go on at another step, unless the run was there often enough: its own delay counts from
        here, its trigger does not. Who waits for something else to lead there comes now instead;
        who went another way has not been there."""
        participant, target = trace.participant, trace.activity.goto
        known = [other for other in participant.traces_of(target) if not other.is_unreached]
        visit = max((other.visit for other in known), default=0) + 1
        passed = [other for other in known if (other.state, other.reason) != ("canceled", "event")]
        if len(passed) < trace.activity.max_visits:
            date = target.get_due(now, self.timezone)
            participant.traces[target, visit] = Trace(
                participant, target, visit, trace, is_jump=True, date=date
            )

    def _exit(self, participant, reason, now):
        """The run ends here, whatever else it has scheduled."""
        participant.exit = reason, now
        for trace in participant.traces.values():
            if trace.state == "scheduled":
                trace.cancel("exited")

    def poll(self, now):
        """Notice what has come true for those who wait; they go on with the next run of the job."""
        if not self.running:
            return
        for trace in self.traces():
            if self._waits(trace, now) and trace.activity.wait.kind != "time":
                branch, _until = self._look(trace, trace.since, now)
                if branch:
                    trace.date = now
        self.review_hours(now)
        self._take_back_closed(now)

    def _waits(self, trace, now):
        """Whether it waits at a step, and its time is not up yet."""
        is_late = trace.date and trace.date <= now
        return trace.state == "scheduled" and trace.since and not is_late

    # ------------------------------------------------------------
    # How a trace comes to be
    # ------------------------------------------------------------

    def _derive_children(self, parent):
        for activity in self.activities:
            if activity.parent is parent.activity:
                self._derive(parent.participant, activity, parent)

    def _derive(self, participant, activity, parent=None):
        """Give the participant a trace of the activity, if it has come that far.

        :param parent: the trace that it follows, of the same visit
        """
        visit = parent.visit if parent else 1
        known = participant.traces.get((activity, visit))
        if participant.is_over or (known and known.reason != "parent"):
            return
        if not parent:
            date = activity.get_due(participant.enrolled, self.timezone)
            participant.traces[activity, visit] = Trace(participant, activity, date=date)
            return
        is_elsewhere = activity.trigger == "branch" and activity.branch is not parent.branch
        if parent.state != "processed" or is_elsewhere:
            return
        origin = parent.events.get(activity.event) if activity.waits_for_event else parent.sent
        date = origin and activity.get_due(origin, self.timezone)
        trace = Trace(participant, activity, visit, parent, date=date)
        participant.traces[activity, visit] = trace
        if activity.is_ruled_out_by(parent.events):
            trace.cancel("event")

    # ------------------------------------------------------------
    # What happens to messages
    # ------------------------------------------------------------

    def happen(self, parent, event, now, is_simulated=False, link=None):
        """The recipient, or the network on their behalf, did something with the message of a
        trace; or it is only said so, and the message has not left. Either way it counts as handed
        over.

        :param link: of clicks: which was followed
        """
        if link and parent.state == "processed":
            parent.links.add(link)
        if not parent.may_happen(event):
            return
        parent.is_queued &= is_simulated
        is_first_news = not parent.sent
        self._leave(parent, now)
        events = parent.events
        new = [name for name in (event, *IMPLIED.get(event, ())) if name not in events]
        events.update(dict.fromkeys(new, now))
        for trace in self._children(parent):
            child = trace.activity
            if trace.state != "scheduled":
                continue
            if trace.since:
                # It has come there already, whatever else happens, if the message has arrived.
                ends = child.is_ruled_out_by(events) and event in BOUNCES
                if ends and not child.waits_for(parent, event):
                    trace.cancel("event")
            elif child.is_ruled_out_by(events):
                trace.cancel("event")
            elif child.event in new if child.waits_for_event else is_first_news:
                trace.date = child.get_due(now, self.timezone)
        self._release(parent, new, now)

    def _release(self, parent, events, now):
        """Steps that wait for these events of a trace are looked at anew."""
        for trace in parent.participant.traces.values():
            is_met = any(trace.activity.waits_for(parent, event) for event in events)
            if is_met and self._waits(trace, now):
                trace.date = now

    def forget_click(self, parent, since):
        """The click on a message was none: a scanner of the mail server has followed its links.
        What follows is derived anew from what else has happened."""
        click = f"{'mail' if parent.activity.kind == 'email' else 'sms'}_click"
        if parent.events.get(click, since) < since or click not in parent.events:
            return
        parent.events = {
            event: moment
            for event, moment in parent.events.items()
            if event != click and not (event == "mail_open" and moment >= since)
        }
        self.clicks, self.scans = self.clicks - 1, self.scans + 1
        for trace in self._children(parent):
            if trace.is_derived and trace.reason != "parent" and trace.activity not in self.past:
                self._drop(trace)
        self._derive_children(parent)

    def _drop(self, trace):
        """As if the run had not come here."""
        del trace.participant.traces[trace.activity, trace.visit]
        for follower in self._children(trace):
            follower.parent = None

    def _today(self, now):
        return now.replace(tzinfo=UTC).astimezone(ZoneInfo(self.timezone)).date()

    def end_of(self, day):
        """When a day is over where the responsible is, to whom no to-do is assigned."""
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
        return on_clock(midnight, ZoneInfo(self.timezone))

    def notice_late(self, now):
        """To-dos that are open at the end of their day are late."""
        for trace in self.traces():
            if trace.due and trace.due <= now:
                trace.due = None
                self.happen(trace, "activity_overdue", now)

    def close_todo(self, trace, event, now):
        """Somebody has done, or cancelled, a to-do."""
        trace.close()
        self.happen(trace, event, now)

    def move_todo(self, trace, day, now):
        """Somebody has given a to-do another day; one that was late before stays so."""
        trace.due = self.end_of(day) if trace.may_happen("activity_overdue") else None
        self.notice_late(now)

    def send(self, now):
        """The queues hand over all that is in them, but what may not leave any more."""
        self._take_back_closed(now)
        for trace in self.traces():
            if not trace.is_queued or trace.participant.forgotten:
                continue
            trace.is_queued = False
            if trace.message:
                trace.message.date = now
            if trace.sent:
                continue
            self._leave(trace, now)
            for follower in self._children(trace):
                child = follower.activity
                if follower.state == "scheduled" and not child.waits_for_event:
                    follower.date = child.get_due(now, self.timezone)

    def _leave(self, trace, now):
        """Its message is handed over now, as far as is known; unless it was before."""
        if not trace.sent:
            trace.sent = now
            self.departures.append(now)

    def stop(self):
        """Nothing goes on; what is queued is taken back, to be sent at its date after all."""
        self.running = False
        self.take_back_queued()

    def take_back_queued(self):
        """What waited before it was queued begins to wait anew."""
        for trace in self.traces():
            if trace.is_queued and not trace.sent:
                self._take_back(trace)
                trace.hold_end = None

    def _take_back_closed(self, now):
        """What is still queued when its hours are over is taken back, too."""
        for trace in self.traces():
            is_closed = trace.leaves_until and trace.leaves_until <= now
            if trace.is_queued and not trace.sent and is_closed:
                self._take_back(trace)

    def _take_back(self, trace):
        trace.state, trace.executed, trace.runs = "scheduled", None, trace.runs - 1
        trace.is_queued, trace.is_taken_back = False, True
        self.count_not(trace)
        for follower in self._children(trace):
            if follower.activity not in self.past and follower.is_derived:
                self._drop(follower)

    def fail(self, trace, reason):
        """The message did not get out, as shows only later."""
        trace.state, trace.reason, trace.is_queued = "error", reason, False
        self.count_not(trace)
        for follower in self._children(trace):
            if follower.state == "scheduled":
                follower.cancel("parent")

    def resend(self, trace, now):
        """The message that had failed got out after all: what follows it does so from now."""
        self._leave(trace, now)
        trace.state, trace.reason, trace.executed, trace.sent = "processed", None, now, now
        trace.is_queued, trace.hold_end = False, None
        self.count_not(trace)
        self.count(trace)
        trace.message.date = now
        self._derive_children(trace)

    def _children(self, parent):
        return [trace for trace in parent.participant.traces.values() if trace.parent is parent]

    # ------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------

    def delete(self, record):
        """The record is gone for good."""
        record.exists = False
        for run in self.runs_of(record):
            for trace in () if run.forgotten else run.traces.values():
                if trace.state == "scheduled":
                    trace.cancel("unlinked")
                elif trace.is_queued and not trace.sent:
                    trace.cancel("unlinked")
                    trace.is_queued = False
                    self.count_not(trace)
                    trace.runs -= 1
                trace.close()
                # Odoo deletes queued emails with their record; text messages stay.
                if trace.is_queued and trace.activity.kind == "email":
                    trace.is_queued = False
                    self.count_not(trace)

    def merge(self, source, target):
        """Two records become one; its runs go on with the one that is left, see
        :meth:`get_moving`."""
        moving = self.get_moving(source, target)
        for participant in moving:
            self._identify_anew(participant)
            participant.record = target
            self._identify(participant)
        if moving:
            runs = [run for run in self.runs_of(target) if not run.forgotten]
            runs.sort(key=lambda run: (run.enrolled, run.id))
            for number, run in enumerate(runs, start=1):
                run.number = max(run.number, number)
        self.delete(source)

    def get_moving(self, source, target):
        """The runs that go on with the target of a merge, unless that has them itself: one with
        the same key, or one that keeps them out."""
        taken = {self._get_lane(run) for run in self.runs_of(target) if not run.forgotten}
        return [
            run
            for run in self.runs_of(source)
            if not run.forgotten and self._get_lane(run) not in taken
        ]

    def _get_lane(self, run):
        """Of what a record can have one."""
        if run.key or self.reentry == "never":
            return run.key
        is_only = self.reentry == "after_end" and run.state == "running"
        return "running" if is_only else run

    def forget(self, participant):
        """It is no longer known who took part; what had not left does not leave."""
        for trace in participant.traces.values():
            if trace.state == "scheduled":
                trace.cancel("user")
            elif trace.is_queued:
                trace.cancel("user")
                trace.is_queued = False
                trace.runs -= 1
            trace.close()
            self.count_not(trace)
        self._identify_anew(participant)
        participant.forgotten = participant.state

    def exit(self, participant, now):
        """Somebody ends a run by hand."""
        self._exit(participant, "user", now)

    def let_run(self, participant):
        """Somebody lets a run go on that had ended, with what will be scheduled for it."""
        participant.exit = None

    def retry(self, activity, now):
        """What failed is tried again, now."""
        for trace in self._reached(activity):
            if trace.state == "error" and not trace.participant.is_over:
                trace.state, trace.reason, trace.date, trace.executed = "scheduled", None, now, None
                trace.hold_end = None

    def cancel(self, trace):
        trace.cancel("user")

    def add(self, activity):
        self.activities.append(activity)
        self._mark_changed(activity)

    def change(self, activity, **values):
        """Give the activity another delay, trigger or parent."""
        for name, value in values.items():
            setattr(activity, name, value)
        self._mark_changed(activity)

    def _mark_changed(self, activity):
        """An update is only needed where somebody takes part already."""
        if self.participants and activity not in self.changed:
            self.changed.append(activity)

    def remove(self, activity):
        """Take an activity and those below it out of the workflow. What somebody has gone through,
        or not for a reason, is history; of others nothing stays."""
        gone = [other for other in self.activities if activity in other.path()]
        self.activities = [other for other in self.activities if other not in gone]
        self.changed = [other for other in self.changed if other not in gone]
        for other in gone:
            traces = self._reached(other)
            if all(trace.state == "scheduled" for trace in traces):
                for trace in traces:
                    self._drop(trace)
                continue
            self.past.append(other)
            for trace in traces:
                if trace.is_queued and not trace.sent:
                    self.count_not(trace)
                trace.leave_workflow()

    def update(self, now):
        """Apply the changes: what was not executed is derived anew. Where a goto led, it does
        still; the date may be another. Who waits is looked at anew."""
        for participant in self.participants:
            if participant.is_over:
                continue
            changed = [t for t in participant.traces.values() if t.activity in self.changed]
            for trace in changed:
                if trace.state == "scheduled" and trace.since:
                    trace.date = now
                elif trace.is_jump:
                    if trace.state == "scheduled" and trace.parent:
                        trace.date = trace.activity.get_due(trace.parent.sent, self.timezone)
                elif trace.is_derived:
                    self._drop(trace)
            for activity in self.changed:
                if activity.trigger == "begin":
                    self._derive(participant, activity)
                for parent in participant.traces_of(activity.parent):
                    self._derive(participant, activity, parent)
        self.changed = []

    # ------------------------------------------------------------
    # The expectation
    # ------------------------------------------------------------

    def outcome(self):
        """State, reason, date and branch of each trace, by key of the record, name of the activity
        and visit."""
        return {
            (trace.participant.record.key, trace.activity.name, trace.visit): (
                trace.state,
                trace.reason,
                trace.date,
                trace.branch and trace.branch.name,
            )
            for trace in self.traces()
        }

    def figures(self):
        """What every place that shows figures should show, by activity."""
        return {
            activity.name: self._figures_of(activity, self._reached(activity))
            for activity in self.activities + self.past
        }

    def people(self):
        """How many different participants are behind each figure, by activity."""
        people = {}
        for activity in self.activities + self.past:
            people[activity.name] = numbers = Counter()
            visits = {}
            for trace in self._reached(activity):
                visits.setdefault(trace.participant, []).append(trace)
            for traces in visits.values():
                figures = self._figures_of(activity, traces)
                numbers.update(key for key, number in figures.items() if number)
        return people

    def _reached(self, activity):
        return [trace for trace in self.traces() if trace.activity is activity]

    def _figures_of(self, activity, reached):
        """Each who has reached the activity counts in one of six ways; messages are queued or
        sent; of the messages that were sent those are delivered that have not bounced; what
        recipients do is a share of the sent."""
        elsewhere = [trace for trace in reached if trace.reason in ("event", "parent")]
        states = Counter(trace.state for trace in reached)
        sent = [trace for trace in reached if trace.state == "processed" and trace.sent]
        bounced = [trace for trace in sent if not trace.events.keys().isdisjoint(BOUNCES)]

        def happened(name):
            return sum(any(event.endswith(name) for event in trace.events) for trace in sent)

        figures = {
            "reached": len(reached),
            "processed": states["processed"],
            "scheduled": states["scheduled"],
            "elsewhere": len(elsewhere),
            "excluded": states["canceled"] - len(elsewhere),
            "rejected": states["rejected"],
            "error": states["error"],
        }
        if activity.kind == "todo":
            created = [trace for trace in reached if trace.has_todo]
            figures["activity_created"] = len(created)
            for event in EVENTS["todo"]:
                figures[event] = sum(event in trace.events for trace in created)
        if activity.is_message:
            figures.update(
                queued=states["processed"] - len(sent),
                sent=len(sent),
                delivered=len(sent) - len(bounced),
                bounce=len(bounced),
                click=happened("_click"),
            )
        if activity.kind == "email":
            figures.update(open=happened("_open"), reply=happened("_reply"))
        return figures

    def reasons(self):
        """How many were not done for which reason, by activity and reason."""
        return Counter((t.activity.name, t.reason) for t in self._not_done())

    def _not_done(self):
        """Not those that are held up: they may be done yet."""
        return [trace for trace in self.traces() if trace.reason and trace.state != "scheduled"]

    def people_by_reason(self):
        """The same of different participants."""
        reasons = {(t.participant, t.activity.name, t.reason) for t in self._not_done()}
        return Counter((name, reason) for _participant, name, reason in reasons)

    def participant_states(self):
        """The state of each participant."""
        return {participant: participant.state for participant in self.participants}
