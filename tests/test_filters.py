"""A filter is tried before it is kept; what is wrong with it is said in words for people."""

from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import USER_GROUPS, MarketingAutomationCase

# A filter, and what its refusal names.
UNUSABLE = [
    ("[('contact_address', 'ilike', 'x')]", "“Complete Address” cannot be searched"),
    ("[('color', '=', 'abc')]", "“Color Index” cannot be compared with “abc”"),
    ("[('color', 'in', [1, 'abc'])]", "“Color Index” .*abc"),
    ("[('create_date', '>=', 'abc')]", "“Created on” .*“abc”"),
    ("[('create_date', '>=', 'today -7x')]", "“Created on” .*“today -7x”"),
    ("[('create_date', '=', True)]", "“Created on” .*“True”"),
    ("[('create_date.decade', '=', 1)]", "“Created on” .*“1”"),
    ("[('partner_latitude', '>', 'abc')]", "“Geo Latitude” .*“abc”"),
    ("[('name', '=', ['a'])]", "“Name” .*“\\['a'\\]”"),
    ("[('name', 'in', [['a']])]", "“Name” .*“\\[\\['a'\\]\\]”"),
    ("[('name', 'sounds like', 'x')]", "“Name” cannot be compared by “sounds like”"),
    ("[('name', 'child_of', 1)]", "“Name” cannot be compared with “1”"),
    ("[('name', 'ilike', '\\x00')]", "“Name” cannot be compared"),
    ("[('id', 'in', 'abc')]", "“ID” cannot be compared with “abc”"),
    ("[('is_blacklisted', '=', 'abc')]", "“Blacklist” cannot be compared with “abc”"),
    ("[('parent_id', '=', True)]", "“Related Company” .*“True”"),
    ("[('parent_id', '>', 'abc')]", "“Related Company” .*“abc”"),
    ("[('parent_id', 'any', 5)]", "“Related Company” .*“5”"),
    ("[('parent_id', 'any', [('color', '=', 'abc')])]", "“Color Index” .*“abc”"),
    ("[('parent_id', 'any', [('gone', '=', 1)])]", "“Contact” has no field “gone”"),
    ("[('parent_id.gone', '=', 1)]", "“Contact” has no field “gone”"),
    ("[('parent_id.color', '=', 'abc')]", "“Related Company > Color Index” .*“abc”"),
    ("['|', ('name', '=', 'x'), '!', ('color', '=', 'abc')]", "“Color Index” .*“abc”"),
    ("[('parent_id.is_company', '=', 'abc')]", "Is a Company” .*“abc”"),
    ("[('image_1920', '=', 'abc')]", "“Image” .*“abc”"),
    ("[('name', '=', b'abc')]", "“Name” cannot be compared"),
    ("[('name', 'in', [1j])]", "“Name” cannot be compared"),
    ("[('name', '=', '\\ud800')]", "“Name” cannot be compared with “\\?”"),
    ("True", "no list of conditions with fixed values"),
    ("[('name', '=', uid)]", "no list of conditions with fixed values"),
    ("nonsense()", "no list of conditions with fixed values"),
    ("['|', ('name', '=', 'x')]", "no list of conditions"),
    ("(" * 5000, "nested too deeply|no list of conditions"),
    (str(["!"] * 9 + [("gone", "=", 1)]), "“Contact” has no field “gone”"),
]
# What only programmers understand.
PYTHON = r"<|0x|Domain|convert|Error|invalid|literal|SQL|condition \(|Traceback|res\.partner"


