"""Email addresses as they are compared: one form for each mailbox."""

import re

from odoo.tools import email_normalize_all, formataddr

# Values that PostgreSQL can bring into that form itself: a plain address, with or without a name.
_WORD = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
_ADDRESS = rf"{_WORD}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_NAME = r"""(?:[A-Za-z0-9 ]*|"[A-Za-z0-9 ,.;:()'-]*" *)"""
SIMPLE_ADDRESS = rf"^ *(?:{_ADDRESS}|{_NAME}<{_ADDRESS}>) *$"

_PLAIN = re.compile(_ADDRESS)


def split_addresses(text):
    """The addresses in a value as Odoo normalises them, without parsing those that are plain.

    >>> split_addresses("Jane.Doe@Example.com")
    ['jane.doe@example.com']
    >>> split_addresses('"Doe, Jane" <Jane@example.com>, JOHN@example.com')
    ['jane@example.com', 'john@example.com']
    >>> split_addresses(False)
    []

    :rtype: list[str]
    """
    if text and _PLAIN.fullmatch(text):
        return [text.lower()]
    return email_normalize_all(text or "")


def address_keys(text):
    """The addresses in a value as Odoo normalises them, domains as they are sent (RFC 5890).

    A value without an address stands for itself, without case and surrounding spaces.

    :rtype: frozenset[str]
    """
    keys = {_to_ascii(address) for address in email_normalize_all(text)}
    return frozenset(keys or {text.strip().lower()} - {""})


def _to_ascii(address):
    try:
        return formataddr(("", address), "ascii")
    except UnicodeError:
        # No domain that mail could be sent to.
        return address
