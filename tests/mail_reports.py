"""Reports and answers as mail servers, mail programs and robots write them.

Each is a template of an RFC 5322 message with these names: ``email`` (the recipient of
the campaign's message), ``message_id`` and ``sender`` (of that message), ``bounce`` (the address
for bounces), ``reply_to`` (for replies), ``link`` (signed address of a link in the message)
and ``token`` (of this report).
"""


def delivery_report(
    status,
    *,
    sender="MAILER-DAEMON@mx.example.com",
    to="{bounce}",
    returned="text/rfc822-headers",
    original="Message-ID: {message_id}\nFrom: {sender}\nTo: {email}\nSubject: Hello",
    headers="",
):
    """A report as in RFC 3464."""
    third = f"--XXX\nContent-Type: {returned}\n\n{original}\n\n" if returned else ""
    headers = f"{headers}\n" if headers else ""
    return f"""Return-Path: <>
From: Mail Delivery System <{sender}>
To: {to}
Subject: Report on your message
Message-ID: <report-{{token}}@mx.example.com>
Auto-Submitted: auto-replied
{headers}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XXX"

--XXX
Content-Type: text/plain; charset=utf-8

This is the mail system at mx.example.com.

--XXX
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Sat, 1 Mar 2025 09:00:00 +0000

{status.strip()}

{third}--XXX--
"""


def text_report(text, *, sender="MAILER-DAEMON@mx.example.com", to="{bounce}", headers="", subject):
    """A report of a mail server that writes plain text."""
    headers = f"{headers}\n" if headers else ""
    return f"""Return-Path: <>
From: {sender}
To: {to}
Subject: {subject}
Message-ID: <report-{{token}}@mx.example.com>
{headers}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text.strip()}
"""


def answer(headers, *, sender="{email}", text="I am away until Monday.", to="{reply_to}"):
    """An answer to the campaign's message."""
    headers = f"{headers}\n" if headers else ""
    return f"""From: {sender}
To: {to}
Subject: Re: Hello
Message-ID: <answer-{{token}}@example.com>
In-Reply-To: {{message_id}}
References: {{message_id}}
{headers}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

{text}
"""


QUOTED = """Return-Path: <{bounce}>
Received: from odoo.example.com by mx.example.com; Sat, 1 Mar 2025 09:00:00 +0000
Message-ID: {message_id}
From: {sender}
To: {email}
Subject: Hello

Hello"""
FAILED = """Final-Recipient: rfc822; {email}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown"""

