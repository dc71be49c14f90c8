"""The ways through a workflow: down its tree, and on by steps that go on elsewhere."""

from collections import defaultdict
from functools import cached_property


class Ways:
    """Which steps of one workflow can follow which.

    :param activities: all activities of the workflow
    """

    def __init__(self, activities):
        self.steps = {step.id: step for step in activities}
        self.child_ids = defaultdict(set)
        self.target_ids = {}
        for step in activities:
            self.child_ids[step.parent_id.id].add(step.id)
            if step.goto_activity_id.id in self.steps:
                self.target_ids[step.id] = step.goto_activity_id.id

    def get_behind(self, step_ids):
        """Ids of these steps and of all that can come after them."""
        return self._follow(step_ids, self._get_next)

    def get_only_behind(self, step_ids):
        """Ids of these steps and of those below them to which nothing leads but through them."""
        targets = set(self.target_ids.values())
        first = set(step_ids) - targets
        return self._follow(first, lambda step_id: self.child_ids[step_id] - targets)

    @cached_property
    def reachable_ids(self):
        """Ids of the steps to which a way leads from the beginning."""
        begin = [step.id for step in self.steps.values() if step.trigger_type == "begin"]
        return self._follow(
            begin,
            lambda step_id: {
                next_id
                for next_id in self._get_next(step_id)
                if next_id == self.target_ids.get(step_id) or self.steps[next_id]._can_follow()
            },
        )

    def may_come_before(self, step, other):
        """Whether a run that is at the other step may have come to this one: on its way, or
        beside it, where a step before has several followers."""
        return other.id in self.get_behind(self._get_next(step.id)) or any(
            self._are_parallel(place, other_place)
            for place in self._get_entrances(step.id)
            for other_place in self._get_entrances(other.id)
        )

    def get_circle(self, goto):
        """The steps from where a "go to" leads back to it, if none of them takes time; nothing
        otherwise."""
        target_id = self.target_ids.get(goto.id)
        new = [target_id] if target_id and not self._is_late(target_id) else []
        way = dict.fromkeys(new)
        while new and goto.id not in way:
            found = {}
            for step_id in new:
                for next_id in self._get_next_at_once(step_id) - way.keys():
                    found[next_id] = step_id
            way.update(found)
            new = list(found)
        circle, step_id = [], goto.id if goto.id in way else None
        while step_id:
            circle.append(self.steps[step_id])
            step_id = way[step_id]
        return circle[::-1]

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _follow(self, step_ids, get_next):
        """Ids of these steps, and of all to which they lead."""
        found, new = set(), set(step_ids)
        while new:
            found |= new
            new = set().union(*map(get_next, new)) - found
        return found

    def _get_next(self, step_id):
        """Ids of the steps to which a step leads."""
        target_id = self.target_ids.get(step_id)
        return self.child_ids[step_id] | ({target_id} if target_id else set())

    def _get_next_at_once(self, step_id):
        """The same of those that may come in the same moment."""
        step = self.steps[step_id]
        kind = step._get_step_type()
        return {
            next_id
            for next_id in self._get_next(step_id)
            if not (self._is_late(next_id) or kind.takes_time(step, self.steps[next_id].branch_id))
        }

    def _is_late(self, step_id):
        return self.steps[step_id].interval_number > 0

    def _get_entrances(self, step_id):
        """Ids of the step and of all "go to" that lead to it."""
        return [
            step_id,
            *(source for source in self.target_ids if step_id in self.get_behind([source])),
        ]

    def _are_parallel(self, step_id, other_id):
        """Whether a run may come to both steps, neither being above the other."""
        for first, second in zip(self._get_path(step_id), self._get_path(other_id), strict=False):
            if first != second:
                branches = [
                    self.steps[one].branch_id
                    for one in (first, second)
                    if self.steps[one].trigger_type == "branch"
                ]
                return len(branches) < 2 or branches[0] == branches[1]
        return False

    def _get_path(self, step_id):
        path = []
        while step_id in self.steps:
            path.append(step_id)
            step_id = self.steps[step_id].parent_id.id
        return path[::-1]
