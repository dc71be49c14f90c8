"""A look at a yearly date of each contact: who comes in within the hour.

The floor reads the ids of those whose date may come back in that hour, in some time zone, off the
same index, or table.
"""

from datetime import datetime, timedelta
from itertools import pairwise

from odoo import Command
from odoo.tools import SQL

from . import data

SIZES = ([100_000], [1_000_000])
FIELD = "x_bench_birthday"
INDEX = SQL.identifier("bench_birthday_index")
# A day of which no hour is special.
DAY = datetime(2025, 5, 14)


def run(bench, sizes):
    for size in sizes:
        campaign_id = _prepare(bench, size)
        for is_indexed in (True, False):
            _set_index(bench, is_indexed)
            _look(bench, size, campaign_id, is_indexed)
        data.forget(bench, campaign_id)
        with bench.environment() as env:
            env["ir.model.fields"]._get("res.partner", FIELD).unlink()


def _prepare(bench, size):
    with bench.environment() as env:
        if not env["ir.model.fields"]._get("res.partner", FIELD):
            env["ir.model.fields"].create(
                {
                    "name": FIELD,
                    "field_description": "Birthday",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "ttype": "date",
                }
            )
    with bench.environment() as env:
        domain = data.contacts(env, size)
        env.cr.execute(
            SQL(
                "UPDATE res_partner SET %s = date '1940-01-01' + (id::bigint * 7919 %% 25000)::int"
                " WHERE ref = %s",
                SQL.identifier(FIELD),
                domain[0][2],
            )
        )
        campaign = data.campaign(
            env,
            "dates",
            # Nobody is let in: what that costs is measured as enrolment.
            [*domain, ("function", "=", "Nobody")],
            reentry="always",
            entry_ids=[
                Command.create(
                    {
                        "entry_type": "date",
                        "date_field_id": env["ir.model.fields"]._get("res.partner", FIELD).id,
                        "date_number": -7,
                        "is_yearly": True,
                        "time_of_day": 9,
                    }
                )
            ],
        )
        data.activity(env, campaign)
        campaign.action_start_campaign()
        return campaign.id


def _set_index(bench, is_indexed):
    # PostgreSQL does not use a new index on rows that were just changed while transactions from
    # before are open, in any database.
    bench.vacuum("res_partner")
    with bench.environment() as env:
        env.cr.execute(SQL("DROP INDEX IF EXISTS %s", INDEX))
        if is_indexed:
            env.cr.execute(SQL("CREATE INDEX %s ON res_partner (%s)", INDEX, SQL.identifier(FIELD)))
    bench.vacuum("res_partner")


def _look(bench, size, campaign_id, is_indexed):
    hours = [DAY + timedelta(hours=hour) for hour in range(25)]
    what = f"Look at a yearly date, {'with' if is_indexed else 'without'} an index"

    def look(env):
        """The searches of a whole day, an hour each."""
        entry = env["marketing.campaign"].browse(campaign_id).entry_ids
        number = 0
        for begin, end in pairwise(hours):
            entry.checked_until = begin
            number += len(entry._find_dates(end))
        return number

    def floor(env):
        entry = env["marketing.campaign"].browse(campaign_id).entry_ids
        rule, column = entry._get_occurrences(), SQL.identifier(FIELD)
        for begin, end in pairwise(hours):
            env.cr.execute(
                SQL("SELECT id FROM res_partner WHERE %s", rule.may_be_sql(column, begin, end))
            )
            env.cr.fetchall()

    bench.compare(what, size, look, floor, 2)
