"""Whatever is sent to a webhook, the answer is plain, says nothing of others, and nothing but what
was mapped is written.

``MARKETING_CALLS=3000`` makes so many calls, other ones at each run.
"""

import json
import logging

from hypothesis import strategies as st

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..tools.refusals import REFUSALS
from ..tools.states import ADMISSION_REASONS
from .entry_webhook_case import QUIET, WebhookCase
from .fuzz import DIALOGS, DOMAINS, IDS, NUMBERS, TEXTS, fuzz

_logger = logging.getLogger(__name__)

ADDRESS = "hostile-{}@example.com"
# What no caller is told, and none can change.
PRIVATE = "Private Person"
MAPPED = {
    "name": "/values/name",
    "function": "/values/job",
    "color": "/values/color",
    "is_company": "/values/company",
    "type": "/values/type",
    "country_id": "/values/country",
    "parent_id": "/values/parent",
    "category_id": "/values/tags",
    "comment": "/values/comment",
    "partner_latitude": "/values/latitude",
    "email": "/values/email",
}
COMMANDS = (
    [[6, 0, [1, 2, 3]]],
    [[0, 0, {"name": "x"}]],
    [[1, 1, {"name": "x"}]],
    [[2, 1]],
    [[5]],
    [4, 1],
    {"__proto__": {"a": 1}},
)
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from(NUMBERS),
    st.floats(),  # NaN and infinity, too
    st.text(max_size=20),
    st.sampled_from(TEXTS),
    st.sampled_from(DOMAINS),
    st.sampled_from(COMMANDS),
    st.sampled_from(["name.name", "parent_id.name", "__class__", "id", "user_ids", "x" * 5000]),
    st.integers(0, 5).map(ADDRESS.format),
)
nested = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)
calls = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(st.integers(-1, 60), st.sampled_from(IDS), nested),
        "external_id": st.one_of(
            st.sampled_from(["base.user_admin", "base.partner_admin", "base.main_company"]), nested
        ),
        "find": st.one_of(
            st.fixed_dictionaries(
                {"email": st.one_of(st.integers(0, 5).map(ADDRESS.format), nested)}
            ),
            st.dictionaries(st.sampled_from(["email", "password", "parent_id.email"]), nested),
            nested,
        ),
        "key": st.one_of(st.sampled_from(["S1", "S2"]), nested),
        "values": st.one_of(
            st.dictionaries(
                st.sampled_from([place.rpartition("/")[2] for place in MAPPED.values()]),
                nested,
                max_size=3,
            ),
            st.dictionaries(st.text(max_size=6), nested, max_size=2),
            nested,
        ),
        "context": nested,
        "lang": nested,
    },
)
# Half of the calls say who they are about, and no more than that.
found = st.fixed_dictionaries(
    {"find": st.fixed_dictionaries({"email": st.integers(0, 5).map(ADDRESS.format)})},
    optional={
        "key": st.sampled_from(["S1", "S2", "S3"]),
        "values": st.dictionaries(
            st.sampled_from([place.rpartition("/")[2] for place in MAPPED.values()]),
            nested,
            max_size=2,
        ),
    },
)


