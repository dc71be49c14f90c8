"""Calls and to-dos that a step creates: done, not done in time, cancelled."""

from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

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

    # ------------------------------------------------------------
    # People at work
    # ------------------------------------------------------------

    def test_update(self):
        """What is added later counts from what has happened before."""
        follower = self.followers["activity_done"]
        action = follower.server_action_id
        follower.unlink()
        with self.at(START):
            self.start()
        with self.at("2025-03-04 10:00:00"):
            self.todo_of(self.contacts[0]).action_feedback()
            self.todo_of(self.contacts[1]).unlink()
        with self.at("2025-03-04 12:00:00"):
            added = self.create_activity(
                self.campaign,
                "action",
                "activity_done",
                "3 hours",
                parent_id=self.step.id,
                server_action_id=action.id,
            )
            self.campaign.action_update_participants()
        done, canceled, waiting = (self.trace_of(added, contact) for contact in self.contacts)
        self.assertEqual(str(done.schedule_date), "2025-03-04 13:00:00")
        self.assertEqual((canceled.state, canceled.state_reason), ("canceled", "event"))
        self.assertEqual((waiting.state, waiting.schedule_date), ("scheduled", False))

    def test_copy(self):
        copy = self.campaign.copy()
        triggers = copy.marketing_activity_ids.mapped("trigger_type")
        self.assertEqual(sorted(triggers), sorted(["begin", *EVENTS]))

    def test_problems(self):
        """Before the start it says by name which action creates no call."""
        self.step.server_action_id = self.create_server_action()
        self.assertFalse(self.step.possible_events)
        sentence = (
            "“%s” can never be reached: let the server action of “Call” create an activity, such"
            " as a call or a to-do."
        )
        for event in EVENTS:
            self.assertIn(sentence % event, self.campaign._get_problems())
        with self.assertRaisesRegex(UserError, "let the server action of “Call” create"):
            self.campaign.action_start_campaign()
        self.step.server_action_id = self.action
        self.campaign.action_start_campaign()

    def test_below_messages(self):
        email = self.create_activity(self.campaign)
        with self.assertRaisesRegex(UserError, "cannot happen to"):
            self.followers["activity_done"].parent_id = email

    def test_form(self):
        """The form knows what can happen to the step before."""
        view = "marketing_automation.marketing_activity_view_form"
        with Form(self.followers["activity_done"], view) as form:
            self.assertEqual(form.parent_events, list(EVENTS))
            form.interval_number = 3
        new = self.env["marketing.activity"].with_context(default_campaign_id=self.campaign.id)
        with Form(new, view) as form:
            form.name = "Another call"
            form.activity_type = "action"
            self.assertFalse(form.possible_events)
            form.action_kind = "activity"
            self.assertEqual(form.possible_events, list(EVENTS), "before it is saved")
        self.assertEqual(form.record.possible_events, list(EVENTS))
        rules = self.env["marketing.activity"].get_workflow_rules()
        triggers = {trigger["key"]: trigger["short_label"] for trigger in rules["triggers"]}
        self.assertEqual(
            [triggers[event] for event in EVENTS], ["Done", "Not done in time", "Cancelled"]
        )
        steps = {step["id"]: step for step in self.campaign.get_overview()["steps"]}
        self.assertEqual(steps[self.step.id]["possible_events"], list(EVENTS))
        self.assertFalse(steps[self.followers["activity_done"].id]["possible_events"])

    # ------------------------------------------------------------
    # Tests and figures
    # ------------------------------------------------------------

    def test_test_run(self):
        """A tester simulates what may happen; the real call counts as well."""
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id}
        )
        with self.at(START):
            wizard.action_launch_test()
            test = self.campaign.participant_ids.filtered("is_test")
            trace = test.trace_ids
            self.assertFalse(trace.process_event("activity_done"), "it was not executed yet")
            trace.action_execute()
        self.assertTrue(trace.process_event("activity_overdue"))
        self.assertFalse(trace.process_event("activity_overdue"))
        self.assertTrue(trace.process_event("activity_canceled"))
        self.assertFalse(trace.process_event("activity_done"))
        journey = test.get_journey()
        entry = journey["traces"][str(self.step.id)]
        self.assertEqual(set(entry["events"]), {"activity_overdue", "activity_canceled"})
        waiting = test.trace_ids.filtered(lambda trace: trace.trigger_type == "activity_done")
        self.assertEqual(waiting.state, "canceled")
        self.todo_of(self.contacts[0]).action_feedback()
        self.assertFalse(trace.activity_done_datetime, "it was said to be cancelled")

    def test_real_call_of_a_test(self):
        wizard = self.env["marketing.campaign.test"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contacts[0].id}
        )
        wizard.action_launch_test()
        trace = self.campaign.participant_ids.trace_ids
        trace.action_execute()
        self.todo_of(self.contacts[0]).action_feedback()
        self.assertTrue(trace.activity_done_datetime)

    def test_figures(self):
        """Shares of those for whom a call was created."""
        with self.at(START):
            self.start()
            self.todo_of(self.contacts[0]).action_feedback()
            self.todo_of(self.contacts[1]).unlink()
        with self.at("2025-03-06 05:00:00"):
            self.campaign.execute_activities()
        figures = self.campaign.get_workflow_metrics()["activities"][str(self.step.id)]
        self.assertEqual(figures["activity_created"], 3)
        self.assertEqual(figures["rates"], {event: {"count": 1, "base": 3} for event in EVENTS})
        rules = self.env["marketing.activity"].get_workflow_rules()
        rates = {rate["key"]: rate for rate in rules["rates"]}
        for event in EVENTS:
            self.assertEqual(rates[event]["base"], "activity_created")
            self.assertEqual(
                rates[event]["help"], "Share of those for whom this step has created a to-do."
            )
            behind = self.step.action_view_figure(event)["domain"]
            self.assertEqual(self.env["marketing.participant"].search_count(behind), 1)
        overview = self.campaign.get_overview()
        self.assertEqual(overview["messages"]["sent"], 0)
        self.assertEqual(overview["messages"]["rates"]["activity_done"], {"count": 1, "base": 3})
        # Counted by the database, in the quarter of an hour of the step; once more from history.
        counted = self.env["marketing.activity.figures"]
        ours = [("activity_id", "=", self.step.id), ("metric", "like", "activity_")]
        rows = counted._read_group(ours, ["metric", "moment:hour"], ["number:sum"])
        self.assertEqual({number for _metric, _moment, number in rows}, {1, 3})
        counted.search(ours).sudo().unlink()
        counted._count_in_database()
        self.env.invalidate_all()
        self.assertEqual(
            sorted(counted._read_group(ours, ["metric"], ["number:sum"])),
            [
                ("activity_canceled", 1),
                ("activity_created", 3),
                ("activity_done", 1),
                ("activity_overdue", 1),
            ],
        )

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_link_is_not_for_clients(self):
        """Nobody says which to-do belongs to which step, nor learns it."""
        with self.at(START):
            self.start()
        trace = self.trace_of(self.step, self.contacts[0])
        for user in (self.responsible, self.env.ref("base.user_admin")):
            activities = self.env["mail.activity"].with_user(user)
            values = {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.contacts[0].id,
                "activity_type_id": self.call_type.id,
                "user_id": user.id,
            }
            with self.assertRaises(AccessError):
                activities.create({**values, "marketing_trace_id": trace.id})
            with self.assertRaises(AccessError):
                activities.with_context(default_marketing_trace_id=trace.id).create(values)
            own = activities.create(values)
            with self.assertRaises(AccessError):
                own.write({"marketing_trace_id": trace.id})
            with self.assertRaises(AccessError):
                own.read(["marketing_trace_id"])
            with self.assertRaises(AccessError):
                activities.search([("marketing_trace_id", "=", trace.id)])
            self.assertNotIn("marketing_trace_id", activities.fields_get())
            forged = activities.with_context(
                default_marketing_trace_id=trace.id,
                marketing_action_run=["res.partner", {self.contacts[0].id: trace.id}, []],
            ).sudo()
            forged = forged.create(values)
            self.env.flush_all()
            self.assertFalse(forged.marketing_trace_id)
            copy = self.todo_of(self.contacts[0])[0].sudo().copy()
            self.assertFalse(copy.marketing_trace_id)
            (own | forged | copy).with_user(user).sudo().action_feedback()
        self.assertFalse(self.happened(self.contacts[0]))

    def test_no_rights_needed(self):
        """Who does the call knows nothing of campaigns."""
        with self.at(START):
            self.start()
        self.assertFalse(self.env["marketing.trace"].with_user(self.seller).has_access("read"))
        self.todo_of(self.contacts[0]).action_feedback()
        self.assertEqual(self.happened(self.contacts[0]), {"activity_done"})

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_others_pay_nothing(self):
        """No query more for to-dos that no campaign has made."""

        def work():
            self.env.invalidate_all()
            todo = self.contacts[0].activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.seller.id
            )
            self.env.flush_all()
            self.env.invalidate_all()
            todo.date_deadline += timedelta(days=1)
            self.env.flush_all()
            todo.action_feedback()
            self.env.flush_all()
            self.env.invalidate_all()
            todo.unlink()
            self.env.flush_all()

        def count():
            before = self.env.cr.sql_log_count
            work()
            return self.env.cr.sql_log_count - before

        work()
        with_campaigns = count()
        own = type(self.env["mail.activity"])
        plain = [
            parent
            for parent in own.mro()
            if parent.__module__ == "odoo.addons.marketing_automation.models.mail_activity"
        ]
        for name in ("create", "write", "unlink"):
            for parent in plain:
                self.patch(parent, name, _only_super(parent, name))
        self.assertEqual(with_campaigns, count())

    def test_set_based(self):
        """As many queries for many calls as for few."""
        contacts = self.create_contacts(40, name="Many {i}", email="many{i}@example.com")
        self.campaign.domain = str([("id", "in", (self.contacts | contacts).ids)])
        with self.at(START):
            self.start()
        Trace = self.env["marketing.trace"]

        def count(records):
            ids = self.env["mail.activity"].search([("res_id", "in", records.ids)])
            traces = ids.sudo().marketing_trace_id
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            Trace.browse(traces.ids)._settle_todos()
            return self.env.cr.sql_log_count - before

        with self.at("2025-03-07 05:00:00"):
            few = count(contacts[:2])
            self.assertEqual(count(contacts[2:]), few)
        self.assertEqual(self.happened(contacts[30]), {"activity_overdue"})


def _only_super(parent, name):
    def method(self, *args, **kwargs):
        return getattr(super(parent, self), name)(*args, **kwargs)

    return method
