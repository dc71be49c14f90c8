"""What becomes of messages and to-dos, and what recipients do with them."""

from datetime import timedelta
from unittest.mock import patch

from .reference import EVENTS
from .story_picks import Picks, pick

FAILURES = {"email": "mail_smtp", "sms": "sms_credit"}
LINKS = ("https://www.example.com/story", "https://www.example.com/more")
SCANNED_REQUEST = "odoo.addons.marketing_automation.models.policy.scanners.request"
SETTERS = {
    "open": "set_opened",
    "reply": "set_replied",
    "bounce": "set_bounced",
}


class Messages(Picks):
    """A part of :class:`.story.Story`."""

    def do_event(self, event, number):
        """Something happens to a message: an event by its position, the last is a bounce."""
        expected, trace = self._pick_trace(
            number, lambda trace, activity: trace.state == "processed" and activity.is_message
        )
        if not expected:
            return
        name, link = pick(EVENTS[expected.activity.kind], event), None
        if name.endswith("_click"):
            link = pick(LINKS, number)
            self._click(self._message_of(trace), link)
        else:
            getattr(self._message_of(trace), SETTERS[name.split("_")[1]])()
        self.model.happen(expected, name, self.now, link=link)

    def _click(self, messages, url):
        """Follow a link of each of these messages, from an address that has not been there yet."""
        for message in messages:
            self.visitors += 1
            self.model.clicks += 1
            self.env["link.tracker.click"].add_click(
                self._get_link(message.mass_mailing_id, url).code,
                ip=f"2001:db8::{self.visitors:x}",
                country_code=False,
                mailing_trace_id=message.id,
            )

    def _get_link(self, mailing, url):
        return self.env["link.tracker"].search_or_create(
            [
                {
                    "url": url,
                    "campaign_id": self.campaign.utm_campaign_id.id,
                    "mass_mailing_id": mailing.id,
                    "medium_id": mailing.medium_id.id,
                    "source_id": mailing.source_id.id,
                    "title": "Story",
                }
            ]
        )

    def do_scan(self, number):
        """A scanner of the recipient's mail server follows a link, which looks like a click; then
        the page of the footer."""
        expected, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                trace.state == "processed" and activity.is_message and trace.sent == self.now
            ),
        )
        message = expected and self._message_of(trace)
        if not message or message.followed_link or self._is_clicked_now(message):
            return
        event = f"{'mail' if expected.activity.kind == 'email' else 'sms'}_click"
        with patch(SCANNED_REQUEST, True):
            self.test.assertFalse(message._follow("1"))
            self._click(message, LINKS[0])
            self.model.happen(expected, event, self.now)
            self.check("while a scanner is not recognised")
            self.test.assertTrue(message._follow("unsubscribe"))
        self.model.forget_click(expected, self.now)

    def _is_clicked_now(self, message):
        """Whether a person has clicked in this moment: a scanner would be taken for the same."""
        return self.env["link.tracker.click"].search_count(
            [("mailing_trace_id", "=", message.id), ("create_date", ">=", self.now)], limit=1
        )

    def do_simulate(self, event, number):
        """The same by the button of the test page, or another addon."""
        expected, trace = self._pick_trace(
            number, lambda trace, activity: trace.state == "processed" and activity.kind in EVENTS
        )
        if expected:
            name = pick(EVENTS[expected.activity.kind], event)
            self.test.assertEqual(trace.process_event(name), expected.may_happen(name))
            self.model.happen(expected, name, self.now, is_simulated=True)

    def do_todo(self, what, number):
        """Somebody does a to-do, cancels it, or gives it another day."""
        expected, trace = self._pick_trace(number, lambda trace, _activity: trace.is_open)
        if not expected:
            return
        todo = self.env["mail.activity"].search([("marketing_trace_id", "=", trace.id)])
        what = pick(["done", "canceled", "later", "earlier"], what)
        if what == "done":
            todo.action_feedback()
        elif what == "canceled":
            todo.unlink()
        else:
            todo.date_deadline += timedelta(days=2 if what == "later" else -2)
            self.model.move_todo(expected, todo.date_deadline, self.now)
            return
        self.model.close_todo(expected, f"activity_{what}", self.now)

    def do_fail(self, number):
        """The mail server or the provider of text messages refuses a message."""
        expected, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                trace.state == "processed" and activity.is_message and not trace.events
            ),
        )
        if expected:
            failure = FAILURES[expected.activity.kind]
            self._message_of(trace).set_failed(failure_type=failure)
            self.model.fail(expected, failure)

    def do_resend(self, number):
        """A message that had failed gets out, be it that another try is planned."""
        expected, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                activity.is_message
                and not trace.is_taken_back
                and (trace.state == "error" or (trace.state == "scheduled" and trace.runs))
            ),
        )
        if expected:
            self._message_of(trace).set_sent()
            self.model.resend(expected, self.now)

    def do_retry(self, number):
        """Another try of all that has failed at an activity."""
        step = pick(list(self.activities), number)
        if step:
            self.activities[step].action_retry_failed()
            self.model.retry(step, self.now)

    def do_fail_again(self, number):
        """The message before the last one fails once more, which says nothing any more."""
        expected, trace = self._pick_trace(
            number, lambda trace, activity: trace.runs > 1 and activity.is_message
        )
        if expected:
            trace.activity_id.mass_mailing_id.action_retry_failed()
            older = trace.mailing_trace_ids - self._message_of(trace)
            older.filtered(lambda message: message.trace_status != "cancel").set_failed(
                failure_type="unknown"
            )
