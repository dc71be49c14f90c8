"""Whom each message reaches is what happens after the start."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .review_case import ReviewCase
from .test_mailing_lists import ListsMixin

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
