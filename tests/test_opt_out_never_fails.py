"""What visitors do depends on nothing of a campaign that can be wrong.

For each way in which a campaign can be broken, each way to leave, and each other event, happens
over HTTP to somebody whose next message waits in the queue.
"""

import re

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail
from odoo.addons.sms.tests.common import MockSMS

from .test_mailing_lists import BODY, BROWSER, ListsMixin

LINK = '<a href="https://www.example.com/offer">Offer</a>'
SMS = "Hello https://www.example.com/offer"


def set_column(table, column, value):
    """A change that no code could refuse or notice."""

    def change(case, campaign):
        case.env.flush_all()
        ids = campaign.ids if table == "marketing_campaign" else campaign.marketing_activity_ids.ids
        query = f'UPDATE "{table}" SET "{column}" = %s WHERE id = ANY(%s)'
        case.env.cr.execute(query, [value, ids])
        case.env.invalidate_all()

    return change


def archive_responsible(case, campaign):
    set_column("marketing_campaign", "timezone", None)(case, campaign)
    case.responsible = campaign.user_id.copy({"login": "leaver", "email": "leaver@example.com"})
    campaign.utm_campaign_id.user_id = case.responsible
    case.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", case.responsible.ids)
    case.responsible = type(case).responsible
    case.env.invalidate_all()


def delete_activities(case, campaign):
    case.env.cr.execute("DELETE FROM marketing_activity WHERE campaign_id = %s", campaign.ids)
    case.env.invalidate_all()


BREAKAGES = {
    "nothing": lambda case, campaign: None,
    "filter that cannot be read": set_column("marketing_campaign", "domain", "nonsense ("),
    "filter on a field that is gone": set_column(
        "marketing_campaign", "domain", "[('list_ids.gone', '=', 1)]"
    ),
    "filter that the database refuses": set_column(
        "marketing_campaign", "domain", "[('list_ids', 'in', ['x']), ('id', '=', 'y')]"
    ),
    "filter of a step": set_column("marketing_activity", "activity_domain", "nonsense ("),
    "target without its name": set_column("marketing_campaign", "model_name", None),
    "target that is gone": set_column("marketing_campaign", "model_id", None),
    "target of another app": set_column("marketing_campaign", "model_name", "gone.model"),
    "time zone": set_column("marketing_campaign", "timezone", "Mars/Phobos"),
    "responsible": archive_responsible,
    "steps": delete_activities,
    "unicity": set_column("marketing_campaign", "unique_field_id", None),
}


