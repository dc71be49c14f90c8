"""What keeps an activity from running."""

from odoo import models
from odoo.exceptions import ValidationError

from ...tools.ways import Ways

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

    def _get_reach_problems(self, ways=None):
        """Why nobody will ever get to this activity, or on from it. What keeps it from a start
        does not keep those who are there already.

        :param Ways ways: through the whole workflow, where they are known
        :rtype: list[str]
        """
        self.ensure_one()
        ways = ways or Ways(self.campaign_id.marketing_activity_ids)
        if self.id not in ways.reachable_ids:
            return [self._get_unreachable_problem(ways)]
        problems = self._get_step_type().get_way_problems(self, ways)
        trigger = self._get_trigger()
        values = {"activity": self.name, "parent": self.parent_id.name}
        if trigger.event and trigger.event not in self.parent_id._get_possible_events():
            problems.append(
                self.env._(
                    "“%(activity)s” can never be reached: let the server action of “%(parent)s”"
                    " create an activity, such as a call or a to-do.",
                    **values,
                )
            )
        elif trigger.event and not trigger.negative and self.parent_id._lacks_links(trigger.event):
            problems.append(
                self.env._(
                    "“%(activity)s” can never be reached: put a link into the message of"
                    " “%(parent)s”.",
                    **values,
                )
            )
        return problems

    def _get_unreachable_problem(self, ways):
        """Why no way leads here."""
        _, parent = self.env._, self.parent_id
        values = {"activity": self.name, "parent": parent.name}
        if self.trigger_type != "branch" or parent.id not in ways.reachable_ids:
            return _(
                "“%(activity)s” can never be reached: choose the step that it comes after.",
                **values,
            )
        if self.branch_id in parent.branch_ids:
            return _(
                "“%(activity)s” can never be reached: give “%(parent)s” a time limit, or let it"
                " come on another branch.",
                **values,
            )
        return _(
            "“%(activity)s” can never be reached: choose the branch of “%(parent)s” that it comes"
            " on.",
            **values,
        )

    def _lacks_links(self, event):
        """Whether an event is a click, and there is nothing to click on in the message."""
        mailing = self.mass_mailing_id
        return event in CLICKS and bool(mailing) and not mailing._can_be_clicked()

    def _get_event_problems(self, event, ways, other):
        """Why an event of this activity does not tell anything at another one.

        :param str event: key of the event
        :param Ways ways: through the whole workflow
        :param other: the activity that looks at it
        """
        _, values = self.env._, {"activity": other.name, "awaited": self.name}
        if event not in self._get_possible_events():
            return [
                _(
                    "“%(activity)s” looks for what cannot happen to “%(awaited)s”: choose another"
                    " event.",
                    **values,
                )
            ]
        if not ways.may_come_before(self, other):
            return [
                _(
                    "“%(activity)s” looks at what happens to “%(awaited)s”, but “%(awaited)s” does"
                    " not come before it: choose an earlier step.",
                    **values,
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
