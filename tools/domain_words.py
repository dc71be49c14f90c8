"""Simple filters in words. Odoo says them in the browser only (its tree editor)."""

from datetime import date, datetime

from odoo.tools.translate import LazyTranslate

from .domains import follow_path
from .relative_dates import describe_last, describe_relative

_lt = LazyTranslate("marketing_automation")

MAX_CONDITIONS = 2
MAX_VALUES = 3
WORDS = {
    "=": _lt("%(field)s is %(value)s"),
    "!=": _lt("%(field)s is not %(value)s"),
    "in": _lt("%(field)s is %(value)s"),
    "not in": _lt("%(field)s is not %(value)s"),
    "like": _lt("%(field)s contains %(value)s"),
    "ilike": _lt("%(field)s contains %(value)s"),
    "not like": _lt("%(field)s does not contain %(value)s"),
    "not ilike": _lt("%(field)s does not contain %(value)s"),
    ">": _lt("%(field)s is more than %(value)s"),
    ">=": _lt("%(field)s is at least %(value)s"),
    "<": _lt("%(field)s is less than %(value)s"),
    "<=": _lt("%(field)s is at most %(value)s"),
}
DATE_WORDS = {
    **WORDS,
    ">": _lt("%(field)s is after %(value)s"),
    ">=": _lt("%(field)s is not before %(value)s"),
    "<": _lt("%(field)s is before %(value)s"),
    "<=": _lt("%(field)s is not after %(value)s"),
}
IN_THE_LAST = _lt("%(field)s is in the last %(value)s")
IS_SET = _lt("%(field)s is set")
IS_NOT_SET = _lt("%(field)s is not set")
PLAIN_TYPES = (str, int, float, date, datetime)


def describe_domain(model, domain):
    """One or two conditions that all have to hold, in words; None for what would take more.

    :param model: recordset of the model that the domain filters
    :param Domain domain: a valid one
    """
    if domain.is_true() or domain.is_false():
        return None
    items = [item for item in list(domain) if item != "&"]
    if not 0 < len(items) <= MAX_CONDITIONS or any(isinstance(item, str) for item in items):
        return None
    if period := _describe_last(model, items):
        return period
    words = [_describe_condition(model, *item) for item in items]
    if None in words:
        return None
    if len(words) == 1:
        return words[0]
    return model.env._("%(first)s and %(second)s", first=words[0], second=words[1])


def _describe_condition(model, path, operator, value):
    """None for a condition that cannot be said in plain words."""
    _ = model.env._
    if not isinstance(path, str):
        return None  # one that always, or never, holds
    fields = _get_fields(model, path)
    if not fields:
        return None
    label = _get_label(model, fields)
    if operator in ("=", "!=") and isinstance(value, bool | None):
        sentence = _(IS_SET if bool(value) == (operator == "=") else IS_NOT_SET)
        return sentence % {"field": label}
    values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
    if operator not in WORDS or fields[-1].relational or not 0 < len(values) <= MAX_VALUES:
        return None
    if not all(isinstance(one, PLAIN_TYPES) and not isinstance(one, bool) for one in values):
        return None
    known, sentences = {}, WORDS
    if fields[-1].type == "selection":
        known = dict(fields[-1]._description_selection(model.env))
    elif fields[-1].type in ("date", "datetime"):
        known = {one: describe_relative(model.env, str(one)) or one for one in values}
        sentences = DATE_WORDS
    texts, sentence = [str(known.get(one, one)) for one in values], _(sentences[operator])
    return sentence % {"field": label, "value": " / ".join(texts)}


def _describe_last(model, items):
    """Two conditions on one date, "in the last 7 days"; None for others."""
    if len(items) != 2:
        return None
    (path, *since), (other, *before) = items
    if not isinstance(path, str) or path != other or (since[0], before[0]) != (">=", "<"):
        return None
    period = describe_last(model.env, str(since[1]), str(before[1]))
    fields = _get_fields(model, path)
    if not period or not fields:
        return None
    sentence = model.env._(IN_THE_LAST)
    return sentence % {"field": _get_label(model, fields), "value": period}


def _get_fields(model, path):
    """The fields on a path; none if one of them is unknown."""
    fields, missing = follow_path(model, path)
    return [] if missing or len(fields) != len(path.split(".")) else fields


def _get_label(model, fields):
    return " > ".join(field._description_string(model.env) for field in fields)
