"""Numbers of a plot pick one of what is there."""


def pick(candidates, number):
    """One of the candidates, None if there are none."""
    return candidates[number % len(candidates)] if candidates else None


class Picks:
    """A part of :class:`.story.Story`: what a step is about, in both campaigns."""

    def _pick_record(self, number):
        record = pick([record for record in self.records if record.exists], number)
        return record, self.records.get(record)

    def _pick_participant(self, number, condition):
        """One of the runs that were not forgotten and meet a condition: the reference model's and
        the engine's."""
        candidates = [
            participant
            for participant in self.model.participants
            if not participant.forgotten and condition(participant)
        ]
        candidates.sort(key=lambda participant: (participant.record.key, participant.number))
        expected = pick(candidates, number)
        return expected, expected and self.env["marketing.participant"].browse(expected.id)

    def _pick_trace(self, number, condition):
        """One of the traces that meet a condition of trace and activity: the reference model's and
        the engine's."""
        candidates = [
            trace
            for trace in self.model.traces()
            if not trace.participant.forgotten and condition(trace, trace.activity)
        ]
        candidates.sort(
            key=lambda trace: (
                trace.participant.record.key,
                trace.participant.number,
                trace.activity.name,
                trace.visit,
            )
        )
        expected = pick(candidates, number)
        if not expected:
            return None, None
        known = {**self.activities, **self.past}
        found = known[expected.activity].trace_ids.filtered(
            lambda trace: (
                trace.participant_id.id == expected.participant.id and trace.visit == expected.visit
            )
        )
        return expected, found

    def _message_of(self, trace):
        """The last message of a trace; the others failed, or were taken back."""
        return trace.mailing_trace_ids.sorted("id")[-1:]

    def _pick_step(self, number, *kinds):
        return pick([step for step in self.activities if step.kind in kinds], number)
