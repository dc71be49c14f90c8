"""Which messages go to the same address, whatever the records."""

from datetime import timedelta

from odoo.tests import tagged

from .cap_case import START, CapCase


@tagged("post_install", "-at_install")
class TestCapAddresses(CapCase):
    def test_one_address_of_two_records(self):
        """In their order; the second one waits."""
        self.contacts[1].email = " Contact 0 <CONTACT0@example.com>"
        with self.at(START):
            activity = self.prepare(unique_field_id=False)
        self.run_at()
        self.assertEqual(self.states(activity), ["processed", "scheduled"])

    def test_several_addresses_of_a_record(self):
        """All of them get the message, so all of them have to be free."""
        several, other = self.contacts
        several.email = "one@example.com, two@example.com"
        other.email = "TWO@example.com"
        with self.at(START):
            first = self.prepare(records=other)
        self.run_at()
        with self.at(START + timedelta(days=1)):
            second = self.prepare(records=several)
        self.run_at(days=1)
        self.assertEqual(self.states(first), ["processed"])
        self.assertWaits(second, days=7)
        self.run_at(days=7)
        with self.at(START):
            last = self.prepare(records=other)
        self.run_at(days=8)
        self.assertWaits(last, days=14)

    def test_other_targets(self):
        """The address counts, whatever the record: here a lead of the contact, and a mailing
        contact."""
        contact = self.contacts[0]
        lead = self.env["crm.lead"].create({"name": "Lead", "partner_id": contact.id})
        subscriber = self.env["mailing.contact"].create(
            {"name": "Subscriber", "email": "Contact0@Example.com"}
        )
        with self.at(START):
            self.prepare(records=contact)
        self.run_at()
        for record in (lead, subscriber):
            with self.subTest(model=record._name), self.at(START):
                activity = self.prepare(
                    records=record, model_id=self.env["ir.model"]._get_id(record._name)
                )
                self.run_jobs()
                self.assertWaits(activity, days=7)

    def test_numbers_of_other_targets(self):
        self.set_cap(marketing_sms_cap=1)
        contact = self.contacts[0]
        lead = self.env["crm.lead"].create({"name": "Lead", "phone": "+32 456 11 00 00"})
        with self.at(START):
            self.prepare(activity_type="sms", records=contact)
        self.run_at()
        with self.at(START):
            activity = self.prepare(
                activity_type="sms", records=lead, model_id=self.env["ir.model"]._get_id("crm.lead")
            )
            self.run_jobs()
        self.assertWaits(activity, days=7)

    def test_who_has_no_address(self):
        """Is told apart from who has got too many messages."""
        self.contacts.email = False
        with self.at(START):
            activities = self.prepare() + self.prepare()
        self.run_at()
        self.assertEqual(set(activities.trace_ids.mapped("state_reason")), {"mail_email_missing"})

    def test_deleted_traces_count(self):
        with self.at(START):
            first = self.prepare()
        self.run_at()
        first.campaign_id.participant_ids._delete_traces()
        with self.at(START):
            second = self.prepare()
        self.run_at(days=1)
        self.assertWaits(second, days=7)
