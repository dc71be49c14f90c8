"""What Odoo runs around the life of the addon."""

import json
import logging
from ast import literal_eval

from .models.engine.jobs import JOBS
from .tools.expressions import without_fields

_logger = logging.getLogger(__name__)

# Where expressions with fields are kept: the field of the model's name, and the expressions.
EXPRESSIONS = {
    "ir.actions.act_window": ("res_model", ["domain", "context"]),
    "ir.filters": ("model_id", ["domain", "context", "sort"]),
}


def uninstall_hook(env):
    """Leave Email Marketing as it was before the installation.

    The mailings of campaigns stay as plain mailings; they are archived, since
    without their campaign they would show up as drafts to everybody. Copies of the
    scheduled job and the automation rules of entries, which Odoo does not know as the addon's, go.
    """
    for job in JOBS:
        env["marketing.campaign"]._set_jobs(job, 1)
    env["marketing.activity.figures"]._stop_counting()
    env["mailing.trace.report"].with_context(marketing_uninstall=True).init()
    env["marketing.campaign.entry"]._remove_all_rules()
    _forget_fields(env)
    # Without the addon their emails would leave.
    env["marketing.campaign"].remove_sample_contacts()
    mailings = env["mailing.mailing"].search([("use_in_marketing_automation", "=", True)])
    mailings.action_archive()
    env["marketing.campaign"]._forget_timezones()
    parameters = [("key", "=like", "marketing_automation.%")]
    env["ir.config_parameter"].search(parameters).unlink()


def _forget_fields(env):
    """Take the addon's fields out of the actions and favourites of other models."""
    own_models = set(_get_own(env, "ir.model").mapped("model"))
    fields = {
        (field.model, field.name)
        for field in _get_own(env, "ir.model.fields")
        if field.model not in own_models
    }
    names = {name for _model, name in fields}
    for model_name, (target, expressions) in EXPRESSIONS.items():
        for record in env[model_name].with_context(active_test=False).search([]):
            model = env.get(record[target])
            for expression in expressions if model is not None else ():
                text = record[expression] or ""
                if not any(name in text for name in names):
                    continue
                try:
                    left = without_fields(
                        model, text, lambda field: (field.model_name, field.name) in fields
                    )
                except SyntaxError:
                    _logger.warning("The %s of %s names a field that goes", expression, record)
                    continue
                if expression == "sort":  # Odoo wants it in JSON
                    left = json.dumps(literal_eval(left))
                record[expression] = left


def _get_own(env, model_name):
    """The models, or the fields, that no other addon has a part in."""
    data = env["ir.model.data"].search([("model", "=", model_name)])
    own = data.filtered(lambda xmlid: xmlid.module == "marketing_automation")
    shared = set((data - own).mapped("res_id"))
    return env[model_name].browse(
        [res_id for res_id in own.mapped("res_id") if res_id not in shared]
    )
