"""Domains that people type, and that are kept as text.

What is wrong with one is told as a sentence for people, that names the field and the value.
"""

from ast import literal_eval
from collections.abc import Collection
from types import NoneType

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

SHOWN_LENGTH = 80
# All others compare with one value, or with a range of values.
OPERATORS_FOR_SEVERAL = ("in", "not in", "any", "not any", "child_of", "parent_of")
PLAIN_TYPES = (str, int, float, NoneType)
# All that fields of these types can be compared with: files are there or not.
KNOWN_VALUES = {"boolean": (True, False, None), "binary": (False, None)}


def parse_domain(model, text):
    """Read a domain and check that its fields exist.

    Only literals are read: names such as ``uid`` would have no fixed meaning in
    the background. Relative dates are written as Odoo's domain editor does, for
    example ``'today -7d'``.

    :param model: recordset of the model that the domain filters
    :param str text: the domain; empty means all records
    :raise ValueError: if it cannot be read, or names a field that does not exist; its text is a
        sentence for people
    """
    _ = model.env._
    items = []
    try:
        items = _read(text)
        domain = Domain(items)
        domain.validate(model)
    except (RecursionError, MemoryError) as error:
        raise ValueError(_("Its conditions are nested too deeply.")) from error
    except Exception as error:
        raise ValueError(
            _find_fault(model, items, lambda model, leaf: Domain([leaf]).validate(model))
            or _(
                "“%(filter)s” is no list of conditions with fixed values. Choose them in the"
                " filter editor.",
                filter=_shorten(text),
            )
        ) from error
    return domain


def check_domain(model, text):
    """Read a domain, and try to search by it with the rights of the environment.

    PostgreSQL plans the search, whatever the number of records, and does not run it. That is for
    filters that are written or started; those that run are only read.

    :raise ValueError: if it cannot be read or searched by; its text is a sentence for people
    """
    domain = parse_domain(model, text)
    if domain.is_true() or not model.has_access("read"):
        return domain
    try:
        _plan_search(model, domain)
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except Exception as error:
        raise ValueError(
            _find_fault(model, _read(text), _try_leaf)
            or model.env._("Its conditions are too many, or nested too deeply.")
        ) from error
    return domain


def is_searchable(model, domain):
    """Whether one can search by a domain with the rights of the environment; tried in the same
    way."""
    try:
        _plan_search(model, domain)
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except Exception:
        return False
    return True


def _read(text):
    """
    :raise TypeError: if it is no list
    """
    items = literal_eval(text.strip()) if text and text.strip() else []
    if not isinstance(items, list | tuple):
        raise TypeError("This is no list.")
    return items


def _plan_search(model, domain):
    for condition in domain.iter_conditions():
        _check_value(model, condition)
    with model.env.cr.savepoint():
        query = model._search(domain, order="id").select()
        model.env.flush_query(query)
        model.env.cr.execute(SQL("EXPLAIN %s", query), log_exceptions=False)


def _try_leaf(model, leaf):
    _plan_search(model, Domain([leaf]))


def _check_value(model, condition):
    """
    :raise TypeError: for values that the ORM would take for something else, or pass over
    """
    operator, value = condition.operator, condition.value
    if operator in ("any", "not any"):
        comodel = _get_comodel(model, condition.field_expr)
        for inner in Domain(value).iter_conditions():
            _check_value(comodel, inner)
        return
    if operator not in OPERATORS_FOR_SEVERAL and isinstance(value, list | tuple):
        raise TypeError("One value is compared with several.")
    is_one = isinstance(value, str | bytes) or not isinstance(value, Collection)
    values = [value] if is_one else value
    fields, _missing = follow_path(model, condition.field_expr)
    known = KNOWN_VALUES.get(fields[-1].type) if fields else None
    for one in values:
        if not isinstance(one, PLAIN_TYPES) or (known and one not in known):
            raise TypeError("No such value.")


# ------------------------------------------------------------
# SENTENCES
# ------------------------------------------------------------


def _find_fault(model, items, attempt):
    """The first condition that fails on its own, as a sentence; None where each one works.

    :param items: the domain as it was read
    :param attempt: function that fails on a condition of a model
    """
    for leaf in items if isinstance(items, list | tuple) else ():
        if not (isinstance(leaf, list | tuple) and len(leaf) == 3 and isinstance(leaf[0], str)):
            continue
        try:
            attempt(model, leaf)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            path, operator, value = leaf
            comodel = _get_comodel(model, path) if operator in ("any", "not any") else None
            inner = comodel is not None and _find_fault(comodel, value, attempt)
            return inner or _get_sentence(model, leaf, error)
    return None


def _get_sentence(model, leaf, error):
    """What is wrong with a condition."""
    _ = model.env._
    path, operator, value = leaf
    fields, missing = follow_path(model, path)
    if missing:
        return missing
    label = " > ".join(field._description_string(model.env) for field in fields)
    if not _is_operator(operator):
        return _(
            "“%(field)s” cannot be compared by “%(operator)s”.",
            field=label,
            operator=_shorten(operator),
        )
    if isinstance(error, AccessError):
        return _("“%(field)s” may not be read by %(user)s.", field=label, user=model.env.user.name)
    if not fields[-1]._description_searchable:
        return _("“%(field)s” cannot be searched.", field=label)
    return _(
        "“%(field)s” cannot be compared with “%(value)s” (%(operator)s).",
        field=label,
        value=_shorten(value),
        operator=operator,
    )


def _is_operator(operator):
    """Whether a condition may have this operator, whatever its field."""
    try:
        Domain("id", operator, False)
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def _get_comodel(model, path):
    """The model that a path leads to; None where it leads to no records."""
    fields, missing = follow_path(model, path)
    return None if missing else model.env.get(fields[-1].comodel_name)


def follow_path(model, path):
    """The fields of a path, and what is missing on its way, as a sentence or None."""
    _ = model.env._
    fields = []
    for name in path.split("."):
        if fields and not fields[-1].relational:
            # Parts of dates, and properties.
            break
        if fields:
            model_name = fields[-1].comodel_name
            if model_name not in model.env:
                label = fields[-1]._description_string(model.env)
                return fields, _("“%(field)s” leads to records that are gone.", field=label)
            model = model.env[model_name]
        if name not in model._fields:
            document = model.env["ir.model"]._get(model._name).sudo().name
            return fields, _(
                "“%(document)s” has no field “%(field)s”.",
                document=document,
                field=_shorten(name),
            )
        fields.append(model._fields[name])
    return fields, None


def _shorten(value):
    # Half a character could not be sent to the browser.
    text = str(value).encode(errors="replace").decode()
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"
