"""Time, queries and memory of a piece of work, and its ratio to a floor."""

import gc
import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from odoo import SUPERUSER_ID, api, sql_db

# Seconds from which the plan of a query is worth a look.
SHOWN_FROM = 0.005


@dataclass
class Measure:
    """What one run took."""

    seconds: float
    queries: int
    memory: float  # growth of the peak of the process, in MB
    processor: float  # seconds of the processor, of the process and of its PostgreSQL session


@dataclass
class Result:
    """One line of the table."""

    what: str
    size: int
    seconds: float
    queries: int | None = None
    memory: float | None = None
    floor: float | None = None  # seconds of the floor
    reach: float | None = None  # highest (or lowest) ratio to the floor that is wanted
    at_least: bool = False  # whether the ratio is a gain: floor / seconds
    met: bool | None = None  # whether another aim than that ratio is reached
    # The same ratio in time of the processor: other work on the machine hardly changes it.
    processor_ratio: float | None = None
    note: str = ""

    @property
    def ratio(self):
        if not self.floor:
            return None
        return self.floor / self.seconds if self.at_least else self.seconds / self.floor

    @property
    def is_reached(self):
        if self.ratio is None or self.reach is None:
            return self.met
        return self.ratio >= self.reach if self.at_least else self.ratio <= self.reach

    def as_dict(self):
        return {
            **asdict(self),
            "per_second": self.size / self.seconds if self.seconds else None,
            "ratio": self.ratio,
            "is_reached": self.is_reached,
        }


class Bench:
    """The database that is measured, and the results so far.

    :param bool with_plans: whether to show how PostgreSQL executes what people wait for
    """

    def __init__(self, registry, repeat, with_plans=False):
        self.registry = registry
        self.repeat = repeat
        self.with_plans = with_plans
        self.results = []

    @contextmanager
    def environment(self, commit=True):
        """A transaction of its own as the superuser, committed unless told otherwise."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
            if not commit:
                cr.rollback()

    def vacuum(self, *tables):
        """Leave these tables (or all) as if nothing had been tried before."""
        with self.registry.cursor() as cr:
            connection = cr._cnx
            connection.autocommit = True
            try:
                for table in tables or ("",):
                    cr.execute(f"VACUUM ANALYZE {table}")  # pylint: disable=sql-injection
            finally:
                connection.autocommit = False

    def measure(self, function, commit=False):
        """Run a function of an environment in a transaction of its own.

        :return: the measure, and what the function returned
        """
        gc.collect()
        with self.environment(commit=commit) as env:
            env.cr.execute("SELECT 1")  # begins the transaction
            before = _reset_peak()
            session = env.cr._cnx.get_backend_pid()
            processor, queries, start = _processor(session), sql_db.sql_counter, time.perf_counter()
            value = function(env)
            env.flush_all()
            if commit:
                env.cr.commit()
            seconds = time.perf_counter() - start
            measure = Measure(
                seconds,
                sql_db.sql_counter - queries,
                _peak() - before,
                _processor(session) - processor,
            )
            return measure, value

    def measure_commits(self, function):
        """Seconds and queries of a function of an environment that commits by itself."""
        with self.environment() as env:
            env.cr.execute("SELECT 1")  # begins the transaction
            queries, start = sql_db.sql_counter, time.perf_counter()
            function(env)
            return time.perf_counter() - start, sql_db.sql_counter - queries

    def compare(
        self,
        what,
        size,
        run,
        floor,
        reach,
        tables=(),
        repeat=None,
        commit=False,
        prepare=None,
        begin=None,
        note="",
    ):
        """Measure the engine and its floor in turn, the other one first in each second round; the
        best of each counts.

        :param run: function of an environment, rolled back unless ``commit``
        :param prepare: called before each run; undoes what the one before has committed
        :param begin: called before each round, of the engine and its floor
        :param floor: likewise
        :param reach: the highest ratio that is wanted
        :param tables: to vacuum before each run
        """
        runs, floors = [], []
        turns = [(floor, floors), (run, runs)]
        for _round in range(repeat or self.repeat):
            if begin:
                begin()
            for function, measures in turns:
                if prepare:
                    prepare()
                if tables:
                    self.vacuum(*tables)
                measures.append(self.measure(function, commit)[0])
            turns.reverse()
        best = min(runs, key=lambda measure: measure.seconds)
        processor, floor_processor = (
            min(measure.processor for measure in measures) for measures in (runs, floors)
        )
        return self.add(
            what,
            size,
            best.seconds,
            queries=best.queries,
            memory=max(measure.memory for measure in runs),
            floor=min(measure.seconds for measure in floors),
            reach=reach,
            processor_ratio=processor / floor_processor if floor_processor else None,
            note=note,
        )

    def show_plans(self, function):
        """Print PostgreSQL's plans of the queries of a function of an environment."""
        queries = []
        with self.environment(commit=False) as env:
            cr = env.cr
            execute = cr.execute

            def remember(query, params=None, log_exceptions=True):
                start = time.perf_counter()
                result = execute(query, params, log_exceptions)
                if time.perf_counter() - start >= SHOWN_FROM:
                    queries.append(cr._obj.query.decode())
                return result

            cr.execute = remember
            try:
                function(env)
                env.flush_all()
            finally:
                del cr.execute
            for query in dict.fromkeys(queries):
                if query.lstrip(" \n(").startswith(("SELECT", "WITH")):
                    cr.execute("EXPLAIN (ANALYZE, BUFFERS) " + query.replace("%", "%%"), ())
                    plan = [row for (row,) in cr.fetchall()]
                    print("\n".join(f"    {row}" for row in ["", " ".join(query.split()), *plan]))

    def add(self, *args, **kwargs):
        """Take a result down, and show it at once."""
        result = Result(*args, **kwargs)
        if not self.results:
            print(HEADER, flush=True)
        self.results.append(result)
        print(line(result), flush=True)
        return result


