"""Sending hours as people see them: in words, as problems, as the reason of a wait; and who may
change them."""

from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tests.common import new_test_user

from .common import USER_GROUPS
from .test_sending_hours import HOUR, NOON, SendingHoursCase

ADMIN = "marketing_automation.group_marketing_automation_admin"


@tagged("post_install", "-at_install")
class TestSendingHoursWords(SendingHoursCase):
    def describe(self, attendances=None, **vals):
        """:param attendances: tuples of days, and hours from and to"""
        if attendances is not None:
            self.campaign.sending_calendar_id = self.create_calendar(
                days=(),
                attendance_ids=[
                    Command.create(
                        {
                            "name": "Open",
                            "dayofweek": str(day % 7),
                            "week_type": vals.get("two_weeks_calendar") and str(day // 7),
                            "hour_from": begin,
                            "hour_to": end,
                        }
                    )
                    for days, begin, end in attendances
                    for day in days
                ],
                **vals,
            )
        self.campaign.invalidate_recordset()
        with self.at(NOON):
            return (self.campaign.sending_hours_text or "").replace("\N{EN DASH}", "~")

    def test_hours(self):
        for expected, *attendances in (
            ("Mon to Fri 9:00~17:00", (range(5), 9, 17)),
            ("Mon, Tue 9:00~12:00, 13:30~17:00", ((0, 1), 9, 12), ((0, 1), 13.5, 17)),
            ("Mon to Wed, Fri 9:00~17:00, Sat 10:00~12:00", ((0, 1, 2, 4), 9, 17), ((5,), 10, 12)),
            ("every day 22:00~6:00", (range(7), 22, 24), (range(7), 0, 6)),
            ("Mon 22:00~6:00", ((0,), 22, 24), ((1,), 0, 6)),
            ("every day all day", (range(7), 0, 24)),
        ):
            with self.subTest(expected=expected):
                self.assertEqual(self.describe(attendances), f"{expected}, recipient's time")

    def test_two_weeks(self):
        text = self.describe([((0, 1, 2), 9, 12), ((7,), 9, 12)], two_weeks_calendar=True)
        self.assertEqual(
            text,
            "first week: Mon to Wed 9:00~12:00; second week: Mon 9:00~12:00, recipient's time",
        )

    def test_no_hours(self):
        self.assertEqual(self.describe([]), "Never: this schedule has no hours")
        self.campaign.sending_calendar_id = False
        self.assertFalse(self.describe())

    def test_by_whose_clock(self):
        self.responsible.tz = "America/New_York"
        self.campaign.sending_timezone = "responsible"
        self.assertEqual(self.describe(), "Mon to Fri 9:00~17:00, time in New York")

    def test_holidays(self):
        self.close(datetime(2025, 1, 1), datetime(2025, 1, 1, 23, 59, 59))  # over
        self.close(datetime(2025, 3, 8), datetime(2025, 3, 8, 23, 59, 59))  # a Saturday
        self.close(datetime(2025, 12, 25), datetime(2025, 12, 25, 23, 59, 59))
        self.env.user.tz = "Pacific/Auckland"  # nobody's business
        hours = "Mon to Fri 9:00~17:00, recipient's time; closed on"
        self.assertEqual(self.describe(), f"{hours} 25 Dec")
        self.close(datetime(2025, 4, 18), datetime(2025, 4, 21, 23, 59, 59))
        self.assertEqual(self.describe(), f"{hours} 18 Apr ~ 21 Apr, 25 Dec")
        for day in (1, 8, 29):
            self.close(datetime(2025, 5, day), datetime(2025, 5, day, 23, 59, 59))
        self.assertEqual(self.describe(), f"{hours} 18 Apr ~ 21 Apr, 1 May, 8 May, 2 more")

    def test_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        campaign = self.campaign.with_context(lang="fr_FR")
        self.assertIn("lun.", campaign.sending_hours_text)

    def test_form(self):
        with Form(self.campaign.with_user(self.responsible)) as form:
            self.assertIn("Mon to Fri", form.sending_hours_text)
            form.sending_calendar_id = self.env["resource.calendar"]
            self.assertFalse(form.sending_hours_text)
        self.assertFalse(self.campaign.sending_calendar_id)

    def test_exempt_on_the_canvas_and_in_the_form(self):
        email, action = self.add(), self.add("action")
        (email | action).ignore_sending_hours = True
        self.assertEqual((email | action).mapped("is_exempt"), [True, False])
        steps = {step["id"]: step for step in (email | action)._get_workflow_steps()}
        self.assertTrue(steps[email.id]["is_exempt"])
        self.campaign.sending_calendar_id = False
        self.assertFalse(email.is_exempt)
        form = Form(email.with_user(self.responsible))
        with self.assertRaises(AssertionError):
            form.ignore_sending_hours = False  # it is not shown


@tagged("post_install", "-at_install")
class TestWaitForHours(SendingHoursCase):
    def setUp(self):
        super().setUp()
        self.activity = self.add()
        self.start_at(NOON)

    def explain(self, zone, user=None):
        trace = self.trace_of(self.activity, self.of(zone)).with_user(user or self.responsible)
        trace.invalidate_recordset()
        with self.at(NOON):
            return trace.state_msg

    def test_reason_of_a_wait(self):
        self.assertEqual(
            self.explain("Asia/Tokyo"),
            "Outside the sending hours. Waits for Tuesday 9:00 in Tokyo",
        )
        self.assertEqual(
            self.explain("America/New_York"),
            "Outside the sending hours. Waits for Monday 9:00 in New York",
        )
        self.assertFalse(self.explain("Europe/Brussels"))

    def test_on_the_journey(self):
        trace = self.trace_of(self.activity, self.of("Asia/Tokyo"))
        with self.at(NOON):
            journey = trace.participant_id.with_user(self.responsible).get_journey()
        entry = journey["traces"][str(self.activity.id)]
        self.assertEqual(
            entry["hold"], "Outside the sending hours. Waits for Tuesday 9:00 in Tokyo"
        )
        self.assertFalse(entry["reason"])

    def test_far_away(self):
        self.close(datetime(2025, 3, 4), datetime(2025, 3, 8, 23, 59, 59))
        self.run_at(NOON + HOUR)
        self.assertIn("Waits for Monday 10 March 9:00 in Tokyo", self.explain("Asia/Tokyo"))

    def test_its_time_is_up_before(self):
        self.close(datetime(2025, 3, 4), datetime(2025, 4, 8, 23, 59, 59))
        self.run_at(NOON + HOUR)
        self.assertIn("before its time is up: 10 March 1", self.explain("Asia/Tokyo"))

    def test_where_they_live_is_told_to_who_may_read_them(self):
        self.env["ir.rule"].create(
            {
                "name": "Not Tokyo",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "groups": [Command.link(self.env.ref("base.group_user").id)],
                "domain_force": "[('tz', '!=', 'Asia/Tokyo')]",
            }
        )
        admin = new_test_user(self.env, "boss", groups=f"base.group_user,{ADMIN}", tz="UTC")
        self.assertEqual(
            self.explain("Asia/Tokyo", admin), "Outside the sending hours. Waits for Tuesday 0:00"
        )


@tagged("post_install", "-at_install")
class TestSendingHoursProblems(SendingHoursCase):
    def assertRefused(self, text):
        with self.assertRaisesRegex(UserError, text):
            self.campaign.action_start_campaign()
        self.assertIn(text, " ".join(p["message"] for p in self.campaign.problem_list))

    def setUp(self):
        super().setUp()
        self.add()
        self.calendar.name = "Night shift"

    def test_never_open(self):
        self.calendar.attendance_ids.unlink()
        self.assertRefused("“Night shift” have no opening within a year")

    def test_holidays_all_year(self):
        now = datetime.now().replace(microsecond=0)
        self.close(now.replace(year=now.year - 1), now.replace(year=now.year + 2))
        self.assertRefused("“Night shift” have no opening within a year")

    def test_flexible(self):
        self.calendar.schedule_type = "flexible"
        self.assertRefused("“Night shift” have no opening within a year")

    def test_archived(self):
        self.calendar.active = False
        self.assertRefused("“Night shift” are archived")

    def test_the_responsible_is_told_while_it_runs(self):
        self.start_at(NOON)
        self.calendar.attendance_ids.unlink()
        self.run_at(NOON + HOUR)
        self.run_at(NOON + 2 * HOUR)
        [told] = self.campaign.activity_ids
        self.assertIn("“Night shift” have no opening within a year", told.note)

    def test_who_may_change_them(self):
        """Who may not act for the responsible may not; no HR rights are needed."""
        self.responsible.group_ids += self.env.ref("sales_team.group_sale_manager")
        other = new_test_user(self.env, "other", groups=",".join(USER_GROUPS))
        activity = self.campaign.marketing_activity_ids
        for vals in (
            {"sending_calendar_id": False},
            {"sending_timezone": "responsible"},
            {"outside_hours": "skip"},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self.campaign.with_user(other).write(vals)
            self.campaign.with_user(self.responsible).write(vals)
        with self.assertRaises(AccessError):
            activity.with_user(other).ignore_sending_hours = True
        activity.with_user(self.responsible).ignore_sending_hours = True

    def test_copied_with_the_campaign(self):
        self.campaign.write({"sending_timezone": "responsible", "outside_hours": "skip"})
        self.campaign.marketing_activity_ids.ignore_sending_hours = True
        copy = self.campaign.copy()
        self.assertEqual(copy.sending_calendar_id, self.calendar)
        self.assertEqual((copy.sending_timezone, copy.outside_hours), ("responsible", "skip"))
        self.assertTrue(copy.marketing_activity_ids.ignore_sending_hours)
