"""Three weeks of a campaign in a real server, from the first mail to the last trace.

See ``acceptance`` for how it is played.
"""

from collections import Counter
from datetime import datetime

from odoo.tests import tagged

from .acceptance import AcceptanceCase
from .reference import Activity, Record, Reference

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


@tagged("post_install", "-at_install")
class TestAcceptance(AcceptanceCase):
    start = datetime(2025, 3, 17, 9)  # two weeks before clocks are put forward in Brussels
    days = 22
    habits = HABITS

    def test_three_weeks(self):
        self.play()

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
        self.note_addresses(values)
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

    def set_up_campaign(self):
        self.responsible.tz = self.timezone
        self.model = Reference([], self.timezone, unique=True)
        self.campaign = self.create_campaign(domain=repr([("ref", "=", "audience")]))
        self.assertEqual(self.campaign.unique_field_id.name, "email", "The default for contacts")
        self.activities, self.steps = {}, {}
        for line in WORKFLOW:
            self.add_activity(*line)

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
    # People at work
    # ------------------------------------------------------------

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
        self.model.update(self.now)

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

    def check_that_all_was_seen(self):
        """The story has told all that it should; otherwise it proves less than it says."""
        outcomes = Counter(
            (trace.activity.name, trace.state, trace.reason) for trace in self.model.traces()
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
        keys = {participant.record.key for participant in self.model.participants}
        self.assertFalse(keys & set(range(30, 45)), "Duplicates")
        functions = self.contacts.exists().mapped("function")
        for name in self.steps:
            count = sum((function or "").split(",").count(name) for function in functions)
            if self.steps[name].kind == "action":
                self.assertEqual(
                    count,
                    sum(
                        trace.runs
                        for trace in self.model.traces()
                        if trace.activity.name == name and trace.participant.record.exists
                    ),
                    f"{name} ran once for each",
                )
