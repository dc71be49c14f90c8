"""Counts everything at the end: once each, nothing stuck, nobody lost."""

from concurrent.futures import ThreadPoolExecutor

from .. import servers
from .duplicates import explain
from .world import FAIL_EVERY

SAME_CLICKS = 20


def check(world, mail_server, strikes):
    """What is wrong, as sentences; and what is only worth knowing.

    :param list strikes: what may have kept a server from noting what it has sent
    :rtype: tuple[list[str], list[str]]
    """
    wrong = []
    with world.bench.environment() as env:

        def count(query, *parameters):
            env.cr.execute(query, parameters)
            return env.cr.fetchone()[0]

        def expect(what, query, *parameters, number=0):
            found = count(query, *parameters)
            if found != number:
                wrong.append(f"{what}: {found} instead of {number}")

        steps, contacts = world.steps, world.contacts
        campaign = world.campaign_id
        env.cr.execute(
            "SELECT count(*) FROM res_partner WHERE ref='chaos' AND id %% %s = 0", [FAIL_EVERY]
        )
        [stubborn] = env.cr.fetchone()
        expect(
            "participants",
            "SELECT count(DISTINCT res_id) FROM marketing_participant WHERE campaign_id = %s",
            campaign,
            number=contacts,
        )
        for name, step in steps.items():
            done = contacts - stubborn if name == "mishap" else contacts
            expect(
                f"traces of {name}",
                "SELECT count(*) FROM marketing_trace WHERE activity_id = %s",
                step,
                number=contacts,
            )
            if name != "click":
                expect(
                    f"processed traces of {name}",
                    "SELECT count(*) FROM marketing_trace"
                    " WHERE activity_id = %s AND state = 'processed'",
                    step,
                    number=done,
                )
            if name in ("count", "mishap"):
                for what in ("count(*)", "count(DISTINCT res_id)"):
                    expect(
                        f"effects of {name}, {what}",
                        f"SELECT {what} FROM bench_effect WHERE step = %s",
                        name,
                        number=done,
                    )
        for what in ("count(*)", "count(DISTINCT res_id)"):
            expect(
                f"notes, {what}",
                f"SELECT {what} FROM mail_activity WHERE res_model = 'res.partner'"
                " AND res_id IN (SELECT id FROM res_partner WHERE ref = 'chaos')",
                number=contacts,
            )
        for what in ("count(*)", "count(DISTINCT marketing_trace_id)"):
            expect(
                f"messages queued, {what}",
                # Stop has taken back what was queued; it was queued anew.
                f"SELECT {what} FROM mailing_trace WHERE mass_mailing_id = %s"
                " AND trace_status != 'cancel'",
                world.mailing_id,
                number=contacts,
            )
        expect(
            "messages not sent",
            "SELECT count(*) FROM mailing_trace WHERE mass_mailing_id = %s"
            " AND trace_status NOT IN ('sent', 'open', 'reply', 'cancel')",
            world.mailing_id,
        )
        expect(
            "participants in the wrong state",
            "SELECT count(*) FROM marketing_participant participant WHERE campaign_id = %s"
            " AND (state = 'running') != EXISTS (SELECT FROM marketing_trace"
            " WHERE participant_id = participant.id AND state = 'scheduled')",
            campaign,
        )
        world.steering.check(expect, count)
        addresses = env["res.partner"].search([("ref", "=", "chaos")]).mapped("email")
    if missing := sum(not mail_server.deliveries[address] for address in addresses):
        wrong.append(f"{missing} messages did not reach the mail server")
    explained, unexplained = explain(mail_server.deliveries, world.marks(), strikes)
    wrong += [f"sent twice: {sentence}" for sentence in unexplained]
    notes = [f"{len(explained)} duplicates, each with what fell between acceptance and mark:"]
    return wrong, [*notes, *(f"    {sentence}" for sentence in explained)]


def click_in_parallel(world, port, people=3):
    """The same click many times at once: everyone is served, one step follows.

    :return: what is wrong
    """
    with world.bench.environment() as env:
        link = env["link.tracker"].search([("mass_mailing_id", "=", world.mailing_id)], limit=1)
        traces = env["mailing.trace"].search(
            [("mass_mailing_id", "=", world.mailing_id)], limit=people
        )
        paths = [
            link._sign_links(f"/r/{link.code}/m/{trace.id}", "m", trace.id)
            for trace in traces
            for _n in range(SAME_CLICKS)
        ]
    with ThreadPoolExecutor(SAME_CLICKS) as pool:
        statuses = list(pool.map(lambda path: servers.get(port, path), paths))
    refused = sum(status >= 400 for status in statuses)
    return [f"{refused} of {len(paths)} clicks were refused"] if refused else []


def check_clicks(world, people=3):
    with world.bench.environment() as env:
        env.cr.execute(
            "SELECT count(*), count(DISTINCT res_id) FROM bench_effect WHERE step = 'click'"
        )
        found = env.cr.fetchone()
    return [] if found == (people, people) else [f"effects of clicks: {found}, not {people}"]
