"""Queued text messages are handed over to their provider, and it reports on them: those of a
campaign, against plain mass SMS in Odoo's own queue."""

import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.link_tracker.models.link_tracker import LinkTracker
from odoo.addons.sms.tools.sms_api import SmsApi

from . import data, servers

SIZES = ([1_000], [1_000, 10_000])
OF_PLAIN = 0.5
TABLES = ("sms_sms", "sms_tracker", "mailing_trace", "marketing_trace")
REPORTED = 500  # in one request of the provider
BODY = "Hello {{ object.name }}, see https://www.example.com/offer"


def run(bench, sizes):
    with patch.object(LinkTracker, "_get_title_from_url", data.no_title):
        for size in sizes:
            contenders = {"ours": _queue_ours(bench, size), "plain": _queue_plain(bench, size)}
            _compare_sending(bench, size, contenders)
            _compare_reports(bench, min(size, REPORTED), contenders)
            _clean(bench)


# ------------------------------------------------------------
# Queue
# ------------------------------------------------------------


def _queue_ours(bench, size):
    with bench.environment() as env:
        contacts = _contacts(env, size)
        campaign = data.campaign(env, "texts", contacts)
        mailing = _mailing(env, "texts", use_in_marketing_automation=True)
        data.activity(env, campaign, activity_type="sms", mass_mailing_id=mailing.id)
        campaign.action_start_campaign()
        data.participate(env, campaign, "scheduled")
        env["marketing.campaign"]._cron_execute_activities()
        return mailing.id


def _queue_plain(bench, size):
    with bench.environment() as env:
        # A mailing that belongs to a campaign, too: Odoo notes that on each message.
        utm_campaign_id = data.campaign(env, "plain", []).utm_campaign_id.id
        mailing = _mailing(env, "plain", campaign_id=utm_campaign_id)
        mailing.action_send_sms(env["res.partner"].search(_contacts(env, size)).ids)
        return mailing.id


def _contacts(env, size):
    domain = data.contacts(env, size, "text")
    env.cr.execute(
        """
        UPDATE res_partner SET phone = number, phone_sanitized = number
        FROM (
            SELECT id, '+32456' || lpad(row_number() OVER (ORDER BY id)::text, 6, '0') AS number
            FROM res_partner WHERE ref = %s
        ) AS known
        WHERE res_partner.id = known.id
        """,
        [f"text-{size}"],
    )
    return domain


def _mailing(env, name, **vals):
    return data.mailing(
        env, name, mailing_type="sms", body_plaintext=BODY, sms_allow_unsubscribe=True, **vals
    )


def _queue_again(bench, mailing_id):
    """Only the messages of this mailing wait, as if they had just been queued."""
    with bench.environment() as env:
        for query in (
            "UPDATE sms_sms SET to_delete = FALSE, failure_type = NULL,"
            " state = CASE WHEN mailing_id = %s THEN 'outgoing' ELSE 'canceled' END",
            "UPDATE mailing_trace SET trace_status = 'outgoing', sent_datetime = NULL"
            " WHERE mass_mailing_id = %s",
            "UPDATE marketing_trace SET sent_datetime = NULL WHERE id IN"
            " (SELECT marketing_trace_id FROM mailing_trace WHERE mass_mailing_id = %s)",
        ):
            env.cr.execute(query, [mailing_id])
    bench.vacuum(*TABLES)


# ------------------------------------------------------------
# Send
# ------------------------------------------------------------


def _compare_sending(bench, size, contenders):
    best = {}
    for _round in range(bench.repeat):
        for contender, mailing_id in contenders.items():
            _queue_again(bench, mailing_id)
            with _provider() as taken:
                measure = bench.measure_commits(SENDERS[contender])
            assert len(taken) == len(set(taken)) == size, f"{len(taken)} texts instead of {size}"
            if contender not in best or measure[0] < best[contender][0]:
                best[contender] = measure
    _add(bench, "Send text messages", size, best)


@contextmanager
def _provider():
    """It takes all text messages at once.

    :return: their uuids
    """
    taken = []

    def answer(_api, _endpoint, params, timeout=15):
        uuids = [number["uuid"] for text in params["messages"] for number in text["numbers"]]
        taken.extend(uuids)
        return [{"uuid": uuid, "state": "success", "credit": 1} for uuid in uuids]

    with patch.object(SmsApi, "_contact_iap", answer):
        yield taken


def _send_plain(env):
    queued = [("state", "=", "outgoing")]
    while env["sms.sms"].search_count(queued, limit=1):
        env["sms.sms"]._process_queue()


def _send_ours(env):
    env["marketing.campaign"]._cron_send_texts()
    # The next run finds nothing but the marks of this one.
    env["marketing.campaign"]._cron_send_texts()


SENDERS = {"ours": _send_ours, "plain": _send_plain}


# ------------------------------------------------------------
# Reports
# ------------------------------------------------------------


def _compare_reports(bench, size, contenders):
    """The provider tells of many messages at once that they have arrived."""
    port = servers.free_port()
    best = {}
    with servers.web_server(bench.registry.db_name, port) as server:
        for _round in range(bench.repeat):
            for contender, mailing_id in contenders.items():
                _queue_again(bench, mailing_id)
                with _provider() as taken:
                    bench.measure_commits(SENDERS[contender])
                start = time.perf_counter()
                report = [{"sms_status": "delivered", "uuids": taken[:size]}]
                assert servers.call(port, "/sms/status", message_statuses=report) == "OK"
                seconds = time.perf_counter() - start
                [*_, (_path, _status, queries, *_times)] = servers.REQUEST.findall(server.output())
                if contender not in best or seconds < best[contender][0]:
                    best[contender] = seconds, int(queries)
    _add(bench, "Delivery reports in one request", size, best)


def _add(bench, what, size, best):
    seconds, queries = best["ours"]
    bench.add(
        what,
        size,
        seconds,
        queries=queries,
        floor=best["plain"][0],
        reach=OF_PLAIN,
        note=f"(floor: plain mass SMS, {best['plain'][1]:,} queries)",
    )


def _clean(bench):
    with bench.environment() as env:
        campaigns = env["marketing.campaign"].search([("name", "like", "Benchmark: %")])
        campaigns.action_stop_campaign()
        for table in ("sms_tracker", "sms_sms", "mailing_trace"):
            env.cr.execute(f"DELETE FROM {table}")  # pylint: disable=sql-injection
        campaigns.unlink()
        env["mailing.mailing"].search([("subject", "like", "Benchmark: %")]).unlink()
