"""Random workflows and random stories: the engine does what the reference model says.

``MARKETING_EXAMPLES=5000`` plays so many stories, other ones at each run, and looks at every
third step of each; without it a fixed set is played, and each step is looked at that has done
anything. Stories that have shown a mistake are kept in ``regressions``.
"""

import os
from datetime import datetime

from freezegun.api import freeze_time  # Odoo's own does not know whom to leave alone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.sql_db import BaseCursor
from odoo.tests import tagged

from .common import MarketingAutomationCase
from .regressions import PLOTS
from .story import Story
from .story_records import ADDRESSES
from .story_workflow import MAX_ACTIVITIES, MAX_DEPTH
from .ways import watch_states

EXAMPLES = int(os.environ.get("MARKETING_EXAMPLES") or 0)
COUNT_ACTION = """if record.name.startswith("Broken"):
    raise UserError("Broken")
record.write({{"function": (record.function or "") + "{position},"}})"""

KINDS = [
    *["email"] * 5,
    *["sms"] * 3,
    *["action", "todo", "paint", "condition", "condition", "split", "wait", "wait"],
    *["goto", "goto", "goto", "exit"],
]
numbers = st.integers(0, 11)
colors = st.integers(0, 2)
some_colors = st.lists(colors, min_size=1, max_size=2, unique=True).map(sorted)
dates = st.one_of(st.none(), st.sampled_from([-24 * 31, -50, -1, 0, 3, 30, 24 * 9]))


def mostly(usual, *others):
    """The usual value about five times in six."""
    return st.sampled_from([True] * 5 + [False]).flatmap(
        lambda is_usual: usual if is_usual else st.one_of(*others)
    )


short_delays = st.sampled_from(
    [(0, "hours"), (0, "hours"), (1, "hours"), (5, "hours"), (1, "days")]
)
long_delays = st.one_of(
    st.sampled_from([(30, "hours"), (45, "minutes")]),
    st.tuples(st.integers(0, 3), st.just("days")),
    st.tuples(st.integers(0, 2), st.sampled_from(["weeks", "months"])),
)
delays = st.one_of(short_delays, short_delays, long_delays)
hours = st.sampled_from([0, 0, 0, 2.5, 9, 23.75])
branches = st.fixed_dictionaries(
    {
        "step": st.one_of(st.none(), numbers),
        "event": numbers,
        "is_negative": st.booleans(),
        "link": st.one_of(st.none(), st.integers(0, 1)),
        "colors": some_colors,
        "weight": st.integers(0, 3),
    }
)
waits_for = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["event", "event", "filter", "filter", "date", "time"]),
        "number": numbers,
        "event": numbers,
        "colors": some_colors,
        "offset": st.sampled_from(
            [(0, "days"), (-1, "days"), (30, "minutes"), (2, "days"), (-2, "weeks"), (1, "months")]
        ),
        "hour": st.sampled_from([0, 2.5, 9, 23.75]),
        "weekday": st.one_of(st.none(), st.integers(0, 6)),
        "limit": st.one_of(
            st.none(), st.sampled_from([(0, "hours"), (90, "minutes"), (2, "days"), (1, "months")])
        ),
    }
)
# What steps need that steer.
NEEDS = {
    "condition": {"branches": st.lists(branches, min_size=1, max_size=2)},
    "split": {"branches": st.lists(branches, min_size=2, max_size=3)},
    "wait": {"wait": waits_for},
    "goto": {"target": numbers, "visits": st.integers(1, 3)},
}


@st.composite
def activities(draw, is_first=False):
    """An activity; one with which a workflow begins neither ends a run nor goes elsewhere."""
    kind = draw(st.sampled_from(KINDS[:-4] if is_first else KINDS))
    return {
        "kind": kind,
        "trigger": draw(numbers),
        "way": draw(numbers),
        "delay": draw(short_delays if is_first else delays),
        "hour": draw(hours),
        "at_any_time": draw(mostly(st.just(False), st.just(True))),
        "expiry": draw(mostly(st.none(), delays)),
        "colors": draw(mostly(st.just([0, 1, 2]), some_colors)),
        **{key: draw(strategy) for key, strategy in NEEDS.get(kind, {}).items()},
    }


