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
    :param sources: what has led the records into the campaign, by their ids, see
        ``browse_sources``
    :param closings: until when the messages may leave, in UTC, by the ids of the records; of
        others: at any time
    """

    traces: dict
    is_test: bool
    links: dict
    sources: dict
    closings: dict

    @classmethod
    def of(cls, env):
        """The run that messages are composed for in this environment; without traces
        where they are composed for something else."""
        run = env.context.get("marketing_run")
        return run if isinstance(run, cls) else cls({}, False, {}, {}, {})


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


class ActionRun(NamedTuple):
    """For which marketing traces a server action runs, and which to-dos it creates for them.

    It is handed on in the context as ``marketing_action_run``.

    :param model_name: model of the records
    :param traces: id of the marketing trace by id of the record
    :param created: tuples of a to-do's id and its trace's, added as they come to be
    :param sources: as of a ``MarketingRun``
    """

    model_name: str
    traces: dict
    created: list
    sources: dict

    @classmethod
    def of(cls, env):
        """The run of a server action in this environment, None if there is none."""
        run = env.context.get("marketing_action_run")
        return run if isinstance(run, cls) else None

    def note(self, activities):
        """To-dos have come to be; those on the records belong to the traces."""
        self.created.extend(
            (activity.id, self.traces[activity.res_id])
            for activity in activities
            if activity.res_model == self.model_name and activity.res_id in self.traces
        )

    def group_by_source(self, records):
        """Split records into groups of one source each: actions know no other way to tell whose it
        is."""
        return records.grouped(lambda record: self.sources.get(record.id)).values()


class RuleRun:
    """Records that an automation rule hands over to server actions, one by one: they are let into
    a campaign, or out of it, together.

    It is handed on in the context as ``marketing_rule_run``. Who makes rules, an administrator,
    has decided that; whoever causes the event needs no rights on campaigns.

    :param moves: ids of records by the id of the server action
    """

    def __init__(self):
        self.moves = {}

    @classmethod
    def of(cls, env):
        """The run of a rule in this environment, None if there is none."""
        run = env.context.get("marketing_rule_run")
        return run if isinstance(run, cls) else None

    def note(self, action, res_ids):
        self.moves.setdefault(action.id, []).extend(res_ids)
