"""Who follows the links of a message: people, robots and scanners; and which links these are."""

import runpy
from datetime import timedelta
from pathlib import Path

from odoo import Command, fields, sql_db
from odoo.tests import BaseCase, tagged

from ..tools.robots import is_robot
from .common import MessagingCase
from .test_security_tokens import BROWSER, TokensCase
from .user_agents import PEOPLE, ROBOTS

DRIVE = "https://drive.example.com/file/d/1/view?usp=sharing"
SIGNED_SINCE = "marketing_automation.links_signed_since"
MIGRATION = Path(__file__).parents[1] / "migrations/19.0.1.2.0/post-links_signed_since.py"


@tagged("post_install", "-at_install")
class TestUserAgents(BaseCase):
    def test_people(self):
        for name, agent in PEOPLE.items():
            with self.subTest(name):
                self.assertFalse(is_robot(agent), agent)

    def test_robots(self):
        for name, agent in ROBOTS.items():
            with self.subTest(name):
                self.assertTrue(is_robot(agent), agent)


@tagged("post_install", "-at_install")
class TestPeople(TokensCase):
    """Words in the names of their browsers do not make people robots."""

    def test_click(self):
        self.follow(self.links[0], **{"User-Agent": PEOPLE["Instagram"]})
        self.assertClicked()

    def test_open(self):
        number = self.message.mail_mail_id_int
        token = self.env["mail.mail"]._generate_mail_recipient_token(number)
        for name in ("Gmail's proxy", "CUBOT phone"):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.url_open(
                    f"/mail/track/{number}/{token}/blank.gif", headers={"User-Agent": PEOPLE[name]}
                )
                self.env.invalidate_all()
                self.assertTrue(self.trace.open_datetime)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_link_without_message(self):
        """Odoo does not count a visit of who has such a name; that of a campaign's link counts."""
        foreign = self.env["link.tracker"].create({"url": "https://www.example.com/own"})
        for link, counted in ((self.links[0], 1), (foreign, 0)):
            for agent in (PEOPLE["CUBOT phone"], ROBOTS["bingbot"]):
                self.url_open(
                    f"/r/{link.code}", headers={"User-Agent": agent}, allow_redirects=False
                )
            self.assertEqual(
                self.env["link.tracker.click"].search_count([("link_id", "=", link.id)]), counted
            )

    def test_two_tabs(self):
        self.follow(self.links[0])
        self.follow(self.links[1])
        self.assertClicked()

    def test_two_tabs_of_the_only_links(self):
        self.links[2].unlink()
        self.follow(self.links[0])
        self.follow(self.links[1])
        self.assertClicked()

    def test_many_tabs_and_another_click(self):
        for link in self.links:
            self.follow(link)
        self.assertNothingHappened()
        self.age(minutes=10)
        self.follow(self.links[2])
        self.assertClicked()

    def test_scanner_long_after_a_click(self):
        """Mass mailing, which notes the last click, keeps that of the person as well."""
        self.follow(self.links[0])
        moment = fields.Datetime.subtract(fields.Datetime.now(), seconds=90)
        self.message.write({"followed_datetime": moment, "links_click_datetime": moment})
        self.message.open_datetime = self.trace.links_click_datetime = moment
        for link in self.links:
            self.follow(link)
        self.assertEqual(self.message.links_click_datetime, moment)
        self.assertEqual(self.message.trace_status, "open")
        self.assertClicked()

    def test_slow_scanner_is_undone_as_a_whole(self):
        """What counts is the time between two links."""
        self.follow(self.links[0])
        for link in self.links[1:]:
            before = fields.Datetime.subtract(fields.Datetime.now(), seconds=2)
            for record in (self.message, self.trace):
                record.links_click_datetime = record.open_datetime = fields.Datetime.subtract(
                    record.links_click_datetime, seconds=2
                )
            self.message.followed_datetime = before
            self.message.followed_since -= timedelta(seconds=2)
            self.follow(link)
        self.assertNothingHappened()


@tagged("post_install", "-at_install")
class TestHeldBack(TokensCase):
    """The job waits for the certainty of a click only when nothing else is due."""

    def test_due_work_first(self):
        self.follow(self.links[0])
        other = self.create_campaign(self.other)
        due = self.create_activity(other, "action", delay="0 hours")
        other.action_start_campaign()
        other.sync_participants()
        states = []
        self.sleep.side_effect = lambda seconds: states.append(
            (self.trace_of(due, self.other).state, self.child(self.clicked).state)
        )
        self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(states, [("processed", "scheduled")])
        self.assertEqual(self.child(self.clicked).state, "processed")

    def test_what_is_certain_is_not_waited_for(self):
        self.follow(self.links[0])
        self.child(self.clicked).held_until = fields.Datetime.now()
        self.child(self.opened).held_until = fields.Datetime.now()
        self.run_cron("ir_cron_campaign_execute_activities")
        self.sleep.assert_not_called()
        self.assertEqual(self.child(self.clicked).state, "processed")


