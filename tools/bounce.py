"""What a mail server's report says: about which message, and for whom it has failed.

Reports of delivery are RFC 3464 (``message/delivery-status``), in their variant for
addresses beyond ASCII RFC 6533. Other reports (read receipts, RFC 8098; complaints,
RFC 5965) are never failures. Mail servers that know none of these write plain text.
"""

import re
from email import policy
from email.parser import HeaderParser
from typing import NamedTuple

from odoo.tools.mail import email_normalize_all

from .mail_headers import header

DELIVERY_STATUS = ("message/delivery-status", "message/global-delivery-status")
ORIGINAL = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
ORIGINAL_IDS = ("Message-ID", "X-Microsoft-Original-Message-ID")

MESSAGE_ID = re.compile(r"<[^<>\s\0]+@[^<>\s\0]+>")
QUOTED_MESSAGE_ID = re.compile(r"^[>\s]*Message-ID:\s*(<[^<>\s\0]+@[^<>\s\0]+>)", re.I | re.M)
# Where a copy of the message begins in a report in plain text.
QUOTED_HEADER = re.compile(
    r"^[>\s]*(Return-Path|Received|Message-ID|From|To|Subject|Date|DKIM-Signature):\s", re.I | re.M
)
# A status of class 5 (RFC 3463) or a reply of that class (RFC 5321), and no IP address.
PERMANENT_STATUS = re.compile(r"(?<![\w.])5(?:\.\d{1,3}\.\d{1,3}|[0-5]\d)(?!\.?[\w])")
# How servers and services that are not known by their sender say that they have given up.
GIVEN_UP = re.compile(
    r"permanent (?:error|failure|fatal)|permanently (?:failed|rejected)|failed permanently"
    r"|given up|giving up|undeliver(?:able|ed)|(?:could not|cannot|can't|couldn't|not) be delivered"
    r"|(?:unable|not able|wasn't able) to deliver|(?:returned|returning) (?:message )?to sender"
    r"|delivery (?:has )?fail(?:ed|ure)|failed to deliver|failure notice|\(failure\)"
    r"|did(?: not|n't) reach|(?:mailbox|user|recipient|address|account)[\w ]{0,20} (?:unknown"
    r"|not found|unavailable|do(?:es not|esn't) exist|full|disabled)|over ?quota|quota exceeded"
    r"|(?:unknown|invalid|no such)(?: local)? (?:user|recipient|address|mailbox)"
    r"|no mailbox here|unrouteable"
    r"|nicht zugestellt|unzustellbar|(?:pas|non) (?:pu être )?(?:remis|délivré|distribué)"
    r"|no (?:se )?(?:pudo|puede|ha podido)(?: ser)? entrega|impossibile (?:recapit|consegn)"
    r"|mancata consegna|onbestelbaar|niet (?:worden )?bezorgd",
    re.I,
)
# What else servers write: that they go on trying, that others have to decide, or good news.
UNDECIDED = re.compile(
    r"delayed|deferred|warning(?: message)? only|still (?:being )?tr|temporar(?:y|ily)"
    r"|(?:will|to) (?:be )?(?:keep |continue |still )?(?:re)?tr(?:y|ied|ying)"
    r"|attempts (?:will )?continue|not yet (?:been )?delivered|do not need to resend"
    r"|quarantine|moderator|being held|successfully (?:been )?(?:deliver|relay)",
    re.I,
)
ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]+@[^\s<>,;:\"'()\[\]]+")
# Whom a report names besides the recipients.
ROLES = ("mailer-daemon@", "postmaster@")


class Report(NamedTuple):
    """A report on a message.

    :param message_ids: of the message, as far as it is known
    :param failed: normalised addresses, each under all names that the report gives it,
        for which delivery has failed
    :param is_failure: whether delivery has failed for somebody, named or not
    :param text: all that a report in plain text has, with the copy of the message
    """

    message_ids: list
    failed: set
    is_failure: bool
    text: str = ""

    def has_failed_for(self, addresses):
        """
        :param addresses: normalised addresses to which the message was sent
        """
        return self.is_failure and (not self.failed or not self.failed.isdisjoint(addresses))


