"""Due server actions, against Odoo's own run of the same action on the same records."""

from odoo.tools import split_every

from . import data

SIZES = ([1_000], [20_000])
BATCH_SIZE = 200  # that of the engine


def run(bench, sizes):
    for size in sizes:
        _execute(bench, size, "Update record, fixed value", _update_record, _run_at_once)
        _execute(bench, size, "Create activity", _create_activity, _run_at_once)
        _execute(bench, size, "Code for one record", _code, _run_one_by_one)


def _update_record(env):
    return {
        "state": "object_write",
        "update_path": "function",
        "evaluation_type": "value",
        "value": "Customer",
    }


def _create_activity(env):
    return {
        "state": "next_activity",
        "activity_type_id": env.ref(data.CALL_TYPE).id,
        "activity_summary": "Call",
        "activity_user_type": "specific",
        "activity_user_id": env.ref("base.user_admin").id,
    }


def _code(env):
    return {"state": "code", "code": "record.write({'function': 'Customer'})"}


def _run_at_once(action, res_ids):
    action.with_context(active_model="res.partner", active_ids=res_ids).run()


def _run_one_by_one(action, res_ids):
    """The best there is for code that is written for ``record``."""
    for res_id in res_ids:
        action.with_context(active_model="res.partner", active_id=res_id, active_ids=[res_id]).run()


def _execute(bench, size, what, values, run_bare):
    with bench.environment() as env:
        campaign = data.campaign(env, what, data.contacts(env, size, "action"))
        action = data.server_action(env, **values(env))
        data.activity(env, campaign, server_action_id=action.id)
        campaign.action_start_campaign()
        data.participate(env, campaign, "scheduled")
        campaign_id, action_id = campaign.id, action.id
        res_ids = campaign.participant_ids.mapped("res_id")
    traces = [("activity_id.campaign_id", "=", campaign_id)]

    def undo():
        """As if nothing had been executed."""
        with bench.environment() as env:
            done = env["marketing.trace"].search([*traces, ("state", "!=", "scheduled")])
            for query, ids in (
                (
                    "DELETE FROM mail_activity WHERE res_model = 'res.partner'"
                    " AND res_id = ANY(%s)",
                    res_ids,
                ),
                (
                    "DELETE FROM mail_followers WHERE res_model = 'res.partner'"
                    " AND res_id = ANY(%s)",
                    res_ids,
                ),
                ("UPDATE res_partner SET function = NULL WHERE id = ANY(%s)", res_ids),
                ("UPDATE marketing_trace SET state = 'scheduled' WHERE id = ANY(%s)", done.ids),
            ):
                env.cr.execute(query, [ids])

    def execute(env):
        env["marketing.campaign"]._cron_execute_activities()
        assert not env["marketing.trace"].search_count([*traces, ("state", "!=", "processed")])

    def bare(env):
        admin = env.ref("base.user_admin")
        user_env = env(
            user=admin,
            su=False,
            context=env["res.users"].with_user(admin).context_get(),
        )
        # In one go it is slower: Odoo searches all environments of a transaction for each new one.
        for batch in split_every(BATCH_SIZE, res_ids, list):
            run_bare(user_env["ir.actions.server"].browse(action_id), batch)
            env.cr.commit()

    bench.compare(
        f"Execute: {what}",
        size,
        execute,
        bare,
        1.15,
        ("res_partner", "marketing_trace", "mail_activity", "mail_followers"),
        prepare=undo,
        commit=True,
    )
    undo()
    data.forget(bench, campaign_id)
