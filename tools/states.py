"""The states of traces and participants, why they are in them, and what leads from one to another.

``doc/states.md`` is the same as pictures. The engine writes states in sets, and only where a row is
still in the state that was expected.
"""

from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate("marketing_automation")

# Of a trace
SCHEDULED = "scheduled"
PROCESSED = "processed"
REJECTED = "rejected"
CANCELED = "canceled"
ERROR = "error"

TRACE_STATES = {
    SCHEDULED: "Waiting",
    PROCESSED: "Done",
    REJECTED: "Filtered out",
    CANCELED: "Cancelled",
    ERROR: "Failed",
}

# Of a participant
RUNNING = "running"
COMPLETED = "completed"
UNLINKED = "unlinked"
EXITED = "exited"

# The record of participants, and of their traces, who were forgotten: over for good. It is
# nobody's id, so it is never looked up.
FORGOTTEN = 0

PARTICIPANT_STATES = {
    RUNNING: "Running",
    COMPLETED: "Completed",
    UNLINKED: "Removed",
    EXITED: "Exited",
}

# Why what was to come is cancelled when its step is taken out of the workflow.
REMOVED = "removed"

# Why a message may not go out at a moment.
OUTSIDE_HOURS = "hours"
THROTTLED = "throttled"
CAPPED = "capped"

# Why a trace is in its state; messages add the failure types of mass mailing.
REASONS = {
    "filter": _lt("The record does not match the filter"),
    "expired": _lt("Expired: it could not be done in time"),
    "event": _lt("It went otherwise after the previous step"),
    "parent": _lt("The previous message did not arrive"),
    "unlinked": _lt("The record was deleted"),
    "user": _lt("Cancelled by hand"),
    "exited": _lt("The run was ended before"),
    REMOVED: _lt("The step was taken out of the workflow"),
    "failed": _lt("It could not be done"),
    # These are also why a message waits, see ``models/policy/gate.py``.
    OUTSIDE_HOURS: _lt("Outside the sending hours"),
    THROTTLED: _lt("The campaign has sent as many messages as it may within an hour"),
    CAPPED: _lt("The address has got as many messages as it may"),
}

# Why a participant left before the last step.
EXIT_REASONS = {
    "step": _lt("An exit in the workflow"),
    "user": _lt("Ended by hand"),
    "action": _lt("Ended by a server action or an automation rule"),
}

# Why a record that was to enter a campaign was not taken in.
NOT_FOUND = "not_found"
UNMATCHED = "unmatched"
KNOWN = "known"
UNDER_WAY = "under_way"
TOO_SOON = "too_soon"
TOO_MANY = "too_many"
DUPLICATE = "duplicate"

ADMISSION_REASONS = {
    NOT_FOUND: _lt("There is no such record, or it may not be seen"),
    UNMATCHED: _lt("The record does not match the campaign's filter"),
    KNOWN: _lt("It takes part already"),
    UNDER_WAY: _lt("Its last run is not over"),
    TOO_SOON: _lt("Its last run began too short a time ago"),
    TOO_MANY: _lt("It has had too many runs within a day"),
    DUPLICATE: _lt("Another one of these records is the same person"),
}

# What becomes of a trace: its state and the reason.
DONE = (PROCESSED, None)
FILTERED_OUT = (REJECTED, "filter")
EXPIRED = (CANCELED, "expired")
REACTED_OTHERWISE = (CANCELED, "event")
PARENT_FAILED = (CANCELED, "parent")
RECORD_GONE = (CANCELED, "unlinked")
BY_HAND = (CANCELED, "user")
RUN_ENDED = (CANCELED, EXITED)
STEP_REMOVED = (CANCELED, REMOVED)
FAILED = (ERROR, "failed")

# Reasons of those who went elsewhere: they are derived anew when what they depend on changes.
DERIVED_REASONS = ("event", "parent")

# For SQL: states, and these reasons, by their names.
STATES = {name: name for name in (*TRACE_STATES, *PARTICIPANT_STATES, *DERIVED_REASONS)}


class Way(NamedTuple):
    """What leads from one state to another.

    :param before: the state before; None for what comes to be
    :param after: the state after
    :param what: what happens, in the words of the picture
    """

    before: str | None
    after: str
    what: str


TRACE_WAYS = (
    Way(None, SCHEDULED, "enrolled, or the step before is done"),
    Way(None, CANCELED, "the step before is done, and it went otherwise after it"),
    Way(SCHEDULED, PROCESSED, "executed"),
    Way(SCHEDULED, REJECTED, "does not match the filter"),
    Way(
        SCHEDULED,
        CANCELED,
        "expired, went otherwise, record or step gone, left alone, run ended, by hand,"
        " not allowed in time",
    ),
    Way(SCHEDULED, ERROR, "failed"),
    Way(PROCESSED, ERROR, "the message was not delivered after all"),
    Way(PROCESSED, CANCELED, "the queued message was cancelled"),
    Way(
        PROCESSED,
        SCHEDULED,
        "what a stopped campaign has queued is taken back, another way is tried in a test",
    ),
    Way(ERROR, SCHEDULED, "tried again"),
    Way(ERROR, PROCESSED, "executed by hand, or the message was sent after all"),
    Way(ERROR, REJECTED, "does not match the filter any more"),
    Way(ERROR, CANCELED, "the message is cancelled, or not wanted any more"),
    Way(
        CANCELED,
        SCHEDULED,
        "the step before has succeeded after all, an exit is undone in a test",
    ),
    Way(CANCELED, PROCESSED, "the message was sent after all"),
)
PARTICIPANT_WAYS = (
    Way(None, RUNNING, "enrolled"),
    Way(None, COMPLETED, "enrolled, and nothing to do yet"),
    Way(RUNNING, COMPLETED, "nothing is scheduled any more"),
    Way(COMPLETED, RUNNING, "something is scheduled again"),
    Way(RUNNING, EXITED, "an exit in the workflow, a server action, or by hand"),
    Way(COMPLETED, EXITED, "an exit in the workflow, a server action, or by hand"),
    Way(EXITED, RUNNING, "let go on by hand"),
    Way(RUNNING, UNLINKED, "the record was deleted"),
    Way(COMPLETED, UNLINKED, "the record was deleted"),
    Way(EXITED, UNLINKED, "the record was deleted"),
)


class Outcome(NamedTuple):
    """What became of a trace.

    :param state: of the trace from now on
    :param reason: key of its reason, if it is not plain success
    :param detail: what people are told beside the reason
    :param cause: signature by which the same failure of other records is recognised
    :param is_queued: whether its message has yet to be handed over, before anything follows
    """

    trace_id: int
    state: str
    reason: str | None = None
    detail: str | None = None
    cause: str | None = None
    is_queued: bool = False
