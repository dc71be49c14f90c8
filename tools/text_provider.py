"""A provider of text messages, as Odoo's own methods see it while a batch is sent."""

import ssl

import requests
import urllib3

from odoo.addons.iap.tools.iap_tools import InsufficientCreditError

from .failures import get_chain

# Without a connection, or without credit, nothing was taken.
REFUSALS = (
    InsufficientCreditError,
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    ssl.SSLCertVerificationError,
    urllib3.exceptions.NewConnectionError,
)
# Refusals of the account or of the moment, not of a text message (RFC 9110).
REFUSING_STATUSES = {401, 402, 403, 407, 408, 429, 503}


class NothingTaken(Exception):
    """The provider has not taken any text message of a batch."""


class TextProvider:
    """Asks the provider for what is not known yet, and keeps what it has taken.

    Odoo learns of the other text messages only: it settles them one way or another.

    :param SmsApiBase api: of the provider
    :param list known: what it has answered before a sender was ended by force
    :param tuple accepting: states of an answer that mean that a text message was taken
    :param note: called with what was taken as soon as it was
    :param bool raises: whether an error is raised where it is not known what was taken
    :ivar accepted: answers for what it has taken
    :ivar failed: answers for the others
    :ivar trouble: why it takes nothing for the moment
    """

    def __init__(self, api, known, accepting, note, raises):
        self.api = api
        self.accepting = accepting
        self.note = note
        self.raises = raises
        self.accepted = list(known)
        self.failed = []
        self.trouble = None

    def __getattr__(self, name):
        return getattr(self.api, name)

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        known = {result["uuid"] for result in self.accepted}
        messages = [
            {**message, "numbers": numbers}
            for message in messages
            if (numbers := [to for to in message["numbers"] if to["uuid"] not in known])
        ]
        answers = self._ask(messages, delivery_reports_url) if messages else {}
        accepted = [answer for answer in answers.values() if answer["state"] in self.accepting]
        if accepted:
            self.note(accepted)
            self.accepted += accepted
        self.failed = [
            answer for answer in answers.values() if answer["state"] not in self.accepting
        ]
        return self.failed

    def _ask(self, messages, delivery_reports_url):
        """What the provider answers, by uuid.

        :raise NothingTaken: if it has taken nothing
        """
        reason = None
        results = ()
        try:
            results = self.api._send_sms_batch(messages, delivery_reports_url=delivery_reports_url)
        except Exception as error:
            self.trouble = str(error)
            if has_refused(error):
                raise NothingTaken from error
            if self.raises:
                raise
            reason = self.api.env._(
                "It is not known whether the provider has sent it: %(error)s", error=error
            )
        answers = {result["uuid"]: result for result in results or ()}
        return {
            to["uuid"]: answers.get(
                to["uuid"],
                {"uuid": to["uuid"], "state": "server_error", "failure_reason": reason},
            )
            for message in messages
            for to in message["numbers"]
        }


def has_refused(error):
    """Whether it is sure that nothing was taken.

    Not where a connection ended, or took too long, after the request had been made.

    >>> has_refused(requests.exceptions.ConnectTimeout())
    True
    >>> has_refused(requests.exceptions.ReadTimeout())
    False
    """
    for link in get_chain(error):
        if isinstance(link, REFUSALS):
            return True
        if isinstance(link, requests.exceptions.HTTPError) and link.response is not None:
            return link.response.status_code in REFUSING_STATUSES
    return False