@tagged("post_install", "-at_install")
class TestHostileCalls(WebhookCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.private = cls.env["res.partner"].create(
            {"name": PRIVATE, "email": "private@example.com", "function": "Never told"}
        )
        cls.env["ir.rule"].create(
            {
                "name": "Not the private ones",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '!=', 'Private Person')]",
            }
        )
        cls.entry.write(
            {
                "is_creating": True,
                "is_writing": True,
                "mapping_ids": [
                    Command.create(cls.mapping_values(cls.campaign, *item))
                    for item in MAPPED.items()
                ],
            }
        )
        cls.env.flush_all()

    def outside(self):
        """What no call may change: users, their contacts, and who is private."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT to_jsonb(partner) FROM res_partner partner
            WHERE id = %s OR id IN (SELECT partner_id FROM res_users) ORDER BY id
            """,
            [self.private.id],
        )
        rows = self.env.cr.fetchall()
        self.env.cr.execute("SELECT login, active, company_id FROM res_users ORDER BY id")
        return rows + self.env.cr.fetchall()

    def test_anything(self):
        # Who is a user is nobody's customer here.
        self.campaign.domain = "[('user_ids', '=', False)]"
        self.env["ir.rule"].create(
            {
                "name": "No users",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('user_ids', '=', False)]",
                "perm_read": False,
                "perm_create": False,
            }
        )
        before = self.outside()
        path = self.entry.webhook_url.removeprefix(self.entry.get_base_url())
        statuses = {}

        def play(payload):
            with mute_logger(*QUIET, "odoo.addons.base.models.ir_rule", "odoo.orm.models"):
                response = self.url_open(
                    path,
                    data=json.dumps(payload),
                    headers={"Content-Type": "application/json"},
                )
            status = response.status_code
            statuses[status] = statuses.get(status, 0) + 1
            answer = response.json()
            self.assertEqual(
                set(answer), {"participant_id", "created", "reason", "message"}, payload
            )
            self.assertIn(status, (200, 201, 400, 404, 409, 422), payload)
            self.assertEqual(answer["created"], status == 201, payload)
            self.assertIn(answer["reason"], {"", *REFUSALS, *ADMISSION_REASONS})
            self.assertEqual(bool(answer["reason"]), bool(answer["message"]))
            self.assertLess(len(answer["message"]), 400)
            for told in ("Traceback", "psycopg2", "SELECT", "odoo.", PRIVATE, "Never told"):
                if told not in str(payload):
                    self.assertNotIn(told, answer["message"], payload)

        fuzz(25, play, payload=st.one_of(calls, found))
        self.env.invalidate_all()
        _logger.info("Answers to hostile calls: %s", statuses)
        self.assertLess({201, 400, 404, 422}, set(statuses) | {0})
        self.assertEqual(self.outside(), before)
        self.assertLessEqual(len(self.entry.call_ids), 50)
        identities = self.campaign.participant_ids.mapped(lambda run: (run.res_id, run.entry_key))
        self.assertEqual(len(identities), len(set(identities)))

    # ------------------------------------------------------------
    # Other ways
    # ------------------------------------------------------------

    def test_portal_and_public_get_nothing_else(self):
        self.call({"id": self.contact.id})
        portal = new_test_user(self.env, "customer", groups="base.group_portal")
        public = self.env.ref("base.public_user")
        for user in (portal, public):
            for name in (
                "marketing.campaign",
                "marketing.campaign.entry",
                "marketing.campaign.entry.mapping",
                "marketing.campaign.entry.call",
                "marketing.participant",
            ):
                record = self.env[name].search([], limit=1).with_user(user)
                self.assertTrue(record, name)
                for call in (
                    lambda record: record.search([]),
                    lambda record: record.read(["id"]),
                    lambda record: record.create({}),
                    lambda record: record.write({}),
                    lambda record: record.unlink(),
                ):
                    with self.subTest(user=user.login, model=name), self.assertRaises(AccessError):
                        call(record)
            for name in DIALOGS:
                dialog = self.env[name].with_user(user)
                vals = {"campaign_id": self.campaign.id}
                for call in (
                    lambda dialog, vals: dialog.create(vals),
                    lambda dialog, vals: dialog.onchange(vals, [], {}),
                    lambda dialog, vals: dialog.web_save(vals, {}),
                ):
                    with self.subTest(user=user.login, model=name), self.assertRaises(AccessError):
                        call(dialog, vals)
            with self.assertRaises(AccessError):
                self.campaign.with_user(user).enrol(self.contact.ids)
            with self.assertRaises(AccessError):
                self.entry.with_user(user).action_renew_webhook()

    def test_session_gives_no_rights(self):
        """A call has the rights of the responsible, whoever is logged in where it comes from."""
        self.authenticate("admin", "admin")
        self.assertRefused(404, "not_found", {"id": self.private.id})

    def test_lists_of_records_are_only_added_to(self):
        """Values that look like commands of Odoo are none."""
        tags = self.env["res.partner.category"].create([{"name": "T1"}, {"name": "T2"}])
        self.contact.category_id = tags[0]
        for value in ([[5]], [[6, 0, [tags[1].id]]], [[3, tags[0].id]], [[2, tags[0].id, 0]]):
            self.assertRefused(422, "bad_value", {"id": self.contact.id, "values": {"tags": value}})
        self.assertEqual(
            self.call({"id": self.contact.id, "values": {"tags": [tags[1].id]}})[0], 201
        )
        self.assertEqual(self.contact.category_id, tags)

    def test_records_of_others_cannot_be_named(self):
        """Neither by number nor by name: who may not be seen is as if they were not there."""
        answers = set()
        for value in (self.private.id, PRIVATE, 10**8, "Nobody"):
            payload = {"id": self.contact.id, "values": {"parent": value}}
            answer = self.assertRefused(422, "bad_value", payload)["message"]
            answers.add(answer.replace(str(value), "?"))
        self.assertEqual(len(answers), 1, answers)

    def test_nothing_goes_through_to_other_records(self):
        """Odoo passes the address of a lead on to its customer: not for calls."""
        self.responsible.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        leads = self.env["ir.model"]._get_id("crm.lead")
        campaign = self.create_campaign(domain="[]", entry_ids=[], model_id=leads)
        action = self.create_server_action(code="pass", model_id=leads)
        self.create_activity(campaign, "action", server_action_id=action.id)
        entry = self.create_entry(
            campaign, {"email_from": "/values/email", "phone": "/values/phone"}, is_writing=True
        )
        campaign.action_start_campaign()
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": self.contact.id})
        values = {"email": "thief@example.com", "phone": "+3299999999"}
        self.assertEqual(self.call({"id": lead.id, "values": values}, entry)[0], 201)
        self.assertEqual(self.contact.email, "contact0@example.com")
        self.assertEqual(lead.email_from, "contact0@example.com")
        self.assertNotEqual(self.contact.phone, "+3299999999")
