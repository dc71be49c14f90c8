"""Checks of who enters, and of the workflow."""

from .check import ERROR, WARNING, Check, Finding


class Problems(Check):
    """What keeps the campaign from running."""

    def look(self, campaign, audience):
        activities, entries = campaign.marketing_activity_ids, campaign.entry_ids
        for problem in campaign._get_problem_list():
            yield Finding(
                ERROR,
                problem["message"],
                step=activities.browse(problem["activity_id"] or []),
                entry=entries.browse(problem["entry_id"] or []),
            )


class FiltersThatFail(Check):
    """Filters by which the responsible cannot search."""

    def look(self, campaign, audience):
        for text in campaign._get_search_problems():
            yield Finding(ERROR, text)


class NobodyEnters(Check):
    def look(self, campaign, audience):
        _ = campaign.env._
        if not campaign.entry_ids.filtered("active"):
            yield Finding(
                WARNING,
                _("Nobody will enter: the campaign has no open entry."),
                _("Add an entry at the start of the workflow."),
            )
        entry = campaign._get_open_entry("filter")
        if entry and not entry.only_new and audience and not audience.entering:
            yield Finding(
                WARNING,
                _("Nobody enters by the filter now."),
                _("Look at the filter of the audience."),
                entry=entry,
            )


class EverybodyEnters(Check):
    def look(self, campaign, audience):
        _, entry = campaign.env._, campaign._get_open_entry("filter")
        if entry and not entry.only_new and audience and campaign._get_domain().is_true():
            yield Finding(
                WARNING,
                _("The filter is empty: all records take part."),
                _("Set a filter if they are not all meant."),
                entry=entry,
            )


class Impatience(Check):
    """What goes on at once if something has *not* happened gives nobody the time to do it."""

    def look(self, campaign, audience):
        _ = campaign.env._
        for step in campaign.marketing_activity_ids:
            if step.interval_number or step.due_hour:
                continue
            trigger, parent = step._get_trigger(), step.parent_id
            text = ""
            if trigger.negative:
                text = _(
                    "“%(trigger)s” with no delay: nobody has the time to do it before.",
                    trigger=_(trigger.short_label),
                )
            elif parent and parent in step.branch_ids.event_activity_id and not trigger.event:
                text = _(
                    "It asks what was done with “%(activity)s” in the moment in which that goes"
                    " out.",
                    activity=parent.name,
                )
            if text:
                yield Finding(WARNING, text, _("Set a delay, such as 3 days."), step)
