"""The figures of a campaign and of its activities, and what is behind each."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.rpc import by_text

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


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

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


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def get_workflow_metrics(self):
        """Figures for the cards of the workflow view, in a constant number of queries.

        :return: ``participants``: their number; ``activities``: figures by id of the activity
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "participants": self.total_participant_count,
            "activities": by_text(self.marketing_activity_ids._get_figures()),
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
            "activities": by_text(figures),
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
