"""What steps that send a mailing have in common."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...tools.source import sources_of
from ...tools.states import Outcome
from .step_type import StepType

_lt = LazyTranslate("marketing_automation")

OF_MESSAGES = _lt("Share of the sent messages.")

# Sentences of events and triggers that emails and text messages have.
WAS_CLICKED = _lt("“%(activity)s” was clicked")
WAS_NOT_CLICKED = _lt("“%(activity)s” was not clicked")
HAS_BOUNCED = _lt("“%(activity)s” bounced")
HAS_NOT_BOUNCED = _lt("“%(activity)s” did not bounce")
CLICKED = {
    "sentence": _lt("%(does)s %(delay)s after a link of “%(parent)s” was clicked."),
    "at_once": _lt("%(does)s as soon as a link of “%(parent)s” is clicked."),
}
NOT_CLICKED = {
    "sentence": _lt(
        "%(does)s %(delay)s after “%(parent)s”, unless a link of it was clicked by then."
    ),
    "at_once": _lt("%(does)s right after “%(parent)s”, unless a link of it was clicked by then."),
}
BOUNCED = {
    "sentence": _lt("%(does)s %(delay)s after “%(parent)s” bounced."),
    "at_once": _lt("%(does)s as soon as “%(parent)s” bounces."),
}


class MailingStep(StepType):
    """A step that sends a mailing of mass mailing to each record.

    :cvar str queue_method: method of mailings that queues the messages
    :cvar str refusal_method: method of mailings that finds whom its composer would refuse
    """

    kind = "message"
    does = _lt("Sends")
    content_field = "mass_mailing_id"
    queue_method = None
    refusal_method = None

    def get_refusal_key(self, activity):
        mailing = activity.mass_mailing_id
        return self.key, mailing.use_exclusion_list, mailing._get_sending_campaigns()

    def find_refusals(self, activity, res_ids):
        """Those that the composer would refuse."""
        if not activity.mass_mailing_id:
            return {}
        mailing = activity.mass_mailing_id.with_env(activity.campaign_id._responsible_env())
        return getattr(mailing, self.refusal_method)(res_ids)

    def run(self, activity, claims):
        """Queue the messages; those that mass mailing refuses are cancelled with its reason.

        At another try the message of the last one is taken back, or it has got out meanwhile.
        """
        Message = activity.env["mailing.trace"]
        trace_ids = [claim.trace_id for claim in claims]
        left = Message._get_left(trace_ids)
        if traces := {
            claim.res_id: claim.trace_id for claim in claims if claim.trace_id not in left
        }:
            Message._cancel_unsent(SQL("SELECT unnest(%s)", list(traces.values())))
            mailing = activity.mass_mailing_id.with_env(activity.campaign_id._responsible_env())
            queue = getattr(mailing, self.queue_method)
            closings = {claim.res_id: claim.send_until for claim in claims if claim.send_until}
            queue(traces, claims[0].is_test, sources_of(claims, mailing.env), closings)
        fates = Message._get_marketing_fates(trace_ids)
        return [
            Outcome(trace_id, *fates[trace_id], is_queued=trace_id not in left)
            for trace_id in trace_ids
        ]
