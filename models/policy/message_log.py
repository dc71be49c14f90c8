"""How many messages an address has got of late, of campaigns and of newsletters."""

from odoo import api, fields, models
from odoo.fields import NO_ACCESS
from odoo.tools import SQL

from ...tools.big_integer import BigInteger
from ...tools.unchecked import UncheckedMany2one

# What the page "Pressure" looks back on.
SHOWN_DAYS = 30
FAILED_STATUSES = ("cancel", "error")


class MarketingMessageLog(models.Model):
    """One row for each message to each address; without tests.

    It does not say whose address that is, and stays when mailing traces are deleted. A message
    counts from when it is queued, at first whatever its age. It is dated when it leaves; when it is
    cancelled or fails, its row goes.
    """

    _name = "marketing.message.log"
    _description = "Messages by Address"
    _log_access = False

    address = BigInteger(
        required=True,
        groups=NO_ACCESS,
        help="Half of a SHA-256 of a secret of this database with the normalised email address, or"
        " the phone number: what the same address of the same kind has in common.",
    )
    trace_type = fields.Selection([("mail", "Email"), ("sms", "SMS")], required=True)
    date = fields.Datetime(
        required=True, help="When it has left, in UTC; 'infinity' while it is queued."
    )
    campaign_id = UncheckedMany2one("marketing.campaign", help="Empty for newsletters.")
    mailing_trace_id = fields.Integer(
        required=True, help="Id of the mailing trace, which may have been deleted."
    )

    _address = models.Index("(address, date) INCLUDE (trace_type)")
    _message = models.UniqueIndex("(mailing_trace_id, address)")

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model
    def _add(self, addresses, date="infinity"):
        """Count messages, unless they are counted already.

        :param list addresses: pairs of the id of a mailing trace and a normalised address
        :param date: when they have left; they are queued by default
        """
        if not addresses:
            return
        ids, texts = zip(*addresses, strict=True)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_message_log (
                    address, trace_type, date, campaign_id, mailing_trace_id
                )
                SELECT %(address)s, message.trace_type, %(date)s::timestamp, activity.campaign_id,
                    message.id
                FROM unnest(%(ids)s, %(texts)s) AS entry (id, text)
                JOIN mailing_trace message ON message.id = entry.id
                LEFT JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                LEFT JOIN marketing_activity activity ON activity.id = trace.activity_id
                ON CONFLICT (mailing_trace_id, address) DO NOTHING
                """,
                address=self._hash_sql(SQL("message.trace_type"), SQL("entry.text")),
                date=date,
                ids=list(ids),
                texts=list(texts),
            )
        )

    @api.model
    def _set_left(self, message_ids, date):
        """Queued messages have left.

        :return: ids of those that were counted
        :rtype: set[int]
        """
        rows = self.env.execute_query(
            SQL(
                "UPDATE marketing_message_log SET date = %s WHERE mailing_trace_id = ANY(%s)"
                " AND date = 'infinity' RETURNING mailing_trace_id",
                date,
                message_ids,
            )
        )
        return {message_id for (message_id,) in rows}

    @api.model
    def _remove(self, message_ids):
        """These messages count no more."""
        self.env.cr.execute(
            SQL("DELETE FROM marketing_message_log WHERE mailing_trace_id = ANY(%s)", message_ids)
        )

    @api.model
    def _forget_address(self, address):
        """No message to this normalised email address is known any more."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM marketing_message_log WHERE address = %s",
                self._hash_sql(SQL("'mail'"), SQL("%s", address)),
            )
        )

    @api.model
    def _forget_messages(self, marketing_traces):
        """The messages of campaigns are not known any more.

        :param SQL marketing_traces: query of the ids of marketing traces
        """
        self.env.cr.execute(
            SQL(
                "DELETE FROM marketing_message_log WHERE mailing_trace_id IN"
                " (SELECT id FROM mailing_trace WHERE marketing_trace_id IN (%s))",
                marketing_traces,
            )
        )

    @api.model
    def _hash(self, addresses):
        """The addresses as they are in the log.

        :param list addresses: pairs of the type of a mailing trace and a normalised address
        :return: of the same order
        :rtype: list[int]
        """
        if not addresses:
            return []
        types, texts = zip(*addresses, strict=True)
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM unnest(%s, %s) WITH ORDINALITY AS entry (type, text, number)"
                " ORDER BY number",
                self._hash_sql(SQL("entry.type"), SQL("entry.text")),
                list(types),
                list(texts),
            )
        )
        return [number for (number,) in rows]

    @api.model
    def _hash_sql(self, trace_type, address):
        """The same in SQL, for rows with a normalised address.

        :param SQL trace_type: of a mailing trace, or of one that is to come
        :param SQL address: normalised
        """
        return SQL(
            "('x' || encode(substr(sha256(convert_to("
            "%s || %s || '/' || %s, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint",
            f"{self.env['marketing.campaign']._get_identity_secret()}/log/",
            trace_type,
            address,
        )

    # ------------------------------------------------------------
    # CLEAN-UP
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_old(self):
        """What is too old to count, or to be shown, goes."""
        days = max(SHOWN_DAYS, self._get_cap_days())
        self.env.cr.execute(
            SQL(
                "DELETE FROM marketing_message_log WHERE date < %s",
                fields.Datetime.subtract(fields.Datetime.now(), days=days),
            )
        )

    @api.autovacuum
    def _gc_queued(self):
        """Of messages that are not queued any more, of which nobody was told, those that have left
        get their date, and those that never will go. Where nothing is known of a message any more,
        it counts as having left now."""
        self.env.cr.execute(
            SQL(
                """
                WITH lost AS (
                    SELECT log.id, CASE
                        WHEN message.id IS NULL THEN %(now)s
                        WHEN message.trace_status != ALL(%(failed)s)
                            AND message.trace_status != 'outgoing'
                        THEN coalesce(message.sent_datetime, %(now)s)
                    END AS date
                    FROM marketing_message_log log
                    LEFT JOIN mailing_trace message ON message.id = log.mailing_trace_id
                    LEFT JOIN mail_mail mail ON mail.id = message.mail_mail_id_int
                    LEFT JOIN sms_sms sms ON sms.id = message.sms_id_int
                    WHERE log.date = 'infinity' AND (
                        message.id IS NULL OR message.trace_status != 'outgoing'
                        OR coalesce(mail.state, sms.state) IS DISTINCT FROM 'outgoing'
                    )
                ), dated AS (
                    UPDATE marketing_message_log log SET date = lost.date
                    FROM lost WHERE log.id = lost.id AND lost.date IS NOT NULL
                )
                DELETE FROM marketing_message_log log USING lost
                WHERE log.id = lost.id AND lost.date IS NULL
                """,
                now=fields.Datetime.now(),
                failed=list(FAILED_STATUSES),
            )
        )
