from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools.domains import parse_domain
from ...tools.taken_out import leave_out

INTERVAL_TYPES = [
    ("minutes", "Minutes"),
    ("hours", "Hours"),
    ("days", "Days"),
    ("weeks", "Weeks"),
    ("months", "Months"),
]
TIMING_FIELDS = {
    "trigger_type",
    "parent_id",
    "branch_id",
    "interval_number",
    "interval_type",
    "time_of_day",
}


class MarketingActivity(models.Model):
    """One step of a campaign's workflow: what is done, when, and for whom."""

    _name = "marketing.activity"
    _description = "Marketing Activity"
    _order = "interval_standardized, id"

    name = fields.Char(required=True)
    campaign_id = fields.Many2one(
        "marketing.campaign", required=True, ondelete="cascade", index=True
    )
    model_id = fields.Many2one(related="campaign_id.model_id")
    model_name = fields.Char(related="campaign_id.model_name")
    # what
    activity_type = fields.Selection(
        selection="_selection_activity_type",
        string="Type",
        required=True,
        default="email",
    )
    mass_mailing_id = fields.Many2one(
        "mailing.mailing",
        string="Mailing",
        compute="_compute_mass_mailing_id",
        store=True,
        readonly=False,
        # A mailing goes with the model that it is made for, when an addon is uninstalled.
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    mass_mailing_id_mailing_type = fields.Selection(
        selection=lambda self: self.env["mailing.mailing"]._fields["mailing_type"].selection,
        compute="_compute_mass_mailing_id_mailing_type",
    )
    server_action_id = fields.Many2one(
        "ir.actions.server",
        compute="_compute_server_action_id",
        store=True,
        readonly=False,
        ondelete="set null",
        index="btree_not_null",
        help="It runs with the rights of the campaign's responsible.",
    )
    # when
    trigger_type = fields.Selection(
        selection="_selection_trigger_type", string="Trigger", required=True, default="begin"
    )
    trigger_category = fields.Selection(
        selection="_selection_activity_type",
        compute="_compute_trigger_category",
        help="What the parent step must be for this trigger.",
    )
    parent_id = fields.Many2one(
        "marketing.activity",
        string="After Step",
        compute="_compute_parent_id",
        store=True,
        readonly=False,
        precompute=True,
        # Those below go with it, see unlink; what was taken out before stays.
        ondelete="set null",
        index=True,
        copy=False,
        domain="[('campaign_id', '=', campaign_id), ('id', '!=', id)]",
    )
    child_ids = fields.One2many(
        "marketing.activity",
        "parent_id",
        string="Child Steps",
        # Whoever asks: what was taken out follows nothing.
        context={"active_test": True},
    )
    interval_number = fields.Integer(
        "Delay", default=0, help="0 hours: at once, in the same run where possible."
    )
    interval_type = fields.Selection(
        INTERVAL_TYPES, string="Delay Type", default="hours", required=True
    )
    interval_standardized = fields.Float(
        "Delay (hours)",
        compute="_compute_interval_standardized",
        store=True,
        help="About how many hours the delay is; only to sort by.",
    )
    validity_duration = fields.Boolean(
        "Expiry Duration", help="Cancel the step where it could not be done in time."
    )
    validity_duration_number = fields.Integer("Expires After", default=0)
    validity_duration_type = fields.Selection(
        INTERVAL_TYPES, string="Expiry Duration Type", default="hours", required=True
    )
    # for whom
    activity_domain = fields.Char(
        "Step Filter",
        default="[]",
        help="Only for records that match; it applies to all steps below, too.",
    )
    domain = fields.Char(
        "Applied Filter",
        compute="_compute_domain",
        help="The filters of the campaign, of the steps above, and its own.",
    )
    # engine
    trace_ids = fields.One2many("marketing.trace", "activity_id", string="Traces", copy=False)
    require_sync = fields.Boolean(
        copy=False, readonly=True, help="It was changed since participants went past it."
    )
    is_updating = fields.Boolean(
        "Being Updated",
        copy=False,
        readonly=True,
        help="Its changes are being applied to participants, in the background. It executes"
        " nothing until that is done.",
    )
    update_date = fields.Datetime(
        "Updated On",
        copy=False,
        readonly=True,
        help="When its changes were last applied to participants.",
    )
    # statistics
    processed = fields.Integer("Done", compute="_compute_statistics")
    rejected = fields.Integer("Filtered out", compute="_compute_statistics")
    total_sent = fields.Integer("Sent", compute="_compute_statistics")
    total_open = fields.Integer("Opened", compute="_compute_statistics")
    total_click = fields.Integer("Clicked", compute="_compute_statistics")
    total_reply = fields.Integer("Replied", compute="_compute_statistics")
    total_bounce = fields.Integer("Bounced", compute="_compute_statistics")

    # Dates beyond the year 9999 cannot be read.
    _check_interval_number = models.Constraint(
        "CHECK(interval_number BETWEEN 0 AND 10000)",
        "The delay of a step cannot be negative, nor more than 10,000.",
    )
    _check_validity_duration_number = models.Constraint(
        "CHECK(validity_duration_number BETWEEN 0 AND 10000)",
        "The expiry duration of a step cannot be negative, nor more than 10,000.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("parent_id", "campaign_id", "trigger_type")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._(
                    "Steps cannot follow one another in a circle: %(activities)s",
                    activities=", ".join(self.mapped("name")),
                )
            )
        for activity in self | self.child_ids:
            parent = activity.parent_id
            values = {"activity": activity.name, "campaign": activity.campaign_id.name}
            if activity.trigger_type != "begin" and not parent:
                raise ValidationError(
                    self.env._(
                        "Choose the step that “%(activity)s” of campaign “%(campaign)s” comes"
                        " after.",
                        **values,
                    )
                )
            if parent and parent.campaign_id != activity.campaign_id:
                raise ValidationError(
                    self.env._(
                        "“%(activity)s” of campaign “%(campaign)s” cannot come after a step"
                        " of another campaign.",
                        **values,
                    )
                )
            category = activity._get_trigger().category
            if parent and category and parent.activity_type != category:
                raise ValidationError(
                    self.env._(
                        "“%(activity)s” of campaign “%(campaign)s” waits for something that"
                        " cannot happen to “%(parent)s”.",
                        parent=parent.name,
                        **values,
                    )
                )

    @api.constrains("activity_type")
    def _check_activity_type(self):
        self.child_ids._check_parent_id()

    @api.constrains("mass_mailing_id", "server_action_id", "activity_type", "campaign_id")
    def _check_models(self):
        for activity in self:
            model = activity.campaign_id.model_id
            mailing, action = activity.mass_mailing_id, activity.server_action_id.sudo()
            values = {"activity": activity.name, "campaign": activity.campaign_id.name}
            if mailing and (
                mailing.mailing_model_real != model.sudo().model
                or mailing.mailing_type != activity._get_step_type().mailing_type
            ):
                raise ValidationError(
                    self.env._(
                        "Message “%(mailing)s” does not fit “%(activity)s” of campaign"
                        " “%(campaign)s”: it has another target or type.",
                        mailing=mailing.subject,
                        **values,
                    )
                )
            if action and action.model_id != model:
                raise ValidationError(
                    self.env._(
                        "Server action “%(action)s” does not fit “%(activity)s” of campaign"
                        " “%(campaign)s”: it is made for another model.",
                        action=action.name,
                        **values,
                    )
                )

    @api.constrains("activity_domain", "campaign_id")
    def _check_activity_domain(self):
        for activity in self.filtered("model_name"):
            try:
                activity.campaign_id._check_filter(activity.activity_domain)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The filter of “%(activity)s” in campaign “%(campaign)s” cannot be used:"
                        " %(error)s",
                        activity=activity.name,
                        campaign=activity.campaign_id.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("activity_type")
    def _compute_mass_mailing_id(self):
        """A message does not follow its activity to another type."""
        for activity in self.filtered("mass_mailing_id"):
            if activity.mass_mailing_id.mailing_type != activity.mass_mailing_id_mailing_type:
                activity.mass_mailing_id = False

    @api.depends("activity_type")
    def _compute_mass_mailing_id_mailing_type(self):
        for activity in self:
            activity.mass_mailing_id_mailing_type = activity._get_step_type().mailing_type

    @api.depends("activity_type")
    def _compute_server_action_id(self):
        for activity in self:
            if activity._get_step_type().content_field != "server_action_id":
                activity.server_action_id = False

    @api.depends("trigger_type")
    def _compute_trigger_category(self):
        triggers = self._get_triggers()
        for activity in self:
            trigger = triggers.get(activity.trigger_type)
            activity.trigger_category = trigger.category if trigger else False

    @api.depends("trigger_type")
    def _compute_parent_id(self):
        for activity in self:
            activity.parent_id = False if activity.trigger_type == "begin" else activity.parent_id

    @api.depends("interval_number", "interval_type")
    def _compute_interval_standardized(self):
        factors = {"minutes": 1 / 60, "hours": 1, "days": 24, "weeks": 168, "months": 720}
        for activity in self:
            factor = factors.get(activity.interval_type, 1)
            activity.interval_standardized = activity.interval_number * factor

    @api.depends("activity_domain", "campaign_id.domain", "parent_id", "model_name")
    def _compute_domain(self):
        domains = {}
        for activity in self._sorted_by_depth():
            try:
                domain = activity._get_applied_domain(domains.get(activity.parent_id))
                domains[activity] = domain
                activity.domain = "[]" if domain.is_true() else repr(list(domain))
            except ValueError:
                activity.domain = activity.activity_domain

    def _compute_statistics(self):
        figures = self._origin._get_figures()
        for activity in self:
            values = figures.get(activity._origin.id, {})
            activity.processed = values.get("processed", 0)
            activity.rejected = values.get("rejected", 0)
            for key in ("sent", "open", "click", "reply", "bounce"):
                activity[f"total_{key}"] = values.get(key, 0)

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        authorship = self._get_authorship()
        activities = super().create([{**leave_out(vals), **authorship} for vals in vals_list])
        activities._check_in_workflow()
        activities.campaign_id._check_may_act_for()
        activities._complete_branches()
        activities._adopt_mailings()
        activities._mark_changed()
        activities.campaign_id._note_editor()
        activities.filtered("activity_domain").campaign_id._fill_in_mailing_lists()
        return activities

    def write(self, vals):
        vals = leave_out(vals)
        self._check_system_fields(vals)
        self._check_may_be_written(vals)
        self._load_beside(vals)
        campaigns = self.campaign_id
        res = super().write(vals)
        (campaigns | self.campaign_id)._check_may_act_for()
        if not {"activity_domain", "parent_id"}.isdisjoint(vals):
            # Applied to all activities below; as a dependency it would recurse that deep.
            self.invalidate_model(["domain"])
        if "mass_mailing_id" in vals:
            self._adopt_mailings()
        if not {"mass_mailing_id", "server_action_id", "activity_domain"}.isdisjoint(vals):
            self.campaign_id._go_on_when_mended()
        if not {"activity_type", "branch_ids"}.isdisjoint(vals):
            self._complete_branches()
        if not self._get_timing_fields().isdisjoint(vals):
            self._mark_changed()
        if "ignore_sending_hours" in vals:
            self.campaign_id._poll_soon()
        self._resume_if_mended(vals)
        self._note_authorship(vals)
        self._note_winner(vals)
        if "activity_domain" in vals:
            self.campaign_id._fill_in_mailing_lists()
        return res

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _load_beside(self, vals):
        """Read what stands beside values that are written to a message or an action beneath.

        While one of these fields is written, Odoo takes the others with the same compute
        method for empty, and the inverse method would empty them.
        """
        for name in vals:
            field = self._fields.get(name)
            if field and field.inverse and not field.store:
                self.mapped(name)

    def _adopt_mailings(self):
        """The mailings of activities belong to the campaign, and are no plain mailings."""
        for activity in self.filtered("mass_mailing_id"):
            activity.mass_mailing_id.write(
                {
                    "use_in_marketing_automation": True,
                    "campaign_id": activity.campaign_id.utm_campaign_id.id,
                }
            )

    @api.model
    def _get_timing_fields(self):
        """Fields on which it depends when a step comes to be for participants.

        :rtype: set[str]
        """
        kinds = self._get_step_types().values()
        return TIMING_FIELDS.union(*(kind.timing_fields for kind in kinds))

    def _mark_changed(self):
        """An Update is needed where somebody takes part already."""
        participants = self.env["marketing.participant"].sudo()
        for campaign, activities in self.grouped("campaign_id").items():
            if participants.search_count(
                [("campaign_id", "=", campaign.id), ("is_test", "=", False)], limit=1
            ):
                activities.require_sync = True

    def _copy_to(self, campaign):
        """Copy the workflow of a campaign to another one, with copies of the mailings.

        :return: the copies by id of the original
        :rtype: dict
        """
        if not self:
            return {}
        activities = self._sorted_by_depth()
        # At once, as if all came first: one after the other, each would be checked with all others.
        new = activities.copy({"campaign_id": campaign.id, "trigger_type": "begin"})
        copies = dict(zip(activities._ids, new, strict=True))
        branches = activities._copy_branches_to(copies)
        nothing = self.browse()
        new._place_in_workflow(
            [copies.get(activity.parent_id.id, nothing).id or None for activity in activities],
            activities.mapped("trigger_type"),
            [branches.get(activity.branch_id.id, nothing).id or None for activity in activities],
        )
        activities._copy_links_to(copies)
        for activity in activities.filtered("mass_mailing_id"):
            copies[activity.id].mass_mailing_id = activity.mass_mailing_id._copy_with_files()
        return copies

    def _get_domain(self):
        """The activity's own filter as a Domain.

        :raise ValueError: if it cannot be used
        """
        return parse_domain(self.env[self.model_name], self.activity_domain)

    def _get_applied_domain(self, above=None):
        """The filters of the campaign, of the activities above, and its own.

        :param Domain above: the applied filter of the activity above, where it is known
        :raise ValueError: if one of them cannot be used
        """
        self.ensure_one()
        if not self.model_name or self.model_name not in self.env:
            return Domain.FALSE
        if above is None:
            steps_above = self._get_path()[:-1]
            above = Domain.AND(
                [self.campaign_id._get_domain(), *(step._get_domain() for step in steps_above)]
            )
        return above & self._get_domain()
