"""Plots that have shown a mistake of the engine once; see ``story`` for what they say."""


def activity(kind, trigger="begin", parent=None, delay=(0, "hours"), expiry=None):
    """An activity for everybody."""
    return {
        "kind": kind,
        "trigger": trigger,
        "parent": parent,
        "delay": delay,
        "expiry": expiry,
        "colors": [0, 1, 2],
    }


def record(email="own", phone="own", broken=False, color=0):
    """A record that matches."""
    return {
        "email": email,
        "phone": phone,
        "color": color,
        "matches": True,
        "active": True,
        "broken": broken,
    }


def plot(activities, records, steps, timezone="UTC", start="2025-02-03 09:00:00"):
    return {
        "timezone": timezone,
        "start": start,
        "unique": True,
        "include_archived": False,
        "activities": activities,
        "records": records,
        "steps": steps,
    }


PLOTS = {
    # "At once" was half an hour later, in the half hour that clocks showed twice.
    "0 days when the clock is put back": plot(
        [activity("email", delay=(0, "days"))],
        [record()],
        [("wait", 1)],
        timezone="Australia/Lord_Howe",
        start="2025-04-05 14:40:00",
    ),
    # Those who came when a running campaign had lost all its activities were running for ever.
    "nothing to do": plot(
        [activity("email"), activity("email", "activity", 0)],
        [],
        [("remove", 0), ("record", record()), ("wait", 1)],
    ),
    # The trace of an activity went with the trace of its former parent.
    "moved away from an activity that is deleted": plot(
        [activity("action"), activity("action", "activity", 0), activity("action")],
        [record()],
        [("move", 1, 1, 0), ("remove", 0), ("wait", 1)],
    ),
    # What follows a message that is taken back is derived anew, but for what is history.
    "removed before its parent was repeated and taken back": plot(
        [
            activity("email"),
            activity("action", "activity", 0),
            activity("action", "activity", 1),
            activity("action", delay=(1, "days")),
        ],
        [record(), record()],
        [
            ("wait", 1),
            ("fail", 0),
            ("remove", 1),
            ("retry", 0),
            ("lag", 1),
            ("remove", 0),
            ("stop",),
            ("start",),
            ("wait", 1),
        ],
    ),
    # A message that got out late had its followers planned for a record that was gone.
    "sent again after the record was deleted": plot(
        [activity("email"), activity("email", "activity", 0, (1, "days"))],
        [record()],
        [("fail", 0), ("delete", 0), ("wait", 1), ("resend", 0)],
    ),
    # Another try for somebody who had been forgotten looked for record 0, did not find it, and
    # removed all who had been forgotten.
    "another try after people were forgotten": plot(
        [activity("email"), activity("action", delay=(1, "hours"))],
        [record(), record(), record(broken=True)],
        [
            ("fail", 0),
            ("wait", 1),
            ("forget", 0),
            ("forget", 1),
            ("retry", 0),
            ("retry", 1),
            ("wait", 1),
            ("delay", 1, (1, "days")),
            ("update",),
            ("wait", 25),
        ],
    ),
    # They all began anew.
    "restored after all were forgotten": plot(
        [activity("email")],
        [record(), record(email="shared"), record(email="missing")],
        [("retention",), ("record", record(email="shared")), ("wait", 1)],
    ),
    # The mail that was not sent at first turned the step into a failure that another had done.
    "the first message fails after the second": plot(
        [activity("email"), activity("email", "mail_open", 0)],
        [record()],
        [("fail", 0), ("retry", 0), ("wait", 1), ("fail_again", 0), ("event", 0, 0), ("wait", 1)],
    ),
    # It was sent a second time.
    "the message gets out before the other try": plot(
        [activity("email"), activity("email", "activity", 0)],
        [record()],
        [("fail", 0), ("retry", 0), ("resend", 0), ("wait", 1)],
    ),
    # With the message whose time was up its step was done with for this run of the job, and nothing
    # woke it for who came there in the meantime.
    "led to a step where another one has waited for a place for too long": {
        **plot(
            [
                activity("email"),
                {**activity("goto", "activity", 0, (10, "days")), "target": 0, "visits": 2},
            ],
            [record(), record()],
            [("wait", 1), ("wait", 240)],
        ),
        "limit": 1,
    },
    # The reference model let in by the event of the color whose own run was under way still: at the
    # step that painted. It is the filter that lets in, once that run has ended.
    "the last step causes the event of an entry": {
        **plot(
            [activity("paint", delay=(1, "days"))],
            [record(color=1)],
            [("reentry", "after_end", (1, "days")), ("wait", 24)],
        ),
        "others": [{"kind": "color", "color": 0}],
    },
    # Odoo gave the record that was left the time zone of the other one, unknown to the story.
    "merged with somebody who lives elsewhere": {
        **plot(
            [activity("email", delay=(1, "hours"))],
            [record(), {**record(), "timezone": "Asia/Tokyo"}],
            [("merge", 1, 0), ("wait", 1)],
        ),
        "hours": (0, True, False),
    },
    # The story closed the minute behind the end of a holiday, too.
    "the hours begin with the end of a holiday": {
        **plot(
            [activity("email", delay=(3, "hours"))],
            [record()],
            [("holiday", 0, 5), ("wait", 3)],
        ),
        "hours": (0, True, False),
    },
    # The reference model sent what had been taken back from the queue, though the text message had
    # bounced meanwhile.
    "ruled out while its message was taken back": {
        **plot(
            [activity("sms"), activity("email", "sms_not_click", 0)],
            [record()],
            [("wait", 0), ("event", 9, 0), ("wait", 72)],
        ),
        "hours": (0, False, False),
    },
}
