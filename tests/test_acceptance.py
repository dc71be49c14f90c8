"""Three weeks of a campaign in a real server, from the first mail to the last trace.

Mails are received over SMTP; what recipients do is done with what is *in* these mails
and text messages: their pixel and links are requested over HTTP, answers and bounces
come in through the mail gateway, delivery reports through the route of the SMS
provider. Jobs run through their cron entries. In the end (and on each day) every
participant's traces are what the reference model expects.
"""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import chain

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mass_mailing_sms.tests.common import MassSMSCommon

from .common import MarketingAutomationMixin
from .reference import Activity, Record, Reference
from .smtp import HOST, MailServer

START = datetime(2025, 3, 17, 9)  # two weeks before clocks are put forward in Brussels
TIMEZONE = "Europe/Brussels"
DAYS = 22
CONTACTS = 300

BODY = """<div><p>Hello <t t-out="object.name"/></p>
<a href="https://www.example.com/offer">See it</a></div>"""
TEXT = "Hello {{ object.name }}, https://www.example.com/text"
ACTION = """if record.name.startswith("Broken"):
    raise UserError("No way")
record.write({{"function": (record.function or "") + "{name},"}})"""

# The workflow: name, kind, trigger, parent, delay, expiry, colors that pass its filter.
WORKFLOW = [
    ("welcome", "email", "begin", None, (1, "hours"), None, None),
    ("tag", "action", "activity", "welcome", (2, "days"), None, None),
    ("opened", "action", "mail_open", "welcome", (0, "hours"), None, None),
    ("reminder", "email", "mail_not_open", "welcome", (3, "days"), (1, "days"), None),
    ("offer", "email", "mail_click", "welcome", (1, "days"), None, None),
    ("thanks", "action", "mail_reply", "offer", (1, "weeks"), None, None),
    ("text", "sms", "mail_not_reply", "offer", (4, "days"), None, None),
    ("text clicked", "action", "sms_click", "text", (1, "hours"), None, None),
    ("last word", "email", "sms_not_click", "text", (2, "days"), None, None),
    ("bad number", "action", "sms_bounce", "text", (0, "hours"), None, None),
    ("nudge", "sms", "mail_not_click", "welcome", (5, "days"), None, (1, 2)),
    ("bad address", "action", "mail_bounce", "welcome", (0, "hours"), None, None),
]
# Added on the way.
LATE = ("late news", "email", "activity", "opened", (1, "days"), None, None)

# What a recipient of each kind does with a message, how many days after it came.
HABITS = [
    {},
    {"welcome": [(0, "open")], "late news": [(0, "click")]},
    {
        "welcome": [(0, "open"), (1, "click"), (2, "click")],
        "text": [(1, "click"), (1, "delivered")],
    },
    {"welcome": [(0, "click")], "offer": [(0, "open"), (2, "reply"), (3, "reply")]},
    {"welcome": [(1, "click")], "text": [(0, "invalid_destination")]},
    {"welcome": [(0, "click")], "text": [(0, "not_delivered")]},
    {"welcome": [(0, "bounce")]},
    {
        "welcome": [(4, "open")],
        "reminder": [(1, "open")],
        "nudge": [(0, "delivered"), (1, "click")],
    },
    {},  # the mail server refuses them
    {"welcome": [(0, "click")], "text": [(0, "delivered")], "last word": [(0, "open")]},
    {"welcome": [(0, "click")]},  # the SMS provider has no credit for them
]
REFUSED, NO_CREDIT = 8, 10
EVENTS = {
    "email": {
        "open": "mail_open",
        "click": "mail_click",
        "reply": "mail_reply",
        "bounce": "mail_bounce",
    },
    "sms": {"click": "sms_click", "invalid_destination": "sms_bounce"},
}


