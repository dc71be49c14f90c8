"""Plugs that are pulled in the middle of a batch, and other bad moments.

The long form, with real servers that are killed, is "make chaos".
"""

import threading
from contextlib import contextmanager
from unittest.mock import patch

import psycopg2

from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import common, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_actions import IrActionsServer
from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from ..models.marketing_participant import MarketingParticipant
from ..models.marketing_trace_settle import MarketingTrace
from .common import MarketingAutomationCase

VISITORS = 20
LOGGERS = (
    "odoo.sql_db",
    "odoo.addons.marketing_automation.models.marketing_activity_run",
    "odoo.addons.base.models.ir_actions",
)


@tagged("post_install", "-at_install")
class TestPulledPlugs(common.BaseCase):
    """In transactions that are really committed, so each test removes what it made."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(common.get_db_name())
        self.addCleanup(self.clean_up)
        no_title = patch.object(LinkTracker, "_get_title_from_url", lambda self, url: url)
        no_title.start()
        self.addCleanup(no_title.stop)
        with self.environment() as env:
            self.partner_ids = (
                env["res.partner"]
                .create([{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(5)])
                .ids
            )
            campaign = env["marketing.campaign"].create(
                {
                    "name": "Pulled plugs",
                    "user_id": env.ref("base.user_admin").id,
                    "domain": str([("id", "in", self.partner_ids)]),
                    "unique_field_id": False,
                }
            )
            self.campaign_id = campaign.id
            activity = self.create_step(env)
            self.activity_id = activity.id
            self.child_id = self.create_step(env, parent_id=activity.id, trigger_type="activity").id

    def create_step(self, env, **vals):
        """An activity that counts its effects."""
        action = env["ir.actions.server"].create(
            {
                "name": "Count",
                "model_id": env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "record.write({'color': record.color + 1})",
            }
        )
        return env["marketing.activity"].create(
            {
                "name": "Step",
                "campaign_id": self.campaign_id,
                "activity_type": "action",
                "interval_number": 0,
                "server_action_id": action.id,
                **vals,
            }
        )

    def clean_up(self):
        with self.environment() as env:
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            campaign.action_stop_campaign()
            mailings = campaign.marketing_activity_ids.mass_mailing_id
            actions = campaign.marketing_activity_ids.server_action_id
            utm = campaign.utm_campaign_id
            env["mail.mail"].search([("mailing_id", "in", mailings.ids)]).unlink()
            campaign.unlink()
            (mailings | env["mailing.mailing"].search([("campaign_id", "=", utm.id)])).unlink()
            actions.unlink()
            utm.unlink()
            env["res.partner"].browse(self.partner_ids).exists().unlink()

    @contextmanager
    def environment(self):
        """A transaction of its own, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def start(self):
        with self.environment() as env:
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            campaign.action_start_campaign()
            campaign.sync_participants()

    def run_job(self):
        with self.environment() as env:
            env["marketing.campaign"]._cron_execute_activities()

    def states(self, env):
        """Number of traces by step and state."""
        return {
            (activity.id, state): count
            for activity, state, count in env["marketing.trace"]._read_group(
                [("activity_id.campaign_id", "=", self.campaign_id)],
                ["activity_id", "state"],
                ["__count"],
            )
        }

    def assert_all_done_once(self):
        with self.environment() as env:
            number = len(self.partner_ids)
            self.assertEqual(
                self.states(env),
                {
                    (self.activity_id, "processed"): number,
                    (self.child_id, "processed"): number,
                },
            )
            partners = env["res.partner"].browse(self.partner_ids)
            self.assertEqual(partners.mapped("color"), [2] * number)
            participants = env["marketing.campaign"].browse(self.campaign_id).participant_ids
            self.assertEqual(set(participants.mapped("state")), {"completed"})

    def cut_connection_after(self, owner, method, calls):
        """Have the connection of the job cut when a method has been called so often."""
        original = getattr(owner, method)
        count = 0

        def cut(records, *args, **kwargs):
            nonlocal count
            result = original(records, *args, **kwargs)
            count += 1
            if count == calls:
                with self.registry.cursor() as killer:
                    killer.execute(
                        "SELECT pg_terminate_backend(%s)", [records.env.cr._cnx.get_backend_pid()]
                    )
            return result

        return patch.object(owner, method, cut)

    @mute_logger(*LOGGERS)
    def test_connection_cut_in_the_middle(self):
        """Whatever the moment: the batch is done again as a whole, and nothing twice."""
        self.start()
        moments = [
            (IrActionsServer, "run", 1),
            (IrActionsServer, "run", 3),
            (MarketingTrace, "_settle_outcomes", 1),
            (MarketingParticipant, "_settle", 1),
        ]
        for moment in moments:
            with self.subTest(moment=moment[1:]):
                with (
                    self.cut_connection_after(*moment),
                    self.assertRaises((psycopg2.OperationalError, psycopg2.InterfaceError)),
                ):
                    self.run_job()
                with self.environment() as env:
                    self.assertEqual(
                        self.states(env),
                        {(self.activity_id, "scheduled"): len(self.partner_ids)},
                    )
        self.run_job()
        self.assert_all_done_once()

    @mute_logger(*LOGGERS)
    def test_connection_cut_after_the_first_batch(self):
        """What was committed stays, the rest follows."""
        self.start()
        with (
            self.cut_connection_after(MarketingTrace, "_settle_outcomes", 2),
            self.assertRaises((psycopg2.OperationalError, psycopg2.InterfaceError)),
        ):
            self.run_job()
        with self.environment() as env:
            self.assertEqual(
                self.states(env),
                {
                    (self.activity_id, "processed"): len(self.partner_ids),
                    (self.child_id, "scheduled"): len(self.partner_ids),
                },
            )
        self.run_job()
        self.assert_all_done_once()

    @mute_logger(*LOGGERS)
    def test_record_deleted_between_claim_and_run(self):
        self.start()
        lost = self.partner_ids[0]
        with self.environment() as env:
            activity = env["marketing.activity"].browse(self.activity_id)
            claims = activity._claim()
            with self.environment() as other:
                other.cr.execute("DELETE FROM res_partner WHERE id = %s", [lost])
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                activity._execute(claims)
            env.cr.rollback()
        self.run_job()
        with self.environment() as env:
            trace = env["marketing.trace"].search(
                [("activity_id", "=", self.activity_id), ("res_id", "=", lost)]
            )
            self.assertEqual((trace.state, trace.state_reason), ("canceled", "unlinked"))
            self.assertEqual(trace.participant_id.state, "unlinked")
            self.assertEqual(
                self.states(env)[self.child_id, "processed"], len(self.partner_ids) - 1
            )

    @mute_logger(*LOGGERS)
    def test_same_click_many_times_at_once(self):
        """Nobody gets an error, one step follows, and all clicks are counted."""
        with self.environment() as env:
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "body_html": '<a href="https://www.example.com/offer">Offer</a>',
                    "email_from": "marketing@example.com",
                }
            )
            mail = self.create_step(
                env, activity_type="email", mass_mailing_id=mailing.id, server_action_id=False
            )
            child_id = self.create_step(
                env, parent_id=mail.id, trigger_type="mail_click", interval_number=1
            ).id
            campaign = env["marketing.campaign"].browse(self.campaign_id)
            campaign.action_start_campaign()
            campaign.sync_participants()
            campaign.execute_activities()
            trace_id = mail.trace_ids[0].mailing_trace_ids.id
            link = env["link.tracker"].search([("mass_mailing_id", "=", mailing.id)])
            link_id, code = link.id, link.code
        barrier = threading.Barrier(VISITORS)
        failures = []

        def click(env):
            env["link.tracker.click"].add_click(
                code, ip="192.0.2.1", country_code=None, mailing_trace_id=trace_id
            )

        def visit():
            threading.current_thread().dbname = self.registry.db_name
            try:
                with self.environment() as env:
                    env.cr.execute("SELECT 1")
                    barrier.wait(30)
                    retrying(lambda: click(env), env)
            except Exception as error:  # it is what the test looks at
                failures.append(error)

        threads = [threading.Thread(target=visit) for _number in range(VISITORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertEqual(failures, [])
        with self.environment() as env:
            dated = env["marketing.activity"].browse(child_id).trace_ids.filtered("schedule_date")
            self.assertEqual(dated.parent_id.mailing_trace_ids.id, trace_id)
            env["link.tracker.click"]._recount_clicks()
            self.assertEqual(env["link.tracker"].browse(link_id).count, VISITORS)


@tagged("post_install", "-at_install")
class TestClock(MarketingAutomationCase):
    def test_clock_set_back(self):
        """What was done stays done; what is to come waits for its date."""
        contacts = self.create_contacts(3)
        campaign = self.create_campaign(contacts)
        action = self.create_server_action("record.write({'color': record.color + 1})")
        first = self.create_activity(
            campaign, "action", delay="0 hours", server_action_id=action.id
        )
        child = self.create_activity(
            campaign, "action", delay="1 hours", parent_id=first.id, server_action_id=action.id
        )
        campaign.action_start_campaign()
        with self.at("2025-03-03 10:00:00"):
            self.run_jobs()
        with self.at("2025-03-03 09:00:00"):
            self.run_jobs()
            self.assertEqual(contacts.mapped("color"), [1, 1, 1])
            self.assertEqual(set(child.trace_ids.mapped("state")), {"scheduled"})
        with self.at("2025-03-03 11:00:00"):
            self.run_jobs()
            self.run_jobs()
        self.assertEqual(contacts.mapped("color"), [2, 2, 2])
        self.assertEqual(len(first.trace_ids | child.trace_ids), 6)
        self.assertEqual(set(campaign.participant_ids.mapped("state")), {"completed"})
