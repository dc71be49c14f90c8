"""Measure the canvas of a campaign in a browser: ``canvas_speed.py URL DATABASE``.

Works on a server with the demo data. It makes a campaign of 100 steps, and deletes it again.
"""

import argparse
import json
import statistics
import sys
import time

from screenshots import SIZES, Browser, Server, wait

STEPS = 100
FOLLOWERS = 2
FRAMES = 60
NAME = "Speed of the canvas"
LIMITS = {"requests": 3, "first drawing": 300, "frame": 16}  # milliseconds but for the first
DATA = "*/web_read*"
CONTROL = 2  # the modifier key, in the words of the browser

# Notes when all cards are there, and painted; and what was asked of the server before.
WATCH = f"""
    window.canvasTimes = {{}};
    performance.setResourceTimingBufferSize(1000);
    performance.clearResourceTimings();
    new MutationObserver((_changes, observer) => {{
        if (document.querySelectorAll(".o_mwf_card").length === {STEPS}) {{
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => {{
                window.canvasTimes.painted = performance.now();
            }}));
        }}
    }}).observe(document.body, {{ childList: true, subtree: true }});
"""
# A moment later, so that who waits for the answer is ready.
OPEN = f"""
    setTimeout(() => {{
        window.canvasTimes.begin = performance.now();
        [...document.querySelectorAll(".o_kanban_record")]
            .find((record) => record.textContent.includes("{NAME}"))
            .click();
    }}, 500);
"""
REQUESTS = """
    JSON.stringify(performance.getEntriesByType("resource")
        .filter(({ startTime }) => startTime >= window.canvasTimes.begin)
        .filter(({ initiatorType }) => ["fetch", "xmlhttprequest"].includes(initiatorType))
        .map(({ name, responseEnd }) => [name.replace(location.origin, ""), responseEnd]))
"""
# The intervals between frames, until it is read.
COUNT_FRAMES = """
    window.canvasFrames = [];
    (function next(before) {
        requestAnimationFrame((now) => {
            window.canvasFrames?.push(now - before);
            window.canvasFrames && next(now);
        });
    })(performance.now());
"""
READ_FRAMES = """
    (() => {
        const frames = JSON.stringify(window.canvasFrames);
        window.canvasFrames = null;
        return frames;
    })()
"""


def call(server, model, method, *args):
    return server.call(
        "/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs={}
    )


def make_campaign(server):
    """A campaign with a tree of emails.

    :return: its id
    """
    (campaign,) = call(server, "marketing.campaign", "create", [{"name": NAME}])
    level, count = [False], 0
    while count < STEPS:
        values = [
            {
                "name": f"Step {count + index + 1}",
                "campaign_id": campaign,
                "activity_type": "email",
                "parent_id": parent,
                "trigger_type": "activity" if parent else "begin",
            }
            for index, parent in enumerate(level * FOLLOWERS)
        ][: STEPS - count]
        level = call(server, "marketing.activity", "create", values)
        count += len(level)
    return campaign


class Canvas:
    """The page of a campaign in a browser."""

    def __init__(self, browser):
        self.browser = browser

    def open(self):
        """Open it from the dashboard.

        :return: the requests that it took, the milliseconds from its data to its picture, and
            those that the page has worked in between
        """
        self.browser.evaluate(WATCH)
        self.browser.send(
            "Fetch.enable", patterns=[{"urlPattern": DATA, "requestStage": "Response"}]
        )
        self.browser.evaluate(OPEN)
        answer = self.wait_for_data()
        before = self.get_work()
        self.browser.send("Fetch.continueRequest", requestId=answer)
        self.browser.send("Fetch.disable")
        wait(self.is_painted, "The canvas is not drawn")
        work = self.get_work() - before
        time.sleep(3)
        requests = json.loads(self.browser.evaluate(REQUESTS))
        painted = self.browser.evaluate("window.canvasTimes.painted")
        loaded = max(end for name, end in requests if name.endswith("/web_read"))
        return [name for name, _end in requests], painted - loaded, work

    def measure(self, what, events):
        """Send events to the page, one a frame.

        :return: milliseconds of work for an event, and of the median frame
        """
        before = self.get_work()
        self.browser.evaluate(COUNT_FRAMES)
        for event in events:
            self.browser.send("Input.dispatchMouseEvent", **event)
        frames = json.loads(self.browser.evaluate(READ_FRAMES))
        work = (self.get_work() - before) / len(events)
        print(
            f"{what}: {work:.1f} ms of work an event; frames: median"
            f" {statistics.median(frames):.1f} ms, {len(frames)} for {len(events)} events"
        )
        return work

    def wait_for_data(self):
        """:return: the request whose answer the browser holds back"""
        while True:
            message = json.loads(self.browser.socket.recv())
            if message.get("method") == "Fetch.requestPaused":
                return message["params"]["requestId"]

    def is_painted(self):
        return self.browser.evaluate("!!window.canvasTimes.painted")

    def get_work(self):
        """Milliseconds that the page has worked so far."""
        metrics = self.browser.send("Performance.getMetrics")["metrics"]
        return 1000 * next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    def get_middle(self, selector):
        code = f"""
            (() => {{
                const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
                return JSON.stringify([box.x + box.width / 2, box.y + box.height / 2]);
            }})()
        """
        return json.loads(self.browser.evaluate(code))


