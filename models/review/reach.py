"""Whom the messages of a campaign can reach, and why they cannot reach others: asked of the rules
by which they are sent."""

from collections import Counter
from typing import NamedTuple

from odoo import Command, fields, models

from ...tools.states import CAPPED, FILTERED_OUT


class Reach(NamedTuple):
    """What would become of a message now.

    :param reached: how many get it
    :param reasons: how many do not, by the reason: one of ``tools.states.REASONS``, or a failure
        type of mailing traces
    """

    reached: int
    reasons: Counter


class MarketingActivity(models.Model):
    _inherit = "marketing.activity"

    def _count_reached(self, res_ids):
        """Whom these steps would reach, of records that come to them now.

        The number of queries depends on the steps only, not on the records, but for one that Odoo
        makes for every thousand records that it reads.

        :param list res_ids: ids of records of the target
        :return: a ``Reach`` by step
        :rtype: dict
        """
        now, refusals, reaches = fields.Datetime.now(), {}, {}
        for step in self:
            kind = step._get_step_type()
            key = kind.get_refusal_key(step)
            if key not in refusals:
                refusals[key] = kind.find_refusals(step, res_ids)
            matching = step._match(res_ids)[0] if res_ids else set()
            refused = {res_id: refusals[key][res_id] for res_id in matching & refusals[key].keys()}
            left = sorted(matching - refused.keys())
            full = step._find_full(left, now) if left else set()
            reasons = Counter(refused.values())
            reasons[FILTERED_OUT[1]] = len(res_ids) - len(matching)
            reasons[CAPPED] = len(full)
            reaches[step] = Reach(len(left) - len(full), +reasons)
        return reaches


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _find_refused_emails(self, res_ids):
        """Which of these records the composer of an email would refuse.

        :return: failure type of mailing traces, by id of the record
        :rtype: dict[int, str]
        """
        records = self.env[self.mailing_model_real].browse(res_ids)
        recipients = records._message_get_default_recipients()
        composer = self.env["mail.compose.message"].new(self._get_email_composer_values())
        emails = composer._process_mail_values_state(
            {
                res_id: {
                    "email_to": info["email_to"],
                    "recipient_ids": [Command.link(id_) for id_ in info["partner_ids"]],
                }
                for res_id, info in recipients.items()
            }
        )
        return _get_failures(emails)

    def _find_refused_texts(self, res_ids):
        """Which of these records the composer of a text message would refuse.

        :return: failure type of mailing traces, by id of the record
        :rtype: dict[int, str]
        """
        records = self.env[self.mailing_model_real].browse(res_ids)
        composer = self.env["sms.composer"].with_context(active_id=False)
        values = {**self._send_sms_get_composer_values(res_ids), "body": "", "template_id": False}
        return _get_failures(composer.new(values)._prepare_mass_sms_values(records))


def _get_failures(values_all):
    """Failure types by id, of the values of messages that are composed."""
    return {
        res_id: values["failure_type"]
        for res_id, values in values_all.items()
        if values.get("failure_type")
    }
