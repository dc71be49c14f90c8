"""Queued emails leave through SMTP: campaign mail, plain mass mailing, and the bare protocol."""

import email.policy
import smtplib
import time
from email.headerregistry import HeaderRegistry
from unittest.mock import patch

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from . import data, emails
from .sink import HOST, mail_server

SIZES = ([1_000], [1_000, 10_000])
OF_PLAIN, OF_FLOOR = 0.25, 2.5
TABLES = ("mail_mail", "mail_message", "mailing_trace", "marketing_trace")


def run(bench, sizes):
    with (
        patch.object(LinkTracker, "_get_title_from_url", data.no_title),
        mail_server(bench) as sink,
    ):
        for size in sizes:
            for contents in ("plain", "rich"):
                _compare(bench, sink, size, contents)


def _compare(bench, sink, size, contents):
    """Each in turn, as often as is wanted; the best counts."""
    name = f"sending-{contents}"
    with bench.environment() as env:
        vals = data.rich_content(env) if contents == "rich" else {}
        campaign_mailing = data.mailing(env, name, **vals).id
    queue, undo = emails.prepare_queue(bench, size, name, campaign_mailing)
    contenders = {
        "ours": (lambda: _in_transaction(bench, queue), _send_ours),
        "plain": (lambda: _queue_plain(bench, size, name, vals), _send_plain),
        "floor": (lambda: _queue_plain(bench, size, name, vals), lambda env: _send_bare(env, sink)),
    }
    best = {}
    for _round in range(bench.repeat):
        for contender, (fill, send) in contenders.items():
            undo()
            fill()
            bench.vacuum(*TABLES)
            before = sink.count
            measure = bench.measure_commits(send)
            _wait_for(sink, before + size)
            if contender not in best or measure[0] < best[contender][0]:
                best[contender] = measure
    undo()
    emails.clean(bench)
    what = f"Send {'emails' if contents == 'plain' else 'rich emails'}"
    for floor, reach in (("plain", OF_PLAIN), ("floor", OF_FLOOR)):
        seconds, queries = best["ours"]
        name = {"plain": "plain mailing", "floor": "bare SMTP"}[floor]
        bench.add(
            what,
            size,
            seconds,
            queries=queries,
            floor=best[floor][0],
            reach=reach,
            note=f"(floor: {name}, {best[floor][1]:,} queries)",
        )


def _in_transaction(bench, function):
    with bench.environment() as env:
        function(env)


def _queue_plain(bench, size, name, vals):
    with bench.environment() as env:
        res_ids = data.contact_ids(env, size, name)
        data.mailing(env, name, **vals).action_send_mail(res_ids)


def _send_ours(env):
    env["marketing.campaign"]._cron_send_emails()


def _send_plain(env):
    while _left(env):
        env["mail.mail"].process_email_queue()


def _send_bare(env, sink):
    """A message that is built already, and one statement and commit for each mail."""
    env.cr.execute("SELECT id FROM mail_mail WHERE state = 'outgoing' ORDER BY id")
    mail_ids = [mail_id for (mail_id,) in env.cr.fetchall()]
    message = _built_message(env, mail_ids[0])
    with smtplib.SMTP(HOST, sink.port) as session:
        for mail_id in mail_ids:
            session.send_message(message, "bounce@example.com", [f"to-{mail_id}@example.com"])
            env.cr.execute("UPDATE mail_mail SET state = 'sent' WHERE id = %s", [mail_id])
            env.cr.commit()


def _built_message(env, mail_id):
    """The message that Odoo builds of an email, with headers as the standard library has them."""
    mail = env["mail.mail"].browse(mail_id)
    [values] = mail._prepare_outgoing_list()
    plain = email.policy.SMTP.clone(header_factory=HeaderRegistry())
    with patch.object(email.policy, "SMTP", plain):
        return _build(env, values)


def _build(env, values):
    return env["ir.mail_server"]._build_email__(
        email_from=values["email_from"],
        email_to=values["email_to"],
        subject=values["subject"],
        body=values["body"],
        body_alternative=values["body_alternative"],
        reply_to=values["reply_to"],
        attachments=values["attachments"],
        message_id=values["message_id"],
        object_id=values["object_id"],
        subtype="html",
        subtype_alternative="plain",
        headers=values["headers"],
    )


def _left(env):
    env.cr.rollback()
    return env["mail.mail"].search_count([("state", "=", "outgoing")], limit=1)


def _wait_for(sink, count):
    """What was sent has arrived."""
    end = time.monotonic() + 5
    while sink.count < count and time.monotonic() < end:
        time.sleep(0.05)
    assert sink.count == count, f"{sink.count} instead of {count} mails in the sink"
