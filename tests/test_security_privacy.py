"""Erasing people, forgetting old journeys, and what exports hold."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user
from odoo.addons.marketing_automation.models.participant.retention import (
    FORGET_PARAMETER,
)

from .common import USER_GROUPS, MarketingAutomationCase

EXPORT = "base.group_user,base.group_allow_export"


@tagged("post_install", "-at_install")
class TestPrivacy(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person, cls.other = cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.mail = cls.create_activity(cls.campaign, delay="0 hours")
        cls.later = cls.create_activity(
            cls.campaign, "action", delay="3 days", parent_id=cls.mail.id
        )

    def run_journeys(self):
        """Both get a message in January, and click; the action three days later is the end."""
        self.campaign.action_start_campaign()
        with self.at("2025-01-01 09:00:00"):
            self.run_jobs()
            messages = self.mail.trace_ids.mailing_trace_ids
            messages.set_sent()
            link = self.env["link.tracker"].search(
                [("source_id", "=", self.mail.mass_mailing_id.source_id.id)], limit=1
            )
            for message in messages:
                click = self.env["link.tracker.click"].add_click(
                    link.code, ip="203.0.113.7", mailing_trace_id=message.id
                )
                self.assertTrue(click.mailing_trace_id)
        self.env.invalidate_all()

    def finish_journeys(self):
        with self.at("2025-01-05 09:00:00"):
            self.run_jobs()
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})

    def figures(self):
        self.env.invalidate_all()
        campaign = self.campaign
        figures = campaign.get_workflow_metrics()
        counts = campaign.read(
            [
                "total_participant_count",
                "link_tracker_click_count",
            ]
        )
        traces = self.env["marketing.trace"]._read_group(
            [("campaign_id", "=", campaign.id)], ["activity_id", "state"], ["__count"]
        )
        return figures, counts, traces, self.mail.total_sent, self.mail.total_click

    def remembers(self, person):
        """Where the person still shows in what campaigns keep."""
        self.env.flush_all()
        places = []
        messages = self.env["mailing.trace"].search(
            [("campaign_id", "=", self.campaign.utm_campaign_id.id)]
        )
        if set(messages.mapped("email")) & {person.email_normalized}:
            places.append("address")
        if set(messages.mapped("res_id")) & set(person.ids):
            places.append("message")
        if self.campaign.participant_ids.filtered(lambda known: known.res_id == person.id):
            places.append("participant")
        if self.mail.trace_ids.filtered(lambda trace: trace.res_id == person.id):
            places.append("trace")
        return places

    # ------------------------------------------------------------
    # Erasure
    # ------------------------------------------------------------

    def test_deleted_contact(self):
        self.run_journeys()
        before = self.figures()
        person_id, address = self.person.id, self.person.email_normalized
        self.person.unlink()
        messages = self.mail.trace_ids.mailing_trace_ids
        self.assertNotIn(address, messages.mapped("email"))
        self.assertNotIn(person_id, messages.mapped("res_id"))
        self.assertIn(self.other.id, messages.mapped("res_id"))
        self.assertEqual(
            sorted(messages.links_click_ids.mapped(lambda click: bool(click.ip))), [False, True]
        )
        after = self.figures()
        self.assertEqual(after[1], before[1])
        self.assertEqual(after[3:], before[3:])

    def lookup(self):
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": self.person.name, "email": self.person.email}
        )
        wizard.action_lookup()
        return wizard

    def test_privacy_lookup_finds(self):
        self.run_journeys()
        wizard = self.lookup()
        found = {
            (line.res_model, line.res_id)
            for line in wizard.line_ids
            if line.res_model in ("marketing.participant", "mailing.trace")
        }
        participant = self.participant_of(self.campaign, self.person)
        message = self.trace_of(self.mail, self.person).mailing_trace_ids
        self.assertEqual(
            found, {("marketing.participant", participant.id), ("mailing.trace", message.id)}
        )

    def test_privacy_lookup_forgets(self):
        self.run_journeys()
        self.finish_journeys()
        before = self.figures()
        wizard = self.lookup()
        lines = wizard.line_ids.filtered(lambda line: line.res_model == "marketing.participant")
        lines.action_unlink()
        self.assertTrue(lines.is_unlinked)
        self.assertIn("Forgotten", wizard.execution_details)
        self.assertIn("Forgotten", wizard.log_id.execution_details)
        self.assertEqual(self.remembers(self.person), [])
        self.assertEqual(len(self.remembers(self.other)), 4)
        self.assertEqual(self.figures(), before)

    def test_privacy_lookup_ends_the_journey(self):
        self.run_journeys()
        lines = self.lookup().line_ids
        lines.filtered(lambda line: line.res_model == "marketing.participant").action_unlink()
        with self.at("2025-01-05 09:00:00"):
            self.campaign.execute_activities()
        self.assertFalse(self.person.function)
        self.assertEqual(self.other.function, "Touched")

    def test_privacy_lookup_deletes_all(self):
        """All lines at once, contact included: nothing is left, and the numbers stay."""
        self.run_journeys()
        self.finish_journeys()
        before = self.figures()
        person_id = self.person.id
        self.lookup().line_ids.sorted(
            lambda line: line.res_model == "res.partner"
        ).action_unlink_all()
        self.assertFalse(self.person.exists())
        self.assertNotIn(person_id, self.campaign.participant_ids.mapped("res_id"))
        self.assertEqual(self.figures()[3:], before[3:])

    def test_test_runs_are_deleted(self):
        self.campaign.action_start_campaign()
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.person.id}
        )
        wizard.action_launch_test()
        lines = self.lookup().line_ids
        lines.filtered(lambda line: line.res_model == "marketing.participant").action_unlink()
        self.assertFalse(self.campaign.test_participant_count)

    # ------------------------------------------------------------
    # Retention
    # ------------------------------------------------------------

    def collect(self, moment, months="12"):
        self.env["ir.config_parameter"].set_param(FORGET_PARAMETER, months)
        with self.at(moment):
            result = self.env["marketing.participant"]._gc_finished_journeys()
        self.env.invalidate_all()
        return result

    def test_nothing_is_forgotten_by_default(self):
        self.run_journeys()
        self.finish_journeys()
        self.campaign.action_archive()
        self.assertEqual(self.collect("2055-01-01 09:00:00", months=""), (0, 0))
        self.assertEqual(self.collect("2055-01-01 09:00:00", months="0"), (0, 0))
        self.assertEqual(len(self.remembers(self.person)), 4)

    def test_archived_campaign_forgets(self):
        self.run_journeys()
        self.finish_journeys()
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_archive()
            self.env.flush_all()
        before = self.figures()
        self.assertEqual(
            self.collect("2026-02-28 09:00:00")[1], 0, "It was not archived a year ago."
        )
        self.assertIn("participant", self.remembers(self.person))
        self.assertEqual(self.collect("2026-03-02 09:00:00"), (2, 0))
        for person in self.contacts:
            self.assertEqual(self.remembers(person), [])
        self.assertEqual(self.figures(), before)
        self.assertEqual(set(self.campaign.participant_ids.mapped("display_name")), {"Anonymous"})
        self.assertEqual(self.collect("2026-03-03 09:00:00"), (0, 0), "Once is enough.")

    def test_running_campaign_forgets_messages_only(self):
        """It must know whom it has had."""
        self.run_journeys()
        self.finish_journeys()
        before = self.figures()
        self.assertEqual(self.collect("2026-02-01 09:00:00"), (2, 0))
        self.assertEqual(self.remembers(self.person), ["participant", "trace"])
        self.assertEqual(self.collect("2026-02-02 09:00:00"), (0, 0))
        with self.at("2026-02-02 10:00:00"):
            self.run_jobs()
        self.assertEqual(self.figures(), before, "Nobody begins anew.")

    def test_requests_that_were_no_clicks_forget_their_address(self):
        self.run_journeys()
        counted = self.mail.trace_ids.mailing_trace_ids.links_click_ids
        robot, lately = (
            self.env["link.tracker.click"].add_click(counted.link_id.code, ip="192.0.2.1")
            for _number in range(2)
        )
        self.env.cr.execute(
            "UPDATE link_tracker_click SET create_date = now() - interval '31 days' WHERE id = %s",
            robot.ids,
        )
        self.env["link.tracker.click"]._gc_uncounted_addresses()
        self.assertEqual((robot.ip, lately.ip), (False, "192.0.2.1"))
        self.assertEqual(set(counted.mapped("ip")), {"203.0.113.7"})

    def test_unfinished_journeys_are_remembered(self):
        self.run_journeys()
        self.campaign.action_archive()
        self.assertEqual(self.collect("2035-01-01 09:00:00"), (0, 0))
        self.assertEqual(len(self.remembers(self.person)), 4)

    def test_setting(self):
        settings = self.env["res.config.settings"].create({"marketing_retention_months": 6})
        settings.set_values()
        parameter = self.env["ir.config_parameter"].get_param(FORGET_PARAMETER)
        self.assertEqual(parameter, "6")
        with self.assertRaises(ValidationError):
            settings.marketing_retention_months = -1

    # ------------------------------------------------------------
    # Exports
    # ------------------------------------------------------------

    def test_export_holds_what_was_asked_for(self):
        self.run_journeys()
        self.responsible.group_ids += self.env.ref("base.group_allow_export")
        participants = self.participant_of(self.campaign, self.person).with_user(self.responsible)
        self.assertEqual(participants.export_data(["state"])["datas"], [["Running"]])

    def test_export_needs_the_right_to_read(self):
        self.run_journeys()
        stranger = mail_new_test_user(self.env, login="stranger", groups=EXPORT)
        participants = self.campaign.participant_ids.with_user(stranger)
        with self.assertRaises(AccessError):
            participants.export_data(["state"])

    def test_export_of_names_that_one_may_not_read(self):
        self.run_journeys()
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", self.person.id)]),
            }
        )
        groups = ",".join((EXPORT, *USER_GROUPS))
        reader = mail_new_test_user(self.env, login="reader", groups=groups)
        participants = self.campaign.participant_ids.with_user(reader)
        datas = participants.export_data(["display_name"])["datas"]
        self.assertNotIn(self.person.name, str(datas))
        self.assertIn(self.other.name, str(datas))


@tagged("post_install", "-at_install")
class TestAuditTrail(MarketingAutomationCase):
    """Who did what to a campaign is in its chatter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.create_contacts(1)
        cls.campaign = cls.create_campaign(cls.contact)
        cls.create_activity(cls.campaign, "action", delay="5 days")
        cls.colleague = mail_new_test_user(
            cls.env, login="colleague", name="Colleague", groups=",".join(USER_GROUPS)
        )

    def changes(self):
        """Author, field, old and new value of what was tracked since the last call."""
        self.flush_tracking()
        messages = self.campaign.message_ids.sudo()
        new, self.known = messages - getattr(self, "known", messages.browse()), messages
        return [
            (message.author_id.user_ids, value.field_id.name, value.new_value_char or "")
            for message in new
            for value in message.tracking_value_ids
        ]

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()

    def test_what_is_tracked(self):
        mine = self.campaign.with_user(self.colleague)
        self.changes()
        mine.action_start_campaign()
        self.assertEqual(self.changes(), [(self.colleague, "state", "Running")])
        mine.action_stop_campaign()
        self.assertEqual(self.changes(), [(self.colleague, "state", "Stopped")])
        mine.domain = "[('name', '!=', False)]"
        self.assertEqual(self.changes(), [(self.colleague, "domain", "[('name', '!=', False)]")])
        mine.include_archived = True
        [(author, field, _value)] = self.changes()
        self.assertEqual((author, field), (self.colleague, "include_archived"))
        mine.unique_field_id = self.env["ir.model.fields"]._get("res.partner", "phone")
        [(author, field, _value)] = self.changes()
        self.assertEqual((author, field), (self.colleague, "unique_field_id"))
        mine.user_id = self.colleague
        self.assertEqual(self.changes(), [(self.colleague, "user_id", "Colleague")])
        mine.action_archive()
        self.assertIn("active", [field for _author, field, _value in self.changes()])

    def test_update(self):
        mine = self.campaign.with_user(self.colleague)
        mine.action_start_campaign()
        mine.sync_participants()
        mine.marketing_activity_ids.interval_number = 6
        self.assertTrue(mine.require_sync)
        before = self.campaign.message_ids
        mine.action_update_participants()
        message = self.campaign.message_ids - before
        self.assertEqual(message.author_id, self.colleague.partner_id)
        self.assertIn("action begin", message.body)

    def test_responsible_of_the_utm_campaign(self):
        self.changes()
        self.campaign.utm_campaign_id.with_user(self.colleague).user_id = self.colleague
        self.assertEqual(self.changes(), [(self.colleague, "user_id", "Colleague")])
