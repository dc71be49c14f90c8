"""Two Odoo processes with jobs, against one."""

import time
from contextlib import contextmanager

from odoo.addons.marketing_automation.models.engine.jobs import EXECUTION_JOB

from . import data, servers

SIZES = ([3_000], [20_000])
WANTED = 1.7
TIMEOUT = 1800  # seconds
# Twice would show.
CODE = "record.write({'color': record.color + 1})"


def run(bench, sizes):
    for size in sizes:
        with side_by_side(bench, EXECUTION_JOB) as job_ids:
            seconds = {
                processes: min(
                    _execute(bench, size, processes, job_ids) for _ in range(bench.repeat)
                )
                for processes in (1, 2)
            }
        bench.add(
            "Two cron processes against one",
            size,
            seconds[2],
            floor=seconds[1],
            reach=WANTED,
            at_least=True,
            note="(floor: one process)",
        )


def _execute(bench, size, processes, job_ids):
    with bench.environment() as env:
        campaign = data.campaign(env, "workers", data.contacts(env, size, "worker"))
        action = data.server_action(env, "code", code=CODE)
        activity = data.activity(env, campaign, server_action_id=action.id)
        campaign.action_start_campaign()
        data.participate(env, campaign, "scheduled")
        env.cr.execute("UPDATE res_partner SET color = 0 WHERE ref = %s", [f"worker-{size}"])
        campaign_id, activity_id = campaign.id, activity.id
    seconds = time_jobs(
        bench,
        processes,
        job_ids,
        "SELECT FROM marketing_trace WHERE activity_id = %s AND state = 'scheduled'",
        activity_id,
    )
    with bench.environment() as env:
        env.cr.execute(
            "SELECT count(*) FROM res_partner WHERE ref = %s AND color = 1", [f"worker-{size}"]
        )
        assert env.cr.fetchone()[0] == size, "Something was executed twice"
    data.forget(bench, campaign_id)
    return seconds


@contextmanager
def side_by_side(bench, *first_jobs):
    """Two of each of these jobs, and no other that would take turns with them.

    :return: their ids
    """
    with bench.environment() as env:
        env.cr.execute("UPDATE ir_cron SET active = FALSE")
        env.invalidate_all()
        job_ids = []
        for first_job in first_jobs:
            env["marketing.campaign"]._set_jobs(first_job, 2)
            job_ids += env["marketing.campaign"]._get_jobs(first_job).ids
    yield job_ids
    with bench.environment() as env:
        for first_job in first_jobs:
            env["marketing.campaign"]._set_jobs(first_job, 1)


def time_jobs(bench, processes, job_ids, left, *parameters, start=None):
    """Let real server processes do what is to be done.

    :param int processes: how many
    :param list job_ids: scheduled jobs that take part; the first is woken
    :param left: query that has rows as long as something is left to do; or a function that says
        whether there is
    :param start: function of an environment, instead of waking the first job
    :return: seconds from the start until nothing is left
    """
    with bench.environment() as env:
        env.cr.execute("DELETE FROM ir_cron_trigger")
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
        begin = time.perf_counter()
        with bench.environment() as env:
            if start:
                start(env)
            else:
                env["ir.cron"].browse(job_ids[0])._trigger()
        while left() if callable(left) else _is_left(bench, left, parameters):
            if time.perf_counter() > begin + TIMEOUT:
                raise RuntimeError("The jobs do not get it done; see the logs of the servers")
            time.sleep(0.1)
        return time.perf_counter() - begin
    finally:
        for server in running:
            server.stop()
            server.remove_log()
        with bench.environment() as env:
            env["ir.cron"].browse(job_ids).active = False


def _is_left(bench, query, parameters):
    """Whether a query has rows."""
    with bench.environment() as env:
        env.cr.execute(f"SELECT EXISTS ({query})", parameters)  # pylint: disable=sql-injection
        return env.cr.fetchone()[0]
