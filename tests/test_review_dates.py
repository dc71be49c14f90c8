"""When the first message of each step goes is when it goes after the start."""

from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .entry_date_case import DateEntryCase
from .review_case import ReviewCase

START = datetime(2025, 3, 3, 9)


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
        self.assertEqual(first, "The first message, “First”, goes at once.")

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
        with self.at(START):
            review = self.review(campaign, later)
        [message] = review["messages"]
        self.assertEqual(message["text"], "The first one goes on Monday 10 March at 10:00.")
        self.assertEqual(
            review["first"], "The first message, “First”, goes on Monday 10 March at 10:00."
        )

    def test_limit_of_messages_an_hour(self):
        campaign = self.create_campaign(self.create_contacts(5), hourly_limit=2)
        self.create_activity(campaign, delay="0 hours")
        self.assertIn("5 take about 3 hours", self.review(campaign)["first"])


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
        self.assertEqual(
            entry["text"], "the first comes in on 4 March at 9:00, 2 in all within 31 days"
        )
        with self.at("2025-06-01 08:00:00"):
            [entry] = campaign.with_user(self.responsible)._get_review()["audience"]["entries"]
        self.assertEqual(entry["text"], "nobody comes in within 31 days")
