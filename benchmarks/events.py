"""Visitors open and click, against the same with an ordinary mailing."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from . import data, servers
from .emails import clean

SIZES = ([50_000], [1_000_000])
# Requests of each kind one after the other, for each size above; and half as many at once.
REQUESTS = {50_000: 200, 1_000_000: 1_000}
AT_A_TIME = 50
MAX_SECONDS, MAX_QUERIES = 0.003, 8
FIRST_MAIL_ID = 1_000_000_000


def run(bench, sizes):
    for size in sizes:
        _visit(bench, size)


def _visit(bench, size):
    count = REQUESTS.get(size, 200)
    with (
        bench.environment() as env,
        patch.object(LinkTracker, "_get_title_from_url", data.no_title),
    ):
        campaign = data.campaign(env, "events", data.contacts(env, size))
        mail = data.activity(env, campaign, activity_type="email")
        data.participate(env, campaign)
        for trigger in ("mail_open", "mail_not_open", "mail_click", "mail_not_click"):
            step = data.activity(env, campaign, parent_id=mail.id, trigger_type=trigger)
            env["marketing.trace"]._schedule_children(step, SQL("TRUE"))
        campaign.action_start_campaign()
        plain = data.mailing(
            env, "plain", campaign_id=data.campaign(env, "plain", []).utm_campaign_id.id
        )
        targets = {}
        for kind, mailing in (("plain", plain), ("campaign", mail.mass_mailing_id)):
            _remember_messages(env, mailing, mail, FIRST_MAIL_ID * (1 + (kind == "campaign")))
            targets[kind] = _targets(env, mailing, 2 * count)
    bench.vacuum()
    port = servers.free_port()
    with servers.web_server(bench.registry.db_name, port) as server:
        for event in ("open", "click"):
            _one_at_a_time(bench, size, event, count, targets, server, port)
        for event in ("open", "click"):
            _many_at_a_time(bench, event, count, targets, server, port)
    clean(bench)


def _remember_messages(env, mailing, activity, first_mail_id):
    """The traces that mass mailing keeps of messages, with made-up ids of the mails."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO mailing_trace (
                trace_type, model, res_id, email, mass_mailing_id, marketing_trace_id, trace_status,
                mail_mail_id_int, sent_datetime, create_date, write_date, is_test_trace
            )
            SELECT 'mail', 'res.partner', res_id, 'c' || res_id || '@example.com', %(mailing)s,
                CASE WHEN %(is_campaign)s THEN id END, 'sent',
                %(first)s + row_number() OVER (ORDER BY id), execution_date, now(), now(), FALSE
            FROM marketing_trace WHERE activity_id = %(activity)s
            """,
            mailing=mailing.id,
            is_campaign=mailing == activity.mass_mailing_id,
            first=first_mail_id,
            activity=activity.id,
        )
    )


def _targets(env, mailing, count):
    """Paths that recipients of the mailing ask for.

    :return: paths by event
    :rtype: dict[str, list[str]]
    """
    link = env["link.tracker"].create(
        {
            "url": "https://www.example.com/offer",
            "mass_mailing_id": mailing.id,
            "source_id": mailing.source_id.id,
            "campaign_id": mailing.campaign_id.id,
        }
    )
    env.cr.execute(
        "SELECT id, mail_mail_id_int FROM mailing_trace WHERE mass_mailing_id = %s"
        " ORDER BY md5(id::text) LIMIT %s",
        [mailing.id, 2 * count],
    )
    traces = env.cr.fetchall()
    token = env["mail.mail"]._generate_mail_recipient_token
    sign = env["link.tracker"]._sign_links
    return {
        "open": [f"/mail/track/{mail}/{token(mail)}/blank.gif" for _id, mail in traces[:count]],
        "click": [sign(f"/r/{link.code}/m/{number}", "m", number) for number, _ in traces[count:]],
    }


def _one_at_a_time(bench, size, event, count, targets, server, port):
    seconds = {"plain": [], "campaign": []}
    for number in range(count):
        for kind, times in seconds.items():
            start = time.perf_counter()
            servers.get(port, targets[kind][event][number])
            times.append(time.perf_counter() - start)
    queries = _queries(server, targets, event)
    mean = {kind: statistics.median(times) for kind, times in seconds.items()}
    more = mean["campaign"] - mean["plain"]
    more_queries = queries["campaign"] - queries["plain"]
    bench.add(
        f"{event.capitalize()} over HTTP, {size:,} participants",
        1,
        mean["campaign"],
        queries=queries["campaign"],
        floor=mean["plain"],
        met=more <= MAX_SECONDS and more_queries <= MAX_QUERIES,
        note=f"{1000 * more:+.1f} ms (<= {1000 * MAX_SECONDS:g}), {more_queries:+d} queries"
        f" (<= {MAX_QUERIES}) than plain",
    )


def _queries(server, targets, event):
    """Median number of queries of the requests, by kind."""
    counts = {
        path: int(queries)
        for path, _status, queries, _sql, _other in servers.REQUEST.findall(server.output())
    }
    return {
        kind: int(statistics.median(counts[path] for path in paths[event] if path in counts))
        for kind, paths in targets.items()
    }


def _many_at_a_time(bench, event, count, targets, server, port):
    before = len(server.output())
    for kind in ("plain", "campaign"):
        start = time.perf_counter()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            statuses = list(
                pool.map(
                    lambda path: servers.get(port, path),
                    targets[kind][event][count : count + count // 2],
                )
            )
        seconds = time.perf_counter() - start
        output = server.output()[before:]
        before += len(output)
        bad = sum(status not in (200, 301, 302) for status in statuses)
        bench.add(
            f"{event.capitalize()}, {AT_A_TIME} at a time, {kind}",
            len(statuses),
            seconds,
            met=not bad,
            note=f"{bad} errors, {output.count('tries left')} tried again",
        )
