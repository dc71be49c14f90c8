"""What is said before a start is what happens then."""

from collections import Counter
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server, MailDeliveryException
from odoo.addons.mail.tests.common import mail_new_test_user

from ..models.review import checks
from ..models.review.checks import DUMMY_HOST
from ..tools import sender_domain
from ..tools.placeholders import find_mistakes
from .common import MarketingAutomationMixin, MessagingCase
from .entry_date_case import DateEntryCase
from .smtp import HOST, MailServer
from .test_mailing_lists import ListsMixin

START = datetime(2025, 3, 3, 9)
FOOTER = '<a href="/unsubscribe_from_list">Unsubscribe</a>'
GOOD_BODY = f'<div><p>Hello <t t-out="object.name"/></p>{FOOTER}</div>'
ADDRESSES = {
    "plain": "plain@odoo-review.com",
    "none": False,
    "blank": "  ",
    "invalid": "not an address",
    "blacklisted": "blacklisted@odoo-review.com",
    "two": "one@odoo-review.com, two@odoo-review.com",
    "one blacklisted of two": "blacklisted@odoo-review.com, three@odoo-review.com",
    "named": '"Somebody" <named@odoo-review.com>',
    "same": "plain@odoo-review.com",
}
NUMBERS = {
    "plain": "+32456110001",
    "none": False,
    "invalid": "123",
    "blacklisted": "+32456229999",
    "same": "+32456110001",
}


class ReviewCase(MessagingCase):
    def review(self, campaign, moment=None, user=None):
        return campaign.with_user(user or self.responsible)._get_review(moment)

    def reach(self, campaign, name):
        """How many a message reaches, and why not others."""
        [message] = [one for one in self.review(campaign)["messages"] if one["name"] == name]
        return message["reached"], {one["reason"]: one["count"] for one in message["reasons"]}

    def findings(self, campaign):
        """What looks wrong, as texts by their severity."""
        texts = {}
        for finding in self.review(campaign)["findings"]:
            text = " ".join(filter(None, (finding["text"], finding["advice"])))
            texts.setdefault(finding["severity"], []).append(text)
        return texts

    def fates(self, activity):
        """What became of the messages of a step: how many were queued, and why others were not."""
        reasons = Counter(activity.trace_ids.mapped("state_reason"))
        queued = len(activity.trace_ids.filtered(lambda trace: trace.state == "processed"))
        return queued, {reason: count for reason, count in reasons.items() if reason}


