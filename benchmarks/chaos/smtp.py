"""A mail server that notes what it accepts, and that can be dropped, or be in a bad mood."""

import random
import re
import time
from collections import defaultdict

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
CHANCE = 0.1


class MailServer:
    """Accepts mail on ports of this machine, one for each Odoo server.

    :ivar dict deliveries: list of deliveries by recipient
    :ivar str mood: one of MOODS
    """

    def __init__(self, ports):
        self.ports = ports
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
        self.mood = random.choice(MOODS)
        return self.mood


class Inbox:
    """Handler of the mails of one Odoo server.

    :param MailServer mail_server: whose mood it has, and that notes the deliveries
    :param int number: of the Odoo server
    """

    def __init__(self, mail_server, number):
        self.mail_server = mail_server
        self.number = number

    async def handle_MAIL(self, _server, session, envelope, address, _options):
        mood = self.mail_server.mood
        if mood == "ends sessions" and getattr(session, "taken", 0) >= PER_SESSION:
            return "421 4.7.0 Too many messages in this session"
        if mood == "limits the rate" and random.random() < CHANCE:
            return "450 4.7.1 Too much mail, try later"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, _session, envelope, address, _options):
        mood = self.mail_server.mood
        if mood == "refuses some" and random.random() < CHANCE:
            return "550 5.1.1 No such user"
        if mood == "puts some off" and random.random() < CHANCE:
            return random.choice(("451 4.3.0 Later", "450 4.2.0 Greylisted"))
        if mood == "hangs up" and random.random() < CHANCE:
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        session.taken = getattr(session, "taken", 0) + 1
        for address in envelope.rcpt_tos:
            delivery = Delivery(time.time(), self.number)
            recipient = re.sub(r".*<|>.*", "", address)
            self.mail_server.deliveries[recipient].append(delivery)
        return "250 OK"
