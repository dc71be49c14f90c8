"""Plays a plot, which is plain data, to the engine and to the reference model.

A plot is a dictionary::

    {
        "timezone": "Europe/Brussels",      # of the responsible
        "start": "2025-03-29 09:00:00",     # UTC
        "unique": True,                     # one participant for an address
        "include_archived": False,
        "entry": "all",                     # or "new" records only, or "none": nobody by itself
        "others": [{"kind": "date", "offset": (1, "days")}],    # other ways in: values of Entry
        "hours": (0, True, False),          # sending hours, or None: arguments of ``do_hours``
        "cap": (1, 2, 7, False),            # the cap, or None: arguments of ``do_cap``
        "limit": 2,                         # of messages an hour, 0 for none
        "rival": {...},                     # another campaign, or None: arguments of ``Rival``
        "activities": [activity, ...],      # parents before their children
        "records": [record, ...],
        "steps": [("wait", 24), ("event", 0, 1), ...],
    }

An activity is a dictionary with ``kind``, ``trigger``, ``parent`` (position in the
list or None), ``delay``, ``expiry`` (delay or None), ``colors`` (those that pass its
filter), and what steps that steer need: ``way`` (the branch of its parent), ``branches``,
``wait``, ``target`` and ``visits``, see ``do_add``; a record has ``email`` and ``phone``
(see :data:`ADDRESSES`), ``color``, ``matches``, ``active``, ``broken`` (server actions fail
for it), ``date`` (so many hours after the start, or None) and ``timezone`` (or None). The methods
``do_...`` of :class:`Story` are the steps. Numbers in steps pick one of what is
there, so that every plot makes sense: a step that has nothing to work on does nothing.
"""

