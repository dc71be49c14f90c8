"""Plays a plot, which is plain data, to the engine and to the reference model.

A plot is a dictionary::

    {
        "timezone": "Europe/Brussels",      # of the responsible
        "start": "2025-03-29 09:00:00",     # UTC
        "unique": True,                     # one participant for an address
        "include_archived": False,
        "activities": [activity, ...],      # parents before their children
        "records": [record, ...],
        "steps": [("wait", 24), ("event", 0, 1), ...],
    }

An activity is a dictionary with ``kind``, ``trigger``, ``parent`` (position in the
list or None), ``delay``, ``expiry`` (delay or None), ``colors`` (those that pass its
filter); a record has ``email`` and ``phone`` (see :data:`ADDRESSES`), ``color``,
``matches``, ``active`` and ``broken`` (server actions fail for it). The methods
``do_...`` of :class:`Story` are the steps. Numbers in steps pick one of what is
there, so that every plot makes sense: a step that has nothing to work on does nothing.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import fields

from ..models.participant.retention import FORGET_PARAMETER
from .places import check_places, figures_of_cards, figures_of_past
from .reference import AFTER, EVENTS, Activity, Record, Reference

# Kinds of addresses: why no mail, and no text message, can be sent.
ADDRESSES = {
    "own": (None, None),
    "shared": (None, None),
    "named": (None, None),
    "several": (None, None),
    "partly": (None, None),
    "missing": ("mail_email_missing", "sms_number_missing"),
    "invalid": ("mail_email_invalid", "sms_number_format"),
    "blocked": ("mail_bl", "sms_blacklist"),
}
# Contacts of a story have this reference while they match the campaign's filter.
REFERENCE = "story"
# A workflow is at most so deep and so long.
MAX_DEPTH = 4
MAX_ACTIVITIES = 12

FAILURES = {"email": "mail_smtp", "sms": "sms_credit"}
DATE_FIELDS = {
    "mail_open": "open_datetime",
    "mail_click": "links_click_datetime",
    "mail_reply": "reply_datetime",
    "mail_bounce": "bounce_datetime",
    "sms_click": "links_click_datetime",
    "sms_bounce": "bounce_datetime",
    "activity_done": "activity_done_datetime",
    "activity_overdue": "activity_overdue_datetime",
    "activity_canceled": "activity_canceled_datetime",
}
SETTERS = {
    "open": "set_opened",
    "reply": "set_replied",
    "bounce": "set_bounced",
}


def pick(candidates, number):
    """One of the candidates, None if there are none."""
    return candidates[number % len(candidates)] if candidates else None


class Story:
    """Two campaigns side by side: the engine's and the reference model's.

    :param test: test case with the helpers of ``common`` and the ``materials`` that
        activities are made of: lists of mailings, of text messages, of server actions that
        add ``<position>,`` to the record's job position, and of those that create a to-do,
        due in ``<position> % 3`` days
    """

    def __init__(self, test, plot):
        self.test = test
        self.env = test.env(context={"tracking_disable": True})
        self.now = fields.Datetime.to_datetime(plot["start"])
        self.plot = plot
        self.records = {}
        self.activities = {}
        self.past = {}  # those that were taken out of the workflow, and are history
        self.names = []
        # Records by participant, of those who were forgotten.
        self.forgotten = {}
        self.model = Reference([], plot["timezone"], plot["unique"], plot["include_archived"])
        test.set_clock(self.now)
        test.responsible.tz = plot["timezone"]
        self.email = self.env["ir.model.fields"]._get("res.partner", "email")
        self.campaign = test.create_campaign(
            domain=repr([("ref", "=", REFERENCE)]),
            unique_field_id=self.email.id if plot["unique"] else False,
            include_archived=plot["include_archived"],
        )
        for values in plot["activities"]:
            self.do_add(values, values["parent"])
        for values in plot["records"]:
            self.do_record(values)
        self.do_start()

    def play(self):
        """Play the plot to its end; both campaigns are compared after each step."""
        self._run_job()
        self.check("at the start")
        for number, (name, *arguments) in enumerate(self.plot["steps"]):
            getattr(self, f"do_{name}")(*arguments)
            self.check(f"after step {number}, {name} {arguments}")
        check_places(self)

    def check(self, when):
        """Compare what the engine has with what is expected."""
        self.env.flush_all()
        self.env.invalidate_all()
        expected, found = self._expected(), self._found()
        if expected != found:
            lines = [
                f"{key}: expected {expected.get(key)}, found {found.get(key)}"
                for key in sorted({*expected, *found}, key=str)
                if expected.get(key) != found.get(key)
            ]
            self.test.fail("\n".join([f"{when}, at {self.now}:", *lines, f"Plot: {self.plot}"]))

    # ------------------------------------------------------------
    # What is compared
    # ------------------------------------------------------------

    def _expected(self):
        result = {"needs update": bool(self.model.changed)}
        for record, participant in self.model.participants.items():
            result["participant", record.key] = participant.state
            for activity, trace in participant.traces.items():
                result[record.key, activity.name] = (
                    trace.state,
                    trace.reason,
                    trace.date,
                    trace.runs,
                    trace.sent,
                    {DATE_FIELDS[event]: date for event, date in trace.events.items()},
                    trace.due,
                )
        result["figures"] = self.model.figures()
        return result

    def _found(self):
        participants = self.campaign.participant_ids.filtered(lambda p: not p.is_test)
        by_record = {partner.id: record for record, partner in self.records.items()}
        keys = {p: self.forgotten.get(p) or by_record[p.res_id] for p in participants}
        known = {**self.activities, **self.past}
        names = {activity.id: step.name for step, activity in known.items()}
        result = {("participant", keys[p].key): p.state for p in participants}
        traces = participants.trace_ids
        messages = self._count_messages(traces)
        for trace in traces:
            record = keys[trace.participant_id]
            result[record.key, names[trace.activity_id.id]] = (
                trace.state,
                trace.state_reason or None,
                trace.schedule_date or None,
                self._count_actions(trace, record)
                if trace.activity_type == "action"
                else messages[trace],
                trace.sent_datetime or None,
                {name: trace[name] for name in set(DATE_FIELDS.values()) if trace[name]},
                trace.activity_deadline or None,
            )
        result["needs update"] = self.campaign.require_sync
        result["figures"] = {**figures_of_cards(self.campaign), **figures_of_past(self.campaign)}
        return result

    def _count_messages(self, traces):
        """How many messages were queued for each trace."""
        groups = self.env["mailing.trace"]._read_group(
            [("marketing_trace_id", "in", traces.ids), ("trace_status", "!=", "cancel")],
            ["marketing_trace_id"],
            ["__count"],
        )
        return defaultdict(int, groups)

    def _count_actions(self, trace, record):
        """How often the server action ran, by what it has left on the record, or noted."""
        if trace.activity_id.server_action_id in self.test.materials["todo"]:
            return int(bool(trace.activity_created_datetime))
        partner = self.records[record].exists()
        if not partner:
            return int(trace.state == "processed")
        position = self.test.materials["action"].index(trace.activity_id.server_action_id)
        return (partner.function or "").split(",").count(str(position))

    # ------------------------------------------------------------
    # Time
    # ------------------------------------------------------------

    def do_wait(self, hours):
        """Time passes, then the job and the queues run."""
        self.do_lag(hours)
        self.do_send()
        self._run_job()

    def do_lag(self, hours):
        """Time passes, then the job runs; the queues do not."""
        self.do_sleep(hours)
        self._run_job()

    def do_send(self):
        """The queues hand over what is in them."""
        queued = [("marketing_trace_id.campaign_id", "=", self.campaign.id)]
        self.env["mailing.trace"].search([*queued, ("trace_status", "=", "outgoing")]).set_sent()
        self.model.send(self.now)

    def do_sleep(self, hours):
        """Time passes without the job."""
        self.now += timedelta(hours=hours)
        self.test.set_clock(self.now)

    def _run_job(self):
        if self.campaign.state == "running":
            self.campaign.sync_participants()
        self.campaign.execute_activities()
        self.model.enrol(self.records, self.now)
        self.model.execute(self.now)

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    def do_record(self, values):
        """A record comes to be."""
        key = len(self.records)
        phone = {
            "missing": False,
            "invalid": "12",
            "blocked": f"+3247099{key:04d}",
        }.get(values["phone"], f"+3247000{key:04d}")
        record = Record(
            key,
            no_sms=ADDRESSES[values["phone"]][1],
            breaks_actions=values["broken"],
            matches=values["matches"],
            active=values["active"],
            color=values["color"],
        )
        self.records[record] = self.env["res.partner"].create(
            {
                "name": f"{'Broken' if values['broken'] else 'Record'} {key}",
                "phone": phone,
                "color": values["color"],
                "active": values["active"],
                "ref": REFERENCE if values["matches"] else "other",
            }
        )
        self._set_address(record, values["email"])
        if values["phone"] == "blocked":
            self.env["phone.blacklist"].add(phone)

    def _set_address(self, record, kind):
        """Give a record an address of a kind."""
        key = record.key
        own, shared, blocked = f"record{key}@example.com", "shared@example.com", f"bl{key}@x.com"
        email, identities = {
            "own": (own, {own}),
            "shared": (f" Shared@Example.{'COM' if key % 2 else 'com'} ", {shared}),
            "named": ('"Shared, Ann" <SHARED@example.com>', {shared}),
            "several": (f"{own}; Shared@example.com", {own, shared}),
            "partly": (f"{blocked}, shared@example.com", {blocked, shared}),
            "missing": (False, set()),
            "invalid": (f"no address {key}", {f"no address {key}"}),
            "blocked": (blocked, {blocked}),
        }[kind]
        if kind in ("blocked", "partly"):
            self.env["mail.blacklist"]._add(blocked)
        self.records[record].email = email
        record.identities = frozenset(identities)
        record.no_mail = ADDRESSES[kind][0]

    def _pick_record(self, number):
        record = pick([record for record in self.records if record.exists], number)
        return record, self.records.get(record)

    def do_delete(self, number):
        record, partner = self._pick_record(number)
        if record:
            partner.unlink()
            self.model.delete(record)

    def do_toggle(self, number):
        """A record no longer matches the campaign's filter, or does again."""
        record, partner = self._pick_record(number)
        if record:
            record.matches = not record.matches
            partner.ref = REFERENCE if record.matches else "other"

    def do_archive(self, number):
        """A record is archived, or comes back."""
        record, partner = self._pick_record(number)
        if record:
            record.active = not record.active
            partner.active = record.active

    def do_color(self, number, color):
        """A record now passes other activities' filters."""
        record, partner = self._pick_record(number)
        if record:
            record.color = partner.color = color

    def do_address(self, number, kind):
        """A record gets another address; who took part with the old one does so for good."""
        record, _partner = self._pick_record(number)
        if record:
            self._set_address(record, kind)

    def do_mend(self, number):
        """Server actions fail no longer for a record, or do from now on."""
        record, partner = self._pick_record(number)
        if record:
            record.breaks_actions = not record.breaks_actions
            partner.name = f"{'Broken' if record.breaks_actions else 'Record'} {record.key}"

    def do_forget(self, number):
        """Somebody asks to be forgotten."""
        candidates = [r for r, p in self.model.participants.items() if not p.forgotten]
        if record := pick(candidates, number):
            participant = self.test.participant_of(self.campaign, self.records[record])
            self.forgotten[participant] = record
            participant._forget()
            self.model.forget(record)

    def do_retention(self):
        """The campaign is archived until all are forgotten who have ended, and starts again."""
        if not self.activities:
            return
        self.campaign.action_archive()
        self.model.stop()
        self.env.flush_all()
        self.do_sleep(24 * 62)
        self.env["ir.config_parameter"].set_param(FORGET_PARAMETER, "1")
        for record, participant in self.model.participants.items():
            if participant.state != "running" and not participant.forgotten:
                self.forgotten[self.test.participant_of(self.campaign, self.records[record])] = (
                    record
                )
                self.model.forget(record)
        self.env["marketing.participant"]._gc_finished_journeys()
        self.campaign.action_unarchive()
        self.do_start()
        self._run_job()

    # ------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------

    def _pick_trace(self, number, condition):
        """Record and activity of one of the traces that meet a condition of trace and activity."""
        candidates = [
            (record, activity)
            for record, participant in self.model.participants.items()
            if not participant.forgotten
            for activity, trace in participant.traces.items()
            if condition(trace, activity)
        ]
        candidates.sort(key=lambda candidate: (candidate[0].key, candidate[1].name))
        record, activity = pick(candidates, number) or (None, None)
        known = {**self.activities, **self.past}
        trace = record and self.test.trace_of(known[activity], self.records[record])
        return record, activity, trace

    def _message_of(self, trace):
        """The last message of a trace; the others failed, or were taken back."""
        return trace.mailing_trace_ids.sorted("id")[-1:]

    def do_event(self, event, number):
        """Something happens to a message: an event by its position, the last is a bounce."""
        record, activity, trace = self._pick_trace(
            number, lambda trace, activity: trace.state == "processed" and activity.is_message
        )
        if record:
            name = pick(EVENTS[activity.kind], event)
            if name.endswith("_click"):
                self._click(self._message_of(trace))
            else:
                getattr(self._message_of(trace), SETTERS[name.split("_")[1]])()
            self.model.happen(record, activity, name, self.now)

    def _click(self, messages):
        """Follow a link of each of these messages, from an address that has not been there yet."""
        for message in messages:
            mailing = message.mass_mailing_id
            link = self.env["link.tracker"].search_or_create(
                [
                    {
                        "url": "https://www.example.com/story",
                        "campaign_id": self.campaign.utm_campaign_id.id,
                        "mass_mailing_id": mailing.id,
                        "medium_id": mailing.medium_id.id,
                        "source_id": mailing.source_id.id,
                        "title": "Story",
                    }
                ]
            )
            self.model.clicks += 1
            self.env["link.tracker.click"].add_click(
                link.code,
                ip=f"2001:db8::{self.model.clicks:x}",
                country_code=False,
                mailing_trace_id=message.id,
            )

    def do_simulate(self, event, number):
        """The same by the button of the test page, or another addon."""
        record, activity, trace = self._pick_trace(
            number, lambda trace, activity: trace.state == "processed" and activity.kind in EVENTS
        )
        if record:
            name = pick(EVENTS[activity.kind], event)
            is_news = self.model.participants[record].traces[activity].may_happen(name)
            self.test.assertEqual(trace.process_event(name), is_news)
            self.model.happen(record, activity, name, self.now, is_simulated=True)

    def do_todo(self, what, number):
        """Somebody does a to-do, cancels it, or gives it another day."""
        record, activity, trace = self._pick_trace(number, lambda trace, _activity: trace.is_open)
        if not record:
            return
        todo = self.env["mail.activity"].search([("marketing_trace_id", "=", trace.id)])
        what = pick(["done", "canceled", "later", "earlier"], what)
        if what == "done":
            todo.action_feedback()
        elif what == "canceled":
            todo.unlink()
        else:
            todo.date_deadline += timedelta(days=2 if what == "later" else -2)
            self.model.move_todo(record, activity, todo.date_deadline, self.now)
            return
        self.model.close_todo(record, activity, f"activity_{what}", self.now)

    def do_fail(self, number):
        """The mail server or the provider of text messages refuses a message."""
        record, activity, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                trace.state == "processed" and activity.is_message and not trace.events
            ),
        )
        if record:
            self._message_of(trace).set_failed(failure_type=FAILURES[activity.kind])
            self.model.fail(record, activity, FAILURES[activity.kind])

    def do_resend(self, number):
        """A message that had failed gets out, be it that another try is planned."""
        record, activity, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                activity.is_message
                and not trace.is_taken_back
                and (trace.state == "error" or (trace.state == "scheduled" and trace.runs))
            ),
        )
        if record:
            self._message_of(trace).set_sent()
            self.model.resend(record, activity, self.now)

    def do_retry(self, number):
        """Another try of all that has failed at an activity."""
        step = pick(list(self.activities), number)
        if step:
            self.activities[step].action_retry_failed()
            self.model.retry(step, self.now)

    def do_fail_again(self, number):
        """The message before the last one fails once more, which says nothing any more."""
        record, _activity, trace = self._pick_trace(
            number, lambda trace, activity: trace.runs > 1 and activity.is_message
        )
        if record:
            trace.activity_id.mass_mailing_id.action_retry_failed()
            older = trace.mailing_trace_ids - self._message_of(trace)
            older.filtered(lambda message: message.trace_status != "cancel").set_failed(
                failure_type="unknown"
            )

    # ------------------------------------------------------------
    # People at work
    # ------------------------------------------------------------

    def do_start(self):
        self.campaign.action_start_campaign()
        self.model.running = True

    def do_stop(self):
        self.campaign.action_stop_campaign()
        self.model.stop()

    def do_update(self):
        self.campaign.action_update_participants()
        self.model.update()
        self.model.enrol(self.records, self.now)

    def do_run(self, number):
        """Run a trace by hand: before or after its date, or again after an error."""
        record, activity, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                (trace.state == "scheduled" and trace.date)
                or (
                    trace.state == "error"
                    and activity.kind == "action"
                    and activity in self.activities
                )
            ),
        )
        if record:
            trace.action_execute()
            self.model.run(self.model.participants[record], activity, self.now)

    def do_cancel(self, number):
        """Cancel a trace by hand."""
        record, activity, trace = self._pick_trace(
            number, lambda trace, _activity: trace.state == "scheduled"
        )
        if record:
            trace.action_cancel()
            self.model.cancel(record, activity)

    def do_test(self, number):
        """Launch a test with a record and send its first message: nothing else may notice."""
        record, partner = self._pick_record(number)
        if record and self.activities:
            wizard = self.env["marketing.campaign.test"].create(
                {"campaign_id": self.campaign.id, "res_id": partner.id}
            )
            wizard.action_launch_test()
            test = self.campaign.participant_ids.filtered("is_test").sorted("id")[-1]
            messages = test.trace_ids.filtered(lambda trace: trace.activity_type != "action")
            messages[:1].action_execute()

    def do_unique(self):
        """From now on an address takes part once; or any number of times."""
        self.model.unique = not self.model.unique
        self.campaign.unique_field_id = self.email if self.model.unique else False

    # ------------------------------------------------------------
    # The workflow
    # ------------------------------------------------------------

    def do_add(self, values, parent):
        """Add an activity, below another one if a number of one is given."""
        candidates = [step for step in self.activities if len(step.path()) < MAX_DEPTH]
        if len(self.names) == MAX_ACTIVITIES:
            return
        parent = None if parent is None else pick(candidates, parent)
        trigger = self._pick_trigger(parent, values["trigger"])
        colors = values["colors"]
        step = Activity(
            f"{len(self.names)} {values['kind']} {trigger}",
            values["kind"],
            trigger,
            parent,
            values["delay"],
            values["expiry"],
            lambda record: record.color in colors,
            due_days=len(self.names) % 3,
        )
        expiry = values["expiry"] or (0, "hours")
        material = self.test.materials[values["kind"]][len(self.names)]
        link = "mass_mailing_id" if step.is_message else "server_action_id"
        self.activities[step] = self.test.create_activity(
            self.campaign,
            values["kind"] if step.is_message else "action",
            trigger,
            "{} {}".format(*values["delay"]),
            name=step.name,
            parent_id=self.activities[parent].id if parent else False,
            validity_duration=bool(values["expiry"]),
            validity_duration_number=expiry[0],
            validity_duration_type=expiry[1],
            activity_domain=repr([("color", "in", colors)]),
            **{link: material.id},
        )
        self.names.append(step.name)
        self.model.add(step)

    def _pick_trigger(self, parent, trigger):
        """A trigger by name, or one of those that can follow the parent by number."""
        if not parent:
            return "begin"
        return trigger if trigger in AFTER[parent.kind] else pick(AFTER[parent.kind], trigger)

    def do_delay(self, number, delay):
        """Give an activity another delay."""
        step = pick(list(self.activities), number)
        if step:
            self.activities[step].write({"interval_number": delay[0], "interval_type": delay[1]})
            self.model.change(step, delay=delay)

    def do_move(self, number, parent, trigger):
        """Put an activity below another one, with another trigger, and update."""
        step = pick(list(self.activities), number)
        depths = [len(other.path()) for other in self.activities if step in other.path()]
        height = max(depths) - min(depths) if depths else 0
        candidates = [
            other
            for other in self.activities
            if step not in other.path() and len(other.path()) + height < MAX_DEPTH
        ]
        if candidates:
            parent = pick(candidates, parent)
            trigger = self._pick_trigger(parent, trigger)
            self.activities[step].write(
                {"parent_id": self.activities[parent].id, "trigger_type": trigger}
            )
            self.model.change(step, parent=parent, trigger=trigger)
            self.do_update()

    def do_remove(self, number):
        """Delete an activity, and so those below it; history stays."""
        step = pick(list(self.activities), number)
        if step:
            known = {**self.activities, **self.past}
            self.activities[step].unlink()
            self.model.remove(step)
            self.activities = {step: known[step] for step in self.model.activities}
            self.past = {step: known[step] for step in self.model.past}
            left = self.env["marketing.activity"].browse(known[step].id for step in known).exists()
            self.test.assertEqual(
                (set(left.filtered("active")), set(left - left.filtered("active"))),
                (set(self.activities.values()), set(self.past.values())),
            )
