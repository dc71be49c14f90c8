"""What a colour says, wherever states and outcomes show; the colours themselves are in
``static/src/tones/tones.scss``.

That somebody took another branch is no error, and is not red.
"""

# Has happened, and nothing more is to come.
DONE = "done"
# Is still to come.
PLANNED = "planned"
# Is under way.
ACTIVE = "active"
# Went elsewhere.
OTHER = "other"
# Is over, since there is nothing any more that it could be about.
REMOVED = "removed"
# Did not happen: for a reason of their own, for the filter, since it went wrong.
EXCLUDED = "excluded"
FILTERED = "filtered"
FAILED = "failed"

# How lists of Odoo say the same.
DECORATIONS = {
    DONE: "success",
    PLANNED: "warning",
    ACTIVE: "info",
    OTHER: "muted",
    REMOVED: "muted",
    EXCLUDED: "danger",
    FILTERED: "danger",
    FAILED: "danger",
}

# Of the states of each model; those of a trace are its outcome.
STATE_TONES = {
    "marketing.campaign": {"draft": OTHER, "running": ACTIVE, "stopped": PLANNED},
    "marketing.participant": {
        "running": ACTIVE,
        "completed": DONE,
        "exited": OTHER,
        "unlinked": REMOVED,
    },
}
