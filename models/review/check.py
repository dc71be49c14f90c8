"""What looks at a campaign before a start."""

from typing import NamedTuple

from odoo import models

ERROR, WARNING = "error", "warning"


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
        for step, mailing in get_mailings(campaign, self.types):
            yield from self.look_at(step, mailing)

    def look_at(self, step, mailing):
        """
        :rtype: Iterator[Finding]
        """
        raise NotImplementedError


def get_mailings(campaign, types):
    """The steps of a campaign that send mailings of these types, and what they send.

    :rtype: Iterator[tuple]
    """
    for step in campaign.marketing_activity_ids:
        mailing = step.mass_mailing_id
        if mailing.active and mailing.mailing_type in types:
            yield step, mailing
