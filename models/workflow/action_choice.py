"""What a step does without code, chosen where the activity is edited.

Beneath, it is a server action that was made for the step. One that was picked, or that another
step uses, too, is never changed from here: a new one takes its place.
"""

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...tools.rpc import on_one_record
from .action_kind_field import UPDATED_TYPES, get_options
from .action_kind_other import KINDS

EXISTING = "existing"
DEFAULTS = {
    "action_operation": "add",
    "action_deadline_number": 0,
    "action_deadline_type": "days",
}
# For administrators only.
WEBHOOK_FIELDS = ("action_webhook_url", "action_webhook_field_ids")
VALUE_FIELDS = sorted({name for kind in KINDS.values() for name in kind.fields} - {*WEBHOOK_FIELDS})
# Of the server action: what the values are read from.
SOURCE_FIELDS = (
    "activity_date_deadline_range",
    "activity_date_deadline_range_type",
    "activity_summary",
    "activity_type_id",
    "activity_user_id",
    "activity_user_type",
    "evaluation_type",
    "group_ids",
    "marketing_campaign_id",
    "marketing_list_id",
    "marketing_note",
    "resource_ref",
    "state",
    "update_boolean_value",
    "update_m2m_operation",
    "update_path",
    "value",
)


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    action_kind = fields.Selection(
        selection="_selection_action_kind",
        string="What It Does",
        compute="_compute_action",
        inverse="_inverse_action",
        help="What is done with each record, without code; or a server action that exists already.",
    )
    action_kinds = fields.Json(
        compute="_compute_action_kinds",
        help="What the user may choose for the target of the campaign.",
    )
    action_field_id = fields.Many2one(
        "ir.model.fields",
        string="Field",
        compute="_compute_action",
        inverse="_inverse_action",
        domain=f"[('model_id', '=', model_id), ('ttype', 'in', {UPDATED_TYPES}),"
        " ('readonly', '=', False), ('store', '=', True)]",
        help="The field of the record that is updated.",
    )
    action_operation = fields.Selection(
        [("add", "Add"), ("remove", "Remove"), ("set", "Replace all by")],
        string="Operation",
        compute="_compute_action",
        inverse="_inverse_action",
        help="What becomes of the records that are in the field already.",
    )
    action_value = fields.Char(
        "Value",
        compute="_compute_action",
        inverse="_inverse_action",
        help="What the field is set to; empty clears it.",
    )
    action_record = fields.Reference(
        selection="_selection_action_record",
        string="Record to Set",
        compute="_compute_action",
        inverse="_inverse_action",
        help="The tag, stage, user or other record that is added, removed or set.",
    )
    action_field_type = fields.Char(
        compute="_compute_action_field",
        help="Type of the field that is updated.",
    )
    action_options = fields.Json(
        compute="_compute_action_field",
        help="What the field that is updated can be set to, with labels, where that is a list.",
    )
    action_record_model_id = fields.Many2one(
        "ir.model",
        compute="_compute_action_field",
        help="Of which model the record is that is added, removed or set.",
    )
    action_list_id = fields.Many2one(
        "mailing.list",
        string="Mailing List for Records",
        compute="_compute_action",
        inverse="_inverse_action",
        help="Who has opted out of it is not opted in again; records without an email address are"
        " left out.",
    )
    action_campaign_id = fields.Many2one(
        "marketing.campaign",
        string="Campaign for Records",
        compute="_compute_action",
        inverse="_inverse_action",
        domain="[('model_id', '=', model_id), ('id', '!=', campaign_id)]",
        help="Whoever matches its filter takes part in it; or runs in it that are under way end.",
    )
    action_activity_type_id = fields.Many2one(
        "mail.activity.type",
        string="Activity Type",
        compute="_compute_action",
        inverse="_inverse_action",
        domain="['|', ('res_model', '=', False), ('res_model', '=', model_name)]",
    )
    action_summary = fields.Char("Summary", compute="_compute_action", inverse="_inverse_action")
    action_deadline_number = fields.Integer(
        "Due in", compute="_compute_action", inverse="_inverse_action"
    )
    action_deadline_type = fields.Selection(
        [("days", "Days"), ("weeks", "Weeks"), ("months", "Months")],
        string="Due Type",
        compute="_compute_action",
        inverse="_inverse_action",
    )
    action_user_id = fields.Many2one(
        "res.users",
        string="Assigned to",
        compute="_compute_action",
        inverse="_inverse_action",
        domain="[('share', '=', False)]",
        help="Empty: the record's own user, else the responsible of the campaign.",
    )
    action_note = fields.Text(
        "Note",
        compute="_compute_action",
        inverse="_inverse_action",
        help="It is logged as it is written.",
    )
    action_webhook_url = fields.Char(
        "Webhook Address",
        compute="_compute_action_webhook",
        compute_sudo=True,
        inverse="_inverse_action",
        groups="base.group_system",
        help="Each record is sent there as JSON, in a POST request.",
    )
    action_webhook_field_ids = fields.Many2many(
        "ir.model.fields",
        string="Fields to Send",
        compute="_compute_action_webhook",
        compute_sudo=True,
        inverse="_inverse_action",
        groups="base.group_system",
        domain="[('model_id', '=', model_id)]",
    )

    # ------------------------------------------------------------
    # SELECTIONS
    # ------------------------------------------------------------

    @api.model
    def _selection_action_kind(self):
        names = [(key, self.env._(kind.label)) for key, kind in KINDS.items()]
        return [*names, (EXISTING, self.env._("Existing Action"))]

    @api.model
    def _selection_action_record(self):
        return [(model.model, model.name) for model in self.env["ir.model"].sudo().search([])]

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("model_id")
    @api.depends_context("uid", "lang")
    def _compute_action_kinds(self):
        for activity in self:
            model = activity._get_target()
            suitable = [kind for kind in KINDS.values() if model is not None and kind.suits(model)]
            suitable.sort(key=lambda kind, model=model: model._name not in kind.first_for)
            activity.action_kinds = [
                {"key": kind.key, "label": kind.get_label(model), "icon": kind.icon}
                for kind in suitable
            ] + [{"key": EXISTING, "label": self.env._("Existing Action"), "icon": "fa-cogs"}]

    @api.depends("server_action_id", *(f"server_action_id.{name}" for name in SOURCE_FIELDS))
    @api.depends_context("uid")
    def _compute_action(self):
        for activity in self:
            kind, values = activity._read_action()
            if kind and not kind.suits(activity._get_target()):
                kind, values = None, {}
            key = kind.key if kind else bool(activity.server_action_id) and EXISTING
            for name, value in self._get_values_to_show(values).items():
                activity[name] = value
            activity.action_kind = key

    @api.depends(
        "server_action_id",
        "server_action_id.state",
        "server_action_id.webhook_url",
        "server_action_id.webhook_field_ids",
    )
    def _compute_action_webhook(self):
        for activity in self:
            values = activity._read_action()[1]
            activity.action_webhook_url = values.get("action_webhook_url")
            activity.action_webhook_field_ids = values.get("action_webhook_field_ids")

    @api.model
    def _get_values_to_show(self, values):
        """A value for each field that the dialog has for an action."""
        values = {**dict.fromkeys(VALUE_FIELDS, False), **DEFAULTS, **values}
        return {name: values[name] for name in VALUE_FIELDS}

    @api.depends("action_kind", "action_field_id", "model_id")
    @api.depends_context("lang")
    def _compute_action_field(self):
        for activity in self:
            kind, model = KINDS.get(activity.action_kind), activity._get_target()
            field = self.env["ir.model.fields"].sudo()
            if kind and model is not None:
                field = kind.get_field(model, {"action_field_id": activity.action_field_id})
            activity.action_field_type = field.ttype
            activity.action_options = get_options(model, field)
            activity.action_record_model_id = self.env["ir.model"].sudo()._get(field.relation)

    # ------------------------------------------------------------
    # CHANGES
    # ------------------------------------------------------------

    @api.onchange("activity_type")
    def _onchange_activity_type(self):
        """Other types of steps do nothing of this."""
        if self.activity_type != "action":
            self.action_kind = False

    @api.onchange("action_kind")
    def _onchange_action_kind(self):
        """Values of another choice mean something else."""
        chosen, model = KINDS.get(self.action_kind), self._get_target()
        if not chosen or model is None:
            return
        kind, values = self._read_action()
        if kind != chosen:
            values = chosen.get_defaults(model, self.campaign_id.user_id)
        for name, value in self._get_values_to_show(values).items():
            self[name] = value

    @api.onchange("action_field_id")
    def _onchange_action_field_id(self):
        """A value is the value of one field."""
        kind, values = self._read_action()
        if not kind or (kind.key, values.get("action_field_id")) != (
            self.action_kind,
            self.action_field_id,
        ):
            values = {}
        self.action_value = values.get("action_value")
        self.action_record = values.get("action_record")

    @api.onchange("action_kind", *VALUE_FIELDS, *WEBHOOK_FIELDS)
    def _onchange_action_name(self):
        """Propose what it does as its name."""
        kind, model = KINDS.get(self.action_kind), self._get_target()
        if not kind or model is None or not self._has_proposed_name():
            return
        values = self._get_action_values(kind)
        if not kind.get_problems(model, values):
            self.name = kind.describe(model, values)

    def _inverse_action(self):
        for activity in self.filtered(lambda activity: activity.activity_type == "action"):
            if kind := KINDS.get(activity.action_kind):
                activity._set_action(kind, activity._get_action_values(kind))

    def copy(self, default=None):
        """A copy does the same, with an action of its own."""
        copies = super().copy(default)
        for activity in copies:
            action = activity.server_action_id.sudo()
            if action.made_by_marketing:
                values = {"name": action.name, "made_by_marketing": True}
                activity.server_action_id = action.copy(values).sudo(False)
        return copies

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_one_record
    def action_open_server_action(self):
        """Open all that there is to set about the server action of this activity."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Server Action"),
            "res_model": "ir.actions.server",
            "res_id": self.server_action_id.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"is_modal": True},  # without its menu entry and model
        }

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _get_target(self):
        """The model of the campaign's target; None if there is none."""
        return self.env.get(self.model_name or "")

    def _get_action_values(self, kind):
        return {name: self[name] for name in kind.fields}

    def _read_action(self):
        """What the server action of this activity does without code.

        :return: the kind, and its values by field of the dialog; none for all other actions
        :rtype: tuple[ActionKind | None, dict]
        """
        action, model = self.server_action_id.sudo(), self._get_target()
        if action.made_by_marketing and model is not None:
            for kind in KINDS.values():
                values = kind.parse(model, action)
                if values is not None and action.group_ids == kind.get_groups(model.env):
                    return kind, values
        return None, {}

    def _set_action(self, kind, values):
        """Let the activity do this: in its own server action, or in a new one.

        :raise AccessError: if the user may not choose it
        :raise ValidationError: if a value is missing, or beyond the rights of the user
        """
        model = self._get_target()
        if model is None or not kind.suits(model):
            raise AccessError(
                self.env._(
                    "“%(activity)s”: you may not choose “%(choice)s” for these records.",
                    activity=self.name,
                    choice=self.env._(kind.label),
                )
            )
        if problems := kind.get_problems(model, values):
            raise ValidationError("\n".join(map(self._get_action_problem, problems)))
        vals = {**kind.prepare(model, values), "name": kind.describe(model, values)}
        action = self.server_action_id.sudo()
        if self._read_action()[0] == kind and action._is_made_for(self):
            action.write(vals)
        else:
            # As superuser, the defaults in a client's context do not count.
            self.server_action_id = action.create(
                {
                    **vals,
                    "made_by_marketing": True,
                    "model_id": self.model_id.id,
                    "group_ids": [Command.set(kind.get_groups(self.env).ids)],
                }
            ).sudo(False)

    def _get_action_problems(self):
        """What is gone of what the activity does without code, or beyond the rights of the
        responsible."""
        kind, values = self._read_action()
        if not kind:
            return []
        model = self.campaign_id._responsible_env()[self.model_name]
        problems = kind.get_problems(model.with_context(lang=self.env.lang), values)
        return [*map(self._get_action_problem, problems)]

    def _get_action_problem(self, problem):
        return self.env._("“%(activity)s”: %(problem)s", activity=self.name, problem=problem)

    def _describe_action(self):
        """What the activity does without code, in a few words; empty for other actions."""
        kind, values = self._read_action()
        return kind.describe(self._get_target(), values) if kind else ""