zones = st.sampled_from(["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"])
addresses = mostly(st.just("own"), st.sampled_from(sorted(ADDRESSES)))
records = st.fixed_dictionaries(
    {
        "email": addresses,
        "phone": addresses,
        "color": colors,
        "matches": mostly(st.just(True), st.just(False)),
        "active": mostly(st.just(True), st.just(False)),
        "broken": mostly(st.just(False), st.just(True)),
        "date": dates,
        "timezone": mostly(st.none(), zones),
    }
)
caps = st.tuples(
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from([1, 3, 7]),
    mostly(st.just(False), st.just(True)),
)
limits = st.sampled_from([0, 1, 1, 2, 3])
rivals = st.fixed_dictionaries(
    {
        "priority": st.sampled_from(["0", "1", "1", "2"]),
        "delays": st.lists(delays, min_size=3, max_size=3),
        "number": st.integers(1, 3),
    }
)
sending_hours = st.tuples(st.integers(0, 2), st.booleans(), mostly(st.just(False), st.just(True)))
# Dates with a delay: those without wait for all transactions that are open in the database.
other_entries = st.one_of(
    st.builds(
        lambda offset, hour: {
            "kind": "date",
            "offset": offset,
            "hour": 0 if offset[1] == "hours" else hour,
        },
        st.sampled_from([(-1, "days"), (1, "days"), (-2, "hours"), (1, "weeks"), (-1, "months")]),
        st.sampled_from([0, 2.5, 9]),
    ),
    st.builds(lambda color: {"kind": "color", "color": color}, colors),
    st.just({"kind": "tag"}),
    st.builds(lambda is_keyed: {"kind": "lead", "is_keyed": is_keyed}, st.booleans()),
)
# Mostly time passes and messages meet with something.
waits = st.tuples(st.just("wait"), st.sampled_from([0, 1, 5, 24, 25, 26, 72, 24 * 8, 24 * 31]))
events = st.tuples(st.sampled_from(["event", "event", "event", "todo"]), numbers, numbers)
other_steps = st.one_of(
    st.tuples(st.sampled_from(["sleep", "lag", "lag"]), st.sampled_from([1, 6, 30])),
    st.sampled_from([("send",), ("poll",), ("poll",)]),
    st.tuples(st.just("simulate"), numbers, numbers),
    st.tuples(st.just("record"), records),
    st.tuples(st.sampled_from(["fail", "fail", "resend", "retry", "fail_again"]), numbers),
    st.one_of(st.tuples(st.just("forget"), numbers), st.just(("retention",))),
    st.tuples(st.sampled_from(["delete", "toggle", "archive", "mend"]), numbers),
    st.one_of(
        st.tuples(st.just("color"), numbers, colors), st.tuples(st.just("date"), numbers, dates)
    ),
    st.one_of(
        st.tuples(st.just("address"), numbers, st.sampled_from(sorted(ADDRESSES))),
        st.just(("unique",)),
    ),
    st.tuples(st.just("merge"), numbers, numbers),
    st.tuples(st.sampled_from(["run", "cancel", "test", "scan"]), numbers),
    st.tuples(st.sampled_from(["exit", "let_run"]), numbers),
    st.one_of(
        st.tuples(st.just("weight"), numbers, numbers, st.integers(0, 3)),
        st.tuples(st.just("winner"), numbers, numbers),
        st.tuples(st.just("widen"), numbers, branches),
        st.tuples(st.just("narrow"), numbers, numbers),
        st.tuples(st.just("goto"), numbers, numbers, st.integers(1, 3)),
    ),
    st.sampled_from([("stop",), ("start",), ("start",), ("update",), ("update",)]),
    st.tuples(st.just("add"), activities(), numbers),
    st.one_of(
        st.tuples(
            st.just("enrol"), numbers, st.integers(1, 4), st.sampled_from(["", "", "A", "B"])
        ),
        st.tuples(
            st.just("reentry"),
            st.sampled_from(["never", "after_end", "always"]),
            st.sampled_from([(0, "days"), (1, "days"), (26, "hours"), (1, "weeks"), (1, "months")]),
        ),
    ),
    st.tuples(st.sampled_from(["tag", "tag", "lead", "lead"]), numbers),
    st.one_of(
        st.builds(lambda cap: ("cap", *cap), caps),
        st.sampled_from([("transactional",), ("priority", "0"), ("priority", "2")]),
        st.tuples(st.just("newsletter"), numbers),
        st.tuples(st.just("limit"), limits),
    ),
    st.one_of(
        st.builds(lambda hours: ("hours", *hours), sending_hours),
        st.just(("hours", None, True, False)),
        st.tuples(st.just("holiday"), st.sampled_from([-3, 1, 9, 40]), st.integers(1, 60)),
        st.tuples(st.just("zone"), numbers, st.one_of(st.none(), zones)),
    ),
    st.tuples(st.just("delay"), numbers, delays, hours),
    st.tuples(st.just("move"), numbers, numbers, numbers),
    st.tuples(st.just("remove"), numbers),
)
steps = st.sampled_from([waits, events, other_steps]).flatmap(lambda kind: kind)
# Around changes of daylight saving time, of one hour and of half of it, and ends of months.
MOMENTS = [
    ("UTC", "2024-01-31 12:00:00"),
    ("Asia/Kolkata", "2025-01-30 20:00:00"),
    ("Europe/Brussels", "2025-03-28 09:15:00"),
    ("Europe/Brussels", "2025-03-29 01:30:00"),
    ("Europe/Brussels", "2025-10-25 00:30:00"),
    ("Europe/Brussels", "2025-10-26 00:30:00"),
    ("America/New_York", "2025-03-08 07:10:00"),
    ("America/New_York", "2025-10-31 05:45:00"),
    ("Australia/Lord_Howe", "2025-04-05 14:40:00"),
    ("Pacific/Auckland", "2025-08-31 11:30:00"),
]
moments = st.sampled_from(MOMENTS)


