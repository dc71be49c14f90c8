"""Whatever clients write, they get a plain answer, and nothing is written by halves.

``MARKETING_CALLS=2000`` makes so many calls, other ones at each run; without it a fixed set of
300 is made.
"""

import logging
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MarketingAutomationCase

_logger = logging.getLogger(__name__)

CALLS = int(os.environ.get("MARKETING_CALLS") or 0)

MODELS = (
    "marketing.campaign",
    "marketing.activity",
    "marketing.participant",
    "marketing.trace",
    "marketing.campaign.test",
)
DOMAINS = (
    "[]",
    "[",
    "[('name', '=', 'x')]",
    "[('nothing', '=', 1)]",
    "[('name', 'between', 1)]",
    "[('id', 'in', 5)]",
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
    "[('parent_id', 'any', [('nothing', '=', 1)])]",
    "[" * 2000,
)
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from([2**31 - 1, 2**31, -(2**31), 2**63, 10**30]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
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
            "nothing,1",
            "draft",
            "running",
            "begin",
            "mail_click",
            "action",
            "hours",
        ]
    ),
    st.sampled_from(DOMAINS),
)
commands = st.one_of(
    st.lists(
        st.tuples(st.integers(-1, 8), st.one_of(st.integers(-1, 9), plain), plain), max_size=2
    ),
    st.tuples(st.just(0), st.just(0), st.dictionaries(st.sampled_from(["name", "x"]), plain)).map(
        lambda command: [command]
    ),
)
values = st.one_of(
    plain, commands, st.lists(plain, max_size=3), st.dictionaries(st.text(max_size=5), plain)
)


