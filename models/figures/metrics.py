"""The figures of a campaign and of its activities, and what is behind each."""

from collections import Counter, defaultdict

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import frozendict

from ...tools.domains import check_domain
from ...tools.figures import FIGURES, METRICS, OUTCOMES, Metric, figure_of_event
from ...tools.rpc import by_text, on_one_record, on_records

# What counts those who have taken a branch.
TAKEN = "processed"
# Outcomes that have reasons.
REASONED = ("canceled", "rejected", "error")


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def _get_metrics(self):
        """What is counted, by key.

        :rtype: dict[str, Metric]
        """
        metrics = dict(METRICS)
        for kind in self._get_step_types().values():
            metrics.update(kind.metrics)
        for event in self._get_events().values():
            metrics[event.metric] = Metric(
                event.long_label or event.label, "processed", event.date_field
            )
        return metrics

    @api.model
    @tools.ormcache()
    def _get_figure_rules(self):
        """What people see, by key, with the types of steps that have it.

        :rtype: frozendict[str, Figure]
        """
        messages = tuple(self._get_message_types())
        figures = {
            key: figure._replace(types=messages) if figure.of_messages else figure
            for key, figure in FIGURES.items()
        }
        for kind in self._get_step_types().values():
            figures.update(kind.figures)
        for key, events in self._get_events_by_figure().items():
            types = tuple(dict.fromkeys(event.category for event in events))
            figures[key] = figure_of_event(events[0], types)
        return frozendict(figures)

    @api.model
    def _get_rate_keys(self):
        """Figures that are shares of what was sent or created."""
        return list(self._get_events_by_figure())

    @api.model
    def _get_events_by_figure(self):
        """Events, in lists by the figure that counts them."""
        by_figure = defaultdict(list)
        for event in self._get_events().values():
            by_figure[event.figure].append(event)
        return by_figure

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def _get_figures(self):
        """Figures of these activities, without tests, in two queries.

        :return: by id of the activity: a number for each figure; ``rates``, see
            :meth:`_get_rates`; ``reasons`` by figure: numbers by reason, the reason being
            False for what was counted before reasons were; and ``branches``: how many have taken
            which, by id of the branch
        :rtype: dict[int, dict]
        """
        rules = self._get_figure_rules()
        figures = {
            activity.id: {
                **dict.fromkeys(rules, 0),
                "reasons": defaultdict(Counter),
                "branches": Counter(),
            }
            for activity in self
        }
        counted = self.env["marketing.activity.figures"]
        for activity, branch, metric, reason, number in counted._read_figures(
            self, ["branch_id", "metric", "reason"]
        ):
            if branch and metric == TAKEN:
                figures[activity.id]["branches"][branch.id] += number
            for key, figure in rules.items():
                if figure.counts(metric, reason) and activity._has_figure(figure):
                    figures[activity.id][key] += number
                    if metric in REASONED:
                        figures[activity.id]["reasons"][key][reason] += number
        for activity, number in self.env["marketing.trace"]._read_group(
            [("activity_id", "in", self.ids), ("state", "=", "scheduled"), ("is_test", "=", False)],
            ["activity_id"],
            ["__count"],
        ):
            figures[activity.id]["scheduled"] = number
        for activity in self:
            values = figures[activity.id]
            values["reached"] = sum(values[key] for key in OUTCOMES)
            if activity._has_figure(rules["sent"]):
                values["sent"] = values["processed"] - values["queued"]
            values["delivered"] = values["sent"] - values["bounce"]
            values["rates"] = activity._get_rates(values, rules)
        return figures

    def _has_figure(self, figure):
        return not figure.types or self.activity_type in figure.types

    def _get_rates(self, values, rules):
        """The shares that an activity of this type has.

        :param dict values: its numbers by figure
        :param dict rules: the figures by key
        :return: by figure: ``count``, and ``base``: of how many it is a share
        :rtype: dict[str, dict]
        """
        return {
            key: {"count": values[key], "base": values[rules[key].base]}
            for key in self._get_rate_keys()
            if self._has_figure(rules[key])
        }

    def _sum_figures(self, figures):
        """Figures of these activities together. A text message cannot be opened: it is no
        part of the emails of which the opened ones are a share.

        :param dict figures: what :meth:`_get_figures` returned for these, and perhaps more
        """
        values = [figures[activity.id] for activity in self]
        return {
            **{key: sum(numbers[key] for numbers in values) for key in self._get_figure_rules()},
            "rates": {
                key: {
                    name: sum(numbers["rates"].get(key, {}).get(name, 0) for numbers in values)
                    for name in ("count", "base")
                }
                for key in self._get_rate_keys()
            },
        }

    def _get_history(self):
        """How often these activities were executed, and not for their filter, day by day.

        :return: by id of the activity: lists of [day, processed, rejected]
        :rtype: dict[int, list]
        """
        metrics = ("processed", "rejected")
        rows = self.env["marketing.activity.figures"]._read_figures(
            self, ["moment:day", "metric"], metrics
        )
        days = {activity.id: defaultdict(Counter) for activity in self}
        for activity, day, metric, number in rows:
            days[activity.id][fields.Date.to_string(day)][metric] = number
        return {
            activity_id: [
                [day, *(numbers[metric] for metric in metrics)]
                for day, numbers in sorted(by_day.items())
                if any(numbers.values())
            ]
            for activity_id, by_day in days.items()
        }

    def _get_card_figures(self):
        """Figures and history for the cards of the workflow view, in three queries.

        :return: by id: what :meth:`_get_figures` returns, with ``history``, ``branches`` by id as
            text, and ``reasons`` by figure as a list of dicts with ``key``, ``label`` and
            ``count``, most frequent first
        :rtype: dict[int, dict]
        """
        labels = dict(self.env["marketing.trace"]._selection_state_reason())
        labels[False] = self.env._("Reason not kept")
        history = self._get_history()
        return {
            activity_id: {
                **values,
                "reasons": {
                    key: [
                        {"key": reason, "label": labels.get(reason, reason), "count": number}
                        for reason, number in numbers.most_common()
                        if number
                    ]
                    for key, numbers in values["reasons"].items()
                },
                "branches": by_text(values["branches"]),
                "history": history[activity_id],
            }
            for activity_id, values in self._get_figures().items()
        }

    @on_one_record
    def get_matching_count(self):
        """Count the records that match the applied filter now.

        :rtype: int
        """
        self.check_access("read")
        model = self.campaign_id._get_model()
        if model is None or self._get_broken_filter(model):
            return 0
        return self._with_archived(model).search_count(self._get_applied_domain())

    def _get_broken_filter(self, model):
        """What is wrong with the filters that are applied, as a sentence; None if nothing is.

        :param model: recordset of the target, of the user who asks
        """
        texts = {self.campaign_id: self.campaign_id.domain}
        texts |= {step: step.activity_domain for step in self._get_path()}
        for record, text in texts.items():
            try:
                check_domain(model, text)
            except ValueError as error:
                return record._get_filter_problem(error)
        return None

    def _with_archived(self, model):
        return model.with_context(active_test=not self.campaign_id.include_archived)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @on_one_record
    def action_view_matching_records(self):
        """Open the records that match the applied filter now.

        :raise UserError: if a filter cannot be used
        """
        model = self.campaign_id._get_model()
        if model is not None and (problem := self._get_broken_filter(model)):
            raise UserError(problem)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Match “%(activity)s”", activity=self.name),
            "res_model": self.model_name,
            "views": [[False, "list"], [False, "kanban"], [False, "form"]],
            "domain": list(self._get_applied_domain()),
            "context": {"active_test": not self.campaign_id.include_archived, "create": False},
        }

    @on_records
    def action_view_figure(self, figure, reason=None):
        """Open the participants behind a figure of these activities.

        :param str figure: a key of what cards show
        :param str reason: only those with this reason; False: with none
        :raise UserError: if there is no such figure
        """
        self.check_access("read")
        rules = self._get_figure_rules()
        if not isinstance(figure, str) or figure not in rules:
            raise UserError(
                self.env._(
                    "There is no figure “%(figure)s”. Known figures: %(figures)s.",
                    figure=figure,
                    figures=", ".join(rules),
                )
            )
        traces = Domain([("activity_id", "in", self.ids), ("is_test", "=", False)])
        traces &= rules[figure].domain
        if reason is not None:
            traces &= Domain("state_reason", "=", reason)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(activity)s: %(figure)s",
                activity=", ".join(self.mapped("name")),
                figure=self.env._(rules[figure].long_label or rules[figure].label),
            ),
            "res_model": "marketing.participant",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("trace_ids", "any", list(traces))],
            "context": {"create": False},
        }


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    message_sent_count = fields.Integer(
        "Messages Sent",
        compute="_compute_message_figures",
        help="Emails and text messages that were handed over.",
    )
    message_open_rate = fields.Float(
        "Opened", compute="_compute_message_figures", help="Share of the sent emails."
    )
    message_click_rate = fields.Float(
        "Clicked", compute="_compute_message_figures", help="Share of the sent messages."
    )
    message_reply_rate = fields.Float(
        "Replied", compute="_compute_message_figures", help="Share of the sent emails."
    )
    message_bounce_rate = fields.Float(
        "Bounced", compute="_compute_message_figures", help="Share of the sent messages."
    )

    @api.depends("all_activity_ids")
    def _compute_message_figures(self):
        figures = self.all_activity_ids._origin._get_figures()
        for campaign in self:
            totals = campaign.all_activity_ids._origin._sum_figures(figures)
            campaign.message_sent_count = totals["sent"]
            for key in ("open", "click", "reply", "bounce"):
                rate = totals["rates"][key]
                campaign[f"message_{key}_rate"] = rate["count"] / (rate["base"] or 1)

    @on_one_record
    def get_workflow_metrics(self):
        """Figures for the cards of the workflow view, in a constant number of queries.

        :return: ``participants``: their number; ``activities``: figures by id of the activity
        :rtype: dict
        """
        self.check_access("read")
        return {
            "participants": self.total_participant_count,
            "activities": by_text(self.marketing_activity_ids._get_card_figures()),
        }

    @on_one_record
    def get_overview(self):
        """Totals, trend and figures of the campaign, in a constant number of queries.

        :return: ``participants``: their number; ``running``, ``completed`` and ``removed``, which
            add up to it; ``messages``: totals of all emails and text messages, with ``rates``;
            ``trend``: list of [day, new participants, executed activities]; ``steps`` and
            ``activities`` as the workflow view takes them; ``past``: names of activities that were
            taken out of the workflow, which totals and trend count, too
        :rtype: dict
        """
        self.check_access("read")
        activities = self.marketing_activity_ids
        past = self.all_activity_ids - activities
        figures = self.all_activity_ids._get_card_figures()
        return {
            "participants": self.total_participant_count,
            "running": self.running_participant_count,
            "completed": self.completed_participant_count,
            "exited": self.exited_participant_count,
            "removed": self.removed_participant_count,
            "messages": self.all_activity_ids._sum_figures(figures),
            "trend": self._get_trend(figures),
            "steps": activities._get_workflow_steps(),
            "activities": by_text({step.id: figures[step.id] for step in activities}),
            "past": past.mapped("name"),
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
