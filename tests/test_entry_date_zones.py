"""Records come in by a date of theirs, in their own time zone."""

from odoo.tests import tagged
from odoo.tools import SQL

from ..models.policy.timezones import get_only_timezones
from .entry_date_case import DateEntryCase


@tagged("post_install", "-at_install")
class TestTimezones(DateEntryCase):
    """The clock of a record: in SQL as in plain words."""

    def test_of_records(self):
        """Each place that may say it, on two models, set or not."""
        countries = [
            self.env["res.country"],
            *(self.env.ref(f"base.{code}") for code in ("be", "de", "us", "jp")),
        ]
        company = self.env.company
        other = self.env["res.company"].create({"name": "Other"})
        other.partner_id.tz = "Asia/Tokyo"
        far = self.env["res.company"].create({"name": "Far"})
        far.partner_id.write({"tz": False, "country_id": self.env.ref("base.np").id})
        company.partner_id.write({"tz": False, "country_id": False})
        companies = [self.env["res.company"], company, other, far]
        partners = self.env["res.partner"].create(
            [
                {"name": "P", "tz": tz, "country_id": country.id, "company_id": owner.id}
                for tz in (False, "Pacific/Apia")
                for country in countries
                for owner in companies
            ]
        )
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": "L",
                    "partner_id": partners[place % len(partners)].id if place % 3 else False,
                    "country_id": countries[place % 5].id,
                    "company_id": companies[place % 4].id,
                }
                for place in range(60)
            ]
        )
        contacts = self.env["mailing.contact"].create(
            [{"name": "C", "country_id": country.id} for country in countries]
        )
        found = set()
        for records in (partners, leads, contacts):
            campaign = self.create_campaign(
                domain="[]", model_id=self.env["ir.model"]._get_id(records._name)
            )
            campaign.user_id.tz = "Africa/Casablanca"
            self.env.flush_all()
            query = records._search([("id", "in", records.ids)])
            timezone = campaign._timezone_sql(query)
            rows = self.env.execute_query(query.select(f'"{query.table}".id', timezone))
            expected = {record.id: campaign._get_record_timezone(record) for record in records}
            self.assertEqual(dict(rows), expected)
            query = records._search([("id", "in", records.ids)])
            groups = self.env.execute_query(
                campaign._by_timezone_sql(query, SQL("date '2025-03-01'"))
            )
            by_group = {res_id: zone for ids, _date, zone in groups for res_id in ids}
            self.assertEqual(by_group, expected)
            self.assertEqual(sum(len(ids) for ids, *_date in groups), len(records))
            found |= set(expected.values())
        self.assertEqual(
            found,
            {
                "Africa/Casablanca",
                "Asia/Kathmandu",
                "Asia/Tokyo",
                "Europe/Berlin",
                "Europe/Brussels",
                "Pacific/Apia",
            },
        )

    def test_countries(self):
        """The clocks of Berlin and Büsingen are always the same."""
        only = get_only_timezones()
        self.assertEqual((only["BE"], only["DE"]), ("Europe/Brussels", "Europe/Berlin"))
        self.assertTrue({"US", "AU", "BR", "ES", "RU"}.isdisjoint(only))
