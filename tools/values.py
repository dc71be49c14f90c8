"""Values that fields cannot hold are refused, with the label of the field.

The ORM and PostgreSQL refuse them too, but with errors for programmers, and some only when the
transaction ends.
"""

import math
from collections.abc import Mapping

from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.models import BaseModel

MAX_INTEGER = 2**31 - 1
COMMANDS_WITH_VALUES = (Command.CREATE, Command.UPDATE)
NUMBERS = ("boolean", "float", "integer", "monetary")
DOMAIN_FIELDS = ("activity_domain", "domain")
# Lists show them whole.
NAME_FIELDS = ("name", "title")
MAX_NAME_LENGTH = 1000


def is_id(value):
    """Whether this is the id of a record. ``True`` would be taken for the first one."""
    return type(value) is int and 0 < value <= MAX_INTEGER


def has_values(command):
    """Whether this is a command that creates or changes a record; one that is malformed is none."""
    return (
        isinstance(command, list | tuple)
        and len(command) == 3
        and command[0] in COMMANDS_WITH_VALUES
        and isinstance(command[2], Mapping)
    )


def check_vals(model, vals):
    """Check what a client wants to write, down to what commands write to other records.

    :raise ValidationError: with the label of the first field that cannot hold its value
    """
    _ = model.env._
    if not isinstance(vals, Mapping):
        raise ValidationError(_("Give the values of fields by their names."))
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None:
            document = model.env["ir.model"]._get(model._name).sudo().name
            raise ValidationError(
                _("“%(document)s” has no field “%(field)s”.", document=document, field=name)
            )
        if field.store and field.compute and field.readonly:
            raise ValidationError(
                _(
                    "“%(label)s” (%(field)s) follows from other fields: it cannot be written.",
                    **_get_names(model, field),
                )
            )
        is_empty = value is None or value is False
        if is_empty and _is_required(field):
            raise ValidationError(
                _("“%(label)s” (%(field)s) cannot be empty.", **_get_names(model, field))
            )
        if not is_empty and not _can_hold(model, field, value):
            raise ValidationError(
                _(
                    "“%(value)s” is no value for “%(label)s” (%(field)s).",
                    value=str(value)[:80],
                    **_get_names(model, field),
                )
            )
        if name in NAME_FIELDS and _is_too_long(value):
            raise ValidationError(
                _(
                    "“%(label)s” (%(field)s) is too long: at most %(number)s characters.",
                    number=MAX_NAME_LENGTH,
                    **_get_names(model, field),
                )
            )
        if value and field.type in ("one2many", "many2many"):
            _check_commands(model.env[field.comodel_name], field, value)


def _get_names(model, field):
    return {"label": field._description_string(model.env), "field": field.name}


def _is_too_long(value):
    texts = value.values() if isinstance(value, Mapping) else [value]
    return any(text and len(text) > MAX_NAME_LENGTH for text in texts)


def _check_commands(comodel, field, commands):
    """Check the values that commands write; the ORM sets the inverse field itself."""
    inverse = getattr(field, "inverse_name", None)
    for command in commands:
        if has_values(command):
            check_vals(
                comodel, {name: value for name, value in command[2].items() if name != inverse}
            )


def _is_required(field):
    """Whether empty is no value; numbers are 0 then, and what is computed gets a value."""
    if field.inherited:
        field = field.related_field
    return field.required and not field.compute and field.type not in NUMBERS


def _can_hold(model, field, value):
    try:
        return CHECKS.get(field.type, _is_convertible)(model, field, value)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def _is_convertible(model, field, value):
    field.convert_to_cache(value, model)
    return True


def _is_boolean(_model, _field, value):
    return value in (0, 1)


def _is_integer(_model, _field, value):
    return abs(int(value)) <= MAX_INTEGER


def _is_number(_model, _field, value):
    return math.isfinite(float(value))


def _is_text(_model, field, value):
    if field.translate and isinstance(value, Mapping):
        texts = value.values()
    elif field.name in DOMAIN_FIELDS and isinstance(value, list | tuple | Domain):
        texts = [str(value)]
    else:
        texts = [value]
    return all(isinstance(text, str) and "\0" not in text for text in texts)


def _is_option(model, field, value):
    # Fields convert nothing where a method gives the options.
    return isinstance(value, str) and value in field.get_values(model.env)


def _is_record_number(_model, _field, value):
    return value == 0 or is_id(value)


def _is_record(model, field, value):
    if isinstance(value, BaseModel):
        return value._name == field.comodel_name
    return is_id(value) and bool(model.env[field.comodel_name].sudo().browse(value).exists())


def _is_reference(model, field, value):
    if isinstance(value, str):
        model_name, res_id = value.split(",")
        return model_name in model.env and abs(int(res_id)) <= MAX_INTEGER
    return _is_convertible(model, field, value)


def _are_records(_model, _field, value):
    return isinstance(value, BaseModel | list | tuple) and all(map(_is_command, value))


def _is_command(command):
    """Whether this is an id, or a command on lists of records with its arguments."""
    if not isinstance(command, list | tuple):
        return isinstance(command, BaseModel) or is_id(command)
    code, res_id, argument = (*command, 0, 0)[: max(len(command), 3)]
    if code in COMMANDS_WITH_VALUES and not isinstance(argument, Mapping):
        return False
    if code in (Command.CREATE, Command.CLEAR):
        return True
    if code == Command.SET:
        return all(map(is_id, argument))
    return code in list(Command) and is_id(res_id)


# By type of the field; others hold what the field itself can convert.
CHECKS = {
    "boolean": _is_boolean,
    "char": _is_text,
    "float": _is_number,
    "html": _is_text,
    "integer": _is_integer,
    "many2many": _are_records,
    "many2one": _is_record,
    "many2one_reference": _is_record_number,
    "monetary": _is_number,
    "one2many": _are_records,
    "reference": _is_reference,
    "selection": _is_option,
    "text": _is_text,
}
