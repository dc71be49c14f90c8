from odoo import api, models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..tools.run import GATEWAY


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def unlink(self):
        """The journeys of deleted records end."""
        res_ids = self.ids
        res = super().unlink()
        if self.env.context.get(MODULE_UNINSTALL_FLAG):
            # The columns of campaigns may be gone already; the enrolment job sees to the rest.
            return res
        if res_ids and self.env["marketing.campaign"]._is_target(self._name):
            self.env["marketing.participant"]._unlink_records(self._name, res_ids)
        return res

    def _message_route_process(self, message, message_dict, routes):
        """Replies count whoever runs the mail gateway."""
        gateway = self.with_context(marketing_gateway=GATEWAY)
        return super(MailThread, gateway)._message_route_process(message, message_dict, routes)

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """So do bounces."""
        gateway = self.with_context(marketing_gateway=GATEWAY)
        return super(MailThread, gateway)._routing_handle_bounce(email_message, message_dict)
