"""The body of a call of a webhook: how it is read, what is looked up in it, what is kept of it.

Places in it are written as JSON Pointers (RFC 6901), such as ``/customer/emails/0``.
"""

import json
import math
import re
from typing import NamedTuple

from . import refusals
from .admission import MAX_KEY_LENGTH
from .refusals import Refusal

MAX_BODY = 2**20  # bytes
MAX_DEPTH = 50
KEY_PLACE = "/key"
# Where a caller who follows our own schema puts the values of fields.
VALUES = "values"
# What callers say who it is about with, in our own schema.
WHO = ("id", "external_id", "find")

# What is kept of a call, to be looked at.
MAX_SHOWN = 20_000  # characters
# How much of each text, and of each object or list: less, where that is too long.
SHOWN = ((500, 100), (50, 20))
BLANK = "•••"
_SECRET = (
    r"passw|passphrase|pwd|token|secret|authori[sz]ation|api[-_ ]?key|private[-_ ]?key|credential"
    r"|signature|cookie|session|card|cvv|cvc|iban"
)
SECRET_NAME = re.compile(_SECRET, re.IGNORECASE)
# Within a text: in addresses, in JSON, in headers.
SECRET_IN_TEXT = re.compile(
    rf"""((?:{_SECRET})[\w-]*["'\\]*\s*[:=]\s*["'\\]*(?:bearer\s+|basic\s+)?)[^\s&"'\\,;}}]+"""
    r"|\b(bearer\s+|basic\s+)[\w.~+/=-]{6,}",
    re.IGNORECASE,
)
# Forms are often sent as lists of names and values.
NAMES_OF_NAMES = ("name", "key", "field", "label", "title", "id", "type")

_ESCAPES = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9]\d{0,8}")
# Characters that PostgreSQL, or UTF-8, has no place for.
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
EXTERNAL_ID = re.compile(r"(\w+)\.([\w.]+)")


class Call(NamedTuple):
    """Who a call is about.

    :param str by: ``id``, ``external_id`` or ``find``
    :param value: the id, the module and the name of the external id, or the value that is looked
        for
    :param str key: of the run; empty for none
    :param str place: where the value is in the body
    """

    by: str
    value: object
    key: str
    place: str


# ------------------------------------------------------------
# READING
# ------------------------------------------------------------


def read_payload(body):
    """The JSON object in the body of a call.

    :param bytes body: at most ``MAX_BODY``
    :raise Refusal: if it is none, or holds what cannot be kept

    >>> read_payload(b'{"id": 12}')
    {'id': 12}
    """
    try:
        payload = json.loads(
            body.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_read_float
        )
    except RecursionError as error:
        raise Refusal("too_deep", value=MAX_DEPTH) from error
    except ValueError as error:
        is_placed = isinstance(error, json.JSONDecodeError)
        at = f"{error.lineno}:{error.colno}" if is_placed else "?"
        raise Refusal("broken_json", value=at) from error
    if not isinstance(payload, dict):
        raise Refusal("wrong_type", place="/", value=refusals.OBJECT)
    _check(payload)
    return payload


def _refuse_constant(name):
    raise ValueError(f"{name} is no number.")


def _read_float(text):
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is no number.")
    return number


def _check(payload):
    """
    :raise Refusal: if it is too deep, or has texts that cannot be kept
    """
    todo = [(payload, "", 1)]
    while todo:
        value, place, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise Refusal("too_deep", value=MAX_DEPTH)
        for name, item in _get_items(value):
            if isinstance(name, str) and _IMPOSSIBLE.search(name):
                raise Refusal("bad_text", place=f"{place or '/'}")
            if isinstance(item, str) and _IMPOSSIBLE.search(item):
                raise Refusal("bad_text", place=join(place, name))
            if isinstance(item, dict | list):
                todo.append((item, join(place, name), depth + 1))


def _get_items(value):
    return value.items() if isinstance(value, dict) else enumerate(value)


# ------------------------------------------------------------
# PLACES
# ------------------------------------------------------------


def split(place):
    """The steps to a place.

    :raise ValueError: if the text is no JSON Pointer to a value within the body

    >>> split("/customer/e~1mail/0")
    ('customer', 'e/mail', '0')
    """
    if not place.startswith("/") or _ESCAPES.search(place) or _IMPOSSIBLE.search(place):
        raise ValueError(place)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in place[1:].split("/"))


def join(place, name):
    """The place of something within an object or a list.

    >>> join("/customer", "e/mail")
    '/customer/e~1mail'
    """
    return f"{place}/{str(name).replace('~', '~0').replace('/', '~1')}"


def get_value(payload, place, default=None):
    """What is at a place, or the default if there is no such place.

    >>> get_value({"emails": [{"value": "a@example.com"}]}, "/emails/0/value")
    'a@example.com'
    """
    value = payload
    for step in split(place):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return default
    return value


