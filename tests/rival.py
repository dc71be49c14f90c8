"""Another campaign beside that of a story: it writes to the same addresses, of records of its own.

Both meet where an address gets few messages: what one has sent counts for the other, and who has
the higher priority goes first.
"""

from .reference import Activity, Record, Reference

REFERENCE = "rival"
# Of its steps: the kind, and whether it follows the one before.
STEPS = (("email", False), ("sms", False), ("email", True))


class Rival:
    """
    :param story: the story that it belongs to
    :param str priority: of the campaign
    :param list delays: of its steps
    :param int number: how many records it has: one shares its email address with others
    """

    def __init__(self, story, priority, delays, number):
        self.story, self.test = story, story.test
        self.model = Reference(
            [], story.model.timezone, number_of=self._number_of, order_of=story.order_of
        )
        self.model.messages, self.model.priority = story.model.messages, int(priority)
        self.records = dict(self._create_record(key) for key in range(number))
        self.campaign = self.test.create_campaign(
            user_id=story.responsible.id,
            domain=repr([("ref", "=", REFERENCE)]),
            name="Rival",
            priority=priority,
        )
        self.activities = {}
        for (kind, follows), delay in zip(STEPS, delays, strict=True):
            self._add(kind, delay, next(iter(self.activities)) if follows else None)
        self.campaign.action_start_campaign()
        self.campaign.sync_participants()
        self.model.start(story.now)
        self.model.enrol(self.records, story.now)

    def _number_of(self, record, _number):
        return self.test.participant_of(self.campaign, self.records[record]).id

    def _create_record(self, key):
        email, phone = f"record{key}@example.com", f"+3247000{key:04d}"
        if not key:
            email = "shared@example.com"
        record = Record(key)
        record.addresses.update(email=frozenset({email}), sms=frozenset({phone}))
        partner = self.story.env["res.partner"].create(
            {"name": f"Rival {key}", "ref": REFERENCE, "email": email, "phone": phone}
        )
        return record, partner

    def _add(self, kind, delay, parent):
        number = len(self.activities)
        step = Activity(
            f"rival {number}", kind, "activity" if parent else "begin", parent, tuple(delay)
        )
        self.activities[step] = self.test.create_activity(
            self.campaign,
            kind,
            step.trigger,
            "{} {}".format(*delay),
            name=step.name,
            parent_id=self.activities[parent].id if parent else False,
            mass_mailing_id=self.test.materials["rival"][number].id,
        )
        step.id = self.activities[step].id
        self.model.add(step)

    def get_expected(self):
        return {
            (trace.participant.record.key, trace.activity.name): (
                trace.state,
                trace.reason,
                trace.date,
                trace.sent,
                trace.hold_end if trace.state == "scheduled" else None,
            )
            for trace in self.model.traces()
        }

    def get_found(self):
        keys = {partner.id: record.key for record, partner in self.records.items()}
        return {
            (keys[trace.res_id], trace.activity_id.name): (
                trace.state,
                trace.state_reason or None,
                trace.schedule_date or None,
                trace.sent_datetime or None,
                trace.hold_end or None if trace.state == "scheduled" else None,
            )
            for trace in self.campaign.participant_ids.trace_ids
        }
