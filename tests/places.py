"""Every place that shows figures of a campaign, beside what the reference model says."""

from collections import Counter

from odoo.tools import SQL

from .reference import EVENTS

# Statistics of a mailing, and its share of which figure; see ``doc/figures.md``.
STATISTICS = {
    "scheduled": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "opened": "open",
    "clicked": "click",
    "replied": "reply",
    "bounced": "bounce",
    "canceled": "excluded",
    "failed": "error",
    "marketing_reached": "reached",
    "marketing_waiting": "scheduled",
    "marketing_elsewhere": "elsewhere",
    "marketing_rejected": "rejected",
}
# Those of which all who have reached the step are one or the other.
ADDENDS = (
    "sent",
    "scheduled",
    "marketing_waiting",
    "marketing_elsewhere",
    "canceled",
    "marketing_rejected",
    "failed",
)
RATIOS = {
    "opened_ratio": ("open", "sent"),
    "clicks_ratio": ("click", "sent"),
    "replied_ratio": ("reply", "sent"),
    "bounced_ratio": ("bounce", "sent"),
    "received_ratio": ("delivered", "sent"),
}
BUTTONS = {
    "action_view_delivered": "delivered",
    "action_view_opened": "open",
    "action_view_clicked": "click",
    "action_view_replied": "reply",
    "action_view_bounced": "bounce",
    "action_view_traces_scheduled": "queued",
    "action_view_traces_sent": "sent",
    "action_view_traces_canceled": "excluded",
    "action_view_traces_failed": "error",
}


def figures_of_cards(campaign, kinds=None):
    """Numbers that the cards of the workflow show, by name of the activity.

    :param dict kinds: kind of each activity, where it is known
    """
    figures = campaign.get_workflow_metrics()["activities"]
    return _numbers(campaign.marketing_activity_ids, figures, kinds)


def figures_of_past(campaign, kinds=None):
    """The same of activities that were taken out of the workflow."""
    past = campaign.env["marketing.activity"].search(
        [("campaign_id", "=", campaign.id), ("active", "=", False)]
    )
    figures = past._get_figures() if past else {}
    return _numbers(
        past, {str(activity_id): figures[activity_id] for activity_id in figures}, kinds
    )


def _numbers(activities, figures, kinds=None):
    keys = {
        "email": {"queued", "sent", "delivered", "open", "click", "reply", "bounce"},
        "sms": {"queued", "sent", "delivered", "click", "bounce"},
        "todo": {"activity_created", "activity_done", "activity_overdue", "activity_canceled"},
    }
    outcomes = ["reached", "processed", "scheduled", "elsewhere", "excluded", "rejected", "error"]
    return {
        activity.name: {
            key: figures[str(activity.id)][key]
            for key in (*outcomes, *keys.get(kinds[activity] if kinds else _kind(activity), ()))
        }
        for activity in activities
    }


def _kind(activity):
    """The kind of an activity, as the reference model has it."""
    creates_todos = "activity_done" in (activity.possible_events or [])
    return "todo" if creates_todos else activity.activity_type


def check_places(story):
    """Compare each place with the reference model of a story."""
    campaign, test = story.campaign, story.test
    expected = story.model.figures()
    for numbers in expected.values():
        outcomes = ("processed", "scheduled", "elsewhere", "excluded", "rejected", "error")
        test.assertEqual(numbers["reached"], sum(numbers[key] for key in outcomes))
    _check_cards(story, expected)
    _check_activities(test, campaign, expected)
    _check_mailings(story, expected)
    _check_participants(story)
    _check_totals(story, expected)
    _check_reports(story, expected)
    _check_clicks(story)
    _check_branches(story)


