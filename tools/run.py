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