# ------------------------------------------------------------
# SCHEMA
# ------------------------------------------------------------


def read_call(payload, find_name, find_place="", key_place=""):
    """Who a call is about, and the key of the run.

    :param str find_name: name of the field by which records are found; empty if by none
    :param str find_place: where its value is; empty for our own schema, which knows ids and
        external ids, too
    :param str key_place: where the key is; empty for ``/key``
    :raise Refusal: if that is not to be understood

    >>> read_call({"find": {"email": "a@example.com"}, "key": " S12 "}, "email")
    Call(by='find', value='a@example.com', key='S12', place='/find/email')
    """
    key = _read_key(payload, key_place or KEY_PLACE)
    if find_place:
        return Call("find", _read_found(payload, find_place), key, find_place)
    given = [name for name in WHO if payload.get(name) is not None]
    if not given:
        raise Refusal("nobody", place=", ".join(join("", name) for name in WHO))
    if len(given) > 1:
        raise Refusal("several", place=", ".join(join("", name) for name in given))
    [by] = given
    value, place = READERS[by](payload, find_name)
    return Call(by, value, key, place)


def get_unmapped(payload, places):
    """The first value in ``values`` that belongs to no field; None if each one does.

    :param places: where values of fields are

    >>> get_unmapped({"values": {"name": "A", "job": "B"}}, ["/values/name"])
    '/values/job'
    """
    values = payload.get(VALUES)
    if values is None:
        return None
    place = join("", VALUES)
    if not isinstance(values, dict):
        raise Refusal("wrong_type", place=place, value=refusals.OBJECT)
    known = {split(known)[:2] for known in places}
    return next((join(place, name) for name in values if (VALUES, name) not in known), None)


def _read_key(payload, place):
    key = get_value(payload, place)
    if key is None:
        return ""
    if type(key) is int and abs(key) < 10**MAX_KEY_LENGTH:
        key = str(key)
    if not isinstance(key, str) or not 0 < len(key.strip()) <= MAX_KEY_LENGTH:
        raise Refusal("wrong_type", place=place, value=refusals.KEY)
    return key.strip()


def _read_id(payload, _find_name):
    if type(payload["id"]) is not int:
        raise Refusal("wrong_type", place="/id", value=refusals.NUMBER)
    return payload["id"], "/id"


def _read_external_id(payload, _find_name):
    external_id = payload["external_id"]
    if not isinstance(external_id, str) or not (match := EXTERNAL_ID.fullmatch(external_id)):
        raise Refusal("wrong_type", place="/external_id", value=refusals.EXTERNAL_ID)
    return match.groups(), "/external_id"


def _read_find(payload, find_name):
    find = payload["find"]
    if not isinstance(find, dict) or len(find) != 1:
        raise Refusal("wrong_type", place="/find", value=refusals.FIELD)
    [name] = find
    place = join("/find", name)
    if name != find_name:
        raise Refusal("not_mapped", place=place)
    return _read_found(payload, place), place


def _read_found(payload, place):
    value = get_value(payload, place)
    if value is None or value == "":
        raise Refusal("nobody", place=place)
    if not isinstance(value, str) and type(value) is not int:
        raise Refusal("wrong_type", place=place, value=refusals.VALUE)
    return value


READERS = {"id": _read_id, "external_id": _read_external_id, "find": _read_find}


# ------------------------------------------------------------
# WHAT IS KEPT
# ------------------------------------------------------------


def blank(payload):
    """A copy to be looked at: without secrets, and not too long; None if it is too long all the
    same.

    >>> blank({"email": "a@example.com", "password": "x", "url": "https://example.com/?token=x"})
    {'email': 'a@example.com', 'password': '•••', 'url': 'https://example.com/?token=•••'}
    """
    for length, number in SHOWN:
        shown = _blank(payload, length, number)
        if len(json.dumps(shown, ensure_ascii=False)) <= MAX_SHOWN:
            return shown
    return None


def _blank(value, length, number):
    """
    :param int length: of texts
    :param int number: of the items of objects and lists
    """
    if isinstance(value, dict):
        is_of_secret = any(
            isinstance(value.get(name), str) and _is_secret(value[name]) for name in NAMES_OF_NAMES
        )
        return {
            name[:length]: BLANK
            if _is_secret(name) or (is_of_secret and name not in NAMES_OF_NAMES)
            else _blank(item, length, number)
            for name, item in list(value.items())[:number]
        }
    if isinstance(value, list):
        return [_blank(item, length, number) for item in value[:number]]
    if isinstance(value, str):
        # Cut first: what is before a secret tells that it is one; and patterns take their time.
        text = value if len(value) <= length else f"{value[: length - 1]}…"
        return SECRET_IN_TEXT.sub(lambda match: f"{match[1] or match[2]}{BLANK}", text)
    return value


def _is_secret(name):
    return bool(SECRET_NAME.search(name))
