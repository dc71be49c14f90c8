"""Two Odoo processes that execute activities, against one."""

import time

from odoo.addons.marketing_automation.models.marketing_campaign_jobs import EXECUTION_JOB

from . import data, servers

SIZES = ([3_000], [20_000])
WANTED = 1.7
TIMEOUT = 1800  # seconds
# Twice would show.
CODE = "record.write({'color': record.color + 1})"


def run(bench, sizes):
    for size in sizes:
        seconds = {}
        with bench.environment() as env:
            # Other jobs would take turns with the one that is measured.
            env.cr.execute("UPDATE ir_cron SET active = FALSE")
            env.invalidate_all()
            env["marketing.campaign"]._set_jobs(EXECUTION_JOB, 2)
        for processes in (1, 2):
            seconds[processes] = min(_execute(bench, size, processes) for _ in range(bench.repeat))
        with bench.environment() as env:
            env["marketing.campaign"]._set_jobs(EXECUTION_JOB, 1)
        bench.add(
            "Two cron processes against one",
            size,
            seconds[2],
            floor=seconds[1],
            reach=WANTED,
            at_least=True,
            note="(floor: one process)",
        )


def _execute(bench, size, processes):
    with bench.environment() as env:
        campaign = data.campaign(env, "workers", data.contacts(env, size, "worker"))
        action = data.server_action(env, "code", code=CODE)
        activity = data.activity(env, campaign, server_action_id=action.id)
        campaign.action_start_campaign()
        data.participate(env, campaign, "scheduled")
        env.cr.execute("UPDATE res_partner SET color = 0 WHERE ref = %s", [f"worker-{size}"])
        env.cr.execute("DELETE FROM ir_cron_trigger")
        campaign_id, activity_id = campaign.id, activity.id
        job_ids = env["marketing.campaign"]._get_jobs(EXECUTION_JOB).ids
    bench.vacuum()
    running = [
        servers.Server(bench.registry.db_name, "--no-http", "--max-cron-threads=1")
        for _number in range(processes)
    ]
    try:
        for server in running:
            server.wait_until("Registry loaded")
        time.sleep(2)  # they listen
        with bench.environment() as env:
            env["ir.cron"].browse(job_ids).active = True
            for job in env["ir.cron"].browse(job_ids[:1]):
                job._trigger()
        seconds = _wait(bench, activity_id)
    finally:
        for server in running:
            server.stop()
            server.remove_log()
    with bench.environment() as env:
        env["ir.cron"].browse(job_ids).active = False
        env.cr.execute(
            "SELECT count(*) FROM res_partner WHERE ref = %s AND color = 1", [f"worker-{size}"]
        )
        assert env.cr.fetchone()[0] == size, "Something was executed twice"
    data.forget(bench, campaign_id)
    return seconds


def _wait(bench, activity_id):
    """Seconds until nothing is left to do."""
    start = time.perf_counter()
    while time.perf_counter() < start + TIMEOUT:
        with bench.environment() as env:
            env.cr.execute(
                "SELECT EXISTS (SELECT FROM marketing_trace"
                " WHERE activity_id = %s AND state = 'scheduled')",
                [activity_id],
            )
            if not env.cr.fetchone()[0]:
                return time.perf_counter() - start
        time.sleep(0.1)
    raise RuntimeError("The jobs do not get it done; see the logs of the servers")
