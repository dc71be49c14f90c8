"""Steps that create calls and to-dos: how they are built, tested, counted, and what they cost."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_human_activities import EVENTS, START, TodoCase


@tagged("post_install", "-at_install")
class TestHumanActivitySteps(TodoCase):
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
            [triggers[event] for event in EVENTS], ["To-do done", "To-do late", "To-do cancelled"]
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
