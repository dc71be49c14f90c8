"""Four weeks of a campaign whose steps steer, in a real server.

Whoever opens the welcome goes on by what was clicked, or by lot; who does not is reminded, and
waited for. Branches merge before a date of the contact, and one way leads back to the welcome.
See ``acceptance`` for how it is played.
"""

from collections import Counter
from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import tagged

from .acceptance import LINKS, AcceptanceCase
from .places import figures_of_cards
from .reference import Activity, Branch, Record, Reference, Wait

CONTACTS = 40
DATE_FIELD = "calendar_last_notif_ack"
BODY = """<div><p>Hello <t t-out="object.name"/></p>
<a href="https://www.example.com/offer">See it</a>
<a href="https://www.example.com/more">More</a></div>"""
TEXT = "{name}: Hello {{{{ object.name }}}}, https://www.example.com/text"
ACTION = "record.write({{'function': (record.function or '') + '{name},'}})"
WON = 5

# What a recipient of each kind does with a message, how many days after it came.
HABITS = [
    {},
    {"welcome": [(0, "open")], "letter": [(0, "open")]},
    {"welcome": [(1, "click")]},
    {"welcome": [(0, "click_more")], "invitation": [(1, "reply")]},
    {"welcome": [(0, "bounce")]},
    {"welcome": [(5, "open")], "reminder": [(1, "click")]},
    {"welcome": [(0, "click"), (0, "click_more")]},
    {"welcome": [(2, "open"), (3, "click")]},
    {"reminder": [(0, "invalid_destination")]},
    {"welcome": [(0, "click")], "farewell": [(1, "reply")]},
]
# How the calls end: made, not in time, cancelled (all others).
CALLED, NOT_CALLED = 2, 6


