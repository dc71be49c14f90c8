"""Headers of emails that are alike are parsed and folded once.

Most headers of an email are the same in the next one. The standard library parses each, makes a
Python class for it, and breaks it into lines anew: half of what it costs to build and send an
email. Odoo builds all its emails with ``email.policy.SMTP``, which it has replaced by a policy
of its own.

The address to unsubscribe stays whole (RFC 2369): what is longer than a line, the standard library
breaks into encoded words, which mail providers do not read there.
"""

import email.policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from functools import lru_cache

# Enough for what the emails of a batch have in common; what differs passes through.
REMEMBERED = 256
ON_ONE_LINE = email.policy.SMTP.clone(max_line_length=None)


class FoldedHeader(BaseHeader):
    """A header that remembers its lines.

    >>> header = RememberingRegistry()("Subject", "ä" * 40)
    >>> header.fold(policy=email.policy.SMTP) == header.fold(policy=email.policy.SMTP)
    True
    """

    def fold(self, *, policy):
        folded = self.__dict__.setdefault("_folded", {})
        key = policy.max_line_length, policy.linesep, policy.utf8
        if key not in folded:
            folded[key] = super().fold(policy=policy)
        return folded[key]


class WholeHeader(UnstructuredHeader):
    """A header that is not broken into lines.

    >>> header = RememberingRegistry()("List-Unsubscribe", f"<https://example.com/{'a' * 80}>")
    >>> header.fold(policy=email.policy.SMTP)[:40]
    'List-Unsubscribe: <https://example.com/a'
    """

    def fold(self, *, policy):
        return super().fold(policy=ON_ONE_LINE)


class RememberingRegistry(HeaderRegistry):
    """Makes each header, and each class of headers, once.

    >>> headers = RememberingRegistry()
    >>> headers("Subject", "a") is headers("Subject", "a")
    True
    >>> type(headers("Subject", "a")) is type(headers("Subject", "b"))
    True
    """

    def __init__(self):
        super().__init__(base_class=FoldedHeader)
        self.map_to_type("List-Unsubscribe", WholeHeader)
        self._classes = {}
        self._remembered = lru_cache(REMEMBERED)(super().__call__)

    def __call__(self, name, value):
        # Odoo also gives lists of addresses, and dates.
        return (self._remembered if isinstance(value, str) else super().__call__)(name, value)

    def __getitem__(self, name):
        key = self.registry.get(name.lower(), self.default_class)
        if key not in self._classes:
            self._classes[key] = super().__getitem__(name)
        return self._classes[key]


email.policy.SMTP = email.policy.SMTP.clone(header_factory=RememberingRegistry())
