"""Steps that are taken out of a workflow: what has happened in them stays known."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .committed import QueuedEmailsCase
from .test_messages_mail import MailFlowCase
from .test_schedule import START, ScheduleCase


@tagged("post_install", "-at_install")
class TestRemoval(ScheduleCase):
    """What stays, and what goes."""

    def create_chain(self):
        """Three steps one after the other: a day ago, now, and in a day."""
        first = self.create_activity(self.campaign, "action", delay="0 hours")
        second = self.create_activity(self.campaign, "action", delay="1 days", parent_id=first.id)
        third = self.create_activity(self.campaign, "action", delay="1 days", parent_id=second.id)
        return first, second, third

    def rpc(self, records, method, *args, **kwargs):
        """The responsible calls a method as a client does."""
        model = self.env[records._name].with_user(self.responsible)
        return call_kw(model, method, [records.ids, *args] if records else list(args), kwargs)

    def assertRefused(self, records, method, *args, regex="taken out of the workflow", **kwargs):
        with self.assertRaisesRegex(UserError, regex), self.env.cr.savepoint():
            self.rpc(records, method, *args, **kwargs)
        self.env.invalidate_all()

    def remove_first(self):
        """A mail, which somebody has got, is taken out; the form keeps another step."""
        mail = self.create_activity(self.campaign, delay="0 hours", name="Welcome")
        other = self.create_activity(self.campaign, "action", delay="5 days")
        self.start()
        self.rpc(mail, "unlink")
        self.assertFalse(mail.active)
        return mail, other

    # ------------------------------------------------------------
    # What stays
    # ------------------------------------------------------------

    def test_reached_steps_are_archived_and_others_deleted(self):
        first, second, third = self.create_chain()
        self.start()
        self.jobs_at("2025-03-02 09:00:00")
        self.assertTrue(self.rpc(first, "unlink"))
        self.assertFalse(third.exists())
        self.assertEqual((first + second).mapped("active"), [False, False])
        self.assertTrace(first, "processed")
        self.assertTrace(second, "processed")
        self.assertFalse(self.campaign.marketing_activity_ids)
        self.assertEqual(self.campaign.all_activity_ids, first + second)
        self.assertEqual(self.campaign.participant_ids.state, "completed")

    def test_by_the_form(self):
        first, second, third = self.create_chain()
        self.start()
        self.rpc(
            self.campaign,
            "web_save",
            {"marketing_activity_ids": [Command.delete(first.id), Command.delete(second.id)]},
            specification={},
        )
        self.assertEqual(self.campaign.all_activity_ids, first)
        self.assertFalse((second + third).exists())

    def test_what_is_scheduled_is_cancelled(self):
        contacts = self.contact + self.create_contacts(1, email="late@example.com")
        self.campaign.domain = str([("id", "in", contacts.ids)])
        first, second, _third = self.create_chain()
        self.start()
        trace = self.trace_of(second, contacts[1])
        trace.action_execute()
        second.unlink()
        self.assertTrace(second, "canceled", reason="removed")
        self.assertEqual(self.trace(second).state_msg, "The step was taken out of the workflow")
        self.assertEqual(trace.state, "processed")
        self.jobs_at("2025-03-03 09:00:00")
        self.assertTrace(second, "canceled", reason="removed")
        self.assertEqual(set(self.campaign.participant_ids.mapped("state")), {"completed"})
        self.assertEqual(self.campaign.marketing_activity_ids, first)

    def test_tests_are_no_history(self):
        activity = self.create_activity(self.campaign, "action", delay="0 hours")
        test = self.env["marketing.participant"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contact.id, "is_test": True}
        )
        test.trace_ids.action_execute()
        activity.unlink()
        self.assertFalse(activity.exists())

    def test_figures_are_history_without_traces(self):
        activity = self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        self.campaign.participant_ids._delete_traces()
        activity.unlink()
        self.assertFalse(activity.active)
        self.assertEqual(activity.processed, 1)

    def test_history_does_not_go_with_what_it_was_moved_after(self):
        first, second, _third = self.create_chain()
        self.start()
        self.jobs_at("2025-03-02 09:00:00")
        new = self.create_activity(self.campaign, "action", delay="1 days")
        second.parent_id = new
        second.unlink()
        self.assertFalse(second.active)
        new.unlink()
        self.assertFalse(new.exists())
        self.assertTrue(second.exists())
        self.assertTrace(second, "processed")
        self.assertEqual(self.campaign.marketing_activity_ids, first)

    def test_deleted_campaign_takes_all_along(self):
        mail, _other = self.remove_first()
        traces = mail.trace_ids
        self.campaign.action_stop_campaign()
        self.campaign.unlink()
        self.assertFalse(mail.exists() or traces.exists())

    # ------------------------------------------------------------
    # Nothing more is done
    # ------------------------------------------------------------

    def test_who_joins_later_does_not_come_to_it(self):
        mail, other = self.remove_first()
        late = self.create_contacts(1, email="late@example.com")
        self.campaign.domain = str([("id", "in", (self.contact + late).ids)])
        self.jobs_at("2025-03-02 09:00:00")
        self.assertEqual(self.participant_of(self.campaign, late).trace_ids.activity_id, other)
        self.assertEqual(len(mail.trace_ids), 1)

    def test_what_becomes_scheduled_at_the_same_moment_is_cancelled(self):
        """Another transaction does not see that the step is gone."""
        step = self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        step.unlink()
        self.trace(step).write({"state": "scheduled", "schedule_date": START})
        with self.at("2025-03-01 10:00:00"):
            self.run_cron("ir_cron_campaign_execute_activities")
            self.assertTrace(step, "scheduled")
            self.run_cron("ir_cron_campaign_sync_participants")
        self.assertTrace(step, "canceled", reason="removed")

    def test_stop_and_start(self):
        mail, other = self.remove_first()
        self.campaign.action_stop_campaign()
        self.assertFalse(self.campaign.problem_list)
        self.start("2025-03-10 09:00:00")
        self.assertTrace(mail, "processed")
        self.assertTrace(other, "processed")

    def test_nothing_is_wrong_with_it(self):
        mail, _other = self.remove_first()
        mail.mass_mailing_id.unlink()
        self.assertFalse(self.campaign._get_problems())
        self.assertFalse(self.campaign.require_sync)

    def test_update_leaves_it_alone(self):
        parent = self.create_activity(self.campaign, delay="0 hours")
        child = self.create_activity(
            self.campaign, "action", "mail_not_open", "1 days", parent_id=parent.id
        )
        self.start()
        self.event_at("2025-03-01 10:00:00", parent, "mail_open")
        child.unlink()
        parent.interval_number = 3
        new = self.create_activity(self.campaign, "action", delay="1 days", parent_id=parent.id)
        self.update_at("2025-03-01 12:00:00")
        self.assertTrace(child, "canceled", reason="event")
        self.assertTrace(new, "scheduled", "2025-03-02 09:00:00")

    def test_parent_that_is_repeated_leaves_it_alone(self):
        """What follows a message that is taken back is derived anew, but for what is history."""
        mail = self.create_activity(self.campaign, delay="0 hours")
        child = self.create_activity(self.campaign, "action", delay="1 days", parent_id=mail.id)
        self.start()
        self.trace(mail).mailing_trace_ids.set_failed(failure_type="mail_smtp")
        self.assertTrace(child, "canceled", reason="parent")
        child.unlink()
        with self.at("2025-03-01 10:00:00"):
            mail.action_retry_failed()
            self.run_jobs()
            self.campaign.action_stop_campaign()
        self.assertTrace(mail, "scheduled")
        self.assertTrace(child, "canceled", reason="parent")

    def test_copy_has_none(self):
        self.remove_first()
        copy = self.campaign.copy()
        self.assertEqual(copy.all_activity_ids.mapped("name"), ["action begin"])

    def test_what_goes_on_at_it_or_looks_at_it_tells_so(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        goto = self.create_activity(self.campaign, "goto", delay="5 days", goto_activity_id=mail.id)
        wait = self.create_activity(
            self.campaign,
            "wait",
            delay="5 days",
            wait_type="event",
            wait_activity_id=mail.id,
            wait_event="mail_open",
        )
        condition = self.create_activity(
            self.campaign,
            "condition",
            delay="5 days",
            branch_ids=[
                Command.create(
                    {
                        "branch_type": "event",
                        "event_activity_id": mail.id,
                        "event": "mail_open",
                    }
                )
            ],
        )
        self.start()
        self.assertFalse(self.campaign._get_problems())
        mail.unlink()
        self.assertEqual(len(self.campaign._get_problems()), 3)
        self.jobs_at("2025-03-07 09:00:00")
        self.assertEqual(set((goto + wait + condition).trace_ids.mapped("state")), {"scheduled"})
        self.assertEqual(len(mail.trace_ids), 1)
        self.assertRefused(goto, "write", {"goto_activity_id": mail.id})
        self.assertRefused(wait, "write", {"wait_activity_id": mail.id})
        self.assertRefused(condition.branch_ids[0], "write", {"event_activity_id": mail.id})

    def test_branches_stay_as_they_are(self):
        condition = self.create_activity(
            self.campaign,
            "condition",
            delay="0 hours",
            branch_ids=[Command.create({"name": "VIP", "domain": "[('function', '=', 'VIP')]"})],
        )
        self.start()
        taken = self.trace(condition).branch_id
        condition.unlink()
        self.assertEqual(self.trace(condition).branch_id, taken)
        self.assertRefused(taken, "write", {"name": "Other"})
        self.assertRefused(taken, "unlink")
        self.assertRefused(taken.browse(), "create", [{"activity_id": condition.id}])

    # ------------------------------------------------------------
    # Clients
    # ------------------------------------------------------------

    def test_clients_leave_it_as_it_is(self):
        mail, other = self.remove_first()
        trace = self.trace(mail)
        self.assertRefused(mail, "write", {"name": "Other"})
        self.assertRefused(mail, "write", {"active": True})
        self.assertRefused(mail, "action_unarchive")
        self.assertRefused(mail, "action_retry_failed")
        self.assertRefused(
            self.campaign, "write", {"all_activity_ids": [Command.update(mail.id, {"name": "X"})]}
        )
        self.assertRefused(other, "write", {"trigger_type": "activity", "parent_id": mail.id})
        trace._settle_failures([(trace.id, "error", "mail_smtp", None)])
        self.assertRefused(trace, "action_execute")
        self.assertTrue(self.rpc(mail, "unlink"))
        self.assertTrue(mail.exists())

    def test_clients_archive_nothing(self):
        mail, other = self.remove_first()
        regex = "delete it"
        self.assertRefused(other, "write", {"active": False}, regex=regex)
        self.assertRefused(other, "action_archive", regex=regex)
        values = {"name": "New", "campaign_id": self.campaign.id, "activity_type": "action"}
        empty = mail.browse()
        self.assertRefused(empty, "create", [{**values, "active": False}])
        self.assertRefused(empty, "create", [values], context={"default_active": False})

    def test_who_may_not_delete_takes_nothing_out(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        self.start()
        user = mail_new_test_user(self.env, login="reader", groups="base.group_user")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            mail.with_user(user).unlink()
        self.env.invalidate_all()
        self.assertTrue(mail.active)

    def test_target_stays(self):
        _mail, other = self.remove_first()
        other.unlink()
        self.assertFalse(self.campaign.marketing_activity_ids)
        with self.assertRaisesRegex(UserError, "cannot change any more"):
            self.campaign.model_id = self.env["ir.model"]._get_id("mailing.contact")

    def test_what_the_dialog_says(self):
        first, second, third = self.create_chain()
        mail = self.create_activity(self.campaign, delay="0 hours", parent_id=first.id)
        self.assertEqual(
            self.rpc(first, "get_removal"),
            {"kept": 0, "deleted": 4, "scheduled": 0, "queued": 0},
        )
        with self.at("2025-03-01 09:00:00"):
            self.campaign.action_start_campaign()
            self.run_jobs()
        self.assertEqual(
            self.rpc(first, "get_removal"),
            {"kept": 2, "deleted": 2, "scheduled": 1, "queued": 1},
        )
        self.assertEqual(
            self.rpc(first + second + third, "get_removal"), self.rpc(first, "get_removal")
        )
        self.assertEqual(
            self.rpc(mail, "get_removal"), {"kept": 1, "deleted": 0, "scheduled": 0, "queued": 1}
        )

    # ------------------------------------------------------------
    # Where it shows
    # ------------------------------------------------------------

    def test_journey_and_traces_name_it(self):
        mail, other = self.remove_first()
        late = self.create_contacts(1, email="late@example.com")
        self.campaign.domain = str([("id", "in", (self.contact + late).ids)])
        self.jobs_at("2025-03-02 09:00:00")
        journey = self.rpc(self.participant_of(self.campaign, self.contact), "get_journey")
        self.assertEqual(
            {step["id"]: step["is_removed"] for step in journey["steps"]},
            {mail.id: True, other.id: False},
        )
        self.assertEqual(journey["traces"][str(mail.id)]["state"], "processed")
        steps = self.rpc(self.participant_of(self.campaign, late), "get_journey")["steps"]
        self.assertEqual([step["id"] for step in steps], [other.id])
        traces = self.env["marketing.trace"]
        [row] = self.rpc(self.trace(mail), "read", ["activity_id", "display_name"])
        self.assertEqual(row["activity_id"], (mail.id, "Welcome (removed)"))
        self.assertIn("Welcome", row["display_name"])
        for domain in (
            [("activity_id", "ilike", "welcome")],
            [("activity_id.name", "=", "Welcome")],
            [("display_name", "ilike", "welcome")],
        ):
            domain = [("campaign_id", "=", self.campaign.id), *domain]
            self.assertEqual(traces.search(domain), self.trace(mail), domain)
        [(activity, count)] = traces._read_group(
            [("campaign_id", "=", self.campaign.id), ("state", "=", "processed")],
            ["activity_id"],
            ["__count"],
        )
        self.assertEqual((activity, count), (mail, 1))

    def test_cards_do_not_show_it(self):
        mail, other = self.remove_first()
        metrics = self.rpc(self.campaign, "get_workflow_metrics")
        self.assertEqual(list(metrics["activities"]), [str(other.id)])
        overview = self.rpc(self.campaign, "get_overview")
        self.assertEqual([step["id"] for step in overview["steps"]], [other.id])
        self.assertEqual(list(overview["activities"]), [str(other.id)])
        # Whatever the context of who asks
        campaign = self.campaign.with_context(active_test=False)
        self.assertEqual(campaign.marketing_activity_ids, other)
        self.assertFalse(campaign.marketing_activity_ids.child_ids & mail)

    def test_totals_count_it(self):
        mail, _other = self.remove_first()
        self.event_at("2025-03-01 12:00:00", mail, "mail_click")
        self.env.invalidate_all()
        campaign = self.campaign.with_user(self.responsible)
        self.assertEqual(campaign.message_sent_count, 1)
        self.assertEqual((campaign.message_open_rate, campaign.message_click_rate), (1, 1))
        overview = self.rpc(self.campaign, "get_overview")
        self.assertEqual(overview["messages"]["sent"], 1)
        self.assertEqual(sum(executed for _day, _new, executed in overview["trend"]), 1)
        self.assertEqual(overview["past"], ["Welcome"])

    def test_its_mailing_stays(self):
        mail, _other = self.remove_first()
        mailing = mail.mass_mailing_id.with_user(self.responsible)
        campaign = self.campaign.with_user(self.responsible)
        self.assertEqual((mailing.sent, mailing.expected), (1, 1))
        self.event_at("2025-03-01 12:00:00", mail, "mail_open")
        self.env.invalidate_all()
        self.assertEqual((mailing.opened, mailing.opened_ratio), (1, 100))
        action = mailing.action_view_opened()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), self.campaign.participant_ids
        )
        self.assertEqual(campaign.mass_mailing_count, 1)
        self.assertIn(
            mailing, self.env["mailing.mailing"].search(campaign.action_view_mailings()["domain"])
        )

    def test_its_action_stays(self):
        """What was made in the dialog says what was done."""
        step = self.create_activity(self.campaign, "action", delay="0 hours")
        step.server_action_id.made_by_marketing = True
        self.start()
        step.unlink()
        self.env["ir.actions.server"]._gc_made_by_marketing()
        self.assertTrue(step.server_action_id.exists())
        self.assertFalse(step.server_action_id._is_made_for(step.browse()))

    def test_forgotten_and_retention(self):
        mail, _other = self.remove_first()
        participant = self.campaign.participant_ids
        participant._forget()
        self.assertEqual(mail.trace_ids.res_id, 0)
        participant._delete_traces()
        self.assertFalse(mail.trace_ids)
        self.assertEqual(mail.total_sent, 1)
        self.env.invalidate_all()
        self.assertEqual(self.campaign.message_sent_count, 1)


@tagged("post_install", "-at_install")
class TestRemovedMessages(MailFlowCase):
    """The messages of a step that was taken out."""

    def deliver_and_remove(self):
        self.start(self.campaign)
        self.send_mails()
        self.mail.unlink()
        self.assertFalse(self.mail.active)

    def test_open_and_click(self):
        self.follow("mail_open", delay="0 hours")
        self.deliver_and_remove()
        [link] = self.links_of(self.mail_to(self.contact)["body"])
        self.assertEqual(self.visit(link).status_code, 301)
        self.assertTrue(self.trace().links_click_datetime and self.trace().open_datetime)
        self.assertEqual(self.mail.total_click, 1)
        self.assertEqual(self.mailing.clicked, 1)
        self.assertEqual(self.campaign.link_tracker_click_count, 1)
        self.run_jobs()
        self.assertEqual(self.campaign.participant_ids.trace_ids.activity_id, self.mail)

    def test_queued_messages_do_not_leave(self):
        self.start(self.campaign)
        self.mail.unlink()
        self.send_mails()
        self.assertFalse(self._mails)
        self.assertEqual(
            {(trace.state, trace.state_reason) for trace in self.mail.trace_ids},
            {("canceled", "removed")},
        )
        self.assertEqual(set(self.mailing.mailing_trace_ids.mapped("trace_status")), {"cancel"})
        figures = self.mail._get_figures()[self.mail.id]
        self.assertEqual((figures["queued"], figures["sent"], figures["excluded"]), (0, 0, 2))

    def test_stop_does_not_schedule_it_again(self):
        self.start(self.campaign)
        self.mail.unlink()
        self.campaign.action_stop_campaign()
        self.assertEqual(set(self.mail.trace_ids.mapped("state")), {"canceled"})


@tagged("post_install", "-at_install")
class TestRemovalWhileSending(QueuedEmailsCase):
    """A step is taken out while a sender is at work."""

    def remove(self):
        with self.environment() as env:
            env["marketing.campaign"].browse(self.campaign_id).marketing_activity_ids.unlink()

    def assertStates(self, *expected):
        with self.environment() as env:
            traces = env["marketing.campaign"].browse(self.campaign_id).participant_ids.trace_ids
            self.assertEqual(sorted(traces.mapped("state")), sorted(expected))

    def test_what_a_sender_holds_goes_out(self):
        with self.environment() as sender:
            sender["mail.mail"].browse(self.mail_ids[:2]).send()  # not committed yet
            self.remove()
        with self.environment() as env:
            env["marketing.campaign"]._cron_send_emails()
        self.assertStates(*["processed"] * 2, *["canceled"] * 4)
        self.assertEqual(self.received().total(), 2)

    def test_what_comes_back_to_the_queue_is_cancelled(self):
        with self.environment() as sender:
            sender["mail.mail"].browse(self.mail_ids[:2])._lock_to_send()
            self.remove()
        self.assertStates(*["processed"] * 2, *["canceled"] * 4)
        with self.environment() as env:
            env["marketing.campaign"]._cron_send_emails()
        self.assertStates(*["canceled"] * 6)
        self.assertFalse(self.received())

    def test_what_comes_back_is_cancelled_by_the_job(self):
        with self.environment() as sender:
            sender["mail.mail"].browse(self.mail_ids[:2])._lock_to_send()
            self.remove()
        with self.environment() as env:
            env["marketing.activity"]._cancel_left_over()
        self.assertStates(*["canceled"] * 6)

    def test_what_comes_back_is_not_scheduled_by_a_stop(self):
        with self.environment() as sender:
            sender["mail.mail"].browse(self.mail_ids[:2])._lock_to_send()
            self.remove()
        with self.environment() as env:
            env["marketing.campaign"].browse(self.campaign_id).action_stop_campaign()
        self.assertStates(*["processed"] * 2, *["canceled"] * 4)
