"""What is told of an error: a sentence to people, a signature to the check for runaways.

All else, with the traceback, is in the log.
"""

import html
import re
import traceback
from pathlib import PurePath

import psycopg2

from odoo.exceptions import UserError

MAX_REASON_LENGTH = 200
MAX_CAUSE_LENGTH = 255
# How safe_eval ends its message: with the code, as it is written in Python.
EVALUATED = re.compile(r" while evaluating\n(?P<code>.*)\Z", re.DOTALL)
DYNAMIC_ATTRIBUTE = re.compile(r"\bt-[\w.-]+=([\"'])(?P<code>.+?)\1")
TRACEBACK = "Traceback (most recent call last)"
# What differs between two answers of mail servers that mean the same.
PARTICULAR = re.compile(r"<[^<>]*>|\"[^\"]*\"|'[^']*'|\S*[\d@]\S*")
ADDRESS_IN_MEMORY = re.compile(r"<\S.* at 0x[0-9a-f]+>")
REPLY_CODE = re.compile(r"\b[45]\d\d\b")


def get_reason(env, error, message=None, res_id=None):
    """Why something failed, as one short sentence for people.

    :param env: in the language of the reader
    :param Exception error: as it was caught
    :param str message: name of the message that was composed, if it was one
    :param int res_id: id of the record that it was composed for
    """
    placeholder = _get_placeholder(error)
    if message and placeholder:
        # The record's name is not for everybody who may read the reason.
        return env._(
            "“%(placeholder)s” in “%(message)s” cannot be filled in for record %(id)s.",
            placeholder=shorten(placeholder, 80),
            message=shorten(message, 60),
            id=res_id,
        )
    root = get_chain(error)[-1]
    if isinstance(error, UserError) and TRACEBACK not in str(error):
        text = str(error)
    elif isinstance(root, psycopg2.Error):
        text = root.diag.message_primary or str(root)
    elif isinstance(root, KeyError) and root.args:
        text = env._("“%(name)s” was not found.", name=root.args[0])
    else:
        text = str(root)
    return shorten(ADDRESS_IN_MEMORY.sub("…", text)) or env._(
        "It failed without a message (%(kind)s); the server's log tells where.",
        kind=type(root).__name__,
    )


def get_cause(error):
    """The kind and the place of an error, without what differs from record to record."""
    root = get_chain(error)[-1]
    parts = [type(error).__name__, type(root).__name__]
    if isinstance(root, psycopg2.Error):
        parts += [root.pgcode, root.diag.table_name, root.diag.constraint_name]
    elif frames := traceback.extract_tb(root.__traceback__)[-1:]:
        parts.append(f"{PurePath(frames[0].filename).name}:{frames[0].lineno}")
    parts.append(_get_placeholder(error))
    return " ".join(part for part in parts if part)[:MAX_CAUSE_LENGTH]


def get_delivery_cause(text):
    """The same of a failure that a mail server or an SMS provider tells of in words."""
    parts = REPLY_CODE.findall(text or "")[:1] + PARTICULAR.sub(" ", text or "").split()
    return " ".join(parts)[:MAX_CAUSE_LENGTH] or None


def shorten(text, length=MAX_REASON_LENGTH):
    """The text on one line, cut where it is longer."""
    text = " ".join((text or "").split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _get_placeholder(error):
    """The expression that could not be evaluated, if the error tells of one."""
    for link in get_chain(error):
        if element := getattr(getattr(link, "qweb", None), "element", None):
            element = html.unescape(element)
            found = DYNAMIC_ATTRIBUTE.search(element)
            return found["code"] if found else element
        if found := EVALUATED.search(str(link)):
            return found["code"].strip("'\"")
    return None


def get_chain(error):
    """An error and those that it comes from, the first one last."""
    chain = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain
