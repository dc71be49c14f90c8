"""Domains that people type, and that are kept as text."""

from ast import literal_eval

from odoo.fields import Domain


def parse_domain(model, text):
    """Read a domain and check it against a model.

    Only literals are read: names such as ``uid`` would have no fixed meaning in
    the background. Relative dates are written as Odoo's domain editor does, for
    example ``'today -7d'``.

    :param model: recordset of the model that the domain filters
    :param str text: the domain; empty means all records
    :raise ValueError: if it cannot be read, or names a field that does not exist
    """
    try:
        domain = Domain(literal_eval(text.strip()) if text and text.strip() else [])
        domain.validate(model)
    except (SyntaxError, TypeError, MemoryError, RecursionError, KeyError) as error:
        raise ValueError(str(error)) from error
    return domain
