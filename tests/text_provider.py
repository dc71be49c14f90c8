"""A provider of text messages of the tests' own, which Odoo asks over HTTP."""

import json
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from unittest.mock import patch

HOST = "127.0.0.1"


class TextProvider:
    """It takes all text messages, unless told otherwise.

    :ivar list requests: the numbers of each request
    :ivar dict states: answers other than "success", by number
    :ivar int status: HTTP status with which it refuses everything
    :ivar on_refusal: called before it does
    :ivar bool hangs_up: whether it ends the connection instead of answering
    :ivar set silent: numbers that it says nothing about
    :ivar on_request: called with the text messages of a request before it is answered
    """

    def __init__(self):
        self.requests = []
        self.states = {}
        self.status = None
        self.on_refusal = None
        self.hangs_up = False
        self.silent = set()
        self.on_request = None

    def __enter__(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                provider._answer(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.stack = ExitStack()
        # Odoo talks to no provider in tests.
        self.stack.enter_context(
            patch(
                "odoo.addons.iap.tools.iap_tools.modules",
                SimpleNamespace(module=SimpleNamespace(current_test=None)),
            )
        )
        return self

    def __exit__(self, *exception):
        self.stack.close()
        self.server.shutdown()
        self.server.server_close()

    @property
    def endpoint(self):
        return f"http://{HOST}:{self.port}"

    @property
    def taken(self):
        """Numbers, as often as a text message for them was taken."""
        return sorted(
            number for numbers in self.requests for number in numbers if number not in self.states
        )

    def _answer(self, handler):
        length = int(handler.headers["Content-Length"])
        messages = json.loads(handler.rfile.read(length))["params"]["messages"]
        if self.status:
            if self.on_refusal:
                self.on_refusal()
            handler.send_error(self.status)
            return
        texts = [
            {**to, "content": message["content"]}
            for message in messages
            for to in message["numbers"]
        ]
        self.requests.append([text["number"] for text in texts])
        if self.on_request:
            self.on_request(texts)
        if self.hangs_up:
            handler.close_connection = True
            return
        result = [
            {"uuid": text["uuid"], "state": self.states.get(text["number"], "success")}
            for text in texts
            if text["number"] not in self.silent
        ]
        body = json.dumps({"jsonrpc": "2.0", "id": None, "result": result}).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
