"""What Odoo runs around the life of the addon."""

from .models.marketing_campaign_jobs import EXECUTION_JOB, SENDING_JOB

# Keep in step with data/ir_actions_data.xml.
HIDDEN_TERM = ", ('use_in_marketing_automation', '=', False)"


def uninstall_hook(env):
    """Leave Email Marketing as it was before the installation.

    The mailings of campaigns stay as plain mailings; they are archived, since
    without their campaign they would show up as drafts to everybody. Copies of the
    scheduled job, which Odoo does not know as the addon's, go.
    """
    for job in (EXECUTION_JOB, SENDING_JOB):
        env["marketing.campaign"]._set_jobs(job, 1)
    env["marketing.activity.figures"]._stop_counting()
    actions = env["ir.actions.act_window"].search(
        [("domain", "like", "use_in_marketing_automation")]
    )
    for action in actions:
        action.domain = action.domain.replace(HIDDEN_TERM, "")
    mailings = env["mailing.mailing"].search([("use_in_marketing_automation", "=", True)])
    mailings.action_archive()
