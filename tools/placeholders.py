"""Placeholders of messages: which fields of the record they name, and whether there are such."""

import ast
from difflib import get_close_matches
from typing import NamedTuple

from lxml import etree, html

from odoo.tools.rendering_tools import parse_inline_template

# Attributes of a template that are Python expressions.
EXPRESSIONS = ("t-out", "t-esc", "t-if", "t-elif", "t-foreach", "t-value")
RECORD = "object"


class Mistake(NamedTuple):
    """A placeholder that cannot be filled in.

    :param path: as it is written, such as ``object.nmae``
    :param proposal: a field with a similar name, if there is one
    """

    path: str
    proposal: str | None


def find_mistakes(model, texts, body=""):
    """Placeholders that name no field of the record.

    :param model: recordset of the model that the messages are made of
    :param texts: with placeholders in braces
    :param str body: an email's, a template in HTML
    :rtype: list[Mistake]
    """
    expressions = [
        expression
        for text in texts
        for _literal, expression, _default in parse_inline_template(text or "")
        if expression
    ]
    mistakes = {}
    for expression in expressions + _get_expressions(body):
        for path in _get_paths(expression):
            if mistake := _find_mistake(model, path):
                mistakes[mistake.path] = mistake
    return list(mistakes.values())


def _get_expressions(body):
    """The Python expressions of a template.

    :rtype: list[str]
    """
    if not body:
        return []
    return [
        value
        for element in html.fragment_fromstring(body, create_parent="div").iter(etree.Element)
        for name, value in element.attrib.items()
        if value and (name in EXPRESSIONS or (name.startswith("t-att-")))
    ]


def _get_paths(expression):
    """The names behind the record in an expression.

    >>> _get_paths("object.partner_id.name or 'you'")
    [['partner_id', 'name']]
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return []
    paths, inner = [], set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node in inner:
            continue
        names, base = [], node
        while isinstance(base, ast.Attribute):
            inner.add(base)
            names.insert(0, base.attr)
            base = base.value
        if isinstance(base, ast.Name) and base.id == RECORD:
            paths.append(names)
    return paths


def _find_mistake(model, names):
    """
    :rtype: Mistake | None
    """
    for number, name in enumerate(names, 1):
        field = model._fields.get(name)
        if field is None:
            if hasattr(type(model), name):
                return None  # a method
            found = get_close_matches(name, model._fields, 1)
            return Mistake(".".join([RECORD, *names[:number]]), found[0] if found else None)
        if not field.comodel_name:
            return None
        model = model.env[field.comodel_name]
    return None
