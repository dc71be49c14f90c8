"""What the workflow view shows: the rules, the steps, their figures and their filters."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Figures of a card, with the column of marketing.activity.figures where they are counted.
FIGURES = {
    "processed": "processed",
    "rejected": "rejected",
    "scheduled": None,
    "canceled": "canceled",
    "error": "error",
    "sent": "processed",
    "open": "opened",
    "click": "clicked",
    "reply": "replied",
    "bounce": "bounced",
}


def _by_text(values):
    """The dict with its ids as text: XML-RPC carries no other keys."""
    return {str(key): value for key, value in values.items()}


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    parent_type = fields.Selection(
        related="parent_id.activity_type",
        string="Type of the Activity Before",
        help="Which triggers there are depends on it.",
    )

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def get_workflow_rules(self):
        """The rules of a workflow, for the web client.

        :return: ``triggers``, ``events`` and ``types``, each a list of dicts with a ``key``
        :rtype: dict
        """
        self.check_access("read")
        _ = self.env._
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
                }
                for key, event in self._get_events().items()
            ],
            "types": [
                {"key": key, "label": label, "icon": self._get_type_icons().get(key, "fa-bolt")}
                for key, label in self._fields["activity_type"]._description_selection(self.env)
            ],
        }

    @api.model
    def _get_type_icons(self):
        """Font Awesome classes by type; an addon that adds a type extends the result."""
        return {"email": "fa-envelope", "sms": "fa-mobile", "action": "fa-cogs"}

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
                "content": (
                    activity.mass_mailing_id.display_name
                    or activity.server_action_id.sudo().display_name
                    or ""
                ),
                "trigger_type": activity.trigger_type,
                "interval_number": activity.interval_number,
                "interval_type": activity.interval_type,
                "interval_standardized": activity.interval_standardized,
                "validity_duration": activity.validity_duration,
                "validity_duration_number": activity.validity_duration_number,
                "validity_duration_type": activity.validity_duration_type,
                "activity_domain": activity.activity_domain,
                "require_sync": activity.require_sync,
            }
            for activity in self
        ]

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def _get_figures(self):
        """Figures and history of these activities, without tests, in two queries.

        :return: by id: totals, one number for each state, and ``history`` as a list of
            [day, processed, rejected]
        :rtype: dict[int, dict]
        """
        figures = {activity.id: dict.fromkeys(FIGURES, 0) | {"history": []} for activity in self}
        rows = self.env["marketing.activity.figures"]._read_figures(self, ["hour:day"])
        for activity, day, counts in rows:
            values = figures[activity.id]
            for figure, column in FIGURES.items():
                values[figure] += counts.get(column, 0)
            if counts["processed"] or counts["rejected"]:
                values["history"].append(
                    [fields.Date.to_string(day), counts["processed"], counts["rejected"]]
                )
        scheduled = self.env["marketing.trace"]._read_group(
            [("activity_id", "in", self.ids), ("state", "=", "scheduled"), ("is_test", "=", False)],
            ["activity_id"],
            ["__count"],
        )
        for activity, count in scheduled:
            figures[activity.id]["scheduled"] = count
        for activity in self:
            if activity.activity_type == "action":
                figures[activity.id]["sent"] = 0
        return figures

    def get_matching_count(self):
        """Count the records that match the applied filter now.

        :rtype: int
        """
        self.ensure_one()
        self.check_access("read")
        model = self.campaign_id._get_model()
        if model is None:
            return 0
        try:
            return self._with_archived(model).search_count(self._get_applied_domain())
        except ValueError:
            return 0

    def _with_archived(self, model):
        return model.with_context(active_test=not self.campaign_id.include_archived)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_matching_records(self):
        """Open the records that match the applied filter now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Match “%(activity)s”", activity=self.name),
            "res_model": self.model_name,
            "views": [[False, "list"], [False, "kanban"], [False, "form"]],
            "domain": list(self._get_applied_domain()),
            "context": {"active_test": not self.campaign_id.include_archived, "create": False},
        }

    def action_view_figure(self, figure):
        """Open the participants behind a figure of this activity.

        :param str figure: a key of what :meth:`_get_figures` returns for an activity
        :raise UserError: if there is no such figure
        """
        self.ensure_one()
        traces = Domain([("activity_id", "=", self.id), ("is_test", "=", False)])
        names = {
            "processed": self.env._("Success"),
            "rejected": self.env._("Rejected"),
            "scheduled": self.env._("Scheduled"),
            "canceled": self.env._("Cancelled"),
            "error": self.env._("Error"),
            "sent": self.env._("Sent"),
            "open": self.env._("Opened"),
            "click": self.env._("Clicked"),
            "reply": self.env._("Replied"),
            "bounce": self.env._("Bounced"),
        }
        dates = {
            "open": "open_datetime",
            "click": "links_click_datetime",
            "reply": "reply_datetime",
            "bounce": "bounce_datetime",
        }
        if not isinstance(figure, str) or figure not in names:
            raise UserError(
                self.env._(
                    "There is no figure “%(figure)s”. Known figures: %(figures)s.",
                    figure=figure,
                    figures=", ".join(names),
                )
            )
        if figure in dates:
            traces &= Domain([("state", "=", "processed"), (dates[figure], "!=", False)])
        else:
            traces &= Domain("state", "=", "processed" if figure == "sent" else figure)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(activity)s: %(figure)s", activity=self.name, figure=names[figure]
            ),
            "res_model": "marketing.participant",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("trace_ids", "any", list(traces))],
            "context": {"create": False},
        }

    def duplicate_branch(self):
        """Copy this activity and all below it, with their mailings, to the same place.

        :return: id of the copy
        :rtype: int
        """
        self.ensure_one()
        copies = (self | self._get_descendants())._copy_to(self.campaign_id)
        return copies[self.id].id


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    problem_list = fields.Json(
        compute="_compute_problem_list",
        help="What keeps the campaign from running, with the activity that each is about.",
    )

    @api.depends("state", "marketing_activity_ids")
    def _compute_problem_list(self):
        for campaign in self:
            campaign.problem_list = campaign._origin._get_problem_list() if campaign._origin else []

    def _get_problem_list(self):
        """The problems, each with the activity that it is about.

        :return: dicts with ``message`` and ``activity_id``; none for an empty workflow,
            which explains itself
        :rtype: list[dict]
        """
        if not self.marketing_activity_ids:
            return []
        problems = [
            {"message": message, "activity_id": activity.id}
            for activity in self.marketing_activity_ids
            for message in activity._get_problems() + activity._get_reach_problems()
        ]
        of_activities = {problem["message"] for problem in problems}
        return [
            {"message": message, "activity_id": False}
            for message in self._get_problems()
            if message not in of_activities
        ] + problems

    def get_workflow_metrics(self):
        """Figures for the cards of the workflow view, in a constant number of queries.

        :return: ``participants``: their number; ``activities``: figures by id of the activity
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "participants": self.total_participant_count,
            "activities": _by_text(self.marketing_activity_ids._get_figures()),
        }

    def get_overview(self):
        """Totals, trend and figures of the campaign, in a constant number of queries.

        :return: ``participants``, ``running`` and ``completed`` numbers; ``messages``: totals
            of all emails and text messages; ``trend``: list of [day, new participants,
            executed activities]; ``steps`` and ``activities`` as the workflow view takes them
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        activities = self.marketing_activity_ids
        figures = activities._get_figures()
        keys = ("sent", "open", "click", "reply", "bounce")
        return {
            "participants": self.total_participant_count,
            "running": self.running_participant_count,
            "completed": self.completed_participant_count,
            "messages": {key: sum(values[key] for values in figures.values()) for key in keys},
            "trend": self._get_trend(figures),
            "steps": activities._get_workflow_steps(),
            "activities": _by_text(figures),
        }

    def _get_trend(self, figures):
        rows = self.env["marketing.participant"]._read_group(
            [("campaign_id", "=", self.id), ("is_test", "=", False)],
            ["create_date:day"],
            ["__count"],
        )
        trend = {fields.Date.to_string(day): [count, 0] for day, count in rows}
        for values in figures.values():
            for day, processed, _rejected in values["history"]:
                trend.setdefault(day, [0, 0])[1] += processed
        return [[day, *numbers] for day, numbers in sorted(trend.items())]

    def action_view_overview(self):
        """Open the overview: totals, trend and funnel."""
        return self._action_open_form("marketing_automation.marketing_campaign_view_form_overview")

    def action_open_campaign(self):
        """Open the form in which the campaign is edited."""
        return self._action_open_form("marketing_automation.marketing_campaign_view_form")

    def _action_open_form(self, view):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [[self.env.ref(view).id, "form"]],
        }


class MarketingParticipant(models.Model):
    _inherit = "marketing.participant"

    def get_journey(self):
        """The workflow with the way that this participant took through it.

        :return: ``steps``: the activities; ``traces``: by id of the activity
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "steps": self.campaign_id.marketing_activity_ids._get_workflow_steps(),
            "traces": _by_text(
                {trace.activity_id.id: trace._get_journey_entry() for trace in self.trace_ids}
            ),
        }


class MarketingTrace(models.Model):
    _inherit = "marketing.trace"

    def _get_journey_entry(self):
        """This trace as the workflow view shows it."""
        events = self.env["marketing.activity"]._get_events()
        to_string = fields.Datetime.to_string
        return {
            "id": self.id,
            "state": self.state,
            "label": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "schedule_date": to_string(self.schedule_date),
            "execution_date": to_string(self.execution_date),
            "reason": self.state_msg or "",
            "events": {
                key: to_string(self[event.date_field])
                for key, event in events.items()
                if event.category == self.activity_type and self[event.date_field]
            },
        }
