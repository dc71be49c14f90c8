"""Calls and to-dos that a step creates: done, not done in time, cancelled."""

from datetime import date
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import MarketingAutomationCase

EVENTS = ("activity_done", "activity_overdue", "activity_canceled")
START = "2025-03-03 09:00:00"


class TodoCase(MarketingAutomationCase):
    """A campaign whose first step creates a call, due in two days, for a salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = mail_new_test_user(
            cls.env, login="seller", groups="base.group_user", tz="America/New_York"
        )
        cls.contacts = cls.create_contacts(3)
        cls.campaign = cls.create_campaign(cls.contacts)
        cls.call_type = cls.env.ref("mail.mail_activity_data_call")
        cls.action = cls.create_call_action()
        cls.step = cls.create_activity(
            cls.campaign, "action", delay="0 hours", name="Call", server_action_id=cls.action.id
        )
        cls.followers = {
            event: cls.create_activity(
                cls.campaign,
                "action",
                event,
                "0 hours",
                name=event,
                parent_id=cls.step.id,
                server_action_id=cls.create_server_action(
                    f"record.write({{'function': (record.function or '') + '{event} '}})"
                ).id,
            )
            for event in EVENTS
        }

    @classmethod
    def create_call_action(cls, **vals):
        return cls.create_server_action(
            code=False,
            **{
                "state": "next_activity",
                "activity_type_id": cls.call_type.id,
                "activity_summary": "Call",
                "activity_date_deadline_range": 2,
                "activity_date_deadline_range_type": "days",
                "activity_user_type": "specific",
                "activity_user_id": cls.seller.id,
                **vals,
            },
        )

    def start(self):
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.campaign.execute_activities()

    def todo_of(self, contact):
        """The open call of a contact, as its salesperson sees it."""
        return (
            self.env["mail.activity"]
            .with_user(self.seller)
            .search([("res_model", "=", "res.partner"), ("res_id", "=", contact.id)])
        )

    def happened(self, contact):
        """What is known to have happened to the call of a contact."""
        trace = self.trace_of(self.step, contact)
        return {event for event in EVENTS if trace[f"{event}_datetime"]}

    def states(self, contact):
        return {event: self.trace_of(step, contact).state for event, step in self.followers.items()}


@tagged("post_install", "-at_install")
class TestHumanActivities(TodoCase):
    # ------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------

    def test_waiting(self):
        """Nothing follows before something happens."""
        with self.at(START):
            self.start()
            trace = self.trace_of(self.step, self.contacts[0])
            self.assertEqual(trace.activity_created_datetime, fields.Datetime.now())
        # The end of Wednesday in New York.
        self.assertEqual(str(trace.activity_deadline), "2025-03-06 05:00:00")
        self.assertEqual(self.states(self.contacts[0]), dict.fromkeys(EVENTS, "scheduled"))
        self.assertEqual(self.followers["activity_done"].trace_ids[0].schedule_date, False)
        self.assertEqual(trace.participant_id.state, "running")

    def test_done(self):
        with self.at(START):
            self.start()
        with self.at("2025-03-04 10:00:00"):
            self.todo_of(self.contacts[0]).action_feedback("Was nice")
            self.contacts[1].with_user(self.seller).activity_feedback(
                ["mail.mail_activity_data_call"]
            )
            self.todo_of(self.contacts[2]).action_done_schedule_next()
            self.campaign.execute_activities()
        for contact in self.contacts:
            self.assertEqual(self.happened(contact), {"activity_done"})
            self.assertEqual(contact.function, "activity_done ")
            trace = self.trace_of(self.step, contact)
            self.assertEqual(str(trace.activity_done_datetime), "2025-03-04 10:00:00")
            self.assertFalse(trace.activity_deadline)
            self.assertEqual(
                self.states(contact),
                {
                    "activity_done": "processed",
                    "activity_overdue": "canceled",
                    "activity_canceled": "canceled",
                },
            )
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})

    def test_canceled(self):
        with self.at(START):
            self.start()
        with self.at("2025-03-04 10:00:00"):
            self.todo_of(self.contacts[0]).unlink()
            self.todo_of(self.contacts[1]).action_cancel()
            self.contacts[2].with_user(self.seller).activity_unlink(
                ["mail.mail_activity_data_call"]
            )
            self.campaign.execute_activities()
        for contact in self.contacts:
            self.assertEqual(self.happened(contact), {"activity_canceled"})
            self.assertEqual(contact.function, "activity_canceled ")

    def test_overdue(self):
        """Late from the end of its day on, where the user lives; done late is done, too."""
        with self.at(START):
            self.start()
        contact = self.contacts[0]
        with self.at("2025-03-06 04:59:59"):
            self.campaign.execute_activities()
            self.assertFalse(self.happened(contact))
        with self.at("2025-03-06 05:00:00"):
            self.campaign.execute_activities()
            self.assertEqual(self.happened(contact), {"activity_overdue"})
            self.assertEqual(contact.function, "activity_overdue ")
            self.assertEqual(self.states(contact)["activity_done"], "scheduled")
        with self.at("2025-03-07 10:00:00"):
            self.todo_of(contact).action_feedback()
            self.campaign.execute_activities()
        self.assertEqual(self.happened(contact), {"activity_overdue", "activity_done"})
        self.assertEqual(contact.function, "activity_overdue activity_done ")

    def test_late_follower_is_spared_by_done(self):
        """What was to follow a late call is not executed if the call is done by then."""
        self.followers["activity_overdue"].interval_number = 5
        with self.at(START):
            self.start()
        contact = self.contacts[0]
        with self.at("2025-03-06 05:00:00"):
            self.campaign.execute_activities()
            late = self.trace_of(self.followers["activity_overdue"], contact)
            self.assertEqual(str(late.schedule_date), "2025-03-06 10:00:00")
            self.todo_of(contact).action_feedback()
        with self.at("2025-03-06 10:00:00"):
            self.campaign.execute_activities()
        self.assertEqual((late.state, late.state_reason), ("canceled", "event"))
        self.assertEqual(contact.function, "activity_done ")

    def test_deadline_is_moved(self):
        with self.at(START):
            self.start()
        later, earlier, other = self.contacts
        with self.at("2025-03-04 10:00:00"):
            self.todo_of(later).date_deadline = date(2025, 3, 10)
            self.todo_of(earlier).date_deadline = date(2025, 3, 3)
            self.todo_of(other).with_user(self.responsible).user_id = self.responsible
        self.assertEqual(self.happened(earlier), {"activity_overdue"})
        for contact, deadline in ((later, "2025-03-11 04:00:00"), (other, "2025-03-06 00:00:00")):
            self.assertEqual(str(self.trace_of(self.step, contact).activity_deadline), deadline)
        with self.at("2025-03-10 20:00:00"):
            self.campaign.execute_activities()
            self.assertFalse(self.happened(later))
            self.assertEqual(self.happened(other), {"activity_overdue"})
        with self.at("2025-03-11 04:00:00"):
            self.campaign.execute_activities()
        self.assertEqual(self.happened(later), {"activity_overdue"})

    def test_user_has_moved(self):
        """The day ends where the user is then."""
        with self.at(START):
            self.start()
        self.seller.tz = "Pacific/Honolulu"
        with self.at("2025-03-06 05:00:00"):
            self.campaign.execute_activities()
            self.assertFalse(self.happened(self.contacts[0]))
        with self.at("2025-03-06 10:00:00"):
            self.campaign.execute_activities()
        self.assertEqual(self.happened(self.contacts[0]), {"activity_overdue"})

    def test_nobody_is_assigned(self):
        """The day ends where the responsible of the campaign is."""
        self.responsible.tz = "Asia/Tokyo"
        self.action.activity_user_id = False
        with self.at(START):
            self.start()
        deadline = self.trace_of(self.step, self.contacts[0]).activity_deadline
        self.assertEqual(str(deadline), "2025-03-05 15:00:00")

    def test_job_notices(self):
        """The job is woken when a call gets late, by itself or after it was moved."""
        with self.at(START):
            self.campaign.action_start_campaign()
            self.run_jobs()
        job = self.env.ref("marketing_automation.ir_cron_campaign_execute_activities")
        wakings = [("cron_id", "=", job.id), ("call_at", "=", "2025-03-06 05:00:00")]
        self.assertTrue(self.env["ir.cron.trigger"].search_count(wakings))
        with self.at("2025-03-04 10:00:00"):
            self.todo_of(self.contacts[0]).date_deadline = date(2025, 3, 4)
        wakings = [("cron_id", "=", job.id), ("call_at", "=", "2025-03-05 05:00:00")]
        self.assertTrue(self.env["ir.cron.trigger"].search_count(wakings))
        with self.at("2025-03-05 05:00:00"):
            self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(self.contacts[0].function, "activity_overdue ")
        self.assertFalse(self.contacts[1].function)

    def test_somebody_is_quicker(self):
        """A call that somebody does while the job looks at it does not stop the job."""
        with self.at(START):
            self.start()
        email = self.create_activity(self.campaign, delay="0 hours", parent_id=self.step.id)
        self.campaign.action_update_participants()
        self.env.flush_all()
        trace = self.registry["marketing.trace"]
        error = SerializationFailure()
        with (
            self.at("2025-03-06 05:00:00"),
            patch.object(trace, "_settle_late_todos", side_effect=error),
        ):
            self.run_cron("ir_cron_campaign_execute_activities")
        self.assertEqual(set(email.trace_ids.mapped("state")), {"processed"})
        job = self.env.ref("marketing_automation.ir_cron_campaign_execute_activities")
        again = [("cron_id", "=", job.id), ("call_at", "=", "2025-03-06 05:01:00")]
        self.assertTrue(self.env["ir.cron.trigger"].search_count(again))

    def test_vanished(self):
        """Calls that vanish without Odoo saying so count as cancelled when they are due."""
        with self.at(START):
            self.start()
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM mail_activity WHERE res_id = %s AND res_model = 'res.partner'",
            [self.contacts[0].id],
        )
        self.env.invalidate_all()
        with self.at("2025-03-06 05:00:00"):
            self.campaign.execute_activities()
        self.assertEqual(self.happened(self.contacts[0]), {"activity_canceled"})
        self.assertEqual(self.happened(self.contacts[1]), {"activity_overdue"})

    def test_record_is_deleted(self):
        """That is no cancelled call: the journey is over."""
        with self.at(START):
            self.start()
        trace = self.trace_of(self.step, self.contacts[0])
        self.contacts[0].unlink()
        with self.at("2025-03-08 05:00:00"):
            self.campaign.execute_activities()
        self.assertEqual(trace.participant_id.state, "unlinked")
        self.assertFalse(any(trace[f"{event}_datetime"] for event in EVENTS))
        self.assertFalse(trace.activity_deadline)
        self.assertTrue(trace.activity_created_datetime)

    def test_forgotten(self):
        """Nothing says any more whose call it was, and what becomes of it."""
        with self.at(START):
            self.start()
            trace = self.trace_of(self.step, self.contacts[0])
            trace.participant_id._forget()
            todo = self.todo_of(self.contacts[0])
            self.assertFalse(todo.sudo().marketing_trace_id)
            todo.action_feedback()
        with self.at("2025-03-08 05:00:00"):
            self.campaign.execute_activities()
        self.assertFalse(any(trace[f"{event}_datetime"] for event in EVENTS))
        self.assertFalse(self.contacts[0].function)

    def test_campaign_is_stopped(self):
        """What happens meanwhile is known; what follows does so after the start."""
        with self.at(START):
            self.start()
            self.campaign.action_stop_campaign()
            self.todo_of(self.contacts[0]).action_feedback()
            self.campaign.execute_activities()
            self.assertEqual(self.happened(self.contacts[0]), {"activity_done"})
            self.assertFalse(self.contacts[0].function)
            self.start()
        self.assertEqual(self.contacts[0].function, "activity_done ")

    # ------------------------------------------------------------
    # Which to-dos
    # ------------------------------------------------------------

    def test_multi_action(self):
        """Several of one step: done when none is open any more; late when the first is."""
        second = self.create_call_action(activity_date_deadline_range=4)
        self.step.server_action_id = self.create_server_action(
            code=False, state="multi", child_ids=[Command.set([self.action.id, second.id])]
        )
        with self.at(START):
            self.start()
        done, mixed, canceled = self.contacts
        with self.at("2025-03-04 10:00:00"):
            self.assertEqual(len(self.todo_of(done)), 2)
            self.todo_of(done)[0].action_feedback()
            self.assertFalse(self.happened(done))
            deadline = self.trace_of(self.step, done).activity_deadline
            self.assertEqual(str(deadline), "2025-03-08 05:00:00")
            self.todo_of(done).action_feedback()
            self.todo_of(mixed)[0].action_feedback()
            self.todo_of(mixed).unlink()
            self.todo_of(canceled).unlink()
        self.assertEqual(self.happened(done), {"activity_done"})
        self.assertEqual(self.happened(mixed), {"activity_done"})
        self.assertEqual(self.happened(canceled), {"activity_canceled"})

    def test_others(self):
        """To-dos that people have made set off nothing."""
        with self.at(START):
            self.start()
            own = self.contacts[0].activity_schedule("mail.mail_activity_data_todo")
            own.action_feedback()
        self.assertFalse(own.marketing_trace_id)
        self.assertFalse(self.happened(self.contacts[0]))

    def test_code(self):
        """Code may create one for some: for others what waits for it ends."""
        self.step.server_action_id = self.create_server_action(
            "if record.name.endswith('0'): record.activity_schedule('mail.mail_activity_data_todo')"
        )
        self.assertFalse(self.campaign._get_problems())
        with self.at(START):
            self.start()
        self.assertEqual(set(self.states(self.contacts[0]).values()), {"scheduled"})
        self.assertEqual(set(self.states(self.contacts[1]).values()), {"canceled"})
        self.assertEqual(self.participant_of(self.campaign, self.contacts[1]).state, "completed")
        self.assertFalse(self.trace_of(self.step, self.contacts[1]).process_event("activity_done"))

    def test_closed_at_once(self):
        """A to-do that the action itself has done is done."""
        self.step.server_action_id = self.create_server_action(
            "record.activity_schedule('mail.mail_activity_data_todo').action_feedback()"
        )
        with self.at(START):
            self.start()
            self.campaign.execute_activities()
        self.assertEqual(self.happened(self.contacts[0]), {"activity_done"})
