"""How much a job takes on at once."""

import random
import time

FIRST_BATCH_SIZE = 20
# A batch is done again from its start when the server is killed, or the job runs out of time.
BATCH_SECONDS = 5
# When there is work for so long, another job helps.
HELP_AFTER_SECONDS = 1


class Pace:
    """Sizes of the batches of a run: small at first, then by the speed of the activity.

    :param int largest: size that no batch exceeds
    :param bool was_cut_off: whether the previous run was ended by force, in the middle of a
        batch; this one begins with single traces, and not with the same activity
    :param float batch_seconds: how long a batch is to take
    """

    def __init__(self, largest, was_cut_off=False, batch_seconds=BATCH_SECONDS):
        self.largest = largest
        self.batch_seconds = batch_seconds
        self.was_cut_off = was_cut_off
        self.sizes = {}
        self.help_date = time.monotonic() + HELP_AFTER_SECONDS

    def needs_help(self):
        """Whether this is the moment to wake another job; once in a run."""
        if not self.help_date or time.monotonic() < self.help_date:
            return False
        self.help_date = None
        return True

    def ordered(self, activities):
        """The order in which the activities have their turn: the longest due first."""
        if self.was_cut_off:
            return activities.browse(random.sample(activities.ids, len(activities)))
        return activities

    def size_of(self, activity):
        """How many traces of the activity to execute in the next batch."""
        first = 1 if self.was_cut_off else FIRST_BATCH_SIZE
        return min(self.sizes.get(activity.id, first), self.largest)

    def note(self, activity, done, seconds):
        """Remember how long a batch took."""
        if done:
            self.sizes[activity.id] = max(1, int(done * self.batch_seconds / max(seconds, 0.001)))
