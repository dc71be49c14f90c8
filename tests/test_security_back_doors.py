"""Ways in which a marketing user might have a campaign do what they may not do themselves.

The *attacker* runs campaigns, and may neither write contacts nor read leads. The *boss*
may do everything, and is responsible for a campaign that the attacker can see. Every
test is one way; what is called over RPC goes through Odoo's RPC dispatcher.
"""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail, mail_new_test_user

from .common import MarketingAutomationCase

USER = "marketing_automation.group_marketing_automation_user"
ADMIN = "marketing_automation.group_marketing_automation_admin"


class BackDoorsCase(MockEmail, MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.attacker = mail_new_test_user(
            cls.env,
            login="attacker",
            email="attacker@example.com",
            groups=f"base.group_user,{USER}",
        )
        cls.boss = mail_new_test_user(
            cls.env,
            login="boss",
            email="boss@example.com",
            groups=f"base.group_system,base.group_partner_manager,{ADMIN}",
        )
        cls.contact, cls.other = cls.create_contacts(2)
        cls.theirs = cls.create_campaign(cls.contact, name="Theirs", user_id=cls.boss.id)
        cls.their_mail = cls.create_activity(cls.theirs, delay="0 hours")
        cls.their_action = cls.create_activity(
            cls.theirs, "action", "mail_click", "0 hours", parent_id=cls.their_mail.id
        )
        cls.theirs.action_start_campaign()
        cls.theirs.sync_participants()
        cls.theirs.execute_activities()
        cls.their_trace = cls.trace_of(cls, cls.their_mail, cls.contact)
        cls.own = cls.create_campaign(cls.contact, name="Own", user_id=cls.attacker.id)

    def rpc(self, records, method, *args, user=None, **kwargs):
        """Call a method as a client does."""
        model = self.env[records._name].with_user(user or self.attacker)
        arguments = [records.ids, *args] if records else list(args)
        return call_kw(model, method, arguments, kwargs)

    def assertRefused(self, records, method, *args, error=AccessError, regex="", **kwargs):
        with (
            mute_logger("odoo.addons.base.models.ir_rule", "odoo.models", "odoo.orm.models"),
            self.assertRaisesRegex(error, regex),
            self.env.cr.savepoint(),
        ):
            self.rpc(records, method, *args, **kwargs)
        self.env.invalidate_all()

    def assertCannotStart(self, campaign, regex):
        self.assertRefused(campaign, "action_start_campaign", error=UserError, regex=regex)
        self.assertEqual(campaign.state, "draft")


@tagged("post_install", "-at_install")
class TestResponsible(BackDoorsCase):
    """The rights of somebody else."""

    def test_01_naming_the_boss_responsible(self):
        self.assertRefused(self.own, "write", {"user_id": self.boss.id}, regex="more than you")
        self.assertEqual(self.own.user_id, self.attacker)

    def test_02_new_campaign_of_the_boss(self):
        values = {"name": "New", "user_id": self.boss.id}
        self.assertRefused(self.own.browse(), "create", [values], regex="more than you")

    def test_03_new_campaign_of_the_superuser(self):
        values = {"name": "New", "user_id": self.env.ref("base.user_root").id}
        self.assertRefused(self.own.browse(), "create", [values], regex="more than you")

    def test_04_responsible_of_the_utm_campaign(self):
        utm = self.own.utm_campaign_id
        self.assertRefused(utm, "write", {"user_id": self.boss.id}, regex="more than you")
        self.assertEqual(self.own.user_id, self.attacker)

    def test_05_responsible_of_the_utm_campaign_without_marketing(self):
        """All employees may write UTM campaigns."""
        employee = mail_new_test_user(self.env, login="employee", groups="base.group_user")
        for user in self.boss, employee:
            self.assertRefused(
                self.own.utm_campaign_id, "write", {"user_id": user.id}, user=employee
            )
        self.rpc(self.own.utm_campaign_id, "write", {"color": 3}, user=employee)

    def test_06_utm_campaign_of_the_boss(self):
        utm = self.env["utm.campaign"].create({"title": "Boss's", "user_id": self.boss.id})
        self.assertRefused(self.own, "write", {"utm_campaign_id": utm.id}, regex="more than you")

    def test_07_audience_of_the_boss(self):
        for values in (
            {"domain": "[]"},
            {"include_archived": True},
            {"unique_field_id": False},
            {"mailing_filter_id": False},
        ):
            self.assertRefused(self.theirs, "write", values, regex="more than you")

    def test_08_new_activity_for_the_boss(self):
        values = {
            "name": "Extra",
            "campaign_id": self.theirs.id,
            "activity_type": "action",
            "server_action_id": self.their_action.server_action_id.id,
        }
        self.assertRefused(self.their_mail.browse(), "create", [values], regex="more than you")
        self.assertRefused(
            self.theirs,
            "write",
            {"marketing_activity_ids": [Command.create(values)]},
            regex="more than you",
        )

    def test_09_activity_of_the_boss(self):
        for values in (
            {"activity_domain": "[('id', '!=', 0)]"},
            {"interval_number": 0},
            {"trigger_type": "begin"},
            {"server_action_id": self.create_server_action().id},
            {"name": "Renamed"},
        ):
            self.assertRefused(self.their_action, "write", values, regex="more than you")
        self.assertRefused(self.their_action, "unlink", regex="more than you")
        self.assertRefused(self.their_mail, "copy", regex="more than you")

    def test_10_moving_an_activity_to_the_boss(self):
        mine = self.create_activity(self.own, delay="0 hours")
        self.assertRefused(mine, "write", {"campaign_id": self.theirs.id})

    def test_11_content_of_the_boss(self):
        mailing = self.their_mail.mass_mailing_id
        for values in (
            {"body_html": "<p>Send money</p>"},
            {"subject": "Send money"},
            {"preview": "Send money"},
            {"email_from": "attacker@example.com"},
            {"reply_to": "attacker@example.com", "reply_to_mode": "new"},
            {"use_exclusion_list": False},
            {"attachment_ids": [Command.create({"name": "virus.exe", "raw": b"x"})]},
            {"user_id": self.attacker.id},
        ):
            self.assertRefused(mailing, "write", values, regex="more than you")

    def test_12_mailing_that_takes_the_activity_of_the_boss(self):
        mailing = self.create_mailing(self.own)
        command = {"marketing_activity_ids": [Command.link(self.their_mail.id)]}
        self.assertRefused(mailing, "write", command, regex="more than you")

    def test_13_start_of_what_the_boss_has_not_finished(self):
        draft = self.create_campaign(self.contact, user_id=self.boss.id)
        self.create_activity(draft)
        self.assertRefused(draft, "action_start_campaign", regex="more than you")
        self.assertRefused(draft, "write", {"state": "running"}, regex="more than you")
        self.assertEqual(draft.state, "draft")

    def test_14_stop_is_for_everybody(self):
        """Whoever sees that something goes wrong may stop it; that does nothing in its name."""
        self.rpc(self.theirs, "action_stop_campaign")
        self.assertEqual(self.theirs.state, "stopped")

    def test_15_test_run_for_the_boss(self):
        wizard = self.env["marketing.campaign.test"].with_user(self.attacker)
        wizard = wizard.create({"campaign_id": self.theirs.id, "res_id": self.other.id})
        self.assertRefused(wizard, "action_launch_test", regex="more than you")
        self.assertFalse(self.theirs.test_participant_count)

    def test_16_steering_the_journeys_of_the_boss(self):
        participant = self.their_trace.participant_id
        waiting = self.trace_of(self.their_action, self.contact)
        for records, method, *args in (
            (self.their_trace, "process_event", "mail_click"),
            (waiting, "action_execute"),
            (waiting, "action_cancel"),
            (participant, "action_set_completed"),
            (participant, "action_set_running"),
            (participant, "check_completed"),
            (self.theirs, "execute_activities"),
            (self.theirs, "sync_participants"),
            (self.theirs, "action_update_participants"),
        ):
            self.assertRefused(records, method, *args, regex="more than you")
        self.assertEqual(waiting.state, "scheduled")

    def test_17_copy_of_the_campaign_of_the_boss(self):
        """It is the attacker's own, and may do what they may."""
        copy = self.rpc(self.theirs, "copy")
        copy = self.theirs.browse(copy)
        self.assertEqual(copy.user_id, self.attacker)
        self.assertCannotStart(copy, "may not run server action")

    def test_18_copy_for_the_boss(self):
        self.assertRefused(self.theirs, "copy", {"user_id": self.boss.id}, regex="more than you")

    def test_19_import(self):
        result = self.rpc(
            self.own.browse(), "load", ["name", "user_id/.id"], [["Imported", str(self.boss.id)]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("more than you", result["messages"][0]["message"])
        self.assertFalse(self.own.search([("name", "=", "Imported")]))

    def test_20_colleague_with_the_same_groups_who_sees_other_leads(self):
        groups = f"base.group_user,sales_team.group_sale_salesman,{USER}"
        first = mail_new_test_user(self.env, login="first", groups=groups)
        second = mail_new_test_user(self.env, login="second", groups=groups)
        leads = self.create_campaign(
            model_id=self.env["ir.model"]._get_id("crm.lead"), user_id=first.id
        )
        self.assertRefused(
            leads, "write", {"user_id": second.id}, user=first, regex="sees other records"
        )
        contacts = self.create_campaign(user_id=first.id)
        self.rpc(contacts, "write", {"user_id": second.id}, user=first)
        self.assertEqual(contacts.user_id, second)

    def test_21_taking_over_means_ones_own_rights(self):
        self.rpc(self.theirs, "action_stop_campaign")
        self.rpc(self.theirs, "write", {"user_id": self.attacker.id})
        self.assertRefused(
            self.theirs, "action_start_campaign", error=UserError, regex="may not run server action"
        )


@tagged("post_install", "-at_install")
class TestTraces(BackDoorsCase):
    """What the engine keeps about journeys is not for users to write."""

    def test_22_participant_made_by_hand(self):
        values = {"campaign_id": self.theirs.id, "res_id": self.other.id}
        self.assertRefused(self.env["marketing.participant"], "create", [values])
        command = {"participant_ids": [Command.create({"res_id": self.other.id})]}
        self.assertRefused(self.own, "write", command)

    def test_23_participant_with_another_record(self):
        participant = self.their_trace.participant_id
        self.assertRefused(participant, "write", {"res_id": self.other.id})
        command = {"participant_ids": [Command.update(participant.id, {"res_id": self.other.id})]}
        self.assertRefused(self.theirs, "write", command)

    def test_24_trace_made_or_changed_by_hand(self):
        participant = self.their_trace.participant_id
        values = {"participant_id": participant.id, "activity_id": self.their_action.id}
        self.assertRefused(self.env["marketing.trace"], "create", [values])
        waiting = self.trace_of(self.their_action, self.contact)
        self.assertRefused(waiting, "write", {"schedule_date": "2020-01-01 00:00:00"})
        command = [Command.update(waiting.id, {"schedule_date": "2020-01-01 00:00:00"})]
        self.assertRefused(self.their_action, "write", {"trace_ids": command})

    def test_25_message_that_claims_to_belong_to_a_campaign(self):
        values = {
            "model": "res.partner",
            "res_id": self.contact.id,
            "trace_type": "mail",
            "marketing_trace_id": self.their_trace.id,
        }
        self.assertRefused(self.env["mailing.trace"], "create", [values])
        own = self.env["mailing.trace"].with_user(self.attacker)
        own = own.create({"model": "res.partner", "res_id": self.contact.id})
        self.assertRefused(own, "write", {"marketing_trace_id": self.their_trace.id})

    def test_26_message_that_claims_it_in_the_context(self):
        traces = self.env["mailing.trace"].with_user(self.attacker)
        values = {"model": "res.partner", "res_id": self.contact.id, "trace_type": "mail"}
        context = {"default_marketing_trace_id": self.their_trace.id}
        self.assertRefused(traces, "create", [values], context=context)
        # Odoo's composer makes them as superuser, in the context of the client.
        created = traces.sudo().with_context(**context).create(values)
        self.assertFalse(created.marketing_trace_id)

    def test_27_composer_that_claims_it_in_the_context(self):
        """The keys by which the engine says for which traces it composes."""
        mailing = self.env["mailing.mailing"].with_user(self.attacker)
        mailing = mailing.create(
            {
                "subject": "Mine",
                "body_html": "<p>Mine</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": str([("id", "=", self.contact.id)]),
            }
        )
        for forged in (
            {self.contact.id: self.their_trace.id},
            [{str(self.contact.id): self.their_trace.id}, False],
            True,
        ):
            with self.mock_mail_gateway():
                mailing.with_context(
                    marketing_run=forged,
                    marketing_traces=forged,
                    marketing_is_test=False,
                    default_marketing_trace_id=self.their_trace.id,
                ).action_send_mail(res_ids=self.contact.ids)
        traces = self.env["mailing.trace"].search([("mass_mailing_id", "=", mailing.id)])
        self.assertEqual(len(traces), 3)
        self.assertFalse(traces.marketing_trace_id)

    def test_28_statuses_written_by_hand(self):
        """Email Marketing users write no statuses of campaigns of others."""
        message = self.their_trace.mailing_trace_ids
        waiting = self.trace_of(self.their_action, self.contact)
        context = {"marketing_gateway": True}
        self.assertRefused(message, "set_clicked")
        self.assertRefused(message, "set_opened", context=context)
        self.assertRefused(message, "set_replied", context=context)
        self.assertRefused(message, "write", {"links_click_datetime": "2025-01-01 00:00:00"})
        self.env.invalidate_all()
        self.assertFalse(self.their_trace.links_click_datetime)
        self.assertFalse(self.their_trace.open_datetime)
        self.assertFalse(waiting.schedule_date)
        message.set_clicked()
        self.env.invalidate_all()
        self.assertTrue(waiting.schedule_date, "Odoo itself is believed.")

    def test_29_private_methods(self):
        for model, names in {
            "marketing.campaign": (
                "_cron_execute_activities",
                "_enrol",
                "_responsible_env",
                "_wake_up",
            ),
            "marketing.activity": ("_execute", "_claim", "_run", "_copy_to"),
            "marketing.participant": ("_settle", "_unlink_records", "_move_to_record"),
            "marketing.trace": ("_settle_events", "_settle_outcomes", "_cancel", "_reschedule"),
            "mailing.mailing": ("_queue_emails", "_queue_sms"),
            "mailing.trace": ("_settle_marketing", "_follow", "_forget_clicks"),
        }.items():
            for name in names:
                self.assertTrue(hasattr(self.env[model], name), name)
                self.assertRefused(self.env[model], name)


@tagged("post_install", "-at_install")
class TestServerActions(BackDoorsCase):
    """Actions that one could not run oneself."""

    def pick(self, action, **vals):
        return self.create_activity(
            self.own, "action", server_action_id=action.id, delay="0 hours", **vals
        )

    def assertNotRun(self, action, **vals):
        activity = self.pick(action, **vals)
        self.assertCannotStart(self.own, "may not run server action")
        # Nor when it gets there while the campaign runs.
        activity.unlink()
        mine = self.create_activity(self.own, delay="0 hours")
        self.rpc(self.own, "action_start_campaign")
        mine.write({"activity_type": "action", "server_action_id": action.id})
        self.run_jobs()
        self.assertEqual(self.trace_of(mine, self.contact).state, "scheduled")
        self.assertFalse(self.contact.function)

    def test_30_own_server_action(self):
        values = {
            "name": "Mine",
            "model_id": self.env["ir.model"]._get_id("res.partner"),
            "state": "code",
            "code": "env['res.users'].sudo().search([]).write({'active': False})",
        }
        self.assertRefused(self.env["ir.actions.server"], "create", [values])
        action = self.create_server_action()
        self.assertRefused(action, "write", {"code": "raise", "name": "x"})
        self.assertRefused(action, "copy")

    def test_31_code_without_write_access(self):
        self.assertNotRun(self.create_server_action())

    def test_32_action_of_other_groups(self):
        group = self.env.ref("base.group_system")
        self.assertNotRun(self.create_server_action(group_ids=[Command.set(group.ids)]))

    def test_33_update(self):
        self.assertNotRun(
            self.create_server_action(
                False, state="object_write", update_path="function", value="Touched"
            )
        )

    def test_34_update_of_a_related_record(self):
        self.assertNotRun(
            self.create_server_action(
                False, state="object_write", update_path="user_id.login", value="hacked"
            )
        )

    def test_35_create(self):
        self.assertNotRun(
            self.create_server_action(
                False,
                state="object_create",
                crud_model_id=self.env["ir.model"]._get_id("res.users"),
                value="hacked",
            )
        )

    def test_36_multi(self):
        child = self.create_server_action()
        multi = self.create_server_action(False, state="multi", child_ids=[Command.set(child.ids)])
        self.assertNotRun(multi)

    def test_37_webhook(self):
        hook = self.create_server_action(
            False, state="webhook", webhook_url="https://example.com/hook?key=secret"
        )
        self.assertNotRun(hook)

    def test_38_address_of_a_webhook_is_not_read(self):
        hook = self.create_server_action(
            False, state="webhook", webhook_url="https://example.com/hook?key=secret"
        )
        [values] = self.rpc(hook, "read", ["name"])
        self.assertEqual(values["name"], hook.name)
        self.assertRefused(hook, "read", ["webhook_url"])
        self.assertRefused(hook, "read", ["code"])
        found = [("webhook_url", "like", "secret")]
        self.assertRefused(self.env["ir.actions.server"], "search", found)

    def test_39_actions_that_are_not_theirs_are_not_shown(self):
        group = self.env.ref("base.group_system")
        hidden = self.create_server_action(name="Hidden", group_ids=[Command.set(group.ids)])
        shown = self.create_server_action(name="Shown")
        jobs = self.env["ir.cron"].search([]).ir_actions_server_id
        names = self.rpc(self.env["ir.actions.server"], "name_search", limit=None)
        found = {action_id for action_id, _name in names}
        self.assertIn(shown.id, found)
        self.assertNotIn(hidden.id, found)
        self.assertFalse(found & set(jobs.ids))

    def test_40_scheduled_job(self):
        job = self.env["ir.cron"].create(
            {
                "name": "Job",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "model.search([]).write({'function': 'Touched'})",
            }
        )
        self.attacker.group_ids += self.env.ref("base.group_partner_manager")
        self.assertNotRun(job.ir_actions_server_id)

    def test_41_code_runs_with_the_rights_of_the_responsible(self):
        self.attacker.group_ids += self.env.ref("base.group_partner_manager")
        action = self.create_server_action(
            "record.write({'function': f'{env.su} {env.user.login} {record.env.su}'})"
        )
        self.pick(action)
        self.rpc(self.own, "action_start_campaign")
        self.run_jobs()
        self.assertEqual(self.contact.function, "False attacker False")

    @mute_logger("odoo.addons.marketing_automation.models.engine.run")
    def test_42_code_that_reads_what_the_responsible_may_not(self):
        self.attacker.group_ids += self.env.ref("base.group_partner_manager")
        code = "record.write({'function': env['ir.config_parameter'].get_param('database.uuid')})"
        activity = self.pick(self.create_server_action(code))
        self.rpc(self.own, "action_start_campaign")
        self.run_jobs()
        self.assertEqual(self.trace_of(activity, self.contact).state, "error")
        self.assertFalse(self.contact.function)

    def test_43_record_that_the_responsible_may_not_write(self):
        """Access to the model is not access to each record."""
        self.attacker.group_ids += self.env.ref("base.group_partner_manager")
        self.env["ir.rule"].create(
            {
                "name": "Others are not written",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", self.contact.id)]),
                "perm_read": False,
            }
        )
        update = self.create_server_action(
            False, state="object_write", update_path="function", value="Touched"
        )
        for action in update, self.create_server_action():
            activity = self.pick(action)
        self.rpc(self.own, "action_start_campaign")
        with mute_logger(
            "odoo.addons.marketing_automation.models.engine.run",
            "odoo.addons.base.models.ir_actions",
            "odoo.addons.base.models.ir_rule",
        ):
            self.run_jobs()
        self.assertEqual(
            self.own.marketing_activity_ids.trace_ids.mapped("state"), ["error", "error"]
        )
        self.assertTrue(activity)
        self.assertFalse(self.contact.function)


@tagged("post_install", "-at_install")
class TestReading(BackDoorsCase):
    """What a campaign must not tell."""

    def test_44_leads(self):
        leads = self.create_campaign(
            model_id=self.env["ir.model"]._get_id("crm.lead"), user_id=self.attacker.id
        )
        self.create_activity(leads)
        self.assertCannotStart(leads, "may not read")

    def test_45_fields_that_the_responsible_may_not_read(self):
        """An audience would tell which records have a value."""
        self.create_activity(self.own)
        for domain in (
            [("signup_type", "=", "signup")],
            [("opportunity_ids.expected_revenue", ">", 10000)],
            [("user_ids.api_key_ids.name", "=", "x")],
        ):
            with self.subTest(domain):
                self.own.domain = str(domain)
                self.own.state = "draft"
                try:
                    with self.env.cr.savepoint():
                        self.rpc(self.own, "action_start_campaign")
                except UserError:
                    continue
                self.run_jobs()
                self.env.invalidate_all()
                self.assertFalse(self.own.participant_ids)

    def test_46_unicity_on_a_field_that_one_may_not_read(self):
        """Who does not take part would tell that two records have the same value."""
        field = self.env["ir.model.fields"]._get("res.partner", "signup_type")
        values = {"unique_field_id": field.id}
        self.assertRefused(
            self.own, "write", values, error=ValidationError, regex="cannot be unique"
        )
        field = self.env["ir.model.fields"]._get("res.partner", "phone")
        self.rpc(self.own, "write", {"unique_field_id": field.id})

    def test_47_favorite_filter_that_changes_later(self):
        """A campaign takes a copy: others may write the filter."""
        favorite = self.env["mailing.filter"].create(
            {
                "name": "Favorite",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": str([("id", "=", self.contact.id)]),
            }
        )
        self.theirs.mailing_filter_id = favorite
        self.rpc(favorite, "write", {"mailing_domain": "[]"})
        self.env.invalidate_all()
        self.assertEqual(self.theirs.domain, str([("id", "=", self.contact.id)]))
        self.run_jobs()
        self.assertEqual(self.theirs.participant_ids.mapped("res_id"), self.contact.ids)

    def test_48_code_in_placeholders(self):
        """Odoo leaves it to template editors; a campaign asks the same of its responsible."""
        editors = self.env.ref("mail.group_mail_template_editor")
        self.env.ref("base.group_user").implied_ids -= editors
        activity = self.create_activity(self.own, delay="0 hours")
        body = "<p><t t-out=\"object.env['ir.config_parameter'].sudo().get_param('x')\"/></p>"
        self.assertRefused(activity.mass_mailing_id, "write", {"body_html": body})
        # An editor's mailing that the attacker uses
        activity.mass_mailing_id.body_html = body
        self.assertCannotStart(self.own, "Template Editor")

    def test_49_placeholders_are_filled_in_as_the_responsible(self):
        self.attacker.group_ids += self.env.ref("mail.group_mail_template_editor")
        activity = self.create_activity(self.own, delay="0 hours")
        activity.mass_mailing_id.body_html = (
            '<p>su=<t t-out="str(object.env.su)"/> as <t t-out="object.env.user.login"/></p>'
        )
        self.rpc(self.own, "action_start_campaign")
        self.run_jobs()
        mail = self.trace_of(activity, self.contact).mailing_trace_ids.mail_mail_id
        self.assertIn("su=False as attacker", mail.sudo().body_html)

    @mute_logger("odoo.addons.marketing_automation.models.engine.run")
    def test_50_placeholders_that_read_what_the_responsible_may_not(self):
        self.attacker.group_ids += self.env.ref("mail.group_mail_template_editor")
        self.env["crm.lead"].create({"name": "Secret lead"})
        activity = self.create_activity(self.own, delay="0 hours")
        activity.mass_mailing_id.body_html = (
            "<p><t t-out=\"object.env['crm.lead'].search([]).mapped('name')\"/></p>"
        )
        self.rpc(self.own, "action_start_campaign")
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.run_jobs()
        self.assertEqual(self.trace_of(activity, self.contact).state, "error")
        self.assertFalse(self.trace_of(activity, self.contact).mailing_trace_ids)

    def test_51_test_run_with_a_record_of_another_model(self):
        wizard = self.env["marketing.campaign.test"].with_user(self.attacker)
        wizard = wizard.create({"campaign_id": self.own.id})
        wizard.resource_ref = f"res.users,{self.boss.id}"
        with self.assertRaisesRegex(UserError, "Pick a record"):
            wizard.action_launch_test()

    def test_52_test_run_with_a_record_that_one_may_not_read(self):
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", self.other.id)]),
            }
        )
        wizard = self.env["marketing.campaign.test"].with_user(self.attacker)
        wizard = wizard.create({"campaign_id": self.own.id, "res_id": self.other.id})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            wizard.action_launch_test()
        self.assertFalse(self.own.test_participant_count)

    def test_53_attachment_of_somebody_else(self):
        secret = self.env["ir.attachment"].create(
            {"name": "Secret", "raw": b"x", "res_model": "res.users", "res_id": self.boss.id}
        )
        activity = self.create_activity(self.own)
        command = {"attachment_ids": [Command.link(secret.id)]}
        self.assertRefused(activity.mass_mailing_id, "write", command)

    def test_54_name_of_the_target(self):
        """The engine goes by it; it follows from the target."""
        self.assertRefused(
            self.own, "write", {"model_name": "res.users"}, error=ValidationError, regex="follows"
        )
        self.assertEqual(self.own.model_name, "res.partner")
