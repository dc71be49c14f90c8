"""Campaigns that are changed, stopped and ended while they run."""

from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..models.campaign import update as marketing_campaign_update
from .test_schedule import START, ScheduleCase


@tagged("post_install", "-at_install")
class TestUpdate(ScheduleCase):
    """An Update applies changes of the workflow to those who are past them."""

    def test_new_activity_waits_for_the_update(self):
        self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        self.assertFalse(self.campaign.require_sync)
        new = self.create_activity(self.campaign, "action", delay="2 days")
        self.assertTrue(self.campaign.require_sync)
        self.jobs_at("2025-03-02 09:00:00")
        self.assertFalse(self.trace(new))
        self.assertEqual(self.campaign.participant_ids.state, "completed")
        self.update_at("2025-03-02 10:00:00")
        self.assertFalse(self.campaign.require_sync)
        self.assertTrace(new, "scheduled", "2025-03-03 09:00:00")
        self.assertEqual(self.campaign.participant_ids.state, "running")

    def test_no_update_is_needed_before_anybody_takes_part(self):
        activity = self.create_activity(self.campaign, "action")
        activity.interval_number = 3
        self.assertFalse(self.campaign.require_sync)

    def test_tests_need_no_update(self):
        self.create_activity(self.campaign, "action")
        self.env["marketing.participant"].create(
            {"campaign_id": self.campaign.id, "res_id": self.contact.id, "is_test": True}
        )
        self.create_activity(self.campaign, "action")
        self.assertFalse(self.campaign.require_sync)

    def test_new_child_of_an_executed_activity(self):
        parent = self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        child = self.create_activity(self.campaign, "action", delay="1 days", parent_id=parent.id)
        self.update_at("2025-03-01 12:00:00")
        self.assertTrace(child, "scheduled", "2025-03-02 09:00:00")

    def test_new_children_of_a_message_with_a_past(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        self.start()
        self.event_at("2025-03-01 10:15:00", mail, "mail_open")
        followers = self.create_followers(mail, ["mail_open", "mail_click"])
        self.update_at("2025-03-01 10:30:00")
        self.assertFollowers(
            followers,
            mail_open="12:15:00",
            mail_not_open="canceled",
            mail_click="",
            mail_not_click="11:00:00",
        )

    def test_update_derives_children_of_new_activities_in_turn(self):
        first = self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        second = self.create_activity(self.campaign, "action", delay="1 hours", parent_id=first.id)
        third = self.create_activity(self.campaign, "action", delay="1 hours", parent_id=second.id)
        self.update_at("2025-03-01 12:00:00")
        self.jobs_at("2025-03-01 12:00:00")
        self.assertTrace(second, "processed", "2025-03-01 10:00:00")
        self.assertTrace(third, "scheduled", "2025-03-01 13:00:00")

    def test_other_interval(self):
        waiting = self.create_activity(self.campaign, "action", delay="5 days")
        done = self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        (waiting + done).interval_number = 2
        self.assertTrace(waiting, "scheduled", "2025-03-06 09:00:00")
        self.update_at("2025-03-01 12:00:00")
        self.assertTrace(waiting, "scheduled", "2025-03-03 09:00:00")
        self.assertTrace(done, "processed", START)

    def test_other_interval_of_what_an_event_has_dated(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        opened = self.create_activity(
            self.campaign, "action", "mail_open", "5 days", parent_id=mail.id
        )
        self.start()
        self.event_at("2025-03-01 10:00:00", mail, "mail_open")
        opened.interval_number = 1
        self.update_at("2025-03-01 12:00:00")
        self.assertTrace(opened, "scheduled", "2025-03-02 10:00:00")

    def test_moved_activity(self):
        first = self.create_activity(self.campaign, "action", delay="0 hours")
        second = self.create_activity(self.campaign, "action", delay="3 hours")
        moved = self.create_activity(self.campaign, "action", delay="1 hours", parent_id=second.id)
        self.start()
        moved.parent_id = first
        self.update_at("2025-03-01 09:30:00")
        self.assertTrace(moved, "scheduled", "2025-03-01 10:00:00")
        self.assertEqual(self.trace(moved).parent_id, self.trace(first))

    def test_moved_below_what_was_not_executed(self):
        first = self.create_activity(self.campaign, "action", delay="0 hours")
        second = self.create_activity(self.campaign, "action", delay="3 hours")
        moved = self.create_activity(self.campaign, "action", delay="1 hours", parent_id=first.id)
        self.start()
        self.assertTrace(moved, "scheduled", "2025-03-01 10:00:00")
        moved.parent_id = second
        self.update_at("2025-03-01 09:30:00")
        self.assertFalse(self.trace(moved))
        self.jobs_at("2025-03-01 12:00:00")
        self.assertTrace(moved, "scheduled", "2025-03-01 13:00:00")

    def test_other_trigger_makes_it_start_over(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        child = self.create_activity(
            self.campaign, "action", "mail_not_open", "1 days", parent_id=mail.id
        )
        self.start()
        self.event_at("2025-03-01 10:00:00", mail, "mail_open")
        self.assertTrace(child, "canceled", reason="event")
        child.trigger_type = "mail_open"
        self.update_at("2025-03-01 12:00:00")
        self.assertTrace(child, "scheduled", "2025-03-02 10:00:00")

    def test_update_executes_nothing_twice(self):
        action = self.create_server_action("record.write({'color': record.color + 1})")
        first = self.create_activity(
            self.campaign, "action", delay="0 hours", server_action_id=action.id
        )
        second = self.create_activity(
            self.campaign, "action", delay="0 hours", server_action_id=action.id, parent_id=first.id
        )
        self.start()
        second.write({"trigger_type": "begin", "interval_number": 1})
        first.interval_number = 4
        self.update_at("2025-03-01 12:00:00")
        self.jobs_at("2025-03-10 12:00:00")
        self.assertEqual(self.contact.color, 2)

    def test_update_leaves_what_a_person_cancelled(self):
        activity = self.create_activity(self.campaign, "action", delay="1 days")
        self.start()
        self.trace(activity).action_cancel()
        activity.interval_number = 2
        self.update_at("2025-03-01 12:00:00")
        self.assertTrace(activity, "canceled", reason="user")


@tagged("post_install", "-at_install")
class TestEnd(CronMixinCase, ScheduleCase):
    """Deletion, stop and completion."""

    def test_update_of_many_is_left_to_the_job(self):
        """The button returns at once, the form says what is going on."""
        self.patch(marketing_campaign_update, "UPDATE_AT_ONCE", 0)
        self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        late = self.create_activity(self.campaign, "action", delay="0 hours")
        job = "marketing_automation.ir_cron_campaign_sync_participants"
        with self.capture_triggers(job) as capture:
            self.campaign.action_update_participants()
        self.assertTrue(capture.records)
        self.assertTrue(self.campaign.is_updating)
        self.assertFalse(self.campaign.require_sync)
        self.assertFalse(late.trace_ids)
        self.run_jobs()
        self.assertFalse(self.campaign.is_updating)
        self.assertEqual(set(late.trace_ids.mapped("state")), {"processed"})
        self.assertEqual(len(late.trace_ids), len(self.campaign.participant_ids))

    def test_what_is_being_updated_waits(self):
        """Its old date would be wrong."""
        self.patch(marketing_campaign_update, "UPDATE_AT_ONCE", 0)
        self.create_activity(self.campaign, "action", delay="0 hours")
        self.start()
        with self.at("2025-03-01 09:00:00"):
            step = self.create_activity(self.campaign, "action", delay="1 hours")
            self.campaign.action_update_participants()
            self.run_jobs()
            step.interval_number = 48
            self.campaign.action_update_participants()
        with self.at("2025-03-01 10:00:00"):
            self.run_cron("ir_cron_campaign_execute_activities")
            self.assertEqual(set(step.trace_ids.mapped("state")), {"scheduled"})
            self.run_jobs()
            self.assertEqual(set(step.trace_ids.mapped("state")), {"scheduled"})
        with self.at("2025-03-03 09:00:00"):
            self.run_jobs()
            self.assertEqual(set(step.trace_ids.mapped("state")), {"processed"})

    def test_deleted_activity_takes_its_traces_and_children_along(self):
        first = self.create_activity(self.campaign, "action", delay="0 hours")
        second = self.create_activity(self.campaign, "action", delay="1 days", parent_id=first.id)
        third = self.create_activity(self.campaign, "action", delay="1 days", parent_id=second.id)
        self.start()
        self.assertEqual(self.campaign.participant_ids.state, "running")
        second.unlink()
        self.assertFalse(third.exists())
        self.assertEqual(self.campaign.participant_ids.trace_ids.activity_id, first)
        self.assertEqual(self.campaign.participant_ids.state, "completed")

    def test_stop_and_start(self):
        activity = self.create_activity(self.campaign, "action", delay="1 hours")
        expiring = self.create_expiring(3)
        self.start()
        self.campaign.action_stop_campaign()
        self.jobs_at("2025-03-01 11:00:00")
        self.assertTrace(activity, "scheduled", "2025-03-01 10:00:00")
        self.start("2025-03-01 15:00:00")
        self.assertTrace(activity, "processed", "2025-03-01 10:00:00")
        self.assertTrace(expiring, "canceled", reason="expired")

    def test_execute_activities_leaves_a_stopped_campaign_alone(self):
        activity = self.create_activity(self.campaign, "action", delay="1 hours")
        self.start()
        self.campaign.action_stop_campaign()
        with self.at("2025-03-01 11:00:00"):
            self.campaign.execute_activities()
        self.assertTrace(activity, "scheduled")

    def test_event_while_stopped_is_not_lost(self):
        mail = self.create_activity(self.campaign, delay="0 hours")
        opened = self.create_activity(
            self.campaign, "action", "mail_open", "0 hours", parent_id=mail.id
        )
        self.start()
        self.campaign.action_stop_campaign()
        self.event_at("2025-03-01 10:00:00", mail, "mail_open")
        self.jobs_at("2025-03-01 10:00:00")
        self.assertTrace(opened, "scheduled", "2025-03-01 10:00:00")
        self.start("2025-03-01 15:00:00")
        self.assertTrace(opened, "processed")

    def test_complete_by_hand_and_go_on(self):
        activity = self.create_activity(self.campaign, "action", delay="1 days")
        self.start()
        participant = self.campaign.participant_ids
        participant.action_set_completed()
        self.assertEqual(participant.state, "completed")
        self.assertTrace(activity, "canceled", reason="user")
        participant.action_set_running()
        self.assertEqual(participant.state, "running")

    def test_check_completed(self):
        self.create_activity(self.campaign, "action", delay="1 days")
        self.start()
        participant = self.campaign.participant_ids
        self.assertIs(participant.check_completed(), False)
        participant.action_set_completed()
        participant.action_set_running()
        self.assertIs(participant.check_completed(), True)
        self.assertEqual(participant.state, "completed")
