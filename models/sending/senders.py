"""The jobs that send the messages of campaigns, batch by batch, each mailing in its turn."""

import logging
import time

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.pace import Pace
from ...tools.queues import EMAILS, TEXTS
from .mail_sender import LARGEST_BATCH

_logger = logging.getLogger(__name__)

# A batch is locked so long; who wants to cancel one of its messages waits.
BATCH_SECONDS = 2


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    @api.model
    def _cron_send_emails(self):
        self._send_queued(EMAILS)

    @api.model
    def _cron_send_texts(self):
        self._send_queued(TEXTS)

    @api.model
    def _send_queued(self, queue):
        """Send what is queued, as long as the other side takes it and there is time."""
        self.env[queue.mark]._forget_settled(queue)
        self.env["ir.cron"]._commit_progress()
        with self._apart("The look for messages whose hours are over", queue.job):
            self.env["marketing.trace"]._take_back_closed()
        waiting = self.env["mailing.mailing"]
        pace = Pace(LARGEST_BATCH, self._was_cut_off(), BATCH_SECONDS)
        while mailings := waiting._get_mailings_to_send(queue) - waiting:
            if pace.needs_help():
                self._wake_up_next_job(queue.job)
            for mailing in pace.ordered(mailings):
                start = time.monotonic()
                done, seconds_left = mailing._send_one_batch(queue, pace.size_of(mailing))
                pace.note(mailing, done, time.monotonic() - start)
                if not done:
                    waiting |= mailing
                if not seconds_left:
                    self._wake_up_senders(queue=queue)
                    return
        if date := waiting._get_next_sending_date(queue):
            self._wake_up_senders(date, queue)

    @api.model
    def _wake_up_senders(self, date=None, queue=EMAILS):
        """Have what is queued sent, at once by default.

        :param datetime date: in UTC
        """
        self.env.ref(queue.job).sudo()._trigger(at=date)


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    @api.model
    def _get_mailings_to_send(self, queue):
        """Mailings of campaigns with messages in this queue that are to be sent now."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mailing.id
                FROM mailing_mailing mailing
                WHERE mailing.use_in_marketing_automation
                    AND EXISTS (
                        SELECT FROM %(table)s queue
                        WHERE queue.mailing_id = mailing.id AND %(due)s
                    )
                    AND NOT EXISTS (
                        SELECT FROM marketing_mailing_hold
                        WHERE mailing_id = mailing.id AND until > %(now)s
                    )
                ORDER BY mailing.id
                """,
                table=SQL.identifier(self.env[queue.model]._table),
                due=self._due_sql(queue),
                now=fields.Datetime.now(),
            )
        )
        return self.browse([mailing_id for (mailing_id,) in rows])

    @api.model
    def _get_next_sending_date(self, queue):
        """When the next queued message of a campaign is to be sent, or taken back since its hours
        are over; None if nothing is queued."""
        [(date,)] = self.env.execute_query(
            SQL(
                """
                SELECT min(greatest(
                    least(greatest(%(not_before)s, hold.until), queue.marketing_send_until),
                    %(soon)s
                ))
                FROM mailing_mailing mailing
                JOIN %(table)s queue ON queue.mailing_id = mailing.id
                    AND queue.state = 'outgoing' AND %(waits)s
                LEFT JOIN marketing_mailing_hold hold ON hold.mailing_id = mailing.id
                WHERE mailing.use_in_marketing_automation
                """,
                not_before=queue.not_before,
                table=SQL.identifier(self.env[queue.model]._table),
                waits=queue.waits,
                soon=fields.Datetime.add(fields.Datetime.now(), minutes=1),
            )
        )
        return date

    def _send_one_batch(self, queue, limit):
        """Send and commit one batch in the scheduled job.

        :param int limit: at most so many messages
        :return: how many are done, and the seconds that the job has left
        :rtype: tuple[int, float]
        """
        self.ensure_one()
        messages = self.env[queue.model]
        try:
            messages = messages.browse(self._get_messages_to_send(queue, limit))
            if self.env["marketing.trace"]._recall_put_back(queue, messages.ids):
                messages = messages.browse(self._get_messages_to_send(queue, limit))
            messages._send_claimed()
            done = len(messages) - len(self._get_due_of(queue, messages))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # An opened email, say. What is out is marked; the next round settles it.
            self.env.cr.rollback()
            _logger.info("Messages of mailing %s met another transaction", self.id)
            done = len(messages) or 1
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("Messages of mailing %s could not be sent", self.id)
            self._hold(str(error))
            done = 0
        seconds_left = self.env["ir.cron"]._commit_progress(done)
        self.env.invalidate_all()
        return done, seconds_left

    def _get_messages_to_send(self, queue, limit):
        """Ids of the next messages of this mailing, locked until the transaction ends."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT queue.id FROM %s queue WHERE queue.mailing_id = %s AND %s
                ORDER BY queue.id LIMIT %s
                FOR NO KEY UPDATE SKIP LOCKED
                """,
                SQL.identifier(self.env[queue.model]._table),
                self.id,
                self._due_sql(queue),
                limit,
            )
        )
        return [message_id for (message_id,) in rows]

    @api.model
    def _get_due_of(self, queue, messages):
        """Ids of those of these messages that are still to be sent now."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT queue.id FROM %s queue WHERE queue.id = ANY(%s) AND %s",
                SQL.identifier(messages._table),
                messages.ids,
                self._due_sql(queue),
            )
        )
        return [message_id for (message_id,) in rows]

    @api.model
    def _due_sql(self, queue):
        """Condition on messages, with the alias ``queue``, that are to be sent now."""
        return SQL(
            "queue.state = 'outgoing' AND %(waits)s"
            " AND (%(not_before)s IS NULL OR %(not_before)s <= %(now)s)"
            " AND (queue.marketing_send_until IS NULL OR queue.marketing_send_until > %(now)s)",
            waits=queue.waits,
            not_before=queue.not_before,
            now=fields.Datetime.now(),
        )
