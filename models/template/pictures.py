"""What the workflow of a template looks like, before it is made."""

from itertools import count

from odoo import models
from odoo.exceptions import AccessError, UserError

from ..workflow.marketing_activity_branch import BRANCH_TYPES

# In the context while a template is drawn: an object, so that no client can send it.
DRAWN = object()


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _is_template_drawn(self):
        """Whether a template is only looked at: nothing is made for it."""
        return self.env.context.get("marketing_template_drawn") is DRAWN

    def _draw_template(self, function):
        """The steps of a template, as the workflow view draws them; none for one that cannot be
        described to the user.

        :param str function: method that describes the template
        :rtype: list[dict]
        """
        campaigns = self.with_context(marketing_template_drawn=DRAWN)
        try:
            described = getattr(campaigns, function)()
        except (AccessError, UserError):
            return []
        steps = list(campaigns._draw_template_steps(described["activities"], count(1)))
        numbers = {step.pop("key"): step["id"] for step in steps}
        for step in steps:
            step["goto_activity_id"] = numbers.get(step["goto_activity_id"], False)
        return steps

    def _draw_template_steps(self, activities, numbers, parent=None, ways=None):
        """
        :param numbers: iterator that gives each step and branch an id
        :param int parent: id of the step that they come after
        :param dict ways: ids of its branches, by what descriptions call them
        """
        for values in activities:
            step = self._draw_template_step(values, numbers)
            step["parent_id"] = parent or False
            step["branch_id"] = ways[values["branch"]] if "branch" in values else False
            yield step
            own_ways = {branch["type"]: branch["id"] for branch in step["branches"]}
            described = zip(values.get("branches", ()), step["branches"], strict=False)
            own_ways.update((name, branch["id"]) for name, branch in described)
            yield from self._draw_template_steps(
                values.get("children", ()), numbers, step["id"], own_ways
            )

    def _draw_template_step(self, values, numbers):
        mailing, action = values.get("mailing"), values.get("server_action")
        fields = self._prepare_template_fields(values)
        step = self.env["marketing.activity"].new(
            {"activity_type": self._get_template_activity_type(mailing), **fields}
        )
        if mailing:
            content = mailing["subject"]
        elif action:
            content = action.sudo().name
        else:
            content = ""
        return {
            "id": next(numbers),
            "key": values.get("key"),
            "name": values["name"],
            "activity_type": step.activity_type,
            "content": content,
            "possible_events": [],
            "branches": self._draw_template_branches(step, values, numbers),
            "goto_activity_id": values.get("goto_activity_id", False),
            "trigger_type": "branch" if "branch" in values else step.trigger_type,
            "interval_number": step.interval_number,
            "interval_type": step.interval_type,
            "interval_standardized": step.interval_standardized,
            "due_hour": step.due_hour,
            "activity_domain": step.activity_domain,
        }

    def _draw_template_branches(self, step, values, numbers):
        """Those that are described, then those that such a step always has."""
        described = [
            {"branch_type": "filter", **branch} for branch in values.get("branches", {}).values()
        ]
        fixed = [
            branch
            for branch in step._get_step_type().get_first_branches(self.env)
            if not described or branch["branch_type"] == "otherwise"
        ]
        return [
            {
                "id": next(numbers),
                "name": branch.get("name") or "",
                "type": branch["branch_type"],
                "description": self.env._(BRANCH_TYPES[branch["branch_type"]]),
                "is_holdout": branch.get("is_holdout", False),
                "is_winner": False,
                "taken": 0,
            }
            for branch in (*described, *fixed)
            if branch["branch_type"] != "timeout" or step.wait_limit
        ]
