"""Scanners and people who request links at the same moment, over connections of their own.

The server answers them as it always does: real transactions, real clock, and tries again those
that meet each other.
"""

import threading
from unittest.mock import patch

import requests

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from .committed import CommittedCase
from .user_agents import PEOPLE

LINKS = [f"https://www.example.com/{number}" for number in range(4)]


@tagged("post_install", "-at_install")
class TestConcurrentVisitors(CommittedCase):
    """Two recipients of a message with several links and the pages of a footer."""

    link_ids = ()

    def setUp(self):
        super().setUp()
        with (
            self.environment() as env,
            patch.object(LinkTracker, "_get_title_from_url", lambda self, url: url),
        ):
            partners = env["res.partner"].create(
                [{"name": f"V{i}", "email": f"visitor{i}@example.com"} for i in range(2)]
            )
            self.partner_ids = partners.ids
            campaign = (
                env["marketing.campaign"]
                .with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True)
                .create(
                    {
                        "name": "Visited",
                        "user_id": env.ref("base.user_admin").id,
                        "domain": str([("id", "in", self.partner_ids)]),
                    }
                )
            )
            self.campaign_id = campaign.id
            mailing = env["mailing.mailing"].create(
                {
                    "subject": "Hello",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "use_in_marketing_automation": True,
                    "body_html": "".join(f'<a href="{link}">Link</a>' for link in LINKS),
                }
            )
            sent = self.create_activity(env, activity_type="email", mass_mailing_id=mailing.id)
            action = env["ir.actions.server"].create(
                {
                    "name": "Touch",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "state": "code",
                    "code": "record.write({'function': 'Touched'})",
                }
            )
            for trigger in ("mail_click", "mail_open"):
                self.create_activity(
                    env,
                    activity_type="action",
                    parent_id=sent.id,
                    trigger_type=trigger,
                    server_action_id=action.id,
                )
            campaign.action_start_campaign()
            campaign.sync_participants()
            campaign.execute_activities()
            env["mail.mail"].search([("mailing_id", "=", mailing.id)]).unlink()
            messages = sent.trace_ids.mailing_trace_ids.sorted("res_id")
            messages.write({"trace_status": "sent", "sent_datetime": fields.Datetime.now()})
            sent.trace_ids.write({"state": "processed"})
            self.message_ids = messages.ids
            links = env["link.tracker"].search([("source_id", "=", mailing.source_id.id)])
            self.link_ids = links.ids
            sign = env["link.tracker"]._sign_links
            self.links = [
                [sign(f"/r/{link.code}/m/{number}", "m", number) for link in links]
                for number in self.message_ids
            ]
            base = mailing.get_base_url()
            self.footers = [
                [
                    url.removeprefix(base)
                    for url in (
                        mailing._get_view_url(partner.email, partner.id),
                        mailing._get_unsubscribe_url(partner.email, partner.id),
                    )
                ]
                for partner in partners
            ]
        self.assertEqual(len(self.link_ids), len(LINKS))

    def clean_up(self):
        with self.environment() as env:
            clicks = env["link.tracker.click"].search([("link_id", "in", self.link_ids)])
            clicks.unlink()
        return super().clean_up()

    def visit(self, *paths):
        """Request addresses of this server at the same moment."""
        barrier = threading.Barrier(len(paths))
        answers = {}

        def get(path):
            barrier.wait(10)
            answers[path] = requests.get(
                f"{HttpCase.base_url()}{path}",
                headers={
                    "User-Agent": PEOPLE["Chrome"],
                    "X-Odoo-Database": self.registry.db_name,
                },
                allow_redirects=False,
                timeout=60,
            ).status_code

        threads = [threading.Thread(target=get, args=(path,)) for path in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return answers

    def look(self, number=0):
        """What is known of a recipient: clicked, opened, acted on."""
        with self.environment() as env:
            env["marketing.campaign"]._cron_execute_activities()
        with self.environment() as env:
            trace = env["mailing.trace"].browse(self.message_ids[number]).marketing_trace_id
            return (
                bool(trace.links_click_datetime),
                bool(trace.open_datetime),
                env["res.partner"].browse(self.partner_ids[number]).function == "Touched",
            )

    def test_scanner(self):
        """It requests all at once; a person who clicks later is not taken for it."""
        answers = self.visit(*self.links[0], *self.footers[0])
        self.assertEqual(set(answers.values()), {200, 301}, answers)
        self.assertEqual(self.look(), (False, False, False))
        with self.environment() as env:
            message = env["mailing.trace"].browse(self.message_ids[0])
            message.followed_datetime = fields.Datetime.subtract(fields.Datetime.now(), minutes=1)
        self.visit(self.links[0][1])
        self.assertEqual(self.look(), (True, True, True))

    def test_link_and_footer(self):
        self.visit(self.links[0][0], self.footers[0][1])
        self.assertEqual(self.look(), (False, False, False))

    def test_two_tabs(self):
        self.visit(*self.links[0][:2])
        self.assertEqual(self.look(), (True, True, True))

    def test_scanner_of_another_recipient(self):
        """Beside a scanner, the click of somebody else on one of the same links counts."""
        self.visit(*self.links[0], self.links[1][0])
        self.assertEqual(self.look(), (False, False, False))
        self.assertEqual(self.look(1), (True, True, True))
