"""The ways through a workflow: down its tree, and on by steps that go on elsewhere."""

from collections import defaultdict


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
        found, new = set(), set(step_ids)
        while new:
            found |= new
            new = self._get_next(new) - found
        return found

    def get_only_behind(self, step_ids):
        """Ids of these steps and of those below them to which nothing leads but through them."""
        targets = set(self.target_ids.values())
        found, new = set(), set(step_ids) - targets
        while new:
            found |= new
            new = set().union(*(self.child_ids[step_id] for step_id in new)) - targets
        return found

    def _get_next(self, step_ids):
        next_ids = set().union(*(self.child_ids[step_id] for step_id in step_ids))
        return next_ids | {
            self.target_ids[step_id] for step_id in step_ids if step_id in self.target_ids
        }
