"""From the start of a campaign to the last email on the mail server, beside plain mass mailing."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from odoo.addons.link_tracker.models.link_tracker import LinkTracker
from odoo.addons.marketing_automation.models.engine.jobs import EXECUTION_JOB
from odoo.addons.marketing_automation.tools.queues import EMAILS

from . import data, emails
from .sink import mail_server
from .workers import TIMEOUT, side_by_side, time_jobs

SIZES = ([1_000], [10_000])
PROCESSES = (1, 2)
ENROLMENT_JOB = "marketing_automation.ir_cron_campaign_sync_participants"
MAILING_JOB = "mass_mailing.ir_cron_mass_mailing_queue"
MAIL_QUEUE_JOB = "mail.ir_cron_mail_scheduler_action"
# Odoo itself runs its mail queue once an hour, and does not wake it for a mailing.
MAIL_QUEUE_SECONDS = 5
MILLION = 1_000_000


def run(bench, sizes):
    with mail_server(bench) as sink, side_by_side(bench, EXECUTION_JOB, EMAILS.job) as job_ids:
        for size in sizes:
            for processes in PROCESSES:
                _compare(bench, sink, size, processes, job_ids)


def _compare(bench, sink, size, processes, job_ids):
    """Both in turn, as often as is wanted; the best of each counts."""
    contenders = {
        "campaign": (_prepare_campaign, [ENROLMENT_JOB], job_ids),
        "plain": (_prepare_mailing, [MAILING_JOB, MAIL_QUEUE_JOB], []),
    }
    seconds = {contender: [] for contender in contenders}
    for _round in range(bench.repeat):
        for contender, (prepare, jobs, more_jobs) in contenders.items():
            with bench.environment() as env:
                start = prepare(env, size)
                all_jobs = [env.ref(job).id for job in jobs] + more_jobs
            seconds[contender].append(_send(bench, sink, size, processes, all_jobs, start))
            emails.clean(bench)
    campaign, plain = (min(measured) for measured in seconds.values())
    bench.add(
        f"From start to last email, {processes} process{'es' * (processes > 1)}",
        size,
        campaign,
        floor=plain,
        note=f"(floor: plain mailing) a million: {_hours(campaign, size)}, plain"
        f" {_hours(plain, size)}",
    )


def _send(bench, sink, size, processes, job_ids, start):
    """Seconds until all emails are on the mail server."""
    wanted = sink.count + size
    seconds = time_jobs(bench, processes, job_ids, lambda: sink.count < wanted, start=start)
    assert sink.count == wanted, f"{sink.count - wanted} emails too many in the sink"
    return seconds


def _prepare_campaign(env, size):
    """A campaign whose first step is an email at once.

    :return: function of an environment that starts it
    """
    campaign = data.campaign(env, "end", data.contacts(env, size, "end"))
    activity = data.activity(env, campaign, 0, "hours", activity_type="email")
    _track_links(env, activity.mass_mailing_id)
    return lambda env: campaign.with_env(env).action_start_campaign()


def _prepare_mailing(env, size):
    """The same with plain mass mailing.

    :return: function of an environment that puts the mailing in the queue
    """
    domain = data.contacts(env, size, "end")
    # Odoo notes the campaign of a mailing on each message.
    utm_campaign_id = data.campaign(env, "plain", []).utm_campaign_id.id
    mailing = data.mailing(env, "plain", campaign_id=utm_campaign_id, mailing_domain=repr(domain))
    _track_links(env, mailing)

    def start(env):
        mailing.with_env(env).action_put_in_queue()
        now = fields.Datetime.now()
        env.ref(MAIL_QUEUE_JOB)._trigger(
            now + timedelta(seconds=seconds) for seconds in range(0, TIMEOUT, MAIL_QUEUE_SECONDS)
        )

    return start


def _track_links(env, mailing):
    """Have the links known, so that the servers need not ask the sites for their titles."""
    with patch.object(LinkTracker, "_get_title_from_url", data.no_title):
        env["mail.render.mixin"]._shorten_links(
            mailing.body_html, mailing._get_link_tracker_values()
        )


def _hours(seconds, size):
    return f"{seconds / size * MILLION / 3600:.1f} h"
