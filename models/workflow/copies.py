"""Copies of steps that are not saved yet: what the canvas pastes."""

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...tools.domains import check_domain
from ...tools.rpc import on_records
from ...tools.values import is_id
from .tree import LINKS

# Where another step, or a way to it, is named.
PLACE_FIELDS = {"campaign_id", "trigger_type", "key", "name"}
FILTERS = ("activity_domain", "wait_domain")


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    copied_from = fields.Char(
        store=False,
        copy=False,
        help="Only in commands of a campaign: a new step is a copy, as a name of all that is"
        " pasted with it, “/”, and the id of the original. Where that names another one that is"
        " pasted with it, the copy names the copy.",
    )
    copied_mailing_id = fields.Many2one(
        "mailing.mailing",
        store=False,
        copy=False,
        help="Only in commands of a campaign: the message of the original. A step that still has"
        " it when it is saved gets a copy of it.",
    )

    @on_records
    def get_copies(self, model_id, campaign_id=False):
        """What copies of these steps begin with, in a campaign that need not be saved.

        Nothing is copied before the campaign is saved, messages neither: who writes in one before
        copies it first, see ``mailing.mailing.copy_for_step``. What does not fit another target is
        left out.

        :param int model_id: target of the campaign in which they are pasted (``ir.model``)
        :param campaign_id: its id; False if it is not saved
        :return: ``steps``, parents before their children: dicts with ``id`` of the original, its
            ``parent_id``, ``branch`` (key of the way out of the copied parent, or False),
            ``trigger_type``, ``name``, ``values`` (of fields), ``possible_events`` and
            ``branches``; and ``left_out``: sentences that say what is not copied
        :rtype: dict
        :raise ValidationError: if there is no such target, or one of these was deleted
        """
        self.check_access("read")
        steps = self.exists().filtered("active")._sorted_by_depth()
        is_place = is_id(model_id) and (not campaign_id or is_id(campaign_id))
        model = self.env["ir.model"].browse(model_id if is_place else ()).exists().sudo()
        if not model or len(steps) != len(self):
            raise ValidationError(
                self.env._("What was copied is not there any more: copy it again.")
            )
        campaign = self.env["marketing.campaign"].browse(campaign_id)
        left_out = []
        return {
            "steps": [step._get_copy(model, campaign, self, left_out) for step in steps],
            "left_out": left_out,
        }

    def _get_copy(self, model, campaign, copied, left_out):
        """See ``get_copies``. What is left out is noted in ``left_out``."""
        parent = self.parent_id & copied
        way = self.branch_id & parent._get_drawn_branches() if parent else self.branch_id.browse()
        return {
            "id": self.id,
            "parent_id": parent.id,
            "branch": way._get_copied_key() if way else False,
            "trigger_type": self.trigger_type,
            "name": self.name,
            "values": self._get_copied_values(model, campaign, copied, left_out),
            "possible_events": self.possible_events or [],
            "branches": [
                {**branch, "id": False, "key": key, "taken": 0, "is_winner": False}
                for branch, key in self._get_drawn_copies()
            ],
        }

    def _get_drawn_copies(self):
        """The branches as they are drawn, each with the key of its copy."""
        keys = [branch._get_copied_key() for branch in self._get_drawn_branches()]
        return zip(self.branches or [], keys, strict=True)

    def _get_copied_values(self, model, campaign, copied, left_out):
        [values] = self.copy_data()
        values = {name: value for name, value in values.items() if name not in PLACE_FIELDS}
        values["branch_ids"] = [
            Command.create(branch._get_copied_values(model, campaign, copied, left_out))
            for branch in self._get_drawn_branches()
        ]
        for name in LINKS:
            values[name] = self._get_copied_link(self[name], campaign, copied, left_out)
        if self.model_id.id == model.id:
            values["mass_mailing_id"] = values["copied_mailing_id"] = self.mass_mailing_id.id
        else:
            values.update(self._get_values_that_fit(model, values, left_out))
        return values

    def _get_copied_link(self, target, campaign, copied, left_out):
        """Id of the step that a copy names as the original does; False where that is copied, too:
        the copy is named when it is saved. It stays behind in another campaign."""
        if target and target not in copied and target.campaign_id != campaign:
            left_out.append(
                self.env._(
                    "“%(activity)s” names “%(other)s”, which is not copied: choose another one.",
                    activity=self.name,
                    other=target.name,
                )
            )
        return target.id if target not in copied and target.campaign_id == campaign else False

    def _get_values_that_fit(self, model, values, left_out):
        """What of these values is another for a copy with another target."""
        _, fitting = self.env._, {}
        names = {"activity": self.name, "model": model.name}
        if self.mass_mailing_id:
            left_out.append(
                _("“%(activity)s”: its message is not for “%(model)s”, write another one.", **names)
            )
        if self.server_action_id:
            fitting["server_action_id"] = False
            left_out.append(
                _("“%(activity)s”: its action is not for “%(model)s”, choose another one.", **names)
            )
        if self.wait_date_field_id:
            fitting["wait_date_field_id"] = False
            left_out.append(
                _(
                    "“%(activity)s”: its date is not one of “%(model)s”, choose another one.",
                    **names,
                )
            )
        for name in FILTERS:
            if not _fits(self.env, model, values.get(name)):
                fitting[name] = "[]"
                left_out.append(
                    _("“%(activity)s”: its filter does not fit “%(model)s”, set it again.", **names)
                )
        return fitting

    def _name_copies(self, copies):
        """Let these copies name one another as the originals do, where they name nothing yet.

        :param dict copies: the copies by id of the original
        """
        for original in self.browse(copies).exists():
            copy = copies[original.id]
            for name in LINKS:
                if not copy[name] and original[name].id in copies:
                    copy[name] = copies[original[name].id]
            ways = zip(original._get_drawn_branches(), copy._get_drawn_branches(), strict=False)
            for way, copied_way in ways:
                named = copies.get(way.event_activity_id.id)
                if named and way.branch_type == copied_way.branch_type == "event":
                    copied_way.event_activity_id = copied_way.event_activity_id or named


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _take_own_message(self, values):
        """Give a step that was pasted, and still has the message of its original, a copy of that.

        :param dict values: of a command for a step; changed
        """
        original_id = values.pop("copied_mailing_id", False)
        if is_id(original_id) and values.get("mass_mailing_id") == original_id:
            original = self.env["mailing.mailing"].browse(original_id)
            values["mass_mailing_id"] = original._copy_with_files().id

    def _name_pasted(self, sources):
        """Let steps that were pasted together name one another.

        :param dict sources: ``copied_from`` by key of the step
        """
        pasted = defaultdict(dict)
        for step in self.marketing_activity_ids.filtered("key"):
            paste, _slash, original_id = sources.get(step.key, "").rpartition("/")
            if original_id.isdecimal():
                pasted[paste][int(original_id)] = step
        for copies in pasted.values():
            self.env["marketing.activity"]._name_copies(copies)


class MarketingActivityBranch(models.Model):
    _inherit = "marketing.activity.branch"

    def _get_copied_key(self):
        return f"k{self.id}"

    def _get_copied_values(self, model, campaign, copied, left_out):
        """What a copy of this branch begins with, see ``marketing.activity.get_copies``."""
        [values] = self.copy_data()
        step = self.activity_id
        values.pop("activity_id")
        values["key"] = self._get_copied_key()
        values["event_activity_id"] = step._get_copied_link(
            self.event_activity_id, campaign, copied, left_out
        )
        if not _fits(self.env, model, values.get("domain")):
            values["domain"] = "[]"
            left_out.append(
                self.env._(
                    "“%(activity)s”: the filter of branch “%(way)s” does not fit “%(model)s”, set"
                    " it again.",
                    activity=step.name,
                    way=self.display_name,
                    model=model.name,
                )
            )
        # A link is one of a message, which the copy does not look at.
        if not values["event_activity_id"]:
            values["event_link_id"] = False
        return values


def _fits(env, model, text):
    try:
        check_domain(env[model.model], text)
    except ValueError:
        return False
    return True