def is_from_mail_server(message):
    """Whether a mail server says that it is the sender, or names recipients that failed.

    :param email.message.EmailMessage message:
    """
    senders = email_normalize_all(header(message, "From"))
    return any(sender.startswith(ROLES) for sender in senders) or bool(
        message.get("X-Failed-Recipients")
    )


def read_report(message):
    """What a message reports, if it is a report.

    :param email.message.EmailMessage message:
    :rtype: Report
    """
    parts = list(message.walk())
    status = next((part for part in parts if part.get_content_type() in DELIVERY_STATUS), None)
    original_ids = _original_ids(parts) or _replied_to(message)
    if status:
        return Report(original_ids, *_failed_recipients(status))
    if message.get_content_type() == "multipart/report" and not _is_delivery_report(message):
        return Report(original_ids, set(), False)
    text = _text(parts)
    quoted = QUOTED_MESSAGE_ID.findall(text)
    message_ids = _original_ids(parts) or quoted or original_ids
    return Report(message_ids, *_failed_in_text(message, text), text)


def _is_delivery_report(message):
    return str(message.get_param("report-type", "")).lower() in ("", "delivery-status")


def _original_ids(parts):
    """Message-IDs of the message that is returned with a report, or of its headers."""
    for part in parts:
        if part.get_content_type() not in ORIGINAL:
            continue
        payload = part.get_payload()
        headers = payload[0] if isinstance(payload, list) else _parse(_content(part))
        return [
            message_id
            for name in ORIGINAL_IDS
            for message_id in MESSAGE_ID.findall(header(headers, name))
        ]
    return []


def _replied_to(message):
    replied = f"{header(message, 'In-Reply-To')} {header(message, 'References')}"
    return MESSAGE_ID.findall(replied)


def _failed_recipients(status):
    """Of whom a status says so (RFC 3464, 2.3).

    :return: the addresses, and whether there is anybody, named or not
    """
    failed, is_failure = set(), False
    for block in re.split(r"\n[ \t]*\r?\n", status.as_string().replace("\r\n", "\n")):
        fields = _parse(block.strip())
        action = header(fields, "Action").split("(")[0].strip().lower()
        if action:
            has_failed = action == "failed"
        else:
            # Not allowed, and seen: the class of the status tells.
            has_failed = header(fields, "Status").strip().startswith("5")
        if has_failed:
            is_failure = True
            for name in ("Final-Recipient", "Original-Recipient"):
                failed.update(_addresses(header(fields, name).rpartition(";")[2]))
    return failed, is_failure


def _failed_in_text(message, text):
    """Of whom a report in plain text says so; it quotes the message below."""
    quoted = QUOTED_HEADER.search(text)
    own_words = text[: quoted.start()] if quoted else text
    named = _addresses(header(message, "X-Failed-Recipients"))  # Exim
    said = f"{header(message, 'Subject')}\n{own_words}"
    has_failed = PERMANENT_STATUS.search(own_words) or (
        (is_from_mail_server(message) or GIVEN_UP.search(said)) and not UNDECIDED.search(said)
    )
    if not named:
        named = set().union(*map(_addresses, ADDRESS.findall(own_words)))
    return {address for address in named if not address.startswith(ROLES)}, bool(has_failed)


def _text(parts):
    """The first text of a report, without the message that it returns."""
    for part in parts:
        if part.get_content_type() in ORIGINAL:
            break
        if part.get_content_type() == "text/plain":
            return _content(part)
    return ""


def _content(part):
    payload = part.get_payload(decode=True) or b""
    try:
        return payload.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", "replace")


def _parse(text):
    return HeaderParser(policy=policy.compat32).parsestr(text)


def _addresses(text):
    """Normalised addresses; those of RFC 3461 may be written in xtext."""
    plain = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return {*email_normalize_all(text.strip()), *email_normalize_all(plain.strip())}