from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models.participant.retention import FORGET_PARAMETER
from .places import check_places, figures_of_cards, figures_of_past
from .reference import (
    AFTER,
    EVENTS,
    STEERING,
    Activity,
    Branch,
    Entry,
    Record,
    Reference,
    Wait,
    execute,
)
from .reference_policies import Cap, Hours, Message
from .rival import Rival

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
# Those that are addresses, be they blocked.
REACHABLE = ADDRESSES.keys() - {"missing", "invalid"}
# Contacts of a story have this reference while they match the campaign's filter.
REFERENCE = "story"
# A workflow is at most so deep and so long.
MAX_DEPTH = 4
MAX_ACTIVITIES = 14
# What waits of a story wait for.
DATE_FIELD = "calendar_last_notif_ack"

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
LINKS = ("https://www.example.com/story", "https://www.example.com/more")
SCANNED_REQUEST = "odoo.addons.marketing_automation.models.policy.scanners.request"
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
        self.branches = {}
        self.visitors = 0
        self.names = []
        entry = plot.get("entry", "all")
        others = [Entry(**values) for values in plot.get("others", ())]
        self.model = Reference(
            [],
            plot["timezone"],
            plot["unique"],
            plot["include_archived"],
            self._number_of,
            entry,
            others,
            self.order_of,
        )
        test.set_clock(self.now)
        test.responsible.tz = plot["timezone"]
        self.email = self.env["ir.model.fields"]._get("res.partner", "email")
        self.campaign = test.create_campaign(
            domain=repr([("ref", "=", REFERENCE)]),
            unique_field_id=self.email.id if plot["unique"] else False,
            include_archived=plot["include_archived"],
            entry_ids=[
                *[Command.create({"entry_type": "filter", "only_new": entry == "new"})]
                * (entry != "none"),
                *(Command.create(self._get_entry_values(other)) for other in others),
            ],
        )
        self.holidays = {}
        self.order = {}
        self.rival = Rival(self, **plot["rival"]) if plot.get("rival") else None
        if plot.get("limit"):
            self.do_limit(plot["limit"])
        if plot.get("hours"):
            self.do_hours(*plot["hours"])
        if plot.get("cap"):
            self.do_cap(*plot["cap"])
        for values in plot["activities"]:
            self.do_add(values, values["parent"])
        for values in plot["records"]:
            self.do_record(values)
        self._take_out_problems()
        self.do_start()

    def play(self, looks=1):
        """Play the plot to its end.

        :param looks: after how many steps both campaigns are compared, and at the end
        """
        self._run_job()
        self.check("at the start")
        last = len(self.plot["steps"]) - 1
        for number, (name, *arguments) in enumerate(self.plot["steps"]):
            getattr(self, f"do_{name}")(*arguments)
            if number % looks == 0 or number == last:
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
        for participant in self.model.participants:
            result["participant", participant.id] = (
                participant.state,
                participant.exit,
                participant.number,
                participant.entry,
                # Of who was forgotten nobody is told the key, nor what the run was about.
                "" if participant.forgotten else participant.key,
                "" if participant.forgotten else participant.source,
            )
        for trace in self.model.traces():
            key = trace.participant.id
            is_counted = trace.activity.kind == "action"
            if is_counted:
                total = ("runs", trace.participant.record.key, trace.activity.name)
                result[total] = result.get(total, 0) + trace.runs
            result[key, trace.activity.name, trace.visit] = (
                trace.state,
                trace.reason,
                trace.date,
                trace.branch and trace.branch.name,
                trace.since,
                None if is_counted else trace.runs,
                trace.sent,
                {DATE_FIELDS[event]: date for event, date in trace.events.items()},
                trace.due,
                trace.hold_end if trace.state == "scheduled" else None,
            )
        result["figures"] = self.model.figures()
        if self.rival:
            result["rival"] = self.rival.get_expected()
        return result

    def _found(self):
        participants = self.campaign.participant_ids.filtered(lambda p: not p.is_test)
        records = {participant.id: participant.record for participant in self.model.participants}
        known = {**self.activities, **self.past}
        steps = {activity.id: step for step, activity in known.items()}
        result = {
            ("participant", p.id): (
                p.state,
                (p.exit_reason, p.exit_date) if p.exit_reason else None,
                p.run_number,
                self._get_kind(p.entry_id),
                p.entry_key.strip() if not p.entry_key.startswith(" ") else "",
                p.source or "",
            )
            for p in participants
        }
        traces = participants.trace_ids
        messages = self._count_messages(traces)
        for trace in traces:
            step = steps[trace.activity_id.id]
            runs = messages[trace]
            if step.kind == "action":
                runs = None
                if record := records.get(trace.participant_id.id):
                    result["runs", record.key, step.name] = self._count_actions(trace, record)
            elif step.kind == "todo":
                runs = int(bool(trace.activity_created_datetime))
            elif step.kind == "paint":
                runs = int(trace.state == "processed")
            result[trace.participant_id.id, step.name, trace.visit] = (
                trace.state,
                trace.state_reason or None,
                trace.schedule_date or None,
                trace.branch_id.name or trace.branch_id.branch_type or None,
                trace.wait_since or None,
                runs,
                trace.sent_datetime or None,
                {name: trace[name] for name in set(DATE_FIELDS.values()) if trace[name]},
                trace.activity_deadline or None,
                trace.hold_end or None if trace.state == "scheduled" else None,
            )
        result["needs update"] = self.campaign.require_sync
        result["figures"] = {**figures_of_cards(self.campaign), **figures_of_past(self.campaign)}
        if self.rival:
            result["rival"] = self.rival.get_found()
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
        """How often the server action ran at all visits, by what it has left on the record."""
        partner = self.records[record].exists()
        if not partner:
            runs = [run.id for run in self.model.runs_of(record)]
            visits = trace.activity_id.trace_ids.filtered(
                lambda other: other.participant_id.id in runs
            )
            return visits.mapped("state").count("processed")
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
        """The queues hand over what is in them, but what may not leave any more."""
        self.env["marketing.trace"]._take_back_closed()
        queued = [("marketing_trace_id.campaign_id", "in", self._get_campaigns().ids)]
        self.env["mailing.trace"].search([*queued, ("trace_status", "=", "outgoing")]).set_sent()
        for model in self._get_models():
            model.send(self.now)

    def do_sleep(self, hours):
        """Time passes without the job."""
        self.now += timedelta(hours=hours)
        self.test.set_clock(self.now)

    def do_poll(self):
        """It is looked whether what runs wait for has come true."""
        self.campaign.poll_campaigns()
        self.model.look(self.records, self.now)
        self.model.poll(self.now)

    def _run_job(self):
        if self.campaign.state == "running":
            self.campaign.sync_participants()
        self._get_campaigns().execute_activities()
        self.model.enrol(self.records, self.now)
        self._note_order()
        execute(self._get_models(), self.now)

    def _get_campaigns(self):
        return self.rival.campaign + self.campaign if self.rival else self.campaign

    def _get_models(self):
        return [self.rival.model, self.model] if self.rival else [self.model]

    def order_of(self, trace):
        """Which of two that are due at the same moment goes first, is the engine's choice."""
        return self.order.get((trace.activity.id, trace.participant.id, trace.visit), 0)

    def _note_order(self):
        if not (self.model.cap or self.model.hourly_limit):
            return
        rows = self.env.execute_query(
            SQL(
                "SELECT activity_id, participant_id, visit, id FROM marketing_trace"
                " WHERE activity_id = ANY(%s)",
                self._get_campaigns().marketing_activity_ids.ids,
            )
        )
        self.order = {tuple(key): trace_id for *key, trace_id in rows}

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
            moment=self._get_moment(values.get("date")),
            created=self.now,
            timezone=values.get("timezone"),
        )
        email = self._get_address(record, values["email"])
        record.addresses["sms"] = frozenset({phone} if values["phone"] in REACHABLE else ())
        self.records[record] = self.env["res.partner"].create(
            {
                "name": f"{'Broken' if values['broken'] else 'Record'} {key}",
                "phone": phone,
                "color": values["color"],
                "active": values["active"],
                "ref": REFERENCE if values["matches"] else "other",
                DATE_FIELD: record.moment or False,
                "email": email,
                "tz": record.timezone or False,
            }
        )
        entry = self.model.others.get("color")
        if entry and entry.color == record.color:
            self.model.notice(record, "color", self.now)
        if values["phone"] == "blocked":
            self.env["phone.blacklist"].add(phone)

    def _get_address(self, record, kind):
        """Give the reference model's record an address of a kind, and return it."""
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
        record.identities = frozenset(identities)
        record.addresses["email"] = frozenset(identities if kind != "invalid" else ())
        record.no_mail = ADDRESSES[kind][0]
        return email

    def _get_moment(self, hours):
        return None if hours is None else self.now + timedelta(hours=hours)

    def _number_of(self, record, number):
        """The number of the last participant whom the engine has made of a record, of those with
        this number of their run."""
        runs = self.test.participant_of(self.campaign, self.records[record])
        return runs.filtered(lambda run: run.run_number == number).sorted("id")[-1:].id

    def _get_entry_values(self, entry):
        """A way in of the engine that is like this one of the reference model."""
        values = {"entry_type": "event", "is_keyed_by_source": entry.is_keyed}
        if entry.kind == "date":
            field = self.env["ir.model.fields"]._get("res.partner", DATE_FIELD)
            return {
                "entry_type": "date",
                "date_field_id": field.id,
                "date_number": entry.offset[0],
                "date_type": entry.offset[1],
                "time_of_day": entry.hour,
            }
        if entry.kind == "color":
            domain = repr([("color", "=", entry.color)])
            return {**values, "event": "matched", "event_domain": domain}
        if entry.kind == "tag":
            tag = self.test.tag
            return {**values, "event": "tag", "event_ref": f"{tag._name},{tag.id}"}
        model = self.env["ir.model"]._get("crm.lead")
        return {
            **values,
            "event": "created",
            "event_model_id": model.id,
            "source_field": "partner_id",
        }

    def _get_kind(self, entry):
        """What the reference model calls a way in of the engine."""
        kinds = {"matched": "color", "created": "lead"}
        return kinds.get(entry.event, entry.event) or entry.entry_type or ""

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
            partner.color = color
            self.model.paint(record, color, self.now)

    def do_tag(self, number):
        """A record gets a tag, or loses it."""
        record, partner = self._pick_record(number)
        if record:
            record.is_tagged = not record.is_tagged
            partner.category_id = self.test.tag if record.is_tagged else False
            if record.is_tagged:
                self.model.notice(record, "tag", self.now)

    def do_lead(self, number):
        """Somebody creates a lead of a record."""
        record, partner = self._pick_record(number)
        if record:
            lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": partner.id})
            self.model.notice(record, "lead", self.now, f"crm.lead,{lead.id}")

    def do_address(self, number, kind):
        """A record gets another address; who took part with the old one does so for good."""
        record, partner = self._pick_record(number)
        if record:
            partner.email = self._get_address(record, kind)

    def do_date(self, number, hours):
        """A record gets another date, or none."""
        record, partner = self._pick_record(number)
        if record:
            record.moment = self._get_moment(hours)
            partner[DATE_FIELD] = record.moment or False

    def do_zone(self, number, timezone):
        """A record moves to another time zone, or to one that is not known."""
        record, partner = self._pick_record(number)
        if record:
            record.timezone = timezone
            partner.tz = timezone or False

    def do_merge(self, number, other):
        """Two records turn out to be one; what is known of the one that is left stays."""
        source, target = self._pick_record(number)[0], self._pick_record(other)[0]
        if source is target or any(run.forgotten for run in self.model.runs_of(target)):
            return
        moving = self.model.get_moving(source, target)
        staying = [run for run in self.model.runs_of(source) if run not in moving]
        if moving and any(not run.forgotten for run in staying):
            return  # Which of them has left which note is not known.
        if "color" in self.model.others and source.color and not target.color:
            return  # A merge fills in what is empty, which is an event.
        partners = self.records[source], self.records[target]
        notes = [partner.function or "" for partner in partners]
        names = ["name", "email", "phone", "color", "ref", "active", DATE_FIELD]
        [values] = partners[1].read(names)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [partner.id for partner in partners], partners[1]
        )
        self.env.invalidate_all()
        target.is_tagged |= source.is_tagged
        self.model.merge(source, target)
        partners[1].write({**values, "function": "".join(notes if moving else notes[1:])})

    def do_mend(self, number):
        """Server actions fail no longer for a record, or do from now on."""
        record, partner = self._pick_record(number)
        if record:
            record.breaks_actions = not record.breaks_actions
            partner.name = f"{'Broken' if record.breaks_actions else 'Record'} {record.key}"

    def do_forget(self, number):
        """Somebody asks to be forgotten."""
        expected, participant = self._pick_participant(number, lambda p: True)
        if expected:
            participant._forget()
            self.model.forget(expected)

    def do_exit(self, number):
        """Somebody ends a run."""
        expected, participant = self._pick_participant(number, lambda p: not p.is_over)
        if expected:
            participant.action_exit()
            self.model.exit(expected, self.now)

    def do_let_run(self, number):
        """Somebody lets a run go on that had ended."""
        expected, participant = self._pick_participant(number, lambda p: p.state == "exited")
        if expected:
            participant.action_set_running()
            participant.check_completed()
            self.model.let_run(expected)

    def _pick_participant(self, number, condition):
        """One of the runs that were not forgotten and meet a condition: the reference model's and
        the engine's."""
        candidates = [
            participant
            for participant in self.model.participants
            if not participant.forgotten and condition(participant)
        ]
        candidates.sort(key=lambda participant: (participant.record.key, participant.number))
        expected = pick(candidates, number)
        return expected, expected and self.env["marketing.participant"].browse(expected.id)

    def do_retention(self):
        """The campaign is archived until all are forgotten who have ended, and starts again."""
        if not self.activities:
            return
        self.campaign.action_archive()
        self.model.stop()
        self.env.flush_all()
        self.do_sleep(24 * 62)
        self.env["ir.config_parameter"].set_param(FORGET_PARAMETER, "1")
        for participant in self.model.participants:
            if participant.state != "running" and not participant.forgotten:
                self.model.forget(participant)
        self.env["marketing.participant"]._gc_finished_journeys()
        self.campaign.action_unarchive()
        self.do_start()
        self._run_job()

    # ------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------

    def _pick_trace(self, number, condition):
        """One of the traces that meet a condition of trace and activity: the reference model's and
        the engine's."""
        candidates = [
            trace
            for trace in self.model.traces()
            if not trace.participant.forgotten and condition(trace, trace.activity)
        ]
        candidates.sort(
            key=lambda trace: (
                trace.participant.record.key,
                trace.participant.number,
                trace.activity.name,
                trace.visit,
            )
        )
        expected = pick(candidates, number)
        if not expected:
            return None, None
        known = {**self.activities, **self.past}
        found = known[expected.activity].trace_ids.filtered(
            lambda trace: (
                trace.participant_id.id == expected.participant.id and trace.visit == expected.visit
            )
        )
        return expected, found

    def _message_of(self, trace):
        """The last message of a trace; the others failed, or were taken back."""
        return trace.mailing_trace_ids.sorted("id")[-1:]

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

    # ------------------------------------------------------------
    # People at work
    # ------------------------------------------------------------

    def do_start(self):
        """Start, unless something was moved away from what it asks for: that is refused."""
        try:
            with self.env.cr.savepoint():
                self.campaign.action_start_campaign()
        except UserError:
            return
        self.model.start(self.now)

    def do_stop(self):
        self.campaign.action_stop_campaign()
        self.model.stop()

    def do_update(self):
        self.campaign.action_update_participants()
        self.model.update(self.now)
        self.model.enrol(self.records, self.now)

    def do_run(self, number):
        """Run a trace by hand: before or after its date, or again after an error."""
        expected, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                (trace.state == "scheduled" and (trace.date or trace.since))
                or (
                    trace.state == "error"
                    and activity.kind == "action"
                    and activity in self.activities
                )
            ),
        )
        if expected:
            trace.action_execute()
            self.model.run(expected, self.now)

    def do_cancel(self, number):
        """Cancel a trace by hand."""
        expected, trace = self._pick_trace(
            number, lambda trace, _activity: trace.state == "scheduled"
        )
        if expected:
            trace.action_cancel()
            self.model.cancel(expected)

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

    def do_enrol(self, number, count, key):
        """Some records are handed over, the first one once more; without a key, or with one."""
        if self.campaign.state != "running":
            return
        records = list(self.records)
        records = (records[number % len(records) :] + records)[:count]
        records += records[:1]
        answers = self.campaign.enrol([self.records[record].id for record in records], key)
        expected = self.model.admit(records, key, self.now)
        self.test.assertEqual([answer["reason"] for answer in answers], expected, self.plot)

    def do_reentry(self, policy, delay):
        """People come in again, or not. Who comes in by the filter does not within a day."""
        if self.model.entry != "none" and not delay[0]:
            delay = (1, "days")
        self.model.reentry, self.model.least_time = policy, delay
        self.campaign.write(
            {
                "reentry": policy,
                "reentry_delay_number": delay[0],
                "reentry_delay_type": delay[1],
            }
        )

    def do_unique(self):
        """From now on an address takes part once; or any number of times."""
        self.model.unique = not self.model.unique
        self.campaign.unique_field_id = self.email if self.model.unique else False

    def do_hours(self, number, by_recipient, skips):
        """The campaign has sending hours, others, or none."""
        calendar = None if number is None else pick(self.test.calendars, number)
        windows = calendar and [
            (int(row.dayofweek), row.hour_from, row.hour_to) for row in calendar.attendance_ids
        ]
        holidays = self.holidays.setdefault(calendar, [])
        self.model.hours = calendar and Hours(windows, holidays, by_recipient, skips)
        self.campaign.write(
            {
                "sending_calendar_id": calendar.id if calendar else False,
                "sending_timezone": "recipient" if by_recipient else "responsible",
                "outside_hours": "skip" if skips else "wait",
            }
        )

    def do_cap(self, emails, texts, days, skips):
        """An address gets at most so many messages from now on; 0 for any number."""
        self.env["res.config.settings"].create(
            {
                "marketing_email_cap": emails,
                "marketing_sms_cap": texts,
                "marketing_cap_days": days,
                "marketing_cap_policy": "skip" if skips else "wait",
            }
        ).execute()
        cap = Cap({"email": emails, "sms": texts}, days, skips)
        for model in self._get_models():
            if cap != model.cap:
                model.ask_capped_again(self.now)
            model.cap = cap

    def do_limit(self, number):
        """At most so many messages of the campaign an hour from now on; 0 for any number."""
        self.campaign.hourly_limit = number
        self.model.set_limit(number, self.now)

    def do_priority(self, priority):
        """The campaign goes before others, or behind them."""
        self.campaign.priority = priority
        self.model.priority = int(priority)

    def do_transactional(self):
        """The campaign is one of messages that are expected, or is no longer."""
        self.model.is_transactional = not self.model.is_transactional
        self.campaign.is_transactional = self.model.is_transactional
        self.model.ask_capped_again(self.now)

    def do_newsletter(self, number):
        """A record gets a newsletter: it is never held up, but counts."""
        record, partner = self._pick_record(number)
        if record and not record.no_mail:
            self.env["mailing.trace"].create(
                {
                    "model": partner._name,
                    "res_id": partner.id,
                    "email": partner.email,
                    "trace_status": "outgoing",
                }
            ).set_sent()
            self.model.messages.append(Message("email", record.addresses["email"], self.now))

    def do_holiday(self, hours, length):
        """A public holiday begins in so many hours."""
        if calendar := self.campaign.sending_calendar_id:
            begin = self.now + timedelta(hours=hours)
            end = begin + timedelta(hours=length)
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": begin,
                    # The last minute is closed as a whole.
                    "date_to": end - timedelta(minutes=1),
                }
            )
            self.model.hours.holidays.append((begin, end))

    # ------------------------------------------------------------
    # The workflow
    # ------------------------------------------------------------

    def do_add(self, values, parent):
        """Add an activity, below another one if a number of one is given.

        What it refers to is picked by numbers; a step that lacks something to refer to is an
        action instead.
        """
        candidates = self._get_parents(MAX_DEPTH - 1)
        if len(self.names) == MAX_ACTIVITIES:
            return
        parent = None if parent is None else pick(candidates, parent)
        kind = values["kind"]
        if kind == "goto" and not self.activities:
            kind = "action"
        trigger = self._pick_trigger(parent, values["trigger"])
        position, colors, expiry = len(self.names), values["colors"], values["expiry"]
        step = Activity(
            f"{position} {kind} {trigger}",
            kind,
            trigger,
            parent,
            values["delay"],
            expiry,
            lambda record: record.color in colors,
            due_days=position % 3,
            color=position % 3,
            hour=values.get("hour", 0),
        )
        if trigger == "branch":
            step.branch = pick(parent.branches, values.get("way", 0))
        extra = self._get_values_of_kind(step, values)
        number, unit = expiry or (0, "hours")
        self.activities[step] = activity = self.test.create_activity(
            self.campaign,
            "action" if kind in ("todo", "paint") else kind,
            trigger,
            "{} {}".format(*step.delay),
            name=step.name,
            parent_id=self.activities[parent].id if parent else False,
            branch_id=self.branches[step.branch].id if step.branch else False,
            ignore_sending_hours=not step.keeps_hours,
            validity_duration=bool(expiry),
            validity_duration_number=number,
            validity_duration_type=unit,
            activity_domain=repr([("color", "in", colors)]),
            **{"time_of_day": step.hour, **extra},
        )
        step.id = activity.id
        self.names.append(step.name)
        self._note_branches(step)
        self.model.add(step)
        self._slow_down()

    def _get_values_of_kind(self, step, values):
        """What makes an activity what it is, as values of its fields; the reference model's
        activity is given the same."""
        if step.is_message:
            return {"mass_mailing_id": self.test.materials[step.kind][len(self.names)].id}
        if step.kind not in STEERING:
            return {"server_action_id": self.test.materials[step.kind][len(self.names)].id}
        if step.kind == "condition":
            return self._get_branches(step, values["branches"][:2], self._get_condition)
        if step.kind == "split":
            return self._get_branches(step, values["branches"], self._get_share)
        if step.kind == "wait":
            step.branches = [Branch(kind, kind) for kind in ("met", "timeout")]
            return self._get_wait(step, **values["wait"])
        if step.kind == "goto":
            step.goto = pick(list(self.activities), values["target"])
            step.max_visits = values["visits"]
            target = self.activities[step.goto]
            return {"goto_activity_id": target.id, "max_visits": step.max_visits}
        return {}

    def _get_branches(self, step, specs, make):
        """Branches of a condition or split, and the values that make the same."""
        rows = [make(step, spec, f"{number}") for number, spec in enumerate(specs)]
        if step.kind == "split" and not any(branch.weight for branch, _vals in rows):
            rows[0][0].weight = rows[0][1]["weight"] = 1
        step.branches = [branch for branch, _vals in rows]
        if step.kind == "condition":
            step.branches.append(Branch("otherwise", "otherwise"))
        return {"branch_ids": [Command.create(vals) for _branch, vals in rows]}

    def _get_share(self, _step, spec, name):
        values = {"name": name, "branch_type": "random", "weight": spec["weight"]}
        return Branch(name, "random", weight=spec["weight"]), values

    def _get_condition(self, step, spec, name):
        """A branch that asks for an event of an earlier message, or for the record's color."""
        awaited = spec["step"] is not None and pick(self._get_awaitable(step), spec["step"])
        if not awaited:
            colors = spec["colors"]
            branch = Branch(name, "filter", lambda record: record.color in colors)
            return branch, {"name": name, "domain": repr([("color", "in", colors)])}
        event, link = pick(EVENTS[awaited.kind], spec["event"]), None
        if event.endswith("_click") and spec["link"] is not None:
            link = LINKS[spec["link"]]
        mailing = self.activities[awaited].mass_mailing_id
        branch = Branch(
            name,
            "event",
            activity=awaited,
            event=event,
            is_negative=spec["is_negative"],
            link=link,
        )
        return branch, {
            "name": name,
            "branch_type": "event",
            "event_activity_id": self.activities[awaited].id,
            "event": event,
            "event_negative": branch.is_negative,
            "event_link_id": self._get_link(mailing, link).id if link else False,
        }

    def _get_wait(self, step, kind, number, event, colors, offset, hour, weekday, limit):
        """What a step waits for, and the values that say the same."""
        awaited = pick(self._get_awaitable(step), number)
        if kind == "event" and not awaited:
            kind = "filter"
        step.wait = Wait(kind, offset=offset, hour=hour, weekday=weekday, limit=limit)
        values = {
            "wait_type": kind,
            "wait_limit": bool(limit),
            "wait_limit_number": limit[0] if limit else 0,
            "wait_limit_type": limit[1] if limit else "hours",
        }
        if kind == "event":
            step.wait.activity = awaited
            step.wait.event = pick(EVENTS[awaited.kind], event)
            values["wait_activity_id"] = self.activities[awaited].id
            values["wait_event"] = step.wait.event
        elif kind == "filter":
            step.wait.filter = lambda record: record.color in colors
            values["wait_domain"] = repr([("color", "in", colors)])
        elif kind == "date":
            field = self.env["ir.model.fields"]._get("res.partner", DATE_FIELD)
            values.update(
                wait_date_field_id=field.id,
                wait_date_number=offset[0],
                wait_date_type=offset[1],
                time_of_day=hour,
            )
        else:
            values["wait_weekday"] = False if weekday is None else str(weekday)
            values["time_of_day"] = hour
        return values

    def _get_parents(self, depth):
        """Steps that can be followed, with at most so many above and themselves."""
        return [step for step in self.activities if AFTER[step.kind] and len(step.path()) <= depth]

    def _get_awaitable(self, step):
        """Steps whose events another may ask for: those before it."""
        return [other for other in step.path()[1:] if other.kind in EVENTS]

    def _note_branches(self, step):
        """Which branch of the engine is which."""
        for branch in self.activities[step].branch_ids:
            name = branch.name or branch.branch_type
            known = next(other for other in step.branches if other.name == name)
            self.branches[known] = branch

    def _pick_trigger(self, parent, trigger):
        """A trigger by name, or one of those that can follow the parent by number."""
        if not parent:
            return "begin"
        return trigger if trigger in AFTER[parent.kind] else pick(AFTER[parent.kind], trigger)

    def _pick_step(self, number, *kinds):
        return pick([step for step in self.activities if step.kind in kinds], number)

    def _slow_down(self):
        """In each circle something takes time: a campaign without is not started."""
        for step in self.activities:
            if step.kind == "goto" and not step.delay[0] and self._is_in_circle(step):
                self._set_delay(step, (1, "hours"))

    def _is_in_circle(self, step):
        """Whether a way leads from where a goto goes back to it."""
        reached, ahead = set(), [step.goto]
        while ahead:
            here = ahead.pop()
            if here not in reached:
                reached.add(here)
                ahead += [other for other in self.activities if other.parent is here]
                ahead += [here.goto] if here.goto else []
        return step in reached

    def _set_delay(self, step, delay):
        self.activities[step].write({"interval_number": delay[0], "interval_type": delay[1]})
        self.model.change(step, delay=delay)

    def do_weight(self, number, way, weight):
        """A branch of a split gets another weight."""
        step = self._pick_step(number, "split")
        branch = step and pick(step.branches, way)
        if branch and (weight or any(b.weight for b in step.branches if b is not branch)):
            branch.weight = self.branches[branch].weight = weight

    def do_winner(self, number, way):
        """A split has found its winner."""
        if step := self._pick_step(number, "split"):
            step.winner = pick(step.branches, way)
            self.activities[step].winner_branch_id = self.branches[step.winner]

    def do_widen(self, number, spec):
        """A condition or split gets another branch."""
        step = self._pick_step(number, "condition", "split")
        if not step or len(step.branches) > 4:
            return
        names = {branch.name for branch in self.branches}
        make = self._get_condition if step.kind == "condition" else self._get_share
        branch, values = make(step, spec, f"{step.name}, {len(names)}")
        # Behind the others; "otherwise" stays the last one.
        place = len(step.branches) - (step.kind == "condition")
        step.branches.insert(place, branch)
        self.activities[step].branch_ids = [Command.create(values)]
        self._note_branches(step)

    def do_narrow(self, number, way):
        """A condition or split loses a branch; the engine refuses where something follows it."""
        step = self._pick_step(number, "condition", "split")
        branch = step and pick([b for b in step.branches if b.kind != "otherwise"], way)
        if not branch or any(other.branch is branch for other in self.activities):
            return
        left = [other for other in step.branches if other is not branch]
        if (step.kind == "condition" and len(left) > 1) or any(other.weight for other in left):
            step.branches = left
            step.winner = None if step.winner is branch else step.winner
            self.branches.pop(branch).unlink()

    def do_goto(self, number, target, visits):
        """A goto goes on elsewhere from now on."""
        if step := self._pick_step(number, "goto"):
            step.goto = pick([other for other in self.activities if other is not step], target)
            step.max_visits = visits
            self.activities[step].write(
                {"goto_activity_id": self.activities[step.goto].id, "max_visits": visits}
            )
            self._slow_down()

    def do_delay(self, number, delay, hour=0):
        """Give an activity another delay, and time of day; of a wait, that is what it waits for."""
        step = pick(list(self.activities), number)
        if step:
            self._set_delay(step, delay)
            if step.kind != "wait":
                self.activities[step].time_of_day = hour
                self.model.change(step, hour=hour)
            self._slow_down()

    def do_move(self, number, parent, trigger):
        """Put an activity below another one, with another trigger, and update."""
        step = pick(list(self.activities), number)
        depths = [len(other.path()) for other in self.activities if step in other.path()]
        height = max(depths) - min(depths) if depths else 0
        candidates = [
            other for other in self._get_parents(MAX_DEPTH - 1 - height) if step not in other.path()
        ]
        if candidates:
            parent, way = pick(candidates, parent), trigger
            trigger = self._pick_trigger(parent, trigger)
            branch = pick(parent.branches, way // 2) if trigger == "branch" else None
            self.activities[step].write(
                {
                    "parent_id": self.activities[parent].id,
                    "trigger_type": trigger,
                    "branch_id": self.branches[branch].id if branch else False,
                }
            )
            self.model.change(step, parent=parent, trigger=trigger, branch=branch)
            self._slow_down()
            self.do_update()

    def do_remove(self, number):
        """Delete an activity, and so those below it, unless others refer to one; history stays."""
        step = pick(list(self.activities), number)
        if step and not self._get_referring(step):
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

    def _take_out_problems(self):
        """A plot may draw steps that keep a campaign from its start: it goes on without them."""
        while troubled := [step for step in self.activities if self._get_problems(step)]:
            steps = list(self.activities)
            referring = [other for step in troubled for other in self._get_referring(step)]
            self.do_remove(
                next(
                    steps.index(step)
                    for step in (*troubled, *referring)
                    if not self._get_referring(step)
                )
            )

    def _get_problems(self, step):
        activity = self.activities[step]
        return activity._get_problems() + activity._get_reach_problems()

    def _get_referring(self, step):
        """Steps that would stay, and ask for, or go on at, one that would go with this one."""
        return [
            other
            for other in self.activities
            if step not in other.path()
            and any(
                one and step in one.path()
                for one in (
                    *(branch.activity for branch in other.branches),
                    other.goto,
                    other.wait and other.wait.activity,
                )
            )
        ]
