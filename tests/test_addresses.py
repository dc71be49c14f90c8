"""Email fields: what counts as one address, and as one person."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged
from odoo.tools import SQL, email_normalize, email_normalize_all

from ..tools.addresses import address_keys
from .common import MarketingAutomationCase, MessagingCase

addresses = st.builds(
    "{}@{}".format,
    st.text("aAzZ0.+-_'é", min_size=1, max_size=6),
    st.text("bBzÜ9.-", min_size=1, max_size=6),
)
names = st.text("nN @\"',;()<>:é[]\\\t", max_size=6)
values = st.one_of(
    addresses,
    st.builds("{}<{}>{}".format, names, addresses, st.sampled_from(["", " ", ";"])),
    st.builds('"{}" <{}>'.format, names, addresses),
    st.builds("{}{}{}".format, addresses, st.sampled_from([",", ";", " ", "; "]), addresses),
    st.text("aB@. <>\"',;\t\n", max_size=12),
)


@tagged("post_install", "-at_install")
class TestAddressKeys(MarketingAutomationCase):
    """The database compares addresses as Odoo normalises them."""

    def campaign_on(self, model_name, field_name):
        return self.create_campaign(
            domain="[]",
            model_id=self.env["ir.model"]._get_id(model_name),
            unique_field_id=self.env["ir.model.fields"]._get(model_name, field_name).id,
        )

    def keys_of(self, campaign, texts):
        """The keys of texts on a model that does not normalise its field."""
        key, odd = campaign._address_sql(self.env[campaign.model_name], None, SQL("text"))
        rows = self.env.execute_query(
            SQL("SELECT text, nullif(%s, ''), %s FROM unnest(%s) AS text", key, odd, texts)
        )
        return [
            (text, address_keys(odd) if odd else frozenset([key] if key else []))
            for text, key, odd in rows
        ]

    def test_keys_are_normalised_addresses(self):
        campaign = self.campaign_on("mailing.mailing", "email_from")

        @settings(
            max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @example(["a@b.c", " A@B.c ", '"Ann, Lee" <A@b.C>', "Ann <a@b.c>", "", "  "])
        @given(st.lists(values, min_size=5, max_size=40))
        def check(texts):
            for text, keys in self.keys_of(campaign, texts):
                self.assertEqual(keys, address_keys(text), repr(text))
                normalized = email_normalize(text)
                if normalized and normalized.isascii():
                    self.assertEqual(keys, {normalized}, repr(text))
                elif not email_normalize_all(text):
                    self.assertEqual(keys, {text.strip().lower()} - {""}, repr(text))

        check()

    def test_international_domains(self):
        """Mail servers know them by another name (RFC 5890)."""
        forms = ["ann@Bücher.example", "ANN@bücher.example", "ann@xn--bcher-kva.example"]
        self.assertEqual(len(set(map(address_keys, forms))), 1)
        self.assertEqual(address_keys("ann@bücher..example"), {"ann@bücher..example"})

    def test_most_values_need_no_python(self):
        campaign = self.campaign_on("mailing.mailing", "email_from")
        _key, odd = campaign._address_sql(self.env["mailing.mailing"], None, SQL("text"))
        texts = ["ann@example.com", '"Lee, Ann" <Ann.Lee+x@Example.com>', "Ann <a@b.c>", "", " "]
        rows = self.env.execute_query(SQL("SELECT %s FROM unnest(%s) AS text", odd, texts))
        self.assertEqual(rows, [(None,)] * len(texts))


@tagged("post_install", "-at_install")
class TestUnicityOfAddresses(MarketingAutomationCase):
    SAME = (
        "ann@example.com",
        "  ANN@example.com ",
        '"Lee, Ann" <Ann@Example.com>',
        "Ann Lee ann@example.com",
        "<ann@example.com>",
    )
    OTHERS = ("ann@bücher.example", '"Ann" <ANN@xn--bcher-kva.example>')

    def enrolled(self, records, field_name, **vals):
        campaign = self.create_campaign(
            records,
            model_id=self.env["ir.model"]._get_id(records._name),
            unique_field_id=self.env["ir.model.fields"]._get(records._name, field_name).id,
            user_id=self.env.ref("base.user_admin").id,
            **vals,
        )
        self.create_activity(
            campaign,
            "action",
            server_action_id=self.create_server_action(
                model_id=campaign.model_id.id, code="record.display_name"
            ).id,
        )
        campaign.action_start_campaign()
        campaign.sync_participants()
        ids = campaign.participant_ids.mapped("res_id")
        return records.filtered(lambda record: record.id in ids)

    def create_each(self, model_name, field_name, texts, **vals):
        return self.env[model_name].create([{field_name: text, **vals} for text in texts])

    def test_model_that_normalises_addresses(self):
        for model_name, field_name in (("res.partner", "email"), ("crm.lead", "email_from")):
            with self.subTest(model_name):
                records = self.create_each(
                    model_name, field_name, [*self.SAME, *self.OTHERS], name="Ann"
                )
                self.assertEqual(
                    self.enrolled(records, field_name), records[0] + records[len(self.SAME)]
                )

    def test_model_that_does_not(self):
        records = self.create_each(
            "mailing.mailing",
            "email_from",
            [*self.SAME, *self.OTHERS],
            subject="Ann",
            mailing_model_id=self.env["ir.model"]._get_id("res.partner"),
        )
        self.assertEqual(self.enrolled(records, "email_from"), records[0] + records[len(self.SAME)])

    def test_several_addresses(self):
        texts = [
            "b@example.com",
            "a@example.com; B@example.com",  # b is there
            "c@example.com, d@example.com",
            "e@example.com; d@example.com",  # d is there
            "e@example.com",  # which the one before did not take
            '"C" <c@example.com>',
            "F@example.com f@example.com",
            "f@example.com",
        ]
        for model_name, field_name in (("res.partner", "email"), ("mailing.mailing", "email_from")):
            with self.subTest(model_name):
                vals = (
                    {"name": "Ann"}
                    if model_name == "res.partner"
                    else {
                        "subject": "Ann",
                        "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                    }
                )
                records = self.create_each(model_name, field_name, texts, **vals)
                expected = records[0] + records[2] + records[4] + records[6]
                self.assertEqual(self.enrolled(records, field_name), expected)

    def test_participants_take_all_their_addresses(self):
        partners = self.create_each(
            "res.partner",
            "email",
            ["x@example.com; y@example.com", "z@example.com"],
            name="First",
        )
        campaign = self.create_campaign(partners)
        self.create_activity(campaign, "action")
        campaign.action_start_campaign()
        campaign.sync_participants()
        later = self.create_each(
            "res.partner",
            "email",
            ["y@example.com", "z@example.com; w@example.com", "w@example.com"],
            name="Later",
        )
        campaign.domain = str([("id", "in", (partners + later).ids)])
        campaign.sync_participants()
        self.assertEqual(
            sorted(campaign.participant_ids.mapped("res_id")), [*partners.ids, later[2].id]
        )


@tagged("post_install", "-at_install")
class TestSeveralAddresses(MessagingCase):
    """A field with two addresses: each gets one email, a blacklisted one none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.create_contacts(1, email="First@example.com; second@example.com")
        cls.body = '<div><p>Hello</p><a href="/unsubscribe_from_list">Unsubscribe</a></div>'

    def start_campaign(self, records, **vals):
        campaign = self.create_campaign(records, **vals)
        mailing = self.create_mailing(campaign, body_html=self.body)
        self.activity = self.create_activity(campaign, delay="0 hours", mass_mailing_id=mailing.id)
        self.start(campaign)
        return campaign

    def sent_to(self):
        self.send_mails()
        return sorted(email_normalize(mail["email_to"][0]) for mail in self._mails)

    def fate(self, record):
        trace = self.trace_of(self.activity, record)
        return trace.state, trace.state_reason or None

    def test_each_gets_one_with_its_own_links(self):
        self.contact.email += "; FIRST@example.com"
        self.start_campaign(self.contact)
        self.assertEqual(self.sent_to(), ["first@example.com", "second@example.com"])
        for mail in self._mails:
            self.assertEqual(len(mail["email_to"]), 1)
            address = email_normalize(mail["email_to"][0]).replace("@", "%40")
            self.assertIn(address, mail["headers"]["List-Unsubscribe"])
            self.assertIn(f"email={address}", mail["body"])
        self.assertEqual(self.fate(self.contact), ("processed", None))

    def test_blacklisted_before(self):
        for blacklisted, left in (("first", "second"), ("second", "first")):
            with self.subTest(blacklisted):
                self.env["mail.blacklist"]._add(f"{blacklisted}@example.com")
                self.start_campaign(self.contact)
                self.assertEqual(self.sent_to(), [f"{left}@example.com"])
                self.assertEqual(self.fate(self.contact), ("processed", None))
                self.env["mail.blacklist"]._remove(f"{blacklisted}@example.com")

    def test_blacklisted_while_it_waits(self):
        for blacklisted, left in (("first", "second"), ("second", "first")):
            with self.subTest(blacklisted):
                self.start_campaign(self.contact)
                self.env["mail.blacklist"]._add(f"{blacklisted}@example.com")
                self.assertEqual(self.sent_to(), [f"{left}@example.com"])
                self.env["mail.blacklist"]._remove(f"{blacklisted}@example.com")

    def test_all_blacklisted(self):
        first, second = "first@example.com", "second@example.com"
        self.env["mail.blacklist"]._add(second)
        self.start_campaign(self.contact)
        self.env["mail.blacklist"]._add(first)
        self.assertEqual(self.fate(self.contact), ("canceled", "mail_bl"), "While it waits.")
        self.assertEqual(self.sent_to(), [])
        self.start_campaign(self.contact)
        self.assertEqual(self.fate(self.contact), ("canceled", "mail_bl"), "Before.")

    def test_other_targets(self):
        """Mailing contacts and leads keep the addresses in the email itself."""
        self.responsible.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        for model_name, field_name in (("crm.lead", "email_from"), ("mailing.contact", "email")):
            with self.subTest(model_name):
                record = self.env[model_name].create(
                    {"name": "Two", field_name: "one@example.com, two@example.com"}
                )
                self.start_campaign(record, model_id=self.env["ir.model"]._get_id(model_name))
                self.env["mail.blacklist"]._add("two@example.com")
                self.assertEqual(self.sent_to(), ["one@example.com"])
                self.env["mail.blacklist"]._remove("two@example.com")

    def test_mailing_that_goes_to_everybody(self):
        campaign = self.start_campaign(self.contact)
        campaign.marketing_activity_ids.mass_mailing_id.use_exclusion_list = False
        self.env["mail.blacklist"]._add("second@example.com")
        self.assertEqual(self.sent_to(), ["first@example.com", "second@example.com"])

    def test_email_of_a_server_action(self):
        """It is one email to all addresses."""
        template = self.env["mail.template"].create(
            {
                "name": "Template",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Template",
                "body_html": "<p>Template</p>",
                "use_default_to": True,
            }
        )
        action = self.create_server_action(
            False, state="mail_post", mail_post_method="email", template_id=template.id
        )
        self.env["mail.blacklist"]._add("second@example.com")
        campaign = self.create_campaign(self.contact)
        self.activity = self.create_activity(
            campaign, "action", delay="0 hours", server_action_id=action.id
        )
        self.start(campaign)
        self.assertEqual(self.fate(self.contact), ("canceled", "mail_bl"))
