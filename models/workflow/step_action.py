"""Steps that run a server action."""

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from ...tools.run import ActionRun
from ...tools.source import sources_of
from ...tools.states import CANCELED, DONE
from .action_kind_other import ScheduleActivity
from .step_action_todo import TODO_EVENTS, TODO_FIGURES, TODO_METRICS, TODO_TRIGGERS
from .step_type import StepType

_lt = LazyTranslate("marketing_automation")


class ActionStep(StepType):
    key = "action"
    label = _lt("Server Action")
    icon = "fa-cogs"
    missing = _lt("“%(activity)s”: choose a server action.")
    content_field = "server_action_id"
    described_by = ("action_kind",)
    events = TODO_EVENTS
    triggers = TODO_TRIGGERS
    metrics = TODO_METRICS
    figures = TODO_FIGURES

    def run(self, activity, claims):
        """Run the action for those who have not asked to be left alone by what it sends."""
        env = activity.campaign_id._responsible_env()
        records = env[activity.model_name].browse([claim.res_id for claim in claims])
        traces = {claim.res_id: claim.trace_id for claim in claims}
        run = ActionRun(activity.model_name, traces, [], sources_of(claims, env))
        action = activity.server_action_id.with_env(env).with_context(marketing_action_run=run)
        refusals = action._get_refusals(records)
        if willing := records.filtered(lambda record: record.id not in refusals):
            action._run_for_participants(willing)
            activity.env["marketing.trace"]._link_todos(run.created)
        return [
            (claim.trace_id, CANCELED, refusals[claim.res_id])
            if claim.res_id in refusals
            else (claim.trace_id, *DONE)
            for claim in claims
        ]

    def find_refusals(self, activity, res_ids):
        env = activity.campaign_id._responsible_env()
        records = env[activity.model_name].browse(res_ids)
        return activity.server_action_id.with_env(env)._get_refusals(records)

    def get_possible_events(self, activity):
        """Those of to-dos, where the action creates any, or will once the choice is saved."""
        is_chosen = activity.action_kind == ScheduleActivity.key
        creates_todos = is_chosen or activity.server_action_id._may_create_todos()
        return list(self.events) if creates_todos else []

    def get_problems(self, activity):
        action, _ = activity.server_action_id.sudo(), activity.env._
        if not action:
            return [self.get_missing_problem(activity)]
        if problems := activity._get_action_problems():
            return problems
        try:
            warning = action.warning
        except KeyError as field:
            warning = _("field %(field)s is gone.", field=field)
        if warning:
            return [
                _(
                    "“%(activity)s”: mend its server action “%(action)s”: %(warning)s",
                    activity=activity.name,
                    action=action.name,
                    warning=warning,
                )
            ]
        if not action._may_be_run_in(activity.campaign_id._responsible_env()):
            return [
                _(
                    "“%(activity)s”: %(user)s may not run server action “%(action)s”.",
                    activity=activity.name,
                    user=activity.campaign_id.user_id.name,
                    action=action.name,
                )
            ]
        return []

    def describe(self, activity):
        return activity._describe_action() or super().describe(activity)


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), ActionStep.key: ActionStep()}
