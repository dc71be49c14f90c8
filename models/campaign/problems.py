"""What keeps a campaign from running, and how people are told."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from ...tools.domains import check_domain
from ...tools.failures import get_reason
from ...tools.ways import Ways

USER_GROUP = "marketing_automation.group_marketing_automation_user"


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    problem_list = fields.Json(
        compute="_compute_problem_list",
        help="What keeps the campaign from running, with the step or the entry that each is about.",
    )

    problem_count = fields.Integer(
        "Problems",
        compute="_compute_problem_count",
        help="How many things participants of a running campaign wait for, until they are mended.",
    )

    @api.depends(
        "state", "marketing_activity_ids.active", "entry_ids.active", "sending_calendar_id"
    )
    def _compute_problem_list(self):
        for campaign in self:
            # An empty workflow explains itself.
            has_activities = campaign._origin.marketing_activity_ids
            problems = campaign._origin._get_problem_list() if has_activities else []
            # That has a place of its own, with a button.
            asked = campaign._origin.sudo()._get_acceptance_problem() if problems else False
            campaign.problem_list = [problem for problem in problems if problem["message"] != asked]

    @api.depends("state")
    def _compute_problem_count(self):
        for campaign in self:
            is_running = campaign.state == "running"
            campaign.problem_count = is_running and len(campaign._origin._get_problems())

    @api.constrains("state")
    def _check_can_run(self):
        for campaign in self.filtered(lambda campaign: campaign.state == "running"):
            campaign._check_no_problems()

    def _check_no_problems(self):
        """
        :raise UserError: if something keeps the campaign from running; it lists all
        """
        if problems := self._get_problems() or self._get_search_problems():
            raise UserError(
                self.env._(
                    "Campaign “%(campaign)s” cannot start:\n%(problems)s",
                    campaign=self.name,
                    problems="\n".join(f"- {problem}" for problem in problems),
                )
            )

    def _get_problems(self):
        """What keeps this campaign from running, as sentences that say what to do.

        :rtype: list[str]
        """
        return [problem["message"] for problem in self._get_problem_list()]

    def _get_problem_list(self):
        """What keeps this campaign from running, each with the activity or the entry that it is
        about.

        :return: dicts with ``message``, ``activity_id`` and ``entry_id``
        :rtype: list[dict]
        """
        self.ensure_one()
        messages = self._get_own_problems() + self._get_hours_problems()
        if not self.active:
            messages.append(self.env._("Restore the campaign from the archive."))
        if not self.marketing_activity_ids:
            messages.append(self.env._("Add a first step to the workflow."))
        elif "begin" not in self.marketing_activity_ids.mapped("trigger_type"):
            messages.append(self.env._("Let one step start at the beginning of the workflow."))
        ways = Ways(self.marketing_activity_ids)
        return [
            *({"message": text, "activity_id": False, "entry_id": False} for text in messages),
            *(
                {"message": text, "activity_id": False, "entry_id": entry.id}
                for entry in self.entry_ids
                for text in entry._get_problems()
            ),
            *(
                {"message": text, "activity_id": activity.id, "entry_id": False}
                for activity in self.marketing_activity_ids
                for text in activity._get_problems() + activity._get_reach_problems(ways)
            ),
        ]

    def _get_search_problems(self):
        """Filters by which the responsible cannot search, though they can be read.

        It asks the database: for a start, and where a search has failed.

        :rtype: list[str]
        """
        self.ensure_one()
        model = self._responsible_env()[self.model_name].with_context(lang=self.env.lang)
        problems = []
        try:
            check_domain(model, self.domain)
        except ValueError as error:
            problems.append(self._get_filter_problem(error))
        for activity in self.marketing_activity_ids:
            further = activity._get_step_type().get_filters(activity)
            for text in (activity.activity_domain, *further):
                try:
                    check_domain(model, text)
                except ValueError as error:
                    problems.append(activity._get_filter_problem(error))
        return problems

    def _get_filter_problem(self, error):
        return self.env._("The filter cannot be used: %(error)s", error=error)

    def _get_own_problems(self):
        """Problems of the audience and the responsible, without the activities."""
        self.ensure_one()
        acceptance = self.sudo()._get_acceptance_problem()
        return [
            *self._get_audience_problems(),
            *self._get_mailing_list_problems(),
            *([acceptance] if acceptance else []),
        ]

    def _get_audience_problems(self):
        if not self.model_id or self._get_model() is None:
            return [self.env._("The target model is gone: its app was uninstalled.")]
        problems = self._get_responsible_problems()
        if not problems and not self._responsible_env()[self.model_name].has_access("read"):
            problems.append(
                self.env._(
                    "Responsible “%(user)s” may not read “%(model)s” records.",
                    user=self.user_id.name,
                    model=self.model_id.sudo().name,
                )
            )
        elif not problems:
            problems += self._get_unicity_problems()
        try:
            self._get_domain()
        except ValueError as error:
            problems.append(self._get_filter_problem(error))
        return problems

    def _get_unicity_problems(self):
        """Who is left out tells which values are equal: only those who may read them may know."""
        field = self.unique_field_id.sudo()
        model = self._responsible_env()[self.model_name]
        if not field or model._has_field_access(model._fields[field.name], "read"):
            return []
        return [
            self.env._(
                "Responsible “%(user)s” may not read “%(field)s”, which the campaign is unique on:"
                " choose another field.",
                user=self.user_id.name,
                field=field.field_description,
            )
        ]

    def _get_responsible_problems(self):
        """What keeps the responsible from having any campaign."""
        user = self.user_id
        if user._is_superuser():
            return []
        if not user.active:
            return [
                self.env._("Responsible “%(user)s” is archived: name another one.", user=user.name)
            ]
        if not user.has_group(USER_GROUP):
            return [
                self.env._(
                    "Responsible “%(user)s” is no user of Marketing Automation: name another one.",
                    user=user.name,
                )
            ]
        return []

    def _stop_without_responsible(self):
        """Stop those whose responsible has left or may have no campaigns any more.

        :return: the others
        """
        stopped = self.browse()
        for campaign in self:
            in_their_language = campaign.with_context(lang=campaign._get_user_in_charge().lang)
            if problems := in_their_language._get_responsible_problems():
                campaign.state = "stopped"
                campaign._notify_problems(
                    problems, in_their_language.env._("The campaign was stopped")
                )
                stopped += campaign
        return self - stopped

    def _notify_problems(self, problems, summary=None):
        """Tell the responsible, once, what the campaign waits for.

        :param list problems: sentences
        :param str summary: what has become of the campaign; by default that it waits
        """
        self.ensure_one()
        problems = self._without_request(problems)
        if not problems:
            return
        user = self._get_user_in_charge()
        note = Markup("<ul>%s</ul>") % Markup().join(
            Markup("<li>%s</li>") % problem for problem in problems
        )
        # Odoo cleans the note when it is written: only its text can be compared.
        if html2plaintext(note) in map(html2plaintext, self.activity_ids.mapped("note")):
            return
        campaign = self.with_context(lang=user.lang)
        campaign.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary or campaign.env._("The campaign waits until this is mended"),
            note=note,
            user_id=user.id,
        )

    def _notify_failure(self, error, activity=None):
        """Tell the responsible why nothing could be done for the campaign, or an activity of it."""
        self.ensure_one()
        campaign = self.with_context(lang=self._get_user_in_charge().lang)
        problems = campaign._get_search_problems()
        if not problems:
            reason = get_reason(campaign.env, error)
            problems = [f"{activity.name}: {reason}" if activity else reason]
        self._notify_problems(problems)

    def _go_on_when_mended(self):
        """Participants may have waited for what was changed."""
        if "running" in self.mapped("state"):
            self._wake_up_when_due()

    def _get_user_in_charge(self):
        """The responsible, or somebody else who can mend things when they have left."""
        for user in (self.user_id, self.create_uid):
            if user.active and user.has_group(USER_GROUP):
                return user
        group = self.env.ref("marketing_automation.group_marketing_automation_admin")
        return group.all_user_ids.filtered("active")[:1] or self.user_id
