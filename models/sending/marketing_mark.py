"""What a sender knows beyond the transaction in which it sends."""

import logging

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class MarketingMark(models.AbstractModel):
    """Messages that are out: a mail server, or a provider of text messages, has taken them.

    A mark is committed at once, on a connection of its own, while the transaction of the sender
    keeps the messages locked. When that transaction comes to its end, all is written and the
    mark goes. When it does not, whoever claims the messages next finds the mark, and only writes
    down what became of them.
    """

    _name = "marketing.mark"
    _description = "Marketing Automation: Messages Handed Over"
    _log_access = False

    @api.model
    def _messages_sql(self):
        """The ids of the messages of the row with the alias ``mark``, in rows of their own."""
        raise NotImplementedError

    @api.model
    def _get_marked(self, message_ids):
        """Those of these messages that are out already.

        Of a transaction that began after they were locked, or it would not see the last mark.
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT message.id FROM %s mark, LATERAL (%s) AS message (id)"
                " WHERE message.id = ANY(%s)",
                SQL.identifier(self._table),
                self._messages_sql(),
                message_ids,
            )
        )
        return [message_id for (message_id,) in rows]

    @api.model
    def _delete(self, condition):
        """Remove marks of messages of which all is written, and commit. Marks that another sender
        is at go with those that are left over.

        :param SQL condition: on them
        """
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(
                    SQL("DELETE FROM %s WHERE %s", SQL.identifier(self._table), condition),
                    log_exceptions=False,
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Another sender removes marks in %s", self._table)

    @api.model
    def _forget_settled(self, queue):
        """Remove the marks of messages that are not in their queue any more."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL(
                        """
                        DELETE FROM %s mark
                        WHERE NOT EXISTS (
                            SELECT FROM %s message
                            WHERE message.id IN (%s) AND message.state = 'outgoing'
                        )
                        """,
                        SQL.identifier(self._table),
                        SQL.identifier(self.env[queue.model]._table),
                        self._messages_sql(),
                    ),
                    log_exceptions=False,
                )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Another sender removes marks in %s", self._table)
