"""The rules of a campaign in plain Python: what the tests expect of the engine.

This is the specification once more, written to be read: one participant and one
activity at a time, no database, no batches, no shortcuts. It is told the same story
as the engine (time passes, recipients react, people edit the workflow) and says what
became of every record at every activity.

Moments are naive datetimes in UTC, as Odoo stores them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

# What an event of a message brings with it.
IMPLIED = {"mail_click": ("mail_open",), "mail_reply": ("mail_open",)}
BOUNCES = ("mail_bounce", "sms_bounce")
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
}
EVENTS = {
    "email": ("mail_open", "mail_click", "mail_reply", "mail_bounce"),
    "sms": ("sms_click", "sms_bounce"),
    "todo": ("activity_done", "activity_overdue", "activity_canceled"),
}


def shift(moment, delay, timezone):
    """Move a moment on by a delay such as ``(2, "days")``.

    Hours are hours. Days, weeks and months are steps of the calendar in the time zone:
    the clock on the wall shows the same time, the last day of a month stays the last.
    Nothing is early: of two moments with the same local time the later one counts, and
    a local time that does not exist is the one that the clock shows instead of it.
    """
    number, unit = delay
    if unit == "hours" or not number:
        return moment + timedelta(hours=number)
    zone = ZoneInfo(timezone)
    wall = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return on_clock(wall + relativedelta(**{unit: number}), zone)


def on_clock(wall, zone):
    """The moment, in UTC, at which the clock on the wall of a time zone shows a time."""
    readings = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(readings).replace(tzinfo=None)


@dataclass(eq=False)
class Record:
    """A row of the target model, as far as a campaign cares.

    :param key: records are taken in by this order
    :param identities: what the deduplication field has, made comparable: one value, or each of
        several addresses; none if it is empty
    :param no_mail: why no mail can be sent to it, if none can
    :param no_sms: the same for text messages
    :param matches: whether the campaign's filter lets it pass
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


@dataclass(eq=False)
class Activity:
    """A step of the workflow.

    :param kind: email, sms, action, or todo: an action that creates a to-do
    :param due_days: in how many days the to-do is due
    :param filter: whether a record passes this activity's own filter
    :param expiry: how long after its date it can still be executed, None for ever
    """

    name: str
    kind: str
    trigger: str = "begin"
    parent: "Activity | None" = None
    delay: tuple[int, str] = (0, "hours")
    expiry: tuple[int, str] | None = None
    filter: Callable[[Record], bool] = lambda record: True
    due_days: int = 0

    @property
    def is_message(self):
        return self.kind in ("email", "sms")

    @property
    def event(self):
        """The event of the parent that the trigger is about, if any."""
        if self.trigger in ("begin", "activity"):
            return None
        return self.trigger.replace("_not_", "_")

    @property
    def waits_for_event(self):
        return bool(self.event) and "_not_" not in self.trigger

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
    """One activity for one participant.

    :param date: when it is to be executed, None while it waits for an event
    :param executed: when it was
    :param events: first moments of what the recipient did with the message
    :param runs: how often the activity did its work
    :param is_queued: whether its message has not left yet
    :param sent: when it was handed over, or the action was executed: what follows counts from then
    :param is_taken_back: whether its message was taken back by a stop
    :param has_todo: whether a to-do was created
    :param is_open: whether it is neither done nor cancelled
    :param due: when it will be late; none once it is, or is not open
    """

    state: str = "scheduled"
    reason: str | None = None
    date: datetime | None = None
    executed: datetime | None = None
    events: dict[str, datetime] = field(default_factory=dict)
    runs: int = 0
    is_queued: bool = False
    sent: datetime | None = None
    is_taken_back: bool = False
    has_todo: bool = False
    is_open: bool = False
    due: datetime | None = None

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
    """
    :param forgotten: the state for good of one who was forgotten
    :param identities: by which it is recognised, besides the record, whatever becomes of that
    """

    record: Record
    enrolled: datetime
    traces: dict[Activity, Trace] = field(default_factory=dict)
    forgotten: str | None = None
    identities: frozenset[str] = frozenset()

    @property
    def is_over(self):
        """Whether nothing may happen to it any more."""
        return bool(self.forgotten) or not self.record.exists

    @property
    def state(self):
        if self.forgotten:
            return self.forgotten
        if not self.record.exists:
            return "unlinked"
        scheduled = any(trace.state == "scheduled" for trace in self.traces.values())
        return "running" if scheduled else "completed"