@st.composite
def workflows(draw):
    """Trees of activities; triggers are numbers, which a story takes as the parent allows."""
    result, depths = [], []
    for _number in range(draw(st.integers(5, 10))):
        parents = [position for position, depth in enumerate(depths) if depth < MAX_DEPTH]
        # Chains and branches are more interesting than beginnings.
        parent = draw(st.sampled_from([None, *parents, *parents]))
        depths.append(1 if parent is None else depths[parent] + 1)
        result.append({**draw(activities(is_first=parent is None)), "parent": parent})
    return result


rules_of_pressure = st.one_of(
    st.just({}),
    st.builds(lambda limit: {"limit": limit}, limits),
    st.builds(lambda cap: {"cap": cap}, caps),
    st.builds(
        lambda cap, rival, limit: {"cap": cap, "rival": rival, "limit": limit},
        caps,
        rivals,
        st.one_of(st.just(0), limits),
    ),
)


@st.composite
def plots(draw):
    timezone, start = draw(moments)
    return {
        "timezone": timezone,
        "start": start,
        "unique": draw(st.booleans()),
        "include_archived": draw(st.booleans()),
        "entry": draw(mostly(st.just("all"), st.sampled_from(["new", "none"]))),
        "others": draw(st.lists(other_entries, max_size=2, unique_by=lambda entry: entry["kind"])),
        **draw(rules_of_pressure),
        "hours": draw(st.one_of(st.none(), sending_hours)),
        "activities": draw(workflows()),
        "records": draw(st.lists(records, min_size=3, max_size=5)),
        "steps": draw(st.lists(steps, min_size=15, max_size=25)),
    }


class StoryCase(MarketingAutomationCase):
    """Stories that are undone after they were played."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What is noted in the chatter is not looked at.
        cls.env = cls.env(context={"tracking_disable": True})
        campaign = cls.create_campaign(name="Materials")
        cls.responsible.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        # To write on a user makes Odoo forget whatever it has remembered.
        cls.responsibles = {
            zone: cls.responsible.copy({"login": zone, "name": zone, "tz": zone})
            for zone in dict(MOMENTS)
        }
        cls.tag = cls.env["res.partner.category"].create({"name": "VIP"})
        # Offices, nights, and ten minutes twice a week.
        cls.calendars = [
            cls.create_calendar([(9, 12), (13, 17.5)]),
            cls.create_calendar([(0, 6), (20, 24)], range(7)),
            cls.create_calendar([(10, 10 + 1 / 6)], [1, 5]),
        ]
        # What rules put into the classes of the registry goes with them.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        # Without links, which would all be made short; they are clicked nevertheless.
        cls.classPatch(cls.env.registry["mailing.mailing"], "_can_be_clicked", lambda mailing: True)
        mail = '<p>Hello <t t-out="object.name"/></p>'
        text = "Hello {{ object.name }}"
        cls.materials = {"email": [], "sms": [], "action": [], "todo": [], "paint": []}
        cls.materials["rival"] = [
            cls.create_mailing(campaign, body_html=mail),
            cls.create_mailing(campaign, "sms", body_plaintext=text),
            cls.create_mailing(campaign, body_html=mail),
        ]
        color = cls.env["ir.model.fields"]._get("res.partner", "color")
        for position in range(MAX_ACTIVITIES):
            code = COUNT_ACTION.format(position=position)
            cls.materials["email"].append(cls.create_mailing(campaign, body_html=mail))
            cls.materials["sms"].append(cls.create_mailing(campaign, "sms", body_plaintext=text))
            cls.materials["action"].append(cls.create_server_action(code))
            cls.materials["todo"].append(
                cls.create_server_action(
                    code=False,
                    state="next_activity",
                    activity_type_id=cls.env.ref("mail.mail_activity_data_todo").id,
                    activity_date_deadline_range=position % 3,
                )
            )
            cls.materials["paint"].append(
                cls.create_server_action(
                    code=False,
                    state="object_write",
                    update_path="color",
                    update_field_id=color.id,
                    value=str(position % 3),
                )
            )
        cls.env.flush_all()
        watch_states(cls.env)

    def setUp(self):
        super().setUp()
        # The clock is stopped once for all stories: to do so takes longer than most steps.
        # Hypothesis is left alone, which measures for how long it looks for a simpler story.
        freezer = freeze_time(ignore=["hypothesis"])
        self.set_clock = freezer.start().move_to
        self.addCleanup(freezer.stop)
        self.patch(BaseCursor, "now", lambda cursor: datetime.now())

    def play(self, plot):
        registry = self.env.registry
        registry.cache_invalidated.clear()
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            Story(self, plot).play(looks=3 if EXAMPLES else 1)
        finally:
            self.env.transaction.clear()
            savepoint.close(rollback=True)
            # What has been remembered of what the story has changed.
            if registry.cache_invalidated:
                registry.clear_cache(*registry.cache_invalidated)


@tagged("post_install", "-at_install")
class TestRandomWorkflows(StoryCase):
    def test_random_stories(self):
        @settings(
            max_examples=EXAMPLES or 200,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(plots())
        def play(plot):
            self.play(plot)

        play()

    def test_regressions(self):
        for name, plot in PLOTS.items():
            with self.subTest(name):
                self.play(plot)
