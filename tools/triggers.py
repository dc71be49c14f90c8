"""The rules of a workflow, as data.

An *event* is something that a recipient, or the network on their behalf, does with what a step
sent. A *trigger* says when a step comes to be for a participant: at the start, after its parent,
after an event of its parent, or when that event has not happened in time.

Types of steps bring their own events and triggers (see ``marketing.activity._get_step_types``).
The engine, the forms, the workflow view and the test page read them; a rule is stated nowhere
else.
"""

from typing import NamedTuple

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate("marketing_automation")


# What events without sentences of their own say.
HAPPENED = _lt("“%(activity)s”: %(event)s")
NOT_HAPPENED = _lt("“%(activity)s”: not %(event)s")


class Event(NamedTuple):
    """What can happen to what a step has sent, or to the to-do that it has created.

    :param category: type of the step that it happens to
    :param date_field: field of ``marketing.trace`` that remembers the first time
    :param label: what has happened, in one or two words
    :param figure: key of the figure that counts it
    :param metric: what the database counts it as
    :param help: of what the figure is a share
    :param implies: events that have happened too when this one has
    :param ends: nothing but this event's own triggers can follow it
    :param excludes: events that cannot happen any more, nor what waits for them
    :param needs: field of ``marketing.trace`` that is set where it can happen; none if anywhere
    :param base: key of the figure that its own is a share of
    :param long_label: the label where nothing else says to what it has happened, if another
    :param happened: that it has happened to ``%(activity)s``, as a part of a sentence;
        ``%(event)s`` is its label
    :param not_happened: that it has not
    """

    category: str
    date_field: str
    label: str
    figure: str
    metric: str
    help: str
    implies: tuple = ()
    ends: bool = False
    excludes: tuple = ()
    needs: str | bool = False
    base: str = "sent"
    long_label: str | bool = False
    happened: str = HAPPENED
    not_happened: str = NOT_HAPPENED


# What steps without a sentence of their own say; ``%(does)s`` is the verb of their type.
AFTER = _lt("%(does)s %(delay)s after “%(parent)s”.")
RIGHT_AFTER = _lt("%(does)s right after “%(parent)s”.")


class Trigger(NamedTuple):
    """When a step comes to be.

    :param category: type that the parent must have; False for any
    :param event: key of the event that is waited for, if any
    :param negative: runs when the event does *not* happen before its date
    :param label: the choice in the form
    :param short_label: the same in one or two words, for cards
    :param icon: Font Awesome class
    :param sentence: when, in a whole sentence of ``%(does)s`` (the verb of the step's type),
        ``%(delay)s``, ``%(parent)s`` and ``%(branch)s``
    :param at_once: the same where there is no delay
    """

    label: str
    short_label: str
    icon: str
    category: str | bool = False
    event: str | bool = False
    negative: bool = False
    sentence: str = AFTER
    at_once: str = RIGHT_AFTER

    @property
    def proposed_delay(self):
        """Number and unit that a new step begins with: what has not happened at once, may yet.

        >>> Trigger("Not opened", "Not", "fa-circle", "email", "mail_open", True).proposed_delay
        (3, 'days')
        """
        return (3, "days") if self.negative else (0, "hours")


# Those of all types of steps.
PLAIN_TRIGGERS = {
    "begin": Trigger(
        _lt("beginning of workflow"),
        _lt("Start"),
        "fa-flag-o",
        sentence=_lt("%(does)s %(delay)s after somebody joins the campaign."),
        at_once=_lt("%(does)s as soon as somebody joins the campaign."),
    ),
    "activity": Trigger(_lt("another step"), _lt("Then"), "fa-arrow-right"),
    "branch": Trigger(
        _lt("branch of another step"),
        _lt("Branch"),
        "fa-code-fork",
        sentence=_lt("%(does)s %(delay)s after “%(parent)s”, on branch “%(branch)s”."),
        at_once=_lt("%(does)s right after “%(parent)s”, on branch “%(branch)s”."),
    ),
}


def event_columns(events):
    """Columns of traces that remember these events, without repetition.

    :param events: iterable of ``Event``
    """
    return [SQL.identifier(name) for name in sorted({event.date_field for event in events})]


def waiting_for(triggers, events):
    """Triggers that one of these events sets off.

    >>> triggers = {
    ...     "open": Trigger("Opened", "Opened", "fa-circle", "email", "mail_open"),
    ...     "not_open": Trigger("Not opened", "Not", "fa-circle", "email", "mail_open", True),
    ...     "bounce": Trigger("Bounced", "Bounced", "fa-circle", "email", "mail_bounce"),
    ... }
    >>> waiting_for(triggers, ["mail_click", "mail_open"])
    ['open']
    """
    return [
        key for key, trigger in triggers.items() if trigger.event in events and not trigger.negative
    ]


def following(triggers):
    """Triggers that count from the moment at which the message before was handed over.

    >>> following(
    ...     {
    ...         **PLAIN_TRIGGERS,
    ...         "open": Trigger("Opened", "Opened", "fa-circle", "email", "mail_open"),
    ...         "not_open": Trigger("Not", "Not", "fa-circle", "email", "mail_open", True),
    ...     }
    ... )
    ['begin', 'activity', 'branch', 'not_open']
    """
    return [key for key, trigger in triggers.items() if trigger.negative or not trigger.event]


def ruled_out_by(triggers, events, ends, excluded=()):
    """Triggers that can no longer be set off once these events have happened.

    :param ends: whether one of the events ends the life of the message
    :param excluded: events that cannot happen any more

    >>> triggers = {
    ...     "not_open": Trigger("Not opened", "Not", "fa-circle", "email", "mail_open", True),
    ...     "bounce": Trigger("Bounced", "Bounced", "fa-circle", "email", "mail_bounce"),
    ...     "not_bounce": Trigger("Arrived", "Arrived", "fa-circle", "email", "mail_bounce", True),
    ... }
    >>> ruled_out_by(triggers, ["mail_click", "mail_open"], ends=False)
    ['not_open']
    >>> ruled_out_by(triggers, ["mail_bounce"], ends=True)
    ['not_open', 'not_bounce']
    >>> ruled_out_by(triggers, ["mail_reply"], ends=False, excluded=["mail_bounce"])
    ['bounce', 'not_bounce']
    """
    return [
        key
        for key, trigger in triggers.items()
        if trigger.event in excluded or (trigger.negative if trigger.event in events else ends)
    ]
