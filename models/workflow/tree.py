"""The workflow as a tree: which activities come after which."""

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# A workflow that people can still read; what walks through it stays quick.
MAX_ACTIVITIES = 1000
MAX_DEPTH = 500
# Fields by which a step goes on at, or looks at, another one that need not be above it.
LINKS = ("goto_activity_id", "wait_activity_id")


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.constrains("parent_id", "campaign_id")
    def _check_size_of_workflow(self):
        for campaign, activities in self.grouped("campaign_id").items():
            workflow = campaign.marketing_activity_ids
            is_one = len(activities) == 1
            depth = activities._get_depth() if is_one else len(workflow._get_levels())
            if len(workflow) > MAX_ACTIVITIES or depth > MAX_DEPTH:
                raise ValidationError(
                    self.env._(
                        "Campaign “%(campaign)s” is too large: a workflow has at most %(number)s"
                        " steps, and at most %(depth)s after one another. Go on in another"
                        " campaign.",
                        campaign=campaign.name,
                        number=MAX_ACTIVITIES,
                        depth=MAX_DEPTH,
                    )
                )

    def _place_in_workflow(self, parent_ids, trigger_types, branch_ids):
        """Give all of these activities their places at once; they are checked once, too.

        :param list parent_ids: for each the id of the activity that it comes after, or None
        :param list trigger_types: for each its trigger
        :param list branch_ids: for each the id of the branch that it comes on, or None
        """
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_activity activity
                SET parent_id = place.parent_id, trigger_type = place.trigger_type,
                    branch_id = place.branch_id
                FROM unnest(%s, %s::integer[], %s, %s::integer[])
                    AS place (id, parent_id, trigger_type, branch_id)
                WHERE activity.id = place.id
                RETURNING activity.id
                """,
                self.ids,
                parent_ids,
                trigger_types,
                branch_ids,
            )
        )
        self.invalidate_model(["parent_id", "child_ids", "trigger_type", "branch_id", "domain"])
        self._validate_fields(["parent_id", "trigger_type", "branch_id"])

    def _get_depth(self):
        """How many activities are after one another on the longest way through this one."""
        below = self._get_descendants()._get_levels() if self.child_ids else []
        return len(self._get_path()) + len(below)

    def _get_levels(self):
        """These activities by the number of those above them.

        :return: recordsets, the first level first
        :rtype: list
        """
        known = set(self._ids)
        children = self.grouped(lambda activity: activity.parent_id.id)
        level = self.filtered(lambda activity: activity.parent_id.id not in known)
        levels = []
        while level:
            levels.append(level)
            level = self.browse().union(
                *(children[step.id] for step in level if step.id in children)
            )
        return levels

    def _sorted_by_depth(self):
        """Parents before their children."""
        return self.browse().union(*self._get_levels())

    def _get_descendants(self):
        """All activities below these."""
        above = set(self._ids)
        below = self.browse()
        for level in self.campaign_id.marketing_activity_ids._get_levels():
            level = level.filtered(lambda activity: activity.parent_id.id in above)
            above.update(level._ids)
            below |= level
        return below

    def _with_descendants(self):
        """Those of these activities that are in their workflow, and all below them."""
        activities = self.filtered("active")
        return activities | activities._get_descendants()

    def _get_path(self):
        """The activities from the beginning of the workflow down to this one."""
        self.ensure_one()
        path = [self.id]
        step = self.parent_id
        # Each one anew: what Odoo fetches along would be looked for that deep.
        fetched = self.campaign_id.marketing_activity_ids._ids if step else ()
        while step:
            path.append(step.id)
            step = step.with_prefetch(fetched).parent_id
        return self.browse(reversed(path))

    def _can_follow(self):
        """Whether a run that passes the step before may come here."""
        parent = self.parent_id
        if self.trigger_type == "branch":
            return parent._get_step_type().can_take(parent, self.branch_id)
        return self._get_trigger().category in (False, parent.activity_type)