@tagged("post_install", "-at_install")
class TestAcceptanceJourney(AcceptanceCase):
    start = datetime(2025, 3, 10, 9)  # a Monday; in the third week clocks are put forward
    days = 28
    habits = HABITS

    def test_four_weeks(self):
        self.play()

    # ------------------------------------------------------------
    # Set up
    # ------------------------------------------------------------

    def set_up_contacts(self):
        """Every tenth of a kind; of three colors; with no date, a near, a later or a past one."""
        moments = [None, *(self.start + timedelta(days=number) for number in (6, 16, -40))]
        values = [
            {
                "name": f"Contact {i}",
                "email": f"journey{i}@example.com",
                "phone": f"+324562{i:05d}",
                "ref": "audience",
                "color": i % 3,
                DATE_FIELD: moments[i % 4] or False,
            }
            for i in range(CONTACTS)
        ]
        self.contacts = self.env["res.partner"].create(values)
        self.records = [
            Record(
                i,
                identities=frozenset([vals["email"]]),
                color=vals["color"],
                moment=vals[DATE_FIELD] or None,
            )
            for i, vals in enumerate(values)
        ]
        self.note_addresses(values)

    def set_up_campaign(self):
        self.responsible.tz = self.timezone
        self.campaign = self.create_campaign(domain=repr([("ref", "=", "audience")]))
        self.model = Reference([], self.timezone, unique=True, number_of=self.number_of)
        self.activities, self.steps, self.branches = {}, {}, {}
        self.add("welcome", "email", None, (1, "hours"))
        self.add_wait(
            "opened?",
            "welcome",
            Wait("event", self.steps["welcome"], "mail_open", limit=(3, "days")),
        )
        self.add_condition("interest", "opened?/met", (1, "days"))
        self.add("call", "todo", "interest/buyer", due_days=2)
        self.add("called", "paint", "call", (1, "hours"), trigger="activity_done", color=WON)
        self.add("sorry", "sms", "call", trigger="activity_overdue")
        self.add_split("lots", "interest/reader")
        self.add("letter", "email", "lots/letter", (2, "hours"))
        self.add("again", "goto", "interest/otherwise", (4, "days"), goto="welcome", max_visits=2)
        self.add("reminder", "sms", "opened?/timeout")
        is_won = Wait("filter", filter=lambda record: record.color == WON, limit=(1, "weeks"))
        self.add_wait("decided?", "reminder", is_won, (1, "days"))
        self.add("congratulation", "action", "decided?/met")
        self.add("leave", "exit", "decided?/timeout")
        date = Wait("date", offset=(-1, "days"), hour=9, limit=(1, "weeks"))
        self.add_wait("party?", "sorry", date, (1, "days"))
        self.add("after the call", "goto", "call", (4, "days"), goto="party?")
        self.add("after the answer", "goto", "called", (1, "days"), goto="party?")
        self.add("after the letter", "goto", "letter", (1, "days"), goto="party?")
        self.add("no party", "action", "party?/timeout")
        self.add("invitation", "email", "party?/met")
        self.add_wait("monday?", "invitation", Wait("time", weekday=0, hour=8.5))
        self.add("monday", "action", "monday?/met")
        self.add("farewell", "email", None, (3, "weeks"))

    def number_of(self, record, _number):
        return self.participant_of(self.campaign, self.contacts[record.key]).id

    def add(self, name, kind, place, delay=(0, "hours"), trigger=None, goto=None, **values):
        """Add a step to both campaigns.

        :param place: name of the step before, or with a slash one of its branches; None for none
        :param values: of the reference model's step
        """
        before, _slash, way = (place or "").partition("/")
        trigger = trigger or ("begin" if not place else "branch" if way else "activity")
        parent = self.steps.get(before)
        step = Activity(name, kind, trigger, parent, delay, goto=self.steps.get(goto))
        for key, value in values.items():
            if key != "vals":
                setattr(step, key, value)
        step.branch = next((b for b in parent.branches if b.name == way), None) if way else None
        vals = {**values.get("vals", {}), **self.get_content(step)}
        activity = self.create_activity(
            self.campaign,
            "action" if kind in ("todo", "paint") else kind,
            trigger,
            "{} {}".format(*delay),
            name=name,
            parent_id=self.activities[before].id if parent else False,
            branch_id=self.branches[step.branch].id if way else False,
            **vals,
        )
        step.id = activity.id
        for branch in activity.branch_ids:
            known = next(b for b in step.branches if b.name in (branch.name, branch.branch_type))
            self.branches[known] = branch
        self.activities[name], self.steps[name] = activity, step
        self.model.add(step)

    def get_content(self, step):
        """What a step sends, does, or leads to."""
        name = step.name
        if step.kind == "email":
            mailing = self.create_mailing(
                self.campaign, subject=name, body_html=BODY, reply_to_mode="update"
            )
            return {"mass_mailing_id": mailing.id}
        if step.kind == "sms":
            text = TEXT.format(name=name)
            mailing = self.create_mailing(self.campaign, "sms", subject=name, body_plaintext=text)
            return {"mass_mailing_id": mailing.id}
        if step.kind == "action":
            return {"server_action_id": self.create_server_action(ACTION.format(name=name)).id}
        if step.kind == "todo":
            todo = {
                "state": "next_activity",
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "activity_date_deadline_range": step.due_days,
            }
            return {"server_action_id": self.create_server_action(False, **todo).id}
        if step.kind == "paint":
            color = self.env["ir.model.fields"]._get("res.partner", "color")
            values = {"update_path": "color", "update_field_id": color.id, "value": str(step.color)}
            action = self.create_server_action(False, state="object_write", **values)
            return {"server_action_id": action.id}
        if step.kind == "goto":
            target = self.activities[step.goto.name]
            return {"goto_activity_id": target.id, "max_visits": step.max_visits}
        return {}

    def add_condition(self, name, place, delay):
        """Who followed the link of the offer; contacts of two colors; all others."""
        welcome = self.activities["welcome"]
        mailing = welcome.mass_mailing_id
        link = self.env["link.tracker"].search_or_create(
            [
                {
                    "url": LINKS["click"],
                    "label": "See it",
                    "campaign_id": mailing.campaign_id.id,
                    "mass_mailing_id": mailing.id,
                    "medium_id": mailing.medium_id.id,
                    "source_id": mailing.source_id.id,
                }
            ]
        )
        buyer = Branch(
            "buyer",
            "event",
            activity=self.steps["welcome"],
            event="mail_click",
            link=LINKS["click"],
        )
        reader = Branch("reader", "filter", lambda record: record.color in (1, 2))
        buyer_vals = {
            "name": "buyer",
            "branch_type": "event",
            "event_activity_id": welcome.id,
            "event": "mail_click",
            "event_link_id": link.id,
        }
        reader_vals = {"name": "reader", "domain": repr([("color", "in", [1, 2])])}
        self.add(
            name,
            "condition",
            place,
            delay,
            branches=[buyer, reader, Branch("otherwise", "otherwise")],
            vals={"branch_ids": [Command.create(buyer_vals), Command.create(reader_vals)]},
        )

    def add_split(self, name, place):
        """Two of three get a letter, the others are the control group."""
        letter = {"name": "letter", "branch_type": "random", "weight": 2}
        control = {"name": "control", "branch_type": "random", "weight": 1, "is_holdout": True}
        self.add(
            name,
            "split",
            place,
            branches=[Branch("letter", "random", weight=2), Branch("control", "random", weight=1)],
            vals={"branch_ids": [Command.create(letter), Command.create(control)]},
        )

    def add_wait(self, name, place, wait, delay=(0, "hours")):
        number, unit = wait.limit or (0, "hours")
        vals = {
            "wait_type": wait.kind,
            "wait_limit": bool(wait.limit),
            "wait_limit_number": number,
            "wait_limit_type": unit,
            "time_of_day": wait.hour,
        }
        if wait.kind == "event":
            vals["wait_activity_id"] = self.activities[wait.activity.name].id
            vals["wait_event"] = wait.event
        elif wait.kind == "filter":
            vals["wait_domain"] = repr([("color", "=", WON)])
        elif wait.kind == "date":
            field = self.env["ir.model.fields"]._get("res.partner", DATE_FIELD)
            vals["wait_date_field_id"] = field.id
            vals["wait_date_number"], vals["wait_date_type"] = wait.offset
        else:
            vals["wait_weekday"] = str(wait.weekday)
        branches = [Branch(kind, kind) for kind in ("met", "timeout")]
        self.add(name, "wait", place, delay, wait=wait, branches=branches, vals=vals)

    # ------------------------------------------------------------
    # People at work
    # ------------------------------------------------------------

    def work_at_desk(self, day):
        self.make_calls()
        return super().work_at_desk(day)

    def make_calls(self):
        """Some calls are made the day after, some are cancelled, and some nobody makes."""
        for trace in self.model.traces():
            record = trace.participant.record
            number = self.habit_number(record)
            is_next_day = trace.is_open and self.now - trace.sent >= timedelta(hours=12)
            if not is_next_day or number == NOT_CALLED:
                continue
            found = self.trace_of(self.activities["call"], self.contacts[record.key])
            todo = self.env["mail.activity"].search([("marketing_trace_id", "=", found.id)])
            if number == CALLED:
                todo.action_feedback()
                self.model.close_todo(trace, "activity_done", self.now)
            else:
                todo.unlink()
                self.model.close_todo(trace, "activity_canceled", self.now)

    def work_on_day_0(self):
        self.campaign.action_start_campaign()
        self.model.running = True

    def work_on_day_6(self):
        """One run is ended by hand; one contact is deleted."""
        self.participant_of(self.campaign, self.contacts[17]).action_exit()
        self.model.exit(self.model.runs_of(self.records[17])[0], self.now)
        self.contacts[23].unlink()
        self.model.delete(self.records[23])

    def work_on_day_8(self):
        """Some of those who are waited for have decided."""
        for i in (10, 15, 25):
            self.contacts[i].color = self.records[i].color = WON

    def work_on_day_10(self):
        """The workflow is changed; who is past the change, or waits, is updated."""
        self.add("good bye", "action", "interest/otherwise", (3, "days"))
        self.activities["decided?"].wait_limit_number = 2
        self.steps["decided?"].wait.limit = (2, "weeks")
        self.model.change(self.steps["decided?"])
        self.assertTrue(self.campaign.require_sync)
        self.campaign.action_update_participants()
        self.model.update(self.now)

    def work_on_day_12(self):
        self.campaign.action_stop_campaign()
        self.model.stop()

    def work_on_day_13(self):
        self.campaign.action_start_campaign()
        self.model.running = True

    # ------------------------------------------------------------
    # Compare
    # ------------------------------------------------------------

    def check_that_all_was_seen(self):
        """The story has told all that it should; otherwise it proves less than it says."""
        self.assertEqual(figures_of_cards(self.campaign), self.model.figures())
        self.check_ways()
        seen = Counter()
        for trace in self.model.traces():
            way = trace.branch and trace.branch.name
            seen[trace.activity.name, trace.state, trace.reason or way] += 1
            seen[trace.activity.name, "visit", trace.visit] += 1
            seen[trace.activity.name, "jump", trace.is_jump] += 1
        # Nobody knows who is in the control group.
        by_lot = {"letter", "after the letter"}
        for name in self.steps.keys() - by_lot:
            self.assertTrue(
                any(key[:2] == (name, "processed") for key in seen), f"{name} was never executed"
            )
        for key in [
            ("opened?", "processed", "met"),
            ("opened?", "processed", "timeout"),
            ("opened?", "canceled", "event"),
            ("interest", "processed", "buyer"),
            ("interest", "processed", "reader"),
            ("interest", "processed", "otherwise"),
            ("decided?", "processed", "met"),
            ("decided?", "processed", "timeout"),
            ("decided?", "canceled", "event"),
            ("party?", "processed", "met"),
            ("party?", "processed", "timeout"),
            ("farewell", "canceled", "exited"),
            ("farewell", "canceled", "unlinked"),
            ("welcome", "visit", 2),
            ("interest", "visit", 2),
            ("party?", "jump", True),
            ("party?", "jump", False),
        ]:
            self.assertTrue(seen[key], key)
        self.assertFalse(seen["welcome", "visit", 3])
        self.assertFalse(seen["party?", "visit", 2], "Ways merge")
        states = Counter(self.model.participant_states().values())
        self.assertEqual(states["unlinked"], 1)
        self.assertEqual(
            {reason for p in self.model.participants for reason in (p.exit or ())[:1]},
            {"step", "user"},
        )
        self.assertFalse(self.reactions, "Everybody could react")
        problems = [text for text in self.notices if not text.startswith("You have been assigned")]
        self.assertFalse(problems, "The responsible is told of no problem")

    def check_ways(self):
        """So many went each way."""
        expected = Counter(trace.branch for trace in self.model.traces() if trace.branch)
        found = self.env["marketing.trace"]._read_group(
            [("branch_id", "in", [branch.id for branch in self.branches.values()])],
            ["branch_id"],
            ["__count"],
        )
        self.assertEqual(
            dict(found), {self.branches[branch]: number for branch, number in expected.items()}
        )
