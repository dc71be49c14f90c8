"""What strangers may send to the routes of messages: links, tokens, robots and scanners."""

from unittest.mock import patch
from urllib.parse import urlencode

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.marketing_automation.models.engine import execute as marketing_campaign_execute

from .common import MarketingAutomationMixin

BODY = """<div><p>Hello</p>
<a href="https://www.example.com/one">One</a>
<a href="https://www.example.com/two">Two</a>
<a href="https://www.example.com/three">Three</a>
<a href="/unsubscribe_from_list">Unsubscribe</a></div>"""
CONTENT_ALONE = '<div><a href="https://www.example.com/one">One</a></div>'
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


class TokensCase(MarketingAutomationMixin, MockEmail, HttpCase):
    """A campaign that has sent one message with three links, and branches on the click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact, cls.other = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contact + cls.other)
        mailing = cls.create_mailing(cls.campaign, body_html=BODY)
        cls.sent = cls.create_activity(cls.campaign, mass_mailing_id=mailing.id, delay="0 hours")
        cls.clicked = cls.create_activity(
            cls.campaign, "action", "mail_click", "0 hours", parent_id=cls.sent.id
        )
        cls.not_clicked = cls.create_activity(
            cls.campaign,
            "action",
            "mail_not_click",
            "2 days",
            parent_id=cls.sent.id,
            server_action_id=cls.clicked.server_action_id.id,
        )
        cls.opened = cls.create_activity(
            cls.campaign,
            "action",
            "mail_open",
            "0 hours",
            parent_id=cls.sent.id,
            server_action_id=cls.clicked.server_action_id.id,
        )
        cls.campaign.action_start_campaign()

    def setUp(self):
        super().setUp()
        sleep = patch.object(marketing_campaign_execute.time, "sleep")
        self.sleep = sleep.start()
        self.addCleanup(sleep.stop)
        self.run_jobs()
        with self.mock_mail_gateway():
            self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
        self.env.invalidate_all()
        self.trace = self.trace_of(self.sent, self.contact)
        self.message = self.trace.mailing_trace_ids
        self.links = self.env["link.tracker"].search(
            [("source_id", "=", self.sent.mass_mailing_id.source_id.id)], order="id"
        )

    def follow(self, link, message=None, method="GET", address=None, **headers):
        """Request a link of the message, as it was sent, without going on to where it leads."""
        number = (message or self.message).id
        sent = self.env["link.tracker"]._sign_links(f"/r/{link.code}/m/{number}", "m", number)
        response = self.url_open(
            address or sent,
            headers={**BROWSER, **headers},
            allow_redirects=False,
            method=method,
        )
        self.env.invalidate_all()
        return response

    def age(self, **delta):
        """Let the message have been delivered, and its links followed, some time ago."""
        self.message.sent_datetime = fields.Datetime.subtract(self.message.sent_datetime, **delta)
        if self.message.followed_datetime:
            self.message.followed_datetime = fields.Datetime.subtract(
                self.message.followed_datetime, **delta
            )

    def child(self, activity):
        return self.trace_of(activity, self.contact)

    def assertNothingHappened(self):
        self.assertFalse(self.trace.links_click_datetime)
        self.assertFalse(self.trace.open_datetime)
        self.assertFalse(self.message.links_click_datetime)
        self.assertEqual(self.message.trace_status, "sent")
        self.run_jobs()
        self.assertEqual(self.child(self.clicked).state, "scheduled")
        self.assertFalse(self.child(self.clicked).schedule_date)
        self.assertFalse(self.child(self.opened).schedule_date)
        self.assertEqual(self.child(self.not_clicked).state, "scheduled")
        self.assertTrue(self.child(self.not_clicked).schedule_date)
        self.assertFalse(self.contact.function)

    def assertClicked(self):
        self.assertTrue(self.trace.links_click_datetime)
        self.run_jobs()
        self.assertEqual(self.child(self.clicked).state, "processed")
        self.assertEqual(self.child(self.opened).state, "processed")
        self.assertEqual(self.child(self.not_clicked).state, "canceled")
        self.assertEqual(self.contact.function, "Touched")


@tagged("post_install", "-at_install")
class TestScanners(TokensCase):
    def test_the_message_has_links(self):
        self.assertEqual(len(self.links), 3)

    def test_click_shortly_after_delivery(self):
        response = self.follow(self.links[0])
        self.assertEqual(response.status_code, 301)
        self.assertEqual(self.child(self.clicked).state, "scheduled")
        self.assertTrue(self.child(self.clicked).schedule_date, "It counts at once.")
        self.assertClicked()
        self.sleep.assert_called_once()
        self.assertLessEqual(self.sleep.call_args.args[0], 3)

    def test_later_click_is_not_waited_for(self):
        self.age(hours=1)
        self.follow(self.links[0])
        self.assertClicked()
        self.sleep.assert_not_called()

    def test_same_link_twice(self):
        self.follow(self.links[0])
        self.follow(self.links[0])
        self.assertClicked()

    def test_by_hand_nothing_waits(self):
        self.follow(self.links[0])
        self.campaign.with_user(self.responsible).execute_activities()
        self.assertEqual(self.child(self.clicked).state, "processed")
        self.sleep.assert_not_called()

    def test_scanner(self):
        for link in self.links:
            self.follow(link)
        self.assertNothingHappened()

    def test_scanner_that_follows_all_links_twice(self):
        for link in [*self.links, *self.links]:
            self.follow(link)
        self.assertNothingHappened()

    def test_person_after_scanner(self):
        for link in self.links:
            self.follow(link)
        self.age(seconds=30)
        self.follow(self.links[1])
        self.assertClicked()

    def test_person_after_scanner_later(self):
        for link in self.links:
            self.follow(link)
        self.age(days=1)
        self.follow(self.links[0])
        self.assertClicked()

    def test_person_before_scanner(self):
        """A click that came before stays."""
        self.follow(self.links[0])
        moment = fields.Datetime.subtract(fields.Datetime.now(), seconds=20)
        self.message.write({"followed_datetime": moment, "links_click_datetime": moment})
        self.message.open_datetime = self.trace.links_click_datetime = moment
        self.follow(self.links[1])
        self.follow(self.links[2])
        self.assertEqual(self.trace.links_click_datetime, moment)
        self.assertClicked()

    def test_two_links_later_are_two_clicks(self):
        self.age(minutes=10)
        self.follow(self.links[0])
        self.follow(self.links[1])
        self.assertClicked()

    def test_other_recipient_is_not_concerned(self):
        """Two people who click different links of their own messages."""
        self.follow(self.links[0])
        other = self.trace_of(self.sent, self.other)
        self.follow(self.links[1], other.mailing_trace_ids)
        self.assertTrue(other.links_click_datetime)
        self.assertClicked()

    def test_scanner_of_the_only_link_and_the_footer(self):
        url = self.sent.mass_mailing_id._get_unsubscribe_url(self.contact.email, self.contact.id)
        self.follow(self.links[0])
        response = self.url_open(url, headers=BROWSER)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        self.assertNothingHappened()
        self.assertFalse(self.contact.is_blacklisted)

    def test_scanner_of_the_footer_first(self):
        url = self.sent.mass_mailing_id._get_view_url(self.contact.email, self.contact.id)
        self.assertEqual(self.url_open(url, headers=BROWSER).status_code, 200)
        self.follow(self.links[0])
        self.assertNothingHappened()

    def test_scanner_does_not_unsubscribe(self):
        mailing = self.sent.mass_mailing_id
        for url in (
            mailing._get_unsubscribe_url(self.contact.email, self.contact.id),
            mailing._get_unsubscribe_oneclick_url(self.contact.email, self.contact.id),
        ):
            for method in ("GET", "HEAD"):
                self.url_open(url, headers=BROWSER, method=method)
        self.contact.invalidate_recordset()
        self.assertFalse(self.contact.is_blacklisted)

    def test_known_robots(self):
        for agent in (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "curl/8.5.0",
            "WhatsApp/2.23",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "facebookexternalhit/1.1",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
            "Mozilla/5.0 AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
            "Barracuda Sentinel (EE)",
            "Mozilla/5.0 (compatible; Mimecast URL Protect)",
            "Mozilla/5.0 Proofpoint URL Defense",
        ):
            self.assertEqual(self.follow(self.links[0], **{"User-Agent": agent}).status_code, 301)
        self.assertNothingHappened()

    def test_head_and_prefetch(self):
        self.follow(self.links[0], method="HEAD")
        self.follow(self.links[0], Purpose="prefetch")
        self.follow(self.links[0], **{"Sec-Purpose": "prefetch;prerender"})
        self.assertNothingHappened()
        self.follow(self.links[0])
        self.assertClicked()

    def test_do_not_track_is_about_other_sites(self):
        """The recipient clicks to get on; nobody else is told."""
        self.follow(self.links[0], DNT="1", **{"Sec-GPC": "1"})
        self.assertClicked()

    def test_pixel(self):
        mail_id = self.message.mail_mail_id_int
        token = self.env["mail.mail"]._generate_mail_recipient_token(mail_id)
        url = f"/mail/track/{mail_id}/{token}/blank.gif"
        self.url_open(url, headers=BROWSER, method="HEAD")
        self.url_open(url, headers={"User-Agent": "Googlebot/2.1"})
        self.env.invalidate_all()
        self.assertNothingHappened()
        self.url_open(url, headers=BROWSER)
        self.env.invalidate_all()
        self.assertTrue(self.trace.open_datetime)
        self.run_jobs()
        self.assertEqual(self.child(self.opened).state, "processed")


@tagged("post_install", "-at_install")
class TestTokens(TokensCase):
    """Identifiers in addresses are guessed, exchanged and broken."""

    def assertRefused(self, url, statuses=(400, 401, 403, 404, 405), **kwargs):
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_http", "werkzeug"):
            response = self.url_open(url, headers=BROWSER, allow_redirects=False, **kwargs)
        self.assertIn(response.status_code, statuses, url)
        self.assertNotIn("Traceback", response.text)

    def test_link_of_another_message(self):
        """Link and trace are apart in the address, and traces are numbered."""
        plain = self.env["mailing.mailing"].create(
            {
                "subject": "Plain",
                "body_html": CONTENT_ALONE,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        foreign = self.env["link.tracker"].create(
            {"url": "https://www.example.com/own", "source_id": plain.source_id.id}
        )
        sourceless = self.env["link.tracker"].create({"url": "https://www.example.com/none"})
        for link in foreign, sourceless:
            self.follow(link)
        self.assertNothingHappened()

    def test_address_that_was_not_sent(self):
        """Who got one message cannot click for the recipient of the next."""
        link, number = self.links[0], self.message.id
        address = f"/r/{link.code}/m/{number}"
        sign = self.env["link.tracker"]._sign_links
        other = sign(f"/r/{link.code}/m/{number + 1}", "m", number + 1)
        text = sign(f"/r/{link.code}/s/{number}", "s", number)
        for forged in (
            address,
            f"{address}?k=",
            f"{address}?k=00000000",
            f"{address}?k=%C3%A9",
            f"{address}?{other.partition('?')[2]}",
            f"{address}?{text.partition('?')[2]}",
        ):
            with self.subTest(forged):
                response = self.follow(link, address=forged)
                self.assertEqual(response.status_code, 301, "The visitor gets there all the same.")
                self.assertNothingHappened()
        self.follow(link)
        self.assertTrue(self.trace.links_click_datetime)

    def test_numbers_that_do_not_exist(self):
        self.assertRefused("/r/nothing/m/1")
        self.assertRefused(f"/r/nothing/m/{self.message.id}")
        self.assertRefused(f"/r/{self.links[0].code}/m/abc")
        for number in (-1, 0, 2**31 - 1):
            self.assertRefused(f"/r/{self.links[0].code}/m/{number}", statuses=(301,))
        self.assertNothingHappened()

    def test_numbers_that_no_database_holds(self):
        self.assertRefused(f"/r/{self.links[0].code}/m/{2**31}", statuses=(301, 400, 404))
        self.assertRefused(f"/r/{self.links[0].code}/m/{10**30}", statuses=(301, 400, 404))
        self.assertRefused(f"/r/{self.links[0].code}/s/{10**30}", statuses=(301, 400, 404))
        self.assertNothingHappened()

    def test_hostile_codes(self):
        for code in ("'; DROP TABLE link_tracker; --", "%00", "%27%20OR%201=1", "../../web", "<b>"):
            self.assertRefused(f"/r/{code}/m/{self.message.id}", statuses=(301, 303, 308, 400, 404))
        self.assertTrue(self.links.exists())
        self.assertNothingHappened()

    def test_pixel_without_its_token(self):
        mail_id = self.message.mail_mail_id_int
        for token in ("x", "0" * 64, "%00"):
            self.assertRefused(f"/mail/track/{mail_id}/{token}/blank.gif")
        other = self.env["mail.mail"]._generate_mail_recipient_token(mail_id + 1)
        self.assertRefused(f"/mail/track/{mail_id}/{other}/blank.gif")
        self.assertNothingHappened()

    def test_reports_of_the_sms_provider(self):
        """Only who knows the unguessable number of a text message may report on it."""
        activity = self.create_activity(self.campaign, "sms", delay="0 hours")
        self.campaign.action_update_participants()
        self.run_jobs()
        trace = self.trace_of(activity, self.contact)
        before = trace.mailing_trace_ids.trace_status
        known = self.env["sms.tracker"].search(
            [("mailing_trace_id", "=", trace.mailing_trace_ids.id)]
        )
        self.assertRegex(known.sms_uuid, "^[0-9a-f]{32}$")
        for uuids, status in (
            (["0" * 32], "wrong_number_format"),
            ([known.sms_uuid.upper()], "wrong_number_format"),
            ([known.sms_uuid[:-1] + "%"], "wrong_number_format"),
            ([known.sms_uuid], "'; DROP TABLE sms_tracker; --"),
            (["%"], "delivered"),
            ([], ""),
        ):
            with mute_logger("odoo.http", "odoo.addons.sms.controllers.main"):
                response = self.url_open(
                    "/sms/status",
                    json={"params": {"message_statuses": [{"uuids": uuids, "sms_status": status}]}},
                )
            self.assertLess(response.status_code, 500)
            self.env.invalidate_all()
            self.assertEqual(trace.mailing_trace_ids.trace_status, before)
            self.assertEqual(trace.state, "processed")

    def test_footer_of_another_recipient(self):
        mailing = self.sent.mass_mailing_id
        token = mailing._generate_mailing_recipient_token(self.contact.id, self.contact.email)
        other = {"document_id": self.other.id, "email": self.other.email, "hash_token": token}
        without = {"document_id": self.contact.id, "email": self.contact.email}
        mixed = {"document_id": self.other.id, "email": self.contact.email, "hash_token": token}
        for page in ("view", "unsubscribe", "confirm_unsubscribe"):
            for parameters in (other, without, mixed, {}):
                self.assertRefused(f"/mailing/{mailing.id}/{page}?{urlencode(parameters)}")
        for parameters in (other, without, mixed):
            self.assertRefused(
                f"/mailing/{mailing.id}/unsubscribe_oneclick?{urlencode(parameters)}",
                data={"List-Unsubscribe": "One-Click"},
            )
        (self.contact + self.other).invalidate_recordset()
        self.assertFalse(self.contact.is_blacklisted or self.other.is_blacklisted)

    def test_hostile_documents(self):
        mailing = self.sent.mass_mailing_id
        for document in ("abc", "-1", "1e9", "9" * 40, "1;2", "[1]", "\0"):
            parameters = urlencode(
                {"document_id": document, "email": self.contact.email, "hash_token": "x"}
            )
            for page in ("view", "unsubscribe", "confirm_unsubscribe"):
                self.assertRefused(f"/mailing/{mailing.id}/{page}?{parameters}")
        self.assertRefused(f"/mailing/{2**31 - 1}/view?{parameters}")
        self.assertRefused(f"/mailing/{10**30}/view?{parameters}")