def _check_cards(story, expected):
    """The cards, and the people whom their numbers open: each once, however often they came."""
    figures = story.campaign.all_activity_ids._get_card_figures()
    reasons, people = Counter(), story.model.people()
    people_by_reason = story.model.people_by_reason()
    opened = []
    for activity in story.campaign.all_activity_ids:
        for key in expected[activity.name]:
            action = activity.action_view_figure(key)
            opened.append((action, people[activity.name][key], (activity.name, key)))
        for key, items in figures[activity.id]["reasons"].items():
            total = sum(item["count"] for item in items)
            story.test.assertEqual(total, expected[activity.name][key])
            for item in items:
                place = activity.name, item["key"]
                action = activity.action_view_figure(key, item["key"])
                opened.append((action, people_by_reason[place], place))
                reasons[place] += item["count"]
    story.test.assertEqual(reasons, story.model.reasons())
    _check_opened(story, opened)


def _check_activities(test, campaign, expected):
    for activity in campaign.all_activity_ids:
        numbers = Counter(expected[activity.name])
        test.assertEqual(activity.processed, numbers["processed"])
        test.assertEqual(activity.rejected, numbers["rejected"])
        for key in ("sent", "open", "click", "reply", "bounce"):
            test.assertEqual(activity[f"total_{key}"], numbers[key])


def _check_mailings(story, expected):
    """List and form of the messages, and the people whom the form's buttons open."""
    campaign, test, people = story.campaign, story.test, story.model.people()
    opened = []
    for activity in campaign.all_activity_ids.filtered("mass_mailing_id"):
        mailing, numbers = activity.mass_mailing_id, Counter(expected[activity.name])
        for name, key in STATISTICS.items():
            test.assertEqual(mailing[name], numbers[key], (activity.name, name))
        test.assertEqual(mailing.marketing_reached, sum(mailing[name] for name in ADDENDS))
        for name, (key, base) in RATIOS.items():
            ratio = round(100 * numbers[key] / (numbers[base] or 1), 2)
            test.assertEqual(mailing[name], ratio, (activity.name, name))
        for button, key in BUTTONS.items():
            if key in expected[activity.name]:
                action = getattr(mailing, button)()
                opened.append((action, people[activity.name][key], (activity.name, button)))
    _check_opened(story, opened)


def _check_participants(story):
    """All who joined are in one of these states: dashboard, overview and report."""
    campaign, states = story.campaign, Counter(story.model.participant_states().values())
    expected = [
        *(states[name] for name in ("running", "completed", "exited", "unlinked")),
        states.total(),
    ]
    dashboard = campaign.read(
        [
            f"{name}_participant_count"
            for name in ("running", "completed", "exited", "removed", "total")
        ]
    )[0]
    overview = campaign.get_overview()
    report = dict(
        story.env["marketing.participant"]._read_group(
            [("campaign_id", "=", campaign.id), ("is_test", "=", False)], ["state"], ["__count"]
        )
    )
    for found in (
        [
            dashboard[f"{name}_participant_count"]
            for name in ("running", "completed", "exited", "removed", "total")
        ],
        [overview[name] for name in ("running", "completed", "exited", "removed", "participants")],
        [report.get(name, 0) for name in ("running", "completed", "exited", "unlinked")]
        + [states.total()],
    ):
        story.test.assertEqual(found, expected)
    _check_opened(story, [(campaign.action_view_participants(), states.total(), "participants")])


def _check_totals(story, expected):
    """Messages of the campaign together: dashboard, overview. Only emails are opened."""
    campaign, test = story.campaign, story.test
    overview = campaign.get_overview()
    past = campaign.all_activity_ids - campaign.marketing_activity_ids
    test.assertEqual(overview["past"], past.mapped("name"))
    test.assertEqual(
        _numbers(campaign.marketing_activity_ids, overview["activities"]),
        {name: expected[name] for name in campaign.marketing_activity_ids.mapped("name")},
    )
    test.assertEqual(
        sum(executed for _day, _new, executed in overview["trend"]),
        sum(numbers["processed"] for numbers in expected.values()),
    )
    test.assertEqual(overview["messages"]["sent"], campaign.message_sent_count)
    test.assertEqual(
        campaign.message_sent_count, sum(numbers.get("sent", 0) for numbers in expected.values())
    )
    for key in ("open", "click", "reply", "bounce", *EVENTS["todo"]):
        kinds = [kind for kind, events in EVENTS.items() if _has(events, key)]
        of_kind = [
            expected[activity.name]
            for activity in campaign.all_activity_ids
            if _kind(activity) in kinds
        ]
        count = sum(numbers[key] for numbers in of_kind)
        of_todos = key in EVENTS["todo"]
        base = sum(numbers["activity_created" if of_todos else "sent"] for numbers in of_kind)
        test.assertEqual(overview["messages"]["rates"][key], {"count": count, "base": base})
        if not of_todos:
            test.assertAlmostEqual(campaign[f"message_{key}_rate"], count / (base or 1))


