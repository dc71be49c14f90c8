"""What looks wrong before a start: each check is an object that looks at a campaign.

An addon adds one by extending :meth:`marketing.campaign._get_review_checks`.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import html

from odoo import models
from odoo.tools import email_domain_extract, html2plaintext, is_html_empty
from odoo.tools.mail import TEXT_URL_REGEX

from ...tools.placeholders import find_mistakes
from ...tools.sender_domain import find_missing_records

ERROR, WARNING = "error", "warning"

# Names that are kept for examples (RFC 2606), and where nobody but the writer gets.
DUMMY_HOST = re.compile(
    r"(^|\.)(example\.(com|net|org)|(example|invalid|localhost|test)|yourcompany\.com)$"
)
LOCAL_HOST = re.compile(r"^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?)$")
# What nobody has replaced by an address.
EMPTY_LINKS = {"", "#", "http://", "https://"}
# Of a text message; an email's body has others.
OWN_PLACEHOLDER = re.compile(r"\{\{[^}]+\}\}")
# Placeholders of other programs, or in a place where they are not filled in.
FOREIGN_PLACEHOLDER = re.compile(r"\*\|\w+\|\*|\$\{\s*object\.[^}]*\}|%%\w+%%|\{\{[^}]+\}\}")
UNSUBSCRIBE_PAGE = "/unsubscribe_from_list"


class Finding(NamedTuple):
    """Something that looks wrong.

    :param severity: ``error`` (the campaign does not start) or ``warning``
    :param text: what it is, in a sentence
    :param advice: what to do
    :param step: the activity that it is about, if any
    :param entry: the entry that it is about, if any
    :param action: what leads to where it is mended, as the web client takes it
    """

    severity: str
    text: str
    advice: str = ""
    step: models.Model | None = None
    entry: models.Model | None = None
    action: str | dict | bool = False


class Check:
    """Something that may be wrong with a campaign."""

    def look(self, campaign, audience):
        """
        :param campaign: as superuser
        :param Audience audience: who enters; None where that cannot be found out
        :rtype: Iterator[Finding]
        """
        raise NotImplementedError


class MailingCheck(Check):
    """Something that may be wrong with a message.

    :cvar tuple types: of the mailings that it looks at
    """

    types = ("mail", "sms")

    def look(self, campaign, audience):
        for step, mailing in _get_mailings(campaign, self.types):
            yield from self.look_at(step, mailing)

    def look_at(self, step, mailing):
        """
        :rtype: Iterator[Finding]
        """
        raise NotImplementedError


class Problems(Check):
    """What keeps the campaign from running."""

    def look(self, campaign, audience):
        activities, entries = campaign.marketing_activity_ids, campaign.entry_ids
        for problem in campaign._get_problem_list():
            yield Finding(
                ERROR,
                problem["message"],
                step=activities.browse(problem["activity_id"] or []),
                entry=entries.browse(problem["entry_id"] or []),
            )


class FiltersThatFail(Check):
    """Filters by which the responsible cannot search."""

    def look(self, campaign, audience):
        for text in campaign._get_search_problems():
            yield Finding(ERROR, text)


class NobodyEnters(Check):
    def look(self, campaign, audience):
        _ = campaign.env._
        if not campaign.entry_ids.filtered("active"):
            yield Finding(
                WARNING,
                _("Nobody will enter: the campaign has no open entry."),
                _("Add an entry at the start of the workflow."),
            )
        entry = campaign._get_open_entry("filter")
        if entry and not entry.only_new and audience and not audience.entering:
            yield Finding(
                WARNING,
                _("Nobody enters by the filter now."),
                _("Look at the filter of the audience."),
                entry=entry,
            )


class EverybodyEnters(Check):
    def look(self, campaign, audience):
        _, entry = campaign.env._, campaign._get_open_entry("filter")
        if entry and not entry.only_new and audience and campaign._get_domain().is_true():
            yield Finding(
                WARNING,
                _("The filter is empty: all records take part."),
                _("Set a filter if they are not all meant."),
                entry=entry,
            )


class Delivery(Check):
    """No mail server, or no account for text messages."""

    def look(self, campaign, audience):
        for warning in campaign.sudo(False).delivery_warnings or []:
            advice = "" if warning["action"] else campaign.env._("Ask your administrator.")
            yield Finding(WARNING, warning["message"], advice, action=warning["action"])


class ServerLimits(Check):
    """A personal mail server sends few emails a minute."""

    def look(self, campaign, audience):
        count, steps = audience.entering if audience else 0, {}
        for step, mailing in _get_mailings(campaign, ("mail",)):
            server = mailing.mail_server_id
            if not server and mailing.email_from:
                server = server._find_mail_server(mailing.email_from)[0] or server
            if server.owner_user_id:
                steps.setdefault(server, step)
        for server, step in steps.items():
            limit = server._get_personal_mail_servers_limit()
            if count > limit:
                yield Finding(
                    WARNING,
                    campaign.env._(
                        "“%(server)s” is the mail server of %(user)s: it sends at most %(limit)s"
                        " emails a minute, so that %(count)s take about %(minutes)s minutes.",
                        server=server.name,
                        user=server.owner_user_id.name,
                        limit=limit,
                        count=f"{count:,}",
                        minutes=-(-count // limit),
                    ),
                    campaign.env._("Choose another mail server in the settings of the email."),
                    step,
                )


class SenderDomains(Check):
    """A domain that does not say who may send for it."""

    def look(self, campaign, audience):
        _, steps = campaign.env._, {}
        for step, mailing in _get_mailings(campaign, ("mail",)):
            domain = email_domain_extract(mailing.email_from or "")
            if domain and not DUMMY_HOST.search(domain):
                steps.setdefault(domain, step)
        for domain, step in steps.items():
            if missing := find_missing_records(domain):
                yield Finding(
                    WARNING,
                    _(
                        "The domain of the sender, %(domain)s, has no %(records)s record: many"
                        " mail servers take its emails for spam.",
                        domain=domain,
                        records=", ".join(missing),
                    ),
                    _("Have it set up where the domain is managed."),
                    step,
                )


class Senders(MailingCheck):
    types = ("mail",)

    def look_at(self, step, mailing):
        _ = step.env._
        domain = email_domain_extract(mailing.email_from or "")
        if not domain or DUMMY_HOST.search(domain):
            yield Finding(
                WARNING,
                _("Its sender, %(sender)s, is no address that exists.", sender=mailing.email_from),
                _("Enter the address that recipients may answer to."),
                step,
            )


class DummyLinks(MailingCheck):
    def look_at(self, step, mailing):
        _, links = step.env._, _get_links(mailing)
        dummies = [link for link in links if _is_dummy(link)]
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


class Impatience(Check):
    """What goes on at once if something has *not* happened gives nobody the time to do it."""

    def look(self, campaign, audience):
        _ = campaign.env._
        for step in campaign.marketing_activity_ids:
            if step.interval_number or step.due_hour:
                continue
            trigger, parent = step._get_trigger(), step.parent_id
            text = ""
            if trigger.negative:
                text = _(
                    "“%(trigger)s” with no delay: nobody has the time to do it before.",
                    trigger=_(trigger.short_label),
                )
            elif parent and parent in step.branch_ids.event_activity_id and not trigger.event:
                text = _(
                    "It asks what was done with “%(activity)s” in the moment in which that goes"
                    " out.",
                    activity=parent.name,
                )
            if text:
                yield Finding(WARNING, text, _("Set a delay, such as 3 days."), step)


class MarketingCampaign(models.Model):
    _inherit = "marketing.campaign"

    def _get_review_checks(self):
        """What is looked at before a start, in this order.

        :rtype: list[Check]
        """
        return [
            Problems(),
            FiltersThatFail(),
            NobodyEnters(),
            EverybodyEnters(),
            Delivery(),
            Placeholders(),
            DummyLinks(),
            Senders(),
            SenderDomains(),
            ServerLimits(),
            EmptyText(),
            NoUnsubscribeLink(),
            NoOptOut(),
            Impatience(),
        ]

    def _find_what_looks_wrong(self, audience):
        """All findings, the worst first.

        :param Audience audience: who enters; None where that cannot be found out
        :rtype: list[Finding]
        """
        findings = [
            finding for check in self._get_review_checks() for finding in check.look(self, audience)
        ]
        return sorted(findings, key=lambda finding: finding.severity != ERROR)


def _get_mailings(campaign, types):
    """The steps of a campaign that send mailings of these types, and what they send.

    :rtype: Iterator[tuple]
    """
    for step in campaign.marketing_activity_ids:
        mailing = step.mass_mailing_id
        if mailing.active and mailing.mailing_type in types:
            yield step, mailing


def _get_links(mailing):
    """The addresses behind the links of a message, as they are written."""
    if mailing.mailing_type == "sms":
        return re.findall(TEXT_URL_REGEX, mailing.body_plaintext or "")
    if is_html_empty(mailing.body_html):
        return []
    links = html.fragment_fromstring(str(mailing.body_html), create_parent="div").iter("a")
    return [link.get("href").strip() for link in links if link.get("href") is not None]


def _is_dummy(link):
    """Whether a link leads nowhere."""
    if link in EMPTY_LINKS:
        return True
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        return True
    return bool(DUMMY_HOST.search(host) or LOCAL_HOST.match(host))


def _get_words(body):
    """The text of an email without its pictures and addresses."""
    return html2plaintext(body or "", include_references=False).strip()
