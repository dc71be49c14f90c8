"""What was executed was handed over, but for messages that are still in a queue."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    if column_exists(cr, "marketing_trace", "sent_datetime"):
        return
    cr.execute(
        """
        ALTER TABLE marketing_trace ADD COLUMN sent_datetime timestamp;
        -- It counts in columns of before; the update makes it anew.
        DROP TRIGGER IF EXISTS marketing_trace_count_update ON marketing_trace
        """
    )
    cr.execute(
        """
        UPDATE marketing_trace trace
        SET sent_datetime = coalesce(message.sent_datetime, trace.execution_date)
        FROM marketing_trace executed
        LEFT JOIN LATERAL (
            SELECT sent_datetime, trace_status = 'outgoing' AND (
                EXISTS (SELECT FROM mail_mail WHERE id = mail_mail_id_int AND state = 'outgoing')
                OR EXISTS (SELECT FROM sms_sms WHERE id = sms_id_int AND state = 'outgoing')
            ) AS is_queued
            FROM mailing_trace WHERE marketing_trace_id = executed.id ORDER BY id DESC LIMIT 1
        ) AS message ON TRUE
        WHERE trace.id = executed.id AND executed.state = 'processed'
            AND message.is_queued IS NOT TRUE
        """
    )
    if column_exists(cr, "marketing_activity_figures", "metric"):
        cr.execute(
            """
            INSERT INTO marketing_activity_figures (activity_id, company_id, moment, metric, number)
            SELECT activity_id, company_id,
                date_trunc('hour', execution_date)
                    + extract(minute FROM execution_date)::int / 15 * interval '15 minutes',
                'queued', count(*)
            FROM marketing_trace
            WHERE state = 'processed' AND sent_datetime IS NULL AND NOT is_test
            GROUP BY 1, 2, 3
            """
        )
