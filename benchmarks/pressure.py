"""What the cap, sending hours and the throttle add to the queueing of emails, where the log knows a
million addresses; and the page "Pressure" with as many."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.tools import SQL

from odoo.addons.link_tracker.models.link_tracker import LinkTracker
from odoo.addons.marketing_automation.models.policy.message_log import MarketingMessageLog

from . import data, emails

SIZES = ([1_000], [10_000])
ADDRESSES = 1_000_000
ADDED = 1.1
TABLES = (*emails.TABLES, "marketing_message_log")
CAP = 5
EMAIL_CAP = "marketing_automation.email_cap"


def run(bench, sizes):
    with patch.object(LinkTracker, "_get_title_from_url", data.no_title):
        for size in sizes:
            _fill_log(bench, size)
            _queue(bench, size)
            _page(bench)
            with bench.environment() as env:
                env.cr.execute("DELETE FROM marketing_message_log")
            emails.clean(bench)


def _fill_log(bench, size):
    """One message to each address within the last days, two more to those that get an email now."""
    with bench.environment() as env:
        for purpose in ("limited", "free"):
            data.contacts(env, size, purpose)
        env.cr.execute("DELETE FROM marketing_message_log")
        env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_message_log (address, trace_type, date, mailing_trace_id)
                SELECT (random() * 2e18)::bigint, 'mail', moment, -i
                FROM generate_series(1, %(addresses)s) AS i, LATERAL (
                    SELECT now() AT TIME ZONE 'UTC' - random() * interval '30 days' AS moment
                    WHERE i > 0
                ) AS past
                UNION ALL
                SELECT %(address)s, 'mail', now() AT TIME ZONE 'UTC' - i * interval '2 days',
                    -%(addresses)s - 2 * id - i
                FROM res_partner, generate_series(0, 1) AS i
                WHERE ref IN (%(limited)s, %(free)s)
                """,
                addresses=ADDRESSES,
                address=env["marketing.message.log"]._hash_sql(
                    SQL("'mail'"), SQL("email_normalized")
                ),
                limited=f"limited-{size}",
                free=f"free-{size}",
            )
        )


def _queue(bench, size):
    limited, undo_limited = emails.prepare_queue(bench, size, "limited")
    free, undo_free = emails.prepare_queue(bench, size, "free")
    with bench.environment() as env:
        campaign = env["marketing.campaign"].search([("name", "=", "Benchmark: limited")])
        campaign.write({"sending_calendar_id": _always(env).id, "hourly_limit": 10 * size})

    def prepare():
        undo_limited()
        undo_free()
        with bench.environment() as env:
            env.cr.execute("DELETE FROM marketing_message_log WHERE mailing_trace_id > 0")

    def run_limited(env):
        env["ir.config_parameter"].set_param(EMAIL_CAP, CAP)
        limited(env)

    def run_free(env):
        env["ir.config_parameter"].set_param(EMAIL_CAP, 0)
        with _without_log():
            free(env)

    bench.compare(
        "Queue emails with cap, hours and throttle",
        size,
        run_limited,
        run_free,
        ADDED,
        TABLES,
        commit=True,
        prepare=prepare,
        note=f"(floor: without them and without a log; {ADDRESSES:,} addresses)",
    )
    prepare()
    with bench.environment() as env:
        env["ir.config_parameter"].set_param(EMAIL_CAP, 0)


def _page(bench):
    bench.vacuum("marketing_message_log")

    def look(env):
        env["ir.config_parameter"].set_param(EMAIL_CAP, 2)
        env["marketing.message.log"].get_pressure()

    measure, _value = bench.measure(look)
    bench.add(
        "Page “Pressure”",
        ADDRESSES,
        measure.seconds,
        queries=measure.queries,
        memory=measure.memory,
    )
    if bench.with_plans:
        bench.show_plans(look)


def _always(env):
    """A working schedule that is never closed, by the clock of each recipient."""
    return env["resource.calendar"].create(
        {
            "name": "Benchmark: always",
            "company_id": False,
            "attendance_ids": [
                Command.create(
                    {"name": "Open", "dayofweek": str(day), "hour_from": 0, "hour_to": 24}
                )
                for day in range(7)
            ],
        }
    )


@contextmanager
def _without_log():
    """As if messages were not counted by address."""
    with patch.object(MarketingMessageLog, "_add", lambda log, addresses, date=None: None):
        yield
