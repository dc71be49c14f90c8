"""What the workflow view draws: the rules, the steps, and the journeys through them."""

from odoo import api, fields, models

from ...tools.figures import OUTCOMES


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    possible_events = fields.Json(
        compute="_compute_possible_events",
        compute_sudo=True,
        help="Keys of the events that can happen to what this step does.",
    )
    parent_events = fields.Json(
        compute="_compute_parent_drawing",
        compute_sudo=True,
        string="Events of the Step Before",
        help="Which triggers there are depends on them.",
    )
    branches = fields.Json(
        "Drawn Branches",
        compute="_compute_branches",
        help="The branches of this step as the workflow view draws them: for each its id (False"
        " until it is saved), key (which names it in its step), name, type, description (its test"
        " in words), whether nothing follows it (is_holdout), whether everybody takes it"
        " (is_winner), and how many runs went this way (taken).",
    )
    parent_name = fields.Char(
        compute="_compute_parent_drawing", compute_sudo=True, string="Name of the Step Before"
    )
    branch_name = fields.Char(
        compute="_compute_parent_drawing",
        compute_sudo=True,
        help="Of the branch on which it comes, which need not be saved.",
    )
    parent_branches = fields.Json(
        compute="_compute_parent_drawing",
        compute_sudo=True,
        string="Branches of the Step Before",
    )
    parent_types = fields.Json(
        compute="_compute_parent_types",
        help="Types of the steps that it can come after, with this trigger.",
    )
    eventful_ids = fields.Json(
        compute="_compute_eventful_ids",
        help="Ids of the other steps of the campaign that something can happen to.",
    )
    content = fields.Char(
        compute="_compute_content", help="What the step sends or runs, in a few words."
    )

    @api.depends(lambda self: ["activity_type", *self._get_content_fields()])
    def _compute_possible_events(self):
        for activity in self:
            activity.possible_events = activity._get_possible_events()

    @api.depends(lambda self: ["activity_type", *self._get_content_fields()])
    @api.depends_context("lang", "uid")
    def _compute_content(self):
        for activity in self:
            activity.content = activity._get_step_type().describe(activity)

    @api.depends(
        "branch_ids.name",
        "branch_ids.description",
        "branch_ids.sequence",
        "branch_ids.branch_type",
        "branch_ids.is_holdout",
        "branch_ids.key",
        "winner_branch_id",
        "wait_type",
        "wait_limit",
        "child_ids.branch_id",
    )
    @api.depends_context("lang", "uid")
    def _compute_branches(self):
        for activity in self:
            activity.branches = [
                {
                    "id": branch._origin.id,
                    "key": branch._get_key(),
                    "name": branch.name or "",
                    "type": branch.branch_type,
                    "description": branch.description or "",
                    "is_holdout": branch.is_holdout,
                    "is_winner": branch == activity.winner_branch_id,
                    "taken": branch.taken_count,
                }
                for branch in activity._get_drawn_branches()
            ]

    @api.depends(
        "parent_id.name",
        "parent_id.possible_events",
        "parent_id.branches",
        "parent_key",
        "branch_id",
        "branch_key",
    )
    @api.depends_context("lang", "uid")
    def _compute_parent_drawing(self):
        for activity in self:
            parent = activity._get_drawn_parent()
            activity.parent_name = parent.name
            activity.parent_events = parent.possible_events
            activity.parent_branches = parent.branches
            is_named = parent and activity.branch_key
            way = parent._find_branch(activity.branch_key) if is_named else activity.branch_id
            activity.branch_name = way.display_name

    def _get_drawn_branches(self):
        """The ways out, without a "Time's up" that never is, unless it has been used."""
        kind, followed = self._get_step_type(), self.child_ids.branch_id
        return self.branch_ids.filtered(
            lambda branch: (
                branch.branch_type != "timeout"
                or kind.can_take(self, branch)
                or branch in followed
                or branch.taken_count
            )
        ).sorted(lambda branch: (branch.branch_type == "otherwise", branch.sequence))

    @api.depends("trigger_type")
    def _compute_parent_types(self):
        kinds = self._get_step_types()
        for activity in self:
            trigger = activity._get_trigger()
            activity.parent_types = [
                key
                for key, kind in kinds.items()
                if kind.can_be_followed
                and trigger.category in (False, key)
                and (activity.trigger_type != "branch" or kind.branch_types)
            ]

    @api.depends("campaign_id.marketing_activity_ids.possible_events")
    def _compute_eventful_ids(self):
        for activity in self:
            others = activity.campaign_id.marketing_activity_ids - activity._origin
            activity.eventful_ids = others.filtered("possible_events")._origin.ids

    @api.model
    def _get_content_fields(self):
        """Fields that tell what steps of any type send or run."""
        kinds = self._get_step_types().values()
        fields_of_content = {kind.content_field for kind in kinds if kind.content_field}
        return sorted(fields_of_content.union(*(kind.described_by for kind in kinds)))

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def get_workflow_rules(self):
        """The rules of a workflow, for the web client.

        :return: ``triggers``, ``events``, ``types``, ``entries`` (types of ways in), ``outcomes``
            (of a step, which add up to those who have reached it), ``rates`` and ``bases`` (what
            these are shares of), each a list of dicts with a ``key``; ``tones``: what the colours
            of states and outcomes say, by model and key
        :rtype: dict
        """
        self.check_access("read")
        _ = self.env._
        figures = self._get_figure_rules()
        return {
            "triggers": [
                {
                    "key": key,
                    "label": _(trigger.label),
                    "short_label": _(trigger.short_label),
                    "icon": trigger.icon,
                    "category": trigger.category,
                    "event": trigger.event,
                    "negative": trigger.negative,
                    "delay": trigger.proposed_delay[0],
                    "delay_unit": trigger.proposed_delay[1],
                    "sentence": _(trigger.sentence),
                    "at_once": _(trigger.at_once),
                }
                for key, trigger in self._get_triggers().items()
            ],
            "events": [
                {
                    "key": key,
                    "label": _(event.label),
                    "category": event.category,
                    "metric": event.metric,
                    "ends": event.ends,
                    "excludes": event.excludes,
                }
                for key, event in self._get_events().items()
            ],
            "types": [
                {
                    "key": key,
                    "label": _(kind.label),
                    "icon": kind.icon,
                    "does": _(kind.does),
                    "kind": kind.kind,
                    "missing": _(kind.missing) if kind.missing else "",
                    "can_be_followed": kind.can_be_followed,
                    "branch_types": list(kind.branch_types),
                    "has_time_of_its_own": kind.has_time_of_its_own,
                }
                for key, kind in self._get_step_types().items()
            ],
            "entries": self.env["marketing.campaign.entry"]._get_entry_rules(),
            "outcomes": [self._describe_figure(key, figures[key]) for key in OUTCOMES],
            "rates": [self._describe_figure(key, figures[key]) for key in self._get_rate_keys()],
            "bases": [
                self._describe_figure(key, figures[key])
                for key in dict.fromkeys(figures[rate].base for rate in self._get_rate_keys())
            ],
            "tones": self._get_tones(),
        }

    @api.model
    def _describe_figure(self, key, figure):
        """A figure in words, for the web client."""
        return {
            "key": key,
            "label": self.env._(figure.label),
            "long_label": self.env._(figure.long_label or figure.label),
            "help": self.env._(figure.help),
            "icon": figure.icon,
            "tone": figure.tone,
            "types": figure.types,
            "base": figure.base,
        }

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _get_workflow_steps(self):
        """The steps as the workflow view draws them.

        :rtype: list[dict]
        """
        return [
            {
                "id": activity.id,
                "name": activity.name,
                "parent_id": activity.parent_id.id,
                "activity_type": activity.activity_type,
                "content": activity.content,
                "possible_events": activity.possible_events,
                "branches": activity.branches,
                "goto_activity_id": activity.goto_activity_id.id,
                "trigger_type": activity.trigger_type,
                "branch_id": activity.branch_id.id,
                "branch_key": activity.branch_id._get_key() if activity.branch_id else False,
                "interval_number": activity.interval_number,
                "interval_type": activity.interval_type,
                "due_hour": activity.due_hour,
                "interval_standardized": activity.interval_standardized,
                "validity_duration": activity.validity_duration,
                "validity_duration_number": activity.validity_duration_number,
                "validity_duration_type": activity.validity_duration_type,
                "activity_domain": activity.activity_domain,
                "is_exempt": activity.is_exempt,
                "require_sync": activity.require_sync,
                "is_removed": not activity.active,
            }
            for activity in self
        ]

    def _get_eventful_before(self):
        """The nearest step above this one that something can happen to; none if that is not saved
        yet."""
        step = self._get_drawn_parent()
        while step and not step.possible_events:
            step = step._get_drawn_parent()
        return step._origin
