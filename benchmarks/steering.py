"""Steps that steer: what is due goes on by a branch, jumps, or ends; what waits is polled.

The floors write the same rows in bare SQL: an ``UPDATE`` of the traces, and an ``INSERT`` of what
follows; or search for the records that are waited for.
"""

from odoo import Command

from . import data
from .tables import copy_rows, drop_tables

SIZES = ([20_000], [100_000, 1_000_000])
TABLES = ("marketing_participant", "marketing_trace", "bench_participant", "bench_trace")
FILTER = "[('country_id.code', '=', 'BE')]"


def run(bench, sizes):
    for size in sizes:
        for name, vals in (
            ("Condition by a filter", _condition({"domain": FILTER})),
            ("Split", {"activity_type": "split"}),
        ):
            _steer(bench, size, name, vals, _follow_branches, _floor_of_followers)
        _steer(bench, size, "Condition by an event", None, _follow_branches, _floor_of_followers)
        _steer(bench, size, "Go to", {"activity_type": "goto"}, _go_to, _floor_of_followers)
        _steer(bench, size, "Exit", {"activity_type": "exit"}, _stay_beside, _floor_of_exit)
        _poll(bench, size)


def _condition(test):
    return {"activity_type": "condition", "branch_ids": [Command.create(test)]}


def _steer(bench, size, name, vals, follow, floor):
    """A step for this many due runs.

    :param vals: of the step; None for a condition on what happened to an earlier step
    :param follow: function that makes what is written beside, of the step
    :param floor: function of a cursor and the step that writes the same rows
    """
    made = {}

    def begin():
        """The same runs anew: both commit, as the job does after each batch."""
        if made:
            data.forget(bench, made["campaign"])
        with bench.environment() as env:
            campaign = data.campaign(env, name, data.contacts(env, size))
            step = data.activity(env, campaign, **(vals or _condition_on_event(env, campaign)))
            beside = follow(step) if follow is _stay_beside else None
            data.participate(env, campaign, "scheduled")
            beside = beside or follow(step)
            copy_rows(env, campaign)
            campaign.state = "running"
            made.update(campaign=campaign.id, step=step.id, beside=beside.id)

    def steer(env):
        while env["marketing.activity"].browse(made["step"])._steer():
            env.cr.commit()

    def write_bare(env):
        floor(env.cr, made["step"], made["beside"])

    bench.compare(name, size, steer, write_bare, 2, TABLES, commit=True, begin=begin)
    with bench.environment() as env:
        drop_tables(env)
    data.forget(bench, made["campaign"])


def _condition_on_event(env, campaign):
    first = data.activity(env, campaign, activity_type="email")
    return _condition({"branch_type": "event", "event_activity_id": first.id, "event": "mail_open"})


def _follow_branches(step):
    """A step on each branch; the bare rows need just one."""
    followers = [
        data.activity(
            step.env,
            step.campaign_id,
            parent_id=step.id,
            trigger_type="branch",
            branch_id=branch.id,
        )
        for branch in step.branch_ids
    ]
    return followers[0]


def _go_to(step):
    step.goto_activity_id = data.activity(step.env, step.campaign_id)
    return step.goto_activity_id


def _stay_beside(step):
    """What is scheduled when the run ends."""
    return data.activity(step.env, step.campaign_id)


def _floor_of_followers(cr, step_id, follower_id):
    cr.execute(
        "UPDATE bench_trace SET state = 'processed', execution_date = now(), sent_datetime = now(),"
        " write_date = now() WHERE activity_id = %s AND state = 'scheduled'",
        [step_id],
    )
    cr.execute(
        """
        INSERT INTO bench_trace (
            participant_id, activity_id, parent_id, res_id, is_test, visit, state, schedule_date,
            create_date, write_date
        )
        SELECT participant_id, %s, id, res_id, is_test, visit, 'scheduled',
            sent_datetime + interval '1 day', now(), now()
        FROM bench_trace WHERE activity_id = %s AND state = 'processed'
        """,
        [follower_id, step_id],
    )


def _floor_of_exit(cr, step_id, beside_id):
    cr.execute(
        "UPDATE bench_trace SET state = 'processed', execution_date = now(), sent_datetime = now(),"
        " write_date = now() WHERE activity_id = %s AND state = 'scheduled'",
        [step_id],
    )
    cr.execute(
        "UPDATE bench_participant SET state = 'exited', exit_reason = 'step', exit_date = now(),"
        " write_date = now()"
    )
    cr.execute(
        "UPDATE bench_trace SET state = 'canceled', state_reason = 'exited',"
        " execution_date = now(), write_date = now() WHERE activity_id = %s",
        [beside_id],
    )


def _poll(bench, size):
    """This many runs wait for a filter that nobody matches."""
    with bench.environment() as env:
        campaign = data.campaign(env, "wait", data.contacts(env, size))
        step = data.activity(
            env,
            campaign,
            activity_type="wait",
            wait_type="filter",
            wait_domain="[('function', '=', 'Won')]",
        )
        data.participate(env, campaign, "scheduled")
        campaign.state = "running"
        step_id, campaign_id = step.id, campaign.id
        while step._steer():
            pass

    def poll(env):
        return env["marketing.activity"].browse(step_id)._release_waiting()

    def floor(env):
        env.cr.execute(
            """
            SELECT id FROM marketing_trace
            WHERE activity_id = %s AND state = 'scheduled' AND wait_since IS NOT NULL
                AND res_id IN (SELECT id FROM res_partner WHERE active AND function = 'Won')
            """,
            [step_id],
        )

    bench.compare("Poll of a wait", size, poll, floor, 2, ("marketing_trace",))
    data.forget(bench, campaign_id)
