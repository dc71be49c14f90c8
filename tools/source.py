"""What has led a record into a campaign, such as an order: the source of its run."""

import re
from collections import defaultdict

from .values import is_id

# In an expression, unless it is a field of something else.
NAMES_SOURCE = re.compile(r"(?<![\w.])source\b")


class NoSource:
    """Stands for the source in the texts of messages where a run has none: all that is asked of it
    is empty."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __bool__(self):
        return False

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __str__(self):
        return ""


NO_SOURCE = NoSource()


def browse_sources(env, references, only_readable=False):
    """The sources of runs, in the environment of who is to read them.

    :param dict references: ``model,id`` by whatever the result is to be found by
    :param bool only_readable: without those that they may not read
    :return: the records by the same; without those that are deleted, or whose addon is gone
    :rtype: dict
    """
    ids = defaultdict(set)
    for reference in references.values():
        model_name, _comma, record_id = reference.partition(",")
        if model_name in env and record_id.isdecimal() and is_id(int(record_id)):
            ids[model_name].add(int(record_id))
    found = {}
    for model_name, record_ids in ids.items():
        records = env[model_name].browse(sorted(record_ids)).exists()
        if only_readable:
            records = records._filtered_access("read")
        found |= {f"{model_name},{record.id}": record for record in records}
    return {key: found[ref] for key, ref in references.items() if ref in found}


def sources_of(claims, env):
    """The sources of claimed traces that have one, by the id of their records."""
    return browse_sources(env, {claim.res_id: claim.source for claim in claims if claim.source})
