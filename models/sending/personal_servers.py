"""Mail servers of one user: how much they may send in this minute is agreed upon at once.

Odoo counts what leaves through such a server in the transaction that sends. Who sends beside it
would wait until that ends, and then fail, since its own transaction began before. Here each count
is a short transaction of its own, of campaigns and of all other emails alike.
"""

import time

from odoo import models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools.sending import Sending

# How often, and after how many seconds, a count that others are at is tried again.
ATTEMPTS = 20
PAUSE = 0.05


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _split_by_delayed_batch(self, mail_server):
        """What may leave now is counted and committed before any of it leaves."""
        if not mail_server.owner_user_id:
            return super()._split_by_delayed_batch(mail_server)
        for _attempt in range(ATTEMPTS):
            with self.env.registry.cursor() as cr:
                counted = mail_server.with_env(mail_server.env(cr=cr))
                if counted._lock_count():
                    return super()._split_by_delayed_batch(counted)
                if not counted.exists():
                    break  # made in this very transaction
            time.sleep(PAUSE)
        else:
            if Sending.of(self.env):
                return self.browse()  # the job comes again
        return super()._split_by_delayed_batch(mail_server)


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def _lock_count(self):
        """Whether nobody else is at what was counted."""
        try:
            return bool(self.try_lock_for_update(allow_referencing=True))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            return False
