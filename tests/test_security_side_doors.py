"""More ways around the rights: through what belongs to a campaign, and through other methods.

Besides the *attacker* and the *boss*, a *mailer* takes part: who may do Email Marketing, but no
Marketing Automation.
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import EMAIL_BODY, SMS_BODY
from .test_security_back_doors import BackDoorsCase


class SideDoorsCase(BackDoorsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailer = mail_new_test_user(
            cls.env, login="mailer", groups="base.group_user,mass_mailing.group_mass_mailing_user"
        )
        cls.employee = mail_new_test_user(cls.env, login="employee", groups="base.group_user")
        cls.mailing = cls.their_mail.mass_mailing_id

    def assertRefusedToBoth(self, records, method, *args, **kwargs):
        for user in self.mailer, self.attacker:
            self.assertRefused(records, method, *args, user=user, **kwargs)


@tagged("post_install", "-at_install")
class TestContent(SideDoorsCase):
    """What a running campaign of the boss sends."""

    def create_file(self, **vals):
        return self.env["ir.attachment"].create(
            {
                "name": "Offer",
                "raw": b"Offer",
                "res_model": "mailing.mailing",
                "res_id": self.mailing.id,
                **vals,
            }
        )

    def test_01_mailing(self):
        for values in (
            {"body_html": "<p>Send money</p>"},
            {"subject": "Send money"},
            {"email_from": "attacker@example.com"},
            {"mailing_domain": "[]"},
            {"use_in_marketing_automation": False},
            {"campaign_id": False},
            {"state": "in_queue"},
            {"schedule_type": "scheduled", "schedule_date": "2020-01-01 00:00:00"},
            {"marketing_activity_ids": [Command.clear()]},
        ):
            self.assertRefusedToBoth(self.mailing, "write", values)
        self.theirs.action_stop_campaign()
        self.assertRefusedToBoth(self.mailing, "unlink", regex="more than you")

    def test_02_sending_it_now(self):
        before = self.env["mail.mail"].sudo().search_count([])
        for method, *args in (
            ("action_send_mail", self.other.ids),
            ("action_send_sms", self.other.ids),
            ("action_launch",),
            ("action_schedule",),
            ("action_put_in_queue",),
        ):
            self.assertRefusedToBoth(self.mailing, method, *args, error=UserError)
        self.rpc(self.mailing, "action_retry_failed", user=self.mailer)
        self.run_cron("mass_mailing.ir_cron_mass_mailing_queue")
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    def test_03_attachment(self):
        file = self.create_file()
        self.mailing.attachment_ids = file
        for values in ({"raw": b"virus"}, {"name": "virus.exe"}, {"res_id": 0, "res_model": False}):
            self.assertRefusedToBoth(file, "write", values, regex="more than you")
        self.assertRefusedToBoth(file, "unlink", regex="more than you")
        self.assertEqual(file.raw, b"Offer")
        self.rpc(file, "write", {"raw": b"Better offer"}, user=self.boss)

    def test_04_attachment_of_nothing(self):
        """It was uploaded before the mailing was saved, and linked then."""
        file = self.create_file(res_model="mailing.mailing", res_id=0)
        self.mailing.attachment_ids = file
        self.assertRefusedToBoth(file, "write", {"raw": b"virus"})

    def test_05_where_links_lead(self):
        link = self.env["link.tracker"].search(
            [("mass_mailing_id", "=", self.mailing.id)], limit=1
        ) or self.env["link.tracker"].create(
            {"url": "https://www.example.com/offer", "mass_mailing_id": self.mailing.id}
        )
        url = link.url
        for values in ({"url": "https://evil.example.com"}, {"mass_mailing_id": False}):
            self.assertRefusedToBoth(link, "write", values, regex="more than you")
        self.assertRefusedToBoth(link, "unlink", regex="more than you")
        self.assertEqual(link.url, url)
        self.rpc(link, "write", {"url": "https://www.example.com/better"}, user=self.boss)

    def test_06_mailings_of_the_utm_campaign(self):
        command = Command.update(self.mailing.id, {"body_html": "<p>Send money</p>"})
        utm = self.theirs.utm_campaign_id
        self.assertRefusedToBoth(utm, "write", {"mailing_mail_ids": [command]})
        self.assertRefusedToBoth(utm, "write", {"mailing_mail_ids": [Command.clear()]})

    def test_07_ab_test_of_the_utm_campaign(self):
        """All employees may write UTM campaigns; Odoo's job sends the winner."""
        values = {
            "ab_testing_schedule_datetime": "2020-01-01 00:00:00",
            "ab_testing_winner_selection": "opened_ratio",
            "ab_testing_completed": False,
        }
        with mute_logger("odoo.addons.base.models.ir_model"):
            self.rpc(self.theirs.utm_campaign_id, "write", values, user=self.employee)
        before = self.env["mail.mail"].sudo().search_count([])
        mailings = self.env["mailing.mailing"].search_count([])
        self.run_cron("mass_mailing.ir_cron_mass_mailing_ab_testing")
        self.run_cron("mass_mailing.ir_cron_mass_mailing_queue")
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)
        self.assertEqual(self.env["mailing.mailing"].search_count([]), mailings)

    def test_08_activity_of_ones_own_with_their_mailing(self):
        values = {
            "name": "Mine",
            "campaign_id": self.own.id,
            "activity_type": "email",
            "mass_mailing_id": self.mailing.id,
        }
        self.assertRefused(self.their_mail.browse(), "create", [values], regex="more than you")
        self.assertEqual(self.mailing.campaign_id, self.theirs.utm_campaign_id)

    def test_09_copy_of_the_mailing_that_takes_the_activity(self):
        default = {"marketing_activity_ids": [Command.set(self.their_mail.ids)]}
        self.assertRefusedToBoth(self.mailing, "copy", default)
        self.assertEqual(self.their_mail.mass_mailing_id, self.mailing)

    def test_10_message_that_is_queued(self):
        mail = self.their_trace.mailing_trace_ids.mail_mail_id
        self.assertTrue(mail)
        self.assertRefusedToBoth(mail, "write", {"body_html": "<p>Send money</p>"})
        self.assertRefusedToBoth(mail.mail_message_id, "write", {"body": "<p>Send money</p>"})

    def test_11_participants_who_would_begin_anew(self):
        """Even administrators of the app do not delete those of the boss."""
        admin = mail_new_test_user(
            self.env,
            login="app_admin",
            groups="base.group_user,marketing_automation.group_marketing_automation_admin",
        )
        participant = self.their_trace.participant_id
        self.assertRefused(participant, "unlink", user=admin, regex="more than you")
        self.assertRefused(participant, "unlink", user=self.attacker)
        self.rpc(participant, "unlink", user=self.boss)

    def test_12_code_in_other_texts_than_the_body(self):
        """Placeholders are code everywhere."""
        editors = self.env.ref("mail.group_mail_template_editor")
        self.env.ref("base.group_user").implied_ids -= editors
        code = "{{ object.env['ir.config_parameter'].sudo().get_param('x') }}"
        mail = self.create_mailing(self.own)
        sms = self.create_mailing(self.own, "sms")
        for mailing, name in ((mail, "subject"), (mail, "preview"), (sms, "body_plaintext")):
            with self.subTest(name):
                self.assertRefused(mailing, "write", {name: code})
                # An editor's text that the attacker uses
                mailing[name] = code
                kind = "sms" if mailing == sms else "email"
                activity = self.create_activity(self.own, kind, mass_mailing_id=mailing.id)
                self.assertCannotStart(self.own, "Template Editor")
                activity.unlink()
                mailing.write(
                    {"subject": "Hello", "body_html": EMAIL_BODY}
                    if kind == "email"
                    else {"body_plaintext": SMS_BODY}
                )

    def test_13_clicks_and_statuses_that_nobody_made(self):
        """Users of Email Marketing know the codes of links and the numbers of messages."""
        message = self.their_trace.mailing_trace_ids
        link = self.env["link.tracker"].search(
            [("source_id", "=", self.mailing.source_id.id)], limit=1
        )
        self.assertTrue(link.code)
        clicks = self.env["link.tracker.click"]
        values = {"link_id": link.id, "mailing_trace_id": message.id}
        self.assertRefusedToBoth(clicks, "create", [values])
        self.assertRefusedToBoth(
            clicks, "add_click", link.code, ip="192.0.2.1", mailing_trace_id=message.id
        )
        for method in ("set_clicked", "set_opened", "set_replied", "set_bounced"):
            self.assertRefusedToBoth(message, method)
        self.env.invalidate_all()
        self.assertFalse(self.their_trace.links_click_datetime)
        self.assertFalse(self.their_trace.bounce_datetime)
        self.assertFalse(self.trace_of(self.their_action, self.contact).schedule_date)


