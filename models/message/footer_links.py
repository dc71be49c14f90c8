"""The pages behind the links of a message's footer know which message it was.

Odoo's addresses name the mailing and the record, who may have got several messages of it: for each
of their runs.
"""

from odoo import models
from odoo.http import request

from ...tools.run import MarketingRun
from ...tools.source import NAMES_SOURCE, browse_sources

PARAMETER = "message"  # number of the mailing trace, in addresses


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _get_unsubscribe_url(self, email_to, res_id):
        return self._with_message(super()._get_unsubscribe_url(email_to, res_id))

    def _get_view_url(self, email_to, res_id):
        return self._with_message(super()._get_view_url(email_to, res_id))

    def _with_message(self, url):
        number = self.env.context.get("marketing_message")
        return f"{url}&{PARAMETER}={number:d}" if number else url

    def _get_visited_messages(self, res_id):
        """The traces of the messages to a record that campaigns have sent, one of whose pages is
        visited: the one that the address names, or all where it is of before this was so."""
        number = request.httprequest.args.get(PARAMETER, "")
        traces = self.env["marketing.trace"].sudo()
        messages = traces.search(
            [
                ("participant_id.res_id", "=", res_id),
                ("activity_id", "in", self.sudo().marketing_activity_ids.ids),
            ]
        ).mailing_trace_ids
        named = messages.filtered(lambda message: str(message.id) == number)
        return named or messages

    def _as_written_in(self, message):
        """The mailing, which is rendered as it was for this message."""
        mailing = self.with_context(marketing_message=message.id)
        if not NAMES_SOURCE.search(str(self.body_html or "")):
            return mailing
        run = message.marketing_trace_id.participant_id
        env = run.campaign_id._responsible_env()
        references = {run.res_id: run.source} if run.source else {}
        sources = browse_sources(env, references, only_readable=True)
        return mailing.with_context(marketing_run=MarketingRun({}, False, {}, sources, {}))
