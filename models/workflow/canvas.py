"""What the workflow view draws: the rules, the steps, and the journeys through them."""

from odoo import api, fields, models

from ...tools.figures import OUTCOMES
from ...tools.rpc import on_one_record


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    possible_events = fields.Json(
        compute="_compute_possible_events",
        compute_sudo=True,
        help="Keys of the events that can happen to what this activity does.",
    )
    parent_events = fields.Json(
        related="parent_id.possible_events",
        string="Events of the Activity Before",
        help="Which triggers there are depends on them.",
    )
    content = fields.Char(
        compute="_compute_content", help="What the activity sends or runs, in a few words."
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

        :return: ``triggers``, ``events``, ``types``, ``outcomes`` (of a step, which add up to
            those who have reached it), ``rates`` and ``bases`` (what these are shares of), each a
            list of dicts with a ``key``
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
                }
                for key, trigger in self._get_triggers().items()
            ],
            "events": [
                {
                    "key": key,
                    "label": _(event.label),
                    "category": event.category,
                    "ends": event.ends,
                    "excludes": event.excludes,
                }
                for key, event in self._get_events().items()
            ],
            "types": [
                {"key": key, "label": _(kind.label), "icon": kind.icon, "kind": kind.kind}
                for key, kind in self._get_step_types().items()
            ],
            "outcomes": [self._describe_figure(key, figures[key]) for key in OUTCOMES],
            "rates": [self._describe_figure(key, figures[key]) for key in self._get_rate_keys()],
            "bases": [
                self._describe_figure(key, figures[key])
                for key in dict.fromkeys(figures[rate].base for rate in self._get_rate_keys())
            ],
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
                "trigger_type": activity.trigger_type,
                "interval_number": activity.interval_number,
                "interval_type": activity.interval_type,
                "interval_standardized": activity.interval_standardized,
                "validity_duration": activity.validity_duration,
                "validity_duration_number": activity.validity_duration_number,
                "validity_duration_type": activity.validity_duration_type,
                "activity_domain": activity.activity_domain,
                "require_sync": activity.require_sync,
                "is_removed": not activity.active,
            }
            for activity in self
        ]

    @on_one_record
    def duplicate_branch(self):
        """Copy this activity and all below it, with their mailings, to the same place.

        :return: id of the copy
        :rtype: int
        """
        self._check_in_workflow()
        copies = (self | self._get_descendants())._copy_to(self.campaign_id)
        return copies[self.id].id
