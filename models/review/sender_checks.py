"""Checks of who sends: mail servers, and what is known of the sender."""

from odoo.tools import email_domain_extract

from ...tools.sender_domain import find_missing_records
from .check import WARNING, Check, Finding, MailingCheck, get_mailings
from .hosts import DUMMY_HOST


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
        for step, mailing in get_mailings(campaign, ("mail",)):
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
        for step, mailing in get_mailings(campaign, ("mail",)):
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
