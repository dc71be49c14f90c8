"""Whole numbers of 64 bits."""

from odoo import fields


class BigInteger(fields.Integer):
    """A number too large for an ordinary column of integers."""

    _column_type = ("int8", "int8")
