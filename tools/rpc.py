"""The boundary to clients: what they call with ids of their own, and what they are told."""

import functools

from odoo.api import NewId
from odoo.exceptions import UserError, ValidationError

from .values import is_id


def on_records(method):
    """A public method that clients call with the ids of any number of records.

    :raise ValidationError: if one of them is no id
    """

    @functools.wraps(method)
    def checked(self, *args, **kwargs):
        check_ids(self)
        return method(self, *args, **kwargs)

    return checked


def on_one_record(method):
    """A public method that clients call with the id of one record.

    :raise UserError: if they give none, or several
    :raise ValidationError: if it is no id
    """

    @functools.wraps(method)
    def checked(self, *args, **kwargs):
        check_ids(self)
        if len(self._ids) != 1:
            raise UserError(self.env._("Choose one “%(document)s”.", document=_get_name(self)))
        return method(self, *args, **kwargs)

    return checked


def check_ids(records):
    """Ids come from clients as they are: Odoo looks at them in the database only.

    :raise ValidationError: if one of them is no id
    """
    for res_id in records._ids:
        if not (is_id(res_id) or res_id is False or isinstance(res_id, NewId)):
            raise ValidationError(
                records.env._(
                    "“%(id)s” is no id of a “%(document)s”.",
                    id=str(res_id)[:80],
                    document=_get_name(records),
                )
            )


def by_text(values):
    """The dict with its ids as text: XML-RPC carries no other keys."""
    return {str(key): value for key, value in values.items()}


def _get_name(records):
    return records.env["ir.model"]._get(records._name).sudo().name