BOUNCES = {
    "Postfix": delivery_report(
        "Final-Recipient: rfc822; {email}\nOriginal-Recipient: rfc822;{email}\nAction: failed\n"
        "Status: 5.1.1\nRemote-MTA: dns; mail.example.com",
        returned="message/rfc822",
        original=QUOTED,
    ),
    "Postfix, forwarded by the server": delivery_report(
        "Final-Recipient: rfc822; somebody@elsewhere.example.org\n"
        "Original-Recipient: rfc822;{email}\nAction: failed\nStatus: 5.2.2"
    ),
    "Exim": delivery_report(
        "Action: failed\nFinal-Recipient: rfc822;{email}\nStatus: 5.0.0",
        returned="message/rfc822",
        original=QUOTED,
        headers="X-Failed-Recipients: {email}",
    ),
    "Exchange": delivery_report(
        "Final-recipient: RFC822; {email}\nAction: failed\nStatus: 5.1.10\n"
        "X-Display-Name: Somebody",
        sender="postmaster@example.onmicrosoft.com",
        returned="message/rfc822",
        original="Message-ID: <other@outlook.example.com>\n"
        "X-Microsoft-Original-Message-ID: {message_id}\nTo: {email}\n\nHello",
    ),
    "Exchange, without the message": delivery_report(
        FAILED, returned=None, headers="In-Reply-To: {message_id}\nReferences: {message_id}"
    ),
    "Gmail": delivery_report(
        "Final-Recipient: rfc822; {email}\nAction: failed\nStatus: 5.1.1\n"
        "Last-Attempt-Date: Sat, 01 Mar 2025 01:00:00 -0800 (PST)",
        sender="mailer-daemon@googlemail.com",
        returned="message/rfc822",
        original=QUOTED,
        headers="X-Failed-Recipients: {email}\nIn-Reply-To: {message_id}",
    ),
    "expired after days of delay": delivery_report(
        "Final-Recipient: rfc822; {email}\nAction: failed\nStatus: 4.4.7"
    ),
    "several recipients, ours among those that failed": delivery_report(
        "Final-Recipient: rfc822; first@example.com\nAction: delivered\nStatus: 2.0.0\n\n" + FAILED
    ),
    "comment after the action": delivery_report(FAILED.replace("failed", "Failed (mailbox gone)")),
    "no recipient named": delivery_report("Action: failed\nStatus: 5.1.1"),
    "no action, a permanent status": delivery_report(
        "Final-Recipient: rfc822; {email}\nStatus: 5.1.1"
    ),
    "xtext": delivery_report(
        "Final-Recipient: rfc822; x@elsewhere.example.org\n"
        "Original-Recipient: rfc822;{email_in_xtext}\nAction: failed\nStatus: 5.1.1"
    ),
    "to the reply address": delivery_report(
        FAILED, sender="postmaster@mx.example.com", to="{reply_to}"
    ),
    "qmail": text_report(
        """Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{email}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

"""
        + QUOTED,
        subject="failure notice",
    ),
    "Exim, plain text": text_report(
        """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients. This is a
permanent error. The following address(es) failed:

  {email}
    unrouteable address

------ This is a copy of the message, including all the headers. ------

"""
        + QUOTED,
        subject="Mail delivery failed: returning message to sender",
        headers="X-Failed-Recipients: {email}",
    ),
    "plain text, quoted, to the bounce address": text_report(
        "Undeliverable: {email}, user unknown\n\n"
        + "\n".join(f"> {line}" for line in QUOTED.splitlines()),
        sender="mail-system@mx.example.com",
        subject="Undeliverable",
    ),
    "plain text to the reply address": text_report(
        "<{email}>: host mx.example.com said: 550 5.1.1 unknown\n\n" + QUOTED,
        sender="postmaster@mx.example.com",
        to="{reply_to}",
        subject="Undelivered mail",
    ),
    "Exchange, plain text": text_report(
        "Your message\n\n  Subject: Hello\n\ndid not reach some recipients: {email}\n\n" + QUOTED,
        sender="postmaster@mx.example.com",
        subject="Delivery Status Notification (Failure)",
    ),
    "mail server with words of its own": text_report(
        "{email}: そのような宛先はありません\n\n" + QUOTED, subject="返送"
    ),
    "Gmail, plain text, to the reply address": text_report(
        "Delivery to the following recipient failed permanently:\n\n  {email}\n\n" + QUOTED,
        to="{reply_to}",
        subject="Delivery Status Notification",
    ),
    "German, to the bounce address": text_report(
        "Die Nachricht an {email} konnte nicht zugestellt werden.\n\n" + QUOTED,
        sender="mailsystem@mx.example.com",
        subject="Unzustellbar: Hello",
    ),
    "mailbox full, to the bounce address": text_report(
        "{email}: mailbox is full\n\n" + QUOTED,
        sender="mailsystem@mx.example.com",
        subject="Returned",
    ),
    "plain text, copy without headers, to the bounce address": text_report(
        "The address {email} is permanently rejected.\n\nHello, see {link} and more",
        sender="mail-system@mx.example.com",
        subject="Undeliverable",
    ),
}

