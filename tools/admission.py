"""Who is to enter a campaign, as the ways in hand it over; and what those of one call mean to each
other."""

from datetime import datetime
from typing import NamedTuple

from .states import DUPLICATE, TOO_MANY

MAX_KEY_LENGTH = 200


class Wanted(NamedTuple):
    """A record that is to take part in a campaign.

    :param res_id: its number
    :param entry_key: what makes this a run of its own, such as the number of an order; the same
        key again is the same run. Empty: how often the record takes part is the campaign's rule
    :param source: what the run is about, as ``model,id``
    :param moment: from when its steps count, in UTC; by default from now
    """

    res_id: int
    entry_key: str = ""
    source: str = ""
    moment: datetime | None = None


class Known(NamedTuple):
    """What is known of one who is to take part, whoever else is in the same call.

    :param number: place among those who are wanted, from 0
    :param reason: why they may not; empty if they may
    :param participant_id: the run with the same key, else their last one; None if there is none
    :param hashes: by what they are recognised; the first one is the identity
    :param last_run: the greatest number of their runs
    :param recent_runs: how many of them began within a day
    """

    number: int
    reason: str
    participant_id: int | None
    hashes: list
    last_run: int
    recent_runs: int


class Decision(NamedTuple):
    """What becomes of one who is to take part.

    :param reason: why they do not; empty if they do
    :param run_number: which of their runs it is
    :param same: the number of the one of the same call who keeps them out, None if nobody does
    """

    known: Known
    reason: str
    run_number: int
    same: int | None


def decide(known, wanted, limit, is_limited):
    """Decide, in their order, who of a call takes part.

    :param list known: ``Known`` by number
    :param list wanted: ``Wanted``
    :param int limit: of the runs of one person within a day
    :param bool is_limited: whether it holds for those with a key of their own, too
    :rtype: list[Decision]
    """
    decisions = []
    entered = {}  # numbers of those who take part, by what they are recognised by
    for one in known:
        key, reason, same = wanted[one.number].entry_key, one.reason, None
        runs = {number for value in one.hashes for number in entered.get(value, ())}
        run_number = one.last_run + len(runs) + 1
        if not reason:
            equal = [run for run in runs if not key or wanted[run].entry_key == key]
            if equal:
                reason, same = DUPLICATE, min(equal)
            elif (is_limited or not key) and one.recent_runs + len(runs) >= limit:
                reason = TOO_MANY
        if not reason:
            for value in one.hashes:
                entered.setdefault(value, []).append(one.number)
        decisions.append(Decision(one, reason, run_number, same))
    return decisions


def get_run_key(entry_key, run_number):
    """The key of a run as it is kept: those of callers do not begin with a space."""
    return entry_key or (f" {run_number}" if run_number > 1 else "")


def answer(res_id, reason):
    """What becomes of a record that is handed over, as callers are told: nothing yet."""
    return {"res_id": res_id, "participant_id": False, "created": False, "reason": reason}
