"""Two Odoo processes that send emails, against one."""

from unittest.mock import patch

from odoo.addons.link_tracker.models.link_tracker import LinkTracker
from odoo.addons.marketing_automation.tools.queues import EMAILS

from . import data, emails
from .sink import mail_server
from .workers import side_by_side, time_jobs

SIZES = ([2_000], [10_000])
WANTED = 1.6


def run(bench, sizes):
    with (
        patch.object(LinkTracker, "_get_title_from_url", data.no_title),
        mail_server(bench) as sink,
        side_by_side(bench, EMAILS.job) as job_ids,
    ):
        for size in sizes:
            seconds = {1: [], 2: []}
            queue, undo = emails.prepare_queue(bench, size, "senders")
            for _round in range(bench.repeat):
                for processes, measured in seconds.items():
                    measured.append(_send(bench, sink, size, processes, job_ids, queue, undo))
            undo()
            emails.clean(bench)
            bench.add(
                "Two sending processes against one",
                size,
                min(seconds[2]),
                floor=min(seconds[1]),
                reach=WANTED,
                at_least=True,
                note="(floor: one process)",
            )


def _send(bench, sink, size, processes, job_ids, queue, undo):
    undo()
    with bench.environment() as env:
        queue(env)
    before = sink.count
    seconds = time_jobs(bench, processes, job_ids, "SELECT FROM mail_mail WHERE state = 'outgoing'")
    assert sink.count == before + size, f"{sink.count - before} instead of {size} in the sink"
    return seconds