@tagged("post_install", "-at_install")
class TestOtherMethods(SideDoorsCase):
    """The same by methods that are called less often."""

    def test_21_save_of_the_web_client(self):
        values = {"user_id": self.boss.id}
        self.assertRefused(self.own, "web_save", values, {"id": {}}, regex="more than you")
        new = self.own.browse()
        self.assertRefused(new, "web_save", [], {"name": "x", **values}, {"id": {}})

    def test_22_quick_creation_with_defaults(self):
        context = {"default_user_id": self.boss.id}
        new = self.own.browse()
        self.assertRefused(new, "name_create", "x", context=context, regex="more than you")
        context = {"default_state": "running"}
        self.assertRefused(
            new, "name_create", "x", context=context, error=UserError, regex="first step"
        )

    def test_23_defaults_of_what_follows(self):
        """The engine goes by the name of the target."""
        context = {"default_model_name": "res.users"}
        created = self.rpc(self.own.browse(), "create", [{"name": "x"}])
        self.assertEqual(self.own.browse(created).model_name, "res.partner")
        for kept in False, True:
            if kept:
                defaults = self.env["ir.default"].with_user(self.attacker)
                defaults.set("marketing.campaign", "model_name", "res.users", user_id=True)
                context = {}
            try:
                with self.env.cr.savepoint():
                    created = self.rpc(
                        self.own.browse(), "create", [{"name": "x"}], context=context
                    )
            except UserError as error:
                self.assertIn("follows", str(error))
            else:
                self.env.invalidate_all()
                self.assertEqual(self.own.browse(created).model_name, "res.partner")

    def test_24_copy_with_what_belongs_to_others(self):
        for default in (
            {"marketing_activity_ids": [Command.set(self.their_mail.ids)]},
            {"marketing_activity_ids": [Command.link(self.their_mail.id)]},
            {"participant_ids": [Command.set(self.their_trace.participant_id.ids)]},
            {"participant_ids": [Command.create({"res_id": self.other.id})]},
        ):
            self.assertRefused(self.own, "copy", default, error=UserError)
        self.assertEqual(self.their_mail.campaign_id, self.theirs)
        self.assertEqual(self.their_trace.campaign_id, self.theirs)

    def test_25_copy_that_runs(self):
        self.create_activity(
            self.own, "action", server_action_id=self.their_action.server_action_id.id
        )
        self.assertRefused(self.own, "copy", {"state": "running"}, error=UserError)

    def test_26_activities_that_are_linked(self):
        mine = self.create_activity(self.own)
        for records, name in ((self.own, "marketing_activity_ids"), (mine, "child_ids")):
            for command in (Command.link(self.their_action.id), Command.set(self.their_action.ids)):
                self.assertRefused(records, "write", {name: [command]}, error=UserError)
        self.assertEqual(self.their_action.campaign_id, self.theirs)
        self.assertEqual(self.their_action.parent_id, self.their_mail)

    def test_27_activity_below_one_of_the_boss(self):
        values = {
            "name": "Mine",
            "campaign_id": self.own.id,
            "activity_type": "action",
            "trigger_type": "mail_click",
            "parent_id": self.their_mail.id,
        }
        self.assertRefused(
            self.their_mail.browse(), "create", [values], error=ValidationError, regex="another"
        )

    def test_28_import_of_activities(self):
        names = ["name", "campaign_id/.id", "activity_type", "server_action_id/.id"]
        row = ["x", str(self.theirs.id), "action", str(self.their_action.server_action_id.id)]
        result = self.rpc(self.their_mail.browse(), "load", names, [row])
        self.assertFalse(result["ids"])
        self.assertIn("more than you", result["messages"][0]["message"])
        names, row = [".id", "name"], [str(self.their_mail.id), "Renamed"]
        self.assertFalse(self.rpc(self.their_mail.browse(), "load", names, [row])["ids"])

    @mute_logger(
        "odoo.addons.marketing_automation.models.engine.run",
        "odoo.addons.base.models.ir_actions",
    )
    def test_29_multi_in_multi(self):
        """The groups of the innermost action count."""
        group = self.env.ref("base.group_system")
        self.attacker.group_ids += self.env.ref("base.group_partner_manager")
        inner = self.create_server_action(group_ids=[Command.set(group.ids)])
        for _level in range(2):
            inner = self.create_server_action(
                False, state="multi", child_ids=[Command.set(inner.ids)]
            )
        self.create_activity(self.own, "action", delay="0 hours", server_action_id=inner.id)
        try:
            self.rpc(self.own, "action_start_campaign")
            self.run_jobs()
        except UserError as error:
            self.assertIn("may not run", str(error))
        self.env.invalidate_all()
        self.assertFalse(self.contact.function)

    def test_30_action_that_calls_for_another_model(self):
        """A webhook or a follow-up that is put behind an update, which alone is allowed."""
        self.attacker.group_ids += self.env.ref("base.group_partner_manager")
        update = self.create_server_action(
            False, state="object_write", update_path="function", value="Touched"
        )
        create = self.create_server_action(
            False,
            state="object_create",
            crud_model_id=self.env["ir.model"]._get_id("res.users"),
            value="hacked",
        )
        multi = self.create_server_action(
            False, state="multi", child_ids=[Command.set((update + create).ids)]
        )
        activity = self.create_activity(
            self.own, "action", delay="0 hours", server_action_id=multi.id
        )
        self.rpc(self.own, "action_start_campaign")
        with mute_logger(
            "odoo.addons.marketing_automation.models.engine.run",
            "odoo.addons.base.models.ir_actions",
        ):
            self.run_jobs()
        self.assertEqual(self.trace_of(activity, self.contact).state, "error")
        self.assertFalse(self.env["res.users"].search([("name", "=", "hacked")]))
        self.assertFalse(self.contact.function, "Nothing is done by halves.")


