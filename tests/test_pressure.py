"""What the page "Pressure" shows."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .cap_case import START, CapCase


@tagged("post_install", "-at_install")
class TestPressure(CapCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env, "boss", groups="marketing_automation.group_marketing_automation_admin"
        )

    def pressure(self, **delay):
        log = self.env["marketing.message.log"].with_user(self.administrator)
        with self.at(START + timedelta(**delay)):
            return log.get_pressure()

    def test_nothing(self):
        self.assertEqual(
            self.pressure(),
            {
                "caps": {"mail": {"number": 1, "days": 7, "skips": False}},
                "received": {},
                "full": {},
                "senders": {},
                "waiting": [],
            },
        )

    def test_numbers(self):
        """Of addresses, by how many messages they got."""
        self.set_cap(marketing_email_cap=2)
        for day, contacts in enumerate((self.contacts, self.contacts[0], self.contacts)):
            with self.at(START + timedelta(days=day)):
                campaign = self.prepare(f"Day {day}", records=contacts).campaign_id
            self.run_at(days=day)
        pressure = self.pressure(days=3)
        self.assertEqual(
            pressure["received"],
            {"mail": [{"number": 1, "week": 0, "month": 0}, {"number": 2, "week": 2, "month": 2}]},
        )
        self.assertEqual(pressure["full"], {"mail": 2})
        self.assertEqual(
            {
                sender["name"]: (sender["addresses"], sender["messages"])
                for sender in pressure["senders"]["mail"]
            },
            {"Day 0": (2, 2), "Day 1": (1, 1), "Day 2": (1, 1)},
        )
        self.assertEqual(
            pressure["waiting"],
            [
                {
                    "campaign_id": campaign.id,
                    "name": "Day 2",
                    "priority": "Normal",
                    "number": 1,
                    "until": "2025-03-10 09:00:00",
                }
            ],
        )
        later = self.pressure(days=10)
        self.assertEqual(
            later["received"]["mail"][:2],
            [{"number": 1, "week": 0, "month": 0}, {"number": 2, "week": 0, "month": 2}],
        )
        self.assertEqual(later["full"], {})

    def test_rights(self):
        log = self.env["marketing.message.log"].with_user(self.responsible)
        with self.assertRaises(AccessError):
            log.get_pressure()


@tagged("post_install", "-at_install")
class TestPressurePage(CapCase, HttpCase):
    def test_page(self):
        with self.at(START):
            self.prepare("First")
        self.run_jobs()
        self.send_mails()
        self.prepare("Second")
        self.run_jobs()
        code = """
            const text = document.querySelector(".o_marketing_pressure").textContent;
            for (const wanted of ["Last 7 days", "limit", "First", "Second"]) {
                if (!text.includes(wanted)) throw new Error(`${wanted} is missing: ${text}`);
            }
            document.querySelector(".o_marketing_pressure .btn-link").click();
            const look = () => document.querySelectorAll(".o_data_row").length === 2
                ? console.log("test successful") : setTimeout(look, 50);
            look();
        """
        self.browser_js(
            "/odoo/marketing-automation-pressure",
            code,
            ready="!!document.querySelector('.o_marketing_pressure')",
            login="admin",
        )
