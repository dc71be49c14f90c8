"""How fast messages are handed over, how much of them is done, and when all will be."""

from datetime import timedelta

# The pace is that of the last minutes: it follows a mail server that gets slower.
PACE_WINDOW = timedelta(minutes=2)
# What has left within it counts for the limit of messages an hour; that is noted in full seconds.
HOUR = timedelta(hours=1, seconds=1)
QUARTER = timedelta(minutes=15)
# How far before the oldest queued message its sending may have begun.
LONGEST_SENDING = timedelta(days=1)


def get_pace(handed_over, now):
    """Messages a second, 0 while that is not known yet.

    A batch is noted at its end, so that the first one only says when the second began.

    :param list handed_over: pairs of the moment and the number, of the ``PACE_WINDOW``
    :param datetime now: in UTC, as the moments

    >>> from datetime import datetime
    >>> nine = datetime(2025, 3, 1, 9)
    >>> get_pace([(nine, 500), (nine + timedelta(seconds=10), 500)], nine + timedelta(seconds=20))
    25.0
    >>> get_pace([(nine, 500), (nine + timedelta(seconds=1), 500)], nine)
    0
    """
    first = min((moment for moment, _number in handed_over), default=now)
    number = sum(number for moment, number in handed_over if moment > first)
    # Hosts may have clocks of their own.
    elapsed = (now - first).total_seconds()
    return number / elapsed if number and elapsed > 0 else 0


def get_end(left, pace, now, last_try=None):
    """When the last message will have been handed over, or None if the pace is not known.

    :param datetime last_try: when the last of those that were put off is tried again
    """
    return max(now + timedelta(seconds=round(left / pace)), last_try or now) if pace else None


def get_sending_start(done, queued):
    """When the sending of which these messages are left began: quarters of an hour in which
    messages were queued, without a gap up to the oldest that is left.

    :param done: quarters of an hour in which messages were queued
    :param queued: those of the messages that are still queued

    >>> from datetime import datetime
    >>> nine = datetime(2025, 3, 1, 9)
    >>> get_sending_start([nine, nine + QUARTER, nine + 4 * QUARTER], [nine + QUARTER])
    datetime.datetime(2025, 3, 1, 9, 0)
    """
    start, done = min(queued), set(done)
    while start - QUARTER in done:
        start -= QUARTER
    return start
