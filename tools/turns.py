"""One after the other, where two at the same moment would make the same thing twice."""

import hashlib
from contextlib import contextmanager

from odoo.tools import SQL


@contextmanager
def one_at_a_time(cr, *name):
    """Do something in a transaction of its own, which begins when nobody else does what has the
    same name, and is committed at the end.

    A transaction sees what was there when it began: a lock that it takes itself comes too late to
    see what the one before has made. So the lock is taken before it, and given back after it.
    What the cursor had not committed is undone.

    :param cr: cursor of the database
    :param name: what must be done by one at a time
    """
    key = int.from_bytes(hashlib.sha256(repr(name).encode()).digest()[:8], signed=True)
    cr.execute(SQL("SELECT pg_advisory_lock(%s)", key))
    try:
        cr.rollback()
        yield
        cr.commit()  # pylint: disable=invalid-commit
    finally:
        cr.rollback()
        cr.execute(SQL("SELECT pg_advisory_unlock(%s)", key))
