"""Branches that the canvas takes out: they can be put back until the form is saved."""

from collections.abc import Mapping

from odoo.fields import Command

from .values import has_values


def take_out(commands):
    """Tell branches that stay from those that are taken out.

    :param commands: for the branches of a step
    :return: the commands for those that stay; and the ids of those that go
    :rtype: tuple[list, list[int]]
    """
    staying, ids = [], []
    for command in commands:
        if has_values(command) and "is_taken_out" in command[2]:
            code, res_id, values = command
            values = dict(values)
            if values.pop("is_taken_out"):
                if code == Command.UPDATE:
                    ids.append(res_id)
                continue
            command = (code, res_id, values)
        staying.append(command)
    return staying, ids


def leave_out(values):
    """Values of a campaign, a step or a branch, as a form sends them, as if the branches that are
    taken out were gone: nothing has to look for them. Others look at what is malformed."""
    if not isinstance(values, Mapping):
        return values
    values = dict(values)
    for name in ("campaign_id", "activity_id"):
        if isinstance(values.get(name), dict):
            values[name] = leave_out(values[name])
    steps, ways = values.get("marketing_activity_ids"), values.get("branch_ids")
    if isinstance(steps, list | tuple):
        values["marketing_activity_ids"] = [
            (*step[:2], leave_out(step[2])) if has_values(step) else step for step in steps
        ]
    if isinstance(ways, list | tuple):
        staying, ids = take_out(ways)
        values["branch_ids"] = [*staying, *map(Command.delete, ids)]
    return values