@tagged("post_install", "-at_install")
class TestOptOutNeverFails(ListsMixin, MockEmail, MockSMS, HttpCase):
    def run_campaign(self, count=7):
        """Each subscriber has a message of each kind that was delivered, and one that waits."""
        number = self.number = getattr(self, "number", 0) + 1
        people = self.env["mailing.contact"].browse()
        for i in range(count):
            people += self.create_subscriber(
                f"p{number}x{i}", self.list_a, mobile=f"+3245622{number:02d}{i:02d}"
            )
        campaign = self.create_list_campaign(
            [("id", "in", people.ids), ("list_ids", "in", self.list_a.ids)]
        )
        self.first = {}
        for kind, mailing_type in (("email", "mail"), ("sms", "sms")):
            content = {"body_plaintext": SMS} if kind == "sms" else {"body_html": BODY + LINK}
            for delay in ("0 hours", "1 hours"):
                mailing = self.create_mailing(campaign, mailing_type, **content)
                activity = self.create_activity(
                    campaign, kind, delay=delay, mass_mailing_id=mailing.id
                )
                self.first.setdefault(kind, activity)
        for trigger in ("mail_click", "mail_not_click"):
            self.create_activity(
                campaign,
                "action",
                trigger,
                "1 days",
                parent_id=self.first["email"].id,
                server_action_id=self.action.id,
            )
        campaign.action_start_campaign()
        with self.at("2025-03-01 09:00:00"):
            self.run_jobs()
            self.send_queue()
        with self.at("2025-03-01 10:00:00"):
            self.run_jobs()
        self.messages = {
            kind: {trace.res_id: trace.mailing_trace_ids for trace in activity.trace_ids}
            for kind, activity in self.first.items()
        }
        return campaign, people

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.action = cls.create_server_action(
            code="pass", model_id=cls.env["ir.model"]._get_id("mailing.contact")
        )

    def send_queue(self):
        """:return: addresses and numbers that got something"""
        with self.mock_mail_gateway(), self.mockSMSGateway():
            self.env["mail.mail"].sudo().search([("state", "=", "outgoing")]).send()
            sms = self.env["sms.sms"].sudo().search([("state", "=", "outgoing")])
            numbers = sms.mapped("number")
            sms.send()
            mails = [mail for mail in self._mails if "/mail/track/" in mail["body"]]
        self.env.invalidate_all()
        self.sent = getattr(self, "sent", {}) | {mail["email_to"][0]: mail for mail in mails}
        return [mail["email_to"][0] for mail in mails], numbers

    # ------------------------------------------------------------
    # Ways to leave
    # ------------------------------------------------------------

    def path(self, url):
        return "/" + url.replace("&amp;", "&").split("/", 3)[3]

    def mail_of(self, person):
        return next(mail for to, mail in self.sent.items() if person.email in to)

    def token_of(self, person):
        mailing = self.messages["email"][person.id].mass_mailing_id
        return {
            "mailing_id": mailing.id,
            "document_id": person.id,
            "email": person.email,
            "hash_token": mailing._generate_mailing_recipient_token(person.id, person.email),
        }

    def leave_with_one_click(self, person):
        url = self.mail_of(person)["headers"]["List-Unsubscribe"].strip("<>")
        return self.url_open(self.path(url), data={"List-Unsubscribe": "One-Click"})

    def leave_in_footer(self, person):
        body = self.mail_of(person)["body"]
        url = re.search(r'href="([^"]*confirm_unsubscribe[^"]*)"', body)[1]
        question = self.url_open(self.path(url), headers=BROWSER)
        form = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', question.text))
        return self.url_open("/mailing/confirm_unsubscribe", data=form, headers=BROWSER)

    def leave_on_the_page(self, person):
        values = {**self.token_of(person), "lists_optin_ids": []}
        self.assertNotIn(
            self.make_jsonrpc_request("/mailing/list/update", values), ("error", "unauthorized")
        )

    def leave_everything(self, person):
        values = self.token_of(person)
        self.assertIs(self.make_jsonrpc_request("/mailing/blocklist/add", values), True)

    def leave_by_text_message(self, person):
        message = self.messages["sms"][person.id]
        number = person.phone_sanitized.replace("+", "%2B")
        path = f"/sms/{message.mass_mailing_id.id}/{message.sms_code}?sms_number={number}"
        return self.url_open(path, headers=BROWSER)

    def visit(self, person):
        path = re.search(r"https?://[^/]+(/r/\w+/m/\d+\?k=\w+)", self.mail_of(person)["body"])[1]
        with self.at("2025-03-01 10:30:00"):
            response = self.url_open(path, headers=BROWSER, allow_redirects=False)
        self.assertEqual(response.status_code, 301)
        self.env.invalidate_all()
        self.assertTrue(self.messages["email"][person.id].links_click_datetime)

    def open(self, person):
        path = re.search(r"https?://[^/]+(/mail/track/[^\"']+)", self.mail_of(person)["body"])[1]
        self.assertEqual(self.url_open(path, headers=BROWSER).status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.messages["email"][person.id].trace_status, "open")

    def assertLeft(self, people):
        """Nothing that was queued for those who have left goes out."""
        self.env.invalidate_all()
        addresses, numbers = self.send_queue()
        clicker, opener, by_page, footer, one_click, everything, by_sms = people
        for person in (by_page, footer, one_click, everything, by_sms):
            is_silent = person is by_sms
            with self.subTest(person.email):
                if person != everything:
                    self.assertTrue(person.subscription_ids.opt_out or person.is_blacklisted)
                    self.assertNotIn(person.phone_sanitized, numbers)
                if not is_silent:
                    self.assertNotIn(person.email, " ".join(addresses))
        self.assertIn(clicker.email, " ".join(addresses))
        self.assertIn(opener.email, " ".join(addresses))

    def events_of(self, people):
        return zip(
            (
                self.visit,
                self.open,
                self.leave_on_the_page,
                self.leave_in_footer,
                self.leave_with_one_click,
                self.leave_everything,
                self.leave_by_text_message,
            ),
            people,
            strict=True,
        )

    def test_mailing_that_is_deleted(self):
        """What waits is taken back, and the links of what was sent still work."""
        campaign, people = self.run_campaign()
        queued = self.env["mail.mail"].search(
            [("state", "=", "outgoing"), ("res_id", "in", people.ids)]
        )
        self.assertEqual(len(queued), len(people))
        campaign.action_stop_campaign()
        campaign.marketing_activity_ids.mass_mailing_id.unlink()
        self.assertEqual(self.send_queue(), ([], []))
        self.leave_with_one_click(people[0])
        page = self.leave_in_footer(people[1])
        self.assertIn("will not be contacted again", page.text)
        self.env.invalidate_all()
        self.assertEqual(people.mapped("is_blacklisted"), [True] * 2 + [False] * 5)
        url = self.mail_of(people[2])["headers"]["List-Unsubscribe"].strip("<>")
        names = [person.email.split("@")[0] for person in people[2:4]]
        forged = self.path(url).replace(*names)
        with mute_logger("odoo.http"):
            self.assertGreaterEqual(self.url_open(forged, data={}).status_code, 400)
        self.assertFalse(people[3].is_blacklisted)

    def test_lists_that_are_unclear(self):
        """The campaign waits until its lists are said; who leaves one list gets nothing."""
        campaign, people = self.run_campaign()
        people.list_ids |= self.list_b
        for person, domain in zip(
            people, ("[('list_ids.gone', '=', 1)]", "nonsense (", campaign.domain), strict=False
        ):
            self.env.cr.execute(
                "DELETE FROM marketing_campaign_mailing_list_rel WHERE campaign_id = %s",
                campaign.ids,
            )
            self.env.cr.execute(
                "UPDATE marketing_campaign SET domain = %s WHERE id = %s", [domain, campaign.id]
            )
            self.env.invalidate_all()
            subscription = person.subscription_ids.filtered(lambda sub: sub.list_id == self.list_a)
            subscription.opt_out = True
        addresses, _numbers = self.send_queue()
        for person in people[:3]:
            self.assertNotIn(person.email, " ".join(addresses))
        self.assertIn(people[3].email, " ".join(addresses))

    def test_whatever_is_broken(self):
        for name, breakage in BREAKAGES.items():
            with self.subTest(name):
                campaign, people = self.run_campaign()
                breakage(self, campaign)
                for event, person in self.events_of(people):
                    with self.subTest(event.__name__):
                        response = event(person)
                        self.assertEqual(response.status_code if response else 200, 200)
                self.assertLeft(people)
                campaign.invalidate_recordset()
                self.env.cr.execute(
                    "UPDATE marketing_campaign SET state = 'stopped' WHERE id = %s", campaign.ids
                )
