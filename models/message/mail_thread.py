import logging

from odoo import api, models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ...tools.bounce import is_from_mail_server, read_report
from ...tools.machine_mail import is_written_by_person
from ...tools.run import GATEWAY, MACHINE, STRANGER
from .mail_message import OF_RECORDS

_logger = logging.getLogger(__name__)

GATEWAY_GROUP = "marketing_automation.group_mail_gateway"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def unlink(self):
        """The journeys of deleted records end."""
        res_ids = self.ids
        res = super(MailThread, self.with_context(marketing_deletion=OF_RECORDS)).unlink()
        if self.env.context.get(MODULE_UNINSTALL_FLAG):
            # The columns of campaigns may be gone already; the enrolment job sees to the rest.
            return res
        if res_ids and self.env["marketing.campaign"]._is_target(self._name):
            self.env["marketing.participant"]._unlink_records(self._name, res_ids)
        return res

    def _message_route_process(self, message, message_dict, routes):
        """Replies that the mail gateway hands over count, if a person has written them."""
        sender = self._get_marketing_gateway() if is_written_by_person(message) else MACHINE
        gateway = self.with_context(marketing_gateway=sender)
        return super(MailThread, gateway)._message_route_process(message, message_dict, routes)

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """So do bounces."""
        gateway = self.with_context(marketing_gateway=self._get_marketing_gateway())
        return super(MailThread, gateway)._routing_handle_bounce(email_message, message_dict)

    @api.model
    def _get_marketing_gateway(self):
        """Who hands over a message. Everybody may call Odoo's gateway, with any text: believed are
        its own jobs, administrators, and those who are said to be the gateway."""
        user = self.env.user
        if self.env.su or user.has_group("base.group_system") or user.has_group(GATEWAY_GROUP):
            return GATEWAY
        _logger.info("Mail from user %s, who is no mail gateway, sets off no campaign", user.id)
        return STRANGER

    def _message_parse_extract_bounce(self, email_message, message_dict):
        """Of a message of a campaign, a report is a bounce only if delivery to the one to whom
        it was sent has failed. All others set off nothing: no mark, no count of bounces."""
        values = super()._message_parse_extract_bounce(email_message, message_dict)
        if not (values["is_bounce"] or is_from_mail_server(email_message)):
            return values
        report = read_report(email_message)
        traces = self.env["mailing.trace"].sudo()._get_reported(report, values["is_bounce"])
        failed = traces.filtered(lambda trace: report.has_failed_for(trace._get_addresses()))
        if not traces or not (failed or values["is_bounce"]):
            return values
        return {"is_bounce": True, **self._prepare_marketing_bounce(failed)}

    @api.model
    def _prepare_marketing_bounce(self, traces):
        """What Odoo wants to know of a bounce.

        :param traces: of the messages that bounced; none if it is to do nothing
        """
        Message, Partner = self.env["mail.message"].sudo(), self.env["res.partner"].sudo()
        [email, *_others] = [*traces._get_addresses(), False]
        ids = traces.mapped("message_id")
        return {
            "bounced_email": email,
            "bounced_partner": Partner.search([("email_normalized", "=", email)])
            if email
            else Partner,
            "bounced_msg_ids": ids,
            "bounced_message": Message.search([("message_id", "in", ids)], limit=1),
        }
