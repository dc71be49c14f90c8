"""Values out of JSON as fields take them.

Each reader gets a model in the environment of the responsible, a field of it, and a value; it
raises one of ``UNREADABLE`` for a value that the field cannot mean.
"""

from datetime import UTC, date, datetime

from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools import plaintext2html

from ...tools.values import check_vals, is_id

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, UserError, ValueError)
MAX_CHAR = 1_000  # PostgreSQL does not index much longer ones
MAX_TEXT = 100_000
# What people write into the form instead of JSON.
WORDS = {"true": True, "false": False}


def is_writable(field):
    """Whether calls may write a field: it is the record's own, and its value is plain."""
    return (
        field.type in READERS
        and field.store
        and not (field.related or field.readonly or field.inherited)
        and field.name not in MAGIC_COLUMNS
    )


def read_value(model, field, value):
    """A value of JSON as the field takes it."""
    if value is None and field.type in ("boolean", "many2many"):
        raise TypeError(value)
    result = False if value is None else READERS[field.type](model, field, value)
    check_vals(model, {field.name: result})
    return result


def read_words(model, field, text):
    """A value that somebody has typed as the field takes it."""
    if field.type == "boolean":
        return read_value(model, field, WORDS[text.strip().lower()])
    if field.type == "integer":
        return read_value(model, field, int(text))
    if field.type in ("float", "monetary"):
        return read_value(model, field, float(text))
    if field.type == "many2many":
        return read_value(model, field, [name.strip() for name in text.split(",")])
    return read_value(model, field, text)


def _read_text(_model, field, value):
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(value)
    text = str(value)
    if len(text) > (MAX_CHAR if field.type == "char" else MAX_TEXT):
        raise ValueError(text)
    return text or False


def _read_html(model, field, value):
    """Text stays text: callers bring no markup."""
    text = _read_text(model, field, value)
    return text and plaintext2html(text)


def _read_boolean(_model, _field, value):
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _read_integer(_model, _field, value):
    if type(value) is not int:
        raise TypeError(value)
    return value


def _read_number(_model, _field, value):
    if type(value) not in (int, float):
        raise TypeError(value)
    return float(value)


def _read_option(_model, _field, value):
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _read_date(_model, _field, value):
    return date.fromisoformat(value)


def _read_datetime(_model, _field, value):
    """ISO 8601; without a time zone it is in UTC."""
    moment = datetime.fromisoformat(f"{value[:-1]}+00:00" if value.endswith("Z") else value)
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0)


def _read_record(model, field, value):
    """By its id, or its name or code, if exactly one that the responsible may see has it."""
    comodel = model.env[field.comodel_name]
    if type(value) is int and is_id(value):
        domain = Domain("id", "=", value)
    elif isinstance(value, str) and 0 < len(value) <= MAX_CHAR:
        names = [
            name
            for name in (comodel._rec_name, "code")
            if name in comodel._fields
            and comodel._fields[name].store
            and comodel._fields[name].type == "char"
        ]
        domain = Domain.OR(Domain(name, "=", value) for name in names)
    else:
        raise TypeError(value)
    [record] = comodel.search(domain, limit=2)
    return record.id


def _read_records(model, field, value):
    """They are added to those that are there."""
    values = value if isinstance(value, list) else [value]
    return [Command.link(_read_record(model, field, item)) for item in values]


READERS = {
    "boolean": _read_boolean,
    "char": _read_text,
    "date": _read_date,
    "datetime": _read_datetime,
    "float": _read_number,
    "html": _read_html,
    "integer": _read_integer,
    "many2many": _read_records,
    "many2one": _read_record,
    "monetary": _read_number,
    "selection": _read_option,
    "text": _read_text,
}
