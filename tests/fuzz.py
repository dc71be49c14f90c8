"""Hostile values, which Hypothesis draws for the fuzz tests."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CALLS = int(os.environ.get("MARKETING_CALLS") or 0)
USUAL_CALLS = 320

# Those that clients write come first.
MODELS = (
    "marketing.campaign",
    "marketing.activity",
    "marketing.activity.branch",
    "marketing.campaign.entry",
    "marketing.campaign.entry.mapping",
    "marketing.participant",
    "marketing.trace",
    "marketing.campaign.test",
    "marketing.campaign.review",
    "marketing.campaign.enrol",
    "marketing.campaign.exit",
)
WRITTEN = MODELS[:5]
DIALOGS = MODELS[-4:]
DOMAINS = (
    "[]",
    "[",
    "[('name', '=', 'x')]",
    "[('nothing', '=', 1)]",
    "[('name', 'between', 1)]",
    "[('id', 'in', 5)]",
    f"[('id', '=', {10**30})]",
    "[('name', 'like', '\\0')]",
    "[('create_date', '>', 'today -7d')]",
    "[('create_date', '>', 'soon')]",
    "['|', ('id', '=', 1)]",
    "['&']",
    "[(1, '=', 1)]",
    "uid",
    "[('user_id', '=', uid)]",
    "__import__('os').system('true')",
    "{'a': 1}",
    "('id', '=', 1)",
    "[('parent_id.name.name', '=', 1)]",
    "[('id', 'any', [('id', '=', 1)])]",
    "[('name', 'any', [('name', '=', 'x')])]",
    "[('parent_id', 'any', [('nothing', '=', 1)])]",
    "[" * 2000,
)
TEXTS = (
    "\0",
    "'; DROP TABLE marketing_campaign; --",
    "<script>alert(1)</script>",
    "{{ object.env }}",
    "é" * 3000,
    "2025-02-30",
    "2025-01-01 25:00:00",
    "9999-12-31 23:59:59",
    "res.partner,1",
    "res.partner,x",
    f"res.partner,{10**30}",
    "nothing,1",
    "res.partner",
    "res.users",
    "ir.rule",
    # what some fields and arguments take
    "draft",
    "running",
    "begin",
    "activity",
    "mail_click",
    "action",
    "email",
    "hours",
    "minutes",
    "months",
    "condition",
    "split",
    "wait",
    "goto",
    "branch",
    "filter",
    "event",
    "otherwise",
    "met",
    "random",
    "date",
    "time",
    "mail_open",
    "manual",
    "webhook",
    "created",
    "welcome",
    "/customer/email",
)
NUMBERS = (2**31 - 1, 2**31, -(2**31), 2**63, 10**30)
# As the ids of a call; what is no list Odoo refuses before a model is asked.
IDS = (
    [True],
    "x",
    ["x"],
    [0],
    [-1],
    [1.0],
    [None],
    [2**31],
    [10**30],
    [10**8],
    [[1]],
    [],
    {},
    {"x": 1},
)

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from(NUMBERS),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(TEXTS),
    st.sampled_from(DOMAINS),
)


def commands(names):
    """Commands on lists of records, some of which write to the fields of these names."""
    vals = st.dictionaries(st.sampled_from(names), plain, max_size=3)
    return st.one_of(
        st.lists(
            st.tuples(st.integers(-1, 8), st.one_of(st.integers(-1, 9), plain), plain), max_size=2
        ),
        st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), vals), max_size=2),
    )


def values(names, known=()):
    """Anything that a client may write to a field, or give as an argument.

    :param known: ids of records that are there
    """
    return st.one_of(
        plain,
        *([st.sampled_from(known)] if known else []),
        commands(names),
        st.lists(plain, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(names), st.text(max_size=5)), plain, max_size=3),
    )


def fuzz(share, play, **strategies):
    """Call a function with drawn values.

    :param int share: percentage of all calls that this makes
    :param dict strategies: how to draw its arguments
    """
    settings(
        max_examples=max((CALLS or USUAL_CALLS) * share // 100, 1),
        derandomize=not CALLS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )(given(**strategies)(play))()