class WaitingCase(TokensCase):
    def wait_for(self, activity, parent=None, **vals):
        """The campaign gets a step at which participants wait for a click."""
        wait = self.create_activity(
            self.campaign,
            "wait",
            delay="0 hours",
            parent_id=(parent or activity).id,
            wait_type="event",
            wait_activity_id=activity.id,
            wait_event="mail_click",
            **vals,
        )
        self.campaign.action_update_participants()
        return wait

    def run_job(self):
        self.run_cron("ir_cron_campaign_execute_activities")
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestScannersAtSteps(WaitingCase):
    """What a scanner clicks lets nobody go on who waits for a click."""

    def assertWaits(self, wait):
        trace = self.child(wait)
        self.assertEqual((trace.state, trace.branch_id.ids), ("scheduled", []))
        self.assertTrue(trace.wait_since)
        self.assertFalse(trace.held_until)

    def test_run_that_waits(self):
        other = self.create_activity(self.campaign, "action", delay="0 hours")
        limit = {"wait_limit": True, "wait_limit_number": 2}
        for parent in (None, other):
            wait = self.wait_for(self.sent, parent, **limit)
            self.run_job()
            self.assertWaits(wait)
            since, until = self.child(wait).wait_since, self.child(wait).schedule_date
            self.follow(self.links[0])
            self.assertTrue(self.child(wait).held_until)
            for link in self.links[1:]:
                self.follow(link)
            self.run_job()
            self.assertWaits(wait)
            self.assertEqual(self.child(wait).wait_since, since)
            self.assertEqual(self.child(wait).schedule_date, until)
            self.age(minutes=10)
            self.follow(self.links[0])
            self.run_job()
            self.assertEqual(self.child(wait).branch_id.branch_type, "met")
            self.message.write({"followed_datetime": False, "links_click_datetime": False})
            self.trace.write({"links_click_datetime": False, "open_datetime": False})
            self.message.sent_datetime = fields.Datetime.now()

    def test_run_that_is_about_to_wait(self):
        """The job may come between the scanner's requests."""
        other = self.create_activity(self.campaign, "action", delay="0 hours")
        wait = self.wait_for(self.sent, other)
        other._execute_due()
        self.assertFalse(self.child(wait).wait_since)
        self.follow(self.links[0])
        self.assertTrue(self.child(wait).held_until)
        for link in self.links[1:]:
            self.follow(link)
        self.run_job()
        self.assertWaits(wait)

    def test_run_that_is_about_to_be_told_apart(self):
        branch = {
            "branch_type": "event",
            "event_activity_id": self.sent.id,
            "event": "mail_click",
        }
        condition = self.create_activity(
            self.campaign,
            "condition",
            delay="0 hours",
            branch_ids=[Command.create(branch)],
        )
        self.campaign.action_update_participants()
        self.follow(self.links[0])
        self.assertTrue(self.child(condition).held_until)
        for link in self.links[1:]:
            self.follow(link)
        self.run_job()
        self.assertEqual(self.child(condition).branch_id.branch_type, "otherwise")

    def test_person(self):
        wait = self.wait_for(self.sent)
        self.run_job()
        self.follow(self.links[0])
        self.assertTrue(self.child(wait).held_until)
        self.run_job()
        self.assertEqual(self.child(wait).branch_id.branch_type, "met")

    def test_wait_without_end_that_came_later(self):
        """Its delay was over before it began to wait: a click ends it at once."""
        wait = self.wait_for(self.sent)
        wait.write({"interval_number": 2, "interval_type": "days"})
        self.campaign.action_update_participants()
        moment = fields.Datetime.add(fields.Datetime.now(), days=3)
        with self.at(moment):
            self.run_job()
            self.assertWaits(wait)
            self.trace.process_event("mail_open")
            self.assertFalse(self.child(wait).schedule_date, "Not what it waits for")
            self.trace.process_event("mail_click")
            self.assertEqual(self.child(wait).schedule_date, moment.replace(microsecond=0))
            self.run_job()
        self.assertEqual(self.child(wait).branch_id.branch_type, "met")


@tagged("post_install", "-at_install")
class TestCost(WaitingCase):
    """How many queries a visitor waits for."""

    def open(self):
        number = self.message.mail_mail_id_int
        token = self.env["mail.mail"]._generate_mail_recipient_token(number)
        self.url_open(f"/mail/track/{number}/{token}/blank.gif", headers=BROWSER)

    def count(self):
        """Queries of an opening, and of a click."""
        numbers = []
        for visit in (self.open, lambda: self.follow(self.links[0])):
            for _time in range(2):  # the first one fills the caches of the server
                self.env.flush_all()
                with self.env.cr.savepoint() as savepoint:
                    before = sql_db.sql_counter
                    visit()
                    number = sql_db.sql_counter - before
                    savepoint.rollback()
                self.env.invalidate_all()
            numbers.append(number)
        return numbers

    def test_nothing_waits(self):
        self.assertEqual(self.count(), [9, 22], "As before there were steps that wait")

    def test_something_waits_elsewhere(self):
        other = self.create_activity(self.campaign, delay="0 hours")
        self.wait_for(other)
        self.assertEqual(self.count(), [9, 22])

    def test_it_is_waited_for(self):
        wait = self.wait_for(self.sent)
        self.run_job()
        self.assertTrue(self.child(wait).wait_since)
        self.assertEqual(self.count(), [9, 22])