@tagged("post_install", "-at_install")
class TestReach(ReviewCase):
    """The counts of the review are those of the start that follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["mail.blacklist"].create({"email": "blacklisted@odoo-review.com"})
        cls.env["phone.blacklist"].create({"number": NUMBERS["blacklisted"]})

    def assertSameAfterStart(self, activity):
        """
        :return: what was said
        """
        campaign = activity.campaign_id
        said = self.reach(campaign, activity.name)
        self.start(campaign)
        self.assertEqual(said, self.fates(activity))
        return said

    def create_addressed(self, field, values):
        return self.env["res.partner"].create(
            [{"name": name, field: value} for name, value in values.items()]
        )

    def test_emails(self):
        contacts = self.create_addressed("email", ADDRESSES)
        campaign = self.create_campaign(contacts, unique_field_id=False)
        email = self.create_activity(campaign, delay="0 hours")
        reached, reasons = self.assertSameAfterStart(email)
        self.assertEqual(reached, 5)
        self.assertEqual(reasons, {"mail_email_missing": 1, "mail_email_invalid": 2, "mail_bl": 1})

    def test_emails_to_everybody(self):
        """Those on the blacklist, too, where the mailing does not ask it."""
        contacts = self.create_addressed("email", ADDRESSES)
        campaign = self.create_campaign(contacts, unique_field_id=False)
        email = self.create_activity(campaign, delay="0 hours")
        email.mass_mailing_id.use_exclusion_list = False
        self.assertEqual(self.assertSameAfterStart(email)[0], 6)

    def test_text_messages(self):
        contacts = self.create_addressed("phone", NUMBERS)
        campaign = self.create_campaign(contacts, unique_field_id=False)
        text = self.create_activity(campaign, "sms", delay="0 hours")
        reached, reasons = self.assertSameAfterStart(text)
        self.assertEqual(reached, 2)
        self.assertEqual(
            reasons, {"sms_number_missing": 1, "sms_number_format": 1, "sms_blacklist": 1}
        )

    def test_leads(self):
        """Emails to leads go to their customers, if they have any."""
        partner = self.create_addressed("email", {"plain": ADDRESSES["plain"]})
        leads = self.env["crm.lead"].create(
            [
                {"name": "Of a customer", "partner_id": partner.id},
                {"name": "Plain", "email_from": "lead@odoo-review.com"},
                {"name": "Blacklisted", "email_from": ADDRESSES["blacklisted"]},
                {"name": "Without an address"},
            ]
        )
        self.responsible.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        campaign = self.create_campaign(leads, model_id=self.env["ir.model"]._get_id("crm.lead"))
        email = self.create_activity(campaign, delay="0 hours")
        self.assertSameAfterStart(email)

    def test_filter_of_a_step(self):
        contacts = self.create_contacts(4)
        contacts[0].function = "Chief"
        campaign = self.create_campaign(contacts)
        domain = str([("function", "=", "Chief")])
        email = self.create_activity(campaign, delay="0 hours", activity_domain=domain)
        self.assertEqual(self.reach(campaign, email.name), (1, {"filter": 3}))

    def test_capped(self):
        self.env["marketing.message.log"].search([]).unlink()
        self.env["res.config.settings"].create({"marketing_email_cap": 1}).execute()
        contacts = self.create_contacts(3)
        first = self.create_campaign(contacts[:2])
        self.create_activity(first, delay="0 hours")
        self.start(first)
        campaign = self.create_campaign(contacts)
        email = self.create_activity(campaign, delay="0 hours")
        self.assertEqual(self.assertSameAfterStart(email), (1, {"capped": 2}))
        campaign = self.create_campaign(contacts, is_transactional=True)
        email = self.create_activity(campaign, delay="0 hours")
        self.assertEqual(self.assertSameAfterStart(email), (3, {}))

    def test_queries_do_not_grow_with_the_audience(self):
        counts = []
        for number in (40, 400, 400):
            contacts = self.create_contacts(number, email=f"of{number}" + "{i}@odoo-review.com")
            campaign = self.create_campaign(contacts)
            self.create_activity(campaign, delay="0 hours")
            self.create_activity(campaign, "sms", delay="1 hours")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            review = self.review(campaign)
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(review["audience"]["entering"], number)
            self.assertEqual([one["reached"] for one in review["messages"]], [number] * 2)
        self.assertLessEqual(max(counts[1:]), counts[0], counts)

    def test_first_ones_of_many(self):
        campaign = self.create_campaign(self.create_contacts(5))
        self.create_activity(campaign)
        with patch("odoo.addons.marketing_automation.models.review.review.MOST_ASKED", 3):
            review = self.review(campaign)
        self.assertEqual((review["audience"]["entering"], review["audience"]["asked"]), (5, 3))
        self.assertEqual(review["messages"][0]["reached"], 3)


@tagged("post_install", "-at_install")
class TestReachOfSubscribers(ListsMixin, ReviewCase):
    def test_who_has_opted_out(self):
        contacts = self.env["mailing.contact"].union(
            self.create_subscriber("stays", self.list_a),
            self.create_subscriber("left", self.list_a, self.list_a),
            self.create_subscriber("left another", self.list_a | self.list_b, self.list_b),
        )
        campaign = self.create_list_campaign(
            [("list_ids", "in", self.list_a.ids), ("id", "in", contacts.ids)]
        )
        email = self.create_activity(campaign, delay="0 hours")
        said = self.reach(campaign, email.name)
        self.assertEqual(said, (2, {"mail_optout": 1}))
        self.start(campaign)
        self.assertEqual(said, self.fates(email))


@tagged("post_install", "-at_install")
class TestAudience(ReviewCase):
    def audience(self, campaign, **options):
        audience = self.review(campaign, **options)["audience"]
        return tuple(audience[key] for key in ("matching", "entering", "known", "duplicates"))

    def test_numbers_add_up(self):
        contacts = self.create_contacts(6)
        contacts[3].email = contacts[4].email = " CONTACT0@example.com"
        contacts[5].email = "contact1@example.com, contact2@example.com"
        campaign = self.create_campaign(contacts)
        self.create_activity(campaign)
        self.assertEqual(self.audience(campaign), (6, 3, 0, 3))
        self.start(campaign)
        self.assertEqual(campaign.total_participant_count, 3)
        campaign.action_stop_campaign()
        more = self.create_contacts(1, email="more@example.com")
        campaign.domain = str([("id", "in", (contacts + more).ids)])
        self.assertEqual(self.audience(campaign), (7, 1, 3, 3))

    def test_only_new_ones(self):
        """Before the first start nobody is new."""
        campaign = self.create_campaign(self.create_contacts(2))
        self.create_activity(campaign)
        campaign.entry_ids.only_new = True
        self.assertEqual(self.audience(campaign), (0, 0, 0, 0))
        self.assertFalse(self.findings(campaign).get("error"))

    def test_no_entry_by_filter(self):
        campaign = self.create_campaign(self.create_contacts(2), entry_ids=[])
        self.create_activity(campaign)
        self.assertIn("no open entry", str(self.findings(campaign)["warning"]))
        campaign.entry_ids = [Command.create({"entry_type": "manual", "name": "Fair"})]
        audience = self.review(campaign)["audience"]
        self.assertFalse(audience["has_filter"])
        self.assertEqual([entry["name"] for entry in audience["entries"]], ["Fair"])

    def test_broken_filter(self):
        campaign = self.create_campaign(self.create_contacts(1))
        self.create_activity(campaign)
        self.env.cr.execute(
            "UPDATE marketing_campaign SET domain = %s WHERE id = %s",
            [str([("gone", "=", 1)]), campaign.id],
        )
        self.env.invalidate_all()
        review = self.review(campaign)
        self.assertFalse(review["audience"])
        self.assertEqual(review["findings"][0]["severity"], "error")

    def test_who_may_not_start_learns_nothing(self):
        other = mail_new_test_user(
            self.env,
            login="other",
            groups="base.group_user,marketing_automation.group_marketing_automation_user",
        )
        campaign = self.create_campaign(self.create_contacts(2))
        self.create_activity(campaign)
        self.assertFalse(campaign.with_user(other)._may_act_for_responsible())
        with self.assertRaises(AccessError):
            self.review(campaign, user=other)
        with self.assertRaises(AccessError):
            campaign.with_user(other).action_review()
        wizard = self.env["marketing.campaign.review"].create({"campaign_id": campaign.id})
        with self.assertRaises(AccessError):
            wizard.with_user(other).read(["review"])

    def test_records_that_the_responsible_may_not_see(self):
        contacts = self.create_contacts(3)
        campaign = self.create_campaign(contacts)
        self.create_activity(campaign)
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", contacts[0].id)]),
            }
        )
        self.assertEqual(self.audience(campaign), (2, 2, 0, 0))


@tagged("post_install", "-at_install")
class TestFirstDates(ReviewCase):
    def dates(self, campaign, moment=START):
        with self.at(START):
            review = self.review(campaign, moment)
        return {
            message["name"]: message["moment"] and datetime.fromisoformat(message["moment"])
            for message in review["messages"]
        }

    def test_along_the_workflow(self):
        campaign = self.create_campaign(self.create_contacts(2))
        first = self.create_activity(campaign, delay="0 hours", name="First")
        mark = self.create_activity(campaign, "action", delay="2 days", time_of_day=7)
        self.create_activity(campaign, name="Second", parent_id=mark.id, delay="1 hours")
        self.create_activity(
            campaign, "email", "mail_not_open", "3 days", name="Reminder", parent_id=first.id
        )
        self.create_activity(campaign, "email", "mail_click", name="Offer", parent_id=first.id)
        self.assertEqual(
            self.dates(campaign),
            {
                "First": START,
                "Second": datetime(2025, 3, 5, 8),
                "Reminder": START + timedelta(days=3),
                "Offer": False,
            },
        )
        with self.at(START):
            first = self.review(campaign)["first"]
        self.assertEqual((first["name"], first["date"]), ("First", "at once"))

    def test_sending_hours(self):
        contacts = self.create_contacts(2, tz="Asia/Tokyo")
        calendar = self.create_calendar(hours=((9, 17),))
        campaign = self.create_campaign(contacts, sending_calendar_id=calendar.id)
        self.create_activity(campaign, delay="0 hours", name="First")
        self.create_activity(campaign, delay="0 hours", name="Exempt", ignore_sending_hours=True)
        # 9:00 in UTC is 18:00 in Tokyo.
        self.assertEqual(self.dates(campaign), {"First": datetime(2025, 3, 4), "Exempt": START})
        contacts[0].tz = "UTC"
        self.assertEqual(self.dates(campaign)["First"], START)

    def test_planned_for_later(self):
        campaign = self.create_campaign(self.create_contacts(2))
        self.create_activity(campaign, delay="1 hours", name="First")
        later = START + timedelta(days=7)
        self.assertEqual(self.dates(campaign, later), {"First": later + timedelta(hours=1)})

    def test_limit_of_messages_an_hour(self):
        campaign = self.create_campaign(self.create_contacts(5), hourly_limit=2)
        self.create_activity(campaign, delay="0 hours")
        self.assertIn("5 take about 3 hours", self.review(campaign)["first"]["pace"])


@tagged("post_install", "-at_install")
class TestForecastOfDates(DateEntryCase):
    def test_first_date(self):
        campaign = self.create_campaign(self.contacts[:2], entry_ids=[])
        self.create_activity(campaign)
        self.create_entry(campaign, is_yearly=True, time_of_day=9)
        self.contacts[0].x_birthday = date(1980, 3, 12)
        self.contacts[1].x_birthday = date(1990, 3, 4)
        self.contacts[2].x_birthday = date(1990, 3, 2)  # does not match the filter
        with self.at("2025-03-01 08:00:00"):
            [entry] = campaign.with_user(self.responsible)._get_review()["audience"]["entries"]
        self.assertEqual(entry["text"], "first on 4 March 9:00, 2 within 31 days")
        with self.at("2025-06-01 08:00:00"):
            [entry] = campaign.with_user(self.responsible)._get_review()["audience"]["entries"]
        self.assertEqual(entry["text"], "none within 31 days")


@tagged("post_install", "-at_install")
class TestChecks(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.responsible.email = "marketer@odoo-review.com"
        cls.env["ir.mail_server"].create({"name": "Server", "smtp_host": "mail.example.org"})

    def create_email(self, body=GOOD_BODY, **vals):
        mailing = self.create_mailing(self.campaign, body_html=body, **vals)
        return self.create_activity(self.campaign, mass_mailing_id=mailing.id, name="Welcome")

    def assertFound(self, text, severity="warning"):
        found = self.findings(self.campaign).get(severity, [])
        self.assertTrue(any(text in one for one in found), f"{text!r} in {found}")

    def assertNothingFound(self):
        self.assertEqual(self.findings(self.campaign), {})

    def test_nothing_looks_wrong(self):
        self.create_email()
        self.create_activity(
            self.campaign, "email", "mail_not_open", "3 days", parent_id=self.create_email().id
        ).mass_mailing_id.body_html = GOOD_BODY
        self.assertNothingFound()

    def test_errors_are_what_blocks_the_start(self):
        self.assertFound("Add a first step", "error")
        self.create_email(subject="Hello").mass_mailing_id.active = False
        self.assertFound("“Welcome”: choose an email", "error")
        with self.assertRaises(UserError):
            self.campaign.action_start_campaign()

    def test_links_that_lead_nowhere(self):
        for link in (
            "https://www.example.com/offer",
            "http://example.org",
            "#",
            "",
            "http://",
            "http://localhost:8069/shop",
            "https://www.yourcompany.com",
        ):
            with self.subTest(link=link):
                email = self.create_email(f'<p>Hi <a href="{link}">See</a></p>{FOOTER}')
                self.assertFound("links that lead nowhere")
                email.unlink()
        self.create_email(f'<p>Hi <a href="https://www.odoo-review.com/">See</a></p>{FOOTER}')
        self.assertNothingFound()

    def test_link_of_a_text_message(self):
        text = self.create_activity(self.campaign, "sms", name="Text")
        text.mass_mailing_id.body_plaintext = "See https://www.example.com/x now"
        self.assertFound("https://www.example.com/x")

    def test_host_names(self):
        for host in ("example.com", "www.example.net", "shop.test", "a.localhost"):
            self.assertTrue(DUMMY_HOST.search(host), host)
        for host in ("myexample.com", "example.com.au", "contest", "odoo.com"):
            self.assertFalse(DUMMY_HOST.search(host), host)

    def test_pictures_only(self):
        self.create_email('<p><a href="/view"><img src="/a.png" alt=""/></a></p>')
        self.assertFound("It has no text")

    def test_unsubscribing(self):
        self.create_email("<p>Hello</p>")
        self.assertFound("no link to unsubscribe")
        self.campaign.is_transactional = True
        self.assertNothingFound()

    def test_opting_out(self):
        text = self.create_activity(self.campaign, "sms")
        text.mass_mailing_id.write({"body_plaintext": "Hello", "sms_allow_unsubscribe": False})
        self.assertFound("no link to opt out")

    def test_placeholders(self):
        self.create_email(
            '<p>Hi <t t-out="object.nmae"/>, <t t-if="object.company_id.frobnicate">x</t></p>'
            + FOOTER,
            subject="Dear {{ object.display_nam }}",
        )
        self.assertFound("“object.nmae” names no field")
        self.assertFound("Did you mean “name”?")
        self.assertFound("“object.company_id.frobnicate”")
        self.assertFound("“object.display_nam”")

    def test_foreign_placeholders(self):
        for text in ("{{ object.name }}", "*|FNAME|*", "${object.name}"):
            with self.subTest(text=text):
                email = self.create_email(f"<p>Dear {text}, hello</p>{FOOTER}")
                self.assertFound("is sent as it stands here")
                email.unlink()

    def test_paths_of_placeholders(self):
        model = self.env["res.partner"]
        for text in (
            "{{ object.parent_id.parent_id.name or object.email.lower() }}",
            "{{ object.get_base_url() ||| you }}",
            "{{ object.create_date.strftime('%d') }}",
            "{{ user.nmae }} {{ not python ( }}",
        ):
            self.assertEqual(find_mistakes(model, [text]), [], text)
        [mistake] = find_mistakes(model, ["{{ object.parent_id.nmae }}"])
        self.assertEqual((mistake.path, mistake.proposal), ("object.parent_id.nmae", "name"))

    def test_negative_trigger_with_no_delay(self):
        parent = self.create_email()
        child = self.create_activity(
            self.campaign, "action", "mail_not_open", "0 hours", parent_id=parent.id
        )
        self.assertFound("“Not opened” with no delay")
        child.interval_number = 1
        self.assertNothingFound()

    def test_condition_in_the_moment_of_the_message(self):
        parent = self.create_email()
        condition = self.create_activity(
            self.campaign, "condition", delay="0 hours", parent_id=parent.id
        )
        condition.branch_ids.filtered(lambda branch: branch.branch_type == "filter").write(
            {
                "branch_type": "event",
                "event_activity_id": parent.id,
                "event": "mail_open",
            }
        )
        self.assertFound("in the moment in which that goes out")
        condition.interval_number = 1
        self.assertNothingFound()

    def test_empty_filter(self):
        self.create_email()
        self.campaign.domain = "[]"
        self.assertFound("The filter is empty")

    def test_nobody(self):
        self.create_email()
        self.campaign.domain = str([("id", "=", 0)])
        self.assertFound("Nobody enters")

    def test_no_mail_server(self):
        self.create_email()
        campaigns = self.registry["marketing.campaign"]
        with patch.object(campaigns, "_has_mail_server", lambda self: False):
            self.assertFound("there is no outgoing mail server")

    def test_personal_mail_server(self):
        server = self.env["ir.mail_server"].create(
            {
                "name": "My server",
                "smtp_host": "mail.example.org",
                "owner_user_id": self.responsible.id,
                "from_filter": self.responsible.email,
            }
        )
        self.create_email().mass_mailing_id.mail_server_id = server
        self.env["ir.config_parameter"].set_param("mail.server.personal.limit.minutes", "1")
        self.assertFound("at most 1 emails a minute, so that 2 take about 2 minutes")

    def test_sender(self):
        self.create_email(email_from="Us <us@example.com>")
        self.assertFound("is no address that exists")

    def test_domain_of_the_sender(self):
        self.create_email()
        with patch.object(checks, "find_missing_records", lambda domain: ["SPF"]):
            self.assertFound("odoo-review.com, has no SPF record")
        self.assertNothingFound()

    def test_domain_without_a_dns_library(self):
        with patch.object(sender_domain, "resolver", None):
            self.assertEqual(sender_domain.find_missing_records("example.com"), [])

    def test_an_addon_adds_a_check(self):
        class Monday(checks.Check):
            def look(self, campaign, audience):
                yield checks.Finding(checks.WARNING, "It is Monday.")

        self.create_email()
        known = self.registry["marketing.campaign"]._get_review_checks
        with patch.object(
            self.registry["marketing.campaign"],
            "_get_review_checks",
            lambda self: [Monday(), *known(self)],
        ):
            self.assertFound("It is Monday.")


@tagged("post_install", "-at_install")
class TestReviewDialog(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts).with_user(cls.responsible)

    def open(self, **vals):
        action = self.campaign.action_review()
        self.assertEqual(action["target"], "new")
        Wizard = self.env[action["res_model"]].with_user(self.responsible)
        return Form(Wizard.with_context(**action["context"]))

    def test_start_now(self):
        self.create_activity(self.campaign)
        wizard = self.open().save()
        self.assertTrue(wizard.can_start)
        self.assertEqual(wizard.review["audience"]["text"], "3 contacts")
        wizard.action_start()
        self.assertEqual(self.campaign.state, "running")

    def test_start_at_a_date(self):
        self.create_activity(self.campaign, delay="0 hours")
        moment = datetime.now().replace(microsecond=0) + timedelta(days=2)
        form = self.open()
        form.start_type = "later"
        form.start_date = moment
        wizard = form.save()
        self.assertEqual(wizard.review["messages"][0]["moment"], str(moment))
        wizard.action_start()
        self.assertEqual(self.campaign.state, "draft")
        self.assertEqual(self.campaign.planned_start_date, moment)

    def test_another_date_looks_at_nothing_else_again(self):
        self.create_activity(self.campaign, delay="0 hours")
        form = self.open()
        form.start_type = "later"
        before = form.review["findings"]
        moment = datetime.now().replace(microsecond=0) + timedelta(days=2)
        Campaign = self.registry["marketing.campaign"]
        with (
            patch.object(Campaign, "_get_audience", side_effect=AssertionError),
            patch.object(Campaign, "_find_what_looks_wrong", side_effect=AssertionError),
            self.assertQueryCount(14),
        ):
            form.start_date = moment
        self.assertEqual(form.review["messages"][0]["moment"], str(moment))
        self.assertEqual(form.review["first"]["name"], form.review["messages"][0]["name"])
        self.assertEqual(form.review["findings"], before)
        self.assertTrue(form.can_start)

    def test_when_messages_come_is_said_in_the_words_of_their_triggers(self):
        welcome = self.create_activity(self.campaign, delay="0 hours", name="Welcome")
        self.create_activity(
            self.campaign, "email", "mail_not_open", "3 days", parent_id=welcome.id
        )
        places = [message["place"] for message in self.review(self.campaign)["messages"]]
        self.assertEqual(
            places,
            [
                "Sends as soon as somebody joins the campaign.",
                "Sends 3 days after “Welcome”, unless it was opened by then.",
            ],
        )

    def test_errors(self):
        wizard = self.open().save()
        self.assertFalse(wizard.can_start)
        with self.assertRaises(UserError):
            wizard.action_start()

    def test_program_starts_at_once(self):
        """Clients that know nothing of the review start as they did."""
        self.create_activity(self.campaign)
        self.campaign.action_start_campaign()
        self.assertEqual(self.campaign.state, "running")


@tagged("post_install", "-at_install")
class TestSample(ReviewCase):
    """What is sent to the user who tries is what the record would get, and counts nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts).with_user(cls.responsible)
        cls.responsible.partner_id.phone = "+32456119999"

    def send(self, record=None, activity=None):
        wizard = self.env["marketing.campaign.review"].with_user(self.responsible)
        wizard = wizard.create({"campaign_id": self.campaign.id})
        if record:
            wizard.resource_ref = f"{record._name},{record.id}"
        wizard.activity_id = activity
        with self.mock_mail_gateway(), self.mockSMSGateway():
            self.mail_unlink_sent = True
            return wizard.action_send_samples()

    def test_email(self):
        email = self.create_activity(self.campaign)
        email.mass_mailing_id.subject = "Dear {{ object.name }}"
        messages = self.env["mailing.trace"].search_count([])
        self.send(self.contacts[1])
        [mail] = self._mails
        self.assertEqual(mail["email_to"], ['"Marketer" <marketer@example.com>'])
        self.assertEqual(mail["subject"], "[TEST] Dear Contact 1")
        self.assertIn("Hello Contact 1", mail["body"])
        self.assertNotIn("/mail/track/", mail["body"])
        self.assertNotIn("/r/", mail["body"])
        self.assertNotIn("List-Unsubscribe", mail["headers"])
        self.assertEqual(self.env["mailing.trace"].search_count([]), messages)
        self.assertFalse(self.campaign.participant_ids)
        self.assertFalse(self.env["mail.mail"].sudo().search([("subject", "like", "[TEST]")]))

    def test_record_that_would_get_nothing(self):
        """That its own address is blacklisted does not matter: it does not get it."""
        self.env["mail.blacklist"].create({"email": self.contacts[0].email})
        self.create_activity(self.campaign)
        self.send(self.contacts[0])
        self.assertEqual(len(self._mails), 1)

    def test_all_messages(self):
        email = self.create_activity(self.campaign, name="Email")
        self.create_activity(self.campaign, "sms", name="Text")
        action = self.send(self.contacts[0])
        self.assertIn("Email, Text", action["params"]["message"])
        self.assertEqual(len(self._mails), 1)
        [text] = self._sms
        self.assertEqual(text["number"], "+32456119999")
        self.assertIn("Hello Contact 0", text["body"])
        self.send(self.contacts[0], email)
        self.assertFalse(self._sms)

    def test_record_that_one_may_not_see(self):
        self.create_activity(self.campaign)
        hidden = self.create_contacts(1, email="hidden@example.com")
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", hidden.id)]),
            }
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.send(hidden)

    def test_no_address(self):
        self.create_activity(self.campaign)
        self.responsible.partner_id.email = False
        with self.assertRaisesRegex(UserError, "Enter your email address"):
            self.send(self.contacts[0])

    def test_mail_server_that_refuses(self):
        self.create_activity(self.campaign)
        wizard = self.env["marketing.campaign.review"].with_user(self.responsible)
        wizard = wizard.create({"campaign_id": self.campaign.id})

        def refuse(*args, **kwargs):
            raise MailDeliveryException("550 No")

        with (
            mute_logger("odoo.addons.mail.models.mail_mail"),
            self.mock_mail_gateway(),
            patch.object(IrMail_Server, "send_email", refuse),
            self.assertRaisesRegex(UserError, "could not be sent to marketer@example.com: .*550"),
        ):
            wizard.action_send_samples()

    def test_step_of_another_campaign(self):
        other = self.create_activity(self.create_campaign(self.contacts))
        with self.assertRaises(UserError):
            self.send(self.contacts[0], other)

    def test_no_message(self):
        with self.assertRaisesRegex(UserError, "has no message yet"):
            self.send(self.contacts[0])


