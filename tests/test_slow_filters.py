"""One campaign with a slow filter does not hold up the others."""

from contextlib import suppress
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL, config, mute_logger

from .common import MarketingAutomationCase

LOGGERS = (
    "odoo.sql_db",
    "odoo.addons.marketing_automation.models.engine.enrol",
    "odoo.addons.marketing_automation.models.engine.run",
)


@tagged("post_install", "-at_install")
class TestSlowFilters(MarketingAutomationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["marketing.campaign"].search([("state", "=", "running")]).state = "stopped"
        cls.contacts = cls.create_contacts(2)
        cls.slow, cls.quick = (
            cls.create_campaign(cls.contacts, name=name) for name in ("Slow", "Quick")
        )
        for campaign in cls.slow, cls.quick:
            cls.create_activity(campaign, "action", delay="0 hours")
            campaign.action_start_campaign()

    def be_slow(self):
        """The filter of the slow campaign takes a minute, of which it gets a second."""
        Campaign = type(self.env["marketing.campaign"])
        get_domain = Campaign._get_searched_domain
        partners = type(self.env["res.partner"])
        search = partners._search

        def get_slow_domain(campaign):
            domain = get_domain(campaign)
            return [*domain, ("name", "!=", "slow")] if campaign == self.slow else domain

        def slow_search(model, domain, *args, **kwargs):
            query = search(model, domain, *args, **kwargs)
            if "slow" in repr(domain):
                query.add_where(SQL("(SELECT TRUE FROM pg_sleep(60))"))
            return query

        self.patch(Campaign, "_get_search_seconds", lambda campaign: 1)
        self.patch(Campaign, "_get_searched_domain", get_slow_domain)
        self.patch(partners, "_search", slow_search)

    def assertTold(self):
        notes = self.slow.activity_ids.mapped("note")
        self.assertIn("took longer than 1 seconds", " ".join(notes))
        self.assertFalse(self.quick.activity_ids)

    def timeout(self):
        self.env.cr.execute("SHOW statement_timeout")
        return self.env.cr.fetchone()[0]

    def test_enrolment(self):
        before = self.timeout()
        self.be_slow()
        with mute_logger(*LOGGERS):
            self.run_cron("ir_cron_campaign_sync_participants")
        self.assertEqual(self.quick.total_participant_count, 2)
        self.assertFalse(self.slow.total_participant_count)
        self.assertTold()
        self.assertEqual(self.timeout(), before)

    def test_it_comes_last_the_next_time(self):
        Campaign = type(self.env["marketing.campaign"])
        order = []

        def cut_off(campaign, after_id):
            order.append(campaign)
            raise KeyboardInterrupt

        for moment in ("2025-03-01 09:00:00", "2025-03-01 10:00:00"):
            # Not ``assertRaises``, which would undo what was committed.
            with (
                self.at(moment),
                patch.object(Campaign, "_enrol", cut_off),
                suppress(KeyboardInterrupt),
            ):
                self.run_cron("ir_cron_campaign_sync_participants")
        self.assertEqual(order, [self.slow, self.quick])

    def test_execution(self):
        self.run_cron("ir_cron_campaign_sync_participants")
        self.be_slow()
        with mute_logger(*LOGGERS):
            self.run_cron("ir_cron_campaign_execute_activities")
        states = {
            campaign: set(campaign.participant_ids.trace_ids.mapped("state"))
            for campaign in (self.slow, self.quick)
        }
        self.assertEqual(states, {self.slow: {"scheduled"}, self.quick: {"processed"}})
        self.assertTold()

    def test_limit(self):
        campaigns = self.env["marketing.campaign"]
        seconds = campaigns._get_search_seconds
        parameters = self.env["ir.config_parameter"]
        with patch.dict(config.options, {"limit_time_real_cron": 600, "limit_time_real": 120}):
            self.assertEqual(seconds(), 60)
            parameters.set_param("marketing_automation.search_seconds", "500")
            self.assertEqual(seconds(), 300, "Half of the time of the job")
            for wrong in ("0", "-1", "x", ""):
                parameters.set_param("marketing_automation.search_seconds", wrong)
                self.assertEqual(seconds(), 60)
        with patch.dict(config.options, {"limit_time_real_cron": -1, "limit_time_real": 30}):
            self.assertEqual(seconds(), 15)
        with patch.dict(config.options, {"limit_time_real_cron": 0}):
            self.assertEqual(seconds(), 60)
