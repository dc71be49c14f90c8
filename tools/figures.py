"""What is counted, and what each figure means, as data; ``doc/figures.md`` is the same in words.

A *metric* is counted by the database when it happens, see ``marketing.activity.figures``. A
*figure* is what people see. Cards, lists, forms, overview and reports read these tables; a
denominator is stated nowhere else.
"""

from typing import NamedTuple

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from .states import DERIVED_REASONS
from .tones import DONE, EXCLUDED, FAILED, FILTERED, OTHER, PLANNED

_lt = LazyTranslate("marketing_automation")


class Metric(NamedTuple):
    """What is counted of executed traces.

    :param label: the choice in reports
    :param state: of the traces that are counted
    :param date_field: and this field of theirs has a value, or none
    :param is_empty: which of the two
    """

    label: str
    state: str
    date_field: str | bool = False
    is_empty: bool = False


class Figure(NamedTuple):
    """A number that people see.

    :param label: in one or two words
    :param help: who is counted
    :param domain: of the traces that are counted
    :param metric: which is counted; none for what is counted from traces, or made of others
    :param reasons: only traces with one of these reasons
    :param but_reasons: only traces with another reason than these
    :param types: types of steps that have it; none for all
    :param of_messages: whether steps have it that send something
    :param base: the figure that it is a share of
    :param icon: Font Awesome class
    :param tone: what its colour says, see ``tools/tones.py``; or nothing
    :param long_label: the label where nothing else says of what it is, if another
    """

    label: str
    help: str
    domain: Domain
    metric: str | bool = False
    reasons: tuple = ()
    but_reasons: tuple = ()
    types: tuple = ()
    of_messages: bool = False
    base: str | bool = False
    icon: str | bool = False
    tone: str | bool = False
    long_label: str | bool = False

    def counts(self, metric, reason):
        """Whether what is counted under a metric, with a reason, is part of this figure."""
        return (
            self.metric == metric
            and (not self.reasons or reason in self.reasons)
            and reason not in self.but_reasons
        )


# Events of steps that send something add theirs.
METRICS = {
    "processed": Metric(_lt("Done"), "processed"),
    "queued": Metric(_lt("Queued"), "processed", "sent_datetime", is_empty=True),
    "rejected": Metric(_lt("Filtered out"), "rejected"),
    "canceled": Metric(_lt("Cancelled"), "canceled"),
    "error": Metric(_lt("Failed"), "error"),
}

PROCESSED = Domain("state", "=", "processed")
CANCELED = Domain("state", "=", "canceled")
SENT = PROCESSED & Domain("sent_datetime", "!=", False)
DELIVERED = SENT & Domain("bounce_datetime", "=", False)
# Why somebody whom the step was open to went elsewhere: nothing is wrong with them.
ELSEWHERE = DERIVED_REASONS

# Each trace counts in exactly one of these; they add up to those who have reached the step.
OUTCOMES = {
    "processed": Figure(
        _lt("Done"),
        _lt("It was sent or run."),
        PROCESSED,
        metric="processed",
        icon="fa-check",
        tone=DONE,
    ),
    "scheduled": Figure(
        _lt("Waiting"),
        _lt("It has a date, or waits for an event."),
        Domain("state", "=", "scheduled"),
        icon="fa-clock-o",
        tone=PLANNED,
    ),
    "elsewhere": Figure(
        _lt("Other branch"),
        _lt("It went otherwise after the previous step, or its message did not arrive."),
        CANCELED & Domain("state_reason", "in", ELSEWHERE),
        metric="canceled",
        reasons=ELSEWHERE,
        icon="fa-code-fork",
        tone=OTHER,
    ),
    "excluded": Figure(
        _lt("Excluded"),
        _lt("Nothing was sent or run, for a reason of their own."),
        CANCELED & Domain("state_reason", "not in", ELSEWHERE),
        metric="canceled",
        but_reasons=ELSEWHERE,
        icon="fa-ban",
        tone=EXCLUDED,
    ),
    "rejected": Figure(
        _lt("Filtered out"),
        _lt("They did not match the filter any more."),
        Domain("state", "=", "rejected"),
        metric="rejected",
        icon="fa-times",
        tone=FILTERED,
    ),
    "error": Figure(
        _lt("Failed"),
        _lt("It went wrong; it can be tried again."),
        Domain("state", "=", "error"),
        metric="error",
        icon="fa-exclamation-circle",
        tone=FAILED,
    ),
}
# Events of steps that send something add theirs.
FIGURES = {
    "reached": Figure(_lt("Reached"), _lt("All who have come to this step."), Domain.TRUE),
    **OUTCOMES,
    "queued": Figure(
        _lt("Queued"),
        _lt("Messages that are still to be handed over."),
        PROCESSED & Domain("sent_datetime", "=", False),
        metric="queued",
        of_messages=True,
    ),
    "sent": Figure(_lt("Sent"), _lt("Messages that were handed over."), SENT, of_messages=True),
    "delivered": Figure(
        _lt("Delivered"), _lt("Sent, and not bounced."), DELIVERED, of_messages=True, base="sent"
    ),
}


def figure_of_event(event, types):
    """The share of messages, or of to-dos, to which something has happened.

    All shares of messages are of what was sent: somebody may open a message and bounce it later,
    so that what was opened is no part of what was delivered.

    :param Event event: what has happened
    :param tuple types: types of steps to which it can happen
    """
    return Figure(
        event.label,
        event.help,
        PROCESSED & Domain(event.date_field, "!=", False),
        metric=event.metric,
        types=types,
        base=event.base,
        long_label=event.long_label,
    )
