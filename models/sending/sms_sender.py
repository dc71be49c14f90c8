"""How text messages of campaigns are sent: Odoo asks the provider, a batch is settled at once.

Odoo hands a batch over in one request and then writes down for each what became of it. Here
what the provider has taken is committed before anything else (see ``marketing.sms.mark``), and
written down in one statement a table. What it has not taken is left to Odoo.
"""

import logging

from odoo import api, models
from odoo.fields import Domain

from ...tools.text_provider import NothingTaken, TextProvider
from ..message.set_writing import AT_ONCE
from .mail_sender import NOT_OF_CAMPAIGNS

_logger = logging.getLogger(__name__)

# All text messages of an account fail for such a reason, until somebody mends it.
REASONS_OF_ACCOUNT = {"sms_acc", "sms_credit"}


class SmsSms(models.Model):
    _inherit = "sms.sms"

    _marketing_queue = models.Index(
        "(mailing_id, id) WHERE state = 'outgoing' AND mailing_id IS NOT NULL"
    )

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get("marketing_not_of_campaigns"):
            domain = Domain(domain) & Domain(NOT_OF_CAMPAIGNS)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _process_queue(self):
        """Text messages of campaigns have senders of their own: they hold up no other one."""
        queue = self.with_context(marketing_not_of_campaigns=True)
        return super(SmsSms, queue)._process_queue()

    # ------------------------------------------------------------
    # SEND
    # ------------------------------------------------------------

    def _send_claimed(self):
        """Send these text messages, as the job that has just claimed them: Odoo's ``send`` would
        lock and look at each once more."""
        for sms_api, messages in self._split_by_api():
            for ids in messages._split_batch():
                self.browse(ids).with_context(sms_api=sms_api)._send()

    def _send_with_api(self, sms_api, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Odoo learns only of what the provider has not taken."""
        by_campaigns = {
            mailing: messages
            for mailing, messages in self.grouped("mailing_id").items()
            if mailing.sudo().use_in_marketing_automation
        }
        automated = self.browse().concat(*by_campaigns.values())
        if plain := self - automated:
            plain = plain.with_context(marketing_not_of_campaigns=False)
            super(SmsSms, plain)._send_with_api(
                sms_api, unlink_failed, unlink_sent, raise_exception
            )
        if not automated:
            return
        ids = {sms.uuid: sms.id for sms in automated}
        with self.env.registry.cursor() as cr:
            marks = self.env["marketing.sms.mark"].with_env(self.env(cr=cr, context={}))
            provider = TextProvider(
                sms_api,
                known=marks._get_answers(automated.ids),
                accepting=tuple(self.IAP_TO_SMS_STATE_SUCCESS),
                note=lambda answers: marks._set(
                    {ids[answer["uuid"]]: answer for answer in answers}, self.env.cr.postcommit
                ),
                raises=raise_exception,
            )
            try:
                super(SmsSms, automated)._send_with_api(
                    provider, unlink_failed, unlink_sent, raise_exception=True
                )
            except NothingTaken as refusal:
                if raise_exception:
                    raise refusal.__cause__ from None
        if provider.accepted:
            _logger.info("The provider has taken %s text messages", len(provider.accepted))
            taken = automated.browse(ids[answer["uuid"]] for answer in provider.accepted)
            taken._settle_accepted(provider.accepted, unlink_sent)
        automated._hold_or_release(provider)

    def _settle_accepted(self, answers, unlink_sent):
        """Write down that the provider has taken these text messages, as Odoo does.

        :param list answers: of the provider, in the same order
        """
        messages = self.sudo().with_context(marketing_set=AT_ONCE, sms_skip_msg_notification=True)
        trackers = self.env["sms.tracker"].with_env(messages.env)
        states = {}
        for sms_id, answer in zip(self.ids, answers, strict=True):
            state = self.IAP_TO_SMS_STATE_SUCCESS[answer["state"]]
            states.setdefault(state, {})[sms_id] = answer["uuid"]
        for state, uuids in states.items():
            trackers.search_fetch(
                [("sms_uuid", "in", list(uuids.values()))],
                ["mail_notification_id", "mailing_trace_id"],
            )._action_update_from_sms_state(state)
            values = {"state": state, "failure_type": False}
            if unlink_sent:
                values["to_delete"] = True
            messages.browse(uuids).write(values)
        messages._handle_call_result_hook(answers)
        messages.mail_message_id._notify_message_notification_update()

    def _hold_or_release(self, provider):
        """Let the next text messages wait where these say that they would not be sent either."""
        mailings = self.mailing_id
        if provider.trouble:
            mailings._hold(provider.trouble)
        elif provider.accepted:
            mailings._release()
        else:
            types = provider.api.PROVIDER_TO_SMS_FAILURE_TYPE
            reasons = {types.get(answer["state"]) for answer in provider.failed}
            if reasons and reasons <= REASONS_OF_ACCOUNT:
                labels = dict(self._fields["failure_type"]._description_selection(self.env))
                mailings._hold(", ".join(sorted(labels[reason] for reason in reasons)))
