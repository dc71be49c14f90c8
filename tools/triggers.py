"""The rules of a workflow, as data.

An *event* is something that a recipient, or the network on their behalf, does
with a message. A *trigger* says when an activity comes to be for a participant:
at the start, after its parent, after an event of its parent's message, or when
that event has not happened in time.

The engine, the forms, the workflow view and the test page read these tables; a
rule is stated nowhere else. Other addons add entries by overriding
``marketing.activity._get_triggers`` and ``_get_events``.
"""

from typing import NamedTuple

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate("marketing_automation")


class Event(NamedTuple):
    """What can happen to a message.

    :param category: activity type of the message that it happens to
    :param date_field: field of ``marketing.trace`` that remembers the first time
    :param implies: events that have happened too when this one has
    :param ends: nothing but this event's own triggers can follow it
    """

    category: str
    date_field: str
    label: str
    implies: tuple = ()
    ends: bool = False


class Trigger(NamedTuple):
    """When an activity comes to be.

    :param category: type that the parent activity must have; False for any
    :param event: key of the event that is waited for, if any
    :param negative: runs when the event does *not* happen before its date
    :param label: the choice in the form
    :param short_label: the same in one or two words, for cards
    :param icon: Font Awesome class
    """

    label: str
    short_label: str
    icon: str
    category: str | bool = False
    event: str | bool = False
    negative: bool = False


EVENTS = {
    "mail_open": Event("email", "open_datetime", _lt("Opened")),
    "mail_reply": Event("email", "reply_datetime", _lt("Replied"), implies=("mail_open",)),
    "mail_click": Event("email", "links_click_datetime", _lt("Clicked"), implies=("mail_open",)),
    "mail_bounce": Event("email", "bounce_datetime", _lt("Bounced"), ends=True),
    "sms_click": Event("sms", "links_click_datetime", _lt("Clicked")),
    "sms_bounce": Event("sms", "bounce_datetime", _lt("Bounced"), ends=True),
}

TRIGGERS = {
    "begin": Trigger(_lt("beginning of workflow"), _lt("Start"), "fa-flag-o"),
    "activity": Trigger(_lt("another activity"), _lt("Then"), "fa-arrow-right"),
    "mail_open": Trigger(
        _lt("Mail: opened"), _lt("Opened"), "fa-envelope-open-o", "email", "mail_open"
    ),
    "mail_not_open": Trigger(
        _lt("Mail: not opened"), _lt("Not opened"), "fa-envelope-o", "email", "mail_open", True
    ),
    "mail_reply": Trigger(_lt("Mail: replied"), _lt("Replied"), "fa-reply", "email", "mail_reply"),
    "mail_not_reply": Trigger(
        _lt("Mail: not replied"), _lt("Not replied"), "fa-reply", "email", "mail_reply", True
    ),
    "mail_click": Trigger(
        _lt("Mail: clicked"), _lt("Clicked"), "fa-hand-pointer-o", "email", "mail_click"
    ),
    "mail_not_click": Trigger(
        _lt("Mail: not clicked"),
        _lt("Not clicked"),
        "fa-hand-pointer-o",
        "email",
        "mail_click",
        True,
    ),
    "mail_bounce": Trigger(
        _lt("Mail: bounced"), _lt("Bounced"), "fa-exclamation-circle", "email", "mail_bounce"
    ),
    "sms_click": Trigger(
        _lt("SMS: clicked"), _lt("Clicked"), "fa-hand-pointer-o", "sms", "sms_click"
    ),
    "sms_not_click": Trigger(
        _lt("SMS: not clicked"), _lt("Not clicked"), "fa-hand-pointer-o", "sms", "sms_click", True
    ),
    "sms_bounce": Trigger(
        _lt("SMS: bounced"), _lt("Bounced"), "fa-exclamation-circle", "sms", "sms_bounce"
    ),
}


def waiting_for(triggers, events):
    """Triggers that one of these events sets off.

    >>> sorted(waiting_for(TRIGGERS, ["mail_click", "mail_open"]))
    ['mail_click', 'mail_open']
    """
    return [
        key for key, trigger in triggers.items() if trigger.event in events and not trigger.negative
    ]


def following(triggers):
    """Triggers that count from the moment at which the message before was handed over.

    >>> {"activity", "mail_open", "mail_not_open"}.intersection(following(TRIGGERS)) == {
    ...     "activity", "mail_not_open"
    ... }
    True
    """
    return [key for key, trigger in triggers.items() if trigger.negative or not trigger.event]


def ruled_out_by(triggers, events, ends):
    """Triggers that can no longer be set off once these events have happened.

    :param ends: whether one of the events ends the life of the message

    >>> sorted(ruled_out_by(TRIGGERS, ["mail_click", "mail_open"], ends=False))
    ['mail_not_click', 'mail_not_open']
    >>> 'mail_bounce' in ruled_out_by(TRIGGERS, ["mail_bounce"], ends=True)
    False
    """
    if ends:
        return [key for key, trigger in triggers.items() if trigger.event not in events]
    return [
        key for key, trigger in triggers.items() if trigger.event in events and trigger.negative
    ]