class Reference:
    """A campaign.

    :param unique: only one of several records with an identity in common takes part; may change
    """

    def __init__(self, activities, timezone="UTC", unique=False, include_archived=False):
        self.activities = list(activities)
        self.past = []  # activities that were taken out after somebody had gone through them
        self.timezone = timezone
        self.unique = unique
        self.identified_as_unique = unique
        self.include_archived = include_archived
        self.running = False
        self.participants = {}
        self.changed = []
        self.clicks = 0  # on links of messages, however many of one person

    # ------------------------------------------------------------
    # The job
    # ------------------------------------------------------------

    def enrol(self, records, now):
        """Take in the records that match, the first of those with an identity in common."""
        if not self.running:
            return
        for participant in self.participants.values():
            self._identify_anew(participant)
        self.identified_as_unique = self.unique
        taken = set().union(*(p.identities for p in self.participants.values()))
        for record in sorted(records, key=lambda record: record.key):
            if record in self.participants or not self._is_in_audience(record):
                continue
            if self.unique and record.identities & taken:
                continue
            self.participants[record] = participant = Participant(record, now)
            self._identify(participant)
            taken |= participant.identities
            for activity in self.activities:
                if activity.trigger == "begin":
                    self._derive(participant, activity)

    def _identify(self, participant):
        """Recognise it by what its record has now, too. What it had before is never free again."""
        if self.unique and not participant.is_over:
            participant.identities |= participant.record.identities

    def _identify_anew(self, participant):
        """After the campaign became unique."""
        if not self.identified_as_unique:
            self._identify(participant)

    def execute(self, now):
        """Notice what is late, then execute all that is due, and what becomes due by that."""
        self.notice_late(now)
        while self.running and (due := self._due(now)):
            for participant, activity in due:
                trace = participant.traces[activity]
                expires = activity.expiry and shift(trace.date, activity.expiry, self.timezone)
                if expires and expires < now:
                    trace.executed = now
                    trace.cancel("expired")
                else:
                    self.run(participant, activity, now)

    def run(self, participant, activity, now):
        """Execute an activity for a participant, be it due or not."""
        record = participant.record
        trace = participant.traces[activity]
        trace.executed = now
        obstacle = {"email": record.no_mail, "sms": record.no_sms}.get(activity.kind)
        trace.is_queued = trace.is_taken_back = False
        trace.sent = None
        if not record.exists:
            trace.cancel("unlinked")
        elif not self._is_in_audience(record) or not all(a.filter(record) for a in activity.path()):
            trace.state, trace.reason = "rejected", "filter"
        elif obstacle:
            trace.cancel(obstacle)
        elif activity.kind == "action" and record.breaks_actions:
            trace.state, trace.reason = "error", "failed"
        else:
            trace.state, trace.reason = "processed", None
            trace.runs += 1
            trace.is_queued = activity.is_message
            trace.sent = None if trace.is_queued else now
            if activity.kind == "todo":
                trace.has_todo = trace.is_open = True
                trace.due = self.end_of(self._today(now) + timedelta(days=activity.due_days))
            self._derive_children(participant, activity)

    def _due(self, now):
        return [
            (participant, activity)
            for participant in self.participants.values()
            for activity, trace in participant.traces.items()
            if trace.state == "scheduled" and trace.date and trace.date <= now
        ]

    def _is_in_audience(self, record):
        return record.exists and record.matches and (record.active or self.include_archived)

    # ------------------------------------------------------------
    # How a trace comes to be
    # ------------------------------------------------------------

    def _derive_children(self, participant, parent):
        for activity in self.activities:
            if activity.parent is parent:
                self._derive(participant, activity)

    def _derive(self, participant, activity):
        """Give the participant a trace of the activity, if it has come that far."""
        known = participant.traces.get(activity)
        if participant.is_over or (known and known.reason != "parent"):
            return
        if activity.trigger == "begin":
            date = shift(participant.enrolled, activity.delay, self.timezone)
            participant.traces[activity] = Trace(date=date)
            return
        parent = participant.traces.get(activity.parent)
        if not parent or parent.state != "processed":
            return
        origin = parent.events.get(activity.event) if activity.waits_for_event else parent.sent
        date = origin and shift(origin, activity.delay, self.timezone)
        participant.traces[activity] = trace = Trace(date=date)
        if activity.is_ruled_out_by(parent.events):
            trace.cancel("event")

    # ------------------------------------------------------------
    # What happens to messages
    # ------------------------------------------------------------

    def happen(self, record, activity, event, now, is_simulated=False):
        """The recipient, or the network on their behalf, did something with a message; or it is
        only said so, and the message has not left. Either way it counts as handed over."""
        participant = self.participants[record]
        parent = participant.traces[activity]
        if not parent.may_happen(event):
            return
        parent.is_queued &= is_simulated
        is_first_news, parent.sent = not parent.sent, parent.sent or now
        events = parent.events
        new = [name for name in (event, *IMPLIED.get(event, ())) if name not in events]
        events.update(dict.fromkeys(new, now))
        for child, trace in self._children(participant, activity):
            if trace.state != "scheduled":
                continue
            if child.is_ruled_out_by(events):
                trace.cancel("event")
            elif child.event in new if child.waits_for_event else is_first_news:
                trace.date = shift(now, child.delay, self.timezone)

    def _today(self, now):
        return now.replace(tzinfo=UTC).astimezone(ZoneInfo(self.timezone)).date()

    def end_of(self, day):
        """When a day is over where the responsible is, to whom no to-do is assigned."""
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
        return on_clock(midnight, ZoneInfo(self.timezone))

    def notice_late(self, now):
        """To-dos that are open at the end of their day are late."""
        for record, participant in self.participants.items():
            for activity, trace in list(participant.traces.items()):
                if trace.due and trace.due <= now:
                    trace.due = None
                    self.happen(record, activity, "activity_overdue", now)

    def close_todo(self, record, activity, event, now):
        """Somebody has done, or cancelled, a to-do."""
        self.participants[record].traces[activity].close()
        self.happen(record, activity, event, now)

    def move_todo(self, record, activity, day, now):
        """Somebody has given a to-do another day; one that was late before stays so."""
        trace = self.participants[record].traces[activity]
        trace.due = self.end_of(day) if trace.may_happen("activity_overdue") else None
        self.notice_late(now)

    def send(self, now):
        """The queues hand over all that is in them."""
        for participant in self.participants.values():
            for activity, trace in list(participant.traces.items()):
                if not trace.is_queued or participant.forgotten:
                    continue
                trace.is_queued = False
                if trace.sent:
                    continue
                trace.sent = now
                for child, follower in self._children(participant, activity):
                    if follower.state == "scheduled" and not child.waits_for_event:
                        follower.date = shift(now, child.delay, self.timezone)

    def stop(self):
        """Nothing goes on; what is queued is taken back, to be sent at its date after all."""
        self.running = False
        for participant in self.participants.values():
            for activity, trace in list(participant.traces.items()):
                if not trace.is_queued or trace.sent:
                    continue
                trace.state, trace.executed, trace.runs = "scheduled", None, trace.runs - 1
                trace.is_queued, trace.is_taken_back = False, True
                for child, follower in self._children(participant, activity):
                    if child not in self.past and (
                        follower.state == "scheduled" or follower.reason in ("event", "parent")
                    ):
                        del participant.traces[child]

    def fail(self, record, activity, reason):
        """The message did not get out, as shows only later."""
        participant = self.participants[record]
        trace = participant.traces[activity]
        trace.state, trace.reason, trace.is_queued = "error", reason, False
        for _child, trace in self._children(participant, activity):
            if trace.state == "scheduled":
                trace.cancel("parent")

    def resend(self, record, activity, now):
        """The message that had failed got out after all: what follows it does so from now."""
        participant = self.participants[record]
        trace = participant.traces[activity]
        trace.state, trace.reason, trace.executed, trace.sent = "processed", None, now, now
        trace.is_queued = False
        self._derive_children(participant, activity)

    def _children(self, participant, parent):
        return [
            (activity, trace)
            for activity, trace in participant.traces.items()
            if activity.parent is parent
        ]

    # ------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------

    def delete(self, record):
        """The record is gone for good."""
        record.exists = False
        if record in self.participants and not self.participants[record].forgotten:
            for activity, trace in self.participants[record].traces.items():
                if trace.state == "scheduled":
                    trace.cancel("unlinked")
                elif trace.is_queued and not trace.sent:
                    trace.cancel("unlinked")
                    trace.is_queued = False
                    trace.runs -= 1
                trace.close()
                # Odoo deletes queued emails with their record; text messages stay.
                trace.is_queued &= activity.kind == "sms"

    def forget(self, record):
        """It is no longer known who took part; what had not left does not leave."""
        participant = self.participants[record]
        for trace in participant.traces.values():
            if trace.state == "scheduled":
                trace.cancel("user")
            elif trace.is_queued:
                trace.cancel("user")
                trace.is_queued = False
                trace.runs -= 1
            trace.close()
        self._identify_anew(participant)
        participant.forgotten = participant.state

    def retry(self, activity, now):
        """What failed is tried again, now."""
        for participant in self.participants.values():
            trace = participant.traces.get(activity)
            if trace and trace.state == "error" and not participant.is_over:
                trace.state, trace.reason, trace.date, trace.executed = "scheduled", None, now, None

    def cancel(self, record, activity):
        self.participants[record].traces[activity].cancel("user")

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
            participants = [p for p in self.participants.values() if other in p.traces]
            if all(p.traces[other].state == "scheduled" for p in participants):
                for participant in participants:
                    del participant.traces[other]
                continue
            self.past.append(other)
            for participant in participants:
                participant.traces[other].leave_workflow()

    def update(self):
        """Apply the changes: what was not executed is derived anew."""
        for participant in self.participants.values():
            if participant.is_over:
                continue
            for activity in self.changed:
                trace = participant.traces.get(activity)
                if trace and (trace.state == "scheduled" or trace.reason in ("event", "parent")):
                    del participant.traces[activity]
            for activity in self.changed:
                self._derive(participant, activity)
        self.changed = []

    # ------------------------------------------------------------
    # The expectation
    # ------------------------------------------------------------

    def outcome(self):
        """State, reason and date of each trace, by key of the record and name of the activity."""
        return {
            (record.key, activity.name): (trace.state, trace.reason, trace.date)
            for record, participant in self.participants.items()
            for activity, trace in participant.traces.items()
        }

    def figures(self):
        """What every place that shows figures should show, by activity."""
        return {
            activity.name: self._figures_of(activity) for activity in self.activities + self.past
        }

    def _figures_of(self, activity):
        """Each who has reached the activity counts in one of six ways; messages are queued or
        sent; of the messages that were sent those are delivered that have not bounced; what
        recipients do is a share of the sent."""
        reached = [p.traces[activity] for p in self.participants.values() if activity in p.traces]
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
        return Counter(
            (activity.name, trace.reason)
            for participant in self.participants.values()
            for activity, trace in participant.traces.items()
            if trace.reason
        )

    def participant_states(self):
        return {record.key: self.participants[record].state for record in self.participants}