@tagged("post_install", "-at_install")
class TestAcceptance(MarketingAutomationMixin, MassSMSCommon):
    def test_three_weeks(self):
        self.env["ir.config_parameter"].set_param("sms.session.batch.size", 1000)
        with self.at(START):
            self.set_up_contacts()
            self.set_up_campaign()
        mail_logger = "odoo.addons.mail.models.mail_mail"
        with MailServer(self.refused) as self.server, mute_logger(mail_logger):
            self.env["ir.mail_server"].search([]).active = False
            self.env["ir.mail_server"].create(
                {"name": "Test", "smtp_host": HOST, "smtp_port": self.server.port}
            )
            for day in range(DAYS):
                self.play_day(day)
        self.check_that_all_was_seen()

    # ------------------------------------------------------------
    # Set up
    # ------------------------------------------------------------

    def set_up_contacts(self):
        """300 contacts: without address, double, blacklisted, archived, late, plain."""
        values = []
        for i in range(CONTACTS):
            address = f"contact{i}@example.com"
            if i < 15:
                address = False
            elif i < 30:
                address = f" Contact{i + 15}@EXAMPLE.com"  # those of 30 to 44, who come later
            elif 100 <= i < 105:
                address = f"nonsense{i}"
            values.append(
                {
                    "name": f"Broken {i}" if i in (111, 122, 133) else f"Contact {i}",
                    "email": address,
                    "phone": False if 105 <= i < 110 else f"+324561{i:05d}",
                    "active": not 60 <= i < 70,
                    "ref": "later" if 70 <= i < 100 else "audience",
                    "color": i % 4,
                }
            )
        self.contacts = self.env["res.partner"].create(values)
        for i in range(45, 60):
            self.env["mail.blacklist"]._add(values[i]["email"])
        no_mail = {
            **dict.fromkeys(range(15), "mail_email_missing"),
            **dict.fromkeys(range(45, 60), "mail_bl"),
            **dict.fromkeys(range(100, 105), "mail_email_invalid"),
        }
        self.records = [
            Record(
                i,
                identities=frozenset([vals["email"].strip().lower()] if vals["email"] else []),
                no_mail=no_mail.get(i),
                no_sms=None if vals["phone"] else "sms_number_missing",
                breaks_actions=vals["name"].startswith("Broken"),
                matches=vals["ref"] == "audience",
                active=vals["active"],
                color=vals["color"],
            )
            for i, vals in enumerate(values)
        ]
        self.by_address = {}
        for record in self.records:
            for address in record.identities:
                self.by_address.setdefault(address, record)
        self.by_phone = {vals["phone"]: self.records[i] for i, vals in enumerate(values)}
        self.refused = {
            address
            for record in self.records
            if self.habit_number(record) == REFUSED
            for address in record.identities
        }
        self.no_credit = {
            vals["phone"]: "credit"
            for record, vals in zip(self.records, values, strict=True)
            if vals["phone"] and self.habit_number(record) == NO_CREDIT
        }

    def habit_number(self, record):
        return record.key % len(HABITS)

    def set_up_campaign(self):
        self.responsible.tz = TIMEZONE
        self.model = Reference([], TIMEZONE, unique=True)
        self.campaign = self.create_campaign(domain=repr([("ref", "=", "audience")]))
        self.assertEqual(self.campaign.unique_field_id.name, "email", "The default for contacts")
        self.activities, self.steps = {}, {}
        for line in WORKFLOW:
            self.add_activity(*line)
        self.reactions = defaultdict(list)
        self.seen = Counter()
        self.notices = []

    def add_activity(self, name, kind, trigger, parent, delay, expiry, colors):
        step = Activity(
            name,
            kind,
            trigger,
            self.steps.get(parent),
            delay,
            expiry,
            lambda record: not colors or record.color in colors,
        )
        values = {
            "name": name,
            "parent_id": self.activities[parent].id if parent else False,
            "validity_duration": bool(expiry),
            "validity_duration_number": expiry[0] if expiry else 0,
            "validity_duration_type": expiry[1] if expiry else "hours",
            "activity_domain": repr([("color", "in", colors)] if colors else []),
        }
        if kind == "email":
            mailing = self.create_mailing(
                self.campaign, subject=name, body_html=BODY, reply_to_mode="update"
            )
            values["mass_mailing_id"] = mailing.id
        elif kind == "sms":
            mailing = self.create_mailing(
                self.campaign, "sms", subject=name, body_plaintext=f"{name}: {TEXT}"
            )
            values["mass_mailing_id"] = mailing.id
        else:
            values["server_action_id"] = self.create_server_action(ACTION.format(name=name)).id
        self.activities[name] = self.create_activity(
            self.campaign, kind, trigger, "{} {}".format(*delay), **values
        )
        self.steps[name] = step
        self.model.add(step)

    # ------------------------------------------------------------
    # A day
    # ------------------------------------------------------------

    def play_day(self, day):
        """The jobs run in the morning, at noon and in the evening; recipients react in the
        afternoon, people work in the morning."""
        morning = START + timedelta(days=day)
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
        self.run_jobs()
        self.model.enrol(self.records, self.now)
        self.model.execute(self.now)
        self.send_mails(day)
        self.send_text_messages(day)
        self.model.send(self.now)

    def send_mails(self, day):
        self.run_cron("ir_cron_send_emails")
        self.run_cron("mail.ir_cron_mail_scheduler_action")
        for record, step in self.messages_of_now("email"):
            if record.identities & self.refused:
                self.model.fail(self.model.trace(record, step), "unknown")
        received = Counter()
        for mail in self.server.take():
            if mail.recipient == self.responsible.email:
                self.notices.append(mail.subject)
                continue
            record = self.by_address[mail.recipient.lower()]
            received[record.key, mail.subject] += 1
            for delay, reaction in HABITS[self.habit_number(record)].get(mail.subject, ()):
                self.reactions[day + delay].append((reaction, record, mail.subject, mail))
        self.assertEqual(received, self.expected_messages("email"), "Each mail arrives once")

    def send_text_messages(self, day):
        with self.mockSMSGateway(sms_allow_unlink=True, nbr_t_error=self.no_credit):
            self.run_cron("ir_cron_send_texts")
            sent = self._sms
        for record, step in self.messages_of_now("sms"):
            if self.habit_number(record) == NO_CREDIT:
                self.model.fail(self.model.trace(record, step), "sms_credit")
        received = Counter()
        for sms in sent:
            record = self.by_phone[sms["number"]]
            name = sms["body"].split(":")[0]
            received[record.key, name] += 1
            for delay, reaction in HABITS[self.habit_number(record)].get(name, ()):
                self.reactions[day + delay].append((reaction, record, name, sms))
        self.assertEqual(received, self.expected_messages("sms"), "Each text message is sent once")

    def expected_messages(self, kind):
        return Counter((record.key, step.name) for record, step in self.messages_of_now(kind))

    def messages_of_now(self, kind):
        """Record and activity of the messages that go out, or have gone out, right now."""
        return [
            (record, step)
            for record, step, trace in self.model_traces()
            if step.kind == kind and trace.executed == self.now and trace.state == "processed"
        ]

    def model_traces(self):
        return [
            (trace.participant.record, trace.activity, trace) for trace in self.model.traces()
        ]

    # ------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------

    def react(self, day):
        due = [when for when in sorted(self.reactions) if when <= day]
        for reaction, record, name, message in chain.from_iterable(map(self.reactions.pop, due)):
            step = self.steps[name]
            trace = self.model.trace(record, step)
            getattr(self, f"{step.kind}_{reaction}", self.sms_report)(message, reaction)
            self.seen[step.kind, reaction] += 1
            if event := EVENTS[step.kind].get(reaction):
                self.model.happen(trace, event, self.now)
            elif reaction == "not_delivered":
                self.model.fail(trace, "sms_not_delivered")

    def email_open(self, mail, _reaction):
        response = self.visit(mail.pixel)
        self.assertEqual(response.headers["Content-Type"], "image/gif")

    def email_click(self, mail, _reaction):
        response = self.visit(mail.link("See it"))
        self.assertTrue(response.headers["Location"].startswith("https://www.example.com/offer"))

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

    def work_on_day_0(self):
        self.campaign.action_start_campaign()
        self.model.running = True

    def work_on_day_1(self):
        """Some contacts match no longer, some are archived, some are gone."""
        self.contacts[150:156].ref = "other"
        for record in self.records[150:156]:
            record.matches = False
        self.contacts[160:166].active = False
        for record in self.records[160:166]:
            record.active = False
        self.contacts[170:176].unlink()
        for record in self.records[170:176]:
            self.model.delete(record)

    def work_on_day_2(self):
        """More contacts match."""
        self.contacts[70:100].ref = "audience"
        for record in self.records[70:100]:
            record.matches = True

    def work_on_day_5(self):
        self.campaign.action_stop_campaign()
        self.model.running = False

    def work_on_day_7(self):
        self.campaign.action_start_campaign()
        self.model.running = True

    def work_on_day_9(self):
        """The workflow is changed; its participants are updated."""
        self.add_activity(*LATE)
        self.activities["text"].interval_number = 5
        self.model.change(self.steps["text"], delay=(5, "days"))
        self.compare("changed, not updated")
        self.assertTrue(self.campaign.require_sync)
        self.campaign.action_update_participants()
        self.model.update()

    def work_on_day_10(self):
        """What had failed is mended and tried again."""
        for i in (111, 122, 133):
            self.contacts[i].name = f"Contact {i}"
            self.records[i].breaks_actions = False
        failed = self.env["marketing.trace"].search(
            [("activity_id", "=", self.activities["tag"].id), ("state", "=", "error")]
        )
        self.assertEqual(len(failed), 3)
        self.assertIn("No way", failed[0].state_msg)
        failed.action_execute()
        for i in (111, 122, 133):
            self.model.run(self.model.trace(self.records[i], self.steps["tag"]), self.now)

    # ------------------------------------------------------------
    # Compare
    # ------------------------------------------------------------

    def compare(self, when):
        """Participants and traces are what the reference model says."""
        self.env.flush_all()
        self.env.invalidate_all()
        participants = self.env["marketing.participant"].search_read(
            [("campaign_id", "=", self.campaign.id)], ["res_id", "state"], load=None
        )
        keys = {contact.id: i for i, contact in enumerate(self.contacts)}
        found = {keys[values["res_id"]]: values["state"] for values in participants}
        self.assertEqual(found, self.model.participant_states(), when)
        names = {activity.id: name for name, activity in self.activities.items()}
        traces = self.env["marketing.trace"].search_read(
            [("activity_id", "in", list(names))],
            ["res_id", "activity_id", "visit", "state", "state_reason", "schedule_date"],
            load=None,
        )
        found = {
            (keys[values["res_id"]], names[values["activity_id"]], values["visit"]): (
                values["state"],
                values["state_reason"] or None,
                values["schedule_date"] or None,
                None,
            )
            for values in traces
        }
        expected = self.model.outcome()
        different = {
            key: (expected.get(key), found.get(key))
            for key in {*expected, *found}
            if expected.get(key) != found.get(key)
        }
        self.assertFalse(different, f"{when}: (expected, found) by contact and activity")

    def check_that_all_was_seen(self):
        """The story has told all that it should; otherwise it proves less than it says."""
        outcomes = Counter(
            (step.name, trace.state, trace.reason) for _record, step, trace in self.model_traces()
        )
        for name in self.steps:
            self.assertTrue(outcomes[name, "processed", None], f"{name} was never executed")
        for outcome in [
            ("welcome", "canceled", "mail_email_missing"),
            ("welcome", "canceled", "mail_email_invalid"),
            ("welcome", "canceled", "mail_bl"),
            ("welcome", "error", "unknown"),
            ("reminder", "canceled", "parent"),
            ("reminder", "canceled", "event"),
            ("reminder", "canceled", "expired"),
            ("tag", "rejected", "filter"),
            ("tag", "canceled", "unlinked"),
            ("nudge", "rejected", "filter"),
            ("nudge", "canceled", "sms_number_missing"),
            ("text", "error", "sms_credit"),
            ("text", "error", "sms_not_delivered"),
        ]:
            self.assertTrue(outcomes[outcome], outcome)
        for habit in HABITS:
            for name, reactions in habit.items():
                for _delay, reaction in reactions:
                    self.assertTrue(self.seen[self.steps[name].kind, reaction], (name, reaction))
        self.assertFalse(self.reactions, "Everybody could react")
        problems = [text for text in self.notices if not text.startswith("You have been assigned")]
        self.assertFalse(problems, "The responsible is told of no problem")
        states = Counter(self.model.participant_states().values())
        self.assertEqual(states["unlinked"], 6)
        self.assertEqual(self.campaign.total_participant_count, len(self.model.participants))
        keys = {record.key for record in self.model.participants}
        self.assertFalse(keys & set(range(30, 45)), "Duplicates")
        functions = self.contacts.exists().mapped("function")
        for name in self.steps:
            count = sum((function or "").split(",").count(name) for function in functions)
            if self.steps[name].kind == "action":
                self.assertEqual(
                    count,
                    sum(
                        trace.runs
                        for record, step, trace in self.model_traces()
                        if step.name == name and record.exists
                    ),
                    f"{name} ran once for each",
                )
