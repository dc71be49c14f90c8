"""Messages of the last days count for their addresses, too."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

BATCH_SIZE = 100_000


def migrate(cr, version):
    log = api.Environment(cr, SUPERUSER_ID, {})["marketing.message.log"]
    last_id = 0
    while last_id is not None:
        rows = log.env.execute_query(
            SQL(
                """
                WITH message AS (
                    SELECT message.id, message.trace_type, message.sent_datetime,
                        message.is_test_trace, message.trace_status, activity.campaign_id,
                        CASE trace_type WHEN 'sms' THEN sms_number ELSE email END AS text
                    FROM mailing_trace message
                    LEFT JOIN marketing_trace trace ON trace.id = message.marketing_trace_id
                    LEFT JOIN marketing_activity activity ON activity.id = trace.activity_id
                    WHERE message.id > %(last_id)s ORDER BY message.id LIMIT %(size)s
                ), added AS (
                    INSERT INTO marketing_message_log (
                        address, trace_type, date, campaign_id, mailing_trace_id
                    )
                    SELECT %(address)s, trace_type, coalesce(sent_datetime, 'infinity'),
                        campaign_id, id
                    FROM message
                    WHERE text != '' AND is_test_trace IS NOT TRUE
                        AND trace_status NOT IN ('cancel', 'error')
                        AND (
                            trace_status = 'outgoing'
                            OR sent_datetime > now() AT TIME ZONE 'UTC' - interval '30 days'
                        )
                    ON CONFLICT (mailing_trace_id, address) DO NOTHING
                )
                SELECT max(id) FROM message
                """,
                last_id=last_id,
                size=BATCH_SIZE,
                address=log._hash_sql(SQL("message.trace_type"), SQL("lower(text)")),
            )
        )
        [(last_id,)] = rows
        cr.commit()
    log._gc_queued()