@tagged("post_install", "-at_install")
class TestFilters(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.activity = cls.create_activity(cls.campaign, "action", delay="0 hours", name="Step")

    def assertRefused(self, record, values, message):
        with self.assertRaises(ValidationError) as refusal:
            record.write(values)
        self.assertRegex(str(refusal.exception), message)
        self.assertNotRegex(str(refusal.exception), PYTHON)
        self.assertLess(len(str(refusal.exception)), 400)
        record.invalidate_recordset(flush=False)

    def test_of_a_campaign(self):
        for domain, message in UNUSABLE:
            with self.subTest(domain=domain[:60]):
                self.assertRefused(self.campaign, {"domain": domain}, f"“Campaign”.*({message})")

    def test_of_a_step(self):
        for domain, message in UNUSABLE:
            with self.subTest(domain=domain[:60]):
                self.assertRefused(
                    self.activity, {"activity_domain": domain}, f"“Step”.*({message})"
                )

    def test_of_a_campaign_on_mailing_contacts(self):
        """It reads the mailing lists out of its filter before that is checked."""
        campaign = self.create_campaign(model_id=self.env["ir.model"]._get_id("mailing.contact"))
        for domain in (
            "[('list_ids', 'any', 5)]",
            "[('list_ids', 'in', [[1]])]",
            "[('list_ids', '>', 'abc')]",
            "[('list_ids', 'any', [('gone', '=', 1)])]",
        ):
            with self.subTest(domain=domain):
                self.assertRefused(campaign, {"domain": domain}, "cannot be used: “Mailing List")

    def test_nested_deeply(self):
        nested = [("name", "=", "x")]
        for _level in range(300):
            nested = [("parent_id", "any", nested)]
        self.assertRefused(self.campaign, {"domain": str(nested)}, "“Campaign”.*too (many|deep)")

    def test_favorite_filter(self):
        favorite = self.env["mailing.filter"].create(
            {"name": "Hot", "mailing_model_id": self.campaign.model_id.id, "mailing_domain": "[]"}
        )
        self.env.cr.execute(
            "UPDATE mailing_filter SET mailing_domain = %s WHERE id = %s",
            ["[('color', '=', 'abc')]", favorite.id],
        )
        favorite.invalidate_recordset()
        self.assertRefused(
            self.campaign, {"mailing_filter_id": favorite.id}, "“Color Index” .*“abc”"
        )

    def test_usable(self):
        for domain in (
            "[]",
            "",
            "[('create_date', '>=', 'today -7d')]",
            "[('create_date.month_number', '=', 5)]",
            "[('category_id', 'ilike', 'abc')]",
            "[('category_id.name', 'in', ['a', 'b'])]",
            "[('parent_id', '=', False), ('is_blacklisted', '=', False)]",
            "[('parent_id', 'not any', [('color', 'in', [1, 2])])]",
            "[('id', 'child_of', [1])]",
        ):
            with self.subTest(domain=domain):
                self.campaign.domain = domain
                self.activity.activity_domain = domain

    def test_with_the_rights_of_who_asks(self):
        """A field that one may not read says nothing about itself."""
        user = mail_new_test_user(self.env, login="asker", groups=",".join(USER_GROUPS))
        campaign = self.create_campaign(self.contacts, user_id=user.id).with_user(user)
        self.patch(
            self.env.registry["res.partner"]._fields["function"], "groups", "base.group_system"
        )
        self.assertRefused(campaign, {"domain": "[('function', '=', 'x')]"}, "may not be read by")

    def test_search_is_planned_and_not_run(self):
        """So its cost does not depend on the number of records."""
        statements = []
        execute = type(self.cr).execute

        def note(cr, query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.cr), "execute", note):
            self.campaign._check_filter("[('name', 'ilike', 'x')]")
        [search] = [text for text in statements if "ilike" in text.lower()]
        self.assertTrue(search.startswith("EXPLAIN"))

    def _break(self, domain):
        """As an update of another addon, that makes a field another one, does."""
        self.env.cr.execute(
            "UPDATE marketing_campaign SET domain = %s WHERE id = %s", [domain, self.campaign.id]
        )
        self.env.invalidate_all()

    def test_start(self):
        for domain, message in (UNUSABLE[0], UNUSABLE[1]):
            self._break(domain)
            with self.assertRaises(UserError) as refusal:
                self.campaign.action_start_campaign()
            self.assertRegex(str(refusal.exception), message)
            self.assertNotRegex(str(refusal.exception), PYTHON)
            self.env.invalidate_all()

    def test_broken_ones_keep_nobody_from_looking(self):
        """Nor from picking another record for a test."""
        for domain, _message in UNUSABLE:
            if "\\x00" in domain:
                continue
            with self.subTest(domain=domain[:60]):
                self._break(domain)
                wizard = self.env["marketing.campaign.test"].create(
                    {"campaign_id": self.campaign.id}
                )
                self.assertTrue(wizard.res_id)
                self.assertEqual(self.activity.get_matching_count(), 0)
                with self.assertRaises(UserError) as refusal:
                    self.activity.action_view_matching_records()
                self.assertNotRegex(str(refusal.exception), PYTHON)

    @mute_logger("odoo.sql_db")
    def test_form_of_a_campaign_on_mailing_contacts(self):
        """The mailing lists are looked up while the filter is being written."""
        with Form(self.env["marketing.campaign"]) as form:
            form.model_id = self.env["ir.model"]._get("mailing.contact")
            for domain in (
                "[('list_ids.id', '=', 'abc')]",
                "[('list_ids', '>', 1)]",
                "[('list_ids', '=', True)]",
                "[('subscription_ids.list_id', 'any', [('id', '=', 'abc')])]",
            ):
                form.domain = domain
                self.assertFalse(form.mailing_list_ids)
            form.domain = "[]"
            form.name = "Campaign"

    @mute_logger("odoo.addons.marketing_automation.models.engine.enrol")
    @mute_logger("odoo.sql_db")
    def test_breaks_while_running(self):
        self.campaign.action_start_campaign()
        self._break(UNUSABLE[0][0])
        self.run_jobs()
        self.assertRegex(self.campaign.activity_ids.note, UNUSABLE[0][1])
        self.assertFalse(self.campaign.participant_ids)
        self.campaign.domain = str([("id", "in", self.contacts.ids)])
        self.run_jobs()
        self.assertEqual(self.campaign.completed_participant_count, 2)

    @mute_logger("odoo.addons.marketing_automation.models.engine.run")
    @mute_logger("odoo.sql_db")
    def test_filter_of_a_step_breaks_while_running(self):
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.env.cr.execute(
            "UPDATE marketing_activity SET activity_domain = %s WHERE id = %s",
            [UNUSABLE[1][0], self.activity.id],
        )
        self.env.invalidate_all()
        self.run_jobs()
        self.assertRegex(self.campaign.activity_ids.note, f"“Step”.*{UNUSABLE[1][1]}")
        self.assertEqual(set(self.activity.trace_ids.mapped("state")), {"scheduled"})
