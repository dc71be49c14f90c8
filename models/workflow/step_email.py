"""Steps that send an email."""

from odoo import api, models
from odoo.tools import is_html_empty
from odoo.tools.translate import LazyTranslate

from ...tools.triggers import Event, Trigger
from .step_mailing import (
    BOUNCED,
    CLICKED,
    HAS_BOUNCED,
    HAS_NOT_BOUNCED,
    NOT_CLICKED,
    OF_MESSAGES,
    WAS_CLICKED,
    WAS_NOT_CLICKED,
    MailingStep,
)

_lt = LazyTranslate("marketing_automation")

OF_EMAILS = _lt("Share of the sent emails.")


class EmailStep(MailingStep):
    key = "email"
    label = _lt("Email")
    icon = "fa-envelope"
    missing = _lt("“%(activity)s”: choose an email.")
    mailing_type = "mail"
    queue_method = "_queue_emails"
    refusal_method = "_find_refused_emails"
    events = {
        "mail_open": Event(
            "email",
            "open_datetime",
            _lt("Opened"),
            "open",
            "opened",
            OF_EMAILS,
            happened=_lt("“%(activity)s” was opened"),
            not_happened=_lt("“%(activity)s” was not opened"),
        ),
        "mail_click": Event(
            "email",
            "links_click_datetime",
            _lt("Clicked"),
            "click",
            "clicked",
            OF_MESSAGES,
            implies=("mail_open",),
            happened=WAS_CLICKED,
            not_happened=WAS_NOT_CLICKED,
        ),
        "mail_reply": Event(
            "email",
            "reply_datetime",
            _lt("Replied"),
            "reply",
            "replied",
            OF_EMAILS,
            implies=("mail_open",),
            happened=_lt("“%(activity)s” was replied to"),
            not_happened=_lt("“%(activity)s” was not replied to"),
        ),
        "mail_bounce": Event(
            "email",
            "bounce_datetime",
            _lt("Bounced"),
            "bounce",
            "bounced",
            OF_MESSAGES,
            ends=True,
            happened=HAS_BOUNCED,
            not_happened=HAS_NOT_BOUNCED,
        ),
    }
    triggers = {
        "mail_open": Trigger(
            _lt("Email: opened"),
            _lt("Opened"),
            "fa-envelope-open-o",
            "email",
            "mail_open",
            sentence=_lt("%(does)s %(delay)s after “%(parent)s” was opened."),
            at_once=_lt("%(does)s as soon as “%(parent)s” is opened."),
        ),
        "mail_not_open": Trigger(
            _lt("Email: not opened"),
            _lt("Not opened"),
            "fa-envelope-o",
            "email",
            "mail_open",
            negative=True,
            sentence=_lt("%(does)s %(delay)s after “%(parent)s”, unless it was opened by then."),
            at_once=_lt("%(does)s right after “%(parent)s”, unless it was opened by then."),
        ),
        "mail_reply": Trigger(
            _lt("Email: replied"),
            _lt("Replied"),
            "fa-reply",
            "email",
            "mail_reply",
            sentence=_lt("%(does)s %(delay)s after “%(parent)s” was replied to."),
            at_once=_lt("%(does)s as soon as “%(parent)s” is replied to."),
        ),
        "mail_not_reply": Trigger(
            _lt("Email: not replied"),
            _lt("Not replied"),
            "fa-reply",
            "email",
            "mail_reply",
            negative=True,
            sentence=_lt(
                "%(does)s %(delay)s after “%(parent)s”, unless it was replied to by then."
            ),
            at_once=_lt("%(does)s right after “%(parent)s”, unless it was replied to by then."),
        ),
        "mail_click": Trigger(
            _lt("Email: clicked"),
            _lt("Clicked"),
            "fa-hand-pointer-o",
            "email",
            "mail_click",
            **CLICKED,
        ),
        "mail_not_click": Trigger(
            _lt("Email: not clicked"),
            _lt("Not clicked"),
            "fa-hand-pointer-o",
            "email",
            "mail_click",
            negative=True,
            **NOT_CLICKED,
        ),
        "mail_bounce": Trigger(
            _lt("Email: bounced"),
            _lt("Bounced"),
            "fa-exclamation-circle",
            "email",
            "mail_bounce",
            **BOUNCED,
        ),
    }

    def get_problems(self, activity):
        mailing, _ = activity.mass_mailing_id, activity.env._
        if not mailing or not mailing.active:
            return [self.get_missing_problem(activity)]
        if not mailing.subject or is_html_empty(mailing.body_html):
            return [
                _(
                    "“%(activity)s”: write a subject and a body for its email.",
                    activity=activity.name,
                )
            ]
        return activity._get_placeholder_problems(
            mailing._has_unsafe_expression_template_qweb(mailing.body_html, activity.model_name)
            or any(
                mailing._has_unsafe_expression_template_inline_template(text, activity.model_name)
                for text in mailing._get_composed_texts()
            )
        )


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    @api.model
    def _get_step_types(self):
        return {**super()._get_step_types(), EmailStep.key: EmailStep()}
