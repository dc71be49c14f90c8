"""Take the demo server's emails and text messages in and show them; nothing goes any further.

Emails come in by SMTP; text messages by the request that Odoo sends to its gateway. Each is kept
as an .eml file, and a small web page, on localhost only, lists and shows them.
"""

import argparse
import email.policy
import json
import time
from email.message import EmailMessage
from email.parser import BytesParser
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from aiosmtpd.controller import Controller

STYLE = """body { font: 15px sans-serif; margin: 2em }
td, th { padding: .3em .8em; text-align: left }
iframe { border: 1px solid #ccc; width: 100%; height: 75vh }"""


class Mailbox:
    """A folder with one file for each message, named so that they sort by arrival."""

    def __init__(self, folder):
        self.folder = folder
        self.serial = count()
        folder.mkdir(parents=True, exist_ok=True)

    def store(self, content):
        name = f"{time.time_ns()}-{next(self.serial)}.eml"
        part = self.folder / f".{name}.part"
        part.write_bytes(content)
        part.rename(self.folder / name)  # readers never see half a message

    def names(self):
        return sorted((path.name for path in self.folder.glob("[!.]*.eml")), reverse=True)

    def read(self, name):
        if name not in self.names():  # also keeps requests inside the folder
            return None
        content = (self.folder / name).read_bytes()
        return BytesParser(policy=email.policy.default).parsebytes(content)

    async def handle_DATA(self, server, session, envelope):
        """Store a mail with its envelope: called by aiosmtpd."""
        recipients = ", ".join(envelope.rcpt_tos)
        header = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n"
        self.store(header.encode() + envelope.content)
        return "250 Message accepted"

    def store_text_messages(self, messages):
        """Store text messages and tell, as the gateway does, that they have been sent."""
        results = []
        for message in messages:
            for number in message["numbers"]:
                sms = EmailMessage()
                sms["To"] = number["number"]
                sms["Subject"] = "Text message"
                sms.set_content(message["content"])
                self.store(sms.as_bytes())
                results.append({"uuid": number["uuid"], "state": "success", "credit": 0})
        return results


class Page(BaseHTTPRequestHandler):
    mailbox = None

    def do_GET(self):
        view, _, name = self.path.strip("/").partition("/")
        if not view:
            return self.reply(self.list_page())
        message = self.mailbox.read(name)
        if message and view == "message":
            return self.reply(self.message_page(name, message))
        if message and view == "body":
            return self.reply(self.body_page(message))
        return self.send_error(404)

    def do_POST(self):
        if not self.path.startswith("/api/sms/") or not self.path.endswith("/send"):
            return self.send_error(404)  # any other service of Odoo's: not here
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        result = self.mailbox.store_text_messages(request["params"]["messages"])
        response = {"jsonrpc": "2.0", "id": request.get("id"), "result": result}
        return self.reply(json.dumps(response), "application/json")

    def reply(self, content, kind="text/html"):
        data = content.encode(errors="replace")
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass

    def list_page(self):
        rows = []
        for name in self.mailbox.names()[:500]:
            message = self.mailbox.read(name)
            received = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(name[:10])))
            cells = (received, message["From"], message["To"])
            subject = escape(str(message["Subject"] or "(no subject)"))
            rows.append(
                "<tr>"
                + "".join(f"<td>{escape(str(cell or ''))}</td>" for cell in cells)
                + f'<td><a href="/message/{name}">{subject}</a></td></tr>'
            )
        return (
            f"<title>Messages</title><style>{STYLE}</style><h1>Messages</h1>"
            "<table><tr><th>Received<th>From<th>To<th>Subject</tr>"
            + ("".join(rows) or "<tr><td>None yet</td></tr>")
            + "</table>"
        )

    def message_page(self, name, message):
        headers = "".join(
            f"<b>{escape(key)}:</b> {escape(str(value))}<br>" for key, value in message.items()
        )
        subject = escape(str(message["Subject"]))
        # The sandbox keeps scripts of a message from running, yet lets its links be followed.
        return (
            f'<title>{subject}</title><style>{STYLE}</style><a href="/">All messages</a>'
            f"<h1>{subject}</h1><details><summary>Headers</summary>{headers}</details><p>"
            '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" '
            f'src="/body/{name}"></iframe>'
        )

    def body_page(self, message):
        body = message.get_body(("html", "plain"))
        content = body.get_content() if body else "(no text)"
        if not body or body.get_content_subtype() != "html":
            content = f"<pre>{escape(content)}</pre>"
        return f'<base target="_blank">{content}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to keep the messages")
    parser.add_argument("--smtp-port", type=int, default=2525)
    parser.add_argument("--http-port", type=int, default=8025)
    options = parser.parse_args()
    Page.mailbox = Mailbox(options.folder)
    Controller(Page.mailbox, hostname="127.0.0.1", port=options.smtp_port).start()
    ThreadingHTTPServer(("127.0.0.1", options.http_port), Page).serve_forever()


if __name__ == "__main__":
    main()
