"""What is done to the servers, and by people, while the campaign runs."""

import random
import time
from collections import Counter
from contextlib import contextmanager, nullcontext

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying

from .. import data, servers
from .duplicates import Strike
from .smtp import MOODS

# Faults, and how often each comes compared with the others.
WEIGHTS = {
    "kill_server": 2,
    "kill_backend": 5,
    "drop_mail_server": 1,
    "change_mood": 2,
    "meddle": 2,
}
KILLS = ("kill_server", "kill_backend")
OPTIONS = ("--workers=0", "--max-cron-threads=3", "--smtp=127.0.0.1", "--limit-time-real-cron=60")


class Faults:
    """Pulls plugs at random.

    :param only: of these faults, and moods of the mail server; all if there are none
    :ivar Counter done: how often, by kind
    :ivar list strikes: those that may keep a server from noting what it has sent
    """

    def __init__(self, world, mail_server, ports, only=()):
        self.kinds = [
            kind
            for kind in WEIGHTS
            if not only or kind in only or (kind == "change_mood" and set(MOODS) & set(only))
        ]
        self.world = world
        self.mail_server = mail_server
        self.ports = ports
        self.done = Counter()
        self.strikes = []
        self.servers = []

    def start(self):
        """Start the servers."""
        for number in range(len(self.ports)):
            self.servers.append(self._start(number))

    def _start(self, number):
        server = servers.Server(
            self.world.bench.registry.db_name,
            f"--http-port={self.ports[number]}",
            "--http-interface=127.0.0.1",
            f"--smtp-port={self.mail_server.ports[number]}",
            *OPTIONS,
        )
        server.wait_until("Registry loaded")
        return server

    def stop(self):
        for server in self.servers:
            server.kill()
            server.remove_log()

    def strike(self):
        """One fault of a random kind."""
        [kind] = random.choices(self.kinds, weights=[WEIGHTS[kind] for kind in self.kinds])
        if getattr(self, kind)():
            self.done[kind] += 1

    @property
    def kills(self):
        """How many so far; of any faults where there are to be no kills."""
        return sum(self.done[kind] for kind in set(KILLS) & set(self.kinds) or self.kinds)

    def kill_server(self):
        number = random.randrange(len(self.servers))
        with self._noted("kill_server", number):
            self.servers[number].kill()
        self.servers[number].remove_log()
        self.servers[number] = self._start(number)
        return True

    def kill_backend(self):
        """End a connection in which something is going on."""
        with self.world.bench.environment() as env:
            env.cr.execute(
                "SELECT pid, application_name, query ~ %s FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = ANY(%s)"
                " AND xact_start IS NOT NULL ORDER BY random() LIMIT 1",
                [
                    # The last word, while the job runs, of the connection that holds its lock.
                    r"DELETE FROM ir_cron_trigger\s+WHERE cron_id = "
                    rf"({'|'.join(map(str, self.world.sender_ids))})\M",
                    [f"odoo-{server.process.pid}" for server in self.servers],
                ],
            )
            if not (victim := env.cr.fetchone()):
                return False
            pid, application, is_lock = victim
            pids = [server.process.pid for server in self.servers]
            number = pids.index(int(application.rpartition("-")[2]))
            # That of the lock sends nothing; another run of the job begins beside the first.
            noted = nullcontext() if is_lock else self._noted("kill_backend", number)
            with noted:
                env.cr.execute("SELECT pg_terminate_backend(%s)", [pid])
            self.done["of these, the lock of a sender's job"] += is_lock
            return True

    def drop_mail_server(self):
        with self._noted("drop_mail_server"):
            self.mail_server.drop()
        time.sleep(random.uniform(0.2, 1))
        self.mail_server.start()
        return True

    def change_mood(self):
        """The mail server is in another mood from now on."""
        self.done[f"mail server {self.mail_server.change_mood()}"] += 1
        return True

    @contextmanager
    def _noted(self, kind, server=None):
        start = time.time()
        yield
        self.strikes.append(Strike(kind, server, start, time.time()))

    def meddle(self):
        """A person presses buttons; Odoo tries again as for any request."""

        def press(env):
            campaign = self.world.campaign(env)
            choice = random.randrange(6)
            if choice == 0:
                campaign.action_stop_campaign()
            elif choice == 1:
                data.activity(env, campaign, 0, "hours", name="passing")
                campaign.action_update_participants()
            elif choice == 2:
                campaign.marketing_activity_ids.filtered(
                    lambda step: step.name == "passing"
                ).unlink()
            elif choice in (3, 4):
                self.world.steering.meddle(env, choice == 3)
            else:
                step = env["marketing.activity"].browse(self.world.steps["note"])
                step.interval_number = 1 - step.interval_number
                step.interval_number = 0
                campaign.action_update_participants()

        self._press(press)
        time.sleep(0.2)
        self._press(lambda env: self.world.campaign(env).action_start_campaign())
        self._press(self.world.steering.start)
        return True

    def _press(self, function):
        for _attempt in range(5):
            try:
                with self.world.bench.environment() as env:
                    retrying(lambda env=env: function(env), env)
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.done["button refused by a concurrent change"] += 1
