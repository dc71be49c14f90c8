"""A mail server that notes what it accepts, and that can be dropped, or be in a bad mood."""

import random
import re
import time
from collections import Counter, defaultdict

from aiosmtpd.controller import Controller

from .duplicates import Delivery

# What it does besides taking mail.
MOODS = (
    "takes all",
    "refuses some",
    "puts some off",
    "ends sessions",
    "limits the rate",
    "hangs up",
)
PER_SESSION = 5
PER_SECOND = 3
CHANCE = 0.1
REFUSALS = ("550 5.1.1 No such user", "554 5.7.1 Looks like spam")
DELAYS = ("451 4.3.0 Later", "450 4.2.0 Greylisted", "452 4.3.1 No space left")
LIMITS = ("450 4.7.1 Too much mail, try later", "421 4.7.0 Too much mail, closing")


class MailServer:
    """Accepts mail on ports of this machine, one for each Odoo server.

    :ivar dict deliveries: list of deliveries by recipient
    :ivar str mood: one of MOODS
    :ivar Counter answers: how often it did what it does besides taking mail, by mood
    """

    def __init__(self, ports, moods=MOODS):
        self.ports = ports
        self.moods = moods
        self.answers = Counter()
        self.deliveries = defaultdict(list)
        self.controllers = []
        self.mood = MOODS[0]

    def start(self):
        if not self.controllers:
            self.controllers = [
                Controller(Inbox(self, number), hostname="127.0.0.1", port=port)
                for number, port in enumerate(self.ports)
            ]
            for controller in self.controllers:
                controller.start()

    def drop(self):
        """Refuse connections from now on, and cut those that there are."""
        for controller in self.controllers:
            controller.stop()
        self.controllers = []

    def change_mood(self):
        """Be in another mood, at random.

        :return: which
        """
        self.mood = random.choice(self.moods)
        return self.mood

    def is_time_to(self, mood, chance=CHANCE):
        """Whether to do now what it does in this mood."""
        if self.mood != mood or random.random() >= chance:
            return False
        self.answers[mood] += 1
        return True


class Inbox:
    """Handler of the mails of one Odoo server.

    :param MailServer mail_server: whose mood it has, and that notes the deliveries
    :param int number: of the Odoo server
    """

    def __init__(self, mail_server, number):
        self.mail_server = mail_server
        self.number = number
        self.second = self.begun = 0

    async def handle_MAIL(self, _server, session, envelope, address, _options):
        server, taken = self.mail_server, getattr(session, "taken", 0)
        if taken >= PER_SESSION and server.is_time_to("ends sessions", 1):
            return "421 4.7.0 Too many messages in this session"
        if self._is_too_fast() and server.is_time_to("limits the rate", 1):
            return random.choice(LIMITS)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, _session, envelope, address, _options):
        envelope.rcpt_tos.append(address)
        return self._refuse(server) or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if answer := self._refuse(server):
            return answer
        session.taken = getattr(session, "taken", 0) + 1
        for address in envelope.rcpt_tos:
            delivery = Delivery(time.time(), self.number)
            recipient = re.sub(r".*<|>.*", "", address)
            self.mail_server.deliveries[recipient].append(delivery)
        return "250 OK"

    def _refuse(self, server):
        """What it answers to a recipient, or to a content, that it does not take."""
        mail_server = self.mail_server
        if mail_server.is_time_to("refuses some"):
            return random.choice(REFUSALS)
        if mail_server.is_time_to("puts some off"):
            return random.choice(DELAYS)
        if mail_server.is_time_to("hangs up"):
            server.transport.close()
            return "421 4.3.0 Good bye"  # nobody hears it
        return None

    def _is_too_fast(self):
        """Whether more mails come in this second than it takes."""
        second = int(time.time())
        if second != self.second:
            self.second, self.begun = second, 0
        self.begun += 1
        return self.begun > PER_SECOND
