"""Texts that differ only in what was filled in: what is done to all of them is done once."""

import re

from lxml import html
from markupsafe import Markup

# Characters of private use: parsers of HTML leave them as they are.
MARK = re.compile("\ue000(\\d+)\ue001")
# Where a value could change more than the text that people read, such as the label of a link.
ELSEWHERE = " or ".join(f"ancestor::{tag}" for tag in ("a", "script", "style", "textarea", "title"))
SPECIAL = set("<>&\"'")


def mark(number):
    """What stands in a form in the place of the value of this number."""
    return f"\ue000{number}\ue001"


def is_plain(value):
    """Whether a text is neither empty nor anything else in HTML than what it is here."""
    return value.isprintable() and value == value.strip() != "" and SPECIAL.isdisjoint(value)


class Letter(Markup):
    """HTML in which plain texts were filled in; it knows its form.

    What is made of it by other means than :meth:`changed` is a text like any other.
    """

    form = None
    values = ()

    def changed(self, function, *args):
        """This text after a change that does not depend on what was filled in.

        :param function: of a text and these arguments; it returns the new text
        :rtype: Letter
        """
        return self.form.changed(function, args).filled_in(self.values)


class Form:
    """HTML with marks in the place of values."""

    def __init__(self, text):
        self.text = Markup(text)
        self.parts = MARK.split(text)
        self.successors = {}

    def is_sound(self, count):
        """Whether it has the marks of so many values, each once and in the text that people
        read."""
        if sorted(map(int, self.parts[1::2])) != list(range(count)):
            return False
        if not count:
            return True
        texts = html.fromstring(f"<div>{self.text}</div>").xpath(f"//text()[not({ELSEWHERE})]")
        return sum(len(MARK.findall(text)) for text in texts) == count

    def filled_in(self, values):
        """The letter with these plain texts."""
        parts = list(self.parts)
        parts[1::2] = [values[int(number)] for number in parts[1::2]]
        letter = Letter("".join(parts))
        letter.form, letter.values = self, values
        return letter

    def changed(self, function, args):
        """The form of the letters that were changed so."""
        key = function.__name__, repr(args)
        if key not in self.successors:
            self.successors[key] = Form(function(self.text, *args))
        return self.successors[key]
