"""How emails of campaigns are sent: Odoo's own steps for each, everything else once a batch.

Odoo reads each email alone and writes all about it before it goes on, in a transaction of
its own. Here a batch is locked and read at once. Odoo's ``_send`` hands one email after the
other over; what it wants written is noted down, and written at the end for all. The one thing
that is committed for each is that it is out (see ``marketing.mail.mark``).
"""

import select
import smtplib

from odoo import Command, api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, email_normalize_all, frozendict, split_every

from ...tools.sending import Sending, get_retry_minutes

LARGEST_BATCH = 500
NOT_OF_CAMPAIGNS = [
    "|",
    ("mailing_id", "=", False),
    ("mailing_id.use_in_marketing_automation", "=", False),
]
# What Odoo writes about an email that it sends.
FATE = frozenset(("failure_reason", "failure_type", "message_id", "state"))
# Fields of its message that Odoo reads of an email.
MESSAGE_FIELDS = (
    "author_id",
    "email_from",
    "mail_server_id",
    "message_id",
    "model",
    "record_alias_domain_id",
    "reply_to",
    "res_id",
    "subject",
)
# Those of its attachments; their contents are read one by one.
ATTACHMENT_FIELDS = (
    "file_size",
    "mimetype",
    "name",
    "res_id",
    "res_model",
    "store_fname",
    "url",
)


