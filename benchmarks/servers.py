"""Real server processes of Odoo on the database that is measured."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from http.client import HTTPConnection

START_TIMEOUT = 60  # seconds
# "GET /path HTTP/1.1" 200 - QUERIES SECONDS_IN_QUERIES OTHER_SECONDS
REQUEST = re.compile(r'"(?:GET|POST) (\S+) HTTP/[\d.]+" (\d+) - (\d+) ([\d.]+) ([\d.]+)')


class Server:
    """An Odoo process with its own log.

    :param str database: to serve, alone
    :param list options: of Odoo's command line
    :param dict environment: further environment variables
    """

    def __init__(self, database, *options, environment=()):
        self.log = tempfile.NamedTemporaryFile(  # noqa: SIM115 - removed by remove_log
            "w+", prefix="odoo-", suffix=".log", delete=False
        )
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "odoo",
                f"--database={database}",
                f"--db-filter=^{database}$",
                "--log-level=info",
                *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **dict(environment)},
            start_new_session=True,
        )

    def wait_until(self, text, timeout=START_TIMEOUT):
        """Wait for something in the log."""
        end = time.monotonic() + timeout
        while text not in self.output():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The server did not start:\n{self.output()[-4000:]}")
            time.sleep(0.1)

    def output(self):
        with open(self.log.name, errors="replace") as file:
            return file.read()

    def kill(self):
        """End it at this instant, without a word."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """End it in order."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def remove_log(self):
        os.unlink(self.log.name)


@contextmanager
def web_server(database, port):
    """A server for visitors, without jobs."""
    server = Server(
        database,
        f"--http-port={port}",
        "--http-interface=127.0.0.1",
        "--workers=0",
        "--max-cron-threads=0",
    )
    try:
        server.wait_until("HTTP service (werkzeug) running")
        get(port, "/web/login")  # loads the registry
        yield server
    finally:
        server.stop()
        server.remove_log()


def get(port, path):
    """Ask for a page, without following redirections.

    :return: status
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers={"User-Agent": "Mozilla/5.0 (benchmark)"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def call(port, path, **params):
    """Call a JSON route.

    :return: its result
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        return json.load(connection.getresponse())["result"]
    finally:
        connection.close()


def free_port():
    """A port of the project's own range that nothing listens on."""
    return free_ports(1)[0]


def free_ports(count):
    """Several of them."""
    ports = range(int(os.environ.get("BENCH_PORT", "8150")), 8200)
    free = [port for port in ports if not is_open(port)]
    if len(free) < count:
        raise RuntimeError("No free port from 8150 to 8199")
    return free[:count]


def is_open(port):
    """Whether something listens on a port of this host."""
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", port))
