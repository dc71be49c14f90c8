"""What looks wrong before a start."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType, SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ..models.review import check, sender_checks
from ..models.review.hosts import DUMMY_HOST
from ..tools import sender_domain
from ..tools.placeholders import find_mistakes
from .review_case import FOOTER, GOOD_BODY, ReviewCase


@tagged("post_install", "-at_install")
class TestChecks(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.create_contacts(2)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.responsible.email = "marketer@odoo-review.com"
        cls.startClassPatcher(  # nothing is asked on the net
            patch.object(sender_checks, "find_missing_records", lambda domain: [])
        )
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
        with patch.object(sender_checks, "find_missing_records", lambda domain: ["SPF", "DMARC"]):
            self.assertFound("odoo-review.com, has no SPF, DMARC record")
        self.assertNothingFound()

    def test_each_domain_is_looked_up_once(self):
        """And none that does not exist."""
        for number in range(2):
            self.create_email(email_from=f"us{number}@odoo-review.com")
        self.create_email(email_from="us@example.com")
        asked = []
        with patch.object(
            sender_checks, "find_missing_records", lambda domain: asked.append(domain) or []
        ):
            self.findings(self.campaign)
        self.assertEqual(asked, ["odoo-review.com"])

    def test_an_addon_adds_a_check(self):
        class Monday(check.Check):
            def look(self, campaign, audience):
                yield check.Finding(check.WARNING, "It is Monday.")

        self.create_email()
        known = self.registry["marketing.campaign"]._get_review_checks
        with patch.object(
            self.registry["marketing.campaign"],
            "_get_review_checks",
            lambda self: [Monday(), *known(self)],
        ):
            self.assertFound("It is Monday.")


class DNSException(Exception):
    """As of the package ``dnspython``, like those below."""


class NXDOMAIN(DNSException):
    pass


class NoAnswer(DNSException):
    pass


class NoNameservers(DNSException):
    pass


class LifetimeTimeout(DNSException):
    pass


SPF = "v=spf1 include:_spf.odoo-review.com -all"
DMARC = "v=DMARC1; p=none"


@tagged("post_install", "-at_install")
class TestSenderDomain(BaseCase):
    """What the DNS says of a domain."""

    def load(self, answers=None):
        """The module as it is with a library that gets these answers; without one, where there are
        none.

        :param dict answers: for each name its texts, or what is raised; there is no other name
        """
        self.asked = []

        def resolve(name, kind, lifetime):
            self.assertEqual(kind, "TXT")
            self.assertLessEqual(lifetime, 1)
            self.asked.append(name)
            answer = answers.get(name, NXDOMAIN())
            if isinstance(answer, Exception):
                raise answer
            # A long text comes in parts.
            return [
                SimpleNamespace(strings=(text[:9].encode(), text[9:].encode())) for text in answer
            ]

        library = ModuleType("dns")
        library.exception = SimpleNamespace(DNSException=DNSException)
        library.resolver = SimpleNamespace(NXDOMAIN=NXDOMAIN, NoAnswer=NoAnswer, resolve=resolve)
        spec = spec_from_file_location("sender_domain_of_test", sender_domain.__file__)
        module = module_from_spec(spec)
        with patch.dict(sys.modules, {"dns": None if answers is None else library}):
            spec.loader.exec_module(module)
        return module

    def assertMissing(self, expected, answers, domain="odoo-review.com"):
        self.assertEqual(self.load(answers).find_missing_records(domain), expected)

    def test_all_is_there(self):
        self.assertMissing(
            [], {"odoo-review.com": ["key=1", SPF], "_dmarc.odoo-review.com": [DMARC]}
        )
        self.assertEqual(self.asked, ["odoo-review.com", "_dmarc.odoo-review.com"])

    def test_nothing_is_there(self):
        self.assertMissing(["SPF", "DMARC"], {})
        self.assertMissing(["SPF", "DMARC"], {"odoo-review.com": NoAnswer()})

    def test_other_texts(self):
        other = ["v=spf2.0/pra", "see v=spf1", "\xff"]
        self.assertMissing(
            ["SPF"], {"odoo-review.com": other, "_dmarc.odoo-review.com": ["V=dmarc1; p=reject"]}
        )

    def test_what_is_not_known_is_not_missing(self):
        for error in (LifetimeTimeout(), NoNameservers()):
            self.assertMissing([], {"odoo-review.com": error, "_dmarc.odoo-review.com": error})

    def test_policy_of_a_domain_above(self):
        """It holds for those below, which each have to say who sends for them."""
        answers = {"odoo-review.com": [SPF], "_dmarc.odoo-review.com": [DMARC]}
        self.assertMissing(["SPF"], answers, "news.eu.odoo-review.com")
        answers = {"news.odoo-review.com": [SPF], "_dmarc.odoo-review.com": LifetimeTimeout()}
        self.assertMissing([], answers, "news.odoo-review.com")

    def test_long_names(self):
        """Few questions are asked, each of which may take its time."""
        self.assertMissing(["SPF", "DMARC"], {}, f"{'a.' * 50}odoo-review.com")
        self.assertEqual(len(self.asked), 5)
        self.assertEqual(self.asked[-1], "_dmarc.odoo-review.com")

    def test_no_library(self):
        self.assertEqual(self.load().find_missing_records("odoo-review.com"), [])
