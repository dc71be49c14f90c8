"""A mail server that notes what it accepts, and that can be dropped."""

import re
import time
from collections import defaultdict

from aiosmtpd.controller import Controller

from .duplicates import Delivery


class MailServer:
    """Accepts mail on ports of this machine, one for each Odoo server.

    :ivar dict deliveries: list of deliveries by recipient
    """

    def __init__(self, ports):
        self.ports = ports
        self.deliveries = defaultdict(list)
        self.controllers = []

    def start(self):
        if not self.controllers:
            self.controllers = [
                Controller(Inbox(self.deliveries, number), hostname="127.0.0.1", port=port)
                for number, port in enumerate(self.ports)
            ]
            for controller in self.controllers:
                controller.start()

    def drop(self):
        """Refuse connections from now on, and cut those that there are."""
        for controller in self.controllers:
            controller.stop()
        self.controllers = []


class Inbox:
    """Handler of the mails of one Odoo server.

    :param dict deliveries: to add to
    :param int number: of the Odoo server
    """

    def __init__(self, deliveries, number):
        self.deliveries = deliveries
        self.number = number

    async def handle_DATA(self, _server, _session, envelope):
        for address in envelope.rcpt_tos:
            delivery = Delivery(time.time(), self.number)
            self.deliveries[re.sub(r".*<|>.*", "", address)].append(delivery)
        return "250 OK"
