"""What keeps an activity from running."""

from odoo import models
from odoo.exceptions import ValidationError

CLICKS = ("mail_click", "sms_click")


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _get_run_problems(self):
        """What keeps the activity from running now, its campaign's own problems included.

        :rtype: list[str]
        """
        self.ensure_one()
        return (
            self._get_removal_problems()
            or self.campaign_id._get_own_problems()
            or self._get_problems()
            or [
                problem for step in self._get_path()[:-1] for problem in step._get_filter_problems()
            ]
        )

    def _get_problems(self):
        """What keeps this activity from running, as sentences that say what to do.

        :rtype: list[str]
        """
        self.ensure_one()
        kind = self._get_step_type()
        if not kind.key:
            return kind.get_problems(self)
        try:
            # Its mailing or action may have been changed since it was chosen.
            self._check_models()
        except ValidationError as error:
            return [str(error)]
        return kind.get_problems(self) + self._get_filter_problems()

    def _get_filter_problems(self):
        """Why the filter of this activity cannot be used, without those above it."""
        try:
            if self.model_name in self.env:
                self._get_domain()
        except ValueError as error:
            return [self._get_filter_problem(error)]
        return []

    def _get_filter_problem(self, error):
        return self.env._(
            "“%(activity)s”: its filter cannot be used: %(error)s", activity=self.name, error=error
        )

    def _get_reach_problems(self, reachable=None):
        """Why nobody will ever get to this activity. What keeps it from a start does not keep
        those who are there already.

        :param reachable: the activities of the campaign that can be reached, where known
        :rtype: list[str]
        """
        self.ensure_one()
        if reachable is None:
            reachable = self.campaign_id.marketing_activity_ids._get_reachable()
        if self not in reachable:
            return [
                self.env._(
                    "“%(activity)s” can never be reached: choose the activity that it comes after.",
                    activity=self.name,
                )
            ]
        trigger = self._get_trigger()
        if trigger.event and trigger.event not in self.parent_id._get_possible_events():
            return [
                self.env._(
                    "“%(activity)s” can never be reached: let the server action of “%(parent)s”"
                    " create an activity, such as a call or a to-do.",
                    activity=self.name,
                    parent=self.parent_id.name,
                )
            ]
        mailing = self.parent_id.mass_mailing_id
        waits_for_click = trigger.event in CLICKS and not trigger.negative
        if waits_for_click and mailing and not mailing._can_be_clicked():
            return [
                self.env._(
                    "“%(activity)s” can never be reached: put a link into the message of"
                    " “%(parent)s”.",
                    activity=self.name,
                    parent=self.parent_id.name,
                )
            ]
        return []

    def _get_placeholder_problems(self, is_free):
        """Messages are rendered with the rights of the responsible.

        :param bool is_free: whether the message has placeholders that are code
        """
        if not is_free:
            return []
        problems = self._get_code_problems()
        user = self.campaign_id.user_id
        if not (user._is_admin() or user.has_group("mail.group_mail_template_editor")):
            problems.append(
                self.env._(
                    "“%(activity)s”: its message has placeholders that only a Mail Template Editor"
                    " may use, and %(user)s is none.",
                    activity=self.name,
                    user=user.name,
                )
            )
        return problems
