"""Whatever clients call, they get a plain answer, and nothing is written by halves.

``MARKETING_CALLS=2500`` makes so many calls, other ones at each run; without it a fixed set of
about 300 is made.
"""

import inspect
import json
import logging
import xmlrpc.client
from xml.parsers.expat import ExpatError

from hypothesis import reject
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import HttpCase, TransactionCase, get_db_name, tagged
from odoo.tools import mute_logger

from .common import MarketingAutomationMixin
from .fuzz import DIALOGS, DOMAINS, IDS, MODELS, WRITTEN, fuzz, plain, values

_logger = logging.getLogger(__name__)
LOGGERS = (
    "odoo.sql_db",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.rpc.controllers.xmlrpc",
    "odoo.http",
    "odoo.orm.models",
    "odoo.service.model",
)
TABLES = (*(model.replace(".", "_") for model in MODELS), "utm_campaign", "mailing_mailing")
# Others write to these through mixins of Odoo.
NOT_OURS = ("message_", "activity_", "my_", "website_")
OURS = ("activity_type", "activity_domain")


class FuzzMixin(MarketingAutomationMixin):
    """A record of each model, and the names of the fields and methods to try."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.activity = cls.create_activity(cls.campaign)
        cls.create_activity(cls.campaign, "action", "mail_click", parent_id=cls.activity.id)
        cls.steps = cls.create_steps()
        cls.campaign.action_start_campaign()
        cls.campaign.sync_participants()
        selection = {"model_name": "res.partner", "record_domain": "[]"}
        name = cls.env["ir.model.fields"]._get("res.partner", "name")
        line = Command.create({"place": "/name", "field_id": name.id})
        entry = cls.env["marketing.campaign.entry"].create(
            {"campaign_id": cls.campaign.id, "entry_type": "webhook", "mapping_ids": [line]}
        )
        cls.records = {
            "marketing.campaign": cls.campaign,
            "marketing.activity": cls.activity,
            "marketing.activity.branch": cls.steps["condition"].branch_ids[0],
            "marketing.campaign.entry": entry,
            "marketing.campaign.entry.mapping": entry.mapping_ids,
            "marketing.participant": cls.campaign.participant_ids[0],
            "marketing.trace": cls.activity.trace_ids[0],
        }
        for model in DIALOGS:
            dialog = cls.env[model].with_user(cls.responsible)
            cls.records[model] = dialog.create(
                {
                    name: value
                    for name, value in {"campaign_id": cls.campaign.id, **selection}.items()
                    if name in dialog._fields
                }
            )
        cls.names = {
            model: sorted(
                name
                for name in cls.env[model]._fields
                if name in OURS or not name.startswith(NOT_OURS)
            )
            for model in MODELS
        }
        steps = cls.campaign.marketing_activity_ids
        cls.known = [*steps.ids, *steps.branch_ids.ids]
        cls.methods = [(model, name) for model in MODELS for name in cls.public_methods(model)]
        cls.calls = cls.refusals = 0  # of the whole class

    @classmethod
    def create_steps(cls):
        """A step of each type that steers, at which participants are at once."""
        steps = {
            "condition": {"branch_ids": [Command.create({"domain": "[('name', '=', 'x')]"})]},
            "split": {},
            "wait": {"wait_type": "filter", "wait_domain": "[('name', '=', 'x')]"},
            "goto": {"goto_activity_id": cls.activity.id},
            "exit": {},
        }
        return {
            kind: cls.create_activity(cls.campaign, kind, delay="0 hours", **vals)
            for kind, vals in steps.items()
        }

    @classmethod
    def tearDownClass(cls):
        _logger.info("%s: %s calls, %s of them refused", cls.__name__, cls.calls, cls.refusals)
        super().tearDownClass()

    @classmethod
    def public_methods(cls, model):
        """Methods that this addon adds to a model, and that clients may call."""
        return sorted(
            {
                name
                for owner in type(cls.env[model]).mro()
                if owner.__module__.startswith("odoo.addons.marketing_automation.")
                for name, method in vars(owner).items()
                if inspect.isfunction(method)
                and not name.startswith("_")
                and not hasattr(BaseModel, name)
            }
        )

    def parameters(self, model, method):
        """Names of the parameters of a method, without the records."""
        return list(inspect.signature(getattr(type(self.env[model]), method)).parameters)[1:]

    def state(self):
        """All that is stored in the tables of the addon."""
        self.env.flush_all()
        rows = []
        for table in TABLES:
            self.env.cr.execute(f"SELECT * FROM {table} ORDER BY id")
            rows.append(self.env.cr.fetchall())
        return rows

    def count(self, refusal):
        type(self).calls += 1
        if refusal is not None:
            type(self).refusals += 1
            self.assertTrue(refusal.strip())
            self.assertNotIn("Traceback", refusal)

    # ------------------------------------------------------------
    # What to draw
    # ------------------------------------------------------------

    def draw_vals(self, draw, model, count=1):
        """Draw values of fields of a model."""
        names = self.names[model]
        return draw(
            st.dictionaries(
                st.sampled_from(names), values(names, self.known), min_size=1, max_size=count
            )
        )

    def draw_method(self, draw):
        """Draw a public method, ids and arguments.

        :return: model, method, ids (None for a method of the model), arguments by name
        """
        model, method = draw(st.sampled_from(self.methods))
        ids = draw(st.one_of(st.just(self.records[model].ids), st.sampled_from(IDS)))
        if hasattr(getattr(self.env[model], method), "_api_model"):
            ids = None
        arguments = {
            name: draw(values(self.names[model])) for name in self.parameters(model, method)
        }
        return model, method, ids, arguments


@tagged("post_install", "-at_install")
class TestFuzz(FuzzMixin, TransactionCase):
    def call(self, model, method, *args, user=None, keep=False, **kwargs):
        """One call of a client, as one transaction.

        :param bool keep: whether what it does is not undone
        :return: the text of the refusal, if it was refused
        """
        user = user or self.responsible
        before, refusal = self.state(), None
        try:
            with self.env.cr.savepoint() as savepoint, mute_logger(*LOGGERS):
                call_kw(self.env[model].with_user(user), method, args, kwargs)
                self.env.flush_all()
                # The client goes on with what can be read now.
                self.records[model].with_user(user).exists().read()
                if not keep:
                    savepoint.rollback()
        except UserError as error:
            refusal = str(error)
        except IntegrityError as error:
            # The server says it with the name of the field or of the constraint.
            refusal = self.env[model]._sql_error_to_message(error)
        self.env.invalidate_all()
        if refusal or not keep:
            self.assertEqual(self.state(), before, "A call that is undone leaves nothing.")
        self.count(refusal)
        return refusal

    # ------------------------------------------------------------
    # Drawn calls
    # ------------------------------------------------------------

    def test_write(self):
        def play(draw, model):
            self.call(model, "write", self.records[model].ids, self.draw_vals(draw.draw, model))

        fuzz(20, play, draw=st.data(), model=st.sampled_from(WRITTEN))

    def test_steps_that_steer(self):
        """What is written to them is executed, too."""
        root = self.env.ref("base.user_root")

        def play(draw, kind):
            step, vals = self.steps[kind], self.draw_vals(draw.draw, "marketing.activity", 3)
            branches = [
                Command.update(branch.id, self.draw_vals(draw.draw, branch._name, 2))
                for branch in step.branch_ids[:1]
            ]
            lines = [Command.update(step.id, {**vals, "branch_ids": branches})]
            with self.env.cr.savepoint() as savepoint:
                refusal = self.call(
                    "marketing.campaign",
                    "write",
                    self.campaign.ids,
                    {"marketing_activity_ids": lines},
                    user=root,
                    keep=True,
                )
                if not refusal:
                    for method in ("poll_campaigns", "execute_activities", "get_overview"):
                        self.call("marketing.campaign", method, self.campaign.ids, user=root)
                savepoint.rollback()
            self.env.invalidate_all()

        fuzz(10, play, draw=st.data(), kind=st.sampled_from(sorted(self.steps)))

    def test_questions(self):
        """Lists that are grouped, sorted and searched by any field that can be."""

        def play(draw, model):
            fields = self.env[model].fields_get()
            groups = sorted(
                f"{name}:week" if field["type"] in ("date", "datetime") else name
                for name, field in fields.items()
                if field["groupable"]
            )
            orders = sorted(name for name, field in fields.items() if field["sortable"])
            by = draw.draw(st.lists(st.sampled_from(groups), min_size=1, max_size=2, unique=True))
            order = draw.draw(st.sampled_from(orders))
            domain = [(draw.draw(st.sampled_from(orders)), "!=", False)]
            self.call(model, "formatted_read_group", domain, by, ["__count"])
            self.call(model, "web_search_read", domain, {order: {}}, order=f"{order} desc")

        fuzz(5, play, draw=st.data(), model=st.sampled_from(MODELS))

    def test_write_as_superuser(self):
        """Nothing is refused for want of rights: all fields are reached."""
        root = self.env.ref("base.user_root")

        def play(draw, model):
            vals = self.draw_vals(draw.draw, model, 2)
            self.call(model, "write", self.records[model].ids, vals, user=root)

        fuzz(15, play, draw=st.data(), model=st.sampled_from(MODELS))

    def test_create(self):
        def play(draw, model, with_defaults):
            vals = self.draw_vals(draw.draw, model, 3)
            if model == "marketing.activity.branch":
                vals.setdefault("activity_id", self.steps["condition"].id)
            elif model != "marketing.campaign":
                vals.setdefault("campaign_id", self.campaign.id)
            if "name" in self.names[model]:
                vals.setdefault("name", "Fuzz")
            context = {}
            if with_defaults:
                defaults = self.draw_vals(draw.draw, model)
                context = {f"default_{name}": value for name, value in defaults.items()}
            self.call(model, "create", [vals], context=context)

        fuzz(15, play, draw=st.data(), model=st.sampled_from(MODELS), with_defaults=st.booleans())

    def test_other_ways_to_write(self):
        def play(draw, model, method):
            record, vals = self.records[model], self.draw_vals(draw.draw, model, 2)
            if method in ("action_archive", "action_unarchive") and not record._active_name:
                return  # Odoo has these methods on all models
            if method == "web_save":
                self.call(model, method, record.ids, vals, {"id": {}})
            elif method == "copy":
                self.call(model, method, record.ids, vals)
            elif method == "name_create":
                self.call(model, method, draw.draw(values(["name"])))
            elif method in ("unlink", "action_archive", "action_unarchive"):
                self.call(model, method, draw.draw(st.sampled_from([record.ids, *IDS])))
            else:
                rows = [[str(value) for value in vals.values()]]
                self.call(model, method, list(vals), rows)

        methods = st.sampled_from(
            [
                "web_save",
                "copy",
                "name_create",
                "load",
                "unlink",
                "action_archive",
                "action_unarchive",
            ]
        )
        fuzz(10, play, draw=st.data(), model=st.sampled_from(WRITTEN), method=methods)

    def test_dialogs(self):
        """What their forms give back while somebody chooses. Numbers and dates that are none, only
        the ORM is asked to take."""
        keys = ["content", "seal", "audience", "messages", "zones", "findings"]

        def play(draw, model):
            free = sorted(
                name
                for name, field in self.env[model]._fields.items()
                if field.type in ("char", "json")
            )
            vals = {
                "campaign_id": self.campaign.id,
                **draw.draw(
                    st.dictionaries(st.sampled_from(free), values(keys), min_size=1, max_size=3)
                ),
            }
            changed = draw.draw(st.lists(st.sampled_from(sorted(vals)), unique=True))
            spec = {name: {} for name in self.names[model]}
            self.call(model, "onchange", [], vals, changed, spec)

        fuzz(10, play, draw=st.data(), model=st.sampled_from(DIALOGS))

    def test_filters(self):
        filters = [
            ("marketing.campaign", "domain"),
            ("marketing.activity", "activity_domain"),
            ("marketing.activity", "wait_domain"),
            ("marketing.activity.branch", "domain"),
        ]

        def play(place, text):
            model, field = place
            refusal = self.call(model, "write", self.records[model].ids, {field: text})
            if refusal:
                self.assertRegex(refusal, "(?i)filter|Until It Matches")

        texts = st.one_of(
            st.sampled_from(DOMAINS), st.text(max_size=30), plain.map(str), plain.map(repr)
        )
        fuzz(10, play, place=st.sampled_from(filters), text=texts)

    def test_public_methods(self):
        def play(draw):
            model, method, ids, arguments = self.draw_method(draw.draw)
            args = [] if ids is None else [ids]
            self.call(model, method, *args, **arguments)

        fuzz(10, play, draw=st.data())

    # ------------------------------------------------------------
    # Chosen calls
    # ------------------------------------------------------------

    def test_refusals_name_the_field(self):
        for model, name, value, label in (
            ("marketing.campaign", "user_id", "boss", "Responsible"),
            ("marketing.campaign", "user_id", 2**40, "Responsible"),
            ("marketing.campaign", "user_id", False, "Responsible"),
            ("marketing.campaign", "model_id", 10**8, "Target"),
            ("marketing.campaign", "state", "flying", "State"),
            ("marketing.campaign", "name", "\0", "name"),
            ("marketing.campaign", "name", {"a": []}, "name"),
            ("marketing.campaign", "nothing", 1, "nothing"),
            ("marketing.campaign", "tag_ids", [(0, 0, "x")], "Tags"),
            ("marketing.campaign", "tag_ids", [(0, 0, {"color": "x"})], "Color"),
            ("marketing.campaign", "tag_ids", [(9, 0, 0)], "Tags"),
            ("marketing.campaign", "tag_ids", [(4, True)], "Tags"),
            ("marketing.campaign", "tag_ids", "x", "Tags"),
            ("marketing.campaign", "include_archived", "no", "Include Archived"),
            ("marketing.activity", "interval_number", "many", "Delay"),
            ("marketing.activity", "interval_number", 2**31, "Delay"),
            ("marketing.activity", "interval_number", float("nan"), "Delay"),
            ("marketing.activity", "interval_type", "eons", "Delay Type"),
            ("marketing.activity", "trigger_type", ["begin"], "Trigger"),
            ("marketing.activity", "parent_id", True, "After Step"),
            ("marketing.activity", "mass_mailing_id", -1, "Mailing"),
            ("marketing.activity", "wait_type", "ever", "Wait"),
            ("marketing.activity", "wait_weekday", 7, "Day of the Week"),
            ("marketing.activity", "time_of_day", "noon", "Time Of Day"),
            ("marketing.activity", "goto_activity_id", 10**8, "Go On At"),
            ("marketing.activity", "max_visits", 10**30, "Visits"),
            ("marketing.activity.branch", "branch_type", "chance", "Test"),
            ("marketing.activity.branch", "weight", "half", "Weight"),
            ("marketing.activity.branch", "event_activity_id", True, "Of Step"),
            ("marketing.activity.branch", "event_link_id", "x", "Link"),
        ):
            with self.subTest(field=name, value=value):
                refusal = self.call(model, "write", self.records[model].ids, {name: value})
                self.assertIn(label, refusal or "")
                if model == "marketing.activity":
                    refusal = self.call(
                        "marketing.campaign",
                        "write",
                        self.campaign.ids,
                        {"marketing_activity_ids": [(1, self.activity.id, {name: value})]},
                    )
                    self.assertIn(label, refusal or "")

    def test_field_by_which_a_line_belongs_to_its_campaign(self):
        """Clients send it empty: the ORM sets it."""
        vals = {"name": "Line", "activity_type": "action", "campaign_id": False}
        self.campaign.write({"marketing_activity_ids": [(0, 0, vals)]})
        line = self.campaign.marketing_activity_ids.filtered(lambda line: line.name == "Line")
        self.assertEqual(line.campaign_id, self.campaign)
        refusal = self.call("marketing.activity", "create", [vals])
        self.assertIn("Campaign", refusal or "")

    def test_vals_that_are_none(self):
        for vals in ("abc", [1], None, 5):
            with self.subTest(vals):
                refusal = self.call("marketing.campaign", "write", self.campaign.ids, vals)
                self.assertIn("values", refusal or "")
                refusal = self.call("marketing.campaign", "create", [vals])
                self.assertIn("values", refusal or "")

    def test_ids_that_are_none(self):
        for model, method in self.methods:
            parameters = self.parameters(model, method)
            if hasattr(getattr(self.env[model], method), "_api_model"):
                continue
            for ids in ([True], ["x"], [2**31], [-1], [[1]], [None], {"x": 1}):
                with self.subTest(model=model, method=method, ids=ids):
                    refusal = self.call(model, method, ids, *["x" for _name in parameters])
                    self.assertIn("is no id of", refusal or "")

    def test_places_that_are_none(self):
        """Where copied steps are to go."""
        target = self.campaign.model_id.id
        for place in (
            *((value,) for value in (1.0, "x", [], True, None, 2**40, {})),
            *((target, value) for value in (1.5, "x", [1], True, {"x": 1}, 2**40)),
        ):
            with self.subTest(place):
                refusal = self.call("marketing.activity", "get_copies", self.activity.ids, *place)
                self.assertIn("copied", refusal or "")

    def test_arguments_that_are_unknown(self):
        for value in ("nothing", ["sent"], {}, None, 1, "\0"):
            for model, method, ids, known in (
                ("marketing.activity", "action_view_figure", self.activity.ids, "sent"),
                ("marketing.trace", "process_event", self.records["marketing.trace"].ids, "open"),
                (
                    "marketing.campaign",
                    "get_action_marketing_campaign_from_template",
                    None,
                    "no campaign template",
                ),
            ):
                with self.subTest(method=method, value=value):
                    args = [] if ids is None else [ids]
                    self.assertIn(known, self.call(model, method, *args, value) or "")


@tagged("post_install", "-at_install")
class TestFuzzOverHttp(FuzzMixin, HttpCase):
    """The same over XML-RPC and JSON-2: no response is an internal error."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        expiry = fields.Datetime.add(fields.Datetime.now(), hours=1)
        keys = cls.env["res.users.apikeys"].with_user(cls.responsible).sudo()
        cls.key = keys._generate("rpc", "Fuzz", expiry)

    def json2(self, model, method, ids, arguments):
        if ids is not None:
            arguments = {**arguments, "ids": ids}
        response = self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(arguments),
            headers={"Content-Type": "application/json", "Authorization": f"bearer {self.key}"},
        )
        self.assertLess(response.status_code, 500, response.text)
        return response.json()["message"] if response.status_code >= 400 else None

    def xmlrpc(self, model, method, ids, arguments):
        args = [*([] if ids is None else [ids]), *arguments.values()]
        params = (get_db_name(), self.responsible.id, self.key, model, method, args)
        try:
            # Some take their arguments by name only, see json2.
            inspect.signature(getattr(self.env[model], method)).bind(*arguments.values())
            xmlrpc.client.loads(xmlrpc.client.dumps(params))
        except (TypeError, OverflowError, ExpatError):
            reject()  # It cannot be called so, or XML cannot carry it.
        try:
            self.xmlrpc_object.execute_kw(*params)
        except xmlrpc.client.Fault as fault:
            # Odoo's codes of a UserError and an AccessError
            self.assertIn(fault.faultCode, (2, 4), fault.faultString)
            return fault.faultString
        return None

    def call(self, protocol, model, method, ids, arguments):
        """One call; a refused one leaves nothing."""
        before = self.state()
        with mute_logger(*LOGGERS):
            refusal = protocol(model, method, ids, arguments)
        self.env.invalidate_all()
        if refusal is not None:
            self.assertEqual(self.state(), before)
        self.count(refusal)

    def play(self, draw, protocol):
        model, method, ids, arguments = self.draw_method(draw)
        kind = draw(st.sampled_from(["write", "create", "method"]))
        if kind == "write":
            method, ids = "write", self.records[model].ids
            arguments = {"vals": self.draw_vals(draw, model, 2)}
        elif kind == "create":
            vals = {"campaign_id": self.campaign.id, **self.draw_vals(draw, model, 2)}
            method, ids, arguments = "create", None, {"vals_list": [vals]}
        self.call(protocol, model, method, ids, arguments)

    def test_json2(self):
        fuzz(5, lambda data: self.play(data.draw, self.json2), data=st.data())

    def test_xmlrpc(self):
        def play(data):
            self.play(data.draw, self.xmlrpc)

        fuzz(5, play, data=st.data())
