"""Shared parts of the tests of what is said before a start."""

from collections import Counter

from .common import MessagingCase

FOOTER = '<a href="/unsubscribe_from_list">Unsubscribe</a>'
GOOD_BODY = f'<div><p>Hello <t t-out="object.name"/></p>{FOOTER}</div>'


class ReviewCase(MessagingCase):
    def review(self, campaign, moment=None, user=None):
        return campaign.with_user(user or self.responsible)._get_review(moment)

    def reach(self, campaign, name):
        """How many a message reaches, and why not others."""
        [message] = [one for one in self.review(campaign)["messages"] if one["name"] == name]
        return message["reached"], {one["reason"]: one["count"] for one in message["reasons"]}

    def findings(self, campaign):
        """What looks wrong, as texts by their severity."""
        texts = {}
        for finding in self.review(campaign)["findings"]:
            text = " ".join(filter(None, (finding["text"], finding["advice"])))
            texts.setdefault(finding["severity"], []).append(text)
        return texts

    def fates(self, activity):
        """What became of the messages of a step: how many were queued, and why others were not."""
        reasons = Counter(activity.trace_ids.mapped("state_reason"))
        queued = len(activity.trace_ids.filtered(lambda trace: trace.state == "processed"))
        return queued, {reason: count for reason, count in reasons.items() if reason}
