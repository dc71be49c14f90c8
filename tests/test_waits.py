"""Steps at which a run waits."""

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_steering import START, SteeringCase


@tagged("post_install", "-at_install")
class TestWait(SteeringCase):
    def wait_for(self, event, number, unit):
        """A message that was handed over, and a step that waits for what happens to it.

        :param number: limit of the wait, in units
        """
        mail = self.create_step("email")
        wait = self.create_step(
            "wait",
            mail,
            wait_type="event",
            wait_activity_id=mail.id,
            wait_event=event,
            wait_limit=True,
            wait_limit_number=number,
            wait_limit_type=unit,
        )
        self.start()
        with self.at(START):
            self.hand_over(self.campaign)
        self.go_on()
        return mail, wait

    def test_until_event(self):
        mail = self.create_step("email")
        wait = self.create_step(
            "wait",
            mail,
            wait_type="event",
            wait_activity_id=mail.id,
            wait_event="mail_click",
            wait_limit=True,
            wait_limit_number=2,
            wait_limit_type="days",
        )
        met = self.create_step("action", branch=self.branch(wait, "met"))
        late = self.create_step("action", branch=self.branch(wait, "timeout"))
        self.start()
        with self.at("2025-03-03 09:00:00"):
            self.hand_over(self.campaign)
            self.trace_of(mail, self.contacts[0]).process_event("mail_click")
        self.go_on()
        self.assertEqual(self.done(met), self.contacts[0], "It had happened before")
        with self.at("2025-03-04 09:00:00"):
            self.trace_of(mail, self.contacts[1]).process_event("mail_click")
            self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(self.done(met), self.contacts[:2])
        self.assertFalse(self.done(late))
        self.go_on(hours=47)
        self.assertFalse(self.done(late))
        self.go_on(hours=48)
        self.assertEqual(self.done(late), self.contacts[2:])

    def test_limit_begins_anew_when_the_message_got_out_after_all(self):
        mail, wait = self.wait_for("mail_click", 2, "days")
        message = self.trace_of(mail, self.contacts[0]).mailing_trace_ids
        with self.at("2025-03-04 09:00:00"):
            message.set_failed(failure_type="mail_smtp")
        trace = self.trace_of(wait, self.contacts[0])
        self.assertEqual((trace.state, trace.state_reason), ("canceled", "parent"))
        with self.at("2025-03-07 09:00:00"):
            message.set_sent()
            self.run_jobs()
        self.assertEqual(trace.state, "scheduled", "It waits again")
        self.assertEqual(
            trace.schedule_date, fields.Datetime.to_datetime("2025-03-09 09:00:00"), "Two days"
        )

    def test_event_after_the_limit_does_not_move_it(self):
        mail, wait = self.wait_for("mail_open", 1, "hours")
        with self.at("2025-03-03 12:00:00"):
            self.trace_of(mail, self.contacts[0]).process_event("mail_open")
        self.assertEqual(
            self.trace_of(wait, self.contacts[0]).schedule_date,
            fields.Datetime.to_datetime("2025-03-03 10:00:00"),
            "It was due before",
        )

    def test_without_limit_what_else_happens_does_not_matter(self):
        mail = self.create_step("email")
        wait = self.create_step(
            "wait", mail, wait_type="event", wait_activity_id=mail.id, wait_event="mail_click"
        )
        self.start()
        with self.at("2025-03-03 09:00:00"):
            self.hand_over(self.campaign)
        self.go_on()
        with self.at("2025-03-03 12:00:00"):
            self.trace_of(mail, self.contacts[0]).process_event("mail_open")
            wait.interval_number = 1
            self.campaign.action_update_participants()
            wait.interval_number = 0
            self.campaign.action_update_participants()
            self.run_jobs()
            self.run_jobs()
        self.assertEqual(wait.trace_ids.mapped("schedule_date"), [False] * 4)
        self.assertEqual(set(wait.trace_ids.mapped("state")), {"scheduled"})

    def test_who_waits_has_come_there(self):
        """What the step followed upon does not matter any more, but that the message arrives."""
        mail = self.create_step("email")
        steps = [
            self.create_step(
                "wait",
                mail,
                trigger=trigger,
                wait_type="event",
                wait_activity_id=mail.id,
                wait_event=event,
            )
            for trigger, event in [
                ("mail_not_open", "mail_open"),
                ("mail_not_open", "mail_reply"),
                ("activity", "mail_bounce"),
                ("activity", "mail_reply"),
            ]
        ]
        self.start()
        with self.at("2025-03-03 09:00:00"):
            self.hand_over(self.campaign)
        self.go_on()
        with self.at("2025-03-03 12:00:00"):
            self.trace_of(mail, self.contacts[0]).process_event("mail_open")
            self.trace_of(mail, self.contacts[1]).process_event("mail_bounce")
            self.run_jobs()
        states = [[self.trace_of(step, one).state for step in steps] for one in self.contacts[:2]]
        self.assertEqual(states[0], ["processed", "scheduled", "scheduled", "scheduled"])
        self.assertEqual(states[1], ["canceled", "canceled", "processed", "canceled"])

    def test_until_filter(self):
        wait = self.create_step(
            "wait", wait_type="filter", wait_domain="[('function', '=', 'Won')]"
        )
        self.contacts[0].function = "Won"
        self.start()
        self.assertEqual(self.done(wait), self.contacts[0])
        self.contacts[1].function = "Won"
        self.go_on(hours=1)
        self.assertEqual(self.done(wait), self.contacts[:2])
        self.assertEqual(
            self.participant_of(self.campaign, self.contacts[2]).state, "running", "It waits"
        )
        trace = self.trace_of(wait, self.contacts[2])
        self.assertEqual(trace.state_msg, "Waits: Until Job Position is Won")

    def test_a_look_that_fails_holds_up_nobody(self):
        waits = [
            self.create_step("wait", wait_type="filter", wait_domain="[('function', '=', 'Won')]")
            for _number in range(2)
        ]
        self.start()
        self.contacts[0].function = "Won"
        get_problems = type(waits[0])._get_run_problems

        def fail_at_first(step):
            if step == waits[0]:
                raise ValueError("Broken")
            return get_problems(step)

        self.patch(type(waits[0]), "_get_run_problems", fail_at_first)
        with mute_logger("odoo.addons.marketing_automation.models.engine.enrol"):
            self.go_on(hours=1)
        self.assertFalse(self.done(waits[0]))
        self.assertEqual(self.done(waits[1]), self.contacts[0])

    def test_times_up_is_drawn_where_it_can_be(self):
        wait = self.create_step("wait", wait_type="time")
        self.assertEqual([branch["type"] for branch in wait.branches], ["met"])
        wait.write({"wait_type": "event", "wait_limit": True})
        self.assertEqual([branch["type"] for branch in wait.branches], ["met", "timeout"])
        self.create_step("action", branch=self.branch(wait, "timeout"))
        wait.wait_limit = False
        self.assertEqual([branch["type"] for branch in wait.branches], ["met", "timeout"])

    def test_until_time(self):
        self.responsible.tz = "Europe/Brussels"
        wait = self.create_step("wait", wait_type="time", wait_weekday="1", time_of_day=10)
        self.start()
        self.assertEqual(
            set(wait.trace_ids.mapped("schedule_date")),
            {fields.Datetime.to_datetime("2025-03-04 09:00:00")},
        )
        self.go_on(hours=24, minutes=-1)
        self.assertFalse(self.done(wait))
        self.go_on(hours=24)
        self.assertEqual(self.done(wait), self.contacts)

    def test_until_date_of_the_record(self):
        field = self.env["ir.model.fields"]._get("res.partner", "create_date")
        wait = self.create_step(
            "wait",
            wait_type="date",
            wait_date_field_id=field.id,
            wait_date_number=3,
            wait_limit=True,
            wait_limit_number=1,
        )
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2025-03-01 12:00:00' WHERE id = %s;"
            "UPDATE res_partner SET create_date = '2025-02-27 22:00:00' WHERE id = %s;"
            "UPDATE res_partner SET create_date = '2025-02-01 22:00:00' WHERE id = %s;"
            "UPDATE res_partner SET create_date = NULL WHERE id = %s",
            self.contacts.ids,
        )
        self.env.invalidate_all()
        self.start()
        states = [self.trace_of(wait, contact).branch_id.branch_type for contact in self.contacts]
        self.assertEqual(states, [False, "met", "timeout", "timeout"])
        self.assertEqual(
            self.trace_of(wait, self.contacts[0]).schedule_date,
            fields.Datetime.to_datetime("2025-03-04 12:00:00"),
        )
        self.go_on(hours=27)
        self.assertEqual(self.way(wait, self.contacts[0]).branch_type, "met")

    def test_until_the_day_before_one_that_the_clock_skipped(self):
        """In Apia there was no 30 December 2011: the day before it was the 29th all the same."""
        self.env["ir.model.fields"].create(
            {
                "name": "x_day",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "ttype": "date",
                "field_description": "Day",
            }
        )
        self.responsible.tz = "Pacific/Apia"
        self.contacts.x_day = "2011-12-30"
        wait = self.create_step(
            "wait",
            wait_type="date",
            wait_date_field_id=self.env["ir.model.fields"]._get("res.partner", "x_day").id,
            wait_date_number=-1,
            time_of_day=9,
        )
        with self.at("2011-12-20 09:00:00"):
            self.campaign.action_start_campaign()
            self.run_jobs()
        nine = fields.Datetime.to_datetime("2011-12-29 19:00:00")
        self.assertEqual(set(wait.trace_ids.mapped("schedule_date")), {nine})
        with self.at(nine):
            self.run_jobs()
        self.assertEqual(self.done(wait), self.contacts)

    def test_dates_at_the_ends_of_time(self):
        """9999 stands for never in many databases; later dates could not be read by anybody."""
        field = self.env["ir.model.fields"]._get("res.partner", "create_date")
        wait = self.create_step(
            "wait",
            wait_type="date",
            wait_date_field_id=field.id,
            wait_date_number=10000,
            wait_date_type="months",
        )
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '9999-12-31 23:00:00' WHERE id = %s;"
            "UPDATE res_partner SET create_date = '0001-01-01 00:00:00' WHERE id = %s",
            self.contacts[:2].ids,
        )
        self.env.invalidate_all()
        self.start()
        self.assertGreater(self.trace_of(wait, self.contacts[0]).schedule_date.year, 9000)
        wait.wait_date_number = -10000
        self.campaign.action_update_participants()
        self.go_on()
        self.assertEqual(self.way(wait, self.contacts[1]).branch_type, "met")
