from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools.domains import check_domain, parse_domain
from ...tools.rpc import on_records

# By these messages that wait, or are queued, may go out at another moment.
HOURS_FIELDS = {"outside_hours", "sending_calendar_id", "sending_timezone", "user_id"}


class MarketingCampaign(models.Model):
    """A workflow of activities that runs for each record of a target audience.

    A campaign is also a UTM campaign, so that what comes out of it (clicks, leads,
    orders) is attributed to it.
    """

    _name = "marketing.campaign"
    _description = "Marketing Campaign"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _inherits = {"utm.campaign": "utm_campaign_id"}
    _order = "create_date DESC, id DESC"
    _rec_name = "name"

    utm_campaign_id = fields.Many2one(
        "utm.campaign", string="UTM Campaign", required=True, ondelete="restrict", index=True
    )
    active = fields.Boolean(default=True, tracking=True)
    user_id = fields.Many2one(
        related="utm_campaign_id.user_id",
        inherited=True,
        readonly=False,
        tracking=True,
        help="The campaign runs with the rights, the language, the time zone and the companies of"
        " this user.",
    )
    # Kept here since visitors wait for it: who clicks sets off steps that are days ahead.
    timezone = fields.Selection(
        related="user_id.tz",
        string="Time Zone",
        store=True,
        help="In which days, weeks and months are counted: that of the responsible.",
    )
    state = fields.Selection(
        [("draft", "New"), ("running", "Running"), ("stopped", "Stopped")],
        default="draft",
        required=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    # audience
    model_id = fields.Many2one(
        "ir.model",
        string="Target",
        index=True,
        # An uninstalled addon takes its models along; the campaign and its figures stay.
        ondelete="set null",
        domain="[('is_mailing_enabled', '=', True), ('is_mail_thread', '=', True)]",
        default=lambda self: self.env["ir.model"]._get("res.partner"),
        tracking=True,
        help="The campaign runs once for each record of this kind that matches the filter.",
    )
    model_name = fields.Char(related="model_id.model", string="Target Model", store=True)
    domain = fields.Char(
        string="Filter",
        compute="_compute_domain",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="The records that take part. It is checked again before each step.",
    )
    unique_field_id = fields.Many2one(
        "ir.model.fields",
        string="Unicity based on",
        compute="_compute_unique_field_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ['char', 'integer', 'many2one', 'selection', 'text'])]",
        tracking=True,
        help="Of several records with the same value in this field, only one takes part.",
    )
    include_archived = fields.Boolean(tracking=True, help="Archived records take part too.")
    mailing_filter_id = fields.Many2one(
        "mailing.filter",
        string="Favorite Filter",
        compute="_compute_mailing_filter_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('mailing_model_name', '=', model_name)]",
    )
    mailing_filter_domain = fields.Char(
        "Favorite Filter Domain", related="mailing_filter_id.mailing_domain"
    )
    mailing_filter_count = fields.Integer(
        "Favorite Filters", compute="_compute_mailing_filter_count"
    )
    last_sync_date = fields.Datetime(
        "Last Synchronisation",
        copy=False,
        readonly=True,
        help="When participants were last enrolled.",
    )
    # workflow
    marketing_activity_ids = fields.One2many(
        "marketing.activity",
        "campaign_id",
        string="Workflow",
        # Whoever asks: what was taken out is no part of it.
        context={"active_test": True},
        copy=False,
    )
    require_sync = fields.Boolean(
        compute="_compute_require_sync",
        help="The workflow was changed since participants went through it.",
    )
    mass_mailing_count = fields.Integer("Number of Messages", compute="_compute_mass_mailing_count")
    link_tracker_click_count = fields.Integer("Clicks", compute="_compute_link_tracker_click_count")
    # participants
    participant_ids = fields.One2many(
        "marketing.participant", "campaign_id", string="Participants", copy=False
    )
    running_participant_count = fields.Integer(
        "Running Participants", compute="_compute_participant_count"
    )
    completed_participant_count = fields.Integer(
        "Completed Participants", compute="_compute_participant_count"
    )
    exited_participant_count = fields.Integer(
        "Exited Participants",
        compute="_compute_participant_count",
        help="Their run ended before its last step: at an exit, or by hand.",
    )
    removed_participant_count = fields.Integer(
        "Removed Participants",
        compute="_compute_participant_count",
        help="Their record was deleted.",
    )
    total_participant_count = fields.Integer(
        "Participants Count",
        compute="_compute_participant_count",
        help="All who joined: running, completed, exited and removed.",
    )
    test_participant_count = fields.Integer("Tests", compute="_compute_participant_count")

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("model_id", "domain", "mailing_filter_id")
    def _check_domain(self):
        for campaign in self.filtered("model_id"):
            try:
                campaign._check_filter(campaign.domain)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The filter of campaign “%(campaign)s” cannot be used: %(error)s",
                        campaign=campaign.name,
                        error=error,
                    )
                ) from error
            if campaign.mailing_filter_id.mailing_model_id not in (
                self.env["ir.model"],
                campaign.model_id,
            ):
                raise ValidationError(
                    self.env._(
                        "The favorite filter “%(filter)s” is made for another target than"
                        " campaign “%(campaign)s”.",
                        filter=campaign.mailing_filter_id.name,
                        campaign=campaign.name,
                    )
                )

    @api.constrains("model_id")
    def _check_model_id(self):
        for campaign in self:
            model = campaign.model_id.sudo()
            if not (model.is_mail_thread and model.model in self.env):
                raise ValidationError(
                    self.env._(
                        "Campaign “%(campaign)s” needs a target that messages can be sent to,"
                        " such as contacts or leads.",
                        campaign=campaign.name,
                    )
                )

    @api.constrains("unique_field_id", "model_id")
    def _check_unique_field_id(self):
        for campaign in self:
            field = campaign.unique_field_id.sudo()
            if field and not campaign._can_be_unique_on(field):
                raise ValidationError(
                    self.env._(
                        "Campaign “%(campaign)s” cannot be unique on “%(field)s”: choose a stored"
                        " field of its target.",
                        campaign=campaign.name,
                        field=field.field_description,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for campaign in self.filtered(lambda campaign: campaign.state == "running"):
            raise UserError(
                self.env._(
                    "Stop campaign “%(campaign)s” before you delete it.", campaign=campaign.name
                )
            )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("model_id", "mailing_filter_id")
    def _compute_domain(self):
        for campaign in self:
            campaign.domain = campaign.mailing_filter_id.mailing_domain or "[]"

    @api.depends("model_id")
    def _compute_unique_field_id(self):
        for campaign in self:
            model = self.env.get(campaign.model_id.sudo().model)
            email_field = getattr(model, "_primary_email", None) or "email"
            campaign.unique_field_id = (
                self.env["ir.model.fields"].sudo()._get(model._name, email_field)
                if model is not None
                and email_field in model._fields
                and model._fields[email_field].store
                else False
            )

    @api.depends("model_id")
    def _compute_mailing_filter_id(self):
        self.mailing_filter_id = False

    @api.depends("model_id")
    def _compute_mailing_filter_count(self):
        counts = dict(
            self.env["mailing.filter"]._read_group(
                [("mailing_model_id", "in", self.model_id.ids)], ["mailing_model_id"], ["__count"]
            )
        )
        for campaign in self:
            campaign.mailing_filter_count = counts.get(campaign.model_id, 0)

    @api.depends("marketing_activity_ids.require_sync")
    def _compute_require_sync(self):
        for campaign in self:
            campaign.require_sync = any(campaign.marketing_activity_ids.mapped("require_sync"))

    @api.depends("all_activity_ids.mass_mailing_id")
    def _compute_mass_mailing_count(self):
        for campaign in self:
            campaign.mass_mailing_count = len(campaign.all_activity_ids.mass_mailing_id)

    def _compute_link_tracker_click_count(self):
        domain = [
            ("campaign_id", "in", self.utm_campaign_id.ids),
            ("counts_for_campaign", "=", True),
        ]
        if not self.env.su:
            domain.append(("company_id", "in", [False, *self.env.companies.ids]))
        clicks = self.env["link.tracker.click"].sudo()
        counts = dict(clicks._read_group(domain, ["campaign_id"], ["__count"]))
        for campaign in self:
            campaign.link_tracker_click_count = counts.get(campaign.utm_campaign_id, 0)

    def _compute_participant_count(self):
        counts = {
            key: count
            for *key_parts, count in self.env["marketing.participant"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id", "is_test", "state"], ["__count"]
            )
            for key in [tuple(key_parts)]
        }
        states = self.env["marketing.participant"]._fields["state"].get_values(self.env)
        for campaign in self:
            live = {state: counts.get((campaign._origin, False, state), 0) for state in states}
            campaign.running_participant_count = live["running"]
            campaign.completed_participant_count = live["completed"]
            campaign.exited_participant_count = live["exited"]
            campaign.removed_participant_count = live["unlinked"]
            campaign.total_participant_count = sum(live.values())
            campaign.test_participant_count = sum(
                counts.get((campaign._origin, True, state), 0) for state in states
            )

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        editions = [self._take_edition(vals) for vals in vals_list]
        vals_list = [vals for vals, _edition in editions]
        for vals in vals_list:
            # The A/B test of a UTM campaign would wake its job at each write of a mailing.
            vals.setdefault("ab_testing_schedule_datetime", False)
            vals.setdefault("is_auto_campaign", True)
            vals.update(self._get_authorship())
        speaking = self._without_silence()
        campaigns = super(MarketingCampaign, speaking).create(vals_list).with_env(self.env)
        campaigns._note_targets()
        for campaign, (_vals, edition) in zip(campaigns, editions, strict=True):
            campaign._apply_edition(edition)
        campaigns._check_may_act_for()
        campaigns._note_responsible()
        return campaigns

    def write(self, vals):
        self._check_system_fields(vals)
        if vals.get("name") and "title" not in vals:
            # Odoo makes the name of the title, with a number where it is taken.
            vals = {**vals, "title": vals["name"]}
            del vals["name"]
        if "model_id" in vals:
            self._check_model_can_change(vals["model_id"])
        if vals.get("active") is False:
            vals = {**vals, "state": "stopped"}
        vals, edition = self._take_edition(vals)
        starting = self.filtered(lambda campaign: campaign.state != vals.get("state") == "running")
        editing = self._without_silence().with_context(marketing_edition=edition)
        res = super(MarketingCampaign, editing).write(vals)
        self._apply_edition(edition)
        if "model_id" in vals:
            self._note_targets()
        self._check_may_write(vals)
        self._note_authorship(vals)
        starting._let_in()
        self._adapt_entries(vals)
        self._go_on_after(vals)
        return res

    def copy(self, default=None):
        copies = super().copy(default)
        for campaign, copy in zip(self, copies, strict=True):
            campaign.marketing_activity_ids._copy_to(copy)
        return copies

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_records
    def action_start_campaign(self):
        """Start, or go on after a stop. Participants are enrolled in the background.

        :raise UserError: with the list of all that is wrong in the workflow
        """
        self.write({"state": "running"})
        return True

    @on_records
    def action_stop_campaign(self):
        """Execute and enrol nothing any more; what is scheduled, or queued and not handed over
        yet, waits for a new start."""
        self.write({"state": "stopped"})
        return True

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _check_model_can_change(self, model_id):
        """Another target would break the activities: filters, mailings and actions."""
        for campaign in self.filtered(lambda campaign: campaign.model_id.id != model_id):
            if campaign.marketing_activity_ids:
                raise UserError(
                    self.env._(
                        "The target of campaign “%(campaign)s” cannot change while it has"
                        " steps. Delete them first, or make a new campaign.",
                        campaign=campaign.name,
                    )
                )
            if campaign.all_activity_ids:
                raise UserError(
                    self.env._(
                        "The target of campaign “%(campaign)s” cannot change any more: it has"
                        " steps that are done. Make a new campaign.",
                        campaign=campaign.name,
                    )
                )

    def _can_be_unique_on(self, field):
        """Whether a field is stored by the target, and one may read it: who takes part would
        tell who has the same value."""
        if field.model_id != self.model_id or not field.store:
            return False
        model = self._get_model()
        # Constraints are checked as superuser.
        return model is None or model.sudo(False)._has_field_access(
            model._fields[field.name], "read"
        )

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _go_on_after(self, vals):
        """What was written starts or stops the campaign, or mends what it waited for."""
        if not HOURS_FIELDS.isdisjoint(vals):
            self._poll_soon()
        if "hourly_limit" in vals:
            self._adapt_to_limit()
        if "is_transactional" in vals:
            self._ask_capped_again()
        if vals.get("state") == "running":
            self._wake_up_when_due()
        elif vals.get("state") == "stopped":
            self._take_back_queued()
        elif "unique_field_id" in vals:
            self._enrol_soon()  # which recognises those who take part by it
        elif not {"domain", "mailing_list_ids", "user_id"}.isdisjoint(vals):
            self._go_on_when_mended()

    def _get_model(self):
        """The target model in the current environment, or None if it is gone."""
        return self.env.get(self.model_name)

    def _get_domain(self):
        """The audience as a Domain.

        :raise ValueError: if the filter cannot be used
        """
        self.ensure_one()
        model = self._get_model()
        return Domain.FALSE if model is None else parse_domain(model, self.domain)

    def _check_filter(self, text):
        """Try a filter on the target with the rights of the user who asks.

        :param str text: the domain
        :raise ValueError: if it cannot be used
        """
        self.ensure_one()
        model = self._get_model()
        if model is not None:
            # Constraints are checked as superuser.
            check_domain(model.sudo(False), text)

    @api.model
    @tools.ormcache("model_name")
    def _is_target(self, model_name):
        """Whether a campaign works, or worked, on this model."""
        return bool(
            self.sudo()
            .with_context(active_test=False)
            .search_count([("model_name", "=", model_name)], limit=1)
        )

    def _note_targets(self):
        """These campaigns have got their target. Where it has had none before, all processes forget
        what they know, since they may know that."""
        others = self.sudo().with_context(active_test=False)
        groups = others._read_group(
            [("id", "not in", self.ids), ("model_id", "in", self.model_id.ids)], ["model_id"]
        )
        if not {model.id for (model,) in groups}.issuperset(self.model_id.ids):
            self.env.registry.clear_cache()