class MailMail(models.Model):
    _inherit = "mail.mail"

    marketing_attempts = fields.Integer(
        "Attempts",
        readonly=True,
        copy=False,
        help="How often the mail server has put this email of a campaign off.",
    )

    _marketing_queue = models.Index(
        "(mailing_id, id) WHERE state = 'outgoing' AND mailing_id IS NOT NULL"
    )

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    @api.model
    def process_email_queue(self, email_ids=(), batch_size=1000):
        """Emails of campaigns have senders of their own: they hold up no other email."""
        queue = self
        if not email_ids:
            filters = [*self.env.context.get("filters", []), *NOT_OF_CAMPAIGNS]
            queue = self.with_context(filters=filters)
        return super(MailMail, queue).process_email_queue(email_ids, batch_size)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """An email of a campaign is sent by the connection that has locked it: somebody may
        press "Send Now" while it is being sent."""
        # What was to be sent after a transaction may have been deleted in it.
        mails = self.exists()._settle_samples()
        automated = mails.browse(
            mails.sudo().filtered("mailing_id.use_in_marketing_automation").ids
        )
        if plain := mails - automated:
            super(MailMail, plain).send(auto_commit, raise_exception, post_send_callback)
        # Without commits it is one transaction, which may be tried again as a whole: the marks
        # say what is out.
        size = LARGEST_BATCH if auto_commit else len(automated) or 1
        for ids in split_every(size, automated.ids):
            automated.browse(ids)._send_locked(auto_commit, raise_exception)
            if post_send_callback:
                post_send_callback(ids)
        return True

    def _send_claimed(self):
        """Send these emails, as the job that has just claimed them."""
        self.send(auto_commit=True)

    def _send_locked(self, auto_commit, raise_exception):
        """Send those of these emails that no other connection is at."""
        locked = self._lock_to_send()
        if locked != self:
            # Should the other connection not come to its end.
            self.env["marketing.campaign"]._wake_up_senders(
                fields.Datetime.add(fields.Datetime.now(), minutes=1)
            )
        if not locked:
            return
        with self.env.registry.cursor() as cr:
            marks = self.env["marketing.mail.mark"].with_env(self.env(cr=cr, context={}))
            out = locked.browse(marks._get_marked(locked.ids))
            to_send = locked - out
            to_send._read_to_send()
            sending = Sending(
                mark=marks._set,
                puts_back=auto_commit,
                quiet_ids=to_send._get_quiet_ids(),
            )
            to_send._hand_over(sending, raise_exception)
        out._settle_as_sent()
        to_send._settle_sending(sending)
        marks = marks.with_env(self.env)
        self.env.cr.postcommit.add(lambda: marks._forget(locked.ids))
        if auto_commit:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _hand_over(self, sending, raise_exception):
        """Hand these emails over, in another session whenever the server has ended one, as long
        as it takes any."""
        to_send = self.with_context(marketing_sending=sending)
        while to_send:
            before = len(sending.accepted)
            try:
                super(MailMail, to_send).send(  # pylint: disable=super-method-mismatch
                    raise_exception=raise_exception
                )
            except smtplib.SMTPServerDisconnected as error:
                if sending.refusal or len(sending.accepted) == before:
                    sending.refusal = sending.refusal or str(error)
                    if not sending.puts_back and not sending.accepted:
                        raise
                    sending.drop_unfinished(self.ids)
                    if not error.__cause__:
                        sending.stumble(str(error))
                    return
                to_send = to_send.browse(sending.drop_unfinished(self.ids))
            else:
                return

    # ------------------------------------------------------------
    # CLAIM
    # ------------------------------------------------------------

    def _lock_to_send(self):
        """Lock those of these emails that are still to be sent, until the transaction ends.

        :return: those that no other connection is at
        """
        self.flush_recordset(["state"])
        try:
            return self.browse(self._lock_outgoing())
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # One of them has changed since this transaction began.
            ids = []
            for mail in self:
                try:
                    ids += mail._lock_outgoing()
                except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                    continue
            return self.browse(ids)

    def _lock_outgoing(self):
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM mail_mail WHERE id = ANY(%s) AND state = 'outgoing'"
                    " ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
                    self.ids,
                ),
                log_exceptions=False,
            )
            return [mail_id for (mail_id,) in self.env.cr.fetchall()]

    def _read_to_send(self):
        """Read at once what Odoo reads of each email while it sends it."""
        self.fetch()
        self.mail_message_id.fetch()
        for name in MESSAGE_FIELDS:
            self.mapped(name)
        self.mailing_trace_ids.fetch(["mail_mail_id"])
        self.recipient_ids.fetch(["name", "email", "partner_share"])
        self.attachment_ids.fetch(ATTACHMENT_FIELDS)

    def _get_quiet_ids(self):
        """Ids of those of these emails about whose delivery nobody is notified."""
        Notification = self.env["mail.notification"].sudo()
        notified = Notification.search_fetch([("mail_mail_id", "in", self.ids)], ["mail_mail_id"])
        return set(self.ids).difference(notified.mail_mail_id.ids)

    # ------------------------------------------------------------
    # WHILE IT IS SENT
    # ------------------------------------------------------------

    def _note_while_sent(self, vals):
        """Note what Odoo wants written about an email of a batch: it is written for all at once.

        :return: whether it is noted
        :rtype: bool
        """
        sending = Sending.of(self.env)
        if not (sending and FATE.issuperset(vals)):
            return False
        sending.note_values(self.ids, vals)
        return True

    def _begin_to_send(self):
        """This is the email of the batch that is built and handed over now.

        :return: whether it may leave
        :rtype: bool
        """
        if sending := Sending.of(self.env):
            sending.mail_id = self.id
            # "Send Now" means it.
            until = sending.puts_back and self.marketing_send_until
            if until and until <= fields.Datetime.now():
                sending.closed.add(self.id)
                return False
            if select.select([self.env.cr.connection], [], [], 0)[0]:
                # PostgreSQL says something unasked: perhaps that the connection, and with it
                # the lock, is lost.
                self.env.cr.execute("SELECT")
        return True

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        sending = Sending.of(self.env)
        if not sending:
            return super()._postprocess_sent_message(
                success_pids, success_emails, failure_reason, failure_type
            )
        if failure_type == "mail_smtp" and sending.puts_back:
            # There is no connection at all.
            sending.refusal = sending.values[self[:1].id].get("failure_reason")
            sending.drop_unfinished(self.ids)
        elif sending.closed.issuperset(self.ids):
            sending.drop_unfinished(self.ids)
        else:
            result = (success_pids, success_emails, failure_reason, failure_type)
            sending.note_result(self.ids, result)
        return True

    # ------------------------------------------------------------
    # SETTLE
    # ------------------------------------------------------------

    def _settle_sending(self, sending):
        """Write down what became of these emails."""
        mailings = self.mailing_id
        done = self.filtered(lambda mail: mail.id in sending.results)
        put_off = self.filtered(lambda mail: mail.id in sending.put_off)
        given_up = put_off._put_off(sending)
        done = (done - put_off) | given_up
        done._write_noted(sending)
        done._postprocess_noted(sending)
        if sending.accepted:
            mailings._release()
        if sending.refusal:
            mailings._hold(sending.refusal)

    # What overrides write() and _postprocess_sent_message() on top of this addon has been called
    # for each email while it was sent: these go on from here, for all at once.

    def _write_noted(self, sending):  # pylint: disable=missing-return
        for values, mails in self.grouped(
            lambda mail: mail._get_new_values(sending.values.get(mail.id, {}))
        ).items():
            super(MailMail, mails).write({**values})  # pylint: disable=super-method-mismatch

    def _postprocess_noted(self, sending):  # pylint: disable=missing-return
        results = {mail: sending.results[mail.id] for mail in self}
        sent = self.filtered(lambda mail: not results[mail][3])
        for mails in (sent, *(self - sent)):
            if mails:
                super(MailMail, mails)._postprocess_sent_message(  # pylint: disable=super-method-mismatch
                    [partner for mail in mails for partner in results[mail][0]],
                    [email for mail in mails for email in results[mail][1]],
                    *results[mails[0]][2:],
                )

    def _settle_as_sent(self):
        """Write down what a sender that has ended by force could not."""
        if self:
            self.write({"state": "sent", "failure_type": False, "failure_reason": False})
            self._postprocess_sent_message([], [])

    def _get_new_values(self, values):
        """What of these values is new."""
        if values.get("message_id") == self.message_id:
            values = {key: value for key, value in values.items() if key != "message_id"}
        return frozendict(values)

    def _put_off(self, sending):
        """Have these emails tried again later.

        :return: those that were tried often enough
        """
        given_up = self.browse()
        for mail in self:
            attempts = mail.marketing_attempts + 1
            minutes = get_retry_minutes(attempts)
            if not minutes:
                sending.give_up(mail.id)
                given_up += mail
                continue
            mail.write(
                {
                    "marketing_attempts": attempts,
                    "scheduled_date": fields.Datetime.add(fields.Datetime.now(), minutes=minutes),
                    "failure_reason": sending.put_off[mail.id],
                    **mail._get_addresses_left(sending),
                }
            )
        return given_up

    def _get_addresses_left(self, sending):
        """Values that leave out the addresses that have got the email already."""
        taken = sending.taken.get(self.id)
        if not taken:
            return {}
        left = self._get_addresses() - taken
        return {
            "email_to": ", ".join(sorted(left)),
            "email_cc": False,
            "recipient_ids": [Command.clear()],
        }


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    @api.model
    def send_email(self, message, *args, **kwargs):
        """Note what the mail server says to an email of a campaign as soon as it says it."""
        sending = Sending.of(self.env)
        if not sending:
            return super().send_email(message, *args, **kwargs)
        addresses = frozenset(email_normalize_all(message["To"] or ""))
        if sending.has_taken(addresses):
            # In the session before, which has ended between two addresses of a participant.
            return message["Message-Id"]
        try:
            message_id = super().send_email(message, *args, **kwargs)
        except smtplib.SMTPServerDisconnected:
            raise
        except Exception as error:
            sending.refuse(error.__context__ or error)
            raise
        sending.accept(addresses)
        return message_id


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    def set_sent(self, domain=None):
        """What is known of a message already, when its batch comes to its end, says more."""
        traces = self + (self.search(domain) if domain else self.browse())
        known = traces.filtered(
            lambda trace: (
                trace.sudo().marketing_trace_id
                and trace.trace_status in ("open", "reply", "bounce")
            )
        )
        known.write({"sent_datetime": fields.Datetime.now()})
        super(MailingTrace, traces - known).set_sent()
        return traces


class MailNotification(models.Model):
    _inherit = "mail.notification"

    @api.model
    def search(self, domain, offset=0, limit=None, order=None):
        """Odoo looks for those of each email that it sends: here that was done for all."""
        if (sending := Sending.of(self.env)) and any(
            tuple(term[:2]) == ("mail_mail_id", "in") and sending.quiet_ids.issuperset(term[2])
            for term in domain
            if isinstance(term, list | tuple)
        ):
            return self.browse()
        return super().search(domain, offset, limit, order)