@tagged("post_install", "-at_install")
class TestUnsigned(TokensCase):
    """Messages that were sent before links were signed."""

    def setUp(self):
        super().setUp()
        self.address = f"/r/{self.links[0].code}/m/{self.message.id}"
        self.set_since(days=3)

    def set_since(self, **ago):
        since = fields.Datetime.subtract(fields.Datetime.now(), **ago)
        self.env["ir.config_parameter"].set_param(SIGNED_SINCE, fields.Datetime.to_string(since))

    def test_sent_before(self):
        self.age(days=4)
        self.follow(self.links[0], address=self.address)
        self.assertClicked()

    def test_sent_since(self):
        self.age(days=2)
        self.follow(self.links[0], address=self.address)
        self.assertNothingHappened()

    def test_wrong_signature(self):
        self.age(days=4)
        self.follow(self.links[0], address=f"{self.address}?k=00000000")
        self.assertNothingHappened()

    def test_for_a_while(self):
        self.age(days=90)
        self.set_since(days=61)
        self.follow(self.links[0], address=self.address)
        self.assertNothingHappened()

    def test_new_database(self):
        self.env["ir.config_parameter"].search([("key", "=", SIGNED_SINCE)]).unlink()
        self.age(days=4)
        self.follow(self.links[0], address=self.address)
        self.assertNothingHappened()

    def test_update(self):
        """The moment is that of the version that signs for certain; it is written once."""
        self.env["ir.config_parameter"].search([("key", "=", SIGNED_SINCE)]).unlink()
        migrate = runpy.run_path(str(MIGRATION))["migrate"]
        field = self.env.ref("marketing_automation.field_marketing_campaign__timezone")
        known = self.env["ir.model.data"].search(
            [("model", "=", "ir.model.fields"), ("res_id", "=", field.id)]
        )
        self.env.cr.execute(
            "UPDATE ir_model_data SET create_date = '2025-03-01 09:00:00' WHERE id = %s", [known.id]
        )
        for _time in range(2):
            migrate(self.env.cr, "19.0.1.1.0")
            self.env.registry.clear_cache()
            self.assertEqual(
                self.env["ir.config_parameter"].get_param(SIGNED_SINCE), "2025-03-01 09:00:00"
            )
            self.env.cr.execute("UPDATE ir_model_data SET create_date = now()")


@tagged("post_install", "-at_install")
class TestTrackedLinks(MessagingCase):
    """All links of a message are tracked but those of the footer, as it was really sent."""

    def test_addresses_that_end_like_the_footer(self):
        contact = self.create_contacts(1)
        campaign = self.create_campaign(contact)
        host = campaign.get_base_url()
        addresses = (
            DRIVE,
            "https://www.example.com/view",
            "https://www.example.com/unsubscribe_from_list",
            "https://www.example.com/cards/1",
            "/view/of/the/sea",
        )
        for address in addresses:
            with self.subTest(address):
                body = (
                    f'<div><a href="{address}">Look</a><a href="/view">View</a>'
                    '<a href="/unsubscribe_from_list">Leave</a></div>'
                )
                mailing = self.create_mailing(campaign, body_html=body)
                self.assertTrue(mailing._can_be_clicked())
                activity = self.create_activity(
                    campaign, delay="0 hours", mass_mailing_id=mailing.id
                )
                campaign.action_update_participants()
                self.start(campaign)
                self.send_mails()
                sent = self.mail_to(contact)["body"]
                [link] = self.links_of(sent)
                self.assertIn(f"{host}/mailing/{mailing.id}/view?", sent)
                self.assertIn(f"{host}/mailing/{mailing.id}/confirm_unsubscribe?", sent)
                response = self.visit(link)
                whole = host + address if address.startswith("/") else address
                self.assertTrue(response.headers["Location"].startswith(whole.partition("?")[0]))
                self.assertTrue(self.trace_of(activity, contact).links_click_datetime)
                activity.unlink()

    def test_footer_alone(self):
        campaign = self.create_campaign(self.create_contacts(1))
        body = '<a href="/view">View</a><a href="/unsubscribe_from_list?x">Leave</a>'
        self.assertFalse(self.create_mailing(campaign, body_html=body)._can_be_clicked())

    def test_text_message(self):
        contact = self.create_contacts(1)
        campaign = self.create_campaign(contact)
        mailing = self.create_mailing(campaign, "sms", body_plaintext=f"Look: {DRIVE}")
        activity = self.create_activity(
            campaign, "sms", delay="0 hours", mass_mailing_id=mailing.id
        )
        self.assertTrue(mailing._can_be_clicked())
        self.start(campaign)
        self.send_sms()
        [link] = self.links_of(self._sms[0]["body"])
        self.visit(link, **{"User-Agent": PEOPLE["CUBOT phone"]})
        self.assertTrue(self.trace_of(activity, contact).links_click_datetime)
