"""What can happen to the to-dos (Odoo's activities: calls, meetings...) that a step creates.

Whoever does, moves or removes one needs no rights on campaigns. Several of one step count
together: they are done or cancelled once none of them is open any more.
"""

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...tools.figures import PROCESSED, Figure, Metric
from ...tools.triggers import Event, Trigger

_lt = LazyTranslate("marketing_automation")

OF_TODOS = _lt("Share of those for whom this step has created a to-do.")
# Fields of ``marketing.trace``.
CREATED_FIELD = "activity_created_datetime"
DEADLINE_FIELD = "activity_deadline"


def todo_event(key, label, long_label, excludes=()):
    """Something that can happen to a to-do; it counts as a share of those that were created."""
    return Event(
        "action",
        f"{key}_datetime",
        label,
        key,
        key,
        OF_TODOS,
        excludes=excludes,
        needs=CREATED_FIELD,
        base="activity_created",
        long_label=long_label,
    )


# One that is late can still be done, or cancelled: then it is too late for what was to follow.
TODO_EVENTS = {
    "activity_done": todo_event(
        "activity_done",
        _lt("Done"),
        _lt("To-do done"),
        excludes=("activity_overdue", "activity_canceled"),
    ),
    "activity_overdue": todo_event("activity_overdue", _lt("Late"), _lt("To-do late")),
    "activity_canceled": todo_event(
        "activity_canceled",
        _lt("Cancelled"),
        _lt("To-do cancelled"),
        excludes=("activity_done", "activity_overdue"),
    ),
}
TODO_TRIGGERS = {
    "activity_done": Trigger(
        _lt("To-do: done"),
        _lt("To-do done"),
        "fa-check-square-o",
        "action",
        "activity_done",
        sentence=_lt("%(does)s %(delay)s after the to-do of “%(parent)s” was done."),
        at_once=_lt("%(does)s as soon as the to-do of “%(parent)s” is done."),
    ),
    "activity_overdue": Trigger(
        _lt("To-do: not done in time"),
        _lt("To-do late"),
        "fa-hourglass-end",
        "action",
        "activity_overdue",
        sentence=_lt("%(does)s %(delay)s after the to-do of “%(parent)s” was not done in time."),
        at_once=_lt("%(does)s as soon as the to-do of “%(parent)s” is late."),
    ),
    "activity_canceled": Trigger(
        _lt("To-do: cancelled"),
        _lt("To-do cancelled"),
        "fa-ban",
        "action",
        "activity_canceled",
        sentence=_lt("%(does)s %(delay)s after the to-do of “%(parent)s” was cancelled."),
        at_once=_lt("%(does)s as soon as the to-do of “%(parent)s” is cancelled."),
    ),
}
TODO_METRICS = {
    "activity_created": Metric(_lt("To-do created"), "processed", CREATED_FIELD),
}
TODO_FIGURES = {
    "activity_created": Figure(
        _lt("To-dos"),
        _lt("Those for whom this step has created a to-do."),
        PROCESSED & Domain(CREATED_FIELD, "!=", False),
        metric="activity_created",
        types=("action",),
    ),
}