def _has(events, key):
    return any(event == key or event.endswith(f"_{key}") for event in events)


def _check_reports(story, expected):
    """The report of traces by outcome, by state, and by reason."""
    traces = story.env["marketing.trace"]
    live = [("campaign_id", "=", story.campaign.id), ("is_test", "=", False)]
    found = traces._read_group(live, ["activity_id", "outcome"], ["__count"])
    outcomes = [key for key, _label in traces._selection_outcome()]
    story.test.assertEqual(
        Counter({(activity.name, outcome): number for activity, outcome, number in found}),
        +Counter(
            {(name, key): numbers[key] for name, numbers in expected.items() for key in outcomes}
        ),
    )
    for key in outcomes:
        story.test.assertEqual(
            traces.search_count([*live, ("outcome", "=", key)]),
            sum(numbers[key] for numbers in expected.values()),
        )
    found = traces._read_group(live, ["activity_id", "state"], ["__count"])
    states = {
        "processed": ("processed",),
        "scheduled": ("scheduled",),
        "canceled": ("elsewhere", "excluded"),
        "rejected": ("rejected",),
        "error": ("error",),
    }
    story.test.assertEqual(
        Counter({(activity.name, state): number for activity, state, number in found}),
        +Counter(
            {
                (name, state): sum(numbers[key] for key in keys)
                for name, numbers in expected.items()
                for state, keys in states.items()
            }
        ),
    )
    found = traces._read_group(
        # What waits has a reason, too.
        [*live, ("state_reason", "!=", False), ("state", "!=", "scheduled")],
        ["activity_id", "state_reason"],
        ["__count"],
    )
    story.test.assertEqual(
        Counter({(activity.name, reason): number for activity, reason, number in found}),
        story.model.reasons(),
    )


def _check_clicks(story):
    """Clicks on links, several of one person too: form, what it opens, and the links."""
    campaign, number = story.campaign, story.model.clicks
    links = story.env["link.tracker"].search([("campaign_id", "=", campaign.utm_campaign_id.id)])
    story.test.assertEqual(campaign.link_tracker_click_count, number)
    _check_opened(story, [(campaign.action_view_clicks(), number, "clicks")])
    story.test.assertEqual(sum(links.mapped("count")), number + story.model.scans)


def _check_branches(story):
    """How many took which branch: branches, cards, and the traces themselves."""
    activities = story.campaign.all_activity_ids
    branches = activities.with_context(active_test=False).branch_ids
    live = [("branch_id", "in", branches.ids), ("is_test", "=", False)]
    found = story.env["marketing.trace"]._read_group(live, ["branch_id"], ["__count"])
    taken = Counter(dict(found))
    figures = activities._get_figures()
    for branch in branches:
        found = (branch.taken_count, figures[branch.activity_id.id]["branches"][branch.id])
        story.test.assertEqual(found, (taken[branch], taken[branch]))


def _check_opened(story, opened):
    """How many records actions show, asked in one statement.

    :param list opened: tuples of an action, how many it should show, and where it is
    """
    counts = [
        SQL("(SELECT count(*) FROM (%s) AS shown)", story.env[model]._search(domain).select())
        for model, domain in ((action["res_model"], action["domain"]) for action, *_more in opened)
    ]
    found = story.env.execute_query(SQL("SELECT %s", SQL(", ").join(counts)))[0] if counts else ()
    story.test.assertEqual(
        [(place, number) for (_action, _number, place), number in zip(opened, found, strict=True)],
        [(place, number) for _action, number, place in opened],
    )