HEADER = (
    f"{'':46}{'size':>10}{'seconds':>9}{'/second':>11}{'queries':>9}{'MB':>5}"
    f"{'floor':>9}{'ratio':>7}{'CPU':>7}{'reach':>7}"
)


def line(result):
    """One line of the table as text."""
    reach = "" if result.reach is None else f"{'>=' if result.at_least else '<='}{result.reach:g}"
    missed = {False: " MISSED", None: "", True: ""}[result.is_reached]
    cells = [
        f"{result.what:46}{result.size:>10,}{result.seconds:>9.3f}",
        f"{result.size / result.seconds:>11,.0f}",
        "" if result.queries is None else f"{result.queries:,}",
        "" if result.memory is None else f"{result.memory:.0f}",
        "" if result.floor is None else f"{result.floor:.3f}",
        "" if result.ratio is None else f"{result.ratio:.2f}",
        "" if result.processor_ratio is None else f"{result.processor_ratio:.2f}",
        reach,
    ]
    widths = (0, 0, 9, 5, 9, 7, 7, 7)
    text = "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{text}{missed}{'  ' + result.note if result.note else ''}"


def _processor(session):
    """Seconds that the processor has worked for this process and, where it is on this machine, for
    the PostgreSQL session with this process id; see proc(5)."""
    seconds = time.process_time()
    try:
        with open(f"/proc/{session}/stat") as file:
            values = file.read().rpartition(")")[2].split()
    except OSError:
        return seconds
    return seconds + (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


def _status(key):
    with open("/proc/self/status") as file:
        for row in file:
            if row.startswith(f"{key}:"):
                return int(row.split()[1]) / 1024
    return 0.0


def _peak():
    return _status("VmHWM")


def _reset_peak():
    """Start a new peak; returns the memory in use, in MB."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return _status("VmRSS")
