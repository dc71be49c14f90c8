"""Take pictures of the web client: ``screenshots.py URL DATABASE FOLDER``.

Works on a server with the demo data; changes nothing in its database.
"""

import argparse
import io
import json
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from pathlib import Path

import requests
import websocket
from PIL import Image

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
TIMEOUT = 30  # seconds
SETTLE = 1.5  # seconds that charts and dialogs take to appear
ACTION = "/odoo/action-marketing_automation."
CARD = ".o_mwf_card, .o_mwf_row"
NO_CAMPAIGN = """odoo.__WOWL_DEBUG__.root.env.services.action.doAction({
    type: "ir.actions.act_window", name: "Campaigns", res_model: "marketing.campaign",
    views: [[false, "kanban"], [false, "form"]], domain: [["id", "=", 0]],
}, { clearBreadcrumbs: true })"""


class Server:
    """A running Odoo, and a session in it."""

    def __init__(self, url, database, login="admin", password="admin"):
        self.url = url
        self.session = requests.Session()
        self.call("/web/session/authenticate", db=database, login=login, password=password)

    def call(self, path, **params):
        answer = self.session.post(self.url + path, json={"params": params}, timeout=TIMEOUT).json()
        if "error" in answer:
            raise RuntimeError(answer["error"]["data"]["message"])
        return answer["result"]

    def find(self, model, domain, order):
        """Id of the first such record."""
        records = self.call(
            "/web/dataset/call_kw",
            model=model,
            method="search_read",
            args=[domain, ["id"]],
            kwargs={"order": order, "limit": 1},
        )
        if not records:
            raise RuntimeError(f"There is no {model} with {domain}: are these the demo data?")
        return records[0]["id"]


class Browser:
    """A headless browser, driven through its DevTools."""

    def __init__(self):
        program = next(filter(None, map(shutil.which, BROWSERS)))
        # Its child processes may still write there when it ends.
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-prefers-reduced-motion",
                "--disable-background-networking",
                "--disable-component-update",
                "--remote-allow-origins=*",
                "--remote-debugging-port=0",
                f"--user-data-dir={self.folder.name}",
                "about:blank",
            ],
            stderr=subprocess.DEVNULL,
        )
        port = wait(self.read_port, "The browser does not start")
        pages = requests.get(f"http://127.0.0.1:{port}/json", timeout=TIMEOUT).json()
        page = next(page for page in pages if page["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=TIMEOUT)
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def read_port(self):
        file = Path(self.folder.name, "DevToolsActivePort")
        return file.exists() and file.read_text().split("\n")[0]

    def send(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                return message["result"]

    def evaluate(self, code):
        result = self.send("Runtime.evaluate", expression=code)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def wait_for(self, selector):
        # While a page loads it may have no body yet.
        code = f"!!document.querySelector({json.dumps(selector)})"
        wait(lambda: self.evaluate(code), f"This does not appear: {selector}")

    def click(self, selector):
        self.wait_for(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def resize(self, width, height):
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def take_picture(self, file):
        """Write what shows as a PNG, in its own colors: what they say is read from them."""
        data = self.send("Page.captureScreenshot", format="png")["data"]
        Image.open(io.BytesIO(b64decode(data))).convert("RGB").save(file, optimize=True)


def wait(condition, message):
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.1)
    raise TimeoutError(message)


def get_pages(server):
    """Name, path, what shows when it is ready, and what to do then.

    What to do is a list of (method of the browser, its argument).
    """
    campaign = server.find("marketing.campaign", [("state", "=", "running")], "id")
    splits = [("campaign_id.state", "=", "running"), ("activity_type", "=", "split")]
    split = server.find("marketing.activity", splits, "id")
    journey = server.find("marketing.campaign", [("marketing_activity_ids", "=", split)], "id")
    of_campaign = ("campaign_id", "=", campaign)
    test = server.find("marketing.participant", [of_campaign, ("is_test", "=", True)], "id desc")
    clicked = [of_campaign, ("is_test", "=", False), ("links_click_datetime", "!=", False)]
    trace = server.find("marketing.trace", clicked, "id")
    participant = server.find("marketing.participant", [("trace_ids", "=", trace)], "id")
    form = f"/odoo/marketing-automation/{campaign}"
    show_workflow = [("evaluate", scroll_to(".o_marketing_workflow"))]
    open_activity = [("click", CARD), ("wait_for", ".o_mwf_side .o_form_renderer")]
    overview = f"{ACTION}marketing_campaign_action_overview/{campaign}"
    return [
        ("dashboard", "/odoo/marketing-automation", ".o_kanban_record", []),
        ("campaign", form, CARD, []),
        ("branches", f"/odoo/marketing-automation/{journey}", CARD, []),
        ("activity", form, CARD, open_activity),
        ("test", f"/odoo/marketing.participant/{test}", CARD, show_workflow),
        ("journey", f"/odoo/marketing.participant/{participant}", CARD, show_workflow),
        ("overview", overview, ".o_marketing_overview canvas", []),
        (
            "branches_overview",
            f"{ACTION}marketing_campaign_action_overview/{journey}",
            ".o_marketing_overview canvas",
            [],
        ),
        ("traces", f"{ACTION}marketing_trace_action", ".o_graph_renderer canvas", []),
        (
            "templates",
            "/odoo/marketing-automation",
            ".o_kanban_record",
            [("evaluate", NO_CAMPAIGN), ("wait_for", ".o_marketing_template")],
        ),
    ]


def scroll_to(selector):
    return f"document.querySelector({json.dumps(selector)}).scrollIntoView()"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("database")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    server = Server(arguments.url, arguments.database)
    pages = get_pages(server)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with Browser() as browser:
        session = server.session.cookies["session_id"]
        for name, value in (("session_id", session), ("color_scheme", "light")):
            browser.send("Network.setCookie", name=name, value=value, url=server.url)
        for size, dimensions in SIZES.items():
            browser.resize(*dimensions)
            for name, path, ready, steps in pages:
                browser.send("Page.navigate", url="about:blank")
                browser.send("Page.navigate", url=server.url + path)
                browser.wait_for(ready)
                for method, argument in steps:
                    getattr(browser, method)(argument)
                time.sleep(SETTLE)
                file = arguments.folder / f"{name}_{size}.png"
                browser.take_picture(file)
                print(f"{file.name} {file.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
