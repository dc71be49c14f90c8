"""A mail server of the tests' own: what it receives is what recipients would get."""

import asyncio
import email.policy
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from unittest.mock import patch

from aiosmtpd.controller import Controller

from odoo.addons.base.models.ir_mail_server import IrMail_Server

HOST = "127.0.0.1"


@dataclass
class Mail:
    """A mail as it came over the wire.

    :param sender: of the envelope, where bounces go
    :param recipient: of the envelope
    """

    sender: str
    recipient: str
    message: EmailMessage

    @property
    def subject(self):
        return self.message["Subject"]

    @property
    def html(self):
        return self.message.get_body(("html",)).get_content()

    @property
    def pixel(self):
        """Path of the image that tells of opening."""
        return re.search(r'src="https?://[^/"]+(/mail/track/[^"]+)"', self.html)[1]

    def link(self, text):
        """Path behind a link's text."""
        anchor = r'<a[^>]+href="https?://[^/"]+(/[^"]*)"[^>]*>(.*?)</a>'
        anchors = re.findall(anchor, self.html, re.DOTALL)
        [path] = [path for path, label in anchors if text in label]
        return path

    def reply(self, text):
        """The recipient's answer, as RFC 822 text."""
        answer = EmailMessage()
        answer["From"] = self.recipient
        answer["To"] = self.message["Reply-To"] or self.message["From"]
        answer["Subject"] = f"Re: {self.subject}"
        answer["Message-ID"] = f"<answer.{self.message['Message-Id'].strip('<>')}>"
        answer["In-Reply-To"] = answer["References"] = self.message["Message-Id"]
        answer.set_content(text)
        return answer.as_string()

    def bounce(self):
        """The report of a mail server that could not deliver it (RFC 3464), as text."""
        original = self.message.as_string()
        headers = original.split("\n\n", 1)[0]
        return "\n".join(
            [
                "Return-Path: <>",
                "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>",
                f"To: {self.sender}",
                "Subject: Undelivered Mail Returned to Sender",
                f"Message-ID: <bounce.{self.message['Message-Id'].strip('<>')}>",
                "MIME-Version: 1.0",
                'Content-Type: multipart/report; report-type=delivery-status; boundary="report"',
                "",
                "--report",
                "Content-Type: text/plain; charset=us-ascii",
                "",
                f"<{self.recipient}>: user unknown",
                "",
                "--report",
                "Content-Type: message/delivery-status",
                "",
                "Reporting-MTA: dns; mx.example.com",
                "",
                f"Final-Recipient: rfc822; {self.recipient}",
                "Action: failed",
                "Status: 5.1.1",
                "",
                "--report",
                "Content-Type: text/rfc822-headers",
                "",
                headers,
                "",
                "--report--",
                "",
            ]
        )


@dataclass
class MailServer:
    """An SMTP server on a free port of this host; a context manager.

    :param refused: addresses that it refuses
    :param answers: what it answers instead when an address is named, one after the other
    :param broken: addresses at which it closes the connection without a word
    :param per_session: after how many mails it ends a session (421), if it does
    :param limit: after how many mails in all it takes no more (450), if it does
    :param on_mail: called with each mail before it is answered
    :param mails: what it has received
    """

    refused: set[str] = field(default_factory=set)
    answers: dict[str, list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    per_session: int | None = None
    limit: int | None = None
    on_mail: Callable | None = None
    mails: list[Mail] = field(default_factory=list)

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = probe.getsockname()[1]
        self._controller = Controller(self, hostname=HOST, port=self.port)
        self._controller.start()
        # Odoo sends nothing in tests. This is its one switch; all behind it is real.
        self._sending = patch.object(IrMail_Server, "_disable_send", classmethod(lambda cls: False))
        self._sending.start()
        return self

    def __exit__(self, *error):
        self._sending.stop()
        self._controller.stop()

    def take(self):
        """The mails that came since the last call."""
        mails, self.mails = self.mails, []
        return mails

    async def handle_MAIL(self, server, session, envelope, address, options):
        """Called by aiosmtpd at the beginning of each mail."""
        if self.per_session and getattr(session, "mails", 0) >= self.per_session:
            return "421 4.7.0 Too many messages in this session"
        if self.limit is not None and len(self.mails) >= self.limit:
            return "450 4.7.1 Too much mail, try later"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Called by aiosmtpd for each recipient."""
        if address in self.broken:
            server.transport.abort()
        if address in self.refused:
            return "550 5.1.1 No such user"
        if self.answers.get(address):
            return self.answers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Called by aiosmtpd for each mail."""
        message = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
        session.mails = getattr(session, "mails", 0) + 1
        mails = [Mail(envelope.mail_from, address, message) for address in envelope.rcpt_tos]
        self.mails += mails
        if self.on_mail:
            for mail in mails:  # meanwhile others are served
                await asyncio.get_running_loop().run_in_executor(None, self.on_mail, mail)
        return "250 OK"
