"""A mail server that counts, and that can be dropped."""

import re
from collections import Counter

from aiosmtpd.controller import Controller


class MailServer:
    """Accepts mail on a port of this machine.

    :ivar Counter received: number of messages by recipient
    """

    def __init__(self, port):
        self.port = port
        self.received = Counter()
        self.controller = None

    async def handle_DATA(self, _server, _session, envelope):
        body = envelope.content.decode(errors="replace")
        for address in envelope.rcpt_tos:
            self.received[re.sub(r".*<|>.*", "", address)] += 1
        return "250 OK" if body else "500 Empty"

    def start(self):
        if not self.controller:
            self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self.controller.start()

    def drop(self):
        """Refuse connections from now on, and cut those that there are."""
        if self.controller:
            self.controller.stop()
            self.controller = None
