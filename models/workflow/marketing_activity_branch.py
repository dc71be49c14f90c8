from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools.translate import LazyTranslate

from ...tools.domains import parse_domain

_lt = LazyTranslate("marketing_automation")

BRANCH_TYPES = {
    "filter": _lt("Filter"),
    "event": _lt("Event"),
    "random": _lt("At random"),
    "met": _lt("Met"),
    "timeout": _lt("Time's up"),
    "otherwise": _lt("Otherwise"),
}
# Branches that come to be with their step, and stay.
FIXED_TYPES = ("met", "timeout", "otherwise")
# What only the record itself decides; the rest is words or place.
TEST_FIELDS = {
    "branch_type",
    "domain",
    "event_activity_id",
    "event",
    "event_negative",
    "event_link_id",
    "weight",
    "is_holdout",
}


class MarketingActivityBranch(models.Model):
    """One of the ways out of a step: a test that is met, a share of all, or what is left over."""

    _name = "marketing.activity.branch"
    _description = "Branch of a Marketing Activity"
    _order = "activity_id, sequence, id"

    activity_id = fields.Many2one(
        "marketing.activity", "Step", required=True, ondelete="cascade", index=True
    )
    campaign_id = fields.Many2one(related="activity_id.campaign_id")
    model_name = fields.Char(related="activity_id.model_name")
    activity_type = fields.Selection(related="activity_id.activity_type")
    active = fields.Boolean(
        default=True,
        help="A branch that somebody may have taken is archived when it is removed.",
    )
    name = fields.Char(help="If it is empty, the branch is shown with its test in words.")
    sequence = fields.Integer(
        default=10, help="Branches are tried in this order; “Otherwise” is always the last one."
    )
    branch_type = fields.Selection(
        selection="_selection_branch_type", string="Test", required=True, default="filter"
    )
    # filter
    domain = fields.Char(
        "Filter", default="[]", help="Records that match take this branch, unless one before holds."
    )
    filter_user_id = fields.Many2one(
        "res.users",
        string="Filter by",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="Who wrote the filter: it finds nothing that they may not see.",
    )
    # event
    event_activity_id = fields.Many2one(
        "marketing.activity",
        string="Of Step",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('campaign_id', '=', campaign_id), ('id', '!=', activity_id)]",
        help="An earlier step of the same run. One that is not saved yet can be chosen once the"
        " campaign is saved.",
    )
    event = fields.Selection(
        selection="_selection_event", help="What has happened to what that step sent."
    )
    event_negative = fields.Boolean("Not", help="It holds where that has not happened.")
    event_link_id = fields.Many2one(
        "link.tracker",
        string="Link",
        ondelete="set null",
        help="Of clicks: only on this link. Empty: on any.",
    )
    # random
    weight = fields.Integer(
        default=50, help="Its share of all runs is its weight by the sum of all weights."
    )
    share = fields.Float(
        compute="_compute_share",
        help="Its part of all runs, between 0 and 1: its weight by the sum of all weights.",
    )
    is_holdout = fields.Boolean(
        "Control Group",
        help="Nothing follows this branch: what everybody else does is measured against it.",
    )
    # for people
    description = fields.Char(compute="_compute_description", help="Its test in a few words.")
    event_keys = fields.Json(
        related="event_activity_id.possible_events",
        string="Possible Events",
        help="Keys of the events that can be chosen.",
    )

    _check_weight = models.Constraint(
        "CHECK(weight BETWEEN 0 AND 1000000)",
        "The weight of a branch cannot be negative, nor more than 1,000,000.",
    )

    @api.model
    def _selection_branch_type(self):
        return [(key, self.env._(label)) for key, label in BRANCH_TYPES.items()]

    @api.model
    def _selection_event(self):
        return [
            (key, self.env._(event.long_label or event.label))
            for key, event in self.env["marketing.activity"]._get_events().items()
        ]

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("branch_type", "activity_id")
    def _check_branch_type(self):
        for branch in self.filtered("active"):
            if branch.branch_type not in branch.activity_id._get_step_type().branch_types:
                raise ValidationError(
                    self.env._(
                        "“%(activity)s” of campaign “%(campaign)s” cannot have the branch"
                        " “%(branch)s”.",
                        branch=branch.display_name,
                        **branch._get_place(),
                    )
                )

    @api.constrains("domain", "activity_id")
    def _check_domain(self):
        for branch in self.filtered("model_name"):
            try:
                branch.campaign_id._check_filter(branch.domain)
            except ValueError as error:
                raise ValidationError(branch._get_filter_problem(error)) from error

    @api.constrains("event_activity_id", "activity_id")
    def _check_event_activity_id(self):
        self.event_activity_id._check_in_workflow()
        for branch in self.filtered("event_activity_id"):
            if branch.event_activity_id.campaign_id != branch.campaign_id:
                raise ValidationError(
                    self.env._(
                        "A branch of “%(activity)s” of campaign “%(campaign)s” cannot look at an"
                        " step of another campaign.",
                        **branch._get_place(),
                    )
                )

    @api.constrains("is_holdout", "branch_type")
    def _check_is_holdout(self):
        for branch in self.filtered("is_holdout"):
            if followers := branch._get_followers():
                raise ValidationError(
                    self.env._(
                        "Nothing may follow the control group of “%(activity)s” of campaign"
                        " “%(campaign)s”: move or remove %(followers)s first.",
                        followers=", ".join(followers.mapped("name")),
                        **branch._get_place(),
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("name", "description")
    def _compute_display_name(self):
        for branch in self:
            branch.display_name = branch.name or branch.description

    @api.depends(
        "branch_type",
        "domain",
        "event_activity_id.name",
        "event",
        "event_negative",
        "event_link_id",
        "activity_id.branch_ids.weight",
    )
    @api.depends_context("lang")
    def _compute_description(self):
        for branch in self:
            branch.description = branch._describe()

    @api.depends("weight", "activity_id.branch_ids.weight")
    def _compute_share(self):
        for branch in self:
            total = sum((branch.activity_id.branch_ids | branch).mapped("weight"))
            branch.share = branch.weight / total if total else 0

    @api.onchange("branch_type")
    def _onchange_branch_type(self):
        """An event is most often one of the message before."""
        if self.branch_type == "event" and not self.event_activity_id:
            self.event_activity_id = self.activity_id._get_eventful_before()

    @api.onchange("branch_type", "event_activity_id")
    def _onchange_event_activity_id(self):
        """Only what can happen to the activity."""
        possible = self.event_activity_id.possible_events or [False]
        if self.event not in possible:
            self.event = possible[0]

    @api.onchange("event_activity_id", "event")
    def _onchange_event(self):
        """A link is a link of one message."""
        self.event_link_id = False

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        noted = {"filter_user_id": self.env.uid}
        branches = super().create([{**vals, **noted} for vals in vals_list])
        branches.activity_id._note_changed_branches()
        return branches

    def write(self, vals):
        """
        :raise ValidationError: if a branch is to leave its step, or be archived while something
            follows it
        """
        if "filter_user_id" in vals and not self.env.su:
            raise AccessError(self.env._("Who wrote a filter is noted by the system."))
        if "activity_id" in vals:
            self._check_stays(vals["activity_id"])
        if not vals.get("active", True):
            self._check_can_be_removed()
        res = super().write(vals)
        if "domain" in vals and not self.env.su:
            self.sudo().filter_user_id = self.env.user
        self.activity_id._note_changed_branches()
        return res

    def unlink(self):
        """Branches that somebody may have taken are archived instead: their numbers stay."""
        activities = self.activity_id
        self._check_can_be_removed()
        taken = self.filtered(lambda branch: branch.sudo()._may_be_taken())
        taken.sudo().active = False
        res = super(MarketingActivityBranch, self - taken).unlink()
        activities.exists()._note_changed_branches()
        return res

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _check_stays(self, activity_id):
        """Runs have taken a branch of that step, and steps hang on it.

        :param activity_id: id of a step, or the step
        :raise ValidationError: if one of these branches is of another step
        """
        for branch in self:
            if branch.activity_id.id != getattr(activity_id, "id", activity_id):
                raise ValidationError(
                    self.env._(
                        "Branch “%(branch)s” stays with “%(activity)s” of campaign “%(campaign)s”:"
                        " add another one where you need it.",
                        branch=branch.display_name,
                        **branch._get_place(),
                    )
                )

    def _check_can_be_removed(self):
        """
        :raise ValidationError: if something follows one of these branches
        """
        for branch in self:
            if followers := branch._get_followers():
                raise ValidationError(
                    self.env._(
                        "Branch “%(branch)s” of “%(activity)s” in campaign “%(campaign)s” is"
                        " followed by %(followers)s: move or remove that first.",
                        branch=branch.display_name,
                        followers=", ".join(followers.mapped("name")),
                        **branch._get_place(),
                    )
                )

    def _may_be_taken(self):
        """Whether somebody takes part who may come this way in this moment."""
        participants = self.env["marketing.participant"]
        return bool(participants.search_count([("campaign_id", "=", self.campaign_id.id)], limit=1))

    def _get_followers(self):
        """The activities that hang on these branches."""
        return self.activity_id.child_ids.filtered(
            lambda child: child.trigger_type == "branch" and child.branch_id in self
        )

    def _get_place(self):
        """Names for messages."""
        return {"activity": self.activity_id.name, "campaign": self.campaign_id.name}

    def _get_domain(self):
        """The filter as a Domain.

        :raise ValueError: if it cannot be used
        """
        return parse_domain(self.env[self.model_name], self.domain)

    def _get_problems(self):
        """Why the test cannot be used, as sentences that say what to do.

        :rtype: list[str]
        """
        values = {"activity": self.activity_id.name, "branch": self.display_name}
        if self.branch_type == "filter":
            try:
                domain = self._get_domain()
            except ValueError as error:
                return [self._get_filter_problem(error)]
            if domain.is_true():
                return [self.env._("“%(activity)s”: set the filter of “%(branch)s”.", **values)]
        if self.branch_type == "event" and not (self.event and self.event_activity_id):
            return [self.env._("“%(activity)s”: choose the event of “%(branch)s”.", **values)]
        return []

    def _get_way_problems(self, ways):
        """Why the event that is asked for tells nothing here.

        :param Ways ways: through the whole workflow
        :rtype: list[str]
        """
        earlier = self.event_activity_id
        if self.branch_type != "event" or not (self.event and earlier):
            return []
        if problems := earlier._get_event_problems(self.event, ways, self.activity_id):
            return problems
        if not self.event_negative and earlier._lacks_links(self.event):
            return [
                self.env._(
                    "“%(activity)s”: nobody can take “%(branch)s”: put a link into the message of"
                    " “%(earlier)s”.",
                    activity=self.activity_id.name,
                    branch=self.display_name,
                    earlier=earlier.name,
                )
            ]
        return []

    def _get_filter_problem(self, error):
        return self.env._(
            "“%(activity)s”: the filter of a branch cannot be used: %(error)s",
            activity=self.activity_id.name,
            error=error,
        )

    def _describe(self):
        """The test in a few words."""
        _ = self.env._
        if self.branch_type == "event" and self.event and self.event_activity_id:
            return self.event_activity_id._describe_event(
                self.event, self.event_negative, self.event_link_id
            )
        if self.branch_type == "filter":
            return self.activity_id._describe_filter(self.domain) or _("Matches the filter")
        if self.branch_type == "random":
            total = sum(self.activity_id.branch_ids.mapped("weight"))
            return _("%(weight)s of %(total)s", weight=self.weight, total=total)
        label = BRANCH_TYPES.get(self.branch_type)
        return _(label) if label else ""