@tagged("post_install", "-at_install")
class TestLooking(SideDoorsCase):
    """What can be asked of the models of the addon about others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].create(
            {"name": "Secret lead", "partner_id": cls.contact.id, "expected_revenue": 5000}
        )
        cls.their_action.server_action_id.code = "pass  # secret"

    def assertNothingFound(self, method, *args, records=None, **kwargs):
        """It is refused, or finds nothing.

        :param records: whose method it is; by default of all activities
        """
        records = self.their_mail.browse() if records is None else records
        try:
            with (
                self.env.cr.savepoint(),
                mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"),
            ):
                found = self.rpc(records, method, *args, **kwargs)
        except (UserError, ValueError):
            self.env.invalidate_all()
            return
        self.assertFalse(found)

    def test_41_filters_that_bypass_access(self):
        """Operators that Odoo keeps for itself."""
        for domain in (
            "[('opportunity_ids', 'any!', [('expected_revenue', '>', 100)])]",
            "[('user_ids', 'any!', [('login', 'like', 'a')])]",
            "['!', ('opportunity_ids', 'not any!', [('expected_revenue', '>', 100)])]",
        ):
            for records, name in (
                (self.own, "domain"),
                (self.create_activity(self.own), "activity_domain"),
            ):
                self.assertRefused(
                    records, "write", {name: domain}, error=ValidationError, regex="cannot be used"
                )

    def test_42_filters_through_what_one_may_not_read(self):
        activity = self.create_activity(self.own, "action", delay="0 hours")
        activity.server_action_id = self.create_server_action()
        for domain in (
            "[('opportunity_ids', 'any', [('expected_revenue', '>', 100)])]",
            "[('opportunity_ids.name', 'like', 'Secret')]",
            "['!', ('opportunity_ids', 'not any', [('expected_revenue', '>', 100)])]",
        ):
            with self.subTest(domain):
                activity.activity_domain = domain
                self.env.flush_all()
                self.assertNothingFound("get_matching_count", records=activity)

    def test_43_code_and_addresses_of_actions(self):
        for domain in (
            [("server_action_id.code", "like", "secret")],
            [("server_action_id", "any", [("code", "like", "secret")])],
            [("server_action_id", "any!", [("code", "like", "secret")])],
            [("server_action_id.webhook_url", "like", "x")],
            [("campaign_id.user_id.password", "like", "x")],
            [("campaign_id.user_id.api_key_ids.name", "like", "x")],
        ):
            with self.subTest(domain):
                self.assertNothingFound("search", domain)
                self.assertNothingFound("search_count", domain)

    def test_44_groups(self):
        for groupby in ("server_action_id.code", "campaign_id.user_id.password"):
            self.assertNothingFound("formatted_read_group", [], [groupby], ["__count"])

    def test_45_order(self):
        for order in ("server_action_id.code", "campaign_id.user_id.password"):
            self.assertNothingFound("search", [], order=order)

    def test_46_export(self):
        group = self.env.ref("base.group_allow_export")
        self.attacker.group_ids += group
        for names in (["server_action_id/code"], ["campaign_id/user_id/password"]):
            try:
                with self.env.cr.savepoint():
                    datas = self.rpc(self.their_action, "export_data", names)["datas"]
            except UserError:
                self.env.invalidate_all()
                continue
            self.assertNotIn("secret", str(datas))

    def test_47_nested_reading(self):
        specification = {"server_action_id": {"fields": {"code": {}}}}
        self.assertRefused(self.their_action, "web_read", specification)

    def test_48_simulated_form(self):
        """An onchange of a campaign that names the boss reads as the attacker."""
        leads = self.env["ir.model"]._get_id("crm.lead")
        specification = {"domain": {}, "marketing_activity_ids": {}, "problem_list": {}}
        values = {"user_id": self.boss.id, "model_id": leads, "name": "x"}
        result = self.rpc(self.own.browse(), "onchange", [], values, ["model_id"], specification)
        self.assertNotIn("Secret", str(result))

    def test_49_file_of_somebody_else_in_the_chatter(self):
        lead = self.env["crm.lead"].search([("name", "=", "Secret lead")])
        secret = self.env["ir.attachment"].create(
            {"name": "Secret", "raw": b"x", "res_model": "crm.lead", "res_id": lead.id}
        )
        self.assertRefused(secret, "read", ["raw"])
        with mute_logger("odoo.addons.base.models.ir_rule"):
            try:
                with self.env.cr.savepoint():
                    self.rpc(self.own, "message_post", body="x", attachment_ids=secret.ids)
            except AccessError:
                self.env.invalidate_all()
        self.assertRefused(secret, "read", ["raw"])
        self.assertEqual(secret.res_model, "crm.lead")


@tagged("post_install", "-at_install")
class TestTrail(SideDoorsCase):
    """The chatter tells what was done, whatever the client asks for."""

    def tracked(self):
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()
        return self.own.message_ids.sudo().tracking_value_ids

    def test_61_changes_without_a_trace(self):
        self.create_activity(self.own)
        self.tracked()
        for number, context in enumerate(
            ({"tracking_disable": True}, {"mail_notrack": True}, {"mail_create_nolog": True})
        ):
            with self.subTest(context):
                before = self.tracked()
                values = {"domain": f"[('id', '=', {number + 1})]", "state": "running"}
                self.rpc(self.own, "write", values, context=context)
                changes = self.tracked() - before
                self.assertEqual(set(changes.field_id.mapped("name")), {"domain", "state"})
                self.assertEqual(changes.mail_message_id.author_id, self.attacker.partner_id)
                self.rpc(self.own, "action_stop_campaign", context=context)
                self.tracked()

    def test_62_responsible_without_a_trace(self):
        utm = self.theirs.utm_campaign_id
        self.tracked()
        before = self.theirs.message_ids
        context = {"tracking_disable": True, "mail_notrack": True}
        self.rpc(utm, "write", {"user_id": self.attacker.id}, context=context, user=self.boss)
        self.tracked()
        changes = (self.theirs.message_ids - before).sudo().tracking_value_ids
        self.assertEqual(changes.mapped("new_value_char"), [self.attacker.name])

    def test_63_update_without_a_trace(self):
        activity = self.create_activity(self.own)
        self.rpc(self.own, "action_start_campaign")
        self.own.sync_participants()
        self.rpc(activity, "write", {"interval_number": 6})
        before = self.own.message_ids
        context = {"tracking_disable": True, "mail_notrack": True}
        self.rpc(self.own, "action_update_participants", context=context)
        self.assertIn(activity.name, (self.own.message_ids - before).mapped("body")[0])

    def test_64_trail_that_is_deleted(self):
        self.create_activity(self.own)
        self.tracked()
        self.rpc(self.own, "action_start_campaign")
        message = self.tracked().mail_message_id[-1]
        self.assertEqual(message.author_id, self.attacker.partner_id)
        self.assertRefused(message, "unlink", error=UserError)
        for values in ({"model": False, "res_id": 0}, {"body": "x"}, {"date": "2020-01-01"}):
            self.assertRefused(message, "write", values, error=UserError)
        self.assertRefused(self.own, "write", {"message_ids": [Command.clear()]}, error=UserError)
        self.assertTrue(message.exists())
        comment = self.rpc(self.own, "message_post", body="Comment", message_type="comment")
        comment = self.env["mail.message"].browse(comment)
        self.rpc(comment, "unlink")
        self.rpc(self.own, "action_stop_campaign")
        self.rpc(self.own, "unlink")
        self.assertFalse(message.exists())
