"""Why a message was received twice: what fell between its acceptance and Odoo's own mark.

Odoo notes that a message was sent after the mail server has accepted it. What ends Odoo, or its
connections, in between makes it send the message again. Nothing else may.
"""

from itertools import pairwise
from typing import NamedTuple

# Clocks are read a little after the fact, and a mark counts when it is committed.
MARGIN = 0.5  # seconds


class Delivery(NamedTuple):
    """The mail server has accepted a message.

    :param time: in seconds since 1970
    :param server: number of the Odoo server that it came from
    """

    time: float
    server: int


class Strike(NamedTuple):
    """Something was done to the servers.

    :param server: number of the Odoo server that was hit; None if all were
    :param end: when it was over; seconds since 1970, as ``start``
    """

    kind: str
    server: int | None
    start: float
    end: float


def explain(deliveries, marks, strikes):
    """Find the reason of each message that was received more than once.

    :param dict deliveries: list of :class:`Delivery` by recipient
    :param dict marks: list of the moments, by recipient, at which Odoo noted for good that the
        message was sent
    :param list strikes: all that was done
    :return: a sentence for each message that was sent again for a reason, and for each that was
        sent again for none
    :rtype: tuple[list[str], list[str]]
    """
    explained, unexplained = [], []
    window = MARGIN + _longest_wait(deliveries, marks)
    for recipient, accepted in sorted(deliveries.items()):
        accepted = sorted(accepted)
        for first, second in pairwise(accepted):
            text = (
                f"{recipient}: from server {first.server}, again {second.time - first.time:.2f} s"
                f" later from server {second.server}"
            )
            is_marked = any(first.time <= mark < second.time for mark in marks.get(recipient, ()))
            causes = [strike for strike in strikes if _may_have_cut(strike, first, window)]
            if causes and not is_marked:
                cause = min(causes, key=lambda strike: abs(strike.start - first.time))
                explained.append(
                    f"{text}; {cause.kind} {cause.start - first.time:+.3f} s from its acceptance"
                )
            else:
                unexplained.append(
                    f"{text}, "
                    + ("though it was marked" if is_marked else f"without cause for {window:.2f} s")
                )
    return explained, unexplained


def _longest_wait(deliveries, marks):
    """The longest time between an acceptance and its mark, of messages received once."""
    return max(
        (
            marks[recipient][0] - accepted[0].time
            for recipient, accepted in deliveries.items()
            if len(accepted) == 1 and len(marks.get(recipient, ())) == 1
        ),
        default=0,
    )


def _may_have_cut(strike, delivery, window):
    """Whether it hit the sender before the mark of this delivery was due."""
    if strike.server not in (None, delivery.server):
        return False
    return strike.start <= delivery.time + window and strike.end >= delivery.time - MARGIN
