"""At most so many messages in so many days."""

from datetime import datetime, timedelta
from typing import NamedTuple

# The date of a message that is queued: it counts whatever its age.
QUEUED = datetime.max


class Cap(NamedTuple):
    """How many messages one address may get.

    :param number: in any period of so many days
    :param days: 24 hours each
    :param skips: whether what may not go out is skipped; else it waits
    """

    number: int
    days: int
    skips: bool = False

    def get_next_date(self, dates, now):
        """When one more message may go out, None for at once.

        What is queued counts as leaving now; it may leave later.

        :param dates: when messages to the address have left, ``QUEUED`` for those that are queued
        :param datetime now: the present moment

        >>> dates = [datetime(2025, 3, 1), datetime(2025, 3, 4)]
        >>> Cap(2, 7).get_next_date(dates, datetime(2025, 3, 5))
        datetime.datetime(2025, 3, 8, 0, 0)
        >>> Cap(2, 7).get_next_date(dates, datetime(2025, 3, 8))
        """
        period = timedelta(days=self.days)
        counted = sorted(date for date in dates if date > now - period)
        if len(counted) < self.number:
            return None
        return min(counted[-self.number], now) + period
