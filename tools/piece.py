"""Work that is done as a whole, or not at all, within a transaction."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.tools.misc import Callbacks


@contextmanager
def in_one_piece(cr, message):
    """Undo all of it when it fails, with what it has asked for after the commit.

    Functions of the commit and the data that they work on belong together: those of the
    piece are kept apart until it is done, and share the fate of its savepoint. Those that
    run before the commit are run, or dropped, by the savepoint itself.

    :param str message: the error of code that tries to end the transaction half-way
    """

    def refuse():
        raise UserError(message)

    def run():
        with _replaced(cr, postcommit=callbacks):
            callbacks.run()

    callbacks = Callbacks()
    cr.flush()  # what was asked for before is no part of it
    with _replaced(cr, commit=refuse, rollback=refuse, postcommit=callbacks), cr.savepoint():
        yield
    if callbacks:
        cr.postcommit.add(run)


@contextmanager
def _replaced(cr, **attributes):
    """Give a cursor other attributes for a while."""
    before = {name: vars(cr)[name] for name in attributes if name in vars(cr)}
    try:
        vars(cr).update(attributes)
        yield
    finally:
        for name in attributes:
            del vars(cr)[name]
        vars(cr).update(before)
