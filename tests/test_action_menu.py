"""Records are added to campaigns, and removed, by the action menus of lists and forms."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import MarketingAutomationCase

ADD, REMOVE = "Add to a Campaign", "Remove from a Campaign"


class ActionMenuCase(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(5)
        cls.campaign = cls.create_campaign(
            domain="[('name', '!=', 'Contact 4')]",
            name="By hand",
            entry_ids=[(0, 0, {"entry_type": "manual"})],
        )
        cls.create_activity(cls.campaign, "action", delay="1 days")

    def setUp(self):
        super().setUp()
        self.env = self.env(user=self.responsible)
        self.campaign = self.campaign.with_env(self.env)

    def menu(self, model_name="res.partner", view_type="list"):
        views = self.env[model_name].get_views([(False, view_type)], {"toolbar": True})
        actions = views["views"][view_type]["toolbar"].get("action", [])
        return [action["name"] for action in actions if action["name"] in (ADD, REMOVE)]

    def selected(self, records, **context):
        return {"active_model": records._name, "active_ids": records.ids, **context}

    def dialog(self, records, model="marketing.campaign.enrol", **context):
        return Form(self.env[model].with_context(**self.selected(records, **context)))


@tagged("post_install", "-at_install")
class TestMenu(ActionMenuCase):
    """It shows where there is something to be done, and to those who may do it."""

    def test_only_while_the_campaign_runs(self):
        self.assertEqual(self.menu(), [])
        self.campaign.action_start_campaign()
        for view_type in ("list", "kanban", "form"):
            self.assertEqual(self.menu(view_type=view_type), [ADD])
        self.assertEqual(self.menu("mailing.contact"), [])
        self.campaign.enrol(self.contacts[:1].ids)
        self.assertEqual(self.menu(), [ADD, REMOVE])
        self.campaign.action_stop_campaign()
        self.assertEqual(self.menu(), [REMOVE])

    def test_only_while_the_entry_is_open(self):
        self.campaign.action_start_campaign()
        self.campaign.entry_ids.active = False
        self.assertEqual(self.menu(), [])

    def test_only_for_marketing_users(self):
        self.campaign.action_start_campaign()
        self.env = self.env(
            user=mail_new_test_user(self.env(su=True), "plain", groups="base.group_user")
        )
        self.assertEqual(self.menu(), [])
        with self.assertRaises(AccessError):
            self.env["marketing.campaign.enrol"].create({"campaign_id": self.campaign.id})

    def test_only_who_may_operate(self):
        self.campaign.action_start_campaign()
        self.campaign.sudo().user_id = self.env.ref("base.user_admin")
        self.assertEqual(self.menu(), [])


@tagged("post_install", "-at_install")
class TestAdd(ActionMenuCase):
    """What the dialog says before is what then happens."""

    def setUp(self):
        super().setUp()
        self.campaign.action_start_campaign()
        self.campaign.enrol(self.contacts[:1].ids)

    def test_preview(self):
        dialog = self.dialog(self.contacts)
        self.assertEqual(dialog.campaign_id, self.campaign)
        self.assertEqual((dialog.admitted_count, dialog.record_count), (3, 5))
        self.assertEqual(dialog.admitted_text, "3 contacts")
        refusals = {refusal["text"]: refusal["count"] for refusal in dialog.refusals}
        self.assertEqual(
            refusals,
            {
                "It takes part already": 1,
                "The record does not match the campaign's filter": 1,
            },
        )
        self.assertEqual(len(self.campaign.participant_ids), 1)

    def test_add(self):
        action = self.dialog(self.contacts).save().action_enrol()
        self.assertEqual(action["params"]["message"], "Added to campaign “By hand”: 3 contacts.")
        participants = self.campaign.participant_ids
        self.assertEqual(len(participants), 4)
        self.assertEqual(participants.entry_id, self.campaign.entry_ids)
        with self.assertRaisesRegex(UserError, "By hand"):
            self.dialog(self.contacts).save().action_enrol()

    def test_everything_is_selected(self):
        """The web client hands over no more than so many ids, but the domain of the list."""
        self.env["ir.config_parameter"].sudo().set_param("web.active_ids_limit", "2")
        domain = [("id", "in", self.contacts.ids)]
        dialog = self.dialog(self.contacts[:2], active_domain=domain)
        self.assertEqual((dialog.admitted_count, dialog.record_count), (3, 5))

    def test_some_of_a_list_are_selected(self):
        domain = [("id", "in", self.contacts.ids)]
        dialog = self.dialog(self.contacts[1:3], active_domain=domain)
        self.assertEqual((dialog.admitted_count, dialog.record_count), (2, 2))

    def test_archived_record(self):
        self.contacts[1].active = False
        dialog = self.dialog(self.contacts[1])
        self.assertEqual((dialog.admitted_count, dialog.record_count), (0, 1))

    def test_several_campaigns(self):
        other = self.campaign.copy({"name": "Other"})
        other.action_start_campaign()
        dialog = self.dialog(self.contacts)
        self.assertFalse(dialog.campaign_id)
        self.assertEqual(dialog.admitted_count, 0)
        dialog.campaign_id = other
        self.assertEqual(dialog.admitted_count, 4)

    def test_campaign_that_has_stopped(self):
        dialog = self.dialog(self.contacts)
        self.campaign.action_stop_campaign()
        self.assertFalse(self.dialog(self.contacts).campaign_id)
        with self.assertRaisesRegex(UserError, "does not run"):
            dialog.save().action_enrol()

    def test_entry_that_was_closed(self):
        dialog = self.dialog(self.contacts)
        self.campaign.entry_ids.active = False
        with self.assertRaisesRegex(UserError, "lets nobody in by hand"):
            dialog.save().action_enrol()

    def test_records_that_the_user_may_not_read(self):
        """They are not counted, whatever a client says."""
        self.env["ir.rule"].sudo().create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.contacts[1].id})]",
            }
        )
        domain = str([("id", "in", self.contacts.ids)])
        wizard = self.selection("res.partner", domain)
        self.assertEqual((wizard.admitted_count, wizard.record_count), (2, 4))

    def test_nothing_is_selected(self):
        wizard = self.selection("res.partner", "")
        self.assertEqual((wizard.admitted_count, wizard.record_count), (0, 0))

    def test_records_that_nobody_can_search_for(self):
        """What no list hands over, is told in a sentence."""
        for model_name, domain in (
            ("res.partner", "["),
            ("res.partner", "[('nothing', '=', 1)]"),
            ("res.partner", "[('name', '=', uid)]"),
            ("res.partner", "[('create_date', '>', 'soon')]"),
            ("res.partner", "[('name', 'any', [('name', '=', 'x')])]"),
        ):
            with self.subTest(domain), self.assertRaisesRegex(UserError, "select others"):
                self.selection(model_name, domain).action_enrol()
        for model_name in ("mail.thread", "ir.rule", "nothing", "", False):
            with self.subTest(model_name):
                wizard = self.selection(model_name, "[]")
                self.assertEqual((wizard.admitted_count, wizard.record_count), (0, 0))
        for dialog in ("marketing.campaign.enrol", "marketing.campaign.exit"):
            with self.subTest(dialog):
                values = {"model_name": "\0", "record_domain": "[]"}
                answer = self.env[dialog].onchange(values, [], {"record_count": {}})
                self.assertEqual(answer["value"]["record_count"], 0)

    def selection(self, model_name, domain):
        """The dialog as a client may make it."""
        return self.env["marketing.campaign.enrol"].create(
            {
                "campaign_id": self.campaign.id,
                "model_name": model_name,
                "record_domain": domain,
            }
        )

    def test_cost(self):
        """Many are one enrolment."""
        many = self.create_contacts(500, email="many{i}@example.com")
        wizard = self.dialog(many).save()
        few = self.dialog(self.contacts[1:3]).save()
        self.env.invalidate_all()
        with self.assertQueryCount(marketer=60):
            few.action_enrol()
        self.env.invalidate_all()
        with self.assertQueryCount(marketer=60):
            wizard.action_enrol()
        self.assertEqual(len(self.campaign.participant_ids), 502)  # one is named Contact 4


@tagged("post_install", "-at_install")
class TestRemove(ActionMenuCase):
    def setUp(self):
        super().setUp()
        self.campaign.action_start_campaign()
        self.campaign.enrol(self.contacts[:3].ids)
        self.campaign.enrol(self.contacts[:1].ids, "order 1")

    def test_remove(self):
        dialog = self.dialog(self.contacts[:2], "marketing.campaign.exit")
        self.assertEqual(dialog.campaign_id, self.campaign)
        self.assertEqual(dialog.run_count, 3)
        dialog.save().action_exit()
        states = self.campaign.participant_ids.grouped("res_id")
        self.assertEqual(set(states[self.contacts[0].id].mapped("state")), {"exited"})
        self.assertEqual(states[self.contacts[0].id].mapped("exit_reason"), ["user"] * 2)
        self.assertEqual(states[self.contacts[2].id].state, "running")

    def test_nobody_is_under_way(self):
        dialog = self.dialog(self.contacts[3:], "marketing.campaign.exit")
        self.assertFalse(dialog.campaign_id)
        self.assertFalse(dialog.campaign_ids)
