"""Choices that update a field of the record: any one, or one that they are about."""

from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ...tools.failures import shorten
from ...tools.values import check_vals
from .action_kind import LONGEST_VALUE, ActionKind, get_name, get_record_problem

_lt = LazyTranslate("marketing_automation")

TAG_FIELDS = ("category_id", "tag_ids")
# Values of other types need code, or a form of their own.
TEXT_TYPES = ("char", "float", "integer", "monetary", "text")
RECORD_TYPES = ("many2many", "many2one")
UPDATED_TYPES = ("boolean", "selection", *RECORD_TYPES, *TEXT_TYPES)
BOOLEANS = {"true": True, "false": False}
OPERATIONS = ("add", "remove", "set")


class UpdateField(ActionKind):
    key = "field"
    label = _lt("Update a Field")
    icon = "fa-pencil"
    fields = (
        "action_field_id",
        "action_operation",
        "action_value",
        "action_record",
    )

    def get_field(self, model, values):
        field = values.get("action_field_id") or model.env["ir.model.fields"]
        return field.sudo()

    def get_operation(self, values):
        """What becomes of the records that are in a many2many field already."""
        return values.get("action_operation") or "add"

    def get_problems(self, model, values):
        _ = model.env._
        field = self.get_field(model, values)
        if not field:
            return [_("choose the field that is updated.")]
        names = {"field": field.field_description, "user": model.env.user.name}
        if (
            field.model != model._name
            or field.readonly
            or not field.store
            or field.ttype not in UPDATED_TYPES
        ):
            return [_("“%(field)s” cannot be updated without code.", **names)]
        if not model.has_access("write") or not model._has_field_access(
            model._fields[field.name], "write"
        ):
            return [_("%(user)s may not change “%(field)s”.", **names)]
        if problem := self.get_value_problem(model, field, values):
            return [problem]
        return []

    def get_value_problem(self, model, field, values):
        if field.ttype in RECORD_TYPES:
            return get_record_problem(
                model.env, values.get("action_record"), field.relation, field.field_description
            )
        value = values.get("action_value") or False
        if field.ttype == "boolean" and value not in BOOLEANS:
            return model.env._("choose a value for “%(field)s”.", field=field.field_description)
        try:
            check_vals(model, {field.name: BOOLEANS.get(value, value)})
        except ValidationError as error:
            return str(error)
        return None

    def prepare(self, model, values):
        field = self.get_field(model, values)
        value, record = values.get("action_value"), values.get("action_record")
        action = {
            "state": "object_write",
            "evaluation_type": "value",
            "update_path": field.name,
            "update_m2m_operation": self.get_operation(values),
        }
        if field.ttype in RECORD_TYPES:
            reference = f"{record._name},{record.id}"
            return {**action, "resource_ref": reference, "value": str(record.id)}
        if field.ttype == "boolean":
            return {**action, "update_boolean_value": value}
        # Odoo's own form shows it by this; there is none where a method gives the options.
        option = field.selection_ids.filtered(lambda option: option.value == value)
        return {**action, "selection_value": option.id, "value": value}

    def parse(self, model, action):
        if action.state != "object_write" or action.evaluation_type != "value":
            return None
        if action.update_path not in model._fields or not self.writes(model, action):
            return None
        field = action.update_field_id
        values = {
            "action_field_id": field,
            "action_operation": action.update_m2m_operation,
        }
        if field.ttype in RECORD_TYPES:
            record = action.resource_ref
            is_shown = record and action.value == str(record.id)
            return {**values, "action_record": record} if is_shown else None
        if field.ttype == "boolean":
            return {**values, "action_value": action.update_boolean_value}
        return {**values, "action_value": action.value} if field.ttype in UPDATED_TYPES else None

    def writes(self, model, action):
        """Whether this is the choice for what an action writes."""
        return action.update_m2m_operation in OPERATIONS

    def describe(self, model, values):
        _ = model.env._
        field = self.get_field(model, values)
        names = {
            "field": model._fields[field.name]._description_string(model.env),
            "value": self.describe_value(model, field, values),
        }
        if not names["value"]:
            return _("Clear %(field)s", **names)
        if field.ttype == "many2many" and self.get_operation(values) == "add":
            return _("Add %(value)s to %(field)s", **names)
        if field.ttype == "many2many" and self.get_operation(values) == "remove":
            return _("Remove %(value)s from %(field)s", **names)
        return _("Set %(field)s to %(value)s", **names)

    def describe_value(self, model, field, values):
        if field.ttype in RECORD_TYPES:
            return get_name(model.env, values.get("action_record"))
        value = values.get("action_value")
        return shorten(dict(get_options(model, field) or ()).get(value, value), LONGEST_VALUE)


class SetRecord(UpdateField):
    """Sets one field of the record, which the choice is about, to another record.

    :cvar str field_name: name of the field
    """

    field_name = None
    fields = ("action_record",)

    def get_label(self, model):
        return model.env._("Change %(field)s", field=self.get_field_label(model))

    def get_field_label(self, model):
        return model._fields[self.get_field_name(model)]._description_string(model.env)

    def get_field_name(self, model):
        """Name of the field that it writes; None if the model has none."""
        field = model._fields.get(self.field_name)
        return field and field.type == "many2one" and self.field_name

    def get_field(self, model, values):
        name = self.get_field_name(model)
        return model.env["ir.model.fields"].sudo()._get(model._name, name or "")

    def suits(self, model):
        name = self.get_field_name(model)
        return (
            bool(name)
            and super().suits(model)
            and model._has_field_access(model._fields[name], "write")
        )

    def writes(self, model, action):
        return action.update_path == self.get_field_name(model)


class ChangeStage(SetRecord):
    key = "stage"
    label = _lt("Change the Stage")
    icon = "fa-columns"
    field_name = "stage_id"
    first_for = ("crm.lead",)


class ChangeUser(SetRecord):
    key = "user"
    label = _lt("Change the Salesperson")
    icon = "fa-user"
    field_name = "user_id"
    first_for = ("crm.lead",)


class AddTag(SetRecord):
    key = "tag_add"
    label = _lt("Add a Tag")
    icon = "fa-tag"
    operation = "add"

    def get_label(self, model):
        return model.env._(self.label)

    def get_field_name(self, model):
        return next(
            (
                name
                for name in TAG_FIELDS
                if name in model._fields and model._fields[name].type == "many2many"
            ),
            None,
        )

    def get_operation(self, values):
        return self.operation

    def writes(self, model, action):
        return super().writes(model, action) and action.update_m2m_operation == self.operation

    def describe(self, model, values):
        name = get_name(model.env, values.get("action_record"))
        return model.env._("Add tag %(tag)s", tag=name)


class RemoveTag(AddTag):
    key = "tag_remove"
    label = _lt("Remove a Tag")
    icon = "fa-eraser"
    operation = "remove"

    def describe(self, model, values):
        name = get_name(model.env, values.get("action_record"))
        return model.env._("Remove tag %(tag)s", tag=name)


def get_options(model, field):
    """What a field of the model can be set to, with labels; None if that is no list."""
    if field.ttype == "boolean":
        return [("true", model.env._("Yes")), ("false", model.env._("No"))]
    if field.ttype == "selection":
        return model._fields[field.name]._description_selection(model.env)
    return None
