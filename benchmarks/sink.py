"""A mail server that takes what it gets and forgets it: postfix's smtp-sink, in its own process."""

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

from . import servers

HOST = "127.0.0.1"
# Where dev/lib/smtp.sh has unpacked it; else aiosmtpd, which is slower.
PROGRAM = os.environ.get("SMTP_SINK")
START_TIMEOUT = 10  # seconds
AIOSMTPD = """
import sys
from aiosmtpd.controller import Controller

class Sink:
    count = 0
    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        print(f"mesg={self.count}", flush=True)
        return "250 OK"

Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
sys.stdin.read()
"""


class Sink:
    """A running sink.

    :param port: that it listens on
    """

    def __init__(self, options=()):
        self.port = servers.free_port()
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        address = f"{HOST}:{self.port}"
        command = (
            # As root it wants to know whose rights it should take on.
            [PROGRAM, "-c", *(() if os.geteuid() else ("-u", "nobody")), *options, address, "100"]
            if PROGRAM
            else [sys.executable, "-c", AIOSMTPD, str(self.port)]
        )
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._output, stderr=subprocess.STDOUT
        )
        end = time.monotonic() + START_TIMEOUT
        while not servers.is_open(self.port):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The mail server did not start:\n{self._read()}")
            time.sleep(0.05)

    @property
    def count(self):
        """How many messages it has taken."""
        counts = re.findall(r"mesg=(\d+)", self._read())
        return int(counts[-1]) if counts else 0

    def _read(self):
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - 1000))
        return self._output.read()

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._output.close()


@contextmanager
def mail_server(bench):
    """A sink that is Odoo's only mail server.

    :return: the sink
    """
    sink = Sink()
    with bench.environment() as env:
        others = env["ir.mail_server"].search([])
        others.active = False
        server = env["ir.mail_server"].create(
            {"name": "Sink", "smtp_host": HOST, "smtp_port": sink.port}
        )
    try:
        yield sink
    finally:
        with bench.environment() as env:
            server.with_env(env).unlink()
            others.with_env(env).active = True
        sink.stop()
