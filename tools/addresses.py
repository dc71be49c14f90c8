"""Email addresses as they are compared: one form for each mailbox."""

from odoo.tools import email_normalize_all, formataddr

# Values that PostgreSQL can bring into that form itself: a plain address, with or without a name.
_WORD = r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
_ADDRESS = rf"{_WORD}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_NAME = r"""(?:[A-Za-z0-9 ]*|"[A-Za-z0-9 ,.;:()'-]*" *)"""
SIMPLE_ADDRESS = rf"^ *(?:{_ADDRESS}|{_NAME}<{_ADDRESS}>) *$"


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
