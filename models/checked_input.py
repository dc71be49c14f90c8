"""Values that no field can hold are refused with the name of the field.

The ORM and PostgreSQL find most of them too, but with errors for programmers, and some
only when the transaction ends.
"""

import math
from collections.abc import Mapping

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

MAX_INTEGER = 2**31 - 1
COMMANDS_WITH_VALUES = (Command.CREATE, Command.UPDATE)


class CheckedInput:
    """Mixin of models whose ``create`` and ``write`` are called by all kinds of clients."""

    # Odoo exchanges the bases of its model classes: all of them need the same layout.
    __slots__ = ()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            _check_values(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        _check_values(self, vals)
        return super().write(vals)


class MarketingCampaign(CheckedInput, models.Model):
    _inherit = "marketing.campaign"


class MarketingActivity(CheckedInput, models.Model):
    _inherit = "marketing.activity"


class MarketingParticipant(CheckedInput, models.Model):
    _inherit = "marketing.participant"


class MarketingTrace(CheckedInput, models.Model):
    _inherit = "marketing.trace"


def _check_values(model, vals):
    """Check what a client wants to write.

    :raise ValidationError: with the name of the first field that cannot hold its value
    """
    if not isinstance(vals, Mapping):
        raise ValidationError(model.env._("Give the values of fields by their names."))
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None:
            raise ValidationError(
                model.env._(
                    "“%(document)s” has no field “%(field)s”.",
                    document=model._description,
                    field=name,
                )
            )
        if field.store and field.compute and field.readonly:
            raise ValidationError(
                model.env._(
                    "“%(label)s” (%(field)s) follows from other fields: it cannot be written.",
                    label=field._description_string(model.env),
                    field=name,
                )
            )
        is_empty = value is None or value is False
        if is_empty and _is_required(field):
            raise ValidationError(
                model.env._(
                    "“%(label)s” (%(field)s) cannot be empty.",
                    label=field._description_string(model.env),
                    field=name,
                )
            )
        try:
            is_valid = is_empty or _can_hold(model, field, value)
        except (ValueError, TypeError, OverflowError, KeyError):
            is_valid = False
        if not is_valid:
            raise ValidationError(
                model.env._(
                    "“%(value)s” is no value for “%(label)s” (%(field)s).",
                    value=str(value)[:80],
                    label=field._description_string(model.env),
                    field=name,
                )
            )


def _is_required(field):
    """Whether no value is none; numbers and answers are 0 and no instead."""
    if field.inherited:
        field = field.related_field
    return (
        field.required
        and not field.compute
        and field.type not in ("boolean", "integer", "float", "monetary")
    )


def _can_hold(model, field, value):
    """Whether a field can hold a value; errors mean that it cannot."""
    check = getattr(_CHECKS, field.type, None)
    return check(model, field, value) if check else True


class _CHECKS:
    """By type of the field. Types that are not here take anything."""

    @staticmethod
    def integer(_model, _field, value):
        return abs(int(value)) <= MAX_INTEGER

    many2one_reference = integer

    @staticmethod
    def boolean(_model, _field, value):
        return isinstance(value, bool | int | str)

    @staticmethod
    def char(_model, field, value):
        if field.translate and isinstance(value, Mapping):
            return all(isinstance(text, str) and "\0" not in text for text in value.values())
        if field.name.endswith("domain") and isinstance(value, list | tuple | Domain):
            # It is kept as text, whichever way it comes.
            value = str(value)
        return isinstance(value, str) and "\0" not in value

    text = html = char

    @staticmethod
    def float(_model, _field, value):
        return math.isfinite(float(value))

    monetary = float

    @staticmethod
    def selection(model, field, value):
        return isinstance(value, str) and value in field.get_values(model.env)

    @staticmethod
    def date(model, field, value):
        field.convert_to_cache(value, model)
        return True

    datetime = date

    @staticmethod
    def reference(model, field, value):
        if isinstance(value, str):
            model_name, res_id = value.split(",")
            return model_name in model.env and abs(int(res_id)) <= MAX_INTEGER
        return isinstance(value, models.BaseModel)

    @staticmethod
    def many2one(model, field, value):
        if isinstance(value, models.BaseModel):
            return value._name == field.comodel_name
        comodel = model.env[field.comodel_name].sudo()
        return _is_id(value) and bool(comodel.browse(value).exists())

    @staticmethod
    def one2many(model, field, value):
        if isinstance(value, models.BaseModel):
            return True
        if not isinstance(value, list | tuple) or not all(map(_is_command, value)):
            return False
        for command in value:
            if not isinstance(command, int) and command[0] in COMMANDS_WITH_VALUES:
                _check_values(model.env[field.comodel_name], command[2])
        return True

    many2many = one2many


def _is_id(value):
    # True is an int, too.
    return type(value) is int and 0 < value <= MAX_INTEGER


def _is_command(command):
    """Whether this is an id, or a command on lists of records with its arguments."""
    if isinstance(command, int):
        return _is_id(command)
    code, res_id, argument, *rest = (*command, 0, 0)[:3] if len(command) < 3 else command
    if rest or code not in list(Command):
        return False
    if code in COMMANDS_WITH_VALUES and not isinstance(argument, Mapping):
        return False
    if code == Command.SET:
        return all(map(_is_id, argument))
    if code in (Command.CREATE, Command.CLEAR):
        return True
    return _is_id(res_id)
