"""Messages of an activity are queued, against plain mass mailing of the same body."""

from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from . import data

SIZES = ([1_000], [10_000])
NEW = 500
# Past traces of the mailing, for each size above.
HISTORY = {1_000: 100_000, 10_000: 1_000_000}


def run(bench, sizes):
    with patch.object(LinkTracker, "_get_title_from_url", data.no_title):
        for size in sizes:
            _queue(bench, size)
            _queue_after_history(bench, HISTORY.get(size, size * 100))


def _queue(bench, size):
    queue = _prepare(bench, size, "queue")

    def plain(env):
        # More than 100 recipients: the messages are queued, not sent. It commits by itself.
        data.mailing(env, "plain").action_send_mail(data.contact_ids(env, size, "queue"))

    bench.compare(
        "Queue emails", size, queue, plain, 1.05, commit=True, note="(floor: plain mailing)"
    )
    clean(bench)


def _queue_after_history(bench, history):
    """The same activity on a fresh mailing and on one with a long past."""
    with bench.environment() as env:
        campaign = data.campaign(env, "history", data.contacts(env, history))
        activity = data.activity(env, campaign, activity_type="email")
        data.participate(env, campaign)
        _remember_messages(env, activity)
        mailing_id = activity.mass_mailing_id.id
    fresh = _prepare(bench, NEW, "fresh")
    grown = _prepare(bench, NEW, "grown", mailing_id)
    bench.vacuum()
    bench.compare(
        f"Queue on a mailing with {history:,} traces",
        NEW,
        grown,
        fresh,
        1.1,
        commit=True,
        note="(floor: fresh mailing)",
    )
    clean(bench)


def _prepare(bench, size, purpose, mailing_id=None):
    """A campaign whose emails are due; returns the function that queues them, each time anew."""
    with bench.environment() as env:
        campaign = data.campaign(env, purpose, data.contacts(env, size, purpose))
        data.activity(
            env,
            campaign,
            activity_type="email",
            **({"mass_mailing_id": mailing_id} if mailing_id else {}),
        )
        campaign.action_start_campaign()
        data.participate(env, campaign, "scheduled")
        campaign_id = campaign.id

    def queue(env):
        campaign = env["marketing.campaign"].browse(campaign_id)
        due = [("activity_id.campaign_id", "=", campaign_id), ("state", "!=", "scheduled")]
        if done := env["marketing.trace"].search(due):
            # A second round: as if the first had not been.
            env.cr.execute(
                "DELETE FROM mailing_trace WHERE marketing_trace_id = ANY(%s)", [done.ids]
            )
            env.cr.execute(
                "UPDATE marketing_trace SET state = 'scheduled' WHERE id = ANY(%s)", [done.ids]
            )
            env.invalidate_all()
        campaign.execute_activities()
        assert env["marketing.trace"].search_count([*due, ("state", "=", "processed")]) == size

    return queue


def _remember_messages(env, activity):
    """The traces that mass mailing keeps of messages sent long ago."""
    env.cr.execute(
        SQL(
            """
            INSERT INTO mailing_trace (
                trace_type, model, res_id, email, mass_mailing_id, marketing_trace_id, trace_status,
                sent_datetime, create_date, write_date, is_test_trace
            )
            SELECT 'mail', 'res.partner', trace.res_id, partner.email_normalized, %s, trace.id,
                'sent', trace.execution_date, now(), now(), FALSE
            FROM marketing_trace trace JOIN res_partner partner ON partner.id = trace.res_id
            WHERE trace.activity_id = %s
            """,
            activity.mass_mailing_id.id,
            activity.id,
        )
    )


def clean(bench):
    """Remove the campaigns, mailings and messages of the benchmarks."""
    with bench.environment() as env:
        campaigns = env["marketing.campaign"].search([("name", "like", "Benchmark: %")])
        campaigns.action_stop_campaign()
        env.cr.execute("DELETE FROM mailing_trace")
        env.cr.execute("DELETE FROM mail_mail")
        campaigns.unlink()
        env["mailing.mailing"].search([("subject", "like", "Benchmark: %")]).unlink()
