"""One short commit for each request to the provider: these text messages are out."""

import json

from odoo import api, fields, models
from odoo.tools import SQL


class MarketingSmsMark(models.Model):
    """Text messages that a provider has taken in one request."""

    _name = "marketing.sms.mark"
    _inherit = "marketing.mark"
    _description = "Marketing Automation: Text Messages Taken by the Provider"

    answers = fields.Json(
        required=True, help="What the provider has answered for each, by id of the text message."
    )

    @api.model
    def _messages_sql(self):
        return SQL("SELECT key::int FROM jsonb_object_keys(mark.answers) AS key")

    @api.model
    def _set(self, answers, postcommit):
        """Remember, and commit: nothing else happens on this connection.

        :param dict answers: of the provider, by id of the text message
        :param Callbacks postcommit: of the transaction of the sender; with it the mark goes
        """
        [(mark_id,)] = self.env.execute_query(
            SQL(
                "INSERT INTO marketing_sms_mark (answers) VALUES (%s::jsonb) RETURNING id",
                json.dumps(answers),
            )
        )
        self.env.cr.commit()  # pylint: disable=invalid-commit
        postcommit.add(lambda: self._forget(mark_id))

    @api.model
    def _get_answers(self, sms_ids):
        """What the provider has answered for those of these text messages that are out already,
        see :meth:`_get_marked`.

        :rtype: list[dict]
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT answer.value FROM marketing_sms_mark, jsonb_each(answers) AS answer"
                " WHERE answer.key::int = ANY(%s)",
                sms_ids,
            )
        )
        return [answer for (answer,) in rows]

    @api.model
    def _forget(self, mark_id):
        """Remove a mark: all is written of its text messages."""
        self._delete(SQL("id = %s", mark_id))