def press(kind, x, y, **values):
    return {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1, **values}


def move(x, y):
    return [press("mouseMoved", x + index * 2, y + index) for index in range(FRAMES)]


def wheel(x, y, delta):
    return {
        "type": "mouseWheel",
        "x": x,
        "y": y,
        "deltaX": 0,
        "deltaY": delta,
        "modifiers": CONTROL,
    }


def measure(browser, server):
    """:return: what was measured, by what it is"""
    # Time of the processor, which other work on the machine hardly changes.
    browser.send("Performance.enable", timeDomain="threadTicks")
    canvas = Canvas(browser)
    browser.send("Page.navigate", url=server.url + "/odoo/marketing-automation")
    browser.wait_for(".o_kanban_record")
    canvas.open()  # the code is loaded and warm after it
    browser.click(".o_back_button, .breadcrumb-item a")
    browser.wait_for(".o_kanban_record")
    requests, drawing, work = canvas.open()
    print(f"requests: {len(requests)}", *requests, sep="\n  ")
    print(
        f"first drawing of {STEPS} steps: {drawing:.0f} ms after the data are there;"
        f" {work:.0f} ms of work"
    )
    x, y = canvas.get_middle(".o_mwf_viewport")
    zoom = [wheel(x, y, 8 if index % 40 < 20 else -8) for index in range(FRAMES)]
    figures = {"requests": len(requests), "first drawing": work}
    figures["frame of a zoom"] = canvas.measure("zoom", zoom)
    x, y = canvas.get_middle(".o_mwf_card")
    browser.send("Input.dispatchMouseEvent", **press("mousePressed", x, y))
    browser.send("Input.dispatchMouseEvent", **press("mouseMoved", x + 20, y + 20))
    figures["frame of a drag"] = canvas.measure("drag", move(x + 22, y + 22))
    browser.send("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape")
    browser.send("Input.dispatchMouseEvent", **press("mouseReleased", x, y, buttons=0))
    x, y = canvas.get_middle(".o_mwf_viewport")
    box = "document.elementFromPoint({}, {})?.closest('.o_mwf_card, button')"
    while browser.evaluate(f"!!{box.format(x, y)}"):
        x += 10
    browser.send("Input.dispatchMouseEvent", **press("mousePressed", x, y))
    figures["frame of a pan"] = canvas.measure("pan", move(x, y))
    browser.send("Input.dispatchMouseEvent", **press("mouseReleased", x, y, buttons=0))
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("database")
    arguments = parser.parse_args()
    server = Server(arguments.url, arguments.database)
    campaign = make_campaign(server)
    try:
        with Browser() as browser:
            session = server.session.cookies["session_id"]
            browser.send("Network.setCookie", name="session_id", value=session, url=server.url)
            browser.resize(*SIZES["desktop"])
            figures = measure(browser, server)
    finally:
        call(server, "marketing.campaign", "unlink", [campaign])
    missed = [
        what
        for what, figure in figures.items()
        for name, limit in LIMITS.items()
        if what.startswith(name) and figure > limit
    ]
    if missed:
        sys.exit(f"Missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