@tagged("post_install", "-at_install")
class TestFuzz(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.activity = cls.create_activity(cls.campaign)
        cls.child = cls.create_activity(
            cls.campaign, "action", "mail_click", parent_id=cls.activity.id
        )
        cls.campaign.action_start_campaign()
        cls.campaign.sync_participants()
        wizard = cls.env["marketing.campaign.test"].with_user(cls.responsible)
        cls.records = {
            "marketing.campaign": cls.campaign,
            "marketing.activity": cls.activity,
            "marketing.participant": cls.campaign.participant_ids[0],
            "marketing.trace": cls.activity.trace_ids[0],
            "marketing.campaign.test": wizard.create({"campaign_id": cls.campaign.id}),
        }
        cls.names = {
            model: sorted(
                name
                for name, field in cls.env[model]._fields.items()
                if not name.startswith(("message_", "activity_", "my_", "website_"))
                or name in ("activity_type", "activity_domain")
            )
            for model in MODELS
        }
        cls.calls = cls.refusals = 0  # of the whole class

    @classmethod
    def tearDownClass(cls):
        _logger.info("%s calls, %s of them refused", cls.calls, cls.refusals)
        super().tearDownClass()

    def state(self):
        """All that is stored in the tables of the addon."""
        tables = [model.replace(".", "_") for model in MODELS]
        rows = []
        for table in (*tables, "utm_campaign", "mailing_mailing"):
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")
            rows.append(self.env.cr.fetchall())
        return rows

    def call(self, model, method, *args, user=None):
        """One call of a client, as one transaction.

        :return: the text of the refusal, if it was refused
        """
        type(self).calls += 1
        refusal = None
        before = self.state()
        try:
            with (
                self.env.cr.savepoint(),
                mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule"),
            ):
                call_kw(self.env[model].with_user(user or self.responsible), method, list(args), {})
                self.env.flush_all()
                # The response of the server is made of what can be read now.
                if method == "write":
                    self.env[model].browse(args[0]).with_user(user or self.responsible).read()
                changed = self.state()
                raise Accepted
        except Accepted:
            self.assertTrue(changed)
        except UserError as error:
            refusal = str(error)
        except IntegrityError as error:
            # The server says it with the name of the field or of the constraint.
            refusal = self.env[model]._sql_error_to_message(error)
        self.env.invalidate_all()
        self.assertEqual(self.state(), before, "A call that is undone leaves nothing.")
        if refusal is not None:
            type(self).refusals += 1
            self.assertTrue(refusal.strip())
            self.assertNotIn("Traceback", refusal)
        return refusal

    def fuzz(self, share):
        """Settings of a test that makes its share of the calls."""
        return settings(
            max_examples=max((CALLS or 300) * share // 100, 1),
            derandomize=not CALLS,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )

    def run_fuzz(self, share, play, **strategies):
        self.fuzz(share)(given(**strategies)(play))()

    def test_write_one_field(self):
        def play(model, number, value):
            name = self.names[model][number % len(self.names[model])]
            self.call(model, "write", self.records[model].ids, {name: value})

        self.run_fuzz(
            40, play, model=st.sampled_from(MODELS[:2]), number=st.integers(0, 200), value=values
        )

    def test_write_as_administrator_of_everything(self):
        """Nothing is refused for want of rights, so all fields are reached."""

        def play(model, number, value):
            name = self.names[model][number % len(self.names[model])]
            root = self.env.ref("base.user_root")
            self.call(model, "write", self.records[model].ids, {name: value}, user=root)

        self.run_fuzz(
            25, play, model=st.sampled_from(MODELS), number=st.integers(0, 200), value=values
        )

    def test_create(self):
        def play(model, numbers, some):
            names = self.names[model]
            vals = {
                names[number % len(names)]: value
                for number, value in zip(numbers, some, strict=True)
            }
            if model != "marketing.campaign":
                vals.setdefault("campaign_id", self.campaign.id)
            if "name" in names:
                vals.setdefault("name", "Fuzz")
            self.call(model, "create", [vals])

        self.run_fuzz(
            25,
            play,
            model=st.sampled_from(MODELS),
            numbers=st.lists(st.integers(0, 200), min_size=3, max_size=3),
            some=st.lists(values, min_size=3, max_size=3),
        )

    def test_domains(self):
        def play(model, name, text):
            field = {"marketing.campaign": "domain", "marketing.activity": "activity_domain"}[model]
            refusal = self.call(model, "write", self.records[model].ids, {field: text})
            if refusal:
                self.assertRegex(refusal, "(?i)filter")

        texts = st.one_of(
            st.sampled_from(DOMAINS), st.text(max_size=30), plain.map(str), plain.map(repr)
        )
        self.run_fuzz(
            10, play, model=st.sampled_from(MODELS[:2]), name=st.just("domain"), text=texts
        )

    def test_refusals_name_the_field(self):
        for model, name, value, label in (
            ("marketing.campaign", "user_id", "boss", "Responsible"),
            ("marketing.campaign", "user_id", 2**40, "Responsible"),
            ("marketing.campaign", "model_id", 10**8, "Target"),
            ("marketing.campaign", "state", "flying", "State"),
            ("marketing.campaign", "name", "\0", "name"),
            ("marketing.campaign", "name", {"a": []}, "name"),
            ("marketing.campaign", "nothing", 1, "nothing"),
            ("marketing.campaign", "tag_ids", [(0, 0, "x")], "Tags"),
            ("marketing.campaign", "tag_ids", [(9, 0, 0)], "Tags"),
            ("marketing.campaign", "tag_ids", "x", "Tags"),
            ("marketing.activity", "interval_number", "many", "Delay"),
            ("marketing.activity", "interval_number", 2**31, "Delay"),
            ("marketing.activity", "interval_number", float("nan"), "Delay"),
            ("marketing.activity", "interval_type", "eons", "Delay Type"),
            ("marketing.activity", "trigger_type", ["begin"], "Trigger"),
            ("marketing.activity", "parent_id", True, "After Activity"),
            ("marketing.activity", "mass_mailing_id", -1, "Mailing"),
        ):
            with self.subTest(field=name, value=value):
                refusal = self.call(model, "write", self.records[model].ids, {name: value})
                self.assertIn(label, refusal or "")

    def test_vals_that_are_none(self):
        for vals in ("abc", [1], None, 5):
            with self.subTest(vals):
                refusal = self.call("marketing.campaign", "write", self.campaign.ids, vals)
                self.assertIn("values", refusal or "")
                refusal = self.call("marketing.campaign", "create", [vals])
                self.assertIn("values", refusal or "")


class Accepted(Exception):
    """Undoes a call that the server would have committed."""