NO_BOUNCES = {
    **{
        f"Action: {action}": delivery_report(
            f"Final-Recipient: rfc822; {{email}}\nAction: {action}\nStatus: {status}"
        )
        for action, status in {
            "delayed": "4.4.1",
            "delivered": "2.0.0",
            "relayed": "2.0.0",
            "expanded": "2.0.0",
        }.items()
    },
    "delayed, although with a permanent status": delivery_report(
        "Final-Recipient: rfc822; {email}\nAction: delayed\nStatus: 5.0.0"
    ),
    "Gmail, delayed": delivery_report(
        "Final-Recipient: rfc822; {email}\nAction: delayed\nStatus: 4.4.1\n"
        "Will-Retry-Until: Tue, 04 Mar 2025 09:00:00 +0000",
        sender="mailer-daemon@googlemail.com",
        headers="X-Failed-Recipients: {email}",
    ),
    "delayed, to the reply address": delivery_report(
        "Final-Recipient: rfc822; {email}\nAction: delayed\nStatus: 4.4.1",
        sender="postmaster@mx.example.com",
        to="{reply_to}",
        headers="In-Reply-To: {message_id}\nReferences: {message_id}",
    ),
    "copy that the recipient forwarded": delivery_report(
        FAILED.replace("{email}", "friend@elsewhere.example.org")
    ),
    "copy that was forwarded, with its own envelope": delivery_report(
        "Final-Recipient: rfc822; friend@elsewhere.example.org\n"
        "Original-Recipient: rfc822;friend@elsewhere.example.org\nAction: failed\nStatus: 5.1.1"
    ),
    "several recipients, ours not among those that failed": delivery_report(
        FAILED.replace("{email}", "friend@elsewhere.example.org")
        + "\n\nFinal-Recipient: rfc822; {email}\nAction: delivered\nStatus: 2.0.0"
    ),
    "read receipt": """From: {email}
To: {bounce}
Subject: Read: Hello
Message-ID: <receipt-{token}@example.com>
In-Reply-To: {message_id}
References: {message_id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="XXX"

--XXX
Content-Type: text/plain

Your message was read.

--XXX
Content-Type: message/disposition-notification

Reporting-UA: mail.example.com; Mail
Original-Recipient: rfc822;{email}
Final-Recipient: rfc822;{email}
Original-Message-ID: {message_id}
Disposition: manual-action/MDN-sent-manually; displayed

--XXX
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--XXX--
""",
    "complaint": """From: feedback@provider.example.com
To: {bounce}
Subject: Abuse report
Message-ID: <complaint-{token}@provider.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="XXX"

--XXX
Content-Type: text/plain

This is an email abuse report.

--XXX
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1

--XXX
Content-Type: message/rfc822

Message-ID: {message_id}
From: {sender}
To: {email}

Hello
--XXX--
""",
    "Exim, delayed, plain text": text_report(
        """This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.com.

The address to which the message has not yet been delivered is:

  {email}

No action is required on your part. Delivery attempts will continue for some time.

"""
        + QUOTED,
        subject="Warning: message 1abc delayed 24 hours",
    ),
    "qmail, delayed, to the reply address": text_report(
        "<{email}>: connection refused (#4.4.1)\nI'm still trying; you do not need to resend.\n\n"
        + QUOTED,
        to="{reply_to}",
        sender="postmaster@mx.example.com",
        headers="In-Reply-To: {message_id}",
        subject="Delivery delayed",
    ),
    "plain text, of a forwarded copy": text_report(
        "<friend@elsewhere.example.org>:\nNo such user (#5.1.1)\n\n" + QUOTED,
        subject="failure notice",
    ),
    "sendmail, delayed, plain text": text_report(
        "THIS IS A WARNING MESSAGE ONLY. The message to {email} could not be delivered for 4 hours."
        "\nIt will be retried until it is 5 days old.\n\n" + QUOTED,
        subject="Warning: could not send message for past 4 hours",
    ),
    "deferred, plain text": text_report(
        "The message to {email} is deferred. Delivery attempts continue.\n\n" + QUOTED,
        subject="Your message",
    ),
    "delivered, plain text": text_report(
        "The message was successfully delivered to {email}.\n\n" + QUOTED, subject="Your message"
    ),
    "held for approval, plain text": text_report(
        "The message to {email} is being held until a moderator has seen it.\n\n" + QUOTED,
        sender="postmaster@mx.example.com",
        subject="Your message",
    ),
    "vacation without headers, to the bounce address": text_report(
        "I am away until Monday.\n\n" + "\n".join(f"> {line}" for line in QUOTED.splitlines()),
        sender="{email}",
        subject="Out of office: Hello",
    ),
    "vacation, to the bounce address": text_report(
        "I am away until Monday.\n\n" + "\n".join(f"> {line}" for line in QUOTED.splitlines()),
        sender="{email}",
        headers="Auto-Submitted: auto-replied (vacation)",
        subject="Out of office: Hello",
    ),
}

MACHINES = {
    "RFC 3834": answer("Auto-Submitted: auto-replied"),
    "sieve vacation": answer("Auto-Submitted: auto-replied (vacation)"),
    "generated": answer("Auto-Submitted: auto-generated; owner-email=a@example.com"),
    "unknown kind": answer("Auto-Submitted: auto-notified"),
    "Exchange": answer("X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"),
    "Exchange, all": answer("X-Auto-Response-Suppress: All"),
    "Gmail vacation": answer("X-Autoreply: yes\nPrecedence: bulk"),
    "hosting panel": answer("X-Autorespond: Hello"),
    "Lotus Notes": answer("X-Autogenerated: Reply"),
    "auto_reply": answer("Precedence: auto_reply"),
    "bulk": answer("Precedence: Bulk"),
    "junk": answer("Precedence: junk"),
    "procmail vacation": answer("X-Loop: somebody@example.com"),
    "ticket robot": answer(
        "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated",
        sender="Support <support@example.com>",
        text="Your request has been received: ticket 4711.",
    ),
    "nobody reads": answer("", sender="Support <no-reply@example.com>"),
    "empty envelope": answer("Return-Path: <>"),
}

PEOPLE = {
    "plain": answer("", text="Thank you."),
    "says so": answer("Auto-Submitted: no"),
    "suppresses receipts": answer("X-Auto-Response-Suppress: DR, RN, NRN"),
    "through a mailing list": answer(
        "Precedence: list\nX-Loop: list@example.com\nList-Id: <list.example.com>"
    ),
    "important": answer("Importance: high\nX-Priority: 1\nPrecedence: first-class"),
    "robot's denial": answer("X-Autoreply: no"),
    "reply to a vacation": answer("Thread-Topic: Automatic reply: Hello"),
    "named Noreen": answer("", sender="noreen.plyer@example.com"),
}
