"""What becomes of the emails of a batch while it is handed over to a mail server."""

import smtplib

from . import header_classes  # noqa: F401 - replaces email.policy.SMTP

# After so many temporary refusals one after the other it is the server that takes no mail now.
# Where every third recipient is greylisted, so many come once in 60,000 emails.
REFUSALS_OF_SERVER = 10
# Minutes until an email that was put off is tried again; after the last it has failed.
RETRY_MINUTES = (1, 5, 15, 60, 240)


class Sending:
    """A batch that is being sent, handed on in the context as ``marketing_sending``.

    :param mark: called with the id of an email as soon as the mail server has taken it
    :param puts_back: whether what a server refuses for the moment stays in the queue
    :param quiet_ids: emails about whose delivery nobody is notified
    :ivar mail_id: the email that is being built and handed over
    :ivar values: what Odoo wants written, by email
    :ivar results: arguments of ``_postprocess_sent_message``, by email
    :ivar accepted: emails that the server has taken
    :ivar taken: addresses to which it has taken them, by email
    :ivar put_off: why an email is tried again later, by email
    :ivar closed: emails that stay in the queue, since their sending hours are over
    :ivar refusal: why the server takes nothing for the moment
    """

    def __init__(self, mark=None, puts_back=False, quiet_ids=()):
        self.mark = mark
        self.puts_back = puts_back
        self.quiet_ids = frozenset(quiet_ids)
        self.mail_id = None
        self.values = {}
        self.results = {}
        self.accepted = set()
        self.taken = {}
        self.put_off = {}
        self.closed = set()
        self.refusal = None
        self._refusals_in_a_row = 0

    @classmethod
    def of(cls, env):
        """The batch that is being sent in this environment; contexts of clients hold none."""
        sending = env.context.get("marketing_sending")
        return sending if isinstance(sending, cls) else None

    def note_values(self, mail_ids, values):
        for mail_id in mail_ids:
            self.values.setdefault(mail_id, {}).update(values)

    def note_result(self, mail_ids, result):
        self.results.update(dict.fromkeys(mail_ids, result))

    def has_taken(self, addresses):
        """Whether the mail server has taken the present email to these addresses."""
        return bool(addresses) and addresses <= self.taken.get(self.mail_id, set())

    def accept(self, addresses):
        """The mail server has taken the present email to these addresses."""
        self.taken.setdefault(self.mail_id, set()).update(addresses)
        if self.mark and self.mail_id not in self.accepted:
            self.mark(self.mail_id)
        self.accepted.add(self.mail_id)
        self._refusals_in_a_row = 0

    def refuse(self, error):
        """The mail server has refused the present email.

        :param Exception error: of smtplib
        :raise SMTPServerDisconnected: if there is no point in going on with this session
        """
        if not self.puts_back or not is_temporary(error):
            self._refusals_in_a_row = 0
            return
        self._refusals_in_a_row += 1
        if ends_session(error):
            raise smtplib.SMTPServerDisconnected(get_sentence(error)) from error
        if (
            isinstance(error, smtplib.SMTPSenderRefused)
            or self._refusals_in_a_row >= REFUSALS_OF_SERVER
        ):
            self.refusal = get_sentence(error)
            raise smtplib.SMTPServerDisconnected(self.refusal) from error
        self.put_off[self.mail_id] = get_sentence(error)

    def stumble(self, reason):
        """The server hangs up at the present email, without a word: others go first."""
        if self.puts_back and self.mail_id and self.mail_id not in self.results:
            self.put_off[self.mail_id] = reason

    def give_up(self, mail_id):
        """An email that was put off is not tried again."""
        if mail_id not in self.results:
            reason = self.put_off[mail_id]
            self.note_values(
                [mail_id],
                {"state": "exception", "failure_type": "unknown", "failure_reason": reason},
            )
            self.note_result([mail_id], ([], [], reason, "unknown"))

    def drop_unfinished(self, mail_ids):
        """Forget what Odoo had begun to note of emails that it has not come to the end of.

        :return: ids of these emails
        """
        unfinished = [mail_id for mail_id in mail_ids if mail_id not in self.results]
        for mail_id in unfinished:
            self.values.pop(mail_id, None)
        return unfinished


def get_answers(error):
    """The reply codes (RFC 5321, 4.2) and texts of a mail server, in an error of smtplib.

    >>> get_answers(smtplib.SMTPDataError(451, b"4.3.0 later"))
    [(451, b'4.3.0 later')]
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return list(error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return [(error.smtp_code, error.smtp_error)]
    return []


def get_codes(error):
    """The reply codes alone."""
    return [code for code, _text in get_answers(error)]


def get_sentence(error):
    """What the mail server has said, as people read it; of several recipients to the first.

    >>> get_sentence(smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"greylisted")}))
    '450 greylisted'
    """
    answers = get_answers(error)
    if not answers:
        return str(error)
    code, text = answers[0]
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return " ".join([str(code), *text.split()])


def is_temporary(error):
    """Whether the same email may be taken later.

    >>> is_temporary(smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"greylisted")}))
    True
    >>> is_temporary(smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no such user")}))
    False
    """
    codes = get_codes(error)
    return bool(codes) and all(400 <= code < 500 for code in codes)


def ends_session(error):
    """Whether the server takes no more emails in this session.

    >>> ends_session(smtplib.SMTPSenderRefused(421, b"closing", "a@b.example"))
    True
    """
    return 421 in get_codes(error)


def get_retry_minutes(attempts):
    """How long to wait after so many attempts; None if there is no further one.

    >>> [get_retry_minutes(attempts) for attempts in (1, 2, 6)]
    [1, 5, None]
    """
    return RETRY_MINUTES[attempts - 1] if attempts <= len(RETRY_MINUTES) else None
