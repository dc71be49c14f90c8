"""What can happen to a record that lets it into a campaign: one object for each choice of the
entry's dialog. Each says what Odoo's automation rule watches."""

from odoo.fields import Domain
from odoo.http import request
from odoo.tools.translate import LazyTranslate

from ..workflow.action_kind import get_name, get_record_problem
from ..workflow.action_kind_field import AddTag, ChangeStage

_lt = LazyTranslate("marketing_automation")

SUBSCRIPTION = "mailing.subscription"


class EventKind:
    """Something that happens to a record.

    Models are given empty, in the environment of who looks at it or acts.

    :cvar str key: value of ``event``
    :cvar str label: the choice in the dialog
    :cvar str trigger: of the automation rule
    :cvar str value_field: field of the entry with the stage, tag or list that it is about
    :cvar str name_field: what that is called
    """

    key = None
    label = None
    trigger = "on_create"
    value_field = None
    name_field = "display_name"

    def get_model_name(self):
        """The only model whose records it happens to; empty if there are several."""
        return ""

    def suits(self, model):
        """Whether it can happen to records of this model."""
        return True

    def get_field_name(self, model):
        """The field that it sets; empty for others."""
        return ""

    def get_relation(self, model):
        """The model of the value that the entry has for it; empty for none."""
        name = self.get_field_name(model)
        return model._fields[name].comodel_name if name else ""

    def get_value(self, entry):
        return entry.sudo()[self.value_field] if self.value_field else None

    def get_domain(self, entry, model):
        """What is true of a record right after it, beside the filter of the entry."""
        return Domain.TRUE

    def get_domain_before(self, entry, model):
        """What must have been true of a record that existed before."""
        return Domain.TRUE

    def get_watched(self, entry, model):
        """Names of the fields whose changes count."""
        name = self.get_field_name(model)
        return [name] if name else []

    def happens(self, env):
        """Whether what is done in this environment is such an event."""
        return True

    def get_problems(self, entry, model):
        """What is missing, gone, or beyond the rights of the user.

        :rtype: list[str]
        """
        if not self.value_field:
            return []
        value, relation = self.get_value(entry), self.get_relation(model)
        label = entry._fields[self.value_field]._description_string(model.env)
        return [*filter(None, [get_record_problem(model.env, value, relation, label)])]

    def describe(self, entry, document, value):
        """When it happens, in a few words.

        :param str document: what the records are called
        :param str value: name of the stage, tag or list
        """
        raise NotImplementedError


class Created(EventKind):
    key = "created"
    label = _lt("It is created")

    def describe(self, entry, document, value):
        return entry.env._("When a “%(document)s” is created", document=document)


class Matched(EventKind):
    """Odoo's rule looks, as the superuser, at fields of the record itself. A filter that leads to
    other records, which the author may not see, is only searched with, after each change."""

    key = "matched"
    label = _lt("It starts to match a filter")
    trigger = "on_create_or_write"

    def get_domain(self, entry, model):
        domain = entry._get_event_filter(model)
        is_own = all(
            condition.field_expr in model._fields
            and model._fields[condition.field_expr].store
            and not condition.operator.startswith(("any", "not any"))
            for condition in domain.iter_conditions()
        )
        return domain if is_own else Domain.TRUE

    def get_domain_before(self, entry, model):
        domain = self.get_domain(entry, model)
        return domain if domain.is_true() else ~domain

    def get_watched(self, entry, model):
        domain = entry._get_event_filter(model)
        names = {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}
        return sorted(name for name in names if model._fields[name].store)

    def get_problems(self, entry, model):
        if entry._get_event_filter(model).is_true():
            return [model.env._("set the filter.")]
        if not self.get_watched(entry, model):
            return [
                model.env._("the filter asks for nothing that is stored: its changes go unnoticed.")
            ]
        return []

    def describe(self, entry, document, value):
        return entry.env._("When a “%(document)s” starts to match the filter", document=document)


class StageSet(EventKind):
    key = "stage"
    label = _lt("Its stage is set")
    trigger = "on_create_or_write"
    value_field = "event_ref"
    choice = ChangeStage()

    def suits(self, model):
        return bool(self.get_field_name(model))

    def get_field_name(self, model):
        return self.choice.get_field_name(model)

    def get_domain(self, entry, model):
        return Domain(self.get_field_name(model), "in", [self.get_value(entry).id])

    def describe(self, entry, document, value):
        return entry.env._(
            "When a “%(document)s” reaches %(stage)s", document=document, stage=value
        )


class TagSet(StageSet):
    key = "tag"
    label = _lt("It gets a tag")
    choice = AddTag()

    def get_domain_before(self, entry, model):
        return ~self.get_domain(entry, model)

    def describe(self, entry, document, value):
        return entry.env._("When a “%(document)s” gets tag %(tag)s", document=document, tag=value)


class MessageReceived(EventKind):
    """As Odoo has it: of a customer, or of somebody unknown, by email or on the portal."""

    key = "message"
    label = _lt("A message is received")
    trigger = "on_message_received"

    def suits(self, model):
        return "message_ids" in model._fields

    def describe(self, entry, document, value):
        return entry.env._("When a message is received on a “%(document)s”", document=document)


class Subscribed(EventKind):
    key = "subscribed"
    label = _lt("It is subscribed to a mailing list")
    trigger = "on_create_or_write"
    value_field = "event_list_id"
    name_field = "name"

    def get_model_name(self):
        return SUBSCRIPTION

    def suits(self, model):
        return model._name == SUBSCRIPTION

    def get_relation(self, model):
        return "mailing.list"

    def get_domain(self, entry, model):
        return Domain("list_id", "in", [self.get_value(entry).id]) & Domain("opt_out", "=", False)

    def get_watched(self, entry, model):
        return ["list_id", "opt_out"]

    def describe(self, entry, document, value):
        return entry.env._("When subscribed to %(list)s", list=value)


class FormFilledIn(EventKind):
    """A website form makes its record as the system, for who is logged in."""

    key = "form"
    label = _lt("A visitor creates it by a form")

    def happens(self, env):
        return (request.env if request else env).user.share

    def describe(self, entry, document, value):
        return entry.env._("When a visitor fills in a “%(document)s” form", document=document)


KINDS = {
    kind.key: kind
    for kind in (
        Created(),
        Matched(),
        StageSet(),
        TagSet(),
        MessageReceived(),
        Subscribed(),
        FormFilledIn(),
    )
}


def get_value_name(kind, entry):
    """What the stage, tag or list is called, for those who may see it."""
    if not kind.value_field:
        return ""
    return get_name(entry.env, kind.get_value(entry), kind.name_field)
