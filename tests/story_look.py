"""What the engine has, and what it should have."""

from collections import namedtuple

from odoo.tools import SQL

from .places import figures_of_cards, figures_of_past

DATE_FIELDS = {
    "mail_open": "open_datetime",
    "mail_click": "links_click_datetime",
    "mail_reply": "reply_datetime",
    "mail_bounce": "bounce_datetime",
    "sms_click": "links_click_datetime",
    "sms_bounce": "bounce_datetime",
    "activity_done": "activity_done_datetime",
    "activity_overdue": "activity_overdue_datetime",
    "activity_canceled": "activity_canceled_datetime",
}


class Look:
    """A part of :class:`.story.Story` that compares the two campaigns."""

    def check(self, when):
        """Compare what the engine has with what is expected."""
        self.env.flush_all()
        self.env.invalidate_all()
        expected, found = self._expected(), self._found()
        if expected != found:
            lines = [
                f"{key}: expected {expected.get(key)}, found {found.get(key)}"
                for key in sorted({*expected, *found}, key=str)
                if expected.get(key) != found.get(key)
            ]
            self.test.fail("\n".join([f"{when}, at {self.now}:", *lines, f"Plot: {self.plot}"]))

    def _expected(self):
        result = {"needs update": bool(self.model.changed)}
        for participant in self.model.participants:
            result["participant", participant.id] = (
                participant.state,
                participant.exit,
                participant.number,
                participant.entry,
                # Of who was forgotten nobody is told the key, nor what the run was about.
                "" if participant.forgotten else participant.key,
                "" if participant.forgotten else participant.source,
            )
        for trace in self.model.traces():
            key = trace.participant.id
            is_counted = trace.activity.kind == "action"
            if is_counted:
                total = ("runs", trace.participant.record.key, trace.activity.name)
                result[total] = result.get(total, 0) + trace.runs
            result[key, trace.activity.name, trace.visit] = (
                trace.state,
                trace.reason,
                trace.date,
                trace.branch and trace.branch.name,
                trace.since,
                None if is_counted else trace.runs,
                trace.sent,
                {DATE_FIELDS[event]: date for event, date in trace.events.items()},
                trace.due,
                trace.hold_end if trace.state == "scheduled" else None,
            )
        result["figures"] = self.model.figures()
        if self.rival:
            result["rival"] = self.rival.get_expected()
        return result

    def _found(self):
        traces = self._read_traces()
        result = {
            **self._found_participants(),
            **self._found_traces(traces),
            **self._found_actions(traces),
        }
        result["needs update"] = self.campaign.require_sync
        kinds = {activity: step.kind for step, activity in {**self.activities, **self.past}.items()}
        result["figures"] = {
            **figures_of_cards(self.campaign, kinds),
            **figures_of_past(self.campaign, kinds),
        }
        if self.rival:
            result["rival"] = self.rival.get_found()
        return result

    def _found_participants(self):
        rows = self._read(
            """
            SELECT participant.id, state, exit_reason, exit_date, run_number, entry_type, event,
                entry_key, source
            FROM marketing_participant participant
            LEFT JOIN marketing_campaign_entry entry ON entry.id = entry_id
            WHERE participant.campaign_id = %s AND NOT is_test
            """
        )
        return {
            ("participant", row.id): (
                row.state,
                (row.exit_reason, row.exit_date) if row.exit_reason else None,
                row.run_number,
                self._get_kind(row.entry_type, row.event),
                row.entry_key.strip() if not row.entry_key.startswith(" ") else "",
                row.source or "",
            )
            for row in rows
        }

    def _read_traces(self):
        """With the branch, and how many messages were queued for each."""
        return self._read(
            """
            SELECT trace.*, branch.name AS branch_name, branch.branch_type, server_action_id, (
                SELECT count(*) FROM mailing_trace
                WHERE marketing_trace_id = trace.id AND trace_status != 'cancel'
            ) AS messages
            FROM marketing_trace trace
            JOIN marketing_participant participant ON participant.id = trace.participant_id
            JOIN marketing_activity activity ON activity.id = trace.activity_id
            LEFT JOIN marketing_activity_branch branch ON branch.id = trace.branch_id
            WHERE participant.campaign_id = %s AND NOT participant.is_test
            """
        )

    def _found_traces(self, traces):
        steps, result = self._get_steps(), {}
        for trace in traces:
            step = steps[trace.activity_id]
            runs = trace.messages
            if step.kind == "action":
                runs = None
            elif step.kind == "todo":
                runs = int(bool(trace.activity_created_datetime))
            elif step.kind == "paint":
                runs = int(trace.state == "processed")
            result[trace.participant_id, step.name, trace.visit] = (
                trace.state,
                trace.state_reason,
                trace.schedule_date,
                trace.branch_name or trace.branch_type,
                trace.wait_since,
                runs,
                trace.sent_datetime,
                {
                    name: getattr(trace, name)
                    for name in set(DATE_FIELDS.values())
                    if getattr(trace, name)
                },
                trace.activity_deadline,
                trace.hold_end if trace.state == "scheduled" else None,
            )
        return result

    def _found_actions(self, traces):
        """How often each server action ran for a record at all visits, by what it has left there;
        where the record is gone, by the traces."""
        steps, result = self._get_steps(), {}
        records = {run.id: run.record for run in self.model.participants}
        partner_ids = [partner.id for partner in self.records.values()]
        notes = dict(
            self.env.execute_query(
                SQL("SELECT id, function FROM res_partner WHERE id = ANY(%s)", partner_ids)
            )
        )
        for trace in traces:
            step, record = steps[trace.activity_id], records.get(trace.participant_id)
            if step.kind != "action" or not record:
                continue
            partner_id, key = self.records[record].id, ("runs", record.key, step.name)
            if partner_id in notes:
                position = self.action_ids.index(trace.server_action_id)
                result[key] = (notes[partner_id] or "").split(",").count(str(position))
            else:
                result[key] = result.get(key, 0) + (trace.state == "processed")
        return result

    def _get_steps(self):
        """Of the reference model, by id of the engine's activity."""
        return {activity.id: step for step, activity in {**self.activities, **self.past}.items()}

    def _read(self, query):
        """Rows of the campaign, as they are in the database.

        :param str query: with a place for the id of the campaign
        """
        self.env.cr.execute(SQL(query, self.campaign.id))
        row = namedtuple("Row", [column.name for column in self.env.cr.description])
        return [row(*values) for values in self.env.cr.fetchall()]
