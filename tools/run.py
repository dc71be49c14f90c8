"""What only code may say of a message: contexts of clients hold no such objects."""

from typing import NamedTuple

# In the context as ``marketing_gateway`` while Odoo processes incoming mail.
GATEWAY = object()
# In its place while a message is processed that no person has written,
MACHINE = object()
# or that somebody else than the mail gateway has handed over.
STRANGER = object()
GATEWAYS = (GATEWAY, MACHINE, STRANGER)


class MarketingRun(NamedTuple):
    """For which marketing traces messages are composed.

    It is handed on in the context as ``marketing_run``.

    :param traces: id of the marketing trace by id of the record
    :param is_test: whether the participants are those of tests
    :param links: ids of tracked links that were looked up for it, by their values
    """

    traces: dict
    is_test: bool
    links: dict

    @classmethod
    def of(cls, env):
        """The run that messages are composed for in this environment; without traces
        where they are composed for something else."""
        run = env.context.get("marketing_run")
        return run if isinstance(run, cls) else cls({}, False, {})


class FileCopies:
    """Copies of the files of a mailing that its composer is about to ask for, one by one.

    They are handed on in the context as ``marketing_files``.

    :param files: that are copied
    :param dict default: values of the copies
    :param int count: how many there will be
    """

    def __init__(self, files, default, count):
        self.files = files._ids
        self.default = default
        self.count = count
        self.made = None  # ids of the copies of all files, for each email that has none yet

    def are_of(self, files, default):
        """Whether this is one of the copies; one more than announced is not."""
        return files._ids == self.files and default == self.default and self.made != []
