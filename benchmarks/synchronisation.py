"""Synchronise again when nothing is new."""

from odoo.tools import SQL

from . import data

SIZES = ([100_000], [1_000_000])


def run(bench, sizes):
    for size in sizes:
        _synchronise(bench, size)


def _synchronise(bench, size):
    with bench.environment() as env:
        domain = data.contacts(env, size)
        campaign = data.campaign(env, "synchronise", domain)
        data.activity(env, campaign)
        campaign.action_start_campaign()
        data.participate(env, campaign)
        campaign_id = campaign.id
    bench.vacuum()

    def synchronise(env):
        env["marketing.campaign"].browse(campaign_id).sync_participants()

    def anti_join(env):
        query = env["res.partner"]._search(domain)
        query.add_where(
            SQL(
                """NOT EXISTS (
                    SELECT FROM marketing_participant known
                    WHERE known.campaign_id = %s AND known.res_id = res_partner.id
                        AND NOT known.is_test
                )""",
                campaign_id,
            )
        )
        env.execute_query(query.select())

    before = _written(bench)
    bench.compare("Synchronise, nothing new", size, synchronise, anti_join, 1.5)
    written = _written(bench) - before
    print(f"    rows of participants and traces written: {written}")
    data.forget(bench, campaign_id)


def _written(bench):
    with bench.environment() as env:
        env.cr.execute("SELECT pg_stat_force_next_flush(), pg_sleep(0.1)")
    with bench.environment() as env:
        env.cr.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"
            " WHERE relname IN ('marketing_participant', 'marketing_trace')"
        )
        return env.cr.fetchone()[0]
