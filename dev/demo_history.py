"""Lets time pass for campaigns, and recipients react, so that their history is a real one."""

import heapq
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from unittest.mock import patch

from freezegun import freeze_time

from odoo.sql_db import BaseCursor

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

TICK_HOURS = range(7, 20, 2)  # the campaign's job runs at these, UTC


class History:
    """A stretch of time that is over.

    Nothing is written but by the campaign's own methods and by what mail, SMS and link
    routes call; messages are taken as sent and thrown away.

    :param env: as whom records are made
    :param datetime start: when it begins
    :param Random random: source of all chance
    """

    def __init__(self, env, start, random):
        self.env = env
        self.random = random
        self.now = start.replace(microsecond=0)
        self.clock = None
        self.plans = []
        self.order = count()

    @contextmanager
    def running(self):
        """Within this, the clock of Python and of the database cursor is the history's."""
        with (
            patch.object(BaseCursor, "now", lambda _cursor: datetime.now()),
            # No page is fetched for its title.
            patch.object(LinkTracker, "_get_title_from_url", lambda _self, url: url),
            freeze_time(self.now) as self.clock,
        ):
            yield self

    def set(self, moment):
        self.now = moment
        self.clock.move_to(moment)

    def plan(self, moment, action, *args):
        """Have ``action(*args)`` called when its moment has come."""
        heapq.heappush(self.plans, (moment, next(self.order), action, args))

    def run_until(self, campaigns, end, each_day=None, react=None):
        """Let time pass.

        :param campaigns: those whose jobs run
        :param datetime end: stop here
        :param each_day: called every morning, before the records are enrolled
        :param react: called with each message that went out; plans what its recipient does
        """
        for tick in self._ticks(end):
            while self.plans and self.plans[0][0] <= tick:
                moment, _order, action, args = heapq.heappop(self.plans)
                self.set(moment)
                action(*args)
            self.set(tick)
            if tick.hour == TICK_HOURS[0]:
                if each_day:
                    each_day()
                campaigns.sync_participants()
                campaigns.poll_campaigns()
            campaigns.execute_activities()
            for trace in self.send_messages():
                if react:
                    react(trace)

    def _ticks(self, end):
        day = self.now.replace(hour=0, minute=0, second=0)
        while day <= end:
            for hour in TICK_HOURS:
                tick = day + timedelta(hours=hour, seconds=self.random.randrange(5, 55))
                if self.now < tick <= end:
                    yield tick
            day += timedelta(days=1)

    def send_messages(self):
        """What the mail and SMS queues do, without sending.

        :return: statistics of the messages that went out
        """
        traces = self.env["mailing.trace"].search([("trace_status", "=", "outgoing")], order="id")
        traces.set_sent()
        self.env["mail.mail"].search([("mailing_trace_ids", "in", traces.ids)]).unlink()
        self.env["sms.sms"].search([("state", "=", "outgoing")]).unlink()
        return traces

    def later(self, hours):
        """A moment after about so many hours, by day, with some chance."""
        moment = self.now + timedelta(hours=self.random.expovariate(1 / hours), seconds=40)
        if not TICK_HOURS[0] <= moment.hour <= TICK_HOURS[-1] + 2:
            moment += timedelta(hours=9)
        return moment.replace(microsecond=0)

    def click(self, trace):
        """The recipient follows the link of a message."""
        link = self.env["link.tracker"].search(
            [("source_id", "=", trace.mass_mailing_id.source_id.id)], limit=1
        )
        self.env["link.tracker.click"].add_click(
            link.code,
            ip=f"2001:db8::{trace.id:x}",
            country_code=False,
            mailing_trace_id=trace.id,
        )
