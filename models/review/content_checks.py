"""Checks of what messages say, and where their links lead."""

import re

from lxml import html

from odoo.tools import html2plaintext, is_html_empty
from odoo.tools.mail import TEXT_URL_REGEX

from ...tools.placeholders import find_mistakes
from .check import WARNING, Finding, MailingCheck
from .hosts import is_dummy

# Of a text message; an email's body has others.
OWN_PLACEHOLDER = re.compile(r"\{\{[^}]+\}\}")
# Placeholders of other programs, or in a place where they are not filled in.
FOREIGN_PLACEHOLDER = re.compile(r"\*\|\w+\|\*|\$\{\s*object\.[^}]*\}|%%\w+%%|\{\{[^}]+\}\}")
UNSUBSCRIBE_PAGE = "/unsubscribe_from_list"


class Placeholders(MailingCheck):
    """Fields that there are none of, and placeholders that nothing fills in."""

    def look_at(self, step, mailing):
        _, model = step.env._, step.env[step.model_name]
        body = str(mailing.body_html or "") if mailing.mailing_type == "mail" else ""
        texts = mailing._get_composed_texts() if body else [mailing.body_plaintext]
        for mistake in find_mistakes(model, texts, body):
            advice = _("Choose the field anew.")
            if mistake.proposal:
                advice = _("Did you mean “%(field)s”?", field=mistake.proposal)
            yield Finding(
                WARNING,
                _(
                    "Its placeholder “%(path)s” names no field: none of these messages could be"
                    " sent.",
                    path=mistake.path,
                ),
                advice,
                step,
            )
        words = _get_words(body) if body else OWN_PLACEHOLDER.sub("", mailing.body_plaintext or "")
        for found in dict.fromkeys(FOREIGN_PLACEHOLDER.findall(words)):
            yield Finding(
                WARNING,
                _("“%(text)s” is sent as it stands here: it is not filled in.", text=found),
                _("Use a dynamic placeholder: type / where it belongs."),
                step,
            )


class DummyLinks(MailingCheck):
    def look_at(self, step, mailing):
        _, links = step.env._, _get_links(mailing)
        dummies = [link for link in links if is_dummy(link)]
        if dummies:
            yield Finding(
                WARNING,
                _(
                    "It has links that lead nowhere: %(links)s",
                    links=", ".join(link or _("(empty)") for link in dict.fromkeys(dummies)),
                ),
                _("Enter the addresses of your pages."),
                step,
            )


class EmptyText(MailingCheck):
    """An email of pictures only: who does not load them, or reads plain text, sees nothing."""

    types = ("mail",)

    def look_at(self, step, mailing):
        body = mailing.body_html
        if not is_html_empty(body) and not _get_words(body):
            yield Finding(
                WARNING,
                step.env._(
                    "It has no text: who does not load pictures, or reads plain text, sees nothing."
                ),
                step.env._("Write at least a sentence."),
                step,
            )


class NoUnsubscribeLink(MailingCheck):
    types = ("mail",)

    def look_at(self, step, mailing):
        is_asked_for = step.campaign_id.is_transactional or is_html_empty(mailing.body_html)
        if not is_asked_for and UNSUBSCRIBE_PAGE not in str(mailing.body_html):
            yield Finding(
                WARNING,
                step.env._("It has no link to unsubscribe."),
                step.env._("Add a footer with one: in many countries the law demands it."),
                step,
            )


class NoOptOut(MailingCheck):
    types = ("sms",)

    def look_at(self, step, mailing):
        if not (step.campaign_id.is_transactional or mailing.sms_allow_unsubscribe):
            yield Finding(
                WARNING,
                step.env._("It has no link to opt out."),
                step.env._("Tick “Include opt-out link”: in many countries the law demands it."),
                step,
            )


def _get_links(mailing):
    """The addresses behind the links of a message, as they are written."""
    if mailing.mailing_type == "sms":
        return re.findall(TEXT_URL_REGEX, mailing.body_plaintext or "")
    if is_html_empty(mailing.body_html):
        return []
    links = html.fragment_fromstring(str(mailing.body_html), create_parent="div").iter("a")
    return [link.get("href").strip() for link in links if link.get("href") is not None]


def _get_words(body):
    """The text of an email without its pictures and addresses."""
    return html2plaintext(body or "", include_references=False).strip()
