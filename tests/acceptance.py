"""Weeks of a campaign in a real server, day by day, from the first mail to the last trace.

Mails are received over SMTP; what recipients do is done with what is *in* these mails
and text messages: their pixel and links are requested over HTTP, answers and bounces
come in through the mail gateway, delivery reports through the route of the SMS
provider. Jobs run through their cron entries. On each day every participant's traces are
what the reference model expects.
"""

import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import chain

from odoo.tools import mute_logger

from odoo.addons.mass_mailing_sms.tests.common import MassSMSCommon

from .common import MarketingAutomationMixin
from .smtp import HOST, MailServer

EVENTS = {
    "email": {
        "open": "mail_open",
        "click": "mail_click",
        "click_more": "mail_click",
        "reply": "mail_reply",
        "bounce": "mail_bounce",
    },
    "sms": {"click": "sms_click", "invalid_destination": "sms_bounce"},
}
LINKS = {"click": "https://www.example.com/offer", "click_more": "https://www.example.com/more"}


class AcceptanceCase(MarketingAutomationMixin, MassSMSCommon):
    """A story: ``set_up_contacts``, ``set_up_campaign``, ``work_on_day_<number>`` and
    ``check_that_all_was_seen`` are its own.

    ``habits`` says what a recipient of each kind does with a message, how many days after it came.
    """

    timezone = "Europe/Brussels"

    def play(self):
        """Play all days; both campaigns are compared after each run of the jobs."""
        self.reactions = defaultdict(list)
        self.seen = Counter()
        self.notices = []
        self.refused, self.no_credit = set(), {}
        self.env["ir.config_parameter"].set_param("sms.session.batch.size", 1000)
        with self.at(self.start):
            self.set_up_contacts()
            self.set_up_campaign()
        mail_logger = "odoo.addons.mail.models.mail_mail"
        with MailServer(self.refused) as self.server, mute_logger(mail_logger):
            self.env["ir.mail_server"].search([]).active = False
            self.env["ir.mail_server"].create(
                {"name": "Test", "smtp_host": HOST, "smtp_port": self.server.port}
            )
            for day in range(self.days):
                self.play_day(day)
        self.check_that_all_was_seen()

    def note_addresses(self, values):
        """Whose address, and whose number, is which.

        :param values: those of the contacts, in the order of the records
        """
        self.by_address = {}
        for record in self.records:
            for address in record.identities:
                self.by_address.setdefault(address, record)
        self.by_phone = {vals["phone"]: self.records[i] for i, vals in enumerate(values)}

    def habit_number(self, record):
        return record.key % len(self.habits)

    # ------------------------------------------------------------
    # A day
    # ------------------------------------------------------------

    def play_day(self, day):
        """The jobs run in the morning, at noon and in the evening; recipients react in the
        afternoon, people work in the morning."""
        morning = self.start + timedelta(days=day)
        for hours, work in (
            (0, lambda: self.work_at_desk(day)),
            (3, None),
            (6, lambda: self.react(day)),
            (9, None),
        ):
            self.now = morning + timedelta(hours=hours)
            with self.at(self.now):
                if work:
                    work()
                self.run_all_jobs(day)
                self.compare(f"day {day}, {self.now}")

    def run_all_jobs(self, day):
        self.run_cron("ir_cron_poll")
        self.model.poll(self.now)
        self.run_jobs()
        self.model.enrol(self.records, self.now)
        self.model.execute(self.now)
        self.send_mails(day)
        self.send_text_messages(day)
        self.model.send(self.now)

    def send_mails(self, day):
        self.run_cron("ir_cron_send_emails")
        self.run_cron("mail.ir_cron_mail_scheduler_action")
        for trace in self.messages_of_now("email").values():
            if trace.participant.record.identities & self.refused:
                self.model.fail(trace, "unknown")
        received = []
        for mail in self.server.take():
            if mail.recipient == self.responsible.email:
                self.notices.append(mail.subject)
            else:
                received.append((self.by_address[mail.recipient.lower()], mail.subject, mail))
        self.receive(day, "email", received)

    def send_text_messages(self, day):
        with self.mockSMSGateway(sms_allow_unlink=True, nbr_t_error=self.no_credit):
            self.run_cron("ir_cron_send_texts")
            sent = self._sms
        unpaid = [self.by_phone[number] for number in self.no_credit]
        for trace in self.messages_of_now("sms").values():
            if trace.participant.record in unpaid:
                self.model.fail(trace, "sms_credit")
        self.receive(
            day,
            "sms",
            [(self.by_phone[sms["number"]], sms["body"].split(":")[0], sms) for sms in sent],
        )

    def receive(self, day, kind, received):
        """Recipients get messages, and will react to them.

        :param received: tuples of record, name of the activity, and message
        """
        traces = self.messages_of_now(kind)
        self.assertEqual(
            Counter((record.key, name) for record, name, _message in received),
            Counter(traces.keys()),
            "Each message arrives once",
        )
        for record, name, message in received:
            for delay, reaction in self.habits[self.habit_number(record)].get(name, ()):
                self.reactions[day + delay].append((reaction, traces[record.key, name], message))

    def messages_of_now(self, kind):
        """Traces of the messages that go out, or have gone out, right now."""
        return {
            (trace.participant.record.key, trace.activity.name): trace
            for trace in self.model.traces()
            if trace.activity.kind == kind
            and trace.executed == self.now
            and trace.state == "processed"
        }

    # ------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------

    def react(self, day):
        due = [when for when in sorted(self.reactions) if when <= day]
        for reaction, trace, message in chain.from_iterable(map(self.reactions.pop, due)):
            kind = trace.activity.kind
            getattr(self, f"{kind}_{reaction}", self.sms_report)(message, reaction)
            self.seen[kind, reaction] += 1
            if event := EVENTS[kind].get(reaction):
                self.model.happen(trace, event, self.now, link=LINKS.get(reaction))
            elif reaction == "not_delivered":
                self.model.fail(trace, "sms_not_delivered")

    def email_open(self, mail, _reaction):
        response = self.visit(mail.pixel)
        self.assertEqual(response.headers["Content-Type"], "image/gif")

    def email_click(self, mail, reaction):
        response = self.visit(mail.link({"click": "See it", "click_more": "More"}[reaction]))
        self.assertTrue(response.headers["Location"].startswith(LINKS[reaction]))

    email_click_more = email_click

    def email_reply(self, mail, _reaction):
        self.env["mail.thread"].message_process("res.partner", mail.reply("I take two."))

    def email_bounce(self, mail, _reaction):
        self.env["mail.thread"].message_process(False, mail.bounce())

    def sms_click(self, sms, _reaction):
        path = re.search(r"https?://[^/]+(/r/\w+/s/\d+\?k=\w+)", sms["body"])[1]
        response = self.visit(path)
        self.assertTrue(response.headers["Location"].startswith("https://www.example.com/text"))

    def sms_report(self, sms, reaction):
        """The provider of text messages tells what became of one."""
        statuses = [{"sms_status": reaction, "uuids": [sms["uuid"]]}]
        self.assertEqual(
            self.make_jsonrpc_request("/sms/status", {"message_statuses": statuses}), "OK"
        )

    def visit(self, path):
        """A person's browser requests an address, and does not leave this host."""
        agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0"}
        return self.url_open(path, headers=agent, allow_redirects=False)

    # ------------------------------------------------------------
    # People at work
    # ------------------------------------------------------------

    def work_at_desk(self, day):
        work = getattr(self, f"work_on_day_{day}", None)
        if work:
            work()

    # ------------------------------------------------------------
    # Compare
    # ------------------------------------------------------------

    def compare(self, when):
        """Participants and traces are what the reference model says."""
        self.env.flush_all()
        self.env.invalidate_all()
        participants = self.env["marketing.participant"].search(
            [("campaign_id", "=", self.campaign.id)]
        )
        keys = {contact.id: i for i, contact in enumerate(self.contacts)}
        found = {
            keys[p.res_id]: (p.state, (p.exit_reason, p.exit_date) if p.exit_reason else None)
            for p in participants
        }
        expected = {
            participant.record.key: (participant.state, participant.exit)
            for participant in self.model.participants
        }
        self.assertEqual(found, expected, when)
        found = {
            (keys[trace.res_id], trace.activity_id.name, trace.visit): (
                trace.state,
                trace.state_reason or None,
                trace.schedule_date or None,
                trace.branch_id.name or trace.branch_id.branch_type or None,
            )
            for trace in participants.trace_ids
        }
        expected = self.model.outcome()
        different = {
            key: (expected.get(key), found.get(key))
            for key in {*expected, *found}
            if expected.get(key) != found.get(key)
        }
        self.assertFalse(different, f"{when}: (expected, found) by contact and activity")
