"""What people do with a campaign and the runs of it."""

from odoo.exceptions import UserError

from ..models.participant.retention import FORGET_PARAMETER
from .story_picks import Picks


class People(Picks):
    """A part of :class:`.story.Story`."""

    def do_start(self):
        """Start, unless something was moved away from what it asks for: that is refused."""
        try:
            with self.env.cr.savepoint():
                self.campaign.action_start_campaign()
        except UserError:
            return
        self.model.start(self.now)

    def do_stop(self):
        self.campaign.action_stop_campaign()
        self.model.stop()

    def do_update(self):
        self.campaign.action_update_participants()
        self.model.update(self.now)
        self.model.enrol(self.records, self.now)

    def do_run(self, number):
        """Run a trace by hand: before or after its date, or again after an error."""
        expected, trace = self._pick_trace(
            number,
            lambda trace, activity: (
                (trace.state == "scheduled" and (trace.date or trace.since))
                or (
                    trace.state == "error"
                    and activity.kind == "action"
                    and activity in self.activities
                )
            ),
        )
        if expected:
            trace.action_execute()
            self.model.run(expected, self.now)

    def do_cancel(self, number):
        """Cancel a trace by hand."""
        expected, trace = self._pick_trace(
            number, lambda trace, _activity: trace.state == "scheduled"
        )
        if expected:
            trace.action_cancel()
            self.model.cancel(expected)

    def do_test(self, number):
        """Launch a test with a record and send its first message: nothing else may notice."""
        record, partner = self._pick_record(number)
        if record and self.activities:
            wizard = self.env["marketing.campaign.test"].create(
                {"campaign_id": self.campaign.id, "res_id": partner.id}
            )
            wizard.action_launch_test()
            test = self.campaign.participant_ids.filtered("is_test").sorted("id")[-1]
            messages = test.trace_ids.filtered(lambda trace: trace.activity_type != "action")
            messages[:1].action_execute()

    def do_enrol(self, number, count, key):
        """Some records are handed over, the first one once more; without a key, or with one."""
        if self.campaign.state != "running":
            return
        records = list(self.records)
        records = (records[number % len(records) :] + records)[:count]
        records += records[:1]
        answers = self.campaign.enrol([self.records[record].id for record in records], key)
        expected = self.model.admit(records, key, self.now)
        self.test.assertEqual([answer["reason"] for answer in answers], expected, self.plot)

    def do_exit(self, number):
        """Somebody ends a run."""
        expected, participant = self._pick_participant(number, lambda p: not p.is_over)
        if expected:
            participant.action_exit()
            self.model.exit(expected, self.now)

    def do_let_run(self, number):
        """Somebody lets a run go on that had ended."""
        expected, participant = self._pick_participant(number, lambda p: p.state == "exited")
        if expected:
            participant.action_set_running()
            participant.check_completed()
            self.model.let_run(expected)

    def do_forget(self, number):
        """Somebody asks to be forgotten."""
        expected, participant = self._pick_participant(number, lambda p: True)
        if expected:
            participant._forget()
            self.model.forget(expected)

    def do_retention(self):
        """The campaign is archived until all are forgotten who have ended, and starts again."""
        if not self.activities:
            return
        self.campaign.action_archive()
        self.model.stop()
        self.env.flush_all()
        self.do_sleep(24 * 62)
        self.env["ir.config_parameter"].set_param(FORGET_PARAMETER, "1")
        for participant in self.model.participants:
            if participant.state != "running" and not participant.forgotten:
                self.model.forget(participant)
        self.env["marketing.participant"]._gc_finished_journeys()
        self.campaign.action_unarchive()
        self.do_start()
        self._run_job()
