"""The jobs that send the emails of campaigns, batch by batch, each mailing in its turn."""

import logging
import time

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..tools.pace import Pace
from .mail_sender import LARGEST_BATCH
from .marketing_campaign_jobs import SENDING_JOB

_logger = logging.getLogger(__name__)

# A batch is locked so long; who wants to cancel one of its emails waits.
BATCH_SECONDS = 2


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def _cron_send_emails(self):
        """Send what is queued, as long as the mail servers take it and there is time."""
        self.env["marketing.mail.mark"]._forget_settled()
        self.env["ir.cron"]._commit_progress()
        waiting = self.env["mailing.mailing"]
        pace = Pace(LARGEST_BATCH, self._was_cut_off(), BATCH_SECONDS)
        while mailings := waiting._get_mailings_to_send() - waiting:
            if pace.needs_help():
                self._wake_up_next_job(SENDING_JOB)
            for mailing in pace.ordered(mailings):
                start = time.monotonic()
                done, seconds_left = mailing._send_one_batch(pace.size_of(mailing))
                pace.note(mailing, done, time.monotonic() - start)
                if not done:
                    waiting |= mailing
                if not seconds_left:
                    self._wake_up_senders()
                    return
        if date := waiting._get_next_sending_date():
            self._wake_up_senders(date)

    @api.model
    def _wake_up_senders(self, date=None):
        """Have what is queued sent, at once by default.

        :param datetime date: in UTC
        """
        self.env.ref(SENDING_JOB).sudo()._trigger(at=date)


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    @api.model
    def _get_mailings_to_send(self):
        """Mailings of campaigns with emails that are to be sent now."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mailing.id
                FROM mailing_mailing mailing
                WHERE mailing.use_in_marketing_automation
                    AND EXISTS (
                        SELECT FROM mail_mail
                        WHERE mailing_id = mailing.id AND state = 'outgoing'
                            AND (scheduled_date IS NULL OR scheduled_date <= %(now)s)
                    )
                    AND NOT EXISTS (
                        SELECT FROM marketing_mailing_hold
                        WHERE mailing_id = mailing.id AND until > %(now)s
                    )
                ORDER BY mailing.id
                """,
                now=fields.Datetime.now(),
            )
        )
        return self.browse([mailing_id for (mailing_id,) in rows])

    @api.model
    def _get_next_sending_date(self):
        """When the next queued email of a campaign is to be sent; None if nothing is queued."""
        [(date,)] = self.env.execute_query(
            SQL(
                """
                SELECT min(greatest(mail.scheduled_date, hold.until, %(soon)s))
                FROM mailing_mailing mailing
                JOIN mail_mail mail ON mail.mailing_id = mailing.id AND mail.state = 'outgoing'
                LEFT JOIN marketing_mailing_hold hold ON hold.mailing_id = mailing.id
                WHERE mailing.use_in_marketing_automation
                """,
                soon=fields.Datetime.add(fields.Datetime.now(), minutes=1),
            )
        )
        return date

    def _send_one_batch(self, limit):
        """Send and commit one batch in the scheduled job.

        :param int limit: at most so many emails
        :return: how many are done, and the seconds that the job has left
        :rtype: tuple[int, float]
        """
        self.ensure_one()
        mails = self.env["mail.mail"]
        try:
            mails = mails.browse(self._get_emails_to_send(limit))
            if self.env["marketing.trace"]._recall_put_back(mails.ids):
                mails = mails.browse(self._get_emails_to_send(limit))
            mails.send(auto_commit=True)
            done = self._count_done(mails)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # An opened email, say. What is out is marked; the next round settles it.
            self.env.cr.rollback()
            _logger.info("Emails of mailing %s met another transaction", self.id)
            done = len(mails) or 1
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("Emails of mailing %s could not be sent", self.id)
            self._hold(str(error))
            done = 0
        seconds_left = self.env["ir.cron"]._commit_progress(done)
        self.env.invalidate_all()
        return done, seconds_left

    def _get_emails_to_send(self, limit):
        """Ids of the next emails of this mailing, locked until the transaction ends."""
        return [
            mail_id
            for (mail_id,) in self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM mail_mail
                    WHERE mailing_id = %s AND state = 'outgoing'
                        AND (scheduled_date IS NULL OR scheduled_date <= %s)
                    ORDER BY id LIMIT %s
                    FOR NO KEY UPDATE SKIP LOCKED
                    """,
                    self.id,
                    fields.Datetime.now(),
                    limit,
                )
            )
        ]

    def _count_done(self, mails):
        """How many of these emails are no longer to be sent now."""
        left = [("id", "in", mails.ids), ("state", "=", "outgoing")]
        now = fields.Datetime.now()
        left += ["|", ("scheduled_date", "=", False), ("scheduled_date", "<=", now)]
        return len(mails) - mails.search_count(left)
