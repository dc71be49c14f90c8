"""Why a call of a webhook lets nobody in: its HTTP status, a key for machines, words for people."""

from typing import NamedTuple

from odoo.tools.translate import LazyGettext, LazyTranslate

_lt = LazyTranslate("marketing_automation")

SHOWN_LENGTH = 80


class Answer(NamedTuple):
    """What the caller is told.

    :param int status: of HTTP
    :param text: in words; ``%(place)s`` is a place in the body of the call, ``%(value)s`` a value
        of it
    """

    status: int
    text: object


# Reasons of an enrolment (see ``tools/states.py``) are answers, too: their words are there.
REFUSALS = {
    "broken_json": Answer(400, _lt("The body is no JSON in UTF-8 (line:column %(value)s).")),
    "too_deep": Answer(400, _lt("The body is nested too deeply: at most %(value)s levels.")),
    "wrong_type": Answer(400, _lt("%(place)s must be %(value)s.")),
    "nobody": Answer(400, _lt("The call does not say who it is about: %(place)s is missing.")),
    "several": Answer(400, _lt("Say only once who it is about: %(place)s.")),
    "unauthorized": Answer(401, _lt("The secret is missing, or wrong.")),
    "no_entry": Answer(404, _lt("There is no such address.")),
    "not_found": Answer(404, _lt("There is no such record.")),
    "not_running": Answer(409, _lt("The campaign lets nobody in at the moment.")),
    "too_large": Answer(413, _lt("The body is too large: at most %(value)s bytes.")),
    "bad_text": Answer(422, _lt("%(place)s has characters that cannot be kept.")),
    "not_mapped": Answer(422, _lt("%(place)s belongs to no field of this address.")),
    "bad_value": Answer(422, _lt("%(place)s cannot be “%(value)s”.")),
    "refused": Answer(422, _lt("The record does not take these values: %(place)s")),
}
# What a value must be.
OBJECT = _lt("an object")
FIELD = _lt("an object with one field")
NUMBER = _lt("a whole number")
EXTERNAL_ID = _lt("a text such as crm.lead_1")
KEY = _lt("a text of 1 to 200 characters")
VALUE = _lt("a text or a whole number")


class Refusal(Exception):
    """A call lets nobody in.

    :param str reason: key of ``REFUSALS``
    :param values: what is filled in in its words
    :param str detail: what only people who see the entry are told
    """

    def __init__(self, reason, *, place="", value="", detail=""):
        super().__init__(reason)
        self.reason = reason
        self.values = {"place": shorten(place), "value": value}
        self.detail = detail

    @property
    def status(self):
        return REFUSALS[self.reason].status

    def describe(self, env):
        """In words, in the language of the environment."""
        value = self.values["value"]
        value = env._(value) if isinstance(value, LazyGettext) else shorten(value)
        text = env._(REFUSALS[self.reason].text)
        return text % {**self.values, "value": value}

    def get_answer(self, env):
        """What the caller is told, as JSON."""
        return {
            "participant_id": False,
            "created": False,
            "reason": self.reason,
            "message": self.describe(env),
        }


def shorten(value):
    """
    >>> shorten("x" * 100)[-3:]
    'xx…'
    """
    text = str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[: SHOWN_LENGTH - 1]}…"
