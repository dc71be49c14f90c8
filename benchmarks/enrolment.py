"""Records become participants with their first traces."""

from odoo import Command
from odoo.tools import SQL

from . import data
from .tables import copy_tables, drop_tables

SIZES = ([10_000, 50_000], [10_000, 100_000, 1_000_000])
TABLES = ("marketing_participant", "marketing_trace")


# One write() of so many records, as by the wizard of a list.
WRITTEN = 5_000


def run(bench, sizes):
    for size in sizes:
        repeat = 1 if size > 500_000 else bench.repeat
        for activities in (1, 3):
            _enrol(bench, size, repeat, activities, f"Enrol, {activities} first activities")
        _enrol(bench, size, repeat, 1, "Enrol, unique email", unique="email")
        _enrol(bench, size, repeat, 1, "Enrol by number", by_number=True)
        _enrol(bench, size, repeat, 1, "Enrol by number, unique", unique="email", by_number=True)
        _enrol(
            bench,
            size,
            repeat,
            1,
            "Enrol, filter over related table",
            [("country_id.code", "=", "BE")],
        )
    _enrol_by_event(bench, WRITTEN)


def _enrol(bench, size, repeat, activities, what, extra=(), unique=None, by_number=False):
    expected = size // 2 if extra else size
    with bench.environment() as env:
        domain = [*data.contacts(env, size), *extra]
        field = env["ir.model.fields"]._get("res.partner", unique) if unique else False
        campaign = data.campaign(env, what, domain, unique_field_id=field and field.id)
        for _number in range(activities):
            data.activity(env, campaign)
        campaign.action_start_campaign()
        campaign_id, activity_ids = campaign.id, campaign.marketing_activity_ids.ids
        res_ids = data.contact_ids(env, size) if by_number else []

    def enrol(env):
        campaign = env["marketing.campaign"].browse(campaign_id)
        if by_number:
            assert all(answer["created"] for answer in campaign.enrol(res_ids))
        else:
            campaign.sync_participants()
        assert campaign.total_participant_count == expected

    def floor(env):
        candidates = (
            SQL("SELECT unnest(%s) AS id", res_ids)
            if by_number
            else _candidates(env, domain, unique)
        )
        _insert(env, candidates, campaign_id, activity_ids)

    ratios = {}
    for foreign_keys in (False, True):
        with bench.environment() as env:
            copy_tables(env, foreign_keys)
        tables = (*TABLES, "bench_participant", "bench_trace")
        if foreign_keys:
            bench.vacuum("res_partner")
            bench.compare(
                what,
                expected,
                enrol,
                floor,
                2,
                tables,
                repeat,
                note=f"(floor without foreign keys: {ratios[False]:.3f} s)",
            )
        else:
            times = []
            for _round in range(repeat):
                bench.vacuum(*tables)
                times.append(bench.measure(floor)[0].seconds)
            ratios[foreign_keys] = min(times)
    with bench.environment() as env:
        drop_tables(env)
    data.forget(bench, campaign_id)


def _enrol_by_event(bench, size):
    """One write makes records match, which is the event of an entry; the floor writes, too."""
    what, vals = "Enrol by an event, one write", {"function": "Wanted"}
    with bench.environment() as env:
        res_ids = data.contact_ids(env, size)
        event = {
            "entry_type": "event",
            "event": "matched",
            "event_domain": repr([(name, "=", value) for name, value in vals.items()]),
        }
        campaign = data.campaign(
            env, what, data.contacts(env, size), entry_ids=[Command.create(event)]
        )
        activity = data.activity(env, campaign)
        campaign.action_start_campaign()
        campaign_id, activity_id = campaign.id, activity.id
        copy_tables(env, foreign_keys=True)

    def enrol(env):
        env["res.partner"].browse(res_ids).write(vals)
        env.cr.flush()  # Odoo's tracking, too, as at a commit
        assert env["marketing.campaign"].browse(campaign_id).total_participant_count == size

    def floor(env):
        records = env["res.partner"].browse(res_ids)
        # As if there was no automation rule.
        type(records).write.origin(records, vals)
        env.cr.flush()
        _insert(env, SQL("SELECT unnest(%s) AS id", res_ids), campaign_id, [activity_id])

    bench.vacuum("res_partner")
    bench.compare(
        what, size, enrol, floor, 2, (*TABLES, "bench_participant", "bench_trace"), bench.repeat
    )
    with bench.environment() as env:
        drop_tables(env)
    data.forget(bench, campaign_id)


def _candidates(env, domain, unique):
    """The barest query of the records: no rights, no look at who takes part already."""
    query = env["res.partner"]._search(domain)
    if not unique:
        return query.select(SQL("%s AS id", SQL.identifier(query.table, "id")))
    return SQL(
        "%s GROUP BY %s",
        query.select(SQL("min(%s) AS id", SQL.identifier(query.table, "id"))),
        SQL.identifier(query.table, "email_normalized"),
    )


def _insert(env, candidates, campaign_id, activity_ids):
    env.cr.execute(
        SQL(
            """
            WITH participant AS (
                INSERT INTO bench_participant (
                    campaign_id, res_id, state, is_test, identity, entry_key, run_number,
                    create_date, write_date
                )
                SELECT %(campaign)s, id, 'running', FALSE, lpad(id::text, 64, '0'), '', 1, now(),
                    now()
                FROM (%(records)s) AS record
                RETURNING id, res_id, create_date
            )
            INSERT INTO bench_trace (
                participant_id, activity_id, res_id, is_test, visit, state, schedule_date,
                create_date, write_date
            )
            SELECT participant.id, activity_id, res_id, FALSE, 1, 'scheduled',
                participant.create_date + interval '1 day', now(), now()
            FROM participant, unnest(%(activities)s) AS activity_id
            """,
            campaign=campaign_id,
            records=candidates,
            activities=activity_ids,
        )
    )
