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
(see ``ADDRESSES`` of ``story_records``), ``color``, ``matches``, ``active``, ``broken`` (server
actions fail for it), ``date`` (so many hours after the start, or None) and ``timezone`` (or None).
The methods ``do_...`` of :class:`Story` are the steps: of time here, the others in the modules
``story_...``. Numbers in steps pick one of what is there, so that every plot makes sense: a step
that has nothing to work on does nothing.
"""

from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

from .places import check_places
from .reference import Entry, Reference, execute
from .rival import Rival
from .story_look import Look
from .story_messages import Messages
from .story_people import People
from .story_policies import Policies
from .story_records import REFERENCE, Records
from .story_workflow import Workflow


class Story(Look, Records, Messages, People, Policies, Workflow):
    """Two campaigns side by side: the engine's and the reference model's.

    :param test: test case with the helpers of ``common`` and the ``materials`` that
        activities are made of: lists of mailings, of text messages, of server actions that
        add ``<position>,`` to the record's job position, and of those that create a to-do,
        due in ``<position> % 3`` days
    """

    def __init__(self, test, plot):
        self.test = test
        self.env = test.env
        self.action_ids = [action.id for action in test.materials["action"]]
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
        self.email = self.env["ir.model.fields"]._get("res.partner", "email")
        self.responsible = test.responsibles[plot["timezone"]]
        self.campaign = test.create_campaign(
            user_id=self.responsible.id,
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

    def _number_of(self, record, number):
        """The number of the last participant whom the engine has made of a record, of those with
        this number of their run."""
        runs = self.test.participant_of(self.campaign, self.records[record])
        return runs.filtered(lambda run: run.run_number == number).sorted("id")[-1:].id

    def play(self, looks=1):
        """Play the plot to its end.

        :param looks: after how many steps both campaigns are compared, and at the end
        """
        self._run_job()
        self.check("at the start")
        last, is_news = len(self.plot["steps"]) - 1, False
        for number, (name, *arguments) in enumerate(self.plot["steps"]):
            told = self.env.cr.sql_log_count
            getattr(self, f"do_{name}")(*arguments)
            self.env.flush_all()
            # A step that had nothing to work on has left all as it was.
            is_news |= self.env.cr.sql_log_count != told
            if number == last or (number % looks == 0 and is_news):
                self.check(f"after step {number}, {name} {arguments}")
                is_news = False
        check_places(self)

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
