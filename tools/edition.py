"""What lines of the campaign's form say that is done once all of them are saved."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where a line of the form wants its step to be.

    :param step: id of the step, or its key where it is new
    :param trigger_type: when it comes there
    :param keys: values of ``parent_key``, ``branch_key`` and ``goto_key``, where they are given
    """

    step: int | str
    trigger_type: str
    keys: dict


@dataclass(eq=False)
class Edition:
    """While the lines are saved, it is in the context as ``marketing_edition``.

    :param places: where steps are that name others by keys
    :param sources: of what new steps are copies, see ``copied_from``, by their keys
    :param removed_ids: ids of the steps that are taken out of the workflow
    :param removed_branch_ids: ids of the branches that are taken out of steps that stay, or that
        another type of these does not know
    """

    places: list[Place] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    removed_ids: set[int] = field(default_factory=set)
    removed_branch_ids: set[int] = field(default_factory=set)
