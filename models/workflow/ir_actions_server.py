from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.run import ActionRun

# How code creates activities of Odoo: by the mixin of the records, or by their model.
CREATING_CODE = ("activity_schedule", "mail.activity")


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    # Marketing users see the actions that they may pick, by name, model and type. What these
    # write, send and to whom (formulas, addresses that hold a key...) is the administrators'.
    show_code_history = fields.Boolean(groups="base.group_system")
    value = fields.Text(groups="base.group_system")
    html_value = fields.Html(groups="base.group_system")
    resource_ref = fields.Reference(groups="base.group_system")
    selection_value = fields.Many2one(groups="base.group_system")
    sequence_id = fields.Many2one(groups="base.group_system")
    webhook_url = fields.Char(groups="base.group_system")
    webhook_field_ids = fields.Many2many(groups="base.group_system")
    webhook_sample_payload = fields.Text(groups="base.group_system")
    activity_summary = fields.Char(groups="base.group_system")
    activity_note = fields.Html(groups="base.group_system")
    activity_user_id = fields.Many2one(groups="base.group_system")
    partner_ids = fields.Many2many(groups="base.group_system")

    made_by_marketing = fields.Boolean(
        readonly=True,
        copy=False,
        help="It was made in the dialog of a step of a campaign, and goes when no step"
        " uses it any more.",
    )

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Odoo's form needs the fields that only administrators see."""
        if view_type == "form" and not self.env.user.has_group("base.group_system"):
            view_id = self.env.ref("marketing_automation.ir_actions_server_view_form").id
        return super().get_view(view_id, view_type, **options)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_running_campaign(self):
        for action in self:
            activities = action._get_marketing_activities()
            running = activities.filtered(lambda step: step.campaign_id.state == "running")
            if activity := running[:1]:
                raise UserError(
                    self.env._(
                        "“%(action)s” cannot be deleted: “%(activity)s” of the running campaign"
                        " “%(campaign)s” runs it. Choose another action there first, or stop the"
                        " campaign.",
                        action=action.name,
                        activity=activity.name,
                        campaign=activity.campaign_id.name,
                    )
                )

    def write(self, vals):
        res = super().write(vals)
        self._tell_activities()
        return res

    def _tell_activities(self):
        """These actions were changed: what waited for that goes on."""
        activities = self._get_marketing_activities()
        activities._resume_mended()
        activities.campaign_id._go_on_when_mended()

    def _get_marketing_activities(self):
        """The activities of campaigns that run these actions, or actions that these are a part of,
        as superuser."""
        actions = level = self.sudo()
        while level := level.parent_id - actions:
            actions |= level
        activities = self.env["marketing.activity"].sudo()
        return activities.search([("server_action_id", "in", actions.ids)])

    @api.model
    def _get_eval_context(self, action=None):
        """Code and formulas in a step of a campaign know what has led the record into it."""
        run = ActionRun.of(self.env)
        source = None
        if run and self.env.context.get("active_model") == run.model_name:
            # They run for records with the same source.
            res_ids = self.env.context.get("active_ids") or [None]
            source = run.sources.get(res_ids[0])
        return {**super()._get_eval_context(action), "source": source}

    def _may_be_run_in(self, env):
        """Whether the user of this environment can run the action: Odoo lets them, and they may
        change the campaigns that it lets records into, or out of.

        The actions of scheduled jobs and automation rules are nobody's to pick.
        """
        action = self.sudo()
        if action.usage != "ir_actions_server" or not self._may_move_in(env):
            return False
        if action.group_ids:
            return bool(action.group_ids & env.user.all_group_ids)
        return env[action.model_name].has_access("write")

    def _run_for_participants(self, records):
        """Run the action for records of a campaign, at once where its type allows.

        :param records: in the environment of the campaign's responsible, whose rights count
        """
        self.ensure_one()
        if self._writes_same_value():
            action = self.sudo()
            action._can_execute_action_on_records(records)
            if not action.made_by_marketing:
                records = records.sudo()
            records.write({action.update_field_id.name: action._eval_value()[action.id]})
            return
        alone = self._runs_alone()
        for batch in records if alone else ActionRun.of(self.env).group_by_source(records):
            self.with_context(
                active_model=records._name,
                active_id=batch.id if len(batch) == 1 else False,
                active_ids=batch.ids,
            ).run()

    def _writes_same_value(self):
        """Whether one write does for all records what Odoo does record by record."""
        action = self.sudo()
        return (
            action.state == "object_write"
            and action.evaluation_type == "value"
            and "." not in (action.update_path or ".")
            and not action.warning
        )

    def _runs_alone(self):
        """Whether each record needs a run of its own: code is written for ``record``, and Odoo
        gives activities to the user of the record before where one has none."""
        return any(
            action.state == "code"
            or (action.state == "next_activity" and action.activity_user_type == "generic")
            for action in self._get_all_actions()
        )

    def _may_create_todos(self):
        """Whether it may create activities of Odoo, such as calls, on the records."""
        actions = self._get_all_actions()
        codes = actions.filtered(lambda action: action.state == "code").mapped("code")
        updates = actions.filtered(lambda action: action.state == "object_write")
        return (
            "next_activity" in actions.mapped("state")
            or "activity_ids" in updates.mapped("update_path")
            or any(name in (code or "") for code in codes for name in CREATING_CODE)
        )

    def _get_all_actions(self):
        """The action and those that it consists of, as superuser."""
        actions = level = self.sudo()
        while level := level.child_ids:
            actions |= level
        return actions

    # ------------------------------------------------------------
    # MADE IN THE DIALOG OF AN ACTIVITY
    # ------------------------------------------------------------

    def _run_action_next_activity(self, eval_context=None):
        """Odoo gives it to nobody where the record has no user."""
        if self.made_by_marketing:
            self = self.with_context(default_user_id=self.env.uid)  # noqa: PLW0642
        return super()._run_action_next_activity(eval_context)

    def _is_made_for(self, activity):
        """Whether this action was made for an activity that alone uses it."""
        others = self.env["marketing.activity"].sudo().with_context(active_test=False)
        return (
            self.made_by_marketing
            and self not in self._filter_used_elsewhere()
            and not others.search_count(
                [("server_action_id", "=", self.id), ("id", "!=", activity.id)], limit=1
            )
        )

    def _filter_used_elsewhere(self):
        """Those that something else than an activity runs, too."""
        return self.filtered(
            lambda action: (
                action.parent_id
                or action.binding_model_id
                or action.ir_cron_ids
                or action.usage != "ir_actions_server"
            )
        )

    @api.autovacuum
    def _gc_made_by_marketing(self):
        """Delete what was made for activities that are gone or do something else now; those that
        were taken out of their workflow tell by it what they have done."""
        used = self.env["marketing.activity"]._search(
            [("server_action_id", "!=", False)], active_test=False
        )
        unused = self.search(
            Domain("made_by_marketing", "=", True)
            & Domain("id", "not in", used.subselect("server_action_id"))
        )
        (unused - unused._filter_used_elsewhere()).unlink()
