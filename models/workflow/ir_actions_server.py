from odoo import api, fields, models


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

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Odoo's form needs the fields that only administrators see."""
        if view_type == "form" and not self.env.user.has_group("base.group_system"):
            view_id = self.env.ref("marketing_automation.ir_actions_server_view_form").id
        return super().get_view(view_id, view_type, **options)

    def write(self, vals):
        res = super().write(vals)
        self._tell_activities()
        return res

    def _tell_activities(self):
        """These actions were changed: what waited for that goes on."""
        changed = level = self.sudo()
        while level := level.parent_id - changed:
            changed |= level
        activities = self.env["marketing.activity"].sudo()
        activities = activities.search([("server_action_id", "in", changed.ids)])
        activities._resume_mended()
        activities.campaign_id._go_on_when_mended()

    def _may_be_run_in(self, env):
        """Whether Odoo lets the user of this environment run the action.

        The actions of scheduled jobs and automation rules are nobody's to pick.
        """
        action = self.sudo()
        if action.usage != "ir_actions_server":
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
            records.sudo().write({action.update_field_id.name: action._eval_value()[action.id]})
            return
        for batch in records if self._runs_alone() else [records]:
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
        """Whether each record needs a run of its own: code is written for ``record``."""
        return "code" in self._get_all_actions().mapped("state")

    def _get_all_actions(self):
        """The action and those that it consists of, as superuser."""
        actions = level = self.sudo()
        while level := level.child_ids:
            actions |= level
        return actions
