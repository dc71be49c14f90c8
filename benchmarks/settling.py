"""What follows from executed traces: children are scheduled, or cancelled."""

from odoo.tools import SQL

from . import data
from .tables import copy_rows, drop_tables

SIZES = ([20_000], [100_000])
TABLES = ("marketing_participant", "marketing_trace", "bench_participant", "bench_trace")


def run(bench, sizes):
    for size in sizes:
        _settle(bench, size)
        _cancel(bench, size)


def _settle(bench, size):
    with bench.environment() as env:
        campaign = data.campaign(env, "settle", data.contacts(env, size))
        parent = data.activity(env, campaign)
        data.participate(env, campaign)
        child = data.activity(env, campaign, parent_id=parent.id, trigger_type="activity")
        copy_rows(env, campaign)
        campaign_id, parent_id, child_id = campaign.id, parent.id, child.id

    def settle(env):
        env["marketing.trace"]._schedule_children(
            env["marketing.activity"].browse(child_id), SQL("parent.activity_id = %s", parent_id)
        )

    def floor(env):
        env.cr.execute(
            """
            INSERT INTO bench_trace (
                participant_id, activity_id, parent_id, res_id, is_test, visit, state,
                schedule_date, create_date, write_date
            )
            SELECT participant_id, %s, id, res_id, is_test, visit, 'scheduled',
                execution_date + interval '1 day', now(), now()
            FROM bench_trace WHERE activity_id = %s AND state = 'processed'
            """,
            [child_id, parent_id],
        )

    bench.compare("Schedule children", size, settle, floor, 2, TABLES)
    with bench.environment() as env:
        drop_tables(env)
    data.forget(bench, campaign_id)


def _cancel(bench, size):
    with bench.environment() as env:
        campaign = data.campaign(env, "cancel", data.contacts(env, size))
        activity = data.activity(env, campaign)
        data.participate(env, campaign, "scheduled")
        copy_rows(env, campaign)
        campaign_id, trace_ids = campaign.id, activity.trace_ids.ids

    def cancel(env):
        env["marketing.trace"]._cancel(SQL("id = ANY(%s)", trace_ids), "user")

    def floor(env):
        env.cr.execute(
            "UPDATE bench_trace SET state = 'canceled', state_reason = 'user',"
            " execution_date = now(), write_date = now() WHERE id = ANY(%s)",
            [trace_ids],
        )
        env.cr.execute(
            "UPDATE bench_participant SET state = 'completed', write_date = now()"
            " WHERE campaign_id = %s",
            [campaign_id],
        )

    bench.compare("Cancel, and complete participants", size, cancel, floor, 2, TABLES)
    with bench.environment() as env:
        drop_tables(env)
    data.forget(bench, campaign_id)