@tagged("post_install", "-at_install")
class TestSampleOverTheWire(MarketingAutomationMixin, HttpCase):
    def test_it_comes_to_oneself(self):
        """From the button in the browser to the mail server."""
        contacts = self.create_contacts(2)
        campaign = self.create_campaign(contacts)
        email = self.create_activity(campaign)
        email.mass_mailing_id.subject = "Dear {{ object.name }}"
        self.authenticate("marketer", "marketer")
        with MailServer() as server:
            email.mass_mailing_id.mail_server_id = self.env["ir.mail_server"].create(
                {"name": "Server", "smtp_host": HOST, "smtp_port": server.port}
            )
            wizard = self.env["marketing.campaign.review"].with_user(self.responsible)
            wizard = wizard.create({"campaign_id": campaign.id, "res_id": contacts[1].id})
            self.make_jsonrpc_request(
                "/web/dataset/call_button/marketing.campaign.review/action_send_samples",
                {
                    "model": wizard._name,
                    "method": "action_send_samples",
                    "args": [wizard.ids],
                    "kwargs": {},
                },
            )
        [mail] = server.mails
        self.assertEqual(mail.recipient, "marketer@example.com")
        self.assertEqual(mail.subject, "[TEST] Dear Contact 1")
        self.assertIn("Hello Contact 1", mail.html)
        self.assertEqual(mail.message["List-Unsubscribe"], None)
        self.assertFalse(self.env["mailing.trace"].search([("res_id", "in", contacts.ids)]))
