"""Messages of an activity are queued, against plain mass mailing of the same body."""

from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from . import data

SIZES = ([1_000], [10_000])
TABLES = ("mail_mail", "mailing_trace", "marketing_trace")
OF_PLAIN = 0.6
NEW = 500
# Past traces of the mailing, for each size above.
HISTORY = {1_000: 100_000, 10_000: 1_000_000}


def run(bench, sizes):
    with patch.object(LinkTracker, "_get_title_from_url", data.no_title):
        for size in sizes:
            for contents in ("plain", "rich"):
                _queue(bench, size, contents)
            _queue_after_history(bench, HISTORY.get(size, size * 100))


def _queue(bench, size, contents):
    name = f"queue-{contents}"
    with bench.environment() as env:
        vals = data.rich_content(env) if contents == "rich" else {}
        campaign_mailing = data.mailing(env, name, **vals).id
    queue, undo = prepare_queue(bench, size, name, campaign_mailing)
    with bench.environment() as env:
        res_ids = data.contact_ids(env, size, name)
        # A mailing that belongs to a campaign, too: Odoo notes that on each message.
        utm_campaign_id = data.campaign(env, "plain", []).utm_campaign_id.id
    plain_ids = []

    def prepare():
        undo()
        with bench.environment() as env:
            mailing = data.mailing(env, "plain", campaign_id=utm_campaign_id, **vals)
            plain_ids.append(mailing.id)

    def plain(env):
        # More than 100 recipients: the messages are queued, not sent. It commits by itself.
        env["mailing.mailing"].browse(plain_ids[-1]).action_send_mail(res_ids)

    bench.compare(
        f"Queue {'emails' if contents == 'plain' else 'rich emails'}",
        size,
        queue,
        plain,
        OF_PLAIN,
        TABLES,
        commit=True,
        prepare=prepare,
        note="(floor: plain mailing)",
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
    fresh, undo_fresh = prepare_queue(bench, NEW, "fresh")
    grown, undo_grown = prepare_queue(bench, NEW, "grown", mailing_id)

    def prepare():
        undo_fresh()
        undo_grown()

    bench.vacuum()
    bench.compare(
        f"Queue on a mailing with {history:,} traces",
        NEW,
        grown,
        fresh,
        1.1,
        TABLES,
        commit=True,
        prepare=prepare,
        note="(floor: fresh mailing)",
    )
    clean(bench)


def prepare_queue(bench, size, purpose, mailing_id=None):
    """A campaign whose emails are due.

    :return: the function that queues them as the job does, and the one that undoes it
    """
    with bench.environment() as env:
        campaign = data.campaign(env, purpose, data.contacts(env, size, purpose))
        data.activity(
            env,
            campaign,
            activity_type="email",
            **({"mass_mailing_id": mailing_id} if mailing_id else {}),
        )
        data.participate(env, campaign, "scheduled")
        campaign_id = campaign.id

    def queue(env):
        # Just this one.
        env.cr.execute(
            "UPDATE marketing_campaign"
            " SET state = CASE WHEN id = %s THEN 'running' ELSE 'stopped' END",
            [campaign_id],
        )
        env["marketing.campaign"]._cron_execute_activities()
        done = [("activity_id.campaign_id", "=", campaign_id), ("state", "=", "processed")]
        assert env["marketing.trace"].search_count(done) == size

    def undo():
        """As if nothing had been queued."""
        with bench.environment() as env:
            traces = env["marketing.trace"].search([("activity_id.campaign_id", "=", campaign_id)])
            env.cr.execute(
                "DELETE FROM mailing_trace WHERE marketing_trace_id = ANY(%s)", [traces.ids]
            )
            env.cr.execute(
                "UPDATE marketing_trace SET state = 'scheduled' WHERE id = ANY(%s)", [traces.ids]
            )
            env.cr.execute("DELETE FROM mail_mail")
            env.cr.execute("DELETE FROM ir_cron_trigger")

    return queue, undo


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
