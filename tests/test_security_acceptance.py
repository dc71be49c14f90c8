"""Who is named responsible agrees first; what others write into a campaign stays theirs.

The *author* builds campaigns and names the *colleague*, who has the same groups, but private
conversations of their own.
"""

import json

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import MarketingAutomationMixin
from .test_security_back_doors import USER, BackDoorsCase


class AcceptanceCase(BackDoorsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = f"base.group_user,base.group_partner_manager,{USER}"
        cls.author = mail_new_test_user(
            cls.env, login="author", name="Author", email="author@example.com", groups=groups
        )
        cls.colleague = mail_new_test_user(
            cls.env, login="colleague", name="Colleague", email="c@example.com", groups=groups
        )
        cls.campaign = cls.build()

    @classmethod
    def build(cls, **vals):
        """A campaign of the author, with a step."""
        campaign = (
            cls.env["marketing.campaign"]
            .with_user(cls.author)
            .create({"name": "Theirs", "domain": str([("id", "=", cls.contact.id)]), **vals})
        )
        cls.env["marketing.activity"].with_user(cls.author).create(
            {
                "name": "Touch",
                "campaign_id": campaign.id,
                "activity_type": "action",
                "server_action_id": cls.create_server_action().id,
            }
        )
        return cls.env["marketing.campaign"].browse(campaign.id)

    def call(self, user, records, method, *args, **kwargs):
        result = self.rpc(records, method, *args, user=user, **kwargs)
        self.env.invalidate_all()
        return result

    def name_colleague(self):
        self.call(self.author, self.campaign, "write", {"user_id": self.colleague.id})

    def accept(self):
        self.call(self.colleague, self.campaign, "action_accept")

    def start(self, user=None):
        self.call(user or self.author, self.campaign, "action_start_campaign")
        self.run_jobs()

    def promote(self, user, group="sales_team.group_sale_salesman_all_leads"):
        user.group_ids += self.env.ref(group)
        self.env.invalidate_all()

    def requests(self):
        kind = self.env.ref("marketing_automation.mail_activity_type_accept")
        return self.campaign.activity_ids.filtered(lambda task: task.activity_type_id == kind)

    def set_filter(self, user, domain, campaign=None):
        self.call(user, campaign or self.campaign, "write", {"domain": str(domain)})

    def talk(self, user, word):
        """A private conversation of the user with the contact."""
        channel = self.env["discuss.channel"].create(
            {
                "name": "Private",
                "channel_type": "group",
                "channel_member_ids": [
                    fields.Command.create({"partner_id": partner.id})
                    for partner in user.partner_id + self.contact
                ],
            }
        )
        channel.message_post(body=word, message_type="comment")
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestAccepting(AcceptanceCase):
    def test_01_own_campaign(self):
        self.assertEqual(self.campaign.accepted_user_id, self.author)
        self.assertFalse(self.campaign.acceptance_request)
        self.start()
        self.assertEqual(self.campaign.participant_ids.state, "completed")

    def test_02_colleague_is_asked(self):
        self.name_colleague()
        self.assertFalse(self.campaign.accepted_user_id)
        self.assertEqual(self.requests().user_id, self.colleague)
        self.assertRefused(
            self.campaign,
            "action_start_campaign",
            user=self.author,
            error=UserError,
            regex="waits for Colleague to accept",
        )
        theirs, mine = (
            self.campaign.with_user(user).acceptance_request
            for user in (self.author, self.colleague)
        )
        self.assertIn("waits for Colleague", theirs)
        self.assertIn("You are asked", mine)
        self.assertFalse(self.campaign.with_user(self.author).can_accept)
        self.assertTrue(self.campaign.with_user(self.colleague).can_accept)
        self.accept()
        self.assertFalse(self.requests())
        self.assertFalse(self.campaign.with_user(self.colleague).acceptance_request)
        self.start()
        self.assertTrue(self.campaign.participant_ids)

    def test_03_only_the_responsible_accepts(self):
        self.name_colleague()
        for user in self.author, self.boss, self.attacker:
            self.assertRefused(
                self.campaign, "action_accept", user=user, error=UserError, regex="Only Colleague"
            )
        employee = mail_new_test_user(self.env, login="employee", groups="base.group_user")
        self.assertRefused(self.campaign, "action_accept", user=employee)

    def test_04_nobody_writes_that_it_was_accepted(self):
        self.name_colleague()
        for values in (
            {"accepted_user_id": self.colleague.id},
            {"acceptance_date": "2025-01-01 00:00:00"},
            {"accepted_groups": [1]},
            {"editor_id": self.colleague.id},
            {"filter_user_id": self.colleague.id},
        ):
            for user in self.author, self.colleague, self.boss:
                self.assertRefused(
                    self.campaign, "write", values, user=user, error=(AccessError, UserError)
                )
        step = self.campaign.marketing_activity_ids
        self.assertRefused(step, "write", {"filter_user_id": self.colleague.id}, user=self.author)

    def test_05_nor_creates_or_copies_it_accepted(self):
        values = {
            "name": "New",
            "user_id": self.colleague.id,
            "accepted_user_id": self.colleague.id,
            "acceptance_date": "2025-01-01 00:00:00",
            "editor_id": self.boss.id,
            "filter_user_id": self.colleague.id,
        }
        context = {f"default_{name}": value for name, value in values.items()}
        for vals, keys in ((values, {}), ({"name": "New"}, context)):
            new = self.campaign.browse(
                self.call(self.author, self.campaign.browse(), "create", [vals], context=keys)
            )
            self.assertEqual(new.user_id, self.colleague)
            self.assertFalse(new.accepted_user_id)
            self.assertEqual(new.editor_id, self.author)
            self.assertEqual(new.filter_user_id, self.author)
        copy = self.campaign.browse(
            self.call(self.author, self.campaign, "copy", {"user_id": self.colleague.id})
        )
        self.assertFalse(copy.accepted_user_id)
        self.accept_named_copy(copy)

    def accept_named_copy(self, copy):
        self.call(self.colleague, copy, "action_accept")
        self.assertEqual(copy.accepted_user_id, self.colleague)

    def test_06_utm_campaign(self):
        utm = self.campaign.utm_campaign_id
        self.call(self.author, utm, "write", {"user_id": self.colleague.id})
        self.assertFalse(self.campaign.accepted_user_id)
        self.assertEqual(self.requests().user_id, self.colleague)

    def test_07_administrator_names_whom_they_like(self):
        self.call(self.boss, self.campaign, "write", {"user_id": self.colleague.id})
        self.assertEqual(self.campaign.accepted_user_id, self.colleague)
        self.assertFalse(self.requests())

    def test_08_naming_oneself(self):
        self.call(self.colleague, self.campaign, "write", {"user_id": self.colleague.id})
        self.assertEqual(self.campaign.accepted_user_id, self.colleague)
        self.assertEqual(self.campaign.editor_id, self.colleague)
        self.assertEqual(self.campaign.marketing_activity_ids.filter_user_id, self.colleague)

    def test_09_naming_another_one_and_back(self):
        self.name_colleague()
        self.accept()
        self.call(self.author, self.campaign, "write", {"user_id": self.author.id})
        self.assertFalse(self.requests())
        self.name_colleague()
        self.assertFalse(self.campaign.accepted_user_id)
        self.assertEqual(len(self.requests()), 1)
        self.call(self.author, self.campaign, "write", {"user_id": self.author.id})
        self.assertFalse(self.requests())

    def test_10_running_campaign_waits(self):
        self.start()
        self.name_colleague()
        self.set_filter(self.author, [("id", "in", (self.contact + self.other).ids)])
        self.run_jobs()
        self.assertEqual(len(self.campaign.participant_ids), 1)
        self.assertEqual(len(self.campaign.activity_ids), 1, "The request is all that they get.")
        self.accept()
        self.run_jobs()
        self.assertEqual(len(self.campaign.participant_ids), 2)
        self.assertEqual(self.campaign.state, "running")

    def test_11_no_test_before(self):
        self.name_colleague()
        wizard = self.env["marketing.campaign.test"].with_user(self.author)
        wizard = wizard.create({"campaign_id": self.campaign.id, "res_id": self.contact.id})
        wizard.action_launch_test()
        trace = self.campaign.participant_ids.trace_ids
        self.assertRefused(
            trace, "action_execute", user=self.author, error=UserError, regex="waits for Colleague"
        )

    def test_12_done_is_not_accepted(self):
        """A task that one ticks off may say anything."""
        self.name_colleague()
        self.call(self.colleague, self.requests(), "action_feedback")
        self.assertFalse(self.campaign.accepted_user_id)

    def test_13_copy_is_ones_own(self):
        copy = self.campaign.browse(self.call(self.colleague, self.campaign, "copy"))
        self.assertEqual(copy.user_id, self.colleague)
        self.assertEqual(copy.accepted_user_id, self.colleague)
        self.assertEqual(copy.marketing_activity_ids.filter_user_id, self.colleague)

    def test_15_problems_of_an_accepted_campaign(self):
        """They can be read by all who can read the campaign."""
        self.name_colleague()
        self.accept()
        self.campaign.marketing_activity_ids.server_action_id = False
        self.env.invalidate_all()
        for user in self.author, self.colleague, self.attacker:
            [values] = self.call(user, self.campaign, "read", ["problem_list"])
            self.assertIn("choose a server action", values["problem_list"][0]["message"])

    def test_14_form(self):
        self.name_colleague()
        form = Form(self.campaign.with_user(self.colleague))
        self.assertTrue(form.can_accept)
        self.assertIn("You are asked", form.acceptance_request)


@tagged("post_install", "-at_install")
class TestEyes(AcceptanceCase):
    """What a filter finds depends on nothing that its author may not see."""

    DOMAIN = [("channel_ids.message_ids.body", "like", "merger")]

    def found(self):
        self.run_jobs()
        self.env.invalidate_all()
        return set(self.campaign.participant_ids.mapped("res_id"))

    def test_21_private_conversations_of_the_responsible(self):
        self.talk(self.colleague, "merger")
        # With a conversation of their own, the author would learn that there are two.
        for domain in self.DOMAIN, ["!", ("channel_ids.message_ids.body", "like", "mergers")]:
            with self.subTest(domain):
                self.set_filter(self.author, [("id", "=", self.contact.id), *domain])
                self.name_colleague()
                self.accept()
                expected = self.campaign.with_user(self.author).env["res.partner"]
                expected = expected.search([("id", "=", self.contact.id), *domain]).ids
                self.call(self.author, self.campaign, "action_start_campaign")
                self.assertEqual(self.found(), set(expected))

    def test_22_negation(self):
        """Who is left out tells as much."""
        self.name_colleague()
        self.accept()
        ids = (self.contact + self.other).ids
        self.set_filter(self.author, [("id", "in", ids), "!", *self.DOMAIN])
        self.talk(self.colleague, "merger")
        self.call(self.author, self.campaign, "action_start_campaign")
        self.assertEqual(self.found(), set(ids))

    def test_23_conversation_of_both(self):
        """The author cannot make their own answer depend on the other's."""
        self.name_colleague()
        self.accept()
        self.set_filter(self.author, [("id", "=", self.contact.id), *self.DOMAIN])
        self.talk(self.author, "merger")
        self.call(self.author, self.campaign, "action_start_campaign")
        self.assertEqual(self.found(), {self.contact.id})

    def test_24_filter_of_an_activity(self):
        step = self.campaign.marketing_activity_ids
        self.name_colleague()
        self.accept()
        self.call(self.author, step, "write", {"activity_domain": str(self.DOMAIN)})
        self.talk(self.colleague, "merger")
        self.start()
        self.assertEqual(step.trace_ids.state, "rejected")

    def test_25_own_filter_that_somebody_else_left_as_it_is(self):
        """Mending a text makes the filter neither theirs, nor its answer."""
        self.call(self.colleague, self.campaign, "write", {"user_id": self.colleague.id})
        self.set_filter(self.colleague, [("id", "=", self.contact.id), *self.DOMAIN])
        self.talk(self.colleague, "merger")
        step = self.campaign.marketing_activity_ids
        self.call(self.author, step, "write", {"name": "Renamed"})
        self.assertEqual(self.campaign.editor_id, self.author)
        self.assertEqual(self.campaign.filter_user_id, self.colleague)
        self.call(self.colleague, self.campaign, "action_start_campaign")
        self.assertEqual(self.found(), {self.contact.id})

    def test_26_what_the_responsible_may_not_read(self):
        """An author with more rights gives none away."""
        self.promote(self.author)
        domain = [("opportunity_ids.expected_revenue", ">", 100)]
        self.call(self.colleague, self.campaign, "write", {"user_id": self.colleague.id})
        self.set_filter(self.author, domain)
        self.env["crm.lead"].create(
            {"name": "Deal", "partner_id": self.contact.id, "expected_revenue": 1000}
        )
        with mute_logger("odoo.addons.marketing_automation.models.engine.enrol"):
            try:
                self.call(self.colleague, self.campaign, "action_start_campaign")
            except UserError:
                return
            self.assertEqual(self.found(), set())

    def test_27_usual_case_costs_nothing(self):
        """Where one person has made it all, it is searched as before."""
        self.env.invalidate_all()
        campaign = self.campaign.sudo()
        domain = campaign._get_domain()
        self.assertEqual(campaign._get_searched_domain(), domain)
        step = campaign.marketing_activity_ids
        self.assertEqual(step._get_searched_domain(), step._get_applied_domain())


@tagged("post_install", "-at_install")
class TestPromotion(AcceptanceCase):
    """New groups of the responsible are not for what others wrote."""

    def assertWaits(self, regex="accept it as it is"):
        self.env.invalidate_all()
        self.assertRegex("\n".join(self.campaign._get_problems()), regex)

    def assertGoesOn(self):
        self.env.invalidate_all()
        self.assertEqual(self.campaign._get_problems(), [])

    def test_41_after_the_acceptance(self):
        self.name_colleague()
        self.accept()
        self.start()
        self.assertGoesOn()
        self.promote(self.colleague)
        self.assertWaits()
        self.set_filter(self.colleague, [])
        # Now it is the responsible's own.
        self.assertGoesOn()

    def test_42_new_acceptance(self):
        self.name_colleague()
        self.accept()
        self.start()
        self.promote(self.colleague)
        self.run_jobs()
        self.assertEqual(self.requests().user_id, self.colleague)
        self.assertTrue(self.campaign.with_user(self.colleague).can_accept)
        self.accept()
        self.assertGoesOn()
        self.assertFalse(self.requests())

    def test_48_new_company(self):
        """A company is as much of a right as a group."""
        first, second, third = self.env["res.company"].create(
            [{"name": name} for name in ("First", "Second", "Third")]
        )
        for user in self.author, self.colleague:
            user.company_ids |= first + second
        self.name_colleague()
        self.accept()
        self.assertGoesOn()
        self.colleague.company_ids |= third
        self.assertWaits()
        self.author.company_ids |= third
        self.assertGoesOn()

    def test_43_group_that_the_author_has_too(self):
        """It gives the author nothing."""
        self.name_colleague()
        self.accept()
        self.promote(self.author)
        self.promote(self.colleague)
        self.assertGoesOn()

    def test_44_own_campaign(self):
        """What one has made oneself one may do with all one's rights."""
        self.promote(self.author)
        self.assertGoesOn()

    def test_45_author_who_loses_rights(self):
        self.call(self.colleague, self.campaign, "write", {"user_id": self.colleague.id})
        step = self.campaign.marketing_activity_ids
        self.call(self.author, step, "write", {"name": "Renamed"})
        self.assertGoesOn()
        self.author.group_ids -= self.env.ref("base.group_partner_manager")
        self.assertWaits()
        self.accept()
        self.assertGoesOn()

    def test_46_author_who_leaves(self):
        """Campaigns do not stop because somebody has left."""
        self.name_colleague()
        self.accept()
        self.author.active = False
        self.assertGoesOn()

    def test_47_change_by_an_administrator(self):
        self.name_colleague()
        self.accept()
        self.set_filter(self.boss, [])
        self.promote(self.colleague)
        self.assertGoesOn()


@tagged("post_install", "-at_install")
class TestContents(AcceptanceCase):
    """Who has changed what is noted wherever it is changed."""

    CODE = "{{ object.env.user.login }}@example.com"

    def setUp(self):
        super().setUp()
        self.mail = self.create_activity(self.campaign, delay="0 hours")
        self.mailing = self.mail.mass_mailing_id
        self.call(self.colleague, self.campaign, "write", {"user_id": self.colleague.id})

    def change(self, records, method, *args):
        self.call(self.colleague, self.campaign, "action_accept")
        self.campaign.editor_id = self.colleague
        self.call(self.author, records, method, *args)
        self.assertEqual(self.campaign.editor_id, self.author, (records, args))
        self.assertFalse(self.campaign.acceptance_date)

    def test_51_all_ways(self):
        action = self.create_server_action()
        self.change(self.mailing, "write", {"subject": "New"})
        self.change(self.mailing, "write", {"body_html": "<p>New</p>"})
        self.change(self.campaign, "write", {"domain": "[]"})
        self.change(self.campaign, "write", {"include_archived": True})
        step = self.campaign.marketing_activity_ids - self.mail
        self.change(step, "write", {"server_action_id": action.id})
        self.change(step, "write", {"activity_domain": "[('id', '>', 0)]"})
        self.change(step, "unlink")
        file = self.env["ir.attachment"].create(
            {"name": "x", "raw": b"x", "res_model": "mailing.mailing", "res_id": self.mailing.id}
        )
        self.change(file, "write", {"raw": b"y"})
        self.change(self.mail, "copy")

    def test_52_what_is_no_change(self):
        for records, values in (
            (self.campaign, {"color": 2}),
            (self.campaign, {"state": "stopped"}),
            (self.campaign, {"name": "Other"}),
            (self.mailing, {"color": 2}),
        ):
            self.call(self.author, records, "write", values)
        self.assertEqual(self.campaign.editor_id, self.colleague)

    def test_53_running_it_changes_nothing(self):
        """Messages are composed as the responsible; that is not to have written them."""
        self.change(self.mailing, "write", {"subject": "New"})
        self.call(self.author, self.campaign, "action_start_campaign")
        self.run_jobs()
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()
        self.assertTrue(self.mail.trace_ids.mailing_trace_ids)
        self.assertEqual(self.campaign.editor_id, self.author)

    def test_54_code_of_somebody_else(self):
        """It would send the author what the responsible may read."""
        editors = self.env.ref("mail.group_mail_template_editor")
        for user in self.author, self.colleague:
            user.group_ids += editors
        self.change(
            self.mailing,
            "write",
            {"body_html": "<p><t t-out=\"object.env['discuss.channel'].search([])\"/></p>"},
        )
        self.assertIn("must accept", "\n".join(self.campaign._get_problems()))
        self.call(self.colleague, self.campaign, "action_accept")
        self.assertEqual(self.campaign._get_problems(), [])

    def test_55_code_in_an_address(self):
        """The composer fills in the sender and the address for replies, too."""
        editors = self.env.ref("mail.group_mail_template_editor")
        for user in self.author, self.colleague:
            user.group_ids += editors
        for values in {"email_from": self.CODE}, {"reply_to_mode": "new", "reply_to": self.CODE}:
            with self.subTest(values):
                self.change(self.mailing, "write", values)
                self.assertIn("must accept", "\n".join(self.campaign._get_problems()))
                self.mailing.write({"email_from": "x@example.com", "reply_to": False})

    def test_56_code_in_an_address_of_no_template_editor(self):
        self.env.ref("base.group_user").implied_ids -= self.env.ref(
            "mail.group_mail_template_editor"
        )
        self.mailing.email_from = self.CODE
        self.assertRegex(self.mail._get_problems()[0], "only a Mail Template Editor")


@tagged("post_install", "-at_install")
class TestAcceptingOverHttp(MarketingAutomationMixin, HttpCase):
    """The way of clients: JSON-2 with keys of two users."""

    def post(self, user, model, method, **arguments):
        expiry = fields.Datetime.add(fields.Datetime.now(), hours=1)
        key = self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "key", expiry)
        self.env.flush_all()
        with mute_logger("odoo.http"):
            response = self.url_open(
                f"/json/2/{model}/{method}",
                data=json.dumps(arguments),
                headers={
                    "Content-Type": "application/json",
                    "X-Odoo-Database": get_db_name(),
                    "Authorization": f"bearer {key}",
                },
            )
        self.env.invalidate_all()
        return response

    def test_naming_accepting_starting(self):
        groups = "base.group_user,base.group_partner_manager," + USER
        other = mail_new_test_user(self.env, login="other", name="Other", groups=groups)
        campaign = self.create_campaign(self.create_contacts(1))
        self.create_activity(campaign)
        ids = campaign.ids
        model = "marketing.campaign"
        named = self.post(self.responsible, model, "write", ids=ids, vals={"user_id": other.id})
        self.assertEqual(named.status_code, 200, named.text)
        refused = self.post(self.responsible, model, "action_start_campaign", ids=ids)
        self.assertEqual(refused.status_code, 422, refused.text)
        self.assertIn("waits for Other", refused.json()["message"])
        refused = self.post(self.responsible, model, "action_accept", ids=ids)
        self.assertEqual(refused.status_code, 403, refused.text)
        accepted = self.post(other, model, "action_accept", ids=ids)
        self.assertEqual((accepted.status_code, accepted.json()), (200, True))
        started = self.post(self.responsible, model, "action_start_campaign", ids=ids)
        self.assertEqual(started.status_code, 200, started.text)
        self.assertEqual(campaign.state, "running")
