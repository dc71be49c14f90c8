"""The workflow as the canvas saves it: steps that are not saved yet are named by their keys."""

from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...tools.edition import Edition, Place
from ...tools.taken_out import take_out
from ...tools.values import has_values

KEYS = ("parent_key", "branch_key", "goto_key")
AT_START = {"trigger_type": "begin", "parent_id": False, "branch_id": False}


class MarketingActivity(models.Model):
    _name = "marketing.activity"
    _inherit = ["marketing.key.mixin", "marketing.activity"]

    parent_key = fields.Char(
        store=False,
        copy=False,
        help="Only in commands of a campaign: the key of the step that it comes after, which"
        " need not be saved. It goes before parent_id.",
    )
    branch_key = fields.Char(
        store=False,
        copy=False,
        help="Only in commands of a campaign, with parent_key: the key of the branch that it comes"
        " on, which need not be saved.",
    )
    goto_key = fields.Char(
        store=False,
        copy=False,
        help="Only in commands of a campaign: the key of the step to go on at.",
    )
    is_taken_out = fields.Boolean(
        store=False,
        copy=False,
        help="Only in commands of a campaign: the step is taken out of the workflow, with all"
        " that comes after it once the other commands are executed; a new one is not created.",
    )

    _unique_key = models.UniqueIndex(
        "(campaign_id, key) WHERE key IS NOT NULL",
        "Two steps of a campaign cannot have the same key.",
    )

    @api.onchange("trigger_type", "parent_id", "branch_id")
    def _onchange_place(self):
        """Another place that is chosen in the form goes before one that was named by key."""
        parent, branch = self.parent_id, self.branch_id
        if self.trigger_type == "begin" or (parent and parent._get_key() != self.parent_key):
            self.parent_key = self.branch_key = False
        elif self.trigger_type != "branch" or (branch and branch._get_key() != self.branch_key):
            self.branch_key = False

    def _is_on_drawn_branch(self):
        """Whether the canvas has named the branch on which it comes, which need not be saved."""
        return bool(self.branch_key) and self.parent_id._get_key() == self.parent_key

    def _get_drawn_parent(self):
        """The step before on the canvas; it, or what was changed of it, need not be saved."""
        if not self.parent_key:
            return self.parent_id
        drawn = self.campaign_id.marketing_activity_ids.filtered(
            lambda step: step._get_key() == self.parent_key
        )
        return drawn[:1] or self.parent_id

    def _find_branch(self, branch_key):
        """The way out of this step with a key; none if it has no such way."""
        return self._get_drawn_branches().filtered(lambda way: way._get_key() == branch_key)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _take_edition(self, vals):
        """Take out of the commands for activities what is done when all of these are saved: until
        then, each step that is named a place by key begins at the start.

        :return: the values, and what was taken out of them
        :rtype: tuple[dict, Edition]
        """
        edition = Edition()
        commands = vals.get("marketing_activity_ids")
        if not isinstance(commands, list | tuple):
            return vals, edition
        first, others = [], []
        for command in commands:
            if not has_values(command):
                others.append(command)
                continue
            code, res_id, values = command
            values = dict(values)
            keys = {name: key for name in KEYS if (key := values.pop(name, False))}
            if values.pop("is_taken_out", False):
                if code == Command.UPDATE:
                    edition.removed_ids.add(res_id)
                continue
            self._take_own_message(values)
            if isinstance(ways := values.get("branch_ids"), list | tuple):
                values["branch_ids"], ids = take_out(ways)
                edition.removed_branch_ids.update(ids)
            if (source := values.pop("copied_from", False)) and values.get("key"):
                edition.sources[values["key"]] = source
            if keys:
                edition.places.append(self._get_place(code, res_id, values, keys))
            if "parent_key" in keys:
                values.update(AT_START)
            # Before what it came after: what it waited for may not happen to that any more.
            is_moved = code == Command.UPDATE and "parent_key" in keys
            (first if is_moved else others).append((code, res_id, values))
        return {**vals, "marketing_activity_ids": first + others}, edition

    def _get_place(self, code, res_id, values, keys):
        """The place that a line names by keys. A new step without a key gets one."""
        if code == Command.UPDATE:
            now = self.env["marketing.activity"].browse(res_id).trigger_type
            return Place(res_id, values.get("trigger_type", now), keys)
        if not values.get("key"):
            values["key"] = f"line-{uuid4().hex}"
        return Place(values["key"], values.get("trigger_type", "activity"), keys)

    def _apply_edition(self, edition):
        """Do what was taken out of the commands, now that the steps are saved."""
        for campaign in self:
            if edition.places:
                campaign._place_steps(edition.places)
            if edition.sources:
                campaign._name_pasted(edition.sources)
        removed = self.marketing_activity_ids.filtered(lambda step: step.id in edition.removed_ids)
        if removed:
            removed.unlink()
        ways = self.marketing_activity_ids.branch_ids
        if gone := ways.filtered(lambda way: way.id in edition.removed_branch_ids):
            gone.unlink()

    def _place_steps(self, places):
        """Give steps the places that were named by keys; they are checked when all have theirs."""
        steps = {step.id: step for step in self.marketing_activity_ids}
        steps.update({step._get_key(): step for step in self.marketing_activity_ids})
        rows = []
        for place in places:
            step = self._find_step(steps, place.step)
            if target := self._find_step(steps, place.keys.get("goto_key"), step):
                step.goto_activity_id = target
            if parent := self._find_step(steps, place.keys.get("parent_key"), step):
                branch = self._find_way(step, parent, place.keys.get("branch_key"))
                rows.append((step.id, parent.id, place.trigger_type, branch.id or None))
        if rows:
            ids, parent_ids, trigger_types, branch_ids = map(list, zip(*rows, strict=True))
            moved = self.env["marketing.activity"].browse(ids)
            moved._place_in_workflow(parent_ids, trigger_types, branch_ids)

    def _find_step(self, steps, key, named_by=None):
        """The step that a line names.

        :param dict steps: those of this campaign by key, and by id
        :param named_by: the step that goes on there, if it is another one
        :raise ValidationError: if there is none
        """
        if key and key not in steps:
            name = named_by.name if named_by else self.env["marketing.activity"].browse(key).name
            raise ValidationError(
                self.env._(
                    "“%(activity)s” names a step that is not in the workflow of campaign"
                    " “%(campaign)s”: “%(key)s”.",
                    activity=name,
                    campaign=self.name,
                    key=key,
                )
            )
        return steps.get(key)

    def _find_way(self, step, parent, key):
        """The branch that a step names by its key.

        :raise ValidationError: if there is none
        """
        branch = parent._find_branch(key) if key else parent.branch_ids.browse()
        if key and not branch:
            raise ValidationError(
                self.env._(
                    "“%(activity)s” of campaign “%(campaign)s” comes on a branch of “%(parent)s”"
                    " that is not there: “%(key)s”. Choose another one.",
                    activity=step.name,
                    campaign=self.name,
                    parent=parent.name,
                    key=key,
                )
            )
        return branch
