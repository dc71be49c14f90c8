"""The branches of a step, and the steps that hang on them."""

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import clean_context

from ...tools.edition import Edition
from .marketing_activity_branch import FIXED_TYPES
from .tree import LINKS

# "Otherwise" comes behind all others, wherever people drag it.
LAST = 1_000_000


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    branch_ids = fields.One2many(
        "marketing.activity.branch",
        "activity_id",
        string="Branches",
        help="The ways on from a step that steers, in order.",
    )
    branch_id = fields.Many2one(
        "marketing.activity.branch",
        string="On Branch",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('activity_id', '=', parent_id), ('is_holdout', '=', False)]",
        help="On which branch of the step before it comes.",
    )

    @api.constrains("branch_id", "parent_id", "trigger_type")
    def _check_branch_id(self):
        for activity in self.filtered(lambda activity: activity.trigger_type == "branch"):
            branch, parent = activity.branch_id, activity.parent_id
            values = {"activity": activity.name, "campaign": activity.campaign_id.name}
            if not branch or branch.activity_id != parent:
                raise ValidationError(
                    self.env._(
                        "Choose the branch of “%(parent)s” that “%(activity)s” of campaign"
                        " “%(campaign)s” comes on.",
                        parent=parent.name,
                        **values,
                    )
                )
            if branch.is_holdout:
                raise ValidationError(
                    self.env._(
                        "“%(activity)s” of campaign “%(campaign)s” cannot come on the control"
                        " group of “%(parent)s”: nothing follows it.",
                        parent=parent.name,
                        **values,
                    )
                )

    @api.constrains("parent_id", "activity_type")
    def _check_can_be_followed(self):
        for activity in self.parent_id | self.filtered("child_ids"):
            if not activity._get_step_type().can_be_followed and activity.child_ids:
                raise ValidationError(
                    self.env._(
                        "Nothing can follow “%(activity)s” of campaign “%(campaign)s”: move or"
                        " remove %(followers)s.",
                        activity=activity.name,
                        campaign=activity.campaign_id.name,
                        followers=", ".join(activity.child_ids.mapped("name")),
                    )
                )

    @api.constrains("campaign_id")
    def _check_linked_in_campaign(self):
        """What goes on at these steps, or looks at them, does not stay behind in another
        campaign."""
        self.search([("goto_activity_id", "in", self.ids)])._check_goto_activity_id()
        self.search([("wait_activity_id", "in", self.ids)])._check_what_is_waited_for()
        looking = self.branch_ids.search([("event_activity_id", "in", self.ids)])
        (self.branch_ids | looking)._check_event_activity_id()

    @api.onchange("trigger_type", "parent_id")
    def _onchange_branch_id(self):
        """A step comes on a branch of the step before: the first that nothing follows yet."""
        open_branches = self.parent_id.branch_ids.filtered(lambda branch: not branch.is_holdout)
        if self.trigger_type != "branch":
            self.branch_id = False
        elif self.branch_id not in open_branches and not self._is_on_drawn_branch():
            followed = (self.parent_id.child_ids - self._origin).branch_id
            self.branch_id = (open_branches - followed)[:1] or open_branches[:1]

    @api.onchange("activity_type")
    def _onchange_branches(self):
        """The form shows the branches with which a step of this type begins."""
        kind = self._get_step_type()
        if any(branch.branch_type not in kind.branch_types for branch in self.branch_ids):
            self.branch_ids = [Command.clear()]
        if kind.branch_types and not self.branch_ids:
            self.branch_ids = [Command.create(vals) for vals in self._prepare_first_branches()]

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _prepare_first_branches(self):
        """Values of the branches with which a step of this type begins. Defaults of the context,
        such as a name, are those of the step."""
        context = self.env.context
        branches = self.env(context=clean_context(context))["marketing.activity.branch"]
        given = [
            name
            for name, field in branches._fields.items()
            if f"default_{name}" in context and field.store and not field.compute
        ]
        for vals in self._get_step_type().get_first_branches(self.env):
            defaults = branches.default_get(given)
            yield {**{name: defaults.get(name, False) for name in given}, **vals}

    def _complete_branches(self):
        """Each step has the branches that its type has to have, once each, and none of another
        type."""
        for activity in self.filtered(lambda activity: activity._get_step_type().key):
            kind = activity._get_step_type()
            strange = activity.branch_ids.filtered(
                lambda branch, kind=kind: branch.branch_type not in kind.branch_types
            )
            if strange:
                # Runs may wait here that are looked at no more.
                activity._mark_changed()
            activity._remove_branches(strange)
            activity._get_surplus_branches().unlink()
            known = (activity.branch_ids - strange).mapped("branch_type")
            missing = [
                vals
                for vals in kind.get_first_branches(self.env)
                if (vals["branch_type"] in FIXED_TYPES and vals["branch_type"] not in known)
                or not known
            ]
            activity.branch_ids.create([{**vals, "activity_id": activity.id} for vals in missing])
            last = activity.branch_ids.filtered(lambda branch: branch.branch_type == "otherwise")
            end = max([LAST - 1, *(activity.branch_ids - last).mapped("sequence")]) + 1
            if last.sequence != end:
                last.sequence = end

    def _remove_branches(self, branches):
        """Branches go after all that follows them, if that goes in the same save."""
        edition = self.env.context.get("marketing_edition")
        if isinstance(edition, Edition):
            edition.removed_branch_ids.update(branches.ids)
        else:
            branches.unlink()

    def _get_surplus_branches(self):
        """Of what a step has once, all but the newest."""
        fixed = self.branch_ids.filtered(lambda branch: branch.branch_type in FIXED_TYPES)
        newest = {branch.branch_type: branch for branch in fixed.sorted("id")}
        return fixed.filtered(lambda branch: newest[branch.branch_type] != branch)

    def _note_changed_branches(self):
        """The ways out of these steps were changed."""
        if not self.env.su:
            self._check_in_workflow()
        self.campaign_id._check_may_act_for()
        self._complete_branches()
        self.campaign_id._note_editor()
        self._reconsider_winner()
        self.campaign_id._go_on_when_mended()

    def _copy_links_to(self, copies):
        """Copies of steps that look at, or go on at, other steps do so at their copies.

        :param dict copies: the copies by id of the original
        """
        for activity in self:
            for name in LINKS:
                if other := activity[name]:
                    copies[activity.id][name] = copies.get(other.id, other)

    def _copy_branches_to(self, copies):
        """Give copies of steps the branches of the originals.

        :param dict copies: the copies by id of the original
        :return: the copied branches by id of the original
        :rtype: dict
        """
        new_branches = {}
        for activity in self:
            copy = copies[activity.id]
            first_ones = copy.branch_ids
            for branch in activity.branch_ids:
                event_activity = branch.event_activity_id
                new_branches[branch.id] = branch.copy(
                    {
                        "activity_id": copy.id,
                        "event_activity_id": copies.get(event_activity.id, event_activity).id,
                    }
                )
            (first_ones & copy.branch_ids).unlink()
        return new_branches
